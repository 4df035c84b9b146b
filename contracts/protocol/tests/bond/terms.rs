use crate::market::{guards, terms, START};
use ringfence_protocol::{
    bond::{
        BondError, BondTerms, MAX_BOOK, MAX_EXTENSION, MAX_NOTICE, MAX_RISK_PERIOD, MAX_SPREAD, MAX_TICKS, MAX_WAITING,
        MIN_NOTICE, MIN_RISK_PERIOD,
    },
    units::{Amount, Bps, Seconds, Timestamp},
    Address,
};

/// The error of terms; without the change they must be fine.
fn refused(change: impl Fn(&mut BondTerms)) -> BondError {
    let mut changed = terms();
    assert_eq!(changed.validate(Timestamp::new(START)), Ok(()));
    change(&mut changed);
    changed.validate(Timestamp::new(START)).expect_err("refused")
}

fn accepted(change: impl Fn(&mut BondTerms)) {
    let mut changed = terms();
    change(&mut changed);
    assert_eq!(changed.validate(Timestamp::new(START)), Ok(()), "at the bound");
}

fn more(seconds: Seconds) -> Seconds {
    Seconds::new(seconds.get() + 1)
}

fn less(seconds: Seconds) -> Seconds {
    Seconds::new(seconds.get() - 1)
}

const TOO_MUCH: Amount = Amount::new(Amount::MAX.get() + 1);

