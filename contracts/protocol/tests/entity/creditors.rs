//! Claims: who admits, lowers, transfers and collects them.

use crate::office::{guards, refused, Office, ALICE, BOB, CAROL, FOUNDER, STRANGER};
use ringfence_protocol::{
    entity::{Class, EntityError, Role, CLAIMS_WINDOW},
    units::Amount,
    Address,
};

/// With an agent of its own, two ordinary claims, 90 free and claims closed.
fn closed() -> Office {
    let mut office = Office::with_free(90);
    office.hand_over(Role::Agent, CAROL);
    office.admit(FOUNDER, Class::Ordinary, ALICE, 100).expect("the admin");
    office.declare(FOUNDER).expect("the admin");
    office.admit(CAROL, Class::Ordinary, BOB, 200).expect("the agent");
    office.now += CLAIMS_WINDOW.get() + 1;
    office
}

fn distributed() -> Office {
    let mut office = closed();
    office.distribute().expect("claims are closed");
    office
}

#[test]
fn claims_are_admitted_up_to_the_last_moment_of_the_window() {
    let mut office = Office::resolving(0, 0);
    office.now += CLAIMS_WINDOW.get();
    let number = office.admit(FOUNDER, Class::Preferential, ALICE, 5).expect("the last moment");
    office.reduce(FOUNDER, number, 4).expect("the last moment");
    office.now += 1;
    let admit = |office: &mut Office| office.admit(FOUNDER, Class::Preferential, ALICE, 5);
    assert_eq!(refused(&mut office, admit), EntityError::ClaimsClosed);
    assert_eq!(refused(&mut office, |office| office.reduce(FOUNDER, number, 3)), EntityError::ClaimsClosed);
}

#[test]
fn a_holder_waives_and_the_agent_lowers_in_a_resolution_and_nobody_else() {
    let mut office = Office::with_free(0);
    office.hand_over(Role::Agent, CAROL);
    let number = office.admit(FOUNDER, Class::Ordinary, ALICE, 100).expect("the admin");
    assert_eq!(refused(&mut office, |office| office.reduce(FOUNDER, number, 1)), EntityError::NotTheHolder);
    assert_eq!(refused(&mut office, |office| office.reduce(CAROL, number, 1)), EntityError::NotUnderResolution);
    office.reduce(ALICE, number, 90).expect("the holder");
    office.declare(FOUNDER).expect("the admin");
    assert_eq!(refused(&mut office, |office| office.reduce(FOUNDER, number, 1)), EntityError::NotTheHolder);
    office.reduce(CAROL, number, 0).expect("the agent");
    assert_eq!(office.state.class(Class::Ordinary).claims, Amount::ZERO);
}

#[test]
fn a_claim_moves_with_all_that_is_not_paid_out() {
    let mut office = distributed();
    office.transfer(ALICE, 0, STRANGER).expect("the holder");
    assert_eq!(refused(&mut office, |office| office.collect(ALICE, 0)), EntityError::NotTheHolder);
    assert_eq!(refused(&mut office, |office| office.transfer(ALICE, 0, ALICE)), EntityError::NotTheHolder);
    assert_eq!(office.collect(STRANGER, 0), Ok(30));
    office.deposit(CAROL, 30).expect("accepted");
    office.distribute().expect("claims are closed");
    office.transfer(STRANGER, 0, BOB).expect("the holder");
    assert_eq!(office.collect(BOB, 0), Ok(10), "what was paid stays paid");
    assert_eq!(office.cash(STRANGER), 30);
}

#[test]
fn nobody_elses_refusal_to_collect_holds_anybody_up() {
    let mut office = distributed();
    assert_eq!(office.collect(BOB, 1), Ok(60));
    office.give_back(CAROL, 210).expect("accepted");
    office.distribute().expect("claims are closed");
    assert_eq!(office.collect(BOB, 1), Ok(140));
    assert_eq!(office.collect(ALICE, 0), Ok(100));
}

guards! {
    ClaimsOpen: nothing_is_distributed_while_claims_come_in {
        let mut office = Office::resolving(10, 0);
        office.now += CLAIMS_WINDOW.get();
        refused(&mut office, Office::distribute)
    }
    ClaimsClosed: nothing_is_claimed_after_it { refused(&mut closed(), |office| office.admit(CAROL, Class::Ordinary, BOB, 1)) }
    UnknownClass: classes_have_four_numbers {
        for class in Class::ALL {
            assert_eq!(Class::numbered(class.number()), Ok(class));
        }
        Class::numbered(4).expect_err("refused")
    }
    NotTheHolder: a_claim_is_its_holders { refused(&mut distributed(), |office| office.collect(BOB, 0)) }
    NothingToDo: what_is_collected_is_gone {
        let mut office = distributed();
        office.collect(ALICE, 0).expect("the holder");
        assert_eq!(refused(&mut office, Office::distribute), EntityError::NothingToDo);
        refused(&mut office, |office| office.collect(ALICE, 0))
    }
    InvalidAddress: nobody_holds_no_claim {
        let mut office = distributed();
        assert_eq!(refused(&mut office, |office| office.transfer(ALICE, 0, Address::zero())), EntityError::InvalidAddress);
        refused(&mut Office::resolving(0, 0), |office| office.admit(FOUNDER, Class::Ordinary, Address::zero(), 1))
    }
    AmountOutOfBounds: claims_are_bounded_each_and_together {
        let mut office = Office::resolving(0, 0);
        assert_eq!(refused(&mut office, |office| office.admit(FOUNDER, Class::Ordinary, ALICE, 0)), EntityError::AmountOutOfBounds);
        let number = office.admit(FOUNDER, Class::Ordinary, ALICE, Amount::MAX.get()).expect("at the bound");
        let raise = |office: &mut Office| office.reduce(ALICE, number, Amount::MAX.get());
        assert_eq!(refused(&mut office, raise), EntityError::AmountOutOfBounds, "to what it is");
        refused(&mut office, |office| office.admit(FOUNDER, Class::Ordinary, BOB, 1))
    }
    InsufficientFreeCapital: surplus_is_what_every_class_leaves {
        let mut office = closed();
        office.deposit(STRANGER, 300).expect("accepted");
        office.distribute().expect("claims are closed");
        assert_eq!(office.state.ledger.surplus.get(), 90);
        assert_eq!(refused(&mut office, |office| office.take_surplus(CAROL, 1)), EntityError::NotTheAdmin);
        office.take_surplus(FOUNDER, 90).expect("the admin");
        refused(&mut office, |office| office.take_surplus(FOUNDER, 1))
    }
}
