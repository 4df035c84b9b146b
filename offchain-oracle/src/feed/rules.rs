use super::{PriceKind, SourceId};
use crate::symbol::Symbol;
use ringfence_protocol::units::Bps;
use thiserror::Error;

/// Fewest sources of a mark: with two, nobody knows which one is wrong.
pub const MIN_SOURCES: usize = 3;
/// Most sources of a book.
pub const MAX_SOURCES: usize = 16;

/// The bounds of a [`MarkBook`](super::MarkBook).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkRules {
    /// Sources that a mark needs; at least [`MIN_SOURCES`].
    pub min_sources: usize,
    /// How far a source may be from the median of all.
    pub band: Bps,
    /// Oldest quote that still counts, milliseconds.
    pub max_age: u64,
    /// How far a source's clock may be ahead of this machine's, milliseconds.
    pub max_ahead: u64,
    /// Longest that a source's fastest recent message may have taken by the two clocks, milliseconds: beyond it the
    /// source's clock is behind, or the line is too slow to be of use.
    pub max_behind: u64,
    /// Widest spread of bid and ask, as a share of their mean.
    pub max_spread: Bps,
    /// Largest move of one source from one quote to the next; a larger one must be confirmed by a later quote.
    pub max_jump: Bps,
}

impl MarkRules {
    /// What the signers run with unless told otherwise.
    ///
    /// The band is what liquid dollar markets keep to on all but the worst days; on 10 October 2025 venues differed by 5 %
    /// and more, and no mark is the right answer then. Ages and clocks: venues send several times a second, and mean to
    /// keep their clocks to milliseconds.
    pub const STANDARD: Self = Self {
        min_sources: MIN_SOURCES,
        band: Bps::new(100),
        max_age: 10_000,
        max_ahead: 1_000,
        max_behind: 3_000,
        max_spread: Bps::new(200),
        max_jump: Bps::new(500),
    };

    /// Widest band: a tenth.
    pub const MAX_BAND: Bps = Bps::new(1_000);
    /// Longest age: a minute.
    pub const MAX_AGE: u64 = 60_000;
    /// Furthest that a clock may be ahead or behind: five seconds.
    pub const MAX_CLOCK: u64 = 5_000;
    /// Widest spread and largest jump: a fifth.
    pub const MAX_MOVE: Bps = Bps::new(2_000);

    /// Refuses rules that check nothing, or let nothing through.
    ///
    /// # Errors
    /// The first rule that is out of its bounds.
    pub fn check(&self) -> Result<(), RulesError> {
        let bounded = |name, value: u64, low: u64, high: u64| {
            if (low..=high).contains(&value) {
                return Ok(());
            }
            Err(RulesError::OutOfBounds { name, value, low, high })
        };
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        bounded("min_sources", count(self.min_sources), count(MIN_SOURCES), count(MAX_SOURCES))?;
        bounded("band_bps", self.band.get().into(), 1, Self::MAX_BAND.get().into())?;
        bounded("max_age_ms", self.max_age, 1, Self::MAX_AGE)?;
        bounded("max_ahead_ms", self.max_ahead, 0, Self::MAX_CLOCK)?;
        bounded("max_behind_ms", self.max_behind, 1, Self::MAX_CLOCK)?;
        bounded("max_spread_bps", self.max_spread.get().into(), 1, Self::MAX_MOVE.get().into())?;
        bounded("max_jump_bps", self.max_jump.get().into(), 1, Self::MAX_MOVE.get().into())
    }
}

/// One source of a book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRules {
    /// Its name.
    pub id: SourceId,
    /// Which of its prices is used.
    pub price: PriceKind,
    /// The coins that it is expected to quote.
    pub markets: Vec<Symbol>,
}

/// Rules that no book is made with.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RulesError {
    /// A bound is out of its own bounds.
    #[error("{name} is {value}, must be between {low} and {high}")]
    OutOfBounds {
        /// Which.
        name: &'static str,
        /// What it was given.
        value: u64,
        /// Least.
        low: u64,
        /// Most.
        high: u64,
    },
    /// More sources than a book takes.
    #[error("{found} sources, at most {MAX_SOURCES} are taken")]
    TooManySources {
        /// How many were given.
        found: usize,
    },
    /// A name given twice.
    #[error("source {0} appears twice; each counts once")]
    Duplicate(SourceId),
    /// A source without coins, or a coin twice.
    #[error("source {0} must name each of its coins once, and at least one")]
    Markets(SourceId),
    /// A coin that can never have a mark.
    #[error("{market} has {found} sources, {needed} are needed")]
    TooFewSources {
        /// The coin.
        market: Symbol,
        /// Its sources.
        found: usize,
        /// Needed.
        needed: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bound_holds_at_the_bound() {
        type Change = fn(&mut MarkRules);
        let good: [Change; 9] = [
            |rules| rules.min_sources = MAX_SOURCES,
            |rules| rules.band = MarkRules::MAX_BAND,
            |rules| rules.max_age = MarkRules::MAX_AGE,
            |rules| rules.max_age = 1,
            |rules| rules.max_ahead = MarkRules::MAX_CLOCK,
            |rules| rules.max_ahead = 0,
            |rules| rules.max_behind = MarkRules::MAX_CLOCK,
            |rules| rules.max_spread = MarkRules::MAX_MOVE,
            |rules| rules.max_jump = MarkRules::MAX_MOVE,
        ];
        for change in good {
            let mut rules = MarkRules::STANDARD;
            change(&mut rules);
            assert_eq!(rules.check(), Ok(()), "{rules:?}");
        }
        let bad: [(Change, &str); 12] = [
            (|rules| rules.min_sources = MIN_SOURCES - 1, "min_sources is 2, must be between 3 and 16"),
            (|rules| rules.min_sources = MAX_SOURCES + 1, "min_sources is 17,"),
            (|rules| rules.band = Bps::new(1_001), "band_bps is 1001,"),
            (|rules| rules.band = Bps::new(0), "band_bps is 0,"),
            (|rules| rules.max_age = 60_001, "max_age_ms is 60001,"),
            (|rules| rules.max_age = 0, "max_age_ms is 0,"),
            (|rules| rules.max_ahead = 5_001, "max_ahead_ms is 5001,"),
            (|rules| rules.max_behind = 5_001, "max_behind_ms is 5001,"),
            (|rules| rules.max_behind = 0, "max_behind_ms is 0,"),
            (|rules| rules.max_spread = Bps::new(2_001), "max_spread_bps is 2001,"),
            (|rules| rules.max_jump = Bps::new(2_001), "max_jump_bps is 2001,"),
            (|rules| rules.max_jump = Bps::new(0), "max_jump_bps is 0,"),
        ];
        for (change, message) in bad {
            let mut rules = MarkRules::STANDARD;
            change(&mut rules);
            let text = rules.check().unwrap_err().to_string();
            assert!(text.starts_with(message), "{text}");
        }
    }
}
