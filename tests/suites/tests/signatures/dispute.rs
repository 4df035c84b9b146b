//! The two messages that end a dispute: every signer's, and both parties'.

use crate::bilateral;
use alloy_sol_types::SolError;
use ringfence_bindings::IMarginVault as vault;
use ringfence_devchain::CHAIN_ID;
use ringfence_oracle::keccak::Keccak;
use ringfence_protocol::{
    eip712::{Domain, TypedMessage},
    message::{DisputeDetermination, DisputeResolution, DisputedValue},
    units::{Amount, SignedAmount, Timestamp},
    Digest, Party,
};
use ringfence_suites::{calls, high_s_twin, with_v, Mark, Stage, DISPUTE_DEPOSIT, MARGIN, USD};

/// What was instructed.
const X: i128 = 100_000 * 1_000_000;

/// Two pairs; B of the first disputes all that the last instruction moved.
fn ready() -> (Stage, DisputedValue) {
    let mut stage = Stage::full(2);
    stage.mark(0, Mark { x: X, ..Mark::default() });
    stage.dispute(0, Party::B, 0);
    let value = stage.disputed_value(0, Party::B, X / 2);
    (stage, value)
}

#[track_caller]
fn refuses_determination<E: SolError>(stage: &mut Stage, value: &DisputedValue, keys: &[usize], digest: Digest) {
    let signatures = stage.signed_by(keys, digest);
    let (keeper, pair) = (stage.keeper.clone(), stage.pairs[0].clone());
    stage.assert_refused::<E>(&keeper, pair.vault, calls::determine(&pair.b, value, signatures));
}

/// The same for a value that is signed as it should be.
#[track_caller]
fn refuses_value<E: SolError>(stage: &mut Stage, value: &DisputedValue) {
    let digest = stage.pairs[0].digest(&DisputeDetermination(*value));
    refuses_determination::<E>(stage, value, &[0, 1, 2], digest);
    let b = stage.pairs[0].b.clone();
    let call = |first, second| calls::resolve_with(&b, value, first, second);
    bilateral::refuses::<E, _>(stage, &DisputeResolution(*value), call);
}

/// Half of what moved is back, and the deposit too.
#[track_caller]
fn assert_halved(stage: &mut Stage) {
    let half = 50_000 * USD;
    assert_eq!(stage.side(0, Party::A).margin, MARGIN + half);
    assert_eq!(stage.side(0, Party::B).margin, MARGIN - half + DISPUTE_DEPOSIT);
    stage.assert_conserved();
}

#[test]
fn determination_refused_with_less_than_every_signature() {
    let (mut stage, value) = ready();
    let digest = stage.pairs[0].digest(&DisputeDetermination(value));
    for keys in [&[][..], &[0], &[0, 1], &[0, 2], &[1, 2]] {
        refuses_determination::<vault::QuorumNotMet>(&mut stage, &value, keys, digest);
    }
    refuses_determination::<vault::DuplicateSigner>(&mut stage, &value, &[0, 0, 1], digest);
    refuses_determination::<vault::UnsortedSigners>(&mut stage, &value, &[1, 0, 2], digest);
    stage.determine(0, Party::B, X / 2);
    assert_halved(&mut stage);
}

#[test]
fn determination_refused_with_a_forged_signature() {
    let (mut stage, value) = ready();
    let (keeper, pair) = (stage.keeper.clone(), stage.pairs[0].clone());
    let digest = pair.digest(&DisputeDetermination(value));
    let own = |key: usize| calls::signature(&stage.agents[key], digest);
    let two = [own(0), own(1)].concat();
    let with = |last: Vec<u8>| calls::determine(&pair.b, &value, [two.clone(), last].concat());
    let (last, party) = (own(2), calls::signature(&pair.a, digest));
    let short = last[..64].to_vec();
    let spoilt = [with(high_s_twin(&last)), with(with_v(last.clone(), 26)), with(short)];
    let [high, id, cut] = spoilt;
    stage.assert_refused::<vault::HighS>(&keeper, pair.vault, high);
    stage.assert_refused::<vault::InvalidRecoveryId>(&keeper, pair.vault, id);
    stage.assert_refused::<vault::MalformedSignatures>(&keeper, pair.vault, cut);
    stage.assert_refused::<vault::UnrecoverableSignature>(&keeper, pair.vault, with(with_v(vec![0; 65], 27)));
    stage.assert_refused::<vault::UnknownSigner>(&keeper, pair.vault, with(party));
    stage.determine(0, Party::B, X / 2);
    assert_halved(&mut stage);
}

#[test]
fn determination_refused_when_signed_for_another_vault_chain_or_as_another_message() {
    let (mut stage, value) = ready();
    let (pair, other) = (stage.pairs[0].clone(), stage.pairs[1].clone());
    let message = DisputeDetermination(value);
    let mut digests: Vec<_> =
        [0, 1, CHAIN_ID + 1].map(|chain_id| message.digest::<Keccak>(&Domain { chain_id, ..pair.domain() })).to_vec();
    digests.extend([other.digest(&message), pair.digest(&DisputeResolution(value))]);
    for digest in digests {
        refuses_determination::<vault::UnknownSigner>(&mut stage, &value, &[0, 1, 2], digest);
    }
    stage.determine(0, Party::B, X / 2);
    assert_halved(&mut stage);
}

#[test]
fn resolution_refused_with_every_forged_signature() {
    let (mut stage, value) = ready();
    let b = stage.pairs[0].b.clone();
    let call = |first, second| calls::resolve_with(&b, &value, first, second);
    bilateral::refuses_every_forgery(&mut stage, &DisputeResolution(value), call);
    stage.resolve(0, Party::B, X / 2);
    assert_halved(&mut stage);
}

#[test]
fn a_disputed_value_refused_when_expired_of_another_dispute_or_out_of_bounds() {
    let (mut stage, value) = ready();
    let past = Timestamp::new(stage.session.now() - 1);
    refuses_value::<vault::Expired>(&mut stage, &DisputedValue { expiry: past, ..value });
    for dispute in [0, 2] {
        refuses_value::<vault::DisputeMismatch>(&mut stage, &DisputedValue { dispute, ..value });
    }
    let over = i128::try_from(Amount::MAX.get() + 1).expect("2^96 fits");
    for entitlement in [over, -over, i128::MIN] {
        let value = DisputedValue { entitlement_a: SignedAmount::new(entitlement), ..value };
        refuses_value::<vault::AmountOutOfBounds>(&mut stage, &value);
    }
    stage.resolve(0, Party::B, X / 2);
    assert_halved(&mut stage);
}

#[test]
fn a_disputed_value_ends_one_dispute_only() {
    let (mut stage, value) = ready();
    stage.determine(0, Party::B, X / 2);
    refuses_value::<vault::NoDisputeOpen>(&mut stage, &value);
    stage.mark(0, Mark { x: 2 * X, ..Mark::default() });
    stage.dispute(0, Party::B, X);
    refuses_value::<vault::DisputeMismatch>(&mut stage, &value);
}

#[test]
fn a_disputed_value_refused_of_a_side_that_disputes_nothing_and_of_a_stranger() {
    let (mut stage, value) = ready();
    let (keeper, pair) = (stage.keeper.clone(), stage.pairs[0].clone());
    let signatures = stage.signed_by(&[0, 1, 2], pair.digest(&DisputeDetermination(value)));
    let of = |party| calls::determine(party, &value, signatures.clone());
    stage.assert_refused::<vault::NoDisputeOpen>(&keeper, pair.vault, of(&pair.a));
    stage.assert_refused::<vault::NotAParty>(&keeper, pair.vault, of(&keeper));
}
