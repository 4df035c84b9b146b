//! Market tables: strict readers for the committed CSV formats.
//!
//! Each reader checks everything it returns and names file, row and column of the first thing that is wrong. Nothing is
//! filled in, interpolated or skipped.

mod bars;
mod funding;
mod history;
mod proxy;
mod stress;
mod table;

pub use bars::{Bar, Bars, Quote, BAR_SECONDS};
pub use funding::{FundingRates, FundingRule};
pub use history::{DailyClose, History, MIN_HISTORY};
pub use proxy::{Proxies, Proxy};
pub use stress::{Scenario, Scenarios};
