//! No error without a test that returns it.

use crate::{allow_list, book, claims, commutation, extension, notes, permit, terms};
use ringfence_protocol::bond::BondError;

/// What only the shell can return: it reads arguments, and the machine asks for transfers; whether the asset makes them, and how much moves, only
/// the shell sees.
const SHELL_ONLY: &[BondError] =
    &[BondError::AssetTransferFailed, BondError::AssetTransferInexact, BondError::MalformedInput];

#[test]
fn every_variant_has_a_test() {
    let proved: Vec<&BondError> = [
        terms::PROVED,
        book::PROVED,
        notes::PROVED,
        claims::PROVED,
        extension::PROVED,
        commutation::PROVED,
        allow_list::PROVED,
        permit::PROVED,
    ]
    .into_iter()
    .flatten()
    .collect();
    let missing: Vec<_> =
        BondError::ALL.iter().filter(|error| !proved.contains(error) && !SHELL_ONLY.contains(error)).collect();
    assert!(missing.is_empty(), "no test returns {missing:?}");
    assert!(SHELL_ONLY.iter().all(|error| !proved.contains(&error)));
}
