//! The sale of a defaulter's collateral, and what nobody buys.

use crate::{phase, signed};
use ringfence_bindings::IMarginVault as vault;
use ringfence_devchain::{Actor, Located, USDT};
use ringfence_protocol::Party;
use ringfence_suites::{Mark, Stage, FIRST_LOSS, FULL_PERIODS, MARGIN, USD};

/// What A has posted, and what it owes beyond its margin.
const SEIZED: u128 = 200_000 * USD;
const MISSING: u128 = 90_000 * USD;
const AUCTION: u64 = FULL_PERIODS.auction.get();

/// A's claim is determined and the replacement window over: the sale has begun.
fn on_sale() -> (Stage, Actor) {
    let mut stage = Stage::full(1);
    stage.mark(0, Mark::default());
    stage.post(0, Party::A, SEIZED);
    stage.give_up(0, Party::A);
    let message = stage.determination(0, Party::A, signed(MARGIN + MISSING));
    stage.close_out(0, &message, &[0, 1, 2]);
    stage.session.advance(FULL_PERIODS.replacement.get() + 1);
    let report = stage.resolve_default(0);
    let begun = report.events_from::<vault::AuctionBegun>(stage.vault(0));
    assert_eq!(begun[0].deadline, stage.session.now() + AUCTION);
    let buyer = stage.session.eth_actor("buyer");
    let vault = stage.vault(0);
    stage.fund(&buyer, vault, MARGIN);
    stage.session.mint(USDT, &buyer, USD).expect("above the minimum");
    (stage, buyer)
}

fn buy(quantity: u128, limit: u128) -> vault::buyCollateralCall {
    vault::buyCollateralCall { purchase: vault::Purchase { index: 0, quantity, limit } }
}

fn price(stage: &mut Stage, quantity: u128) -> u128 {
    let vault = stage.vault(0);
    stage.read(vault, vault::auctionPriceCall { collateral: vault::CollateralMove { index: 0, quantity } })
}

#[test]
fn the_price_falls_in_equal_steps_from_the_mark_to_a_tenth_of_it() {
    let (mut stage, _) = on_sale();
    assert_eq!(price(&mut stage, 1_000), 1_000);
    stage.session.advance(AUCTION / 2);
    assert_eq!(price(&mut stage, 1_000), 550);
    stage.session.advance(AUCTION / 2);
    assert_eq!(price(&mut stage, 1_000), 100);
}

#[test]
fn anyone_buys_at_the_price_of_now_and_the_proceeds_pay_the_loss_before_any_layer() {
    let (mut stage, buyer) = on_sale();
    let vault = stage.vault(0);
    stage.must(&buyer, vault, buy(MISSING, MISSING));
    assert_eq!(stage.session.balance(USDT, &buyer), MISSING + USD);
    assert_eq!(stage.side(0, Party::A).margin, MARGIN + MISSING);
    stage.assert_conserved();
    stage.resolve_default(0);
    let status = stage.status(0);
    assert_eq!((status.phase, status.tail.firstLoss), (phase::CLOSED, FIRST_LOSS));
    assert_eq!(status.sides[1].margin, 2 * MARGIN + MISSING);
    // What was not needed is the defaulter's own.
    let rest = vault::CollateralMove { index: 0, quantity: SEIZED - MISSING };
    let a = stage.pairs[0].a.clone();
    stage.must(&a, vault, vault::returnCollateralCall { returned: rest });
    stage.assert_conserved();
}

#[test]
fn purchase_refused_above_the_limit_of_nothing_beyond_the_need_and_after_the_sale() {
    let (mut stage, buyer) = on_sale();
    let vault = stage.vault(0);
    stage.assert_refused::<vault::PriceAboveLimit>(&buyer, vault, buy(1_000, 999));
    stage.assert_refused::<vault::MoreThanNeeded>(&buyer, vault, buy(MISSING + 1, MARGIN));
    stage.assert_refused::<vault::ZeroAmount>(&buyer, vault, buy(0, 0));
    stage.session.advance(AUCTION);
    stage.assert_refused::<vault::InsufficientCollateral>(&buyer, vault, buy(SEIZED + 1, MARGIN));
    stage.must(&buyer, vault, buy(1_000, 100));
    stage.session.advance(1);
    stage.assert_refused::<vault::NoAuction>(&buyer, vault, buy(1_000, 1_000));
}

#[test]
fn purchase_refused_without_a_default_or_a_sale() {
    let mut stage = Stage::full(1);
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    stage.assert_refused::<vault::NotDefaulted>(&keeper, vault, buy(1, 1));
    stage.give_up(0, Party::A);
    stage.assert_refused::<vault::NoAuction>(&keeper, vault, buy(1, 1));
}

#[test]
fn a_sale_is_waited_for_and_what_nobody_bought_goes_to_the_survivor_in_kind() {
    let (mut stage, _) = on_sale();
    let (keeper, pair) = (stage.keeper.clone(), stage.pairs[0].clone());
    let resolve = vault::resolveDefaultCall {};
    stage.assert_refused::<vault::AuctionRunning>(&keeper, pair.vault, resolve.clone());
    stage.session.advance(AUCTION);
    stage.assert_refused::<vault::AuctionRunning>(&keeper, pair.vault, resolve);
    stage.session.advance(1);
    stage.resolve_default(0);
    assert_eq!(stage.status(0).phase, phase::CLOSED);
    // At a tenth of the mark all of it would not have brought in what is missing.
    assert_eq!(stage.collectable_of(0, &pair.b, USDT.address()), SEIZED);
    stage.assert_conserved();
    stage.collect(0, &pair.b, USDT.address());
    assert_eq!(stage.session.balance(USDT, &pair.b), SEIZED);
    stage.assert_conserved();
}
