use super::millis::seconds;
use super::{Millis, PriceKind, SourceId};
use crate::symbol::Symbol;
use crate::units::Price;
use std::fmt;
use thiserror::Error;

/// Why a quote, or a source as it stands, does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Reason {
    /// The book has no such source, or it is not expected to quote the coin.
    #[error("not a source of this coin")]
    NotASource,
    /// It has not said anything yet.
    #[error("silent")]
    Silent,
    /// The price that is used of it is missing.
    #[error("no {0} price")]
    NoPrice(PriceKind),
    /// Somebody is said to pay more than somebody asks.
    #[error("crossed, bid {bid} above ask {ask}")]
    Crossed {
        /// Best bid.
        bid: Price,
        /// Best ask.
        ask: Price,
    },
    /// Bid and ask are too far apart for their middle to mean anything.
    #[error("spread of {spread_bps} bp")]
    Wide {
        /// The spread, basis points of the middle, rounded up.
        spread_bps: u64,
    },
    /// Its time is later than the clock here allows.
    #[error("time is {} in the future", seconds(*ahead))]
    Future {
        /// By how much, milliseconds.
        ahead: u64,
    },
    /// Its time is before that of the quote before.
    #[error("time went back by {}", seconds(*by))]
    Backwards {
        /// By how much, milliseconds.
        by: u64,
    },
    /// It arrived before the quote that arrived before it: the clock here went back.
    #[error("arrived {} before its predecessor; the clock of this machine went back", seconds(*by))]
    ArrivedBackwards {
        /// By how much, milliseconds.
        by: u64,
    },
    /// Even its fastest recent messages show a clock that is behind, or a slow line.
    #[error("clock is behind or the line slow by {}", seconds(*behind))]
    ClockBehind {
        /// By how much, milliseconds.
        behind: u64,
    },
    /// Too old.
    #[error("stale, {} old", seconds(*age))]
    Stale {
        /// Its age, milliseconds.
        age: u64,
    },
    /// It moved too far at once, and no later quote of the source says so, too.
    #[error("outlier, moved {moved_bps} bp at once")]
    Outlier {
        /// How far, basis points, rounded up.
        moved_bps: u64,
    },
    /// Too far from what the others say.
    #[error("{away_bps} bp from the median")]
    OutsideBand {
        /// How far, basis points of the median, rounded up.
        away_bps: u64,
    },
}

/// A quote that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{source_id} {market}: {reason}")]
pub struct Refused {
    /// Whose.
    pub source_id: SourceId,
    /// Of which coin.
    pub market: Symbol,
    /// Why.
    pub reason: Reason,
}

/// Why a coin has no fresh mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaleMark {
    /// The coin.
    pub market: Symbol,
    /// When this was found.
    pub at: Millis,
    /// How old the last mark is, milliseconds; nothing if there never was one.
    pub age: Option<u64>,
    /// The sources that still count, by name.
    pub left: Vec<SourceId>,
    /// How many are needed.
    pub needed: usize,
    /// The others, by name, and why they don't count.
    pub dropped: Vec<(SourceId, Reason)>,
}

impl fmt::Display for StaleMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no fresh mark for {}: ", self.market)?;
        match self.age {
            Some(age) => write!(f, "the last is {} old", seconds(age))?,
            None => f.write_str("there never was one")?,
        }
        write!(f, ", {} of {} needed sources left", self.left.len(), self.needed)?;
        for (index, source) in self.left.iter().enumerate() {
            write!(f, "{}{source}", if index == 0 { " (" } else { ", " })?;
        }
        f.write_str(if self.left.is_empty() { "" } else { ")" })?;
        for (index, (source, reason)) in self.dropped.iter().enumerate() {
            write!(f, "{}{source} {reason}", if index == 0 { "; dropped: " } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for StaleMark {}

/// A pair that must not be signed for, because a coin it needs has no fresh mark.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{pair}: {stale}; nothing is signed until enough sources are back")]
pub struct StalePair {
    /// The pair's label.
    pub pair: String,
    /// The first coin, in the order of [`Symbol::ALL`], that has none.
    pub stale: Box<StaleMark>,
}
