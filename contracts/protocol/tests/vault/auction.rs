//! The sale of a debtor's collateral, and what becomes of what nobody buys.

use crate::{
    common::{amount, schedule, Real, World, ASSET, KEEPER, SIGNERS, TOKENS},
    fixtures::{guards, refused, terms, Pair},
};
use ringfence_protocol::{
    units::Amount,
    vault::{Command, Phase, VaultError},
    Party,
};

fn buy(index: usize, quantity: u128, limit: u128) -> Command<'static> {
    Command::BuyCollateral { index, quantity: amount(quantity), limit: amount(limit) }
}

/// B posted 1,000 of each token, is in default, and owes 400 more than its margin of 1,000.
fn owing() -> Pair {
    let mut world = World::running(terms(), schedule(), 1_000);
    for index in [0, 1] {
        world.post(world.address(Party::B), index, 1_000).expect("accepted");
    }
    world.value(0, [0, 0]);
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    world
}

/// The agent said so, and the sale runs.
fn selling() -> Pair {
    let mut world = owing();
    world.determine(&world.determination(Party::B, 1_400), &SIGNERS).expect("accepted");
    assert_eq!(world.vault.state.phase, owing().vault.state.phase);
    world
}

guards! {
    NotDefaulted: nothing_is_sold_without_a_default {
        refused(&mut crate::fixtures::full(), |world| world.keep(buy(0, 1, 1)))
    }
    NoAuction: nothing_is_sold_before_the_auction { refused(&mut owing(), |world| world.keep(buy(0, 1, 1))) }
    NoAuction: nothing_is_sold_after_the_auction {
        let mut world = selling();
        world.now += 900;
        world.clone().keep(buy(0, 1, 1)).expect("at the bound");
        world.now += 1;
        refused(&mut world, |world| world.keep(buy(0, 1, 1)))
    }
    AuctionRunning: the_close_out_waits_for_the_auction {
        let mut world = selling();
        world.now += 900;
        let error = refused(&mut world, |world| world.resolve());
        world.now += 1;
        world.resolve().expect("past the bound");
        error
    }
    ZeroAmount: a_purchase_is_of_something { refused(&mut selling(), |world| world.keep(buy(0, 0, 1))) }
    NotEligible: only_what_is_eligible_is_for_sale { refused(&mut selling(), |world| world.keep(buy(2, 1, 1))) }
    InsufficientCollateral: no_more_is_sold_than_was_posted {
        let mut world = selling();
        world.now += 900;
        world.clone().keep(buy(0, 1_000, 100)).expect("at the bound");
        refused(&mut world, |world| world.keep(buy(0, 1_001, 1_000)))
    }
    PriceAboveLimit: a_buyer_pays_no_more_than_its_limit {
        let mut world = selling();
        world.clone().keep(buy(0, 400, 400)).expect("at the bound");
        refused(&mut world, |world| world.keep(buy(0, 400, 399)))
    }
    MoreThanNeeded: no_more_is_sold_than_the_claim_needs {
        refused(&mut selling(), |world| world.keep(buy(0, 401, 1_000)))
    }
    MoreThanNeeded: what_the_last_mark_says_is_worth_nothing_is_not_sold {
        let mut world = World::running(terms(), schedule(), 1_000);
        world.post(world.address(Party::B), 0, 1_000).expect("accepted");
        let mut message = world.instruction(0);
        message.collateral[0].price = Amount::ZERO;
        world.settle(&message).expect("accepted");
        world.declare_default(world.address(Party::B), Party::B).expect("accepted");
        world.determine(&world.determination(Party::B, 1_400), &SIGNERS).expect("accepted");
        refused(&mut world, |world| world.keep(buy(0, 1, 1)))
    }
    AmountOutOfBounds: a_purchase_is_bounded {
        refused(&mut selling(), |world| world.keep(buy(0, Amount::MAX.get() + 1, u128::MAX)))
    }
}

/// From the mark to a tenth of it in equal steps, rounded up.
#[test]
fn the_price_falls_in_equal_steps_to_a_tenth_of_the_mark() {
    let cost = |passed: u64, quantity: u128| {
        let mut world = selling();
        world.now += passed;
        world.keep(buy(0, quantity, 1_000)).expect("accepted");
        assert_eq!(world.surplus(TOKENS[0]), 0);
        -(1_000 - i128::try_from(world.margin(Party::B)).expect("small"))
    };
    assert_eq!((cost(0, 400), cost(450, 400), cost(900, 400)), (400, 220, 40));
    assert_eq!(cost(1, 100), 100, "99.9, rounded up");
    assert_eq!(cost(900, 1), 1, "0.1, rounded up");
}

/// What the sale brings in pays the claim; the rest of the collateral is the defaulter's again.
#[test]
fn a_sale_that_reaches_ends_the_default_at_once() {
    let mut world = selling();
    world.keep(buy(0, 400, 400)).expect("accepted");
    assert_eq!(world.paid_in[&(KEEPER, TOKENS[0])], -400);
    world.resolve().expect("nothing is missing any more");
    assert_eq!(world.vault.state.phase, Phase::Closed { defaulter: Some(Party::B) });
    assert_eq!(world.margins(), [2_400, 0]);
    assert!(world.vault.estates.0.is_empty());
    world.take_back(world.address(Party::B), 0, 600).expect("its own");
    world.take_back(world.address(Party::B), 1, 1_000).expect("its own");
    assert_eq!((world.surplus(ASSET), world.surplus(TOKENS[0]), world.balance_of(TOKENS[0])), (0, 0, 0));
}

/// A claim that the margin pays touches no collateral.
#[test]
fn no_collateral_is_sold_that_the_claim_does_not_need() {
    let mut world = owing();
    world.determine(&world.determination(Party::B, 1_000), &SIGNERS).expect("accepted");
    assert_eq!(world.vault.state.phase, Phase::Closed { defaulter: Some(Party::B) });
    assert_eq!((world.posted(Party::B, 0), world.margins()), (1_000, [2_000, 0]));
}

/// A survivor that owes is the debtor: its collateral is sold, and no layer pays for it.
#[test]
fn a_survivor_that_owes_sells_its_own_collateral() {
    let mut world = World::running(terms(), schedule(), 1_000);
    world.post(world.address(Party::A), 0, 1_000).expect("accepted");
    world.value(0, [0, 0]);
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    world.determine(&world.determination(Party::B, -1_200), &SIGNERS).expect("accepted");
    assert_eq!(refused(&mut world, |world| world.resolve()), VaultError::AuctionRunning);
    world.keep(buy(0, 200, 200)).expect("accepted");
    world.resolve().expect("nothing is missing");
    assert_eq!((world.margins(), world.posted(Party::A, 0)), ([0, 2_200], 800));
    assert!(World::<Real>::eq(&world, &world.clone()));
}
