use crate::market::{guards, refused, usdc, Market, ALICE, BOB, CAROL, DAY, SPONSOR, USDC};
use ringfence_protocol::{
    bond::{BondError, BondEvent, BondState},
    units::Amount,
    Address,
};

guards! {
    InvalidAddress: notes_are_not_sent_to_nobody {
        refused(&mut Market::on_risk(), |market| market.transfer(ALICE, Address::zero(), Amount::new(1)))
    }
    InsufficientBalance: no_more_notes_than_there_are {
        Market::on_risk().transfer(ALICE, BOB, usdc(600_000)).expect("at the bound");
        let more = Amount::new(usdc(600_000).get() + 1);
        refused(&mut Market::on_risk(), |market| market.transfer(ALICE, BOB, more))
    }
    InsufficientAllowance: no_more_than_the_allowance {
        assert_eq!(BondState::spend_allowance(5, Amount::new(5)), Ok(0));
        assert_eq!(BondState::spend_allowance(u128::MAX, Amount::new(5)), Ok(u128::MAX), "no limit");
        BondState::spend_allowance(5, Amount::new(6)).expect_err("refused")
    }
    NothingDue: nothing_has_accrued_yet { refused(&mut Market::on_risk(), |market| market.collect(ALICE)) }
    NothingDue: nothing_for_a_stranger { refused(&mut Market::redeeming(), |market| market.collect(CAROL)) }
    ArithmeticOverflow: what_can_not_be_held_is_refused {
        let mut market = Market::on_risk();
        market.state.due = Amount::new(u128::MAX);
        market.now += DAY;
        refused(&mut market, |market| market.collect(ALICE))
    }
}

/// A fifth of a year at 10 % on 600,000 and 400,000.
#[test]
fn premium_accrues_by_the_second() {
    let mut market = Market::on_risk();
    market.now += 73 * DAY;
    assert_eq!((market.collect(ALICE), market.collect(BOB)), (Ok(usdc(12_000).get()), Ok(usdc(8_000).get())));
}

#[test]
fn premium_stops_at_the_end_of_the_risk_period() {
    let mut market = Market::on_risk();
    market.now += 365 * DAY;
    let at_the_end = market.position(ALICE).premium;
    market.now += DAY;
    assert_eq!((at_the_end, market.position(ALICE).premium), (usdc(60_000), usdc(60_000)));
}

#[test]
fn a_transfer_never_moves_premium_earned_before_it() {
    let mut market = Market::on_risk();
    market.now += 73 * DAY;
    market.transfer(BOB, ALICE, usdc(400_000)).expect("accepted");
    market.now += 73 * DAY;
    assert_eq!(market.position(BOB).premium, usdc(8_000));
    assert_eq!(market.position(ALICE).premium, usdc(12_000 + 20_000));
}

/// ERC-20 asks that a transfer to oneself succeeds; it moves nothing, and still not more than there is.
#[test]
fn a_transfer_to_oneself_moves_nothing() {
    let mut market = Market::on_risk();
    market.now += DAY;
    market.transfer(ALICE, ALICE, usdc(600_000)).expect("accepted");
    assert_eq!((market.holder(ALICE).face, market.state.supply), (usdc(600_000), usdc(1_000_000)));
    let more = Amount::new(usdc(600_000).get() + 1);
    assert_eq!(market.transfer(ALICE, ALICE, more), Err(BondError::InsufficientBalance));
}

/// Principal is redeemable the second after notice, and not before.
#[test]
fn redemption_is_on_time() {
    let mut market = Market::redeeming();
    market.now -= 1;
    assert_eq!(market.clone().collect(ALICE), Ok(usdc(60_000).get()));
    market.now += 1;
    assert_eq!((market.collect(ALICE), market.collect(BOB)), (Ok(usdc(660_000).get()), Ok(usdc(440_000).get())));
    assert!(market.events.contains(&BondEvent::Transfer { from: ALICE, to: Address::zero(), amount: usdc(600_000) }));
    assert_eq!((market.state.supply, market.state.face), (Amount::ZERO, Amount::ZERO));
    assert_eq!((market.refund(SPONSOR), market.balance), (Ok(usdc(20_000).get()), 7));
}

/// What became redeemable stays with whoever held the notes when it did.
#[test]
fn a_transfer_after_redemption_moves_no_principal() {
    let mut market = Market::redeeming();
    market.transfer(ALICE, BOB, usdc(600_000)).expect("accepted");
    assert_eq!((market.collect(ALICE), market.collect(BOB)), (Ok(usdc(660_000).get()), Ok(usdc(440_000).get())));
    assert_eq!(market.state.face, Amount::ZERO);
}

/// However often an account is touched, each touch costs its holder less than a base unit. An hour earns Alice
/// 6,849,315.07 units; touched every hour for a year she has lost the fractions of 8,760 hours and nothing else.
#[test]
fn accruing_every_hour_costs_less_than_a_unit_each_time() {
    let mut market = Market::on_risk();
    for _ in 0..365 * 24 {
        market.now += 3_600;
        market.transfer(ALICE, BOB, Amount::ZERO).expect("accepted");
    }
    let lost = 60_000 * USDC - market.holder(ALICE).premium.get();
    assert!(lost <= 365 * 24, "{lost}");
}

/// A holder with nothing left but premium keeps it when the last note ends.
#[test]
fn premium_of_a_former_holder_survives_the_last_note() {
    let mut market = Market::on_risk();
    market.now += 73 * DAY;
    market.transfer(BOB, ALICE, usdc(400_000)).expect("accepted");
    market.now += 400 * DAY;
    market.collect(ALICE).expect("accepted");
    assert_eq!((market.state.face, market.state.due), (Amount::ZERO, usdc(8_000)));
    assert_eq!(market.collect(BOB), Ok(usdc(8_000).get()));
}

/// A unit that two holders can't share, of principal and of a recovery, goes to the sponsor when the last notes end.
#[test]
fn what_roundings_leave_goes_to_the_sponsor_with_the_last_note() {
    let mut market = Market::on_risk();
    market.claim(market.terms.vault, Amount::new(1)).expect("accepted");
    market.now += 366 * DAY + 1;
    // 999,999,999,999 units behind six and four tenths of the notes: 0.4 and 0.6 of a unit are left.
    let paid = [market.collect(ALICE).expect("accepted"), market.collect(BOB).expect("accepted")];
    let premium = [usdc(60_000).get(), usdc(40_000).get()];
    assert!(paid[0] <= premium[0] + 599_999_999_999 && paid[1] <= premium[1] + 399_999_999_999);
    market.refund(SPONSOR).expect("accepted");
    market.recover(Amount::new(1)).expect("accepted");
    let reserve = market.state.reserve.get();
    let left = market.balance - reserve;
    assert!(market.state.released.get() >= 2 && !market.state.face.is_zero(), "notes wait with what is left");
    assert_eq!((market.collect(ALICE), market.collect(BOB)), (Ok(0), Ok(0)));
    assert!(market.state.face.is_zero() && market.state.premium.is_zero() && market.state.released.is_zero());
    assert_eq!((market.refund(SPONSOR), market.balance), (Ok(left), reserve));
}
