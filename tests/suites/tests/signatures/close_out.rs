//! The same for close-out determinations, which have a sequence of their own.

use alloy_sol_types::SolError;
use ringfence_bindings::IMarginVault as vault;
use ringfence_devchain::CHAIN_ID;
use ringfence_oracle::keccak::Keccak;
use ringfence_protocol::{
    eip712::{Domain, TypedMessage},
    message::CloseOutDetermination,
    units::{Amount, SignedAmount, Timestamp},
    Digest, Party,
};
use ringfence_suites::{calls, Mark, Stage, MARGIN, MAX_MOVE, PERIODS};

/// What A owes.
const CLAIM: u128 = 12_345;

/// Two pairs, A of the first in default, and a determination that is valid in every respect.
fn ready() -> (Stage, CloseOutDetermination) {
    let mut stage = Stage::open(2);
    stage.mark(0, Mark::default());
    stage.give_up(0, Party::A);
    stage.session.next_block();
    let message = stage.determination(0, Party::A, 12_345);
    (stage, message)
}

#[track_caller]
fn refuses<E: SolError>(stage: &mut Stage, message: &CloseOutDetermination) {
    let signatures = stage.signed_by(&[0, 1], stage.pairs[0].digest(message));
    refuses_signed::<E>(stage, message, signatures);
}

#[track_caller]
fn refuses_signed<E: SolError>(stage: &mut Stage, message: &CloseOutDetermination, signatures: Vec<u8>) {
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    stage.assert_refused::<E>(&keeper, vault, calls::close_out(message, signatures));
}

#[track_caller]
fn accepts(stage: &mut Stage, message: &CloseOutDetermination) {
    stage.close_out(0, message, &[0, 1]);
    assert_eq!(stage.side(0, Party::A).margin, MARGIN - CLAIM);
    assert_eq!(stage.side(0, Party::B).margin, MARGIN + CLAIM);
    stage.assert_conserved();
}

#[test]
fn close_out_accepted_with_two_of_three() {
    let (mut stage, message) = ready();
    accepts(&mut stage, &message);
}

#[test]
fn close_out_refused_with_any_fault_in_its_signatures() {
    let (mut stage, message) = ready();
    let digest = stage.pairs[0].digest(&message);
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    for fault in stage.forgeries(digest) {
        println!("{}: {}", fault.error, fault.fault);
        let call = calls::close_out(&message, fault.packed);
        stage.assert_refused_with(fault.error, &fault.selector, &keeper, vault, call);
    }
    accepts(&mut stage, &message);
}

#[test]
fn close_out_refused_for_another_defaulter() {
    let (mut stage, message) = ready();
    for party in [&stage.pairs[0].b, &stage.pairs[1].a, &stage.keeper].map(ringfence_devchain::Located::h160) {
        let message = CloseOutDetermination { defaulter: party, ..message };
        refuses::<vault::DefaulterMismatch>(&mut stage, &message);
    }
    accepts(&mut stage, &message);
}

#[test]
fn close_out_refused_when_signed_for_another_vault() {
    let (mut stage, message) = ready();
    let signatures = stage.signed_by(&[0, 1], stage.pairs[1].digest(&message));
    refuses_signed::<vault::UnknownSigner>(&mut stage, &message, signatures);
    accepts(&mut stage, &message);
}

#[test]
fn close_out_refused_when_signed_for_another_chain() {
    let (mut stage, message) = ready();
    for chain_id in [0, 1, CHAIN_ID + 1, CHAIN_ID | 1 << 32] {
        let digest = message.digest::<Keccak>(&Domain { chain_id, ..stage.pairs[0].domain() });
        let signatures = stage.signed_by(&[0, 1], digest);
        refuses_signed::<vault::UnknownSigner>(&mut stage, &message, signatures);
    }
    accepts(&mut stage, &message);
}

#[test]
fn close_out_refused_when_expired() {
    let (mut stage, message) = ready();
    let past = Timestamp::new(stage.session.now() - 1);
    refuses::<vault::Expired>(&mut stage, &CloseOutDetermination { expiry: past, ..message });
    accepts(&mut stage, &message);
}

#[test]
fn close_out_refused_with_a_used_or_skipped_sequence() {
    let (mut stage, message) = ready();
    refuses::<vault::SequenceReplayed>(&mut stage, &CloseOutDetermination { sequence: 0, ..message });
    refuses::<vault::SequenceSkipped>(&mut stage, &CloseOutDetermination { sequence: 2, ..message });
    accepts(&mut stage, &message);
}

#[test]
fn close_out_refused_when_replayed() {
    let (mut stage, message) = ready();
    accepts(&mut stage, &message);
    refuses::<vault::NotDefaulted>(&mut stage, &message);
}

#[test]
fn close_out_refused_without_a_default() {
    let mut stage = Stage::open(1);
    stage.mark(0, Mark::default());
    let message = stage.determination(0, Party::A, 12_345);
    refuses::<vault::NotDefaulted>(&mut stage, &message);
}

#[test]
fn close_out_refused_after_its_deadline_and_accepted_at_it() {
    let (mut stage, message) = ready();
    let deadline = stage.session.now() - ringfence_suites::BLOCK + PERIODS.close_out.get();
    let message = CloseOutDetermination { expiry: Timestamp::new(deadline + 10), ..message };
    stage.session.set_time(deadline);
    let here = stage.session.snapshot();
    stage.session.advance(1);
    refuses::<vault::CloseOutDeadlinePassed>(&mut stage, &message);
    stage.session.restore(&here);
    accepts(&mut stage, &message);
}

#[test]
fn close_out_far_from_the_last_value_refused_with_two_of_three_and_accepted_with_all() {
    let (mut stage, message) = ready();
    let far = SignedAmount::new(i128::try_from(MAX_MOVE + 1).expect("small"));
    let message = CloseOutDetermination { amount: far, ..message };
    refuses::<vault::QuorumNotMet>(&mut stage, &message);
    stage.close_out(0, &message, &[0, 1, 2]);
    assert_eq!(stage.side(0, Party::B).margin, MARGIN + MAX_MOVE + 1);
}

#[test]
fn close_out_refused_with_an_amount_above_the_largest() {
    let (mut stage, message) = ready();
    let over = i128::try_from(Amount::MAX.get() + 1).expect("2^96 fits");
    for amount in [over, -over, i128::MIN] {
        let message = CloseOutDetermination { amount: SignedAmount::new(amount), ..message };
        refuses::<vault::AmountOutOfBounds>(&mut stage, &message);
    }
    accepts(&mut stage, &message);
}

#[test]
fn close_out_refused_when_any_field_is_changed_after_signing() {
    let (mut stage, message) = ready();
    let signatures = stage.signed_by(&[0, 1], stage.pairs[0].digest(&message));
    let changed = [
        CloseOutDetermination { amount: SignedAmount::new(12_346), ..message },
        CloseOutDetermination { evidence_root: Digest::zero(), ..message },
        CloseOutDetermination { expiry: Timestamp::new(message.expiry.get() + 1), ..message },
    ];
    for other in changed {
        refuses_signed::<vault::UnknownSigner>(&mut stage, &other, signatures.clone());
    }
    accepts(&mut stage, &message);
}
