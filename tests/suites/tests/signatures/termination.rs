//! Mutual termination: both parties' signatures, good until the next instruction.

use alloy_sol_types::SolError;
use ringfence_bindings::IMarginVault as vault;
use ringfence_protocol::{
    message::MutualTermination,
    units::{SignedAmount, Timestamp},
    Party,
};
use ringfence_suites::{calls, Mark, Stage, MARGIN};

/// What B still pays.
const FINAL: i128 = 777;

/// A running pair and its end, which is valid in every respect.
fn ready() -> (Stage, MutualTermination) {
    let mut stage = Stage::open(2);
    stage.mark(0, Mark::default());
    let message = stage.termination(0, FINAL);
    (stage, message)
}

#[track_caller]
fn refuses<E: SolError>(stage: &mut Stage, message: &MutualTermination) {
    let pair = &stage.pairs[0];
    let digest = pair.digest(message);
    let (a, b) = (calls::signature(&pair.a, digest), calls::signature(&pair.b, digest));
    refuses_signed::<E>(stage, message, a, b);
}

#[track_caller]
fn refuses_signed<E: SolError>(stage: &mut Stage, message: &MutualTermination, a: Vec<u8>, b: Vec<u8>) {
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    stage.assert_refused::<E>(&keeper, vault, calls::terminate_with(message, a, b));
}

#[track_caller]
fn accepts(stage: &mut Stage, message: &MutualTermination) {
    stage.terminate(0, message);
    assert_eq!(stage.status(0).phase, 3);
    assert_eq!(stage.side(0, Party::A).margin, MARGIN + 777);
    assert_eq!(stage.side(0, Party::B).margin, MARGIN - 777);
    stage.assert_conserved();
}

#[test]
fn termination_accepted_with_both_signatures_from_anyone() {
    let (mut stage, message) = ready();
    accepts(&mut stage, &message);
}

#[test]
fn termination_refused_with_signatures_of_others_than_the_two_parties() {
    let (mut stage, message) = ready();
    let digest = stage.pairs[0].digest(&message);
    let sign = |actor| calls::signature(actor, digest);
    let (a, b, agent) = (sign(&stage.pairs[0].a), sign(&stage.pairs[0].b), sign(&stage.agents[0]));
    for (first, second) in [(&b, &a), (&a, &a), (&b, &b), (&agent, &b), (&a, &agent)] {
        refuses_signed::<vault::UnknownSigner>(&mut stage, &message, first.clone(), second.clone());
    }
    refuses_signed::<vault::MalformedSignatures>(&mut stage, &message, a, Vec::new());
    accepts(&mut stage, &message);
}

#[test]
fn termination_refused_with_a_used_or_skipped_nonce() {
    let (mut stage, message) = ready();
    for nonce in [0, 1] {
        refuses::<vault::SequenceReplayed>(&mut stage, &MutualTermination { nonce, ..message });
    }
    refuses::<vault::SequenceSkipped>(&mut stage, &MutualTermination { nonce: 3, ..message });
    accepts(&mut stage, &message);
}

#[test]
fn termination_refused_under_other_terms() {
    let (mut stage, message) = ready();
    let terms_hash = stage.pairs[1].terms_hash;
    refuses::<vault::TermsMismatch>(&mut stage, &MutualTermination { terms_hash, ..message });
    accepts(&mut stage, &message);
}

#[test]
fn termination_dies_with_the_next_instruction() {
    let (mut stage, message) = ready();
    stage.mark(0, Mark::default());
    refuses::<vault::SequenceReplayed>(&mut stage, &message);
}

#[test]
fn termination_refused_when_replayed() {
    let (mut stage, message) = ready();
    accepts(&mut stage, &message);
    refuses::<vault::NotActive>(&mut stage, &message);
}

#[test]
fn termination_refused_when_expired() {
    let (mut stage, message) = ready();
    let past = Timestamp::new(stage.session.now() - 1);
    refuses::<vault::Expired>(&mut stage, &MutualTermination { expiry: past, ..message });
    accepts(&mut stage, &message);
}

#[test]
fn termination_refused_when_signed_for_another_vault() {
    let (mut stage, message) = ready();
    let digest = stage.pairs[1].digest(&message);
    let (a, b) = (calls::signature(&stage.pairs[0].a, digest), calls::signature(&stage.pairs[0].b, digest));
    refuses_signed::<vault::UnknownSigner>(&mut stage, &message, a, b);
    accepts(&mut stage, &message);
}

#[test]
fn termination_refused_with_every_forged_signature_and_for_another_chain() {
    let (mut stage, message) = ready();
    let call = |a, b| calls::terminate_with(&message, a, b);
    crate::bilateral::refuses_every_forgery(&mut stage, &message, call);
    accepts(&mut stage, &message);
}

#[test]
fn termination_refused_beyond_the_debtors_margin_and_accepted_at_it() {
    let (mut stage, message) = ready();
    let all = i128::try_from(MARGIN).expect("small");
    for beyond in [all + 1, -all - 1] {
        let message = MutualTermination { entitlement_a: SignedAmount::new(beyond), ..message };
        refuses::<vault::TerminationUnfunded>(&mut stage, &message);
    }
    stage.terminate(0, &MutualTermination { entitlement_a: SignedAmount::new(all), ..message });
    assert_eq!(stage.side(0, Party::A).margin, 2 * MARGIN);
}

#[test]
fn termination_refused_with_an_entitlement_above_the_largest() {
    let (mut stage, message) = ready();
    let message = MutualTermination { entitlement_a: SignedAmount::new(i128::MIN), ..message };
    refuses::<vault::AmountOutOfBounds>(&mut stage, &message);
}
