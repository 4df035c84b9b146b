use crate::common::Real;
use crate::market::{
    guards, refused, sealed_terms, terms, usdc, Market, ALICE, BOB, CAROL, DAY, SERIES, SPONSOR, START,
};
use ringfence_protocol::{
    bond::{BondError, BondEvent, BondPhase, BondTerms, SealedBid, ACTIVATION_GRACE},
    units::{Amount, Bps},
    Address, Digest,
};

fn opened(amount: u128, spread: u16) -> SealedBid {
    SealedBid { amount: usdc(amount), spread: Bps::new(spread), salt: Digest::repeat_byte(9) }
}

fn seal(who: Address, bid: &SealedBid) -> Digest {
    bid.seal::<Real>(SERIES, who)
}

/// Alice has committed to 600,000 at 5 % with a deposit of 700,000.
fn committed() -> Market {
    let mut market = Market::funded_with(sealed_terms());
    market.commit(ALICE, 0, usdc(700_000), seal(ALICE, &opened(600_000, 500))).expect("accepted");
    market
}

fn revealing() -> Market {
    let mut market = committed();
    market.now = market.terms.bids_until.get() + 1;
    market
}

fn with_bid() -> Market {
    let mut market = Market::funded();
    market.bid(ALICE, 0, usdc(600_000), 500).expect("accepted");
    market
}