guards! {
    InvalidAddress: a_series_names_vault_sponsor_and_asset {
        assert_eq!(refused(|terms| terms.vault = Address::zero()), BondError::InvalidAddress);
        assert_eq!(refused(|terms| terms.sponsor = Address::zero()), BondError::InvalidAddress);
        refused(|terms| terms.asset = Address::zero())
    }
    InvalidAddress: the_vault_is_not_the_sponsor { refused(|terms| terms.sponsor = terms.vault) }

    AmountOutOfBounds: the_limit_is_bounded {
        accepted(|terms| terms.limit = Amount::MAX);
        assert_eq!(refused(|terms| terms.limit = Amount::ZERO), BondError::AmountOutOfBounds);
        refused(|terms| terms.limit = TOO_MUCH)
    }
    AmountOutOfBounds: the_attachment_is_bounded {
        accepted(|terms| terms.attachment = Amount::MAX);
        refused(|terms| terms.attachment = TOO_MUCH)
    }
    AmountOutOfBounds: the_minimum_is_something_within_the_limit {
        accepted(|terms| terms.minimum = Amount::new(1));
        accepted(|terms| terms.minimum = terms.limit);
        assert_eq!(refused(|terms| terms.minimum = Amount::ZERO), BondError::AmountOutOfBounds);
        refused(|terms| terms.minimum = Amount::new(terms.limit.get() + 1))
    }
    AmountOutOfBounds: the_minimum_bid_is_something_within_the_limit {
        accepted(|terms| terms.minimum_bid = Amount::new(1));
        accepted(|terms| terms.minimum_bid = terms.limit);
        assert_eq!(refused(|terms| terms.minimum_bid = Amount::ZERO), BondError::AmountOutOfBounds);
        refused(|terms| terms.minimum_bid = Amount::new(terms.limit.get() + 1))
    }

    SpreadOutOfBounds: the_maximum_spread_is_bounded {
        accepted(|terms| (terms.max_spread, terms.tick) = (MAX_SPREAD, Bps::new(100)));
        assert_eq!(refused(|terms| terms.max_spread = Bps::new(0)), BondError::SpreadOutOfBounds);
        refused(|terms| (terms.max_spread, terms.tick) = (Bps::new(10_100), Bps::new(100)))
    }
    SpreadOutOfBounds: the_tick_divides_the_maximum {
        assert_eq!(refused(|terms| terms.tick = Bps::new(0)), BondError::SpreadOutOfBounds);
        assert_eq!(refused(|terms| terms.tick = Bps::new(1_201)), BondError::SpreadOutOfBounds);
        refused(|terms| terms.tick = Bps::new(7))
    }
    SpreadOutOfBounds: the_ticks_are_bounded {
        accepted(|terms| (terms.max_spread, terms.tick) = (Bps::new(MAX_TICKS - 1), Bps::new(1)));
        refused(|terms| (terms.max_spread, terms.tick) = (Bps::new(MAX_TICKS), Bps::new(1)))
    }
    SpreadOutOfBounds: no_more_than_the_whole_is_forfeit {
        accepted(|terms| terms.forfeit = Bps::ONE);
        refused(|terms| terms.forfeit = Bps::new(10_001))
    }

    PeriodOutOfBounds: the_book_is_in_order {
        accepted(|terms| terms.cancel_until = Timestamp::new(START + 1));
        accepted(|terms| terms.cancel_until = terms.bids_until);
        assert_eq!(refused(|terms| terms.cancel_until = Timestamp::new(START)), BondError::PeriodOutOfBounds);
        let late = |terms: &mut BondTerms| terms.cancel_until = Timestamp::new(terms.bids_until.get() + 1);
        assert_eq!(refused(late), BondError::PeriodOutOfBounds);
        refused(|terms| terms.reveal_until = Timestamp::new(terms.bids_until.get() - 1))
    }
    PeriodOutOfBounds: the_book_is_bounded {
        accepted(|terms| terms.reveal_until = Timestamp::new(START + MAX_BOOK.get()));
        refused(|terms| terms.reveal_until = Timestamp::new(START + MAX_BOOK.get() + 1))
    }
    PeriodOutOfBounds: the_risk_period_is_bounded {
        accepted(|terms| terms.risk_period = MIN_RISK_PERIOD);
        accepted(|terms| terms.risk_period = MAX_RISK_PERIOD);
        assert_eq!(refused(|terms| terms.risk_period = less(MIN_RISK_PERIOD)), BondError::PeriodOutOfBounds);
        refused(|terms| terms.risk_period = more(MAX_RISK_PERIOD))
    }
    PeriodOutOfBounds: the_notice_is_bounded {
        accepted(|terms| terms.notice = MIN_NOTICE);
        accepted(|terms| terms.notice = MAX_NOTICE);
        assert_eq!(refused(|terms| terms.notice = less(MIN_NOTICE)), BondError::PeriodOutOfBounds);
        refused(|terms| terms.notice = more(MAX_NOTICE))
    }
    PeriodOutOfBounds: the_extension_is_bounded {
        accepted(|terms| terms.extension = terms.notice);
        accepted(|terms| terms.extension = MAX_EXTENSION);
        assert_eq!(refused(|terms| terms.extension = less(terms.notice)), BondError::PeriodOutOfBounds);
        refused(|terms| terms.extension = more(MAX_EXTENSION))
    }
    PeriodOutOfBounds: the_waiting_period_is_bounded_and_shorter_than_the_risk {
        accepted(|terms| terms.waiting = MAX_WAITING);
        accepted(|terms| (terms.risk_period, terms.waiting) = (MIN_RISK_PERIOD, less(MIN_RISK_PERIOD)));
        let all = |terms: &mut BondTerms| (terms.risk_period, terms.waiting) = (MIN_RISK_PERIOD, MIN_RISK_PERIOD);
        assert_eq!(refused(all), BondError::PeriodOutOfBounds);
        refused(|terms| terms.waiting = more(MAX_WAITING))
    }
}

/// The escrow never lacks a unit: the premium is rounded up.
#[test]
fn premium_at_issue_is_rounded_up() {
    let premium = |limit| BondTerms { limit: Amount::new(limit), ..terms() }.premium_at_issue().map(Amount::get);
    // 12 % of 25 for a year of 365 days is 3; of one unit more, 3.12.
    assert_eq!((premium(25), premium(26), premium(1)), (Ok(3), Ok(4), Ok(1)));
}
