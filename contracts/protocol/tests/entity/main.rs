//! The entity by subject: a test or more for each error that the machine can return, each with a positive control at the
//! bound, and what each step moves, by hand. The list is complete by construction: a variant without a test fails
//! `every_variant_has_a_test`. Then NO-KEY, EXIT and ISOLATE, over entity, vaults and a bond together.

#[path = "../common/mod.rs"]
mod common;
#[path = "../bond/market.rs"]
#[allow(dead_code, unused_macros, unused_imports, reason = "of the bond's tests only what is used here")]
mod market;
mod office;
mod system;

mod attestation;
mod capital;
mod creditors;
mod distribution;
mod exit;
mod factory;
mod identity;
mod isolate;
mod no_key;
mod pause;
mod rebuild;
mod resolution;
mod roles;
mod sizes;
mod timelock;

use ringfence_protocol::entity::EntityError;

/// What only a shell can return, with the reason.
const SHELL_ONLY: &[EntityError] = &[
    // The machine asks for transfers; whether the asset makes them, only the shell sees.
    EntityError::AssetTransferFailed,
    EntityError::AssetTransferInexact,
    // The shell decodes arguments.
    EntityError::MalformedInput,
    // The shell looks records up, makes contracts and asks them.
    EntityError::UnknownVault,
    EntityError::UnknownSeries,
    EntityError::UnknownClaim,
    EntityError::VaultNotOpened,
    EntityError::SeriesNotIssued,
    EntityError::ChildCallFailed,
    EntityError::CoverNeeded,
];

const PROVED: &[&[EntityError]] = &[
    attestation::PROVED,
    capital::PROVED,
    creditors::PROVED,
    factory::PROVED,
    identity::PROVED,
    pause::PROVED,
    resolution::PROVED,
    roles::PROVED,
    timelock::PROVED,
];

#[test]
fn every_variant_has_a_test() {
    let proved = |error: &EntityError| PROVED.iter().any(|list| list.contains(error));
    let missing: Vec<_> =
        EntityError::ALL.iter().filter(|error| !proved(error) && !SHELL_ONLY.contains(error)).collect();
    assert!(missing.is_empty(), "no test returns {missing:?}");
    assert!(!SHELL_ONLY.iter().any(proved));
}