guards! {
    NotTheSponsor: only_the_sponsor_funds {
        let mut market = Market::new(terms());
        market.send(ALICE, usdc(200_000));
        refused(&mut market, |market| market.fund_as(ALICE))
    }
    NotTheSponsor: only_the_sponsor_activates {
        let mut market = with_bid();
        market.close();
        refused(&mut market, |market| market.activate_as(ALICE))
    }
    FundsMissing: the_premium_is_that_of_the_maximum_spread_and_there {
        let mut market = Market::new(terms());
        // 12 % of the limit for the year, and the reserve.
        market.send(SPONSOR, Amount::new(usdc(120_000).get() + 6));
        let error = refused(&mut market, |market| market.fund_as(SPONSOR));
        market.send(SPONSOR, Amount::new(1));
        market.fund_as(SPONSOR).expect("at the bound");
        error
    }
    PremiumAlreadyFunded: the_premium_is_funded_once {
        let mut market = Market::funded();
        market.send(SPONSOR, usdc(200_000));
        refused(&mut market, |market| market.fund_as(SPONSOR))
    }
    PremiumNotFunded: the_book_opens_with_the_premium {
        refused(&mut Market::new(terms()), |market| market.bid(ALICE, 0, usdc(1_000), 500))
    }
    PremiumNotFunded: the_sealed_book_opens_with_the_premium {
        let mut market = Market::new(sealed_terms());
        refused(&mut market, |market| market.commit(ALICE, 0, usdc(1_000), Digest::repeat_byte(1)))
    }
    BookClosed: no_funding_after_the_bids {
        let mut market = Market::new(terms());
        market.now = terms().bids_until.get();
        market.clone().fund().expect("at the bound");
        market.now += 1;
        refused(&mut market, Market::fund)
    }
    BookClosed: no_bid_after_the_end {
        let mut market = Market::funded();
        market.now = terms().bids_until.get();
        market.clone().bid(ALICE, 0, usdc(1_000), 500).expect("at the bound");
        market.now += 1;
        refused(&mut market, |market| market.bid(ALICE, 0, usdc(1_000), 500))
    }
    BookClosed: no_open_bid_in_a_sealed_book {
        refused(&mut Market::funded_with(sealed_terms()), |market| market.bid(ALICE, 0, usdc(1_000), 500))
    }
    BookClosed: no_sealed_bid_in_an_open_book {
        refused(&mut Market::funded(), |market| market.commit(ALICE, 0, usdc(1_000), Digest::repeat_byte(1)))
    }
    BookClosed: no_commitment_once_revealing {
        refused(&mut revealing(), |market| market.commit(BOB, 0, usdc(1_000), Digest::repeat_byte(1)))
    }
    AmountOutOfBounds: a_bid_has_the_minimum {
        Market::funded().bid(ALICE, 0, usdc(1_000), 500).expect("at the bound");
        let less = Amount::new(usdc(1_000).get() - 1);
        refused(&mut Market::funded(), |market| market.bid(ALICE, 0, less, 500))
    }
    AmountOutOfBounds: a_bid_is_bounded {
        Market::funded().bid(ALICE, 0, Amount::MAX, 500).expect("at the bound");
        let more = Amount::new(Amount::MAX.get() + 1);
        refused(&mut Market::funded(), |market| market.bid(ALICE, 0, more, 500))
    }
    AmountOutOfBounds: a_deposit_has_the_minimum {
        let less = Amount::new(usdc(1_000).get() - 1);
        refused(&mut committed(), |market| market.commit(BOB, 0, less, Digest::repeat_byte(1)))
    }
    AmountOutOfBounds: a_revealed_bid_has_the_minimum {
        let mut market = Market::funded_with(sealed_terms());
        let small = SealedBid { amount: Amount::new(1), ..opened(0, 500) };
        market.commit(BOB, 0, usdc(1_000), seal(BOB, &small)).expect("accepted");
        market.now = market.terms.reveal_until.get();
        refused(&mut market, |market| market.reveal(BOB, 0, &small))
    }
    AmountOutOfBounds: clearing_looks_at_a_tick {
        let mut market = with_bid();
        market.now = terms().reveal_until.get() + 1;
        refused(&mut market, |market| market.clear(0))
    }
    SpreadOffGrid: a_bid_is_on_the_grid {
        refused(&mut Market::funded(), |market| market.bid(ALICE, 0, usdc(1_000), 501))
    }
    SpreadOffGrid: a_bid_is_at_most_the_maximum {
        Market::funded().bid(ALICE, 0, usdc(1_000), 1_200).expect("at the bound");
        refused(&mut Market::funded(), |market| market.bid(ALICE, 0, usdc(1_000), 1_225))
    }
    SpreadOffGrid: a_revealed_bid_is_on_the_grid {
        let mut market = Market::funded_with(sealed_terms());
        market.commit(BOB, 0, usdc(1_000), seal(BOB, &opened(1_000, 501))).expect("accepted");
        market.now = market.terms.reveal_until.get();
        refused(&mut market, |market| market.reveal(BOB, 0, &opened(1_000, 501)))
    }
    SlotTaken: a_slot_holds_one_bid {
        let mut market = with_bid();
        market.clone().bid(ALICE, 1, usdc(1_000), 500).expect("another slot");
        refused(&mut market, |market| market.bid(ALICE, 0, usdc(1_000), 500))
    }
    NoBid: an_empty_slot_has_nothing_to_cancel { refused(&mut with_bid(), |market| market.cancel(BOB, 0)) }
    NoBid: an_empty_slot_has_nothing_to_reveal {
        refused(&mut revealing(), |market| market.reveal(BOB, 0, &opened(600_000, 500)))
    }
    NoBid: a_bid_is_revealed_once {
        let mut market = revealing();
        market.reveal(ALICE, 0, &opened(600_000, 500)).expect("accepted");
        refused(&mut market, |market| market.reveal(ALICE, 0, &opened(600_000, 500)))
    }
    NoBid: a_bid_is_settled_once {
        refused(&mut Market::on_risk(), |market| market.allot(ALICE, 0))
    }
    CancelOver: no_cancelling_after_the_cut_off {
        let mut market = with_bid();
        market.now = terms().cancel_until.get();
        market.clone().cancel(ALICE, 0).expect("at the bound");
        market.now += 1;
        refused(&mut market, |market| market.cancel(ALICE, 0))
    }
    NotRevealing: not_before_the_bids_are_in {
        let mut market = committed();
        market.now = market.terms.bids_until.get();
        refused(&mut market, |market| market.reveal(ALICE, 0, &opened(600_000, 500)))
    }
    NotRevealing: not_after_the_end {
        let mut market = revealing();
        market.now = market.terms.reveal_until.get();
        market.clone().reveal(ALICE, 0, &opened(600_000, 500)).expect("at the bound");
        market.now += 1;
        refused(&mut market, |market| market.reveal(ALICE, 0, &opened(600_000, 500)))
    }
    SealMismatch: nothing_else_is_revealed {
        for other in [opened(600_001, 500), opened(600_000, 525), SealedBid { salt: Digest::zero(), ..opened(600_000, 500) }] {
            let error = refused(&mut revealing(), |market| market.reveal(ALICE, 0, &other));
            assert_eq!(error, BondError::SealMismatch);
        }
        let mut copied = committed();
        copied.commit(BOB, 0, usdc(700_000), seal(ALICE, &opened(600_000, 500))).expect("nobody can tell yet");
        copied.now = copied.terms.bids_until.get() + 1;
        refused(&mut copied, |market| market.reveal(BOB, 0, &opened(600_000, 500)))
    }
    SealMismatch: a_commitment_is_something {
        refused(&mut committed(), |market| market.commit(BOB, 0, usdc(1_000), Digest::zero()))
    }
    BidExceedsDeposit: a_revealed_bid_is_paid_for {
        let mut market = Market::funded_with(sealed_terms());
        market.commit(BOB, 0, usdc(5_000), seal(BOB, &opened(5_001, 500))).expect("accepted");
        market.now = market.terms.reveal_until.get();
        refused(&mut market, |market| market.reveal(BOB, 0, &opened(5_001, 500)))
    }
    BookOpen: no_clearing_before_the_end {
        let mut market = with_bid();
        market.now = terms().reveal_until.get();
        refused(&mut market, |market| market.clear(256))
    }
    BookOpen: no_risk_before_the_clearing {
        let mut market = with_bid();
        market.now = terms().reveal_until.get() + 1;
        refused(&mut market, Market::activate)
    }
    BookOpen: no_notes_before_the_outcome_stands {
        let mut market = with_bid();
        assert_eq!(refused(&mut market, |market| market.allot(ALICE, 0)), BondError::BookOpen);
        market.close();
        refused(&mut market, |market| market.allot(ALICE, 0))
    }
    BookCleared: a_book_clears_once {
        let mut market = with_bid();
        market.close();
        refused(&mut market, |market| market.clear(256))
    }
    BookCleared: a_series_goes_on_risk_once { refused(&mut Market::on_risk(), Market::activate) }
    BookCleared: a_series_on_risk_does_not_expire { refused(&mut Market::redeeming(), Market::expire) }
    GraceRunning: there_is_a_day_to_put_it_on_risk {
        let mut market = with_bid();
        market.close();
        market.now = terms().reveal_until.get() + ACTIVATION_GRACE.get();
        let error = refused(&mut market, Market::expire);
        market.now += 1;
        market.expire().expect("past the grace");
        error
    }
    NothingDue: the_sponsor_has_nothing_to_take { refused(&mut Market::funded(), |market| market.refund(SPONSOR)) }
    NotTheSponsor: only_the_sponsor_is_refunded {
        let mut market = Market::on_risk();
        refused(&mut market, |market| market.refund(ALICE))
    }
}

