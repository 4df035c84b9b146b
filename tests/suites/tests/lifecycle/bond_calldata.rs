//! Calldata that is not what the bond's ABI says: refused with an error that says so, never a trap, and nothing moved.

use alloy_primitives::{keccak256, Address, U256};
use alloy_sol_types::{SolCall, SolError};
use ringfence_bindings::ITailRiskBond as bond;
use ringfence_devchain::{Actor, CallError, Located};
use ringfence_suites::{abi, artifacts, Stage, USD};

/// The messages and views that take an argument.
fn with_arguments() -> Vec<String> {
    let all = abi::signatures(&artifacts::abi("tail-risk-bond"), "function");
    all.into_iter().filter(|signature| !signature.ends_with("()")).collect()
}

fn selector(signature: &str) -> Vec<u8> {
    keccak256(signature)[..4].to_vec()
}

/// Sends raw bytes, and expects this error and no change.
#[track_caller]
fn refused<E: SolError>(stage: &mut Stage, caller: &Actor, name: &str, data: Vec<u8>) {
    let (target, before) = (stage.bond(), stage.image());
    match stage.session.call_raw(caller, target, data) {
        Err(CallError::Reverted { data }) if data.as_ref() == E::SELECTOR => {}
        other => panic!("{name}: {} was expected, but: {other:?}", E::SIGNATURE),
    }
    assert_eq!(stage.image(), before, "{name}");
}

#[test]
fn arguments_that_are_too_short_are_refused_as_malformed_by_every_message() {
    let mut stage = Stage::insured(1);
    let holder = stage.investor(0);
    let signatures = with_arguments();
    assert!(signatures.len() > 20, "{}", signatures.len());
    for signature in signatures {
        for length in [0, 1, 31] {
            let data = [selector(&signature), vec![0; length]].concat();
            refused::<bond::MalformedInput>(&mut stage, &holder, &signature, data);
        }
    }
}

/// Each message begins with a number or an account, and a word of ones is neither.
#[test]
fn dirty_high_bits_are_refused_as_malformed_by_every_message() {
    let mut stage = Stage::insured(1);
    let holder = stage.investor(0);
    for signature in with_arguments() {
        let data = [selector(&signature), vec![0xff; 16 * 32]].concat();
        refused::<bond::MalformedInput>(&mut stage, &holder, &signature, data);
    }
}

#[test]
fn the_last_argument_counts_as_the_first() {
    let mut stage = Stage::insured(1);
    let (holder, keeper) = (stage.investor(0), stage.keeper.clone());
    let whole = bond::transferCall { to: keeper.address(), value: U256::from(USD) }.abi_encode();
    refused::<bond::MalformedInput>(&mut stage, &holder, "transfer", whole[..whole.len() - 1].to_vec());
    // What follows the arguments is nobody's.
    let target = stage.bond();
    assert!(stage.session.call_raw(&holder, target, [whole, vec![1; 7]].concat()).is_ok());
}

#[test]
fn a_proof_that_is_elsewhere_or_too_long_is_refused() {
    let mut stage = Stage::insured(1);
    let holder = stage.investor(0);
    let call = bond::admitCall { account: Address::repeat_byte(1), proof: vec![Default::default(); 2] }.abi_encode();
    for offset in [5 * 32 + 1, u128::from(u32::MAX), u128::from(u64::MAX), u128::MAX] {
        let mut data = call.clone();
        data[4 + 48..4 + 64].copy_from_slice(&offset.to_be_bytes());
        refused::<bond::MalformedInput>(&mut stage, &holder, "admit", data);
    }
    for count in [3, 33, 34, u128::MAX] {
        let mut data = call.clone();
        data[4 + 80..4 + 96].copy_from_slice(&count.to_be_bytes());
        refused::<bond::MalformedInput>(&mut stage, &holder, "admit", data);
    }
    // As long as it may be, it is the protocol's to judge: this series has no list.
    for count in [32, 33] {
        let proof = vec![Default::default(); count];
        let data = bond::admitCall { account: Address::repeat_byte(1), proof }.abi_encode();
        refused::<bond::ProofInvalid>(&mut stage, &holder, "admit", data);
    }
    let proof = vec![Default::default(); 34];
    let data = bond::admitCall { account: Address::repeat_byte(1), proof }.abi_encode();
    refused::<bond::MalformedInput>(&mut stage, &holder, "admit", data);
}
