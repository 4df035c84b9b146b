use super::{Collateral, Portfolio, Position, MAX_COLLATERAL, MAX_POSITIONS};
use crate::decimal::DecimalError;
use crate::error::{quote, InputError, Place, Problem};
use crate::files::Source;
use crate::instrument::{Contract, Instrument, Quote};
use crate::pricing::Right;
use crate::symbol::Symbol;
use crate::time::parse_timestamp;
use crate::units::{MicroUsd, Price, Quantity};
use ringfence_protocol::units::Timestamp;
use ringfence_protocol::Party;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PortfolioText {
    pair: String,
    positions: Vec<PositionText>,
    #[serde(default)]
    collateral: Vec<CollateralText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CollateralText {
    party: String,
    symbol: String,
    quantity: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PositionText {
    symbol: String,
    quantity: String,
    entry_price: String,
    opened: String,
    #[serde(default)]
    funding_paid: Option<String>,
    #[serde(default)]
    contract: Option<String>,
    #[serde(default)]
    quote: Option<String>,
    #[serde(default)]
    expiry: Option<String>,
    #[serde(default)]
    strike: Option<String>,
}

pub(super) fn parse(source: &Source) -> Result<Portfolio, InputError> {
    let text: PortfolioText = document(source)?;
    let fail = |path: &str, problem| InputError::new(&source.name, Place::Json(path.to_owned()), problem);
    let plain = text.pair.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if text.pair.is_empty() || text.pair.len() > 64 || !plain {
        let rule = "must be 1 to 64 of a-z, A-Z, 0-9, '-', '_', '.'";
        return Err(fail("pair", Problem::Rule { name: "pair".to_owned(), rule }));
    }
    if text.positions.is_empty() {
        let rule = "must hold at least one position";
        return Err(fail("positions", Problem::Rule { name: "positions".to_owned(), rule }));
    }
    if text.positions.len() > MAX_POSITIONS {
        return Err(fail("positions", Problem::TooMany { what: "positions", limit: MAX_POSITIONS }));
    }
    let positions = text.positions.iter().enumerate();
    let positions = positions
        .map(|(index, position)| {
            convert(position).map_err(|(member, problem)| fail(&format!("positions[{index}].{member}"), problem))
        })
        .collect::<Result<_, _>>()?;
    if text.collateral.len() > MAX_COLLATERAL {
        return Err(fail("collateral", Problem::TooMany { what: "collateral", limit: MAX_COLLATERAL }));
    }
    let collateral = text.collateral.iter().enumerate();
    let collateral = collateral
        .map(|(index, entry)| {
            pledged(entry).map_err(|(member, problem)| fail(&format!("collateral[{index}].{member}"), problem))
        })
        .collect::<Result<_, _>>()?;
    Ok(Portfolio { file: source.name.clone(), pair: text.pair, positions, collateral })
}

/// Reads a whole JSON document of a known shape; unknown members are errors.
pub(crate) fn document<'a, T: Deserialize<'a>>(source: &'a Source) -> Result<T, InputError> {
    if source.text.trim().is_empty() {
        return Err(InputError::new(&source.name, Place::File, Problem::Empty));
    }
    let mut deserializer = serde_json::Deserializer::from_str(&source.text);
    let parsed = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let place = if matches!(path.as_str(), "." | "?") { Place::File } else { Place::Json(path) };
        InputError::new(&source.name, place, Problem::Json(plain(error.inner())))
    })?;
    deserializer.end().map_err(|error| InputError::new(&source.name, Place::File, Problem::Json(plain(&error))))?;
    Ok(parsed)
}

fn plain(error: &serde_json::Error) -> String {
    error.to_string().escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'")
}

fn convert(text: &PositionText) -> Result<Position, (&'static str, Problem)> {
    let opened = time("opened", &text.opened)?;
    let instrument = instrument(text)?;
    if instrument.expiry().is_some_and(|expiry| expiry <= opened) {
        return Err(rule("expiry", "must be after opened"));
    }
    let funding = text.funding_paid.as_deref().map(|paid| number("funding_paid", paid, MicroUsd::parse)).transpose()?;
    Ok(Position {
        instrument,
        quantity: number("quantity", &text.quantity, Quantity::parse)?,
        entry: number("entry_price", &text.entry_price, Price::parse)?,
        opened,
        funding_paid: funding,
    })
}

fn pledged(text: &CollateralText) -> Result<Collateral, (&'static str, Problem)> {
    let party = match text.party.as_str() {
        "A" => Party::A,
        "B" => Party::B,
        _ => return Err(rule("party", "must be A or B")),
    };
    let symbol = Symbol::parse(&text.symbol).ok_or_else(|| ("symbol", Problem::UnknownSymbol(quote(&text.symbol))))?;
    let quantity = number("quantity", &text.quantity, Quantity::parse)?;
    if quantity.get() < 0 {
        return Err(rule("quantity", "must be above zero: coins pledged"));
    }
    Ok(Collateral { party, symbol, quantity })
}

fn instrument(text: &PositionText) -> Result<Instrument, (&'static str, Problem)> {
    let symbol = |name, text: &str| Symbol::parse(text).ok_or_else(|| (name, Problem::UnknownSymbol(quote(text))));
    let underlying = symbol("symbol", &text.symbol)?;
    let quote = match text.quote.as_deref() {
        None | Some("USD") => Quote::Usd,
        Some("inverse") => Quote::Inverse,
        Some(ticker) => Quote::Coin(symbol("quote", ticker)?),
    };
    let instrument = Instrument { underlying, contract: contract(text)?, quote };
    match instrument.refusal() {
        Some((member, what)) => Err(rule(member, what)),
        None => Ok(instrument),
    }
}

