//! The model against days it was not fitted to: coverage, independence, expected shortfall and procyclicality.
//!
//! The model is fitted once to the days before a split and never again; after it only the volatility filter goes on, as it
//! does in use. Each day's forecast uses what was known the evening before.

mod coverage;
mod forecast;
mod procyclicality;
mod report;
mod shortfall_test;

pub use coverage::{christoffersen, kupiec, traffic_light, Independence, Light, Ratio, TRAFFIC_DAYS};
pub use forecast::{Day, Exposure, Track, EXPOSURES};
pub use procyclicality::{procyclicality, Procyclicality};
pub use report::{run, Report, SIGNIFICANCE};
pub use shortfall_test::{acerbi_szekely, AcerbiSzekely, SIMULATIONS};