#[test]
fn a_cancelled_bid_is_out_of_the_book() {
    let mut market = with_bid();
    market.bid(BOB, 0, usdc(600_000), 500).expect("accepted");
    market.cancel(ALICE, 0).expect("accepted");
    assert_eq!((market.cash(ALICE), market.tick(20)), (0, usdc(600_000)));
    market.bid(ALICE, 0, usdc(1_000), 525).expect("the slot is free again");
    market.close();
    assert_eq!((market.state.face, market.state.spread), (usdc(601_000), Bps::new(525)));
}

#[test]
fn a_commitment_can_be_cancelled() {
    let mut market = committed();
    market.cancel(ALICE, 0).expect("accepted");
    assert_eq!((market.cash(ALICE), market.state.bids), (0, Amount::ZERO));
}

/// Too little: everybody gets everything back, the sponsor too.
#[test]
fn below_the_minimum_everyone_is_refunded() {
    let mut market = Market::funded();
    market.bid(ALICE, 0, Amount::new(usdc(500_000).get() - 1), 500).expect("accepted");
    market.close();
    assert_eq!(market.state.phase, BondPhase::Failed);
    market.allot(ALICE, 0).expect("accepted");
    assert_eq!((market.cash(ALICE), market.refund(SPONSOR)), (0, Ok(usdc(120_000).get())));
    assert_eq!(market.balance, 7, "the reserve");
}

