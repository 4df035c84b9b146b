//! Attempts to keep a party in a pair until signers of the entity's choice value it.

use crate::{
    common::{full_terms, plain_terms, Real, PARTY_A, PARTY_B, SIGNERS, STRANGER, SUCCESSORS},
    fixtures::{successor, valued_under, Pair},
};
use ringfence_protocol::{
    collateral::Schedule,
    signature::SignerSet,
    terms::MAX_ORACLE_TIMEOUT,
    units::Seconds,
    vault::{Command, Phase, VaultError},
    Party,
};

const DAY: u64 = 86_400;

fn others() -> SignerSet {
    SignerSet::new(vec![successor(STRANGER)], 1).expect("a valid set")
}

fn notice(world: &mut Pair) {
    world.entity(Command::NoticeRotation { signers: &others() }).expect("accepted");
}

fn take_up(world: &mut Pair) -> Result<(), VaultError> {
    world.keep(Command::TakeUpRotation)
}

fn leave(world: &Pair) -> Result<(), VaultError> {
    let mut world = world.clone();
    world.run(world.address(Party::A), Command::LeaveRotation)
}

fn due(world: &Pair) -> u64 {
    world.vault.standing.rotation.as_ref().expect("stands").due.get()
}

/// B puts itself in default in the first day; a friend that A had accepted replaces it after the notice has run out, and the
/// others are taken up in the same block.
#[test]
fn a_default_during_the_notice_does_not_use_it_up() {
    let mut terms = full_terms::<Real>();
    terms.periods.replacement = Seconds::new(7 * DAY);
    terms.periods.close_out = Seconds::new(7 * DAY);
    let mut world = valued_under(terms);
    world.approve(Party::A, SUCCESSORS[0]).expect("accepted");
    notice(&mut world);
    world.now += DAY - 600;
    world.value(0, [0, 0]);
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    world.bid(SUCCESSORS[0], -10).expect("accepted");
    world.now += 7 * DAY + 1;
    assert!(leave(&world).is_err());
    world.resolve().expect("replaced");
    assert_eq!(world.vault.state.phase, Phase::Active);
    let left = leave(&world);
    assert_eq!((left, take_up(&mut world)), (Err(VaultError::NoRotationNoticed), Err(VaultError::NoRotationNoticed)));
}

/// B disputes in the first day: leaving waits for the dispute, the others do not, and then they determine it.
#[test]
fn a_dispute_does_not_hold_a_party_until_others_sign() {
    let mut terms = full_terms::<Real>();
    terms.periods.dispute = Seconds::new(7 * DAY);
    let mut world = valued_under(terms);
    notice(&mut world);
    world.now += DAY - 600;
    world.value(300, [0, 0]);
    world.dispute(world.address(Party::B), 0).expect("accepted");
    let mut tries = Vec::new();
    while world.now < due(&world) {
        world.now += DAY / 2;
        world.value(300, [0, 0]);
        tries.push((world.now, leave(&world)));
    }
    let before: Vec<_> = tries.into_iter().filter(|(at, _)| *at <= due(&world)).map(|(_, tried)| tried).collect();
    let taken = take_up(&mut world);
    assert!(before.iter().any(Result::is_ok), "{before:?}, then {taken:?}");
    // Even once it has lapsed: A may have been held by the next one.
    world.keep(Command::LapseDispute { party: Party::B }).expect("lapsed");
    world.now = due(&world) + 1;
    assert_eq!(take_up(&mut world), Err(VaultError::DisputeOpen));
    notice(&mut world);
    world.now = due(&world) + 1;
    take_up(&mut world).expect("after a new notice");
}

/// B does not pay and its call is not due before the others sign.
#[test]
fn a_call_that_is_not_due_does_not_hold_a_party_until_others_sign() {
    let mut terms = plain_terms::<Real>();
    terms.periods.cure = Seconds::new(7 * DAY);
    terms.periods.notification = Seconds::ZERO;
    terms.periods.oracle_timeout = Seconds::new(7 * DAY + 600);
    let mut world = valued_under(terms);
    notice(&mut world);
    world.now += DAY - 600;
    world.value(1_500, [0, 0]);
    let mut before = Vec::new();
    while world.now + 600 <= due(&world) {
        world.now += 600;
        world.value(1_500, [0, 0]);
        before.push(leave(&world));
    }
    assert_eq!(before.get(10), Some(&Err(VaultError::CallNotDue)));
    let days = before.iter().filter(|tried| tried.is_ok()).count() / 144;
    assert!(days >= 2, "{days} days to leave in");
}

