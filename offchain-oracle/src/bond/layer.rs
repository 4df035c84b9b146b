use super::{MAX_RESAMPLES, MAX_RISK_DAYS, MIN_RESAMPLES};
use crate::units::MicroUsd;
use thiserror::Error;

/// The largest amount that a layer may name: a trillion dollars.
pub const MAX_LAYER_MONEY: MicroUsd = MicroUsd::new(1_000_000_000_000_000_000);

/// Where a layer lies above the margin of the side that defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer {
    /// First-loss capital that is ring-fenced to the vault, at least zero.
    pub first_loss: MicroUsd,
    /// The layers between first-loss capital and this one, at least zero: a bond's `attachment`.
    pub attachment: MicroUsd,
    /// The most that it pays, above zero: the principal.
    pub limit: MicroUsd,
}

/// A proposal that can't be priced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LayerError {
    /// Returned when an amount is below zero, or above [`MAX_LAYER_MONEY`].
    #[error("{0} must be between 0 and 1000000000000 USD")]
    Money(&'static str),
    /// Returned when the limit is zero.
    #[error("limit must be above zero")]
    NoLimit,
    /// Returned when resamples are neither none nor within their bounds.
    #[error("resamples must be 0, or between {MIN_RESAMPLES} and {MAX_RESAMPLES}")]
    Resamples,
    /// Returned when a default rate is above 10,000 basis points a year, or both are zero.
    #[error("default rate must be at most 10000 basis points a year, and above zero for at least one side")]
    DefaultRate,
    /// Returned when the risk period is zero or above [`MAX_RISK_DAYS`].
    #[error("risk period must be between 1 and {MAX_RISK_DAYS} days")]
    RiskPeriod,
}

impl Layer {
    /// Checks every bound.
    ///
    /// # Errors
    /// The first amount outside.
    pub fn validate(&self) -> Result<(), LayerError> {
        let named = [("first loss", self.first_loss), ("attachment", self.attachment), ("limit", self.limit)];
        for (name, money) in named {
            check_money(name, money)?;
        }
        if self.limit == MicroUsd::ZERO {
            return Err(LayerError::NoLimit);
        }
        Ok(())
    }
}

pub(super) fn check_money(name: &'static str, money: MicroUsd) -> Result<(), LayerError> {
    if money < MicroUsd::ZERO || money > MAX_LAYER_MONEY {
        return Err(LayerError::Money(name));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold_at_the_bound() {
        let beyond = MicroUsd::new(MAX_LAYER_MONEY.get() + 1);
        let layer = Layer { first_loss: MAX_LAYER_MONEY, attachment: MAX_LAYER_MONEY, limit: MAX_LAYER_MONEY };
        assert_eq!(layer.validate(), Ok(()));
        assert_eq!(Layer { limit: beyond, ..layer }.validate(), Err(LayerError::Money("limit")));
        assert_eq!(Layer { attachment: beyond, ..layer }.validate(), Err(LayerError::Money("attachment")));
        assert_eq!(Layer { first_loss: MicroUsd::new(-1), ..layer }.validate(), Err(LayerError::Money("first loss")));
        assert_eq!(Layer { limit: MicroUsd::ZERO, ..layer }.validate(), Err(LayerError::NoLimit));
        let least = Layer { first_loss: MicroUsd::ZERO, attachment: MicroUsd::ZERO, limit: MicroUsd::new(1) };
        assert_eq!(least.validate(), Ok(()));
    }
}
