//! Deposits and withdrawals.

use crate::{
    common::{amount, KEEPER, PARTY_A, PARTY_B},
    fixtures::{called, guards, refused, running, valued},
};
use ringfence_protocol::{units::Amount, vault::VaultError, Party};

guards! {
    ZeroAmount: a_deposit_moves_something { refused(&mut running(), |world| world.deposit(world.address(Party::A), 0)) }
    ZeroAmount: a_withdrawal_moves_something {
        refused(&mut running(), |world| world.withdraw(world.address(Party::A), 0))
    }
    AmountOutOfBounds: a_deposit_is_bounded {
        let mut world = running();
        world.clone().deposit(world.address(Party::A), Amount::MAX.get()).expect("at the bound");
        refused(&mut world, |world| world.deposit(world.address(Party::A), Amount::MAX.get() + 1))
    }
    AmountOutOfBounds: a_withdrawal_is_bounded {
        refused(&mut running(), |world| world.withdraw(world.address(Party::A), Amount::MAX.get() + 1))
    }

    ValuationStale: no_withdrawal_on_an_old_valuation {
        let mut world = valued();
        world.now += 600;
        world.clone().withdraw(world.address(Party::A), 1).expect("at the bound");
        world.now += 1;
        refused(&mut world, |world| world.withdraw(world.address(Party::A), 1))
    }
    ValuationStale: no_withdrawal_between_portfolio_and_first_valuation {
        refused(&mut running(), |world| world.withdraw(world.address(Party::A), 1))
    }
    /// The requirement of the old trades says nothing about the new ones.
    ValuationStale: no_withdrawal_between_a_new_portfolio_and_its_first_valuation {
        let mut world = valued();
        world.clone().withdraw(world.address(Party::A), 1).expect("before the new portfolio");
        world.agree().expect("accepted");
        refused(&mut world, |world| world.withdraw(world.address(Party::A), 1))
    }

    WithdrawalExceedsExcess: what_is_required_stays {
        let mut world = running();
        world.value(0, [400, 0]);
        world.clone().withdraw(world.address(Party::A), 600).expect("at the bound");
        refused(&mut world, |world| world.withdraw(world.address(Party::A), 601))
    }
    WithdrawalExceedsExcess: a_closed_pair_pays_each_its_own {
        let mut world = running();
        world.terminate(&world.termination(100), [PARTY_A, PARTY_B]).expect("accepted");
        world.clone().withdraw(world.address(Party::A), 1_100).expect("at the bound");
        refused(&mut world, |world| world.withdraw(world.address(Party::A), 1_101))
    }
    CallOpen: no_withdrawal_while_called {
        let mut world = called();
        world.clone().withdraw(world.address(Party::A), 1_000).expect("the other side is free");
        refused(&mut world, |world| world.withdraw(world.address(Party::B), 1))
    }
}

#[test]
fn an_unpaid_settlement_is_a_deficit_that_the_next_deposit_pays() {
    let mut world = running();
    world.value(1_300, [0, 0]);
    assert_eq!(world.margins(), [2_000, 0]);
    assert_eq!((world.vault.state.deficit.b, world.vault.state.settled.get()), (amount(300), 1_000));
    world.deposit(world.address(Party::B), 500).expect("accepted");
    assert_eq!(world.margins(), [2_300, 200]);
    assert_eq!((world.vault.state.deficit.b, world.vault.state.settled.get()), (Amount::ZERO, 1_300));
    assert!(world.vault.state.call.b.is_none());
}

/// Else a party could renew its cure period for ever with deposits that leave a little missing.
#[test]
fn a_deposit_that_leaves_something_missing_keeps_the_call_and_its_deadline() {
    let mut world = called();
    let before = world.vault.state.call.b.expect("open");
    world.deposit(world.address(Party::B), 499).expect("accepted");
    let after = world.vault.state.call.b.expect("open");
    assert_eq!((after.amount, after.deadline), (amount(1), before.deadline));
    world.deposit(world.address(Party::B), 1).expect("accepted");
    assert_eq!(world.vault.state.call.b, None);
}

#[test]
fn before_the_first_portfolio_everything_can_be_taken_back() {
    let mut world = crate::fixtures::accepted();
    world.deposit(world.address(Party::A), 10).expect("accepted");
    world.withdraw(world.address(Party::A), 10).expect("nothing is at risk");
    assert_eq!(refused(&mut world, |world| world.withdraw(KEEPER, 1)), VaultError::NotAParty);
}
