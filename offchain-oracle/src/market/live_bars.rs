//! Bars that a service made of live marks, as it serves them: a coin whose mark was not fresh at the close has no price.

use super::{Bar, Quote, BAR_SECONDS};
use crate::error::{quote, InputError, Place, Problem};
use crate::files::Source;
use crate::portfolio::document;
use crate::symbol::{BySymbol, Symbol};
use crate::time::format_timestamp;
use crate::units::Price;
use ringfence_protocol::units::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most bars of one document: over nine years of them.
pub const MAX_LIVE_BARS: usize = 1_000_000;

/// A bar as a document says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BarText {
    /// When it opened, on the grid of five minutes.
    pub open_time: u64,
    /// Prices by coin; one that has none is absent.
    pub prices: BTreeMap<String, PriceText>,
}

/// US dollars.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceText {
    /// The last mark.
    pub close: String,
    /// The lowest mark.
    pub low: String,
}

impl From<&Bar> for BarText {
    fn from(bar: &Bar) -> Self {
        let prices = |symbol: Symbol| {
            let quote = bar.quotes[symbol]?;
            let text = PriceText { close: quote.close.to_string(), low: quote.low.to_string() };
            Some((symbol.to_string(), text))
        };
        Self { open_time: bar.open_time.get(), prices: Symbol::ALL.into_iter().filter_map(prices).collect() }
    }
}

/// Reads an array of bars, each opening where the one before closes.
///
/// # Errors
/// The first member that is wrong, with its JSON path.
pub fn parse_live_bars(source: &Source) -> Result<Vec<Bar>, InputError> {
    let texts: Vec<BarText> = document(source)?;
    if texts.len() > MAX_LIVE_BARS {
        let problem = Problem::TooMany { what: "bars", limit: MAX_LIVE_BARS };
        return Err(InputError::new(&source.name, Place::File, problem));
    }
    let mut bars: Vec<Bar> = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let bar = bar(text, bars.last());
        bars.push(bar.map_err(|(member, problem)| {
            InputError::new(&source.name, Place::Json(format!("[{index}].{member}")), problem)
        })?);
    }
    Ok(bars)
}

fn bar(text: &BarText, before: Option<&Bar>) -> Result<Bar, (String, Problem)> {
    let rule = |name: &str, rule| Err((name.to_owned(), Problem::Rule { name: name.to_owned(), rule }));
    if text.open_time.checked_rem(BAR_SECONDS.get()) != Some(0) {
        return rule("open_time", "must be on the grid of five minutes");
    }
    let open_time = Timestamp::new(text.open_time);
    if before.is_some_and(|before| before.close_time() != open_time) {
        let name = format!("open_time {}", format_timestamp(open_time));
        let rule = "must be the close of the bar before: a gap has bars without prices";
        return Err(("open_time".to_owned(), Problem::Rule { name, rule }));
    }
    let mut quotes = BySymbol::default();
    for (ticker, prices) in &text.prices {
        let member = format!("prices.{ticker}");
        let symbol = Symbol::parse(ticker).ok_or_else(|| (member.clone(), Problem::UnknownSymbol(quote(ticker))))?;
        let read = |name: &str, text: &str| {
            let name = format!("{member}.{name}");
            Price::parse(text)
                .map_err(|error| (name.clone(), Problem::Number { name, value: quote(text), error, what: "the value" }))
        };
        let (close, low) = (read("close", &prices.close)?, read("low", &prices.low)?);
        if low > close {
            let problem = Problem::LowAboveClose { symbol, low: low.to_string(), close: close.to_string() };
            return Err((member, problem));
        }
        *quotes.get_mut(symbol) = Some(Quote { close, low });
    }
    Ok(Bar { open_time, quotes })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        r#"[{"open_time":600,"prices":{"BTC":{"close":"11","low":"10.5"}}},{"open_time":900,"prices":{}}]"#;

    fn parse(text: &str) -> Result<Vec<Bar>, String> {
        parse_live_bars(&Source::new("b.json", text)).map_err(|error| error.to_string())
    }

    #[test]
    fn bars_read_as_they_are_written() {
        let bars = parse(GOOD).unwrap();
        assert_eq!((bars.len(), bars[1].open_time.get(), bars[1].quotes), (2, 900, BySymbol::default()));
        assert_eq!(bars[0].quotes[Symbol::Btc].unwrap().low.to_string(), "10.5");
        assert_eq!(serde_json::to_string(&bars.iter().map(BarText::from).collect::<Vec<_>>()).unwrap(), GOOD);
    }

    #[test]
    fn every_bad_bar_is_named() {
        for (from, to, expected) in [
            ("600", "601", "b.json: [0].open_time: open_time must be on the grid"),
            (
                "900",
                "1200",
                "b.json: [1].open_time: open_time 1970-01-01T00:20:00Z must be the close of the bar before",
            ),
            ("900", "600", "b.json: [1].open_time"),
            ("BTC", "DOGE", "b.json: [0].prices.DOGE: unknown symbol"),
            ("10.5", "11.5", "b.json: [0].prices.BTC: BTC low 11.5 is above close 11"),
            ("\"11\"", "\"-11\"", "b.json: [0].prices.BTC.close"),
            ("\"low\"", "\"high\"", "b.json: [0].prices.BTC"),
        ] {
            let error = parse(&GOOD.replacen(from, to, 1)).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
