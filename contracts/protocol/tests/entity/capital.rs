//! Free capital: what comes in, what leaves, and what it must not fall below.

use crate::office::{guards, refused, vault, Office, CAROL, FOUNDER, RESERVE, STRANGER};
use ringfence_protocol::{
    entity::{Change, EntityError, EntityEvent, Reason, Stage, CAPITAL_CURE},
    units::{Amount, Timestamp},
};

#[test]
fn the_first_deposit_fills_the_reserve_and_the_reserve_stays() {
    let mut office = Office::founded();
    office.deposit(CAROL, RESERVE - 1).expect("accepted");
    assert_eq!((office.free(), office.state.ledger.reserve.get()), (0, RESERVE - 1));
    office.deposit(STRANGER, 11).expect("accepted");
    assert_eq!((office.free(), office.state.ledger.reserve.get()), (10, RESERVE));
    office.withdraw(FOUNDER, 10).expect("accepted");
    assert_eq!(refused(&mut office, |office| office.withdraw(FOUNDER, 1)), EntityError::InsufficientFreeCapital);
}

#[test]
fn what_a_vault_gives_back_is_free_again() {
    let mut office = Office::with_free(100);
    office.allocate(FOUNDER, vault(0), 60).expect("accepted");
    office.give_back(vault(0), 25).expect("accepted");
    assert_eq!((office.free(), office.cash(vault(0))), (65, 35));
}

fn short() -> Office {
    let mut office = Office::with_free(100);
    office.change(Change::Requirement(Amount::new(100)));
    assert_eq!(office.state.ledger.short_since, None, "at the requirement");
    office.allocate(FOUNDER, vault(0), 1).expect("accepted");
    office
}

#[test]
fn a_shortage_is_dated_from_its_first_second_and_ends_with_the_requirement() {
    let mut office = short();
    let since = office.now;
    assert_eq!(office.state.ledger.short_since, Some(Timestamp::new(since)));
    office.now += 10;
    office.allocate(FOUNDER, vault(0), 5).expect("accepted");
    assert_eq!(office.state.ledger.short_since, Some(Timestamp::new(since)), "a bigger one dates no later");
    office.deposit(CAROL, 5).expect("accepted");
    assert!(office.state.ledger.short_since.is_some());
    office.deposit(CAROL, 1).expect("accepted");
    assert_eq!(office.state.ledger.short_since, None);
    assert!(office.events.ends_with(&[EntityEvent::CapitalRestored]));
}

#[test]
fn a_higher_requirement_dates_a_shortage_and_a_lower_one_ends_it() {
    let mut office = Office::with_free(100);
    office.change(Change::Requirement(Amount::new(101)));
    assert_eq!(office.state.ledger.short_since, Some(Timestamp::new(office.now)));
    office.change(Change::Requirement(Amount::new(100)));
    assert_eq!(office.state.ledger.short_since, None);
}

#[test]
fn anyone_starts_a_resolution_after_a_shortage_of_its_full_time_and_not_before() {
    let mut office = short();
    office.now += CAPITAL_CURE.get();
    assert_eq!(refused(&mut office, Office::start), EntityError::NoTrigger);
    let mut cured = office.clone();
    cured.deposit(CAROL, 1).expect("in the last second");
    cured.now += 1;
    assert_eq!(refused(&mut cured, Office::start), EntityError::NoTrigger);
    office.now += 1;
    office.start().expect("due");
    let since = Timestamp::new(office.now);
    assert_eq!(office.state.ledger.stage, Stage::Resolving { since, reason: Reason::Capital });
}

guards! {
    InsufficientFreeCapital: only_what_is_free_leaves {
        let mut office = Office::with_free(10);
        let allocate = |office: &mut Office| office.allocate(FOUNDER, vault(0), 11);
        assert_eq!(refused(&mut office, allocate), EntityError::InsufficientFreeCapital);
        office.clone().withdraw(FOUNDER, 10).expect("all of it");
        refused(&mut office, |office| office.withdraw(FOUNDER, 11))
    }
    CapitalRequired: a_withdrawal_leaves_the_requirement {
        let mut office = Office::with_free(100);
        office.change(Change::Requirement(Amount::new(60)));
        office.clone().withdraw(FOUNDER, 40).expect("at the bound");
        refused(&mut office, |office| office.withdraw(FOUNDER, 41))
    }
    AmountOutOfBounds: amounts_are_more_than_nothing_and_bounded {
        let mut office = Office::with_free(10);
        for amount in [0, Amount::MAX.get() + 1, u128::MAX] {
            let outcomes = [
                refused(&mut office, |office| office.deposit(CAROL, amount)),
                refused(&mut office, |office| office.withdraw(FOUNDER, amount)),
                refused(&mut office, |office| office.allocate(FOUNDER, vault(0), amount)),
            ];
            assert_eq!(outcomes, [EntityError::AmountOutOfBounds; 3]);
        }
        office.deposit(CAROL, Amount::MAX.get()).expect("at the bound");
        let nothing = office.state.returned(&office.env(STRANGER), vault(0), Amount::ZERO);
        nothing.expect_err("nothing came back")
    }
    CapitalStays: in_a_resolution_capital_stays_with_a_pair_that_runs {
        let office = Office::resolving(100, 1);
        assert_eq!(office.state.check_release(&office.env(STRANGER), true), Ok(()));
        office.state.check_release(&office.env(FOUNDER), false).expect_err("refused")
    }
}
