//! Every guard of the vault, by subject: one test or more for each error that the machine can return, each with a
//! positive control at the bound; and what each step moves, by hand. The list is complete by construction: a variant
//! without a test fails `every_variant_has_a_test`.

#[path = "../common/mod.rs"]
mod common;
mod fixtures;

mod accept;
mod amendment;
mod attacks;
mod attacks_cover;
mod attacks_default;
mod attacks_rotation;
mod attacks_time;
mod auction;
mod calls;
mod close_out;
mod collateral;
mod counters;
mod cover;
mod dispute;
mod eligibility;
mod estate;
mod exits;
mod first_loss;
mod funds;
mod instruction;
mod leave;
mod pause;
mod replacement;
mod rotation;
mod rotation_notice;
mod run_off;
mod signatures;
mod sizes;
mod status;

use ringfence_protocol::vault::VaultError;

/// What only a shell can return, with the reason.
const SHELL_ONLY: &[VaultError] = &[
    // The machine asks for transfers; whether the asset makes them, only the shell sees.
    VaultError::AssetTransferFailed,
    // The shell compares balances before and after a bond's payment.
    VaultError::AssetTransferInexact,
    // The shell decodes arguments.
    VaultError::MalformedInput,
    // Roles are checked when the terms are made, and stay: an amendment can't change them.
    VaultError::InvalidAddress,
    // A set of signers is checked when it is made, before it comes to the machine.
    VaultError::SignerCount,
    VaultError::SignerThreshold,
    VaultError::SignerOrder,
];

const PROVED: &[&[VaultError]] = &[
    accept::PROVED,
    amendment::PROVED,
    auction::PROVED,
    calls::PROVED,
    close_out::PROVED,
    collateral::PROVED,
    counters::PROVED,
    cover::PROVED,
    dispute::PROVED,
    eligibility::PROVED,
    estate::PROVED,
    first_loss::PROVED,
    funds::PROVED,
    instruction::PROVED,
    leave::PROVED,
    pause::PROVED,
    replacement::PROVED,
    rotation::PROVED,
    rotation_notice::PROVED,
    run_off::PROVED,
    signatures::PROVED,
];

#[test]
fn every_variant_has_a_test() {
    let proved = |error: &VaultError| PROVED.iter().any(|list| list.contains(error));
    let missing: Vec<_> =
        VaultError::ALL.iter().filter(|error| !proved(error) && !SHELL_ONLY.contains(error)).collect();
    assert!(missing.is_empty(), "no test returns {missing:?}");
    assert!(!SHELL_ONLY.iter().any(proved));
}

/// The table of clauses sends its readers to these tests.
#[test]
fn the_files_that_the_table_of_clauses_names_are_there() {
    let manifest = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = std::fs::read_to_string(manifest.join("../margin-vault/CSA.md")).expect("the table");
    let rows = table.lines().filter(|line| line.starts_with('|'));
    let named: Vec<&str> = rows
        .filter_map(|row| row.split_once("guards: "))
        .flat_map(|(_, names)| names.split([',', '|', ';']))
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    assert!(named.len() > 20, "{named:?}");
    for name in named {
        assert!(manifest.join(format!("tests/vault/{name}.rs")).is_file(), "there are no guards: {name}");
    }
}
