//! The pause of new risk: short, seldom, and nothing else stops.

use crate::{
    common::{ENTITY, KEEPER, PARTY_A, PARTY_B},
    fixtures::{called, deadline, full, guards, refused},
};
use ringfence_protocol::{
    units::Seconds,
    vault::{Command, MAX_PAUSE, PAUSE_COOL_DOWN},
    Party,
};

fn pause(span: u64) -> Command<'static> {
    Command::Pause { span: Seconds::new(span) }
}

guards! {
    PauseOutOfBounds: a_pause_is_of_some_length { refused(&mut full(), |world| world.entity(pause(0))) }
    PauseOutOfBounds: a_pause_is_bounded {
        full().entity(pause(MAX_PAUSE.get())).expect("at the bound");
        refused(&mut full(), |world| world.entity(pause(MAX_PAUSE.get() + 1)))
    }
    PausedBefore: pauses_are_not_strung_together {
        let mut world = full();
        world.entity(pause(10)).expect("accepted");
        world.now += 10 + PAUSE_COOL_DOWN.get();
        let error = refused(&mut world, |world| world.entity(pause(10)));
        world.now += 1;
        world.entity(pause(10)).expect("past the bound");
        error
    }
    NewRiskPaused: no_new_portfolio_in_a_pause {
        let mut world = full();
        world.entity(pause(10)).expect("accepted");
        world.now += 10;
        let error = refused(&mut world, |world| world.agree());
        world.now += 1;
        world.agree().expect("it ends by itself");
        error
    }
    NewRiskPaused: no_new_terms_in_a_pause {
        let mut world = full();
        world.entity(pause(10)).expect("accepted");
        let (mut terms, schedule) = (world.vault.agreement.terms, world.vault.collateral.schedule.clone());
        terms.max_move = crate::common::amount(1);
        let message = world.amendment(&terms, &schedule);
        refused(&mut world, |world| world.amend(&message, &terms, &schedule, [PARTY_A, PARTY_B]))
    }
    NewRiskPaused: no_new_bond_in_a_pause {
        let mut world = full();
        world.entity(pause(10)).expect("accepted");
        refused(&mut world, |world| world.register_cover(ENTITY, 1, 5, 10, 0))
    }
}

/// Deposits cure calls, instructions settle, parties leave: a pause stops none of it and moves no deadline.
#[test]
fn a_pause_stops_nothing_but_new_risk() {
    let mut world = called();
    let before = deadline(&world, Party::B);
    world.entity(pause(MAX_PAUSE.get())).expect("accepted");
    world.now += 500;
    world.value(50, [0, 1_500]);
    assert_eq!(deadline(&world, Party::B), before);
    world.clone().deposit(world.address(Party::B), 550).expect("a call is cured");
    world.clone().withdraw(world.address(Party::A), 1).expect("a withdrawal");
    world.clone().terminate(&world.termination(50), [PARTY_A, PARTY_B]).expect("an end");
    world.now = before + 1;
    world.clone().declare_default(KEEPER, Party::B).expect("a default");
    world.now += 7_201;
    world.leave(world.address(Party::A)).expect("a way out");
}
