//! Default and close-out without a successor.

use crate::{
    common::{amount, ENTITY, KEEPER, SIGNERS},
    fixtures::{called, deadline, defaulted, guards, refused, running, valued},
};
use ringfence_protocol::{
    units::{Amount, Timestamp},
    vault::{Valuation, VaultError},
    Party,
};

guards! {
    NoCallOpen: nobody_defaults_without_a_call {
        let mut world = called();
        world.deposit(world.address(Party::B), 500).expect("cures");
        refused(&mut world, |world| world.declare_default(KEEPER, Party::B))
    }
    CallNotDue: nobody_defaults_before_the_deadline {
        let mut world = called();
        world.now += 450;
        for bigger in [5_000, 9_000] {
            world.value(0, [0, bigger]);
            world.now += 225;
        }
        assert_eq!(deadline(&world, Party::B), world.now, "a bigger shortfall never moves the deadline");
        let error = refused(&mut world, |world| world.declare_default(KEEPER, Party::B));
        world.now += 1;
        world.declare_default(KEEPER, Party::B).expect("past the bound anyone may");
        error
    }
    ValuationStale: nobody_defaults_on_an_old_valuation {
        let mut world = called();
        world.now = deadline(&world, Party::B) + 1;
        let error = refused(&mut world, |world| world.declare_default(KEEPER, Party::B));
        assert_eq!(refused(&mut world, |world| world.declare_default(world.address(Party::B), Party::B)), error);
        error
    }
    /// A call for the old portfolio says nothing about the new one.
    ValuationStale: nobody_defaults_between_a_new_portfolio_and_its_valuation {
        let mut world = called();
        world.now += 400;
        world.value(0, [0, 1_500]);
        world.now = deadline(&world, Party::B) + 1;
        world.clone().declare_default(KEEPER, Party::B).expect("positive control");
        world.agree().expect("accepted");
        refused(&mut world, |world| world.declare_default(KEEPER, Party::B))
    }
    AmountOutOfBounds: a_close_out_amount_is_bounded {
        let mut world = defaulted();
        let most = i128::try_from(Amount::MAX.get()).expect("fits");
        world.clone().determine(&world.determination(Party::B, most), &SIGNERS).expect("at the bound");
        world.clone().determine(&world.determination(Party::B, -most), &SIGNERS).expect("at the bound");
        refused(&mut world, |world| world.determine(&world.determination(Party::B, i128::MIN), &SIGNERS))
    }
    DefaulterMismatch: a_determination_names_the_defaulter {
        refused(&mut defaulted(), |world| world.determine(&world.determination(Party::A, 1), &SIGNERS))
    }
    CloseOutDeadlinePassed: the_agent_has_until_the_deadline {
        let mut world = defaulted();
        world.now += 3_600;
        world.clone().determine(&world.determination(Party::B, 1), &SIGNERS).expect("at the bound");
        world.now += 1;
        refused(&mut world, |world| world.determine(&world.determination(Party::B, 1), &SIGNERS))
    }
    CloseOutUndetermined: the_last_value_waits_for_the_deadline {
        let mut world = defaulted();
        world.now += 3_600;
        let error = refused(&mut world, |world| world.resolve());
        world.now += 1;
        world.resolve().expect("past the bound");
        error
    }
    ArithmeticOverflow: a_deadline_past_the_end_of_time_is_an_error {
        let mut world = valued();
        world.now = u64::MAX;
        world.vault.state.valuation_time = Timestamp::new(u64::MAX);
        assert_eq!(world.vault.state.valuation, Valuation::Current);
        refused(&mut world, |world| world.declare_default(world.address(Party::A), Party::A))
    }
}

#[test]
fn an_outage_restarts_the_cure_period_of_an_open_call() {
    let mut world = called();
    let (opened, before) = (world.now, deadline(&world, Party::B));
    for (later, restarted) in [(600, false), (601, true), (5_000, true)] {
        let mut world = world.clone();
        world.now = opened + later;
        world.value(0, [0, 1_500]);
        let expected = if restarted { world.now + 900 } else { before };
        assert_eq!(deadline(&world, Party::B), expected, "{later} s later");
    }
    world.now = before + 1;
    assert_eq!(refused(&mut world, |world| world.declare_default(KEEPER, Party::B)), VaultError::ValuationStale);
}

#[test]
fn a_close_out_runs_through_the_layers_in_order() {
    let mut world = valued();
    world.add_first_loss(ENTITY, 50, 50).expect("accepted");
    world.register_cover(ENTITY, 1, 70, 1_000, 0).expect("accepted");
    world.register_cover(ENTITY, 2, 30, 1_000, 70).expect("accepted");
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    let at = |claim: i128| {
        let mut world = world.clone();
        world.determine(&world.determination(Party::B, claim), &SIGNERS).expect("accepted");
        let estate = world.vault.estates.0.first().copied().unwrap_or_default();
        let due = [estate.layers[0].due.get(), estate.layers[1].due.get()];
        let [a, b] = world.margins();
        (a, b, world.vault.state.first_loss.get(), due, estate.residual.get())
    };
    assert_eq!(at(-1_200), (0, 2_000, 50, [0, 0], 200), "the survivor owes more than it has");
    assert_eq!(at(-300), (700, 1_300, 50, [0, 0], 0), "the survivor owes");
    assert_eq!(at(0), (1_000, 1_000, 50, [0, 0], 0));
    assert_eq!(at(1_000), (2_000, 0, 50, [0, 0], 0), "the margin to the last unit");
    assert_eq!(at(1_030), (2_030, 0, 20, [0, 0], 0));
    assert_eq!(at(1_050), (2_050, 0, 0, [0, 0], 0));
    assert_eq!(at(1_100), (2_050, 0, 0, [50, 0], 0));
    assert_eq!(at(1_121), (2_050, 0, 0, [70, 1], 0));
    assert_eq!(at(1_150), (2_050, 0, 0, [70, 30], 0), "all cover");
    assert_eq!(at(1_151), (2_050, 0, 0, [70, 30], 1));
}

#[test]
fn silence_of_the_agent_closes_at_the_last_value() {
    let mut world = running();
    world.value(1_300, [0, 0]);
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    world.now += 3_601;
    world.resolve().expect("past the deadline");
    assert_eq!((world.margins(), world.estate(0).residual), ([2_000, 0], amount(300)));
}
