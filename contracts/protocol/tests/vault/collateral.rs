//! Collateral that is not cash: it counts against initial margin, never against variation margin.

use crate::{
    common::{amount, full_terms, schedule, signed, Real, World, ENTITY, KEEPER, TOKENS},
    fixtures::{full, guards, refused, replaceable, running, Pair},
};
use ringfence_protocol::{
    collateral::{CollateralError, PRICE_UNIT},
    units::{Amount, Bps},
    vault::{Command, VaultError},
    Party,
};

/// The full pair with 1,000 of the first token posted by B, which count for 900 of the 1,900 it has to post.
fn posted() -> Pair {
    let mut world = full();
    world.post(world.address(Party::B), 0, 1_000).expect("accepted");
    world.value(0, [0, 1_900]);
    assert!(world.vault.state.call.b.is_none());
    world
}

guards! {
    NotAParty: only_parties_post { refused(&mut full(), |world| world.post(ENTITY, 0, 1)) }
    NotAParty: only_parties_take_back { refused(&mut posted(), |world| world.take_back(KEEPER, 0, 1)) }
    NotAParty: only_parties_substitute { refused(&mut posted(), |world| world.substitute(KEEPER, [1, 1], [0, 1])) }
    NotActive: nothing_is_posted_in_a_default {
        refused(&mut replaceable(), |world| world.post(world.address(Party::B), 0, 1))
    }
    NotActive: nothing_is_taken_back_in_a_default {
        let mut world = posted();
        world.declare_default(world.address(Party::B), Party::B).expect("accepted");
        let back = refused(&mut world, |world| world.take_back(world.address(Party::B), 0, 1));
        assert_eq!(back, VaultError::NotActive);
        refused(&mut world, |world| world.substitute(world.address(Party::B), [1, 1_000], [0, 1]))
    }
    ZeroAmount: a_posting_moves_something { refused(&mut full(), |world| world.post(world.address(Party::A), 0, 0)) }
    ZeroAmount: a_substitution_moves_something_both_ways {
        let error = refused(&mut posted(), |world| world.substitute(world.address(Party::B), [1, 0], [0, 1]));
        assert_eq!(error, VaultError::ZeroAmount);
        refused(&mut posted(), |world| world.substitute(world.address(Party::B), [1, 1], [0, 0]))
    }
    AmountOutOfBounds: a_posting_is_bounded {
        let most = Amount::MAX.get();
        full().post(full().address(Party::A), 0, most).expect("at the bound");
        refused(&mut full(), |world| world.post(world.address(Party::A), 0, most + 1))
    }
    NotEligible: only_eligible_assets_are_posted {
        full().post(full().address(Party::A), 1, 1).expect("the last index");
        refused(&mut full(), |world| world.post(world.address(Party::A), 2, 1))
    }
    NotEligible: nothing_is_eligible_without_a_schedule {
        refused(&mut running(), |world| world.post(world.address(Party::A), 0, 1))
    }
    NotEligible: no_index_is_too_large { refused(&mut full(), |world| world.post(world.address(Party::A), usize::MAX, 1)) }
    InsufficientCollateral: nobody_takes_back_more_than_it_posted {
        let mut world = full();
        world.post(world.address(Party::B), 1, 7).expect("accepted");
        world.post(world.address(Party::A), 1, 70).expect("the other side's is not B's");
        world.clone().take_back(world.address(Party::B), 1, 7).expect("at the bound");
        refused(&mut world, |world| world.take_back(world.address(Party::B), 1, 8))
    }
    WithdrawalExceedsExcess: what_is_required_stays_posted {
        let mut world = posted();
        world.value(0, [0, 1_801]);
        // 890 count for 801: what 110 less leave.
        world.clone().take_back(world.address(Party::B), 0, 110).expect("at the bound");
        refused(&mut world, |world| world.take_back(world.address(Party::B), 0, 111))
    }
    WithdrawalExceedsExcess: a_substitution_leaves_no_more_missing_than_before {
        let mut world = posted();
        // At the haircuts of 10 % and 50 %, 180 of the second stand for 100 of the first.
        world.clone().substitute(world.address(Party::B), [1, 180], [0, 100]).expect("at the bound");
        refused(&mut world, |world| world.substitute(world.address(Party::B), [1, 179], [0, 100]))
    }
    WithdrawalExceedsExcess: a_substitution_counts_the_concentration_limit {
        let mut world = posted();
        // The second counts for 300 at most.
        world.clone().substitute(world.address(Party::B), [1, 600], [0, 333]).expect("at the bound");
        refused(&mut world, |world| world.substitute(world.address(Party::B), [1, 700], [0, 334]))
    }
    CallOpen: nothing_is_taken_back_while_called {
        let mut world = posted();
        world.value(0, [0, 2_000]);
        refused(&mut world, |world| world.take_back(world.address(Party::B), 0, 1))
    }
    ValuationStale: nothing_is_taken_back_on_an_old_valuation {
        let mut world = posted();
        world.value(0, [0, 0]);
        world.now += 600;
        world.clone().take_back(world.address(Party::B), 0, 1).expect("at the bound");
        world.now += 1;
        refused(&mut world, |world| world.take_back(world.address(Party::B), 0, 1))
    }
    ValuationStale: nothing_is_substituted_on_an_old_valuation {
        let mut world = posted();
        world.now += 601;
        refused(&mut world, |world| world.substitute(world.address(Party::B), [1, 1_000], [0, 1]))
    }
}

