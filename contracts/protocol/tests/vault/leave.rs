//! Leaving a silent oracle, and ending by agreement.

use crate::{
    common::{amount, ENTITY, PARTY_A, PARTY_B},
    fixtures::{guards, refused, running},
};
use ringfence_protocol::{
    units::Amount,
    vault::{Phase, VaultError, VaultEvent},
    Party,
};

guards! {
    OracleNotTimedOut: nobody_leaves_before_the_timeout {
        let mut world = running();
        world.now += 7_200;
        let error = refused(&mut world, |world| world.leave(world.address(Party::A)));
        world.now += 1;
        world.leave(world.address(Party::A)).expect("past the bound");
        error
    }
    TerminationUnfunded: a_termination_is_paid_in_full {
        let mut world = running();
        for all in [1_000, -1_000] {
            world.clone().terminate(&world.termination(all), [PARTY_A, PARTY_B]).expect("at the bound");
        }
        let error = refused(&mut world, |world| world.terminate(&world.termination(-1_001), [PARTY_A, PARTY_B]));
        assert_eq!(error, VaultError::TerminationUnfunded);
        refused(&mut world, |world| world.terminate(&world.termination(1_001), [PARTY_A, PARTY_B]))
    }
}

#[test]
fn whoever_leaves_first_after_a_timeout_the_debtor_pays() {
    for caller in Party::BOTH {
        let mut world = running();
        world.value(1_300, [0, 0]);
        world.add_first_loss(ENTITY, 200, 200).expect("accepted");
        world.now += 7_201;
        world.leave(world.address(caller)).expect("accepted");
        assert_eq!(world.vault.state.phase, Phase::Closed { defaulter: Some(Party::B) });
        assert_eq!(world.margins(), [2_200, 0]);
        assert_eq!((world.vault.state.first_loss, world.estate(0).residual), (Amount::ZERO, amount(100)));
    }
}

#[test]
fn leaving_a_silent_oracle_is_a_default_only_of_a_debtor_whose_margin_does_not_pay() {
    let leave = |margin_of_b_pays: bool| {
        let mut world = running();
        world.value(if margin_of_b_pays { 900 } else { 1_100 }, [0, 0]);
        world.now += world.vault.agreement.terms.periods.oracle_timeout.get() + 1;
        world.leave(world.address(Party::A)).expect("accepted");
        let defaulted = world.events.iter().any(|event| matches!(event, VaultEvent::Defaulted { .. }));
        (world.vault.state.phase, defaulted)
    };
    assert_eq!(leave(true), (Phase::Closed { defaulter: None }, false));
    assert_eq!(leave(false), (Phase::Closed { defaulter: Some(Party::B) }, true));
}
