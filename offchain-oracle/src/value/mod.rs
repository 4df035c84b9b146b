//! Mark to market and funding, all in integers: the cumulative entitlement X.
//!
//! `X = sum of quantity * (mark - entry) - funding paid by A since inception`, positive when B owes A. The products are
//! exact (10^-16 USD); funding is kept in 10^-12 USD; one division brings the total to micro-dollars. Both divisions round
//! toward zero, which is the same from either side: what A is said to be owed is what B is said to owe.

mod account;
mod funding;
mod valuer;

pub use account::{mark_to_market, Account, Looked};
pub use funding::{accrual_toward_zero, FundingSum, FUNDING_PERIOD};
pub use valuer::{payoff, NoPrice, Valuer};

use crate::symbol::Symbol;
use thiserror::Error;

/// A valuation or a margin could not be computed. Nothing is signed then.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ValueError {
    /// A product or sum left its integer type.
    #[error("{pair}: a value is out of range; check quantities and prices")]
    OutOfRange {
        /// The pair.
        pair: String,
    },
    /// There is no mark for a coin of the pair.
    #[error("{pair}: no mark for {symbol}; supply its prices")]
    NoMark {
        /// The pair.
        pair: String,
        /// The coin.
        symbol: Symbol,
    },
    /// There is no volatility surface for a coin that the pair has options on.
    #[error("{pair}: no volatility surface for {symbol}; supply its rows")]
    NoSurface {
        /// The pair.
        pair: String,
        /// The coin.
        symbol: Symbol,
    },
    /// A model number is NaN, infinite, negative where it can't be, or beyond the largest amount.
    #[error("{pair}: {what} is not a usable amount; check the history and the model parameters")]
    NotAnAmount {
        /// The pair.
        pair: String,
        /// Which number.
        what: &'static str,
    },
}
