//! Black-76 on floats: one option at a time with its Greeks, and thousands of revaluations in a row.
//!
//! The inner loops use additions, multiplications, divisions, comparisons, bit patterns and fused multiply-adds where the
//! source says so, in one fixed order. Each is defined to the last bit by IEEE 754, so a loop spread over vector lanes, or
//! run on a machine that computes a fused multiply-add in software, gives the same bits (tested).
//!
//! Source of the formula: F. Black (1976), "The pricing of commodity contracts", Journal of Financial Economics 3.

mod batch;
mod black;
mod curve;
mod normal;
mod surface;

pub use batch::{OptionLeg, ScenarioRow};
pub use black::{Black, Greeks, Right};
pub use curve::RateCurve;
pub use normal::{cdf, density, exp_of_negative, mills};
pub use surface::{Arbitrage, VolatilitySurface};
