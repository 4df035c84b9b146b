use super::{Portfolio, Position, MAX_POSITIONS};
use crate::decimal::DecimalError;
use crate::error::{quote, InputError, Place, Problem};
use crate::files::Source;
use crate::symbol::Symbol;
use crate::time::parse_timestamp;
use crate::units::{MicroUsd, Price, Quantity};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PortfolioText {
    pair: String,
    positions: Vec<PositionText>,
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
    Ok(Portfolio { file: source.name.clone(), pair: text.pair, positions })
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
    let symbol = Symbol::parse(&text.symbol).ok_or_else(|| ("symbol", Problem::UnknownSymbol(quote(&text.symbol))))?;
    let opened = parse_timestamp(&text.opened).ok_or_else(|| {
        let (name, value) = ("opened".to_owned(), quote(&text.opened));
        ("opened", Problem::Time { name, value, example: "2025-10-10T18:00Z" })
    })?;
    let funding = text.funding_paid.as_deref().map(|paid| number("funding_paid", paid, MicroUsd::parse)).transpose()?;
    Ok(Position {
        symbol,
        quantity: number("quantity", &text.quantity, Quantity::parse)?,
        entry: number("entry_price", &text.entry_price, Price::parse)?,
        opened,
        funding_paid: funding,
    })
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
