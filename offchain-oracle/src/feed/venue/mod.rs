//! What venues send, as they document it, and what this crate makes of it.
//!
//! | venue | contract | websocket | HTTP | documented at |
//! |---|---|---|---|---|
//! | [`Venue::BinanceUsdm`] | perpetual in USDT | `<symbol>@bookTicker`, `<symbol>@markPrice@1s` | `/fapi/v1/ticker/bookTicker`, `/fapi/v1/premiumIndex` | developers.binance.com, USDS-margined futures |
//! | [`Venue::BybitLinear`] | perpetual in USDT | `tickers.<symbol>`: a snapshot, then what changed | `/v5/market/tickers?category=linear` | bybit-exchange.github.io/docs/v5 |
//! | [`Venue::Okx`] | perpetual or spot | `tickers`, `mark-price`, `index-tickers` | `/api/v5/market/ticker`, `/api/v5/public/mark-price`, `/api/v5/market/index-tickers` | okx.com/docs-v5 |
//! | [`Venue::Deribit`] | perpetual | `ticker.<instrument>.100ms` | `/api/v2/public/ticker` | docs.deribit.com |
//! | [`Venue::Coinbase`] | spot | `ticker` | `/products/<product>/ticker` | docs.cdp.coinbase.com, Exchange |
//! | [`Venue::Kraken`] | spot | `ticker` of version 2 | none: its answer carries no time | docs.kraken.com, websocket v2 |
//!
//! A price is read from the digits that were sent, never through a float. A message without a time is refused.

mod binance;
mod bybit;
mod coinbase;
mod decoder;
mod deribit;
mod kraken;
mod okx;
mod read;

pub use decoder::{Decoded, Decoder, Listing, MAX_LISTINGS};

use super::PriceKind;

/// Whose messages they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Venue {
    /// Binance, USD-margined futures.
    BinanceUsdm,
    /// Bybit, linear contracts, API version 5.
    BybitLinear,
    /// OKX, API version 5.
    Okx,
    /// Deribit, JSON-RPC API version 2.
    Deribit,
    /// Coinbase Exchange.
    Coinbase,
    /// Kraken spot, websocket API version 2.
    Kraken,
}

impl Venue {
    /// Every venue.
    pub const ALL: [Self; 6] =
        [Self::BinanceUsdm, Self::BybitLinear, Self::Okx, Self::Deribit, Self::Coinbase, Self::Kraken];

    /// The list for error messages.
    pub const KNOWN: &'static str = "binance-usdm, bybit-linear, okx, deribit, coinbase, kraken";

    /// Its name in configurations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BinanceUsdm => "binance-usdm",
            Self::BybitLinear => "bybit-linear",
            Self::Okx => "okx",
            Self::Deribit => "deribit",
            Self::Coinbase => "coinbase",
            Self::Kraken => "kraken",
        }
    }

    /// True if its messages have prices of the kind.
    pub const fn says(self, kind: PriceKind) -> bool {
        match self {
            Self::BinanceUsdm => !matches!(kind, PriceKind::Last),
            Self::BybitLinear | Self::Okx | Self::Deribit => true,
            Self::Coinbase | Self::Kraken => matches!(kind, PriceKind::Mid | PriceKind::Last),
        }
    }

    /// Reads [`Venue::name`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|venue| venue.name() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for venue in Venue::ALL {
            assert_eq!(Venue::parse(venue.name()), Some(venue));
        }
        assert_eq!(Venue::ALL.map(Venue::name).join(", "), Venue::KNOWN);
        assert_eq!(Venue::parse("mtgox"), None);
    }
}
