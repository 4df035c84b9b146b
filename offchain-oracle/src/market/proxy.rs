use super::table::Table;
use crate::decimal::{self, DecimalError};
use crate::error::{quote, InputError, Place, Problem};
use crate::files::Source;
use crate::symbol::Symbol;

/// Stand-in for a coin without a licensed history: `r = beta * r_BTC + kappa * e`, with `e` the residual of Solana's
/// return on Bitcoin's. Both in parts per million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Sensitivity to Bitcoin's return.
    pub beta_ppm: u32,
    /// Share of Solana's residual return.
    pub kappa_ppm: u32,
}

/// The proxies of the coins that need one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proxies {
    /// Ether's.
    pub eth: Proxy,
    /// XRP's.
    pub xrp: Proxy,
}

impl Proxies {
    /// Reads `symbol,beta,kappa` with a row for ETH and one for XRP, each number between 0 and 10.
    ///
    /// # Errors
    /// Anything that is not that, a coin that has a history of its own, a coin missing or given twice.
    pub fn parse(source: &Source) -> Result<Self, InputError> {
        let table = Table::parse(source, 1)?;
        table.expect_header(&["symbol", "beta", "kappa"])?;
        let (mut eth, mut xrp) = (None, None);
        for row in &table.rows {
            let proxy = Proxy { beta_ppm: row.number(1, "beta", ppm)?, kappa_ppm: row.number(2, "kappa", ppm)? };
            let slot = match Symbol::parse(row.cell(0)) {
                Some(Symbol::Eth) => &mut eth,
                Some(Symbol::Xrp) => &mut xrp,
                Some(symbol) => {
                    let rule = "has a history of its own and takes no proxy";
                    return Err(row.error(Problem::Rule { name: symbol.to_string(), rule }));
                }
                None => return Err(row.error(Problem::UnknownSymbol(quote(row.cell(0))))),
            };
            if slot.replace(proxy).is_some() {
                return Err(row.error(Problem::Duplicate(quote(row.cell(0)))));
            }
        }
        let missing = |symbol| {
            let problem = Problem::MissingSymbol { symbol, what: "proxy row".to_owned() };
            InputError::new(&source.name, Place::File, problem)
        };
        let eth = eth.ok_or_else(|| missing(Symbol::Eth))?;
        let xrp = xrp.ok_or_else(|| missing(Symbol::Xrp))?;
        Ok(Self { eth, xrp })
    }
}

fn ppm(text: &str) -> Result<u32, DecimalError> {
    let raw = decimal::parse(text, 6)?;
    match u32::try_from(raw) {
        Ok(value) if value <= 10_000_000 => Ok(value),
        Err(_) if raw < 0 => Err(DecimalError::Negative),
        _ => Err(DecimalError::OutOfRange),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_coins_without_history_take_a_proxy() {
        let parse = |rows: &str| {
            let text = format!("symbol,beta,kappa\n{rows}");
            Proxies::parse(&Source::new("p.csv", text)).map_err(|error| error.to_string())
        };
        let proxies = parse("XRP,1,0.9\nETH,1.2,0.5\n").unwrap();
        assert_eq!(proxies.eth, Proxy { beta_ppm: 1_200_000, kappa_ppm: 500_000 });
        assert!(parse("BTC,1,0\n").unwrap_err().contains("row 2: BTC has a history of its own"));
        assert!(parse("ETH,-1,0\n").unwrap_err().contains("row 2: beta is negative"));
        assert!(parse("ETH,11,0\n").unwrap_err().contains("row 2: beta is out of range"));
        assert!(parse("ETH,1,0\n").unwrap_err().contains("no proxy row for XRP"));
        assert!(parse("ETH,1,0\nETH,1,0\n").unwrap_err().contains("row 3: \"ETH\" appears twice"));
    }
}
