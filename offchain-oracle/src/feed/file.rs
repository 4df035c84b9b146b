//! Quotes in files: CSV for tables, JSON for documents. Both hold what [`Quote`] holds.

use super::{Millis, Quote, SourceId};
use crate::error::{quote, InputError, Place, Problem};
use crate::files::Source;
use crate::market::table::{Row, Table};
use crate::portfolio::document;
use crate::symbol::Symbol;
use crate::units::Price;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Most quotes of one file.
pub const MAX_QUOTES: usize = 1_000_000;

const COLUMNS: [&str; 9] =
    ["source", "market", "bid", "ask", "last", "mark", "index", "exchange_time_ms", "receive_time_ms"];
const SOURCE_RULE: &str = "must be 1 to 32 of a-z, 0-9, '-'";
const TIME_RULE: &str = "must be milliseconds since 1970, before the year 10000";

/// Reads quotes from a file: JSON if its name ends in `.json`, CSV otherwise.
///
/// # Errors
/// As [`parse_csv`] and [`parse_json`].
pub fn parse(source: &Source) -> Result<Vec<Quote>, InputError> {
    let json = std::path::Path::new(&source.name).extension().is_some_and(|extension| extension == "json");
    if json {
        parse_json(source)
    } else {
        parse_csv(source)
    }
}

/// Reads `source,market,bid,ask,last,mark,index,exchange_time_ms,receive_time_ms`; a price that was not said is empty.
///
/// # Errors
/// Anything that is not that, by row and column; rows of a source that are not in the order in which they arrived.
pub fn parse_csv(source: &Source) -> Result<Vec<Quote>, InputError> {
    let table = Table::parse(source, 1)?;
    table.expect_header(&COLUMNS)?;
    let mut quotes: Vec<Quote> = Vec::with_capacity(table.rows.len());
    let mut order = Order::default();
    for row in &table.rows {
        let read = row_quote(row)?;
        if let Some(problem) = order.backwards(&read) {
            return Err(row.error(problem));
        }
        quotes.push(read);
    }
    Ok(quotes)
}

fn row_quote(row: &Row<'_>) -> Result<Quote, InputError> {
    let rule = |name: &str, rule| row.error(Problem::Rule { name: name.to_owned(), rule });
    let price = |column: usize, name: &str| match row.cell(column) {
        "" => Ok(None),
        _ => row.price(column, name).map(Some),
    };
    let millis = |column: usize, name: &str| millis(row.cell(column)).ok_or_else(|| rule(name, TIME_RULE));
    Ok(Quote {
        source: SourceId::new(row.cell(0)).ok_or_else(|| rule("source", SOURCE_RULE))?,
        market: Symbol::parse(row.cell(1)).ok_or_else(|| row.error(Problem::UnknownSymbol(quote(row.cell(1)))))?,
        bid: price(2, "bid")?,
        ask: price(3, "ask")?,
        last: price(4, "last")?,
        mark: price(5, "mark")?,
        index: price(6, "index")?,
        exchange_time: millis(7, "exchange_time_ms")?,
        receive_time: millis(8, "receive_time_ms")?,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    quotes: Vec<QuoteText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuoteText {
    source: String,
    market: String,
    bid: Option<String>,
    ask: Option<String>,
    last: Option<String>,
    mark: Option<String>,
    index: Option<String>,
    exchange_time_ms: u64,
    receive_time_ms: u64,
}

/// Reads `{"quotes": [{"source": "okx", "market": "BTC", "bid": "1", "ask": "2", "exchange_time_ms": 1,
/// "receive_time_ms": 2}]}`; prices are strings, and one that was not said is left out or null.
///
/// # Errors
/// Anything that is not that, by its JSON path; quotes of a source that are not in the order in which
/// they arrived.
pub fn parse_json(source: &Source) -> Result<Vec<Quote>, InputError> {
    let text: Document = document(source)?;
    let fail = |path: String, problem| InputError::new(&source.name, Place::Json(path), problem);
    if text.quotes.len() > MAX_QUOTES {
        return Err(fail("quotes".to_owned(), Problem::TooMany { what: "quotes", limit: MAX_QUOTES }));
    }
    let mut quotes: Vec<Quote> = Vec::with_capacity(text.quotes.len());
    let mut order = Order::default();
    for (index, text) in text.quotes.iter().enumerate() {
        let at = |(member, problem): (&str, Problem)| fail(format!("quotes[{index}].{member}"), problem);
        let read = text_quote(text).map_err(at)?;
        if let Some(problem) = order.backwards(&read) {
            return Err(at(("receive_time_ms", problem)));
        }
        quotes.push(read);
    }
    Ok(quotes)
}

fn text_quote(text: &QuoteText) -> Result<Quote, (&'static str, Problem)> {
    let rule = |name: &'static str, rule| (name, Problem::Rule { name: name.to_owned(), rule });
    let price = |name: &'static str, text: &Option<String>| {
        let read = text.as_deref().map(Price::parse).transpose();
        read.map_err(|error| {
            let value = quote(text.as_deref().unwrap_or_default());
            (name, Problem::Number { name: name.to_owned(), value, error, what: "the value" })
        })
    };
    let millis =
        |name, raw| Some(Millis::new(raw)).filter(|millis| *millis <= Millis::MAX).ok_or_else(|| rule(name, TIME_RULE));
    let unknown = || ("market", Problem::UnknownSymbol(quote(&text.market)));
    Ok(Quote {
        source: SourceId::new(&text.source).ok_or_else(|| rule("source", SOURCE_RULE))?,
        market: Symbol::parse(&text.market).ok_or_else(unknown)?,
        bid: price("bid", &text.bid)?,
        ask: price("ask", &text.ask)?,
        last: price("last", &text.last)?,
        mark: price("mark", &text.mark)?,
        index: price("index", &text.index)?,
        exchange_time: millis("exchange_time_ms", text.exchange_time_ms)?,
        receive_time: millis("receive_time_ms", text.receive_time_ms)?,
    })
}

fn millis(text: &str) -> Option<Millis> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain).map(Millis::new).filter(|millis| *millis <= Millis::MAX)
}

