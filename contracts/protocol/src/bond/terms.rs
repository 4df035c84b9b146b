use super::BondError;
use crate::{
    units::{Amount, ArithmeticError, Bps, Seconds, Timestamp},
    Address,
};
use scale::{Decode, Encode, MaxEncodedLen};

/// Largest annual spread: 100 %.
pub const MAX_SPREAD: Bps = Bps::ONE;
/// Shortest risk period.
pub const MIN_RISK_PERIOD: Seconds = Seconds::new(3_600);
/// Longest risk period: five years.
pub const MAX_RISK_PERIOD: Seconds = Seconds::new(5 * 31_536_000);
/// Longest time that principal stays behind after maturity.
pub const MAX_EXTENSION: Seconds = Seconds::new(90 * 86_400);
/// Time the sponsor has after the subscription to put the series on risk; then anyone may have it fail.
pub const ACTIVATION_GRACE: Seconds = Seconds::DAY;

/// What is fixed at issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct BondTerms {
    /// The covered vault, the only address that can claim.
    pub vault: Address,
    /// The entity: pays the premium, receives what of it is not earned.
    pub sponsor: Address,
    /// The settlement asset, an ERC-20.
    pub asset: Address,
    /// Loss above first-loss capital at which this series starts to pay: the sum of the limits below it.
    pub attachment: Amount,
    /// Most principal that is taken.
    pub limit: Amount,
    /// Least principal with which the series goes on risk.
    pub minimum: Amount,
    /// Annual premium on outstanding principal (Actual/365 Fixed).
    pub spread: Bps,
    /// Last moment to subscribe.
    pub subscription_end: Timestamp,
    /// From going on risk to maturity.
    pub risk_period: Seconds,
    /// From maturity to redemption; a default before maturity can still be claimed in it.
    pub extension: Seconds,
}

impl BondTerms {
    /// Checks every bound.
    pub fn validate(&self, now: Timestamp) -> Result<(), BondError> {
        if [self.vault, self.sponsor, self.asset].iter().any(Address::is_zero) {
            return Err(BondError::InvalidAddress);
        }
        let sized = !self.limit.is_zero()
            && self.limit <= Amount::MAX
            && self.attachment <= Amount::MAX
            && !self.minimum.is_zero()
            && self.minimum <= self.limit;
        if !sized {
            return Err(BondError::AmountOutOfBounds);
        }
        if self.spread > MAX_SPREAD {
            return Err(BondError::SpreadOutOfBounds);
        }
        let timed = self.subscription_end > now
            && (MIN_RISK_PERIOD..=MAX_RISK_PERIOD).contains(&self.risk_period)
            && self.extension <= MAX_EXTENSION;
        if !timed {
            return Err(BondError::PeriodOutOfBounds);
        }
        Ok(())
    }

    /// Premium on `principal` over `span`, rounded up: what has to be in escrow for it.
    pub fn premium_up(&self, principal: Amount, span: Seconds) -> Result<Amount, ArithmeticError> {
        self.spread.accrued_up(principal, span)
    }

    /// Premium on `principal` over `span`, rounded down: what may leave escrow for it.
    pub fn premium_down(&self, principal: Amount, span: Seconds) -> Result<Amount, ArithmeticError> {
        self.spread.accrued_down(principal, span)
    }
}