/// The oracle falls silent as the second day begins.
#[test]
fn an_oracle_that_falls_silent_during_the_notice_leaves_two_days() {
    let mut terms = plain_terms::<Real>();
    terms.periods.oracle_timeout = MAX_ORACLE_TIMEOUT;
    let mut world = valued_under(terms);
    notice(&mut world);
    world.now += DAY;
    world.value(0, [0, 0]);
    let mut seconds = 0_u64;
    while world.now <= due(&world) {
        world.now += 60;
        let silent = world.clone().leave(world.address(Party::A)).is_ok();
        if world.now <= due(&world) && (leave(&world).is_ok() || silent) {
            seconds += 60;
        }
    }
    assert!(seconds >= 2 * DAY - 120, "leaving was possible for {seconds} s");
}

/// Both amend the time-out after the notice: the others sign before a silent oracle lets anybody go.
#[test]
fn an_amendment_ends_the_notice_that_was_measured_by_the_terms_before() {
    let mut world = valued_under(plain_terms::<Real>());
    notice(&mut world);
    let mut terms = world.vault.agreement.terms;
    terms.periods.oracle_timeout = MAX_ORACLE_TIMEOUT;
    let message = world.amendment(&terms, &Schedule::default());
    world.amend(&message, &terms, &Schedule::default(), [PARTY_A, PARTY_B]).expect("accepted");
    world.now += 7 * DAY + 1;
    assert_eq!(take_up(&mut world), Err(VaultError::NoRotationNoticed));
}

/// Under a threshold nothing is called; whoever leaves is still paid, and the rest is the debtor's default.
#[test]
fn a_party_that_leaves_is_paid_what_a_threshold_left_uncalled() {
    let mut terms = plain_terms::<Real>();
    terms.csa.b.threshold = ringfence_protocol::units::Amount::new(5_000);
    let mut world = valued_under(terms);
    notice(&mut world);
    world.now += DAY + 1;
    world.value(4_000, [0, 0]);
    assert_eq!(world.vault.state.call.b, None, "nothing was asked of B");
    world.run(world.address(Party::A), Command::LeaveRotation).expect("accepted");
    assert_eq!(world.vault.state.phase, Phase::Closed { defaulter: Some(Party::B) });
    assert_eq!((world.margins(), world.estate(0).residual.get()), ([2_000, 0], 3_000));
}

/// A notice that is renewed every day is never taken up.
#[test]
fn a_notice_that_is_renewed_is_neither_taken_up_nor_a_way_out() {
    let mut world = valued_under(plain_terms::<Real>());
    for _ in 0..30 {
        notice(&mut world);
        world.now += DAY;
        world.value(0, [0, 0]);
        assert_eq!(take_up(&mut world), Err(VaultError::NoticeRunning));
    }
}

/// What both signed for the epoch that the others took is signed again for the next.
#[test]
fn both_can_undo_it() {
    let mut world = valued_under(plain_terms::<Real>());
    notice(&mut world);
    let signers = world.vault.mandate.signers.clone();
    world.now = due(&world) + 1;
    let early = world.rotation(&signers);
    take_up(&mut world).expect("accepted");
    assert_eq!(world.rotate(&early, &signers, [PARTY_A, PARTY_B]), Err(VaultError::SequenceReplayed));
    world.rotate(&world.rotation(&signers), &signers, [PARTY_A, PARTY_B]).expect("accepted");
    world.now += 1;
    world.settle_by(&world.instruction(0), &SIGNERS).expect("the old ones again");
}

/// The entity's notice gives the other side an option: to leave at the value before the one that it sees coming.
#[test]
fn a_party_leaves_at_a_value_as_old_as_the_staleness_bound() {
    let mut terms = plain_terms::<Real>();
    terms.periods.max_staleness = Seconds::new(DAY);
    terms.periods.oracle_timeout = Seconds::new(2 * DAY);
    let mut world = valued_under(terms);
    notice(&mut world);
    world.now += DAY;
    world.value(0, [0, 0]);
    world.now += DAY;
    // The market has moved 500 for A; the instruction that says so is on its way.
    world.run(world.address(Party::B), Command::LeaveRotation).expect("a day old");
    assert_eq!(world.margins(), [1_000, 1_000]);
}
