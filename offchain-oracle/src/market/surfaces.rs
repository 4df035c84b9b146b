use super::table::{Row, Table};
use crate::decimal::{self, DecimalError};
use crate::error::{quote, InputError, Place, Problem};
use crate::files::Source;
use crate::model::convert::rate_to_f64_nearest;
use crate::pricing::{Arbitrage, VolatilitySurface};
use crate::symbol::{BySymbol, Symbol};
use crate::units::Rate;

/// Most nodes of one coin's surface.
pub const MAX_NODES: usize = 4_096;

/// One quoted implied volatility.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SurfaceNode {
    /// Days to expiry.
    pub days: u32,
    /// Log-moneyness `ln(K / F)`.
    pub moneyness: Rate,
    /// Implied volatility, millionths per square root of a year.
    pub volatility_ppm: u32,
}

/// The implied-volatility surfaces of the coins that have options.
#[derive(Clone, Debug, PartialEq)]
pub struct Surfaces {
    nodes: BySymbol<Vec<SurfaceNode>>,
    surfaces: BySymbol<Option<VolatilitySurface>>,
}

impl Surfaces {
    /// Reads `symbol,days,moneyness,volatility`, each coin's rows ascending by days, then by moneyness. A coin without rows
    /// has no options.
    ///
    /// # Errors
    /// Anything that is not that, a volatility of zero or above 1,000 %, or a calendar spread or butterfly among the nodes
    /// that pays for nothing.
    pub fn parse(source: &Source) -> Result<Self, InputError> {
        let table = Table::parse(source, 1)?;
        table.expect_header(&["symbol", "days", "moneyness", "volatility"])?;
        let mut nodes: BySymbol<Vec<SurfaceNode>> = BySymbol::default();
        for row in &table.rows {
            let symbol =
                Symbol::parse(row.cell(0)).ok_or_else(|| row.error(Problem::UnknownSymbol(quote(row.cell(0)))))?;
            push(nodes.get_mut(symbol), row)?;
        }
        let surfaces = BySymbol::try_from_fn(|symbol| match surface(&nodes[symbol]) {
            Some(surface) => match surface.first_arbitrage() {
                Some(arbitrage) => Err(refusal(source, symbol, &nodes[symbol], arbitrage)),
                None => Ok(Some(surface)),
            },
            None => Ok(None),
        })?;
        Ok(Self { nodes, surfaces })
    }

    /// The nodes of one coin, as they were read.
    pub fn nodes(&self, symbol: Symbol) -> &[SurfaceNode] {
        &self.nodes[symbol]
    }

    /// The surface of one coin, if it has options.
    pub fn surface(&self, symbol: Symbol) -> Option<&VolatilitySurface> {
        self.surfaces[symbol].as_ref()
    }
}

fn push(nodes: &mut Vec<SurfaceNode>, row: &Row<'_>) -> Result<(), InputError> {
    let node = SurfaceNode {
        days: row.days(1)?,
        moneyness: row.number(2, "moneyness", moneyness)?,
        volatility_ppm: row.number(3, "volatility", volatility_ppm)?,
    };
    let key = |node: &SurfaceNode| (node.days, node.moneyness);
    if nodes.last().is_some_and(|last| key(last) >= key(&node)) {
        let (name, rule) = ("days, moneyness".to_owned(), "must ascend within a symbol");
        return Err(row.error(Problem::Rule { name, rule }));
    }
    if nodes.len() >= MAX_NODES {
        return Err(row.error(Problem::TooMany { what: "nodes of one surface", limit: MAX_NODES }));
    }
    nodes.push(node);
    Ok(())
}

/// Between -5 and 5: strikes from 0.7 % of the forward to 148 times it.
fn moneyness(text: &str) -> Result<Rate, DecimalError> {
    let raw = decimal::parse(text, 8)?;
    let bounded = i64::try_from(raw).ok().filter(|raw| raw.unsigned_abs() <= 500_000_000);
    bounded.map(Rate::new).ok_or(DecimalError::OutOfRange)
}

pub(super) fn volatility_ppm(text: &str) -> Result<u32, DecimalError> {
    let raw = decimal::parse(text, 6)?;
    match u32::try_from(raw) {
        Ok(0) => Err(DecimalError::Zero),
        Ok(ppm) if ppm <= 10_000_000 => Ok(ppm),
        Err(_) if raw < 0 => Err(DecimalError::Negative),
        _ => Err(DecimalError::OutOfRange),
    }
}

fn surface(nodes: &[SurfaceNode]) -> Option<VolatilitySurface> {
    let slices = nodes.chunk_by(|a, b| a.days == b.days).map(|slice| {
        let years = f64::from(slice.first().map_or(0, |node| node.days)) / 365.0;
        let point = |node: &SurfaceNode| (rate_to_f64_nearest(node.moneyness), f64::from(node.volatility_ppm) / 1e6);
        (years, slice.iter().map(point).collect())
    });
    (!nodes.is_empty()).then(|| VolatilitySurface::new(slices.collect()))
}

fn refusal(source: &Source, symbol: Symbol, nodes: &[SurfaceNode], arbitrage: Arbitrage) -> InputError {
    let (expiry, moneyness, rule) = match arbitrage {
        Arbitrage::Calendar { expiry, moneyness } => {
            (expiry, moneyness, "has less total variance than the expiry before")
        }
        Arbitrage::Butterfly { expiry, moneyness } => {
            (expiry, moneyness, "makes a butterfly that costs less than nothing")
        }
    };
    let days =
        nodes.chunk_by(|a, b| a.days == b.days).nth(expiry).and_then(<[SurfaceNode]>::first).map_or(0, |n| n.days);
    let name = format!("{symbol} at {days} days and moneyness {moneyness}");
    InputError::new(&source.name, Place::File, Problem::Rule { name, rule })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_nodes_and_arbitrage_are_named() {
        let good = "symbol,days,moneyness,volatility\nBTC,30,-0.1,0.52\nBTC,30,0,0.5\nBTC,30,0.1,0.51\nBTC,60,0,0.6\n";
        let parse = |text: &str| Surfaces::parse(&Source::new("s.csv", text)).map_err(|error| error.to_string());
        let surfaces = parse(good).unwrap();
        assert!((surfaces.surface(Symbol::Btc).unwrap().volatility(0.0, 30.0 / 365.0) - 0.5).abs() < 1e-15);
        assert_eq!(surfaces.surface(Symbol::Eth), None);
        for (from, to, message) in [
            ("60,0,0.6", "60,0,0.3", "s.csv: BTC at 60 days and moneyness -0.1 has less total variance"),
            ("30,0,0.5", "30,0,1.5", "s.csv: BTC at 30 days and moneyness 0 makes a butterfly"),
            ("30,0,0.5", "30,-0.1,0.5", "s.csv: row 3: days, moneyness must ascend"),
            ("0.51", "0", "s.csv: row 4: volatility is zero"),
            ("0.51", "10.1", "s.csv: row 4: volatility is out of range"),
            ("0.51", "-0.1", "s.csv: row 4: volatility is negative"),
            ("30,0.1", "30,5.1", "s.csv: row 4: moneyness is out of range"),
            ("BTC,60", "DOGE,60", "s.csv: row 5: unknown symbol"),
        ] {
            let error = parse(&good.replace(from, to)).unwrap_err();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
