//! The closed set of coins the model knows, and one value for each.

use std::fmt;
use std::ops::Index;

/// A coin. The set is closed because each needs a history or a stated proxy before it can be margined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Symbol {
    /// Bitcoin.
    Btc,
    /// Ether.
    Eth,
    /// Solana.
    Sol,
    /// XRP.
    Xrp,
}

impl Symbol {
    /// Every coin, in the order in which sums run.
    pub const ALL: [Self; 4] = [Self::Btc, Self::Eth, Self::Sol, Self::Xrp];

    /// The list for error messages.
    pub const KNOWN: &'static str = "BTC, ETH, SOL, XRP";

    /// The ticker in capitals.
    pub const fn ticker(self) -> &'static str {
        match self {
            Self::Btc => "BTC",
            Self::Eth => "ETH",
            Self::Sol => "SOL",
            Self::Xrp => "XRP",
        }
    }

    /// The coin of a ticker, all in capitals or all in lower case; nothing for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|symbol| text == symbol.ticker() || text == symbol.ticker().to_ascii_lowercase())
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.ticker())
    }
}

/// One value for each coin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BySymbol<T> {
    btc: T,
    eth: T,
    sol: T,
    xrp: T,
}

impl<T> BySymbol<T> {
    /// One value for each coin, in the order of [`Symbol::ALL`].
    pub const fn of(btc: T, eth: T, sol: T, xrp: T) -> Self {
        Self { btc, eth, sol, xrp }
    }

    /// Makes one value for each coin, in the order of [`Symbol::ALL`].
    pub fn from_fn(mut make: impl FnMut(Symbol) -> T) -> Self {
        Self { btc: make(Symbol::Btc), eth: make(Symbol::Eth), sol: make(Symbol::Sol), xrp: make(Symbol::Xrp) }
    }

    /// As [`BySymbol::from_fn`], stopping at the first error.
    ///
    /// # Errors
    /// The first error of `make`.
    pub fn try_from_fn<E>(mut make: impl FnMut(Symbol) -> Result<T, E>) -> Result<Self, E> {
        Ok(Self { btc: make(Symbol::Btc)?, eth: make(Symbol::Eth)?, sol: make(Symbol::Sol)?, xrp: make(Symbol::Xrp)? })
    }

    /// The value of one coin, to change.
    pub const fn get_mut(&mut self, symbol: Symbol) -> &mut T {
        match symbol {
            Symbol::Btc => &mut self.btc,
            Symbol::Eth => &mut self.eth,
            Symbol::Sol => &mut self.sol,
            Symbol::Xrp => &mut self.xrp,
        }
    }
}

impl<T> Index<Symbol> for BySymbol<T> {
    type Output = T;

    fn index(&self, symbol: Symbol) -> &T {
        match symbol {
            Symbol::Btc => &self.btc,
            Symbol::Eth => &self.eth,
            Symbol::Sol => &self.sol,
            Symbol::Xrp => &self.xrp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickers_round_trip_and_strangers_are_refused() {
        for symbol in Symbol::ALL {
            assert_eq!(Symbol::parse(symbol.ticker()), Some(symbol));
            assert_eq!(Symbol::parse(&symbol.ticker().to_lowercase()), Some(symbol));
            assert_eq!(BySymbol::from_fn(|s| s)[symbol], symbol);
        }
        assert_eq!(Symbol::parse("DOGE"), None);
        assert_eq!(Symbol::parse("Btc"), None);
    }
}
