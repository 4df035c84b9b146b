//! Attempts to be early, to cut somebody's time short, or to hold everybody up.

use crate::{
    common::{amount, KEEPER, PARTY_A},
    fixtures::{deadline, full, refused, terms, Pair},
};
use ringfence_protocol::{
    units::Seconds,
    vault::{Command, Phase, VaultError, RUN_OFF_NOTICE},
    Party,
};

/// Up to a moment the oracle says the same again and again, so that no outage restarts a call.
fn valued_until(world: &mut Pair, until: u64, entitlement: i128) {
    while world.now < until {
        world.now = until.min(world.now + 500);
        world.value(entitlement, [0, 0]);
    }
}

/// The entity's notice is over; B has just been called for 300 that it owes.
fn noticed() -> Pair {
    let mut world = full();
    world.entity(Command::BeginRunOff).expect("accepted");
    world.now += RUN_OFF_NOTICE.get() + 1;
    world.value(1_300, [0, 0]);
    world
}

fn leave(world: &mut Pair, party: Party) -> Result<(), VaultError> {
    world.run(world.address(party), Command::LeaveRunOff)
}

/// Leaving does not put the other side in default before its cure period is over; a debtor may leave itself.
#[test]
fn nobody_leaves_its_counterparty_in_default_before_its_call_is_due() {
    let mut world = noticed();
    assert_eq!(refused(&mut world, |world| leave(world, Party::A)), VaultError::CallNotDue);
    leave(&mut world.clone(), Party::B).expect("a debtor leaves itself");
    let mut cured = world.clone();
    cured.deposit(cured.address(Party::B), 300).expect("cures");
    leave(&mut cured, Party::A).expect("nobody is in default");
    assert_eq!(cured.vault.state.phase, Phase::Closed { defaulter: None });

    let due = deadline(&world, Party::B);
    valued_until(&mut world, due, 1_300);
    assert_eq!(refused(&mut world, |world| leave(world, Party::A)), VaultError::CallNotDue);
    world.now += 1;
    leave(&mut world, Party::A).expect("overdue");
    assert_eq!(world.vault.state.phase, Phase::Closed { defaulter: Some(Party::B) });
}

/// A notification time can put a deadline behind the oracle's time-out: the cure period is B's all the same.
#[test]
fn a_silent_oracle_shortens_no_cure_period() {
    let mut terms = terms();
    terms.periods.notification = Seconds::ZERO;
    let mut world = Pair::running(terms, Default::default(), 1_000);
    world.value(1_300, [0, 0]);
    world.now += 7_201;
    assert!(deadline(&world, Party::B) > world.now);
    assert_eq!(refused(&mut world, |world| world.leave(world.address(Party::A))), VaultError::CallNotDue);
    world.now = deadline(&world, Party::B) + 1;
    world.leave(world.address(Party::A)).expect("overdue");
}

/// So can an extension that the other side signed: it is bound by it.
#[test]
fn whoever_extended_a_call_waits_for_it() {
    let mut world = noticed();
    world.extend(&world.extension(Party::B, 600), PARTY_A).expect("accepted");
    let due = deadline(&world, Party::B);
    valued_until(&mut world, due, 1_300);
    assert_eq!(refused(&mut world, |world| leave(world, Party::A)), VaultError::CallNotDue);
    world.now += 1;
    leave(&mut world, Party::A).expect("overdue");
}

/// A cannot end B's dispute as first instructed by leaving; when its time is over it can.
#[test]
fn nobody_leaves_with_what_the_other_side_disputes() {
    let mut world = full();
    world.entity(Command::BeginRunOff).expect("accepted");
    world.now += RUN_OFF_NOTICE.get() + 1;
    world.value(300, [0, 0]);
    world.dispute(world.address(Party::B), 0).expect("accepted");
    assert_eq!(refused(&mut world, |world| leave(world, Party::A)), VaultError::DisputeOpen);
    leave(&mut world.clone(), Party::B).expect("its own dispute is its own to end");
    world.now += 1_801;
    world.value(300, [0, 0]);
    leave(&mut world, Party::A).expect("its time is over");
}

/// A lets its own old dispute lapse just after a move against B: B can still dispute that.
#[test]
fn the_end_of_one_sides_dispute_does_not_take_the_others_away() {
    let mut world = full();
    world.value(-10, [0, 0]);
    world.dispute(world.address(Party::A), 0).expect("accepted");
    world.now += 1_700;
    world.value(300, [0, 0]);
    world.now += 101;
    world.keep(Command::LapseDispute { party: Party::A }).expect("its time is over");
    world.dispute(world.address(Party::B), 0).expect("it has its window");
    assert_eq!(world.vault.disputes.open.b.expect("open").escrowed, amount(300));
}

/// A party that disputes again and again does not put off its default: what is overdue is overdue.
#[test]
fn no_chain_of_disputes_puts_a_default_off_for_ever() {
    let mut world = full();
    world.value(1_300, [0, 0]);
    let before = deadline(&world, Party::B);
    world.dispute(world.address(Party::B), 1_000).expect("accepted");
    let lapses = world.now + 1_801;
    valued_until(&mut world, lapses, 1_300);
    world.keep(Command::LapseDispute { party: Party::B }).expect("its time is over");
    assert_eq!(deadline(&world, Party::B), before);
    assert_eq!(refused(&mut world, |world| world.dispute(world.address(Party::B), 1_000)), VaultError::CallOverdue);
    world.declare_default(KEEPER, Party::B).expect("overdue");
}
