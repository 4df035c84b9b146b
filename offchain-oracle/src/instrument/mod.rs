//! What a pair can have open: perpetuals, dated futures, forwards and European options, linear, inverse or quoted in
//! another coin.
//!
//! | contract | quote | quantity | entry price | value to the long side, US dollars |
//! |---|---|---|---|---|
//! | perpetual, future | USD | coins | USD a coin | `q (P - e)` |
//! | perpetual, future | coin `c` | coins | `c` a coin | `q (P - e S_c)`, converted at the mark of `c` |
//! | perpetual, future | inverse | US dollars | USD a coin | `q (1/e - 1/P)` coins, converted: `q (P - e) / e` |
//! | forward | USD | coins | USD a coin | `q D (F - e)` |
//! | forward | coin `c` | coins | `c` a coin | `q D (F - e F_c)` |
//! | call, put | USD | coins | premium, USD a coin | `q (D Black76(F, K) - e)` |
//! | call, put | inverse | coins | premium, coins a coin | `q Black76(F, K) / F` coins, converted; the premium is a cash flow |
//!
//! `P` is the mark of a perpetual and the forward price of a future, `F` the forward, `S` the mark, `D` the discount factor.

use crate::pricing::Right;
use crate::symbol::Symbol;
use crate::time::format_timestamp;
use crate::units::Price;
use ringfence_protocol::units::{Seconds, Timestamp};
use std::fmt;

/// Over how long before expiry the marks are averaged: half an hour, as the largest options venue does.
pub const FIXING_WINDOW: Seconds = Seconds::new(1_800);

/// The kind of contract and its dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contract {
    /// Never expires; held to its index by funding.
    Perpetual,
    /// Marked to the forward price and settled in cash every day: not discounted.
    Future {
        /// When it settles.
        expiry: Timestamp,
    },
    /// Settled in cash once, at expiry: discounted until then.
    Forward {
        /// When it settles.
        expiry: Timestamp,
    },
    /// A European option, settled in cash at expiry.
    Option {
        /// When it settles.
        expiry: Timestamp,
        /// US dollars a coin, whatever it is quoted in.
        strike: Price,
        /// Call or put.
        right: Right,
    },
}

/// In what a contract is quoted and settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quote {
    /// Linear in US dollars.
    Usd,
    /// Linear in another coin, converted at its mark.
    Coin(Symbol),
    /// Quoted in US dollars, settled in the underlying coin, converted at its mark.
    Inverse,
}

/// A contract on a coin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instrument {
    /// The coin.
    pub underlying: Symbol,
    /// The contract.
    pub contract: Contract,
    /// What it is quoted and settled in.
    pub quote: Quote,
}

impl Instrument {
    /// The linear perpetual of a coin.
    pub const fn perpetual(underlying: Symbol) -> Self {
        Self { underlying, contract: Contract::Perpetual, quote: Quote::Usd }
    }

    /// When it settles; never for a perpetual.
    pub const fn expiry(&self) -> Option<Timestamp> {
        match self.contract {
            Contract::Perpetual => None,
            Contract::Future { expiry } | Contract::Forward { expiry } | Contract::Option { expiry, .. } => {
                Some(expiry)
            }
        }
    }

    /// True until it settles.
    pub fn is_alive(&self, moment: Timestamp) -> bool {
        self.expiry().is_none_or(|expiry| expiry > moment)
    }

    /// True for an option.
    pub const fn is_option(&self) -> bool {
        matches!(self.contract, Contract::Option { .. })
    }

    /// True if holding it moves cash before it settles, other than by its price: funding, or a premium paid in coins.
    pub fn has_cash_flows(&self) -> bool {
        self.contract == Contract::Perpetual || self.has_coin_premium()
    }

    /// True if its premium is paid in coins, and so is worth what the coins were worth on that day.
    pub fn has_coin_premium(&self) -> bool {
        self.is_option() && self.quote == Quote::Inverse
    }

    /// The coins whose marks it needs.
    pub fn coins(&self) -> impl Iterator<Item = Symbol> {
        let other = match self.quote {
            Quote::Coin(symbol) => Some(symbol),
            Quote::Usd | Quote::Inverse => None,
        };
        [Some(self.underlying), other].into_iter().flatten()
    }

    /// What keeps this from being one of the contracts of the table above, if anything.
    pub fn refusal(&self) -> Option<(&'static str, &'static str)> {
        match (self.contract, self.quote) {
            (_, Quote::Coin(coin)) if coin == self.underlying => {
                Some(("quote", "must be another coin than the symbol, or inverse"))
            }
            (Contract::Option { .. }, Quote::Coin(_)) => Some(("quote", "must be USD or inverse for an option")),
            (Contract::Forward { .. }, Quote::Inverse) => Some(("quote", "must be USD or another coin for a forward")),
            _ => None,
        }
    }
}

impl fmt::Display for Instrument {
    /// `BTC perpetual`, `BTC 2025-12-26T08:00:00Z call 110000 inverse`, `ETH perpetual in BTC`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = format_timestamp;
        let contract = match self.contract {
            Contract::Perpetual => "perpetual".to_owned(),
            Contract::Future { expiry } => format!("{} future", at(expiry)),
            Contract::Forward { expiry } => format!("{} forward", at(expiry)),
            Contract::Option { expiry, strike, right: Right::Call } => format!("{} call {strike}", at(expiry)),
            Contract::Option { expiry, strike, right: Right::Put } => format!("{} put {strike}", at(expiry)),
        };
        let quote = match self.quote {
            Quote::Usd => String::new(),
            Quote::Coin(symbol) => format!(" in {symbol}"),
            Quote::Inverse => " inverse".to_owned(),
        };
        f.pad(&format!("{} {contract}{quote}", self.underlying))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_contracts_of_the_table_are_taken() {
        let expiry = Timestamp::new(300);
        let forward = Contract::Forward { expiry };
        let option = Contract::Option { expiry, strike: Price::ONE, right: Right::Call };
        let future = Contract::Future { expiry };
        let refused = |contract, quote| Instrument { underlying: Symbol::Btc, contract, quote }.refusal().is_some();
        let coin = Quote::Coin(Symbol::Eth);
        for (contract, quotes) in [
            (Contract::Perpetual, [true, true, true]),
            (future, [true, true, true]),
            (forward, [true, true, false]),
            (option, [true, false, true]),
        ] {
            let taken = [Quote::Usd, coin, Quote::Inverse].map(|quote| !refused(contract, quote));
            assert_eq!(taken, quotes, "{contract:?}");
            assert!(refused(contract, Quote::Coin(Symbol::Btc)));
        }
        assert!(!Instrument { underlying: Symbol::Btc, contract: future, quote: coin }.is_alive(expiry));
    }
}
