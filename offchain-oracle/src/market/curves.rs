use super::table::Table;
use crate::error::{quote, InputError, Place, Problem};
use crate::files::Source;
use crate::pricing::RateCurve;
use crate::symbol::{BySymbol, Symbol};
use crate::units::Rate;

/// Longest tenor of a market table: ten years.
pub const MAX_TENOR_DAYS: u32 = 3_650;

/// A rate for a tenor, continuously compounded, a share a year of 365 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateNode {
    /// Days to the date.
    pub days: u32,
    /// The rate.
    pub rate: Rate,
}

/// The dollar's discount curve and each coin's basis curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    usd_nodes: Vec<RateNode>,
    basis_nodes: BySymbol<Vec<RateNode>>,
    usd: RateCurve,
    basis: BySymbol<RateCurve>,
}

impl Curves {
    /// Reads `curve,days,rate`: `USD` for discounting, a ticker for the basis `ln(F / S) / years` of its futures. Each curve
    /// needs a row; the rows of one curve have ascending days.
    ///
    /// # Errors
    /// Anything that is not that: see [`Problem`].
    pub fn parse(source: &Source) -> Result<Self, InputError> {
        let table = Table::parse(source, 1)?;
        table.expect_header(&["curve", "days", "rate"])?;
        let mut usd_nodes = Vec::new();
        let mut basis_nodes: BySymbol<Vec<RateNode>> = BySymbol::default();
        for row in &table.rows {
            let nodes = match (row.cell(0), Symbol::parse(row.cell(0))) {
                ("USD", _) => &mut usd_nodes,
                (_, Some(symbol)) => basis_nodes.get_mut(symbol),
                _ => return Err(row.error(Problem::UnknownSymbol(quote(row.cell(0))))),
            };
            let node = RateNode { days: row.days(1)?, rate: row.number(2, "rate", Rate::parse)? };
            if nodes.last().is_some_and(|last: &RateNode| last.days >= node.days) {
                return Err(row.error(Problem::Rule { name: "days".to_owned(), rule: "must ascend within a curve" }));
            }
            nodes.push(node);
        }
        let missing = |what: &str| {
            let problem = Problem::Rule { name: what.to_owned(), rule: "has no row: each curve needs one" };
            InputError::new(&source.name, Place::File, problem)
        };
        if usd_nodes.is_empty() {
            return Err(missing("USD"));
        }
        if let Some(symbol) = Symbol::ALL.into_iter().find(|symbol| basis_nodes[*symbol].is_empty()) {
            return Err(missing(symbol.ticker()));
        }
        let (usd, basis) = (curve(&usd_nodes), BySymbol::from_fn(|symbol| curve(&basis_nodes[symbol])));
        Ok(Self { usd_nodes, basis_nodes, usd, basis })
    }

    /// The nodes of the dollar's curve and of every coin's, as they were read.
    pub fn nodes(&self) -> impl Iterator<Item = &[RateNode]> {
        let coins = Symbol::ALL.into_iter().map(|symbol| self.basis_nodes[symbol].as_slice());
        std::iter::once(self.usd_nodes.as_slice()).chain(coins)
    }

    /// What a dollar at a later date is worth now.
    pub const fn usd(&self) -> &RateCurve {
        &self.usd
    }

    /// What a coin's forward stands above its mark.
    pub fn basis(&self, symbol: Symbol) -> &RateCurve {
        &self.basis[symbol]
    }
}

fn curve(nodes: &[RateNode]) -> RateCurve {
    let node = |node: &RateNode| (f64::from(node.days) / 365.0, crate::model::convert::rate_to_f64_nearest(node.rate));
    RateCurve::new(nodes.iter().map(node).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_curve_has_ascending_rows() {
        let good = "curve,days,rate\nUSD,30,0.04\nUSD,365,0.05\nBTC,30,0.06\nETH,30,0.05\nSOL,30,0.08\nXRP,30,0.07\n";
        let parse = |text: &str| Curves::parse(&Source::new("c.csv", text)).map_err(|error| error.to_string());
        let curves = parse(good).unwrap();
        assert!((curves.usd().rate(30.0 / 365.0) - 0.04).abs() < 1e-15);
        assert!((curves.basis(Symbol::Sol).rate(1.0) - 0.08).abs() < 1e-15);
        for (from, to, message) in [
            ("365", "30", "c.csv: row 3: days must ascend within a curve"),
            ("365", "0", "c.csv: row 3: days must be 1 to 3650"),
            ("365", "3651", "c.csv: row 3: days must be 1 to 3650"),
            ("365", "x", "c.csv: row 3: days must be 1 to 3650"),
            ("0.06", "1.5", "c.csv: row 4: rate is out of range"),
            ("XRP", "DOGE", "c.csv: row 7: unknown symbol"),
            ("XRP", "SOL", "c.csv: row 7: days must ascend"),
            ("XRP,30,0.07\n", "", "c.csv: XRP has no row"),
        ] {
            let error = parse(&good.replace(from, to)).unwrap_err();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
