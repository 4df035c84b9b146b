//! Live market data: from what venues send to marks that may be signed on.
//!
//! [`Quote`] is what one source says of one coin at one moment. [`MarkBook`] checks each quote by itself (clock, order,
//! age, crossed, wide, outlier), and the sources against each other (a band around their median), and answers with a
//! [`MarkState`]: a mark of at least three sources, or the last one with the reason why there is no newer. A pair may be
//! signed for only while every coin it needs has a fresh mark ([`MarkBook::fresh_for`]).
//!
//! Nothing here reads a clock: the time comes in with each quote and each question. The same quotes in the same order give
//! the same marks. `MARKET_DATA.md` has the formulas and the bounds.

mod alarm;
mod bars;
mod book;
mod clock;
mod config;
pub mod file;
mod live;
mod median;
mod millis;
mod quote;
mod reason;
mod rules;
mod track;
pub mod transport;
pub mod venue;

pub use alarm::{MarkAlarm, MarkChange};
pub use bars::{ClosedBar, LiveBars, MAX_GAP};
pub use book::{coins_needed, Mark, MarkBook, MarkState};
pub use clock::{SourceClock, CLOCK_WINDOW, MIN_CLOCK_SAMPLES};
pub use config::{Feed, FeedConfig, Transport, POLL_INTERVAL_MS};
pub use live::LiveMarket;
pub use median::{in_band, median_down};
pub use millis::Millis;
pub use quote::{PriceKind, Quote, SourceId, MAX_SOURCE_ID};
pub use reason::{Reason, Refused, StaleMark, StalePair};
pub use rules::{MarkRules, RulesError, SourceRules, MAX_SOURCES, MIN_SOURCES};