#[test]
fn the_minimum_is_enough() {
    let mut market = Market::funded();
    market.bid(ALICE, 0, usdc(500_000), 500).expect("accepted");
    market.close();
    assert_eq!(market.state.phase, BondPhase::Cleared);
}

#[test]
fn an_empty_book_fails() {
    let mut market = Market::funded();
    market.close();
    assert_eq!(market.state.phase, BondPhase::Failed);
}

#[test]
fn a_cleared_series_that_nobody_activates_refunds_everyone() {
    let mut market = with_bid();
    market.close();
    market.now = START + 12 * DAY;
    market.expire().expect("accepted");
    market.allot(ALICE, 0).expect("accepted");
    assert_eq!((market.cash(ALICE), market.refund(SPONSOR)), (0, Ok(usdc(120_000).get())));
}

/// Tick by tick or all at once, by anybody: the same outcome.
#[test]
fn clearing_can_be_spread_over_many_calls() {
    let mut market = with_bid();
    market.bid(BOB, 0, usdc(900_000), 700).expect("accepted");
    market.now = terms().reveal_until.get() + 1;
    let mut at_once = market.clone();
    at_once.clear(256).expect("accepted");
    let mut calls = 0;
    while market.state.phase == BondPhase::Book {
        market.clear(1).expect("accepted");
        calls += 1;
    }
    // Up to the tick of 7 %, and not to the 12 % that were possible.
    assert_eq!((calls, market), (29, at_once));
}

/// The last tick of the grid is one of them: a book does not close before it.
#[test]
fn the_highest_tick_is_cleared_like_any_other() {
    let mut market = Market::funded();
    market.bid(ALICE, 0, usdc(500_000), 1_100).expect("accepted");
    market.bid(BOB, 0, usdc(400_000), 1_200).expect("accepted");
    market.now = terms().reveal_until.get() + 1;
    market.clear(48).expect("accepted");
    assert_eq!((market.state.phase, market.state.face), (BondPhase::Book, usdc(500_000)));
    market.clear(1).expect("accepted");
    assert_eq!((market.state.phase, market.state.face), (BondPhase::Cleared, usdc(900_000)));
    assert_eq!(market.state.spread, Bps::new(1_200));
}

/// What stays in escrow at activation is rounded up, so that the last second is paid for.
#[test]
fn premium_kept_at_activation_is_rounded_up() {
    let mut market = Market::funded();
    market.bid(ALICE, 0, Amount::new(600_000_000_005), 1_000).expect("accepted");
    market.close();
    market.activate().expect("accepted");
    assert_eq!(market.state.premium.get(), 60_000_000_001, "10 % for a year is half a unit less");
}

/// Notes are minted in the ERC-20's terms, and only where there are some.
#[test]
fn an_allotment_says_what_was_minted() {
    let mut market = Market::funded();
    market.bid(ALICE, 0, usdc(1_000_000), 500).expect("accepted");
    market.bid(BOB, 0, usdc(300_000), 900).expect("accepted");
    market.close();
    market.activate().expect("accepted");
    let mut said = |who| {
        market.events.clear();
        market.allot(who, 0).expect("accepted");
        market.events.clone()
    };
    let allotted = |bidder, notes, refund| BondEvent::Allotted {
        bidder,
        notes: usdc(notes),
        refund: usdc(refund),
        forfeited: Amount::ZERO,
    };
    let minted = BondEvent::Transfer { from: Address::zero(), to: ALICE, amount: usdc(1_000_000) };
    assert_eq!(said(ALICE), [allotted(ALICE, 1_000_000, 0), minted]);
    assert_eq!(said(BOB), [allotted(BOB, 0, 300_000)]);
}

