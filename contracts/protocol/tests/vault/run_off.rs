//! Run-off: no new trades, an end when nothing is at risk, and the right to leave after the entity's notice.

use crate::{
    common::{amount, ENTITY, KEEPER},
    fixtures::{accepted, full, guards, refused, Pair},
};
use ringfence_protocol::{
    units::Amount,
    vault::{Command, Phase, RunOff, VaultError, RUN_OFF_NOTICE},
    Party,
};

/// The full pair in run-off by the entity.
fn noticed() -> Pair {
    let mut world = full();
    world.entity(Command::BeginRunOff).expect("accepted");
    world
}

fn leave(world: &mut Pair, party: Party) -> Result<(), VaultError> {
    world.run(world.address(party), Command::LeaveRunOff)
}

fn close(world: &mut Pair) -> Result<(), VaultError> {
    world.keep(Command::CloseRunOff)
}

guards! {
    NotAParty: a_stranger_begins_no_run_off { refused(&mut full(), |world| world.keep(Command::BeginRunOff)) }
    NotAParty: a_stranger_does_not_leave {
        let mut world = noticed();
        world.now += RUN_OFF_NOTICE.get() + 1;
        world.value(0, [0, 0]);
        refused(&mut world, |world| world.run(KEEPER, Command::LeaveRunOff))
    }
    RunningOff: a_run_off_begins_once {
        let mut world = noticed();
        let error = refused(&mut world, |world| world.run(world.address(Party::A), Command::BeginRunOff));
        assert_eq!(refused(&mut world, |world| world.entity(Command::BeginRunOff)), error);
        error
    }
    RunningOff: no_new_trades_in_a_run_off { refused(&mut noticed(), |world| world.agree()) }
    NotRunningOff: a_running_pair_is_not_closed { refused(&mut full(), close) }
    NotRunningOff: a_partys_own_run_off_gives_no_right_to_leave {
        let mut world = full();
        world.run(world.address(Party::A), Command::BeginRunOff).expect("accepted");
        world.now += RUN_OFF_NOTICE.get() + 1;
        world.value(0, [0, 0]);
        refused(&mut world, |world| leave(world, Party::A))
    }
    NoticeRunning: the_entity_gives_notice {
        let mut world = noticed();
        world.now += RUN_OFF_NOTICE.get();
        let mut message = world.instruction(0);
        message.valuation_time = ringfence_protocol::units::Timestamp::new(world.now);
        world.settle(&message).expect("accepted");
        let error = refused(&mut world, |world| leave(world, Party::A));
        world.now += 1;
        leave(&mut world, Party::A).expect("past the bound");
        error
    }
    ValuationStale: nobody_leaves_at_an_old_value {
        let mut world = noticed();
        world.now += RUN_OFF_NOTICE.get() + 1;
        refused(&mut world, |world| leave(world, Party::A))
    }
    ValuationStale: nothing_is_closed_at_an_old_value {
        let mut world = noticed();
        world.now += 600;
        close(&mut world.clone()).expect("at the bound");
        world.now += 1;
        refused(&mut world, close)
    }
    DisputeOpen: nothing_is_closed_that_is_disputed {
        let mut world = noticed();
        world.value(100, [0, 0]);
        world.dispute(world.address(Party::B), 0).expect("accepted");
        refused(&mut world, close)
    }
    StillAtRisk: nothing_is_closed_that_has_a_requirement {
        let mut world = noticed();
        world.value(0, [0, 1]);
        refused(&mut world, close)
    }
    StillAtRisk: nothing_is_closed_that_has_a_tail {
        let mut world = noticed();
        world.add_first_loss(ENTITY, 10, 10).expect("accepted");
        world.now += 1;
        let mut message = world.instruction(0);
        message.tail_requirement = amount(1);
        world.settle(&message).expect("accepted");
        refused(&mut world, close)
    }
    TerminationUnfunded: what_is_owed_is_paid_before_the_end {
        let mut world = noticed();
        world.value(1_001, [0, 0]);
        let error = refused(&mut world, close);
        world.deposit(world.address(Party::B), 1).expect("accepted");
        close(&mut world).expect("paid");
        assert_eq!(world.margins(), [2_001, 0]);
        error
    }
}

#[test]
fn a_run_off_ends_when_the_last_trade_has_and_the_independent_amount_comes_back() {
    let mut terms = crate::fixtures::terms();
    terms.csa.b.independent_amount = amount(300);
    terms.csa.b.threshold = amount(500);
    let mut world = Pair::running(terms, Default::default(), 1_000);
    world.run(world.address(Party::B), Command::BeginRunOff).expect("accepted");
    world.value(400, [0, 0]);
    assert_eq!(world.required().b, amount(300));
    close(&mut world).expect("nothing is at risk");
    assert_eq!(world.vault.state.phase, Phase::Closed { defaulter: None });
    assert_eq!(world.margins(), [1_400, 600], "what the threshold left uncollateralised is paid");
}

#[test]
fn a_pair_without_a_portfolio_closes_at_once() {
    let mut world = accepted();
    world.deposit(world.address(Party::A), 5).expect("accepted");
    world.run(world.address(Party::A), Command::BeginRunOff).expect("accepted");
    close(&mut world).expect("there is nothing");
    assert_eq!(world.margins(), [5, 0]);
}

/// The parties' right begins with the entity's notice, whatever a party began before.
#[test]
fn the_entity_takes_over_a_partys_run_off_and_its_notice_starts() {
    let mut world = full();
    world.run(world.address(Party::A), Command::BeginRunOff).expect("accepted");
    world.now += 10;
    world.entity(Command::BeginRunOff).expect("accepted");
    let since = ringfence_protocol::units::Timestamp::new(world.now);
    assert_eq!(world.vault.standing.run_off, Some(RunOff { by_entity: true, since }));
}

#[test]
fn leaving_after_the_notice_settles_at_the_last_value() {
    let mut world = noticed();
    world.now += RUN_OFF_NOTICE.get() + 1;
    world.value(300, [500, 500]);
    leave(&mut world, Party::B).expect("accepted");
    assert_eq!((world.vault.state.phase, world.margins()), (Phase::Closed { defaulter: None }, [1_300, 700]));
    assert_eq!(world.required().a, Amount::ZERO);
}