#[test]
fn collateral_counts_after_its_haircut_and_up_to_its_limit() {
    let mut world = full();
    let count = |world: &Pair| world.vault.state.credit.b.get();
    world.post(world.address(Party::B), 0, 999).expect("accepted");
    assert_eq!(count(&world), 899, "90 % of 999, rounded down");
    world.post(world.address(Party::B), 1, 599).expect("accepted");
    assert_eq!(count(&world), 899 + 299);
    world.post(world.address(Party::B), 1, 10_000).expect("accepted");
    assert_eq!(count(&world), 899 + 300, "the concentration limit");
    world.now += 1;
    let mut message = world.instruction(0);
    message.collateral[0].price = amount(PRICE_UNIT / 2);
    message.collateral[1].haircut = Bps::ONE;
    world.settle(&message).expect("accepted");
    assert_eq!(count(&world), 449, "at the new marks: 90 % of 499, and nothing");
}

#[test]
fn collateral_closes_a_call_for_initial_margin_at_once() {
    let mut world = full();
    world.value(0, [0, 1_450]);
    assert_eq!(world.vault.state.call.b.map(|call| call.amount.get()), Some(450));
    world.post(world.address(Party::B), 0, 499).expect("accepted");
    assert_eq!(world.vault.state.call.b.map(|call| call.amount.get()), Some(1));
    world.post(world.address(Party::B), 0, 1).expect("accepted");
    assert_eq!(world.vault.state.call.b, None);
}

/// Variation margin is paid in the settlement asset: no collateral closes a call for it.
#[test]
fn collateral_does_not_pay_variation_margin() {
    let mut world = full();
    world.value(1_100, [0, 0]);
    world.post(world.address(Party::B), 0, 4_000).expect("accepted");
    assert_eq!(world.vault.state.call.b.map(|call| call.amount.get()), Some(100));
}

/// A mark that is too old closes nothing: the collateral counts from the next instruction on.
#[test]
fn collateral_posted_on_an_old_valuation_counts_from_the_next_instruction() {
    let mut world = full();
    world.value(0, [0, 1_450]);
    world.now += 601;
    world.post(world.address(Party::B), 0, 1_000).expect("accepted");
    assert_eq!((world.vault.state.credit.b.get(), world.vault.state.call.b.is_some()), (0, true));
    world.value(0, [0, 1_450]);
    assert_eq!((world.vault.state.credit.b.get(), world.vault.state.call.b.is_some()), (900, false));
}

#[test]
fn before_the_first_portfolio_and_after_the_end_collateral_comes_back() {
    let mut world = World::<Real>::active(full_terms::<Real>(), schedule());
    world.post(world.address(Party::A), 0, 10).expect("accepted");
    world.take_back(world.address(Party::A), 0, 10).expect("nothing is at risk");

    let mut world = posted();
    world.terminate(&world.termination(0), world.keys()).expect("accepted");
    world.take_back(world.address(Party::B), 0, 1_000).expect("the pair is over");
    assert_eq!((world.balance_of(TOKENS[0]), world.surplus(TOKENS[0])), (0, 0));
}

#[test]
fn every_error_of_the_book_is_one_of_the_vault() {
    let pairs = [
        (CollateralError::MarksMismatch, VaultError::MarksMismatch),
        (CollateralError::HaircutTooSmall, VaultError::HaircutTooSmall),
        (CollateralError::NotEligible, VaultError::NotEligible),
        (CollateralError::InsufficientCollateral, VaultError::InsufficientCollateral),
        (CollateralError::ArithmeticOverflow, VaultError::ArithmeticOverflow),
    ];
    for (error, expected) in pairs {
        assert_eq!(VaultError::from(error), expected);
    }
    let command = Command::Dispute { stated: signed(0) };
    assert_eq!(refused(&mut full(), |world| world.run(ENTITY, command)), VaultError::NotAParty);
}