fn contract(text: &PositionText) -> Result<Contract, (&'static str, Problem)> {
    let right = match text.contract.as_deref().unwrap_or("perpetual") {
        "perpetual" | "future" | "forward" => None,
        "call" => Some(Right::Call),
        "put" => Some(Right::Put),
        _ => return Err(rule("contract", "must be perpetual, future, forward, call or put")),
    };
    let expiry = text.expiry.as_deref().map(|expiry| time("expiry", expiry)).transpose()?;
    let strike = text.strike.as_deref().map(|strike| number("strike", strike, Price::parse)).transpose()?;
    match (text.contract.as_deref(), expiry, strike, right) {
        (None | Some("perpetual"), None, None, _) => Ok(Contract::Perpetual),
        (None | Some("perpetual"), None, Some(_), _) => Err(rule("strike", "must be left out: only options have one")),
        (None | Some("perpetual"), Some(_), _, _) => Err(rule("expiry", "must be left out for a perpetual")),
        (_, None, _, _) => Err(rule("expiry", "is needed for a contract that expires")),
        (_, Some(expiry), Some(strike), Some(right)) => Ok(Contract::Option { expiry, strike, right }),
        (_, _, None, Some(_)) => Err(rule("strike", "is needed for an option")),
        (_, _, Some(_), None) => Err(rule("strike", "must be left out: only options have one")),
        (Some("forward"), Some(expiry), None, None) => Ok(Contract::Forward { expiry }),
        (_, Some(expiry), None, None) => Ok(Contract::Future { expiry }),
    }
}

fn time(name: &'static str, text: &str) -> Result<Timestamp, (&'static str, Problem)> {
    let problem = || Problem::Time { name: name.to_owned(), value: quote(text), example: "2025-10-10T18:00Z" };
    parse_timestamp(text).ok_or_else(|| (name, problem()))
}

fn rule(name: &'static str, rule: &'static str) -> (&'static str, Problem) {
    (name, Problem::Rule { name: name.to_owned(), rule })
}

fn number<T>(
    name: &'static str,
    text: &str,
    parse: impl Fn(&str) -> Result<T, DecimalError>,
) -> Result<T, (&'static str, Problem)> {
    parse(text).map_err(|error| {
        (name, Problem::Number { name: name.to_owned(), value: quote(text), error, what: "the value" })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(from: &str, to: &str) -> String {
        let good = r#"{"pair":"p","positions":[{"symbol":"BTC","quantity":"180","entry_price":"1.5","opened":"2025-10-10T18:00Z"}]}"#;
        assert!(parse(&Source::new("p.json", good)).is_ok());
        let bad = good.replace(from, to);
        assert_ne!(good, bad);
        parse(&Source::new("p.json", bad)).unwrap_err().to_string()
    }

    #[test]
    fn every_bad_member_is_named_by_its_path() {
        for (from, to, message) in [
            (
                "BTC",
                "DOGE",
                "p.json: positions[0].symbol: unknown symbol \"DOGE\"; known symbols are BTC, ETH, SOL, XRP",
            ),
            ("\"180\"", "\"NaN\"", "p.json: positions[0].quantity: quantity is NaN; fix or remove the value"),
            ("\"180\"", "\"0\"", "p.json: positions[0].quantity: quantity is zero"),
            ("\"180\"", "180", "p.json: positions[0].quantity: invalid type: integer `180`, expected a string"),
            ("1.5", "-1.5", "p.json: positions[0].entry_price: entry_price is negative"),
            ("18:00Z", "18:00", "p.json: positions[0].opened: opened is not a UTC time"),
            ("}]}", ",\"contract\":\"swap\"}]}", "p.json: positions[0].contract: contract must be perpetual, future"),
            (
                "}]}",
                ",\"contract\":\"call\"}]}",
                "p.json: positions[0].expiry: expiry is needed for a contract that expires",
            ),
            ("}]}", ",\"strike\":\"1\"}]}", "p.json: positions[0].strike: strike must be left out"),
            ("}]}", ",\"expiry\":\"2026-01-01T08:00Z\"}]}", "p.json: positions[0].expiry: expiry must be left out"),
            (
                "}]}",
                ",\"contract\":\"put\",\"expiry\":\"2026-01-01T08:00Z\"}]}",
                "p.json: positions[0].strike: strike is needed for an option",
            ),
            (
                "}]}",
                ",\"contract\":\"future\",\"expiry\":\"2025-10-10T18:00Z\"}]}",
                "p.json: positions[0].expiry: expiry must be after opened",
            ),
            ("}]}", ",\"quote\":\"EUR\"}]}", "p.json: positions[0].quote: unknown symbol \"EUR\""),
            ("}]}", ",\"quote\":\"BTC\"}]}", "p.json: positions[0].quote: quote must be another coin"),
            ("\"pair\"", "\"pear\"", "p.json: pear: unknown field `pear`"),
            ("\"p\"", "\"a b\"", "p.json: pair: pair must be 1 to 64"),
            ("}]}", "}]", "p.json: EOF while parsing"),
            ("}]}", "}]}x", "p.json: trailing characters"),
        ] {
            let text = error(from, to);
            assert!(text.starts_with(message), "{text}");
            assert!(!text.contains('\n'));
        }
        let none = parse(&Source::new("p.json", r#"{"pair":"p","positions":[]}"#)).unwrap_err().to_string();
        assert_eq!(none, "p.json: positions: positions must hold at least one position; fix it");
        assert!(parse(&Source::new("p.json", " ")).unwrap_err().to_string().contains("file is empty"));
    }
}
