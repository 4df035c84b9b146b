//! Time and sequence of an instruction.

use crate::ready::Ready;
use ringfence_bindings::IMarginVault as vault;
use ringfence_protocol::{message::MarginInstruction, units::Timestamp};
use ringfence_suites::{Mark, PERIODS};

/// The staleness bound.
const STALE: u64 = PERIODS.max_staleness.get();

fn now(ready: &mut Ready) -> u64 {
    ready.stage.session.now()
}

#[test]
fn settle_refused_when_expired() {
    let mut ready = Ready::new();
    let past = Timestamp::new(now(&mut ready) - 1);
    ready.refuses::<vault::Expired>(&MarginInstruction { expiry: past, ..ready.message.clone() });
    ready.accepts();
}

#[test]
fn settle_accepted_at_its_expiry_and_refused_a_second_later() {
    let mut ready = Ready::new();
    let message = MarginInstruction { expiry: Timestamp::new(now(&mut ready)), ..ready.message.clone() };
    let here = ready.stage.session.snapshot();
    ready.stage.session.advance(1);
    ready.refuses::<vault::Expired>(&message);
    ready.stage.session.restore(&here);
    ready.stage.settle(0, &message, &[0, 1]);
}

#[test]
fn settle_refused_with_a_valuation_in_the_future() {
    let mut ready = Ready::new();
    let future = Timestamp::new(now(&mut ready) + 1);
    ready.refuses::<vault::ValuationInFuture>(&MarginInstruction { valuation_time: future, ..ready.message.clone() });
    ready.accepts();
}

#[test]
fn settle_refused_with_a_stale_valuation_and_accepted_at_the_bound() {
    let mut ready = Ready::new();
    let at = now(&mut ready);
    ready.stage.session.set_time(at + STALE + 1);
    let expiry = Timestamp::new(at + 10_000);
    let valued = |time| MarginInstruction { valuation_time: Timestamp::new(time), expiry, ..ready.message.clone() };
    let (stale, fresh) = (valued(at), valued(at + 1));
    ready.refuses::<vault::ValuationStale>(&stale);
    ready.stage.settle(0, &fresh, &[0, 1]);
}

#[test]
fn settle_refused_with_a_valuation_that_is_not_newer() {
    let mut ready = Ready::new();
    let last = ready.stage.status(0).valuation.valuationTime;
    for time in [last, last - 1, 0] {
        let message = MarginInstruction { valuation_time: Timestamp::new(time), ..ready.message.clone() };
        ready.refuses::<vault::ValuationNotNewer>(&message);
    }
    ready.accepts();
}

#[test]
fn settle_refused_when_replayed() {
    let mut ready = Ready::new();
    let message = ready.message.clone();
    ready.stage.settle(0, &message, &[0, 1]);
    ready.refuses::<vault::SequenceReplayed>(&message);
    let signatures = ready.stage.signed_by(&[0, 2], ready.stage.pairs[0].digest(&message));
    ready.refuses_signed::<vault::SequenceReplayed>(&message, signatures);
}

#[test]
fn settle_refused_with_an_old_sequence() {
    let mut ready = Ready::new();
    for sequence in [0, 1] {
        ready.refuses::<vault::SequenceReplayed>(&MarginInstruction { sequence, ..ready.message.clone() });
    }
    ready.accepts();
}

#[test]
fn settle_refused_with_a_skipped_sequence() {
    let mut ready = Ready::new();
    for sequence in [3, 4, u64::MAX] {
        ready.refuses::<vault::SequenceSkipped>(&MarginInstruction { sequence, ..ready.message.clone() });
    }
    ready.accepts();
}

#[test]
fn a_missed_instruction_heals_by_the_next_one() {
    let mut ready = Ready::new();
    // The message at hand is never submitted; the next one states the same cumulative value.
    ready.stage.session.next_block();
    let next = ready.stage.instruction(0, Mark { x: ready.message.entitlement_a.get(), ..Mark::default() });
    ready.stage.settle(0, &next, &[0, 1]);
    assert_eq!(ready.stage.status(0).valuation.settledToA, ready.message.entitlement_a.get());
}
