//! More time for a call: the other party's signature of the deadline that stands.

use alloy_sol_types::SolError;
use ringfence_bindings::IMarginVault as vault;
use ringfence_devchain::{Actor, Located, CHAIN_ID};
use ringfence_oracle::keccak::Keccak;
use ringfence_protocol::{
    eip712::{Domain, TypedMessage},
    message::CallExtension,
    terms::MAX_CURE,
    units::Timestamp,
    Party,
};
use ringfence_suites::{calls, high_s_twin, with_v, Mark, Stage, MARGIN};

/// A's call.
const CALLED: Mark = Mark { x: 0, margin_a: 2 * MARGIN, margin_b: 0, tail: 0 };

/// Two pairs, an open call on A of the first, and an hour more for it.
fn ready() -> (Stage, CallExtension) {
    let mut stage = Stage::open(2);
    stage.mark(0, CALLED);
    let message = stage.extension(0, Party::A, 3_600);
    (stage, message)
}

#[track_caller]
fn refuses<E: SolError>(stage: &mut Stage, message: &CallExtension) {
    let b = stage.pairs[0].b.clone();
    refuses_signed_by::<E>(stage, message, &b);
}

#[track_caller]
fn refuses_signed_by<E: SolError>(stage: &mut Stage, message: &CallExtension, signer: &Actor) {
    let signature = calls::signature(signer, stage.pairs[0].digest(message));
    refuses_with::<E>(stage, message, signature);
}

#[track_caller]
fn refuses_with<E: SolError>(stage: &mut Stage, message: &CallExtension, signature: Vec<u8>) {
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    stage.assert_refused::<E>(&keeper, vault, calls::extend(message, signature));
}

#[track_caller]
fn accepts(stage: &mut Stage, message: &CallExtension) {
    stage.extend(0, Party::A, message.extended.get() - message.deadline.get());
    let side = stage.side(0, Party::A);
    assert_eq!((side.callDeadline, side.callAmount), (message.extended.get(), MARGIN));
}

#[test]
fn extension_refused_with_a_signature_of_anyone_but_the_other_party() {
    let (mut stage, message) = ready();
    let signers = [&stage.pairs[0].a, &stage.pairs[1].b, &stage.keeper, &stage.agents[0]].map(Clone::clone);
    for signer in &signers {
        refuses_signed_by::<vault::UnknownSigner>(&mut stage, &message, signer);
    }
    accepts(&mut stage, &message);
}

#[test]
fn extension_refused_when_signed_for_another_vault_or_chain() {
    let (mut stage, message) = ready();
    let (pair, other) = (stage.pairs[0].clone(), stage.pairs[1].clone());
    let chains = [0, 1, CHAIN_ID + 1].map(|chain_id| message.digest::<Keccak>(&Domain { chain_id, ..pair.domain() }));
    for digest in chains.into_iter().chain([other.digest(&message)]) {
        refuses_with::<vault::UnknownSigner>(&mut stage, &message, calls::signature(&pair.b, digest));
    }
    accepts(&mut stage, &message);
}

#[test]
fn extension_refused_with_a_malformed_signature() {
    let (mut stage, message) = ready();
    let good = calls::signature(&stage.pairs[0].b, stage.pairs[0].digest(&message));
    for length in [0, 64] {
        refuses_with::<vault::MalformedSignatures>(&mut stage, &message, good[..length].to_vec());
    }
    refuses_with::<vault::MalformedSignatures>(&mut stage, &message, good.repeat(2));
    refuses_with::<vault::HighS>(&mut stage, &message, high_s_twin(&good));
    refuses_with::<vault::InvalidRecoveryId>(&mut stage, &message, with_v(good, 29));
    refuses_with::<vault::UnrecoverableSignature>(&mut stage, &message, with_v(vec![0; 65], 27));
    accepts(&mut stage, &message);
}

#[test]
fn extension_refused_when_expired_or_of_another_deadline_and_dies_with_the_deadline_it_names() {
    let (mut stage, message) = ready();
    let past = Timestamp::new(stage.session.now() - 1);
    refuses::<vault::Expired>(&mut stage, &CallExtension { expiry: past, ..message });
    let other = Timestamp::new(message.deadline.get() - 1);
    refuses::<vault::CallMismatch>(&mut stage, &CallExtension { deadline: other, ..message });
    accepts(&mut stage, &message);
    refuses::<vault::CallMismatch>(&mut stage, &message);
}

#[test]
fn extension_refused_to_an_earlier_or_far_later_deadline_and_accepted_at_the_bound() {
    let (mut stage, message) = ready();
    let latest = message.deadline.get() + MAX_CURE.get();
    for extended in [0, message.deadline.get(), latest + 1] {
        let message = CallExtension { extended: Timestamp::new(extended), ..message };
        refuses::<vault::ExtensionOutOfBounds>(&mut stage, &message);
    }
    accepts(&mut stage, &CallExtension { extended: Timestamp::new(latest), ..message });
}

#[test]
fn extension_refused_without_a_call_and_of_a_stranger() {
    let (mut stage, message) = ready();
    let (b, stranger) = (stage.pairs[0].b.h160(), stage.keeper.h160());
    refuses::<vault::NoCallOpen>(&mut stage, &CallExtension { party: b, ..message });
    refuses::<vault::NotAParty>(&mut stage, &CallExtension { party: stranger, ..message });
    stage.deposit(0, Party::A, MARGIN);
    refuses::<vault::NoCallOpen>(&mut stage, &message);
}

#[test]
fn default_waits_for_the_extended_deadline() {
    let (mut stage, message) = ready();
    accepts(&mut stage, &message);
    let (keeper, pair) = (stage.keeper.clone(), stage.pairs[0].clone());
    while stage.session.now() <= message.deadline.get() {
        stage.session.advance(600);
        stage.mark(0, CALLED);
    }
    let declare = vault::declareDefaultCall { party: pair.a.address() };
    stage.assert_refused::<vault::CallNotDue>(&keeper, pair.vault, declare.clone());
    stage.let_call_lapse(0, Party::A, CALLED);
    stage.must(&keeper, pair.vault, declare);
}
