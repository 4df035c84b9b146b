use super::Millis;
use crate::symbol::Symbol;
use crate::units::Price;
use std::fmt;
use std::sync::Arc;

/// Longest name of a source.
pub const MAX_SOURCE_ID: usize = 32;

/// The name of a source, by which rules, marks and messages refer to it: 1 to [`MAX_SOURCE_ID`] of `a-z`, `0-9`, `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(Arc<str>);

impl SourceId {
    /// Wraps a name; nothing for one that is not of the form above.
    pub fn new(name: &str) -> Option<Self> {
        let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        (plain && (1..=MAX_SOURCE_ID).contains(&name.len())).then(|| Self(name.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What one source says of one coin at one moment, in US dollars a coin. What it did not say is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Who says it.
    pub source: SourceId,
    /// Of which coin.
    pub market: Symbol,
    /// Best price that somebody pays.
    pub bid: Option<Price>,
    /// Best price that somebody asks for.
    pub ask: Option<Price>,
    /// Price of the last trade.
    pub last: Option<Price>,
    /// The source's own mark.
    pub mark: Option<Price>,
    /// The index that the source publishes.
    pub index: Option<Price>,
    /// When it was so, by the source's clock.
    pub exchange_time: Millis,
    /// When it arrived, by this machine's clock.
    pub receive_time: Millis,
}

/// Which price of a source goes into the mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PriceKind {
    /// Half of bid and ask, rounded down.
    Mid,
    /// The last trade.
    Last,
    /// The source's mark.
    Mark,
    /// The source's index.
    Index,
}

impl PriceKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Mid, Self::Last, Self::Mark, Self::Index];

    /// `mid`, `last`, `mark` or `index`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mid => "mid",
            Self::Last => "last",
            Self::Mark => "mark",
            Self::Index => "index",
        }
    }

    /// Reads [`PriceKind::name`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == text)
    }

    /// The price of this kind in a quote; nothing if the source did not say it. A mid rounds down.
    pub fn of_down(self, quote: &Quote) -> Option<Price> {
        match self {
            Self::Mid => super::median_down(&[quote.bid?, quote.ask?]),
            Self::Last => quote.last,
            Self::Mark => quote.mark,
            Self::Index => quote.index,
        }
    }
}

impl fmt::Display for PriceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sources_are_short_and_plain() {
        let longest = "a".repeat(MAX_SOURCE_ID);
        assert_eq!(SourceId::new(&longest).unwrap().as_str(), longest);
        for bad in ["", "Binance", "a b", "é", "a\n", &"a".repeat(MAX_SOURCE_ID + 1)] {
            assert_eq!(SourceId::new(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_kind_is_only_what_the_source_said() {
        let price = |units| Price::from_units(units);
        let quote = Quote {
            source: SourceId::new("a").unwrap(),
            market: Symbol::Btc,
            bid: price(10),
            ask: price(13),
            last: price(9),
            mark: price(8),
            index: None,
            exchange_time: Millis::new(1),
            receive_time: Millis::new(1),
        };
        let of = |kind: PriceKind| kind.of_down(&quote);
        assert_eq!(PriceKind::ALL.map(of), [price(11), price(9), price(8), None]);
        assert_eq!(PriceKind::Mid.of_down(&Quote { ask: None, ..quote }), None);
        for kind in PriceKind::ALL {
            assert_eq!(PriceKind::parse(kind.name()), Some(kind));
        }
        assert_eq!(PriceKind::parse("Mid"), None);
    }
}
