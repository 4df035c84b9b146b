//! Other signers by the entity's notice: nobody is valued by them who would rather leave.

use crate::{
    common::{KEEPER, PARTY_A, PARTY_B, SIGNERS, STRANGER},
    fixtures::{defaulted, guards, refused, successor, valued, Pair},
};
use ringfence_protocol::{
    signature::SignerSet,
    terms::{Periods, MAX_CURE, MAX_DISPUTE, MAX_ORACLE_TIMEOUT},
    vault::{Command, Phase, VaultError, MIN_ROTATION_NOTICE, ROTATION_GRACE, ROTATION_LEAVE, ROTATION_MARGIN},
    Party,
};

fn others() -> SignerSet {
    SignerSet::new(vec![successor(STRANGER)], 1).expect("a valid set")
}

fn notice(world: &mut Pair) -> Result<(), VaultError> {
    world.entity(Command::NoticeRotation { signers: &others() })
}

fn noticed() -> Pair {
    let mut world = valued();
    notice(&mut world).expect("accepted");
    world
}

fn take_up(world: &mut Pair) -> Result<(), VaultError> {
    world.keep(Command::TakeUpRotation)
}

fn leave(world: &mut Pair) -> Result<(), VaultError> {
    world.run(world.address(Party::A), Command::LeaveRotation)
}

/// The clock at `span` from now, with a fresh valuation of zero.
fn later(mut world: Pair, span: u64) -> Pair {
    world.now += span - 1;
    world.value(0, [0, 0]);
    world.now += 1;
    world
}

guards! {
    NotTheEntity: nobody_else_gives_notice {
        refused(&mut valued(), |world| world.run(world.address(Party::A), Command::NoticeRotation { signers: &others() }))
    }
    NotTheEntity: nobody_else_takes_it_back {
        refused(&mut noticed(), |world| world.run(world.address(Party::A), Command::WithdrawRotation))
    }
    NotActive: no_notice_in_a_default { refused(&mut defaulted(), notice) }
    NotActive: nobody_takes_over_in_a_default {
        let mut world = later(noticed(), MIN_ROTATION_NOTICE.get() + 1);
        take_up(&mut world.clone()).expect("positive control");
        world.declare_default(world.address(Party::B), Party::B).expect("accepted");
        refused(&mut world, take_up)
    }
    NoRotationNoticed: nothing_to_take_back {
        refused(&mut valued(), |world| world.entity(Command::WithdrawRotation))
    }
    NoRotationNoticed: nobody_takes_over_without_a_notice {
        let mut world = later(noticed(), MIN_ROTATION_NOTICE.get() + 1);
        world.entity(Command::WithdrawRotation).expect("accepted");
        refused(&mut world, take_up)
    }
    NoRotationNoticed: nobody_leaves_without_a_notice { refused(&mut later(valued(), 100_000), leave) }
    NoRotationNoticed: a_notice_is_taken_up_once {
        let mut world = later(noticed(), MIN_ROTATION_NOTICE.get() + 1);
        take_up(&mut world).expect("accepted");
        refused(&mut world, take_up)
    }
    NoRotationNoticed: what_both_have_signed_ends_it {
        let mut world = noticed();
        let message = world.rotation(&world.vault.mandate.signers);
        let signers = world.vault.mandate.signers.clone();
        world.rotate(&message, &signers, [PARTY_A, PARTY_B]).expect("accepted");
        world.now += MIN_ROTATION_NOTICE.get() + 1;
        refused(&mut world, take_up)
    }
    NoticeRunning: nobody_takes_over_before_the_notice_is_over {
        refused(&mut later(noticed(), MIN_ROTATION_NOTICE.get()), take_up)
    }
    NoticeRunning: a_new_notice_runs_anew {
        let mut world = later(noticed(), 1_000);
        notice(&mut world).expect("accepted");
        refused(&mut later(world, MIN_ROTATION_NOTICE.get()), take_up)
    }
    NoticeRunning: nobody_leaves_in_the_first_day { refused(&mut later(noticed(), ROTATION_LEAVE.get()), leave) }
    NotAParty: only_a_party_leaves {
        refused(&mut later(noticed(), ROTATION_LEAVE.get() + 1), |world| world.run(KEEPER, Command::LeaveRotation))
    }
    ValuationStale: a_party_leaves_at_a_fresh_value {
        let mut world = later(noticed(), ROTATION_LEAVE.get() + 1);
        world.now = world.vault.state.valuation_time.get() + world.vault.agreement.terms.periods.max_staleness.get();
        leave(&mut world.clone()).expect("at the bound");
        world.now += 1;
        refused(&mut world, leave)
    }
    Expired: a_notice_does_not_hang_over_a_pair_for_ever {
        let mut world = noticed();
        world.now += MIN_ROTATION_NOTICE.get() + ROTATION_GRACE.get();
        take_up(&mut world.clone()).expect("at the bound");
        world.now += 1;
        refused(&mut world, take_up)
    }
}

