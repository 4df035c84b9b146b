//! Units of the engine: integers in newtypes, so that nobody adds a price to a quantity.

use crate::decimal::{self, DecimalError};
use std::fmt;

/// Decimals of [`Price`].
pub const PRICE_DECIMALS: u32 = 8;
/// Decimals of [`Quantity`].
pub const QUANTITY_DECIMALS: u32 = 8;
/// Decimals of [`MicroUsd`] and of USDC.
pub const MONEY_DECIMALS: u32 = 6;
/// Decimals of [`Rate`].
pub const RATE_DECIMALS: u32 = 8;
/// Price units times quantity units in one micro-dollar: 10^(8 + 8 - 6).
pub const PRODUCT_PER_MICRO_USD: i128 = 10_000_000_000;

/// US dollars a coin in 10^-8; above zero and at most [`Price::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price(u64);

impl Price {
    /// Ten million dollars a coin.
    pub const MAX: Self = Self(1_000_000_000_000_000);
    /// One dollar a coin.
    pub const ONE: Self = Self(100_000_000);

    /// Wraps a number of 10^-8 dollars; nothing for zero or a number above [`Price::MAX`].
    pub fn from_units(units: u64) -> Option<Self> {
        (units > 0 && units <= Self::MAX.0).then_some(Self(units))
    }

    /// Reads a decimal number of dollars.
    ///
    /// # Errors
    /// Not a decimal, more than eight decimals, negative, zero, or above [`Price::MAX`].
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        let raw = decimal::parse(text, PRICE_DECIMALS)?;
        match u64::try_from(raw) {
            Err(_) if raw < 0 => Err(DecimalError::Negative),
            Ok(0) => Err(DecimalError::Zero),
            Ok(units) if units <= Self::MAX.0 => Ok(Self(units)),
            _ => Err(DecimalError::OutOfRange),
        }
    }

    /// 10^-8 dollars a coin.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&decimal::format(self.0.into(), PRICE_DECIMALS))
    }
}

/// Coins in 10^-8, seen from party A: positive is long for A. Never zero, at most [`Quantity::MAX`] either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity(i64);

impl Quantity {
    /// A billion coins.
    pub const MAX: Self = Self(100_000_000_000_000_000);

    /// Reads a decimal number of coins.
    ///
    /// # Errors
    /// Not a decimal, more than eight decimals, zero, or larger than [`Quantity::MAX`].
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        let raw = decimal::parse(text, QUANTITY_DECIMALS)?;
        match i64::try_from(raw) {
            Ok(0) => Err(DecimalError::Zero),
            Ok(units) if units.unsigned_abs() <= Self::MAX.0.unsigned_abs() => Ok(Self(units)),
            _ => Err(DecimalError::OutOfRange),
        }
    }

    /// 10^-8 coins.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&decimal::format(self.0.into(), QUANTITY_DECIMALS))
    }
}

/// Money in 10^-6 US dollars, seen from party A unless it says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MicroUsd(i128);

impl MicroUsd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Wraps a number of micro-dollars.
    pub const fn new(raw: i128) -> Self {
        Self(raw)
    }

    /// Reads a decimal number of dollars, of either sign.
    ///
    /// # Errors
    /// Not a decimal, more than six decimals, or out of range.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        decimal::parse(text, MONEY_DECIMALS).map(Self)
    }

    /// Micro-dollars.
    pub const fn get(self) -> i128 {
        self.0
    }
}

impl fmt::Display for MicroUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&decimal::format(self.0, MONEY_DECIMALS))
    }
}

/// A share of notional in 10^-8: 10,000 is 0.01 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(i64);

impl Rate {
    /// 100 %.
    pub const ONE: Self = Self(100_000_000);

    /// Wraps a number of 10^-8.
    pub const fn new(raw: i64) -> Self {
        Self(raw)
    }

    /// Reads a decimal share between -1 and 1.
    ///
    /// # Errors
    /// Not a decimal, more than eight decimals, or beyond 100 %.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        let raw = decimal::parse(text, RATE_DECIMALS)?;
        match i64::try_from(raw) {
            Ok(units) if units.unsigned_abs() <= Self::ONE.0.unsigned_abs() => Ok(Self(units)),
            _ => Err(DecimalError::OutOfRange),
        }
    }

    /// 10^-8 of notional.
    pub const fn get(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold_at_the_bound() {
        assert_eq!(Price::parse("10000000"), Ok(Price::MAX));
        assert_eq!(Price::parse("10000000.00000001"), Err(DecimalError::OutOfRange));
        assert_eq!(Price::parse("0"), Err(DecimalError::Zero));
        assert_eq!(Price::parse("-1"), Err(DecimalError::Negative));
        assert_eq!(Quantity::parse("1000000000"), Ok(Quantity::MAX));
        assert_eq!(Quantity::parse("-1000000000.1"), Err(DecimalError::OutOfRange));
        assert_eq!(Quantity::parse("-0.0"), Err(DecimalError::Zero));
        assert_eq!(Rate::parse("1.1"), Err(DecimalError::OutOfRange));
    }
}