/// When each source's last quote arrived. Quotes of different sources may stand a little out of order.
#[derive(Default)]
struct Order(BTreeMap<SourceId, Millis>);

impl Order {
    fn backwards(&mut self, read: &Quote) -> Option<Problem> {
        let before = self.0.insert(read.source.clone(), read.receive_time)?;
        let (found, previous) = (read.receive_time.to_string(), before.to_string());
        (before > read.receive_time).then_some(Problem::TimeOrder { found, previous })
    }
}

/// The first line of a CSV file of quotes.
pub fn csv_head() -> String {
    COLUMNS.join(",")
}

/// A line of a CSV file of quotes; [`parse_csv`] reads it back.
pub fn csv_row(quote: &Quote) -> String {
    let prices = [quote.bid, quote.ask, quote.last, quote.mark, quote.index];
    let prices = prices.map(|price| price.map(|price| price.to_string()).unwrap_or_default()).join(",");
    let (stated, arrived) = (quote.exchange_time.get(), quote.receive_time.get());
    format!("{},{},{prices},{stated},{arrived}", quote.source, quote.market)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "source,market,bid,ask,last,mark,index,exchange_time_ms,receive_time_ms\n";

    #[test]
    fn both_forms_say_the_same() {
        let csv = format!("{HEAD}okx,BTC,117599.9,117600,,,117655.1,1760119200310,1760119200350\n");
        let json = r#"{"quotes":[{"source":"okx","market":"BTC","bid":"117599.9","ask":"117600","mark":null,
            "index":"117655.1","exchange_time_ms":1760119200310,"receive_time_ms":1760119200350}]}"#;
        let quotes = parse(&Source::new("q.csv", csv)).unwrap();
        assert_eq!(quotes, parse(&Source::new("q.json", json)).unwrap());
        assert_eq!(quotes[0].last, None);
        assert_eq!(quotes[0].bid, Price::from_units(11_759_990_000_000));
        let again = format!("{}\n{}\n", csv_head(), csv_row(&quotes[0]));
        assert_eq!(parse(&Source::new("q.csv", again)).unwrap(), quotes);
    }

    #[test]
    fn only_quotes_of_one_source_must_be_in_order() {
        let rows = "okx,BTC,1,1,,,,1,2\nkraken,BTC,1,1,,,,1,1\nokx,BTC,1,1,,,,1,2\n";
        assert_eq!(parse(&Source::new("q.csv", format!("{HEAD}{rows}"))).unwrap().len(), 3);
    }

    #[test]
    fn every_bad_cell_is_named() {
        for (row, message) in [
            ("OKX,BTC,1,1,,,,1,1", "q.csv: row 2: source must be 1 to 32"),
            ("okx,DOGE,1,1,,,,1,1", "q.csv: row 2: unknown symbol \"DOGE\""),
            ("okx,BTC,1e5,1,,,,1,1", "q.csv: row 2: bid is not a decimal number"),
            ("okx,BTC,1,0,,,,1,1", "q.csv: row 2: ask is zero"),
            ("okx,BTC,1,1,,,,,1", "q.csv: row 2: exchange_time_ms must be milliseconds"),
            ("okx,BTC,1,1,,,,1,+1", "q.csv: row 2: receive_time_ms must be milliseconds"),
            ("okx,BTC,1,1,,,,1,253402300800000", "q.csv: row 2: receive_time_ms must be milliseconds"),
            ("okx,BTC,1,1,,,,1,2\nokx,BTC,1,1,,,,1,1", "q.csv: row 3: time 1970-01-01T00:00:00.001Z is not after"),
            ("okx,BTC,1,1,,,,1", "q.csv: row 2: 8 columns, expected 9"),
        ] {
            let error = parse(&Source::new("q.csv", format!("{HEAD}{row}\n"))).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn every_bad_member_is_named() {
        let good = r#"{"quotes":[{"source":"okx","market":"BTC","bid":"1","exchange_time_ms":1,"receive_time_ms":1}]}"#;
        parse_json(&Source::new("q.json", good)).unwrap();
        for (from, to, message) in [
            ("okx", "O", "q.json: quotes[0].source: source must be"),
            ("BTC", "btC", "q.json: quotes[0].market: unknown symbol"),
            ("\"1\"", "\"-1\"", "q.json: quotes[0].bid: bid is negative"),
            ("\"1\"", "1", "q.json: quotes[0].bid: invalid type"),
            ("\"bid\"", "\"bids\"", "q.json: quotes[0].bids: unknown field"),
            ("_ms\":1}", "_ms\":253402300800000}", "q.json: quotes[0].receive_time_ms: receive_time_ms must be"),
        ] {
            let error = parse_json(&Source::new("q.json", good.replacen(from, to, 1))).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
