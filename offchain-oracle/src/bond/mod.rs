//! What a layer of a tail-risk bond is likely to lose: an aid to whoever bids for it or issues it.
//!
//! The losses are those of the margin's own simulation ([`crate::model`]), with the tail that the margin fits. Given a default of a
//! side, a layer loses `min(limit, max(0, L + close-out cost - margin - first loss - attachment))`, `L` the loss of the
//! defaulter over the margin period of risk. How often a side defaults is no part of the model and has to be said
//! ([`DefaultRates`]). Formulas, sources and assumptions: `MODEL.md`, "Pricing of a layer".
//!
//! Nothing here is signed or sent to a chain.

mod annual;
mod estimate;
mod layer;
mod price;
mod published;
mod sample;

pub use annual::{DefaultRates, PeriodPrice, MAX_RISK_DAYS};
pub use estimate::Estimate;
pub use layer::{Layer, LayerError, MAX_LAYER_MONEY};
pub use price::{price, Price, Proposal, SidePrice};
pub use published::{PublishedMultiple, PUBLISHED};
pub use sample::{Resampling, MAX_RESAMPLES, MIN_RESAMPLES, STEPS};