/// A week; or three days more than what can hold a party up, which is the time-out, a dispute or a call.
#[test]
fn a_notice_is_longer_than_whatever_holds_a_party_up() {
    let due = |change: fn(&mut Periods)| {
        let mut world = valued();
        change(&mut world.vault.agreement.terms.periods);
        notice(&mut world).expect("accepted");
        world.vault.standing.rotation.as_ref().expect("stands").due.get() - world.now
    };
    let margin = ROTATION_MARGIN.get();
    assert_eq!(due(|_| ()), MIN_ROTATION_NOTICE.get());
    assert_eq!(due(|periods| periods.oracle_timeout = MAX_ORACLE_TIMEOUT), MAX_ORACLE_TIMEOUT.get() + margin);
    assert_eq!(due(|periods| periods.dispute = MAX_DISPUTE), MAX_DISPUTE.get() + margin);
    assert_eq!(due(|periods| periods.cure = MAX_CURE), MAX_CURE.get() + 86_400 + margin);
}

#[test]
fn signers_of_a_notice_take_over_and_the_old_ones_are_nobody() {
    let mut world = later(noticed(), MIN_ROTATION_NOTICE.get() + 1);
    take_up(&mut world).expect("accepted");
    assert_eq!((world.vault.mandate.epoch, &world.vault.mandate.signers), (1, &others()));
    world.now += 1;
    world.clone().settle_by(&world.instruction(5), &[STRANGER]).expect("the new one signs");
    let refusal = refused(&mut world, |world| world.settle_by(&world.instruction(5), &SIGNERS[..1]));
    assert_eq!(refusal, VaultError::UnknownSigner);
}

#[test]
fn a_party_that_leaves_is_paid_by_the_old_signers_value() {
    let mut world = noticed();
    world.now += ROTATION_LEAVE.get() + 1;
    world.value(300, [0, 0]);
    leave(&mut world).expect("accepted");
    assert_eq!((world.margins(), world.vault.state.phase), ([1_300, 700], Phase::Closed { defaulter: None }));
}

/// The attack: the entity's notice while the oracle is silent, and its own signers after it. A party is out before.
#[test]
fn the_silent_oracle_lets_a_party_go_before_others_can_sign() {
    let mut world = valued();
    // The longest silence that terms may allow.
    world.vault.agreement.terms.periods.oracle_timeout = MAX_ORACLE_TIMEOUT;
    notice(&mut world).expect("accepted");
    world.now += MAX_ORACLE_TIMEOUT.get() + 1;
    assert_eq!(refused(&mut world, take_up), VaultError::NoticeRunning);
    world.leave(world.address(Party::A)).expect("a day is left for it");
    assert!(matches!(world.vault.state.phase, Phase::Closed { .. }));
}

/// The entity's word alone moves nothing.
#[test]
fn a_notice_and_its_end_move_nothing() {
    let mut world = noticed();
    let before = (world.margins(), world.vault.state, world.required());
    world.now += MIN_ROTATION_NOTICE.get() + 1;
    take_up(&mut world).expect("accepted");
    assert_eq!((world.margins(), world.vault.state, world.required()), before);
    assert_eq!(world.balance(), world.vault.liabilities().expect("in range").get());
}
