//! What every message costs, and how large every blob is, against the committed figures in `snapshots/`.
//!
//! Figures are what a message takes from the block (execution and dispatch) and the storage deposit its caller pays, in
//! plancks, negative if the caller gets some back. Each message is measured on one fixed route, so figures only change when
//! a contract, the chain's weights or the compiler does. `RINGFENCE_UPDATE_SNAPSHOTS=1 cargo test -p ringfence-suites
//! --test snapshot` writes them anew; the difference belongs into the commit that causes it.
//!
//! Blobs of the toolchain that a snapshot names are equal bit for bit, and so are their costs: compared exactly. Blobs of
//! another toolchain are compared within 2 %.

mod bond;
mod compare;
mod entity;
mod ledger;
mod vault;

use compare::{check, Snapshot};
use ledger::{Cost, Ledger};
use ringfence_devchain::MAX_BLOCK_WEIGHT;
use ringfence_suites::{abi, artifacts};

#[test]
fn costs_of_the_vault_are_those_committed() {
    let mut ledger = Ledger::default();
    vault::measure(&mut ledger);
    compare("margin-vault", ledger);
}

/// The rules have no message of their own; what a vault pays for them is in the vault's figures.
#[test]
fn the_size_of_the_rules_is_that_committed() {
    compare("vault-rules", Ledger::default());
}

#[test]
fn costs_of_the_bond_are_those_committed() {
    let mut ledger = Ledger::default();
    bond::measure(&mut ledger);
    compare("tail-risk-bond", ledger);
}

#[test]
fn costs_of_the_entity_are_those_committed() {
    let mut ledger = Ledger::default();
    entity::measure(&mut ledger);
    let open_pair = ledger.of("openPair");
    compare("entity", ledger);
    assert_share_of_block("openPair", open_pair, 30);
}

/// Compares one contract's figures, after a check that no message was forgotten.
fn compare(contract: &str, ledger: Ledger) {
    let messages = ledger.into_messages();
    for message in abi::state_changing(&artifacts::abi(contract)) {
        let measured = messages.keys().any(|name| name.split(' ').next() == Some(message.as_str()));
        assert!(measured, "{contract}: no cost of {message} is measured");
    }
    check(contract, Snapshot { toolchain: artifacts::toolchain(), blob_bytes: blob_bytes(contract), messages });
}

fn blob_bytes(contract: &str) -> u64 {
    artifacts::blob(contract).len().try_into().expect("a blob is small")
}

#[track_caller]
fn assert_share_of_block(message: &str, cost: Cost, percent: u64) {
    let limit = MAX_BLOCK_WEIGHT;
    assert!(
        cost.ref_time * 100 < limit.ref_time() * percent,
        "{message} takes {percent} % of a block's time: {cost:?}"
    );
    assert!(
        cost.proof_size * 100 < limit.proof_size() * percent,
        "{message}: {percent} % of a block's proof: {cost:?}"
    );
}
