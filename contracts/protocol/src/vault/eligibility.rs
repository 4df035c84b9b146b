use crate::units::{Amount, Seconds, Timestamp};
use scale::{Decode, Encode};

/// What a pair had at risk when its portfolio changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Exposure {
    /// The least tail requirement of the portfolios that were replaced in this stretch.
    pub tail: Amount,
    /// When the stretch began.
    pub at: Timestamp,
}

impl Exposure {
    /// A stretch in which nothing was replaced.
    const UNCHANGED: Self = Self { tail: Amount::new(u128::MAX), at: Timestamp::new(0) };
}

/// What decides which loss is eligible for cover.
///
/// A bond must not pay for what was put at risk on purpose. So a layer counts only while the parties are attested to have
/// different owners, and only for what had been at risk, and for what cover had been in force, a waiting period before the
/// default, or before the defaulter was called: a party that does not post is not waited for. A portfolio counts whole once
/// that long has passed since it was first valued. After a younger one the layers bear no more than what was at risk all the
/// time: the least tail requirement of the portfolios that were replaced in the waiting period, each as it was last valued.
/// Two stretches of changes stand for the period, so the least may go back to three times its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Eligibility {
    /// The last moment at which the parties are attested to have different owners; zero after a replacement.
    pub attested_until: Timestamp,
    /// When the portfolio in force was first valued; [`UNVALUED`] if it was not, zero if that was before anybody watched.
    pub valued_since: Timestamp,
    /// The last two stretches of changes, older first; together they are never shorter than a waiting period.
    pub exposures: [Exposure; 2],
}

/// Instead of a moment: never.
pub const UNVALUED: Timestamp = Timestamp::new(u64::MAX);

impl Eligibility {
    /// Of a pair that begins to be watched. A layer counts a waiting period after that at the earliest.
    pub(super) const fn new(attested_until: Timestamp) -> Self {
        Self { attested_until, valued_since: Timestamp::new(0), exposures: [Exposure::UNCHANGED; 2] }
    }

    /// The portfolio is replaced; `tail` is what the one before, or before it the last that was valued, was last valued at.
    pub(super) fn change(&mut self, now: Timestamp, tail: Amount, waiting: Seconds) {
        let [_, newer] = &mut self.exposures;
        let begun = Exposure { tail, at: now };
        if now.since(self.valued_since) >= waiting {
            self.exposures = [Exposure::UNCHANGED, begun];
        } else if now.since(newer.at) >= waiting {
            self.exposures = [*newer, begun];
        } else {
            newer.tail = newer.tail.min(tail);
        }
        self.valued_since = UNVALUED;
    }

    /// The portfolio in force is valued: from the first time on its parties answer for it.
    pub(super) fn valued(&mut self, now: Timestamp) {
        if self.valued_since == UNVALUED {
            self.valued_since = now;
        }
    }

    /// The most that layers with this waiting period bear together of a loss beyond first loss that is judged as of `at`;
    /// nothing if only their limits bound it.
    pub(super) fn bound(&self, at: Timestamp, waiting: Seconds, first_loss: Amount) -> Option<Amount> {
        if at.since(self.valued_since) >= waiting {
            return None;
        }
        let [older, newer] = self.exposures;
        let tail = if at.since(newer.at) >= waiting { newer.tail } else { older.tail.min(newer.tail) };
        Some(tail.saturating_sub(first_loss))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAITING: Seconds = Seconds::new(100);

    fn watched(tail: u128) -> Eligibility {
        let mut eligibility = Eligibility::new(Timestamp::new(10_000));
        change(&mut eligibility, 1_000, tail);
        eligibility
    }

    /// A portfolio that is valued at once.
    fn change(eligibility: &mut Eligibility, at: u64, tail: u128) {
        eligibility.change(Timestamp::new(at), Amount::new(tail), WAITING);
        eligibility.valued(Timestamp::new(at));
    }

    fn bound(eligibility: &Eligibility, at: u64) -> Option<u128> {
        eligibility.bound(Timestamp::new(at), WAITING, Amount::ZERO).map(Amount::get)
    }

    #[test]
    fn a_portfolio_counts_whole_from_the_waiting_period_on() {
        let mut eligibility = watched(50);
        assert_eq!([1_000, 1_099, 1_100].map(|at| bound(&eligibility, at)), [Some(50), Some(50), None]);
        // The one that stood for long was last valued at 70, whatever the ones before it were.
        change(&mut eligibility, 2_000, 70);
        assert_eq!([2_000, 2_099, 2_100].map(|at| bound(&eligibility, at)), [Some(70), Some(70), None]);
    }

    #[test]
    fn a_tail_of_a_moment_counts_for_nothing() {
        let mut eligibility = watched(50);
        // Large for ten seconds, small for a waiting period, large again.
        change(&mut eligibility, 2_000, 50);
        change(&mut eligibility, 2_010, 900);
        change(&mut eligibility, 2_120, 20);
        assert_eq!(bound(&eligibility, 2_121), Some(20));
        // And when a stretch begins with the moment's.
        let mut eligibility = watched(50);
        for (at, tail) in [(2_000, 50), (2_095, 50), (2_105, 900), (2_150, 20)] {
            change(&mut eligibility, at, tail);
        }
        assert_eq!([2_104, 2_151, 2_249].map(|at| bound(&eligibility, at)), [Some(20), Some(20), Some(20)]);
    }

    #[test]
    fn a_larger_tail_counts_once_it_has_stood_for_the_waiting_period() {
        let mut eligibility = watched(50);
        for (at, tail) in [(2_000, 50), (2_060, 80), (2_120, 80), (2_180, 80), (2_240, 80)] {
            change(&mut eligibility, at, tail);
        }
        assert_eq!([2_241, 2_339].map(|at| bound(&eligibility, at)), [Some(80), Some(80)]);
    }

    #[test]
    fn first_loss_comes_first() {
        let mut eligibility = watched(50);
        change(&mut eligibility, 2_000, 50);
        let bound_after = |first_loss| eligibility.bound(Timestamp::new(2_001), WAITING, Amount::new(first_loss));
        assert_eq!([0, 20, 60].map(|amount| bound_after(amount).map(Amount::get)), [Some(50), Some(30), Some(0)]);
    }

    #[test]
    fn a_portfolio_that_nobody_valued_does_not_grow_old() {
        let mut eligibility = watched(50);
        eligibility.change(Timestamp::new(2_000), Amount::new(50), WAITING);
        assert_eq!([2_100, 9_000].map(|at| bound(&eligibility, at)), [Some(50), Some(50)]);
        // Nor does its tail count when it is replaced soon after it was valued at last.
        eligibility.valued(Timestamp::new(9_000));
        eligibility.change(Timestamp::new(9_001), Amount::new(900), WAITING);
        assert_eq!(bound(&eligibility, 9_002), Some(50));
    }

    #[test]
    fn without_a_waiting_period_every_portfolio_counts_at_once() {
        let mut eligibility = watched(50);
        let now = Timestamp::new(2_000);
        eligibility.change(now, Amount::ZERO, Seconds::ZERO);
        assert_eq!(eligibility.bound(now, Seconds::ZERO, Amount::ZERO), None);
    }
}
