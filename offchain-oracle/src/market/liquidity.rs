use super::table::Table;
use crate::decimal::{self, DecimalError};
use crate::error::{quote, InputError, Place, Problem};
use crate::files::Source;
use crate::symbol::{BySymbol, Symbol};
use crate::units::{MicroUsd, Rate};

/// What it costs to leave a position in one coin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoinLiquidity {
    /// Half the distance between bid and offer of a small order, a share of the price.
    pub half_spread: Rate,
    /// Traded in a day in all, US dollars; what the market impact of a close-out is measured against.
    pub daily_volume: MicroUsd,
    /// Half the distance between bid and offer of an option, implied volatility (0.01 is one point).
    pub volatility_half_spread: Rate,
}

/// The liquidity of every coin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Liquidity {
    coins: BySymbol<CoinLiquidity>,
}

impl Liquidity {
    /// Reads `symbol,half_spread,daily_volume_usd,volatility_half_spread`, one row for every coin.
    ///
    /// # Errors
    /// Anything that is not that, a negative spread, a volume below a million dollars, a coin missing or given twice.
    pub fn parse(source: &Source) -> Result<Self, InputError> {
        let table = Table::parse(source, 1)?;
        table.expect_header(&["symbol", "half_spread", "daily_volume_usd", "volatility_half_spread"])?;
        let mut coins: BySymbol<Option<CoinLiquidity>> = BySymbol::default();
        for row in &table.rows {
            let symbol =
                Symbol::parse(row.cell(0)).ok_or_else(|| row.error(Problem::UnknownSymbol(quote(row.cell(0)))))?;
            let coin = CoinLiquidity {
                half_spread: row.number(1, "half_spread", spread)?,
                daily_volume: row.number(2, "daily_volume_usd", volume)?,
                volatility_half_spread: row.number(3, "volatility_half_spread", spread)?,
            };
            if coins.get_mut(symbol).replace(coin).is_some() {
                return Err(row.error(Problem::Duplicate(symbol.to_string())));
            }
        }
        let coins = BySymbol::try_from_fn(|symbol| {
            let missing = || Problem::MissingSymbol { symbol, what: "liquidity row".to_owned() };
            coins[symbol].ok_or_else(|| InputError::new(&source.name, Place::File, missing()))
        })?;
        Ok(Self { coins })
    }

    /// One coin's.
    pub fn coin(&self, symbol: Symbol) -> CoinLiquidity {
        self.coins[symbol]
    }
}

fn spread(text: &str) -> Result<Rate, DecimalError> {
    Rate::parse(text).and_then(|rate| if rate < Rate::default() { Err(DecimalError::Negative) } else { Ok(rate) })
}

/// Between a million and a quadrillion dollars a day.
fn volume(text: &str) -> Result<MicroUsd, DecimalError> {
    let raw = decimal::parse(text, 6)?;
    if (1_000_000_000_000..=1_000_000_000_000_000_000_000).contains(&raw) {
        return Ok(MicroUsd::new(raw));
    }
    Err(if raw < 0 { DecimalError::Negative } else { DecimalError::OutOfRange })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_coin_exactly_once_within_bounds() {
        let good = "symbol,half_spread,daily_volume_usd,volatility_half_spread\nBTC,0.0005,5000000000,0.01\nETH,0.0005,3000000000,0.015\nSOL,0.001,1000000000,0.03\nXRP,0.0015,1000000,0\n";
        let parse = |text: &str| Liquidity::parse(&Source::new("l.csv", text)).map_err(|error| error.to_string());
        assert_eq!(parse(good).unwrap().coin(Symbol::Xrp).daily_volume, MicroUsd::new(1_000_000_000_000));
        for (from, to, message) in [
            ("0.0015,1000000", "0.0015,999999", "l.csv: row 5: daily_volume_usd is out of range"),
            ("0.0015", "-0.0015", "l.csv: row 5: half_spread is negative"),
            ("XRP", "SOL", "l.csv: row 5: SOL appears twice"),
            ("XRP,0.0015,1000000,0\n", "", "l.csv: no liquidity row for XRP"),
        ] {
            let error = parse(&good.replace(from, to)).unwrap_err();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
