//! Initial margin and tail requirement by filtered historical simulation. Formulas, sources and limits: `MODEL.md`.
//!
//! Floats live here and in [`crate::pricing`]; they leave through [`convert`], the direction of rounding in the name.

mod add_on;
mod attribution;
mod book;
mod calibrate;
pub mod convert;
mod implied;
mod loss_curve;
mod margin;
mod ols;
mod params;
mod shocks;
mod shortfall;
mod side;
mod tail;
mod volatility;
mod wrong_way;

pub use add_on::CloseOutCost;
pub use book::Book;
pub use calibrate::Model;
pub use loss_curve::LossCurve;
pub use margin::{Explanation, Margin};
pub use ols::{regress, Regression};
pub use params::ModelParams;
pub use shocks::{ScenarioSet, Shocks};
use shortfall::larger;
pub use shortfall::{expected_shortfall, value_at_risk};
pub use side::{SideExplanation, SideLosses};
pub use tail::{ParetoTail, MIN_PEAKS};
pub use volatility::{ewma_step, Volatility};
pub use wrong_way::CollateralExplanation;
