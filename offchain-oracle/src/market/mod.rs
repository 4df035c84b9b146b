//! Market tables: strict readers for the committed CSV formats.
//!
//! Each reader checks everything it returns and names file, row and column of the first thing that is wrong. Nothing is
//! filled in, interpolated or skipped.

mod bars;
mod curves;
mod funding;
mod history;
mod implied;
mod liquidity;
mod live_bars;
mod proxy;
mod stress;
mod surfaces;
pub(crate) mod table;

pub use bars::{Bar, Bars, Quote, BAR_SECONDS};
pub use curves::{Curves, RateNode, MAX_TENOR_DAYS};
pub use funding::{FundingRates, FundingRule};
pub use history::{DailyClose, History, MIN_HISTORY};
pub use implied::{ImpliedDay, ImpliedHistory};
pub use liquidity::{CoinLiquidity, Liquidity};
pub use live_bars::{parse_live_bars, BarText, PriceText, MAX_LIVE_BARS};
pub use proxy::{Proxies, Proxy};
pub use stress::{Scenario, Scenarios};
pub use surfaces::{SurfaceNode, Surfaces, MAX_NODES};