/// A sealed bid that is not revealed gets 95 % back and no notes, whatever became of the series.
#[test]
fn an_unrevealed_deposit_forfeits_the_stated_part() {
    let mut market = committed();
    let bob = opened(800_000, 700);
    market.commit(BOB, 0, usdc(800_000), seal(BOB, &bob)).expect("accepted");
    market.now = market.terms.reveal_until.get();
    market.reveal(BOB, 0, &bob).expect("accepted");
    market.close();
    market.activate().expect("accepted");
    market.allot(ALICE, 0).expect("accepted");
    assert_eq!((market.cash(ALICE), market.holder(ALICE).face), (-35_000_000_000, Amount::ZERO));
    // What was not needed of the premium, 12 % of a million less 7 % of 800,000, and the forfeit.
    assert_eq!(market.refund(SPONSOR), Ok(usdc(120_000 - 56_000 + 35_000).get()));
    market.allot(BOB, 0).expect("accepted");
    assert_eq!((market.holder(BOB).face, market.state.bids), (usdc(800_000), Amount::ZERO));
}

/// A part of a base unit is forfeit as a whole one.
#[test]
fn the_forfeit_rounds_up() {
    let small = BondTerms { minimum_bid: Amount::new(1), ..sealed_terms() };
    let mut market = Market::funded_with(small);
    market.commit(ALICE, 0, Amount::new(21), Digest::repeat_byte(1)).expect("accepted");
    market.close();
    market.allot(ALICE, 0).expect("accepted");
    assert_eq!((market.cash(ALICE), market.state.sponsor_due.get() - usdc(120_000).get()), (-2, 2));
}

/// The deposit hides the amount: what is above it comes back.
#[test]
fn a_deposit_above_the_bid_is_refunded() {
    let mut market = revealing();
    market.reveal(ALICE, 0, &opened(600_000, 500)).expect("accepted");
    market.close();
    market.activate().expect("accepted");
    market.allot(ALICE, 0).expect("accepted");
    assert_eq!((market.cash(ALICE), market.holder(ALICE).face), (-600_000_000_000, usdc(600_000)));
}

/// Each of three bids of 10 gets 3 or 4 of the 10 notes, and together they get 10, in whichever order they come.
#[test]
fn the_margin_is_shared_to_the_last_note() {
    let ten = BondTerms { limit: Amount::new(10), minimum: Amount::new(1), minimum_bid: Amount::new(1), ..terms() };
    for order in [[ALICE, BOB, CAROL], [CAROL, ALICE, BOB]] {
        let mut market = Market::funded_with(ten);
        for who in order {
            market.bid(who, 0, Amount::new(10), 500).expect("accepted");
        }
        market.close();
        market.activate().expect("accepted");
        for who in order {
            market.allot(who, 0).expect("accepted");
        }
        assert_eq!(order.map(|who| market.holder(who).face.get()), [3, 3, 4]);
        assert_eq!((market.state.bids, market.state.supply), (Amount::ZERO, market.state.face));
    }
}

/// Notes of a bid settled late have earned since the series went on risk.
#[test]
fn a_late_settlement_costs_nothing() {
    let mut market = Market::funded();
    market.bid(ALICE, 0, usdc(1_000_000), 1_000).expect("accepted");
    market.close();
    market.activate().expect("accepted");
    market.now += 73 * DAY;
    market.allot(ALICE, 0).expect("accepted");
    assert_eq!(market.collect(ALICE), Ok(usdc(20_000).get()));
}

/// 10,000 bids on two ticks: clearing loads the same two sums as for two bids.
#[test]
fn clearing_does_not_see_the_number_of_bids() {
    let mut market = Market::funded();
    for number in 0..10_000u32 {
        let who = Address::from_low_u64_be(u64::from(number) + 1_000);
        let spread = if number % 2 == 0 { 300 } else { 400 };
        market.bid(who, 0, usdc(1_000), spread).expect("accepted");
    }
    market.close();
    assert_eq!((market.state.spread, market.state.face), (Bps::new(300), usdc(1_000_000)));
}
