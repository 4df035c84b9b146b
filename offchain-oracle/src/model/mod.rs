//! Initial margin and tail requirement by filtered historical simulation. Formulas, sources and limits: `MODEL.md`.
//!
//! Floats live here and only here; they leave through [`convert`], rounded up.

mod calibrate;
pub mod convert;
mod margin;
mod ols;
mod params;
mod scenario;
mod shortfall;
mod volatility;

pub use calibrate::Model;
pub use margin::{Explanation, Margin, SideExplanation};
pub use ols::{regress, Regression};
pub use params::ModelParams;
pub use shortfall::expected_shortfall;
pub use volatility::{ewma_step, Volatility};
