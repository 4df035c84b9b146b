//! Who signed, how many, in which order, in which form.

use crate::ready::{Ready, MOVE};
use alloy_sol_types::SolError;
use ringfence_bindings::IMarginVault as vault;
use ringfence_devchain::CHAIN_ID;
use ringfence_oracle::{
    keccak::keccak256,
    sign::{pack, LocalSigner, Needed, Quorum, SigningRequest},
};
use ringfence_protocol::{message::MarginInstruction, units::SignedAmount, Party};
use ringfence_suites::{calls, high_s_twin, Mark, Stage, MARGIN, MAX_MOVE};

#[test]
fn two_of_three_of_any_keys_settle_and_so_do_all() {
    for keys in [&[0, 1][..], &[0, 2], &[1, 2], &[0, 1, 2]] {
        let mut ready = Ready::new();
        let message = ready.message.clone();
        ready.stage.settle(0, &message, keys);
        assert_eq!(ready.stage.side(0, Party::A).margin, MARGIN + MOVE, "{keys:?}");
    }
}

#[test]
fn signatures_of_the_oracles_own_signers_settle() {
    let mut ready = Ready::new();
    let secret = |name: &str| keccak256(name.as_bytes()).0;
    let signers = ready.stage.agents.iter().filter_map(|agent| LocalSigner::from_secret(&secret(agent.name())));
    let mut quorum = Quorum::new(signers.collect(), 2).expect("three distinct keys");
    let request = SigningRequest::instruction(&ready.message, CHAIN_ID);
    let signatures = pack(&quorum.sign(&request, Needed::Threshold).expect("nothing else was signed"));

    let (keeper, vault, message) = (ready.stage.keeper.clone(), ready.stage.vault(0), ready.message.clone());
    ready.stage.must(&keeper, vault, calls::settle(&message, signatures));

    assert_eq!(ready.stage.side(0, Party::A).margin, MARGIN + MOVE);
}

/// Runs the faults that have this error and asserts that there are as many as expected.
#[track_caller]
fn refuses_all<E: SolError>(count: usize) {
    let mut ready = Ready::new();
    let message = ready.message.clone();
    let digest = ready.stage.pairs[0].digest(&message);
    let faults: Vec<_> =
        ready.stage.forgeries(digest).into_iter().filter(|fault| fault.selector == E::SELECTOR).collect();
    assert_eq!(faults.len(), count);
    for fault in faults {
        println!("{}: {}", fault.error, fault.fault);
        ready.refuses_signed::<E>(&message, fault.packed);
    }
    ready.accepts();
}

#[test]
fn settle_refused_with_a_wrong_signer() {
    refuses_all::<vault::UnknownSigner>(3);
}

#[test]
fn settle_refused_with_one_signature_less_than_the_threshold() {
    refuses_all::<vault::QuorumNotMet>(2);
}

#[test]
fn settle_refused_with_a_duplicate_signer() {
    refuses_all::<vault::DuplicateSigner>(2);
}

#[test]
fn settle_refused_with_unsorted_signers() {
    refuses_all::<vault::UnsortedSigners>(1);
}

#[test]
fn settle_refused_with_high_s() {
    refuses_all::<vault::HighS>(2);
}

#[test]
fn settle_refused_with_v_outside_27_and_28() {
    refuses_all::<vault::InvalidRecoveryId>(4);
}

#[test]
fn settle_refused_with_zero_r_and_s() {
    refuses_all::<vault::UnrecoverableSignature>(2);
}

#[test]
fn settle_refused_with_signatures_of_garbage_length() {
    refuses_all::<vault::MalformedSignatures>(4);
}

/// The high-s test would prove nothing if the twin were not a signature of the same key.
#[test]
fn the_high_s_twin_is_a_signature_of_the_same_key_to_the_precompile() {
    let mut stage = Stage::empty();
    let digest = keccak256(b"anything");
    let twin = high_s_twin(&calls::signature(&stage.agents[0], digest));
    let mut precompile = [0; 20];
    precompile[19] = 1;
    let v = [&[0; 31][..], &twin[64..]].concat();
    let input = [digest.as_bytes(), &v, &twin[..64]].concat();
    let keeper = stage.keeper.clone();
    let recovered = stage.session.call_raw(&keeper, precompile, input).expect("the precompile answers").returned;
    assert_eq!(&recovered[12..], ringfence_devchain::Located::h160(&stage.agents[0]).as_bytes());
}

/// A move of exactly `x` from a pair at zero.
fn moved(x: u128) -> (Ready, MarginInstruction) {
    let ready = Ready::new();
    let x = i128::try_from(x).expect("small");
    let message = MarginInstruction { entitlement_a: SignedAmount::new(x), ..ready.message.clone() };
    (ready, message)
}

#[test]
fn move_beyond_the_circuit_breaker_refused_with_two_of_three_and_accepted_with_all() {
    for sign in [1, -1] {
        let (mut ready, message) = moved(MAX_MOVE + 1);
        let message =
            MarginInstruction { entitlement_a: SignedAmount::new(message.entitlement_a.get() * sign), ..message };
        for keys in [[0, 1], [0, 2], [1, 2]] {
            let signatures = ready.stage.signed_by(&keys, ready.stage.pairs[0].digest(&message));
            ready.refuses_signed::<vault::QuorumNotMet>(&message, signatures);
        }
        ready.stage.settle(0, &message, &[0, 1, 2]);
        let creditor = if sign > 0 { Party::A } else { Party::B };
        assert_eq!(ready.stage.side(0, creditor).margin, MARGIN + MAX_MOVE + 1);
    }
}

#[test]
fn move_of_exactly_the_circuit_breaker_needs_only_two() {
    let (mut ready, message) = moved(MAX_MOVE);
    ready.stage.settle(0, &message, &[0, 1]);
    assert_eq!(ready.stage.side(0, Party::A).margin, MARGIN + MAX_MOVE);
}

#[test]
fn the_circuit_breaker_counts_the_move_and_not_the_level() {
    let (mut ready, message) = moved(MAX_MOVE);
    ready.stage.settle(0, &message, &[0, 1]);
    ready.stage.session.next_block();
    let level = i128::try_from(MAX_MOVE + 5).expect("small");
    let next = ready.stage.instruction(0, Mark { x: level, ..Mark::default() });
    ready.stage.settle(0, &next, &[1, 2]);
    assert_eq!(ready.stage.status(0).valuation.entitlementA, level);
}
