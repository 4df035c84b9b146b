use super::convert::{int_to_f64_nearest, product_to_usd_nearest};
use crate::instrument::{Contract, Instrument, Quote};
use crate::portfolio::{Portfolio, Position};
use crate::pricing::{Black, Right};
use crate::symbol::{BySymbol, Symbol};
use crate::units::Price;
use crate::value::{NoPrice, ValueError, Valuer};
use ringfence_protocol::units::Timestamp;
use ringfence_protocol::Pair;
use std::collections::BTreeMap;

/// Units of a quantity in one coin.
const UNITS_PER_COIN: f64 = 1e8;

/// A pair's open positions as the scenarios see them: dollars in each coin, and options. Equal positions are netted in
/// integers first and options are in a fixed order, so the order of the portfolio can't matter.
#[derive(Clone, Debug, PartialEq)]
pub struct Book {
    pub(super) pair: String,
    /// Dollars of each coin held in effect by everything but options, seen from A.
    pub(super) exposure: BySymbol<f64>,
    pub(super) options: Vec<HeldOption>,
    /// Dollars of each coin that each side has pledged as collateral.
    pub(super) collateral: Pair<BySymbol<f64>>,
}

/// Netted options of one kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct HeldOption {
    pub(super) symbol: Symbol,
    pub(super) option: Black,
    /// Coins, seen from A.
    pub(super) quantity: f64,
}

type Key = (Symbol, Timestamp, Price, Right, Quote);

impl Book {
    /// Nets what has not settled.
    ///
    /// # Errors
    /// A coin without a mark or surface, or a sum that leaves `i128`.
    pub fn new(portfolio: &Portfolio, valuer: &Valuer<'_>) -> Result<Self, ValueError> {
        Self::net(portfolio, valuer).map_err(|error| error.of(portfolio.pair()))
    }

    fn net(portfolio: &Portfolio, valuer: &Valuer<'_>) -> Result<Self, NoPrice> {
        let mut exposure: BySymbol<i128> = BySymbol::default();
        let mut options: BTreeMap<Key, i128> = BTreeMap::new();
        let alive = portfolio.positions().iter().filter(|position| position.instrument.is_alive(valuer.moment));
        for position in alive {
            let Instrument { underlying, contract, quote } = position.instrument;
            if let Contract::Option { expiry, strike, right } = contract {
                let net = options.entry((underlying, expiry, strike, right, quote)).or_default();
                *net = net.checked_add(position.quantity.get().into()).ok_or(NoPrice::Range)?;
            } else {
                for (symbol, product) in linear(position, valuer)?.into_iter().flatten() {
                    let sum = exposure.get_mut(symbol);
                    *sum = sum.checked_add(product).ok_or(NoPrice::Range)?;
                }
            }
        }
        let held = options.into_iter().filter(|(_, net)| *net != 0).map(|(key, net)| {
            let (symbol, expiry, strike, right, quote) = key;
            let option = valuer.option(symbol, (expiry, strike, right), quote)?;
            Ok(HeldOption { symbol, option, quantity: int_to_f64_nearest(net) / UNITS_PER_COIN })
        });
        Ok(Self {
            pair: portfolio.pair().to_owned(),
            exposure: BySymbol::from_fn(|symbol| product_to_usd_nearest(exposure[symbol])),
            options: held.collect::<Result<_, _>>()?,
            collateral: collateral(portfolio, valuer)?,
        })
    }

    /// Dollars of each coin including the options' deltas, seen from A.
    pub fn deltas(&self) -> BySymbol<f64> {
        let mut deltas = self.exposure;
        for held in &self.options {
            *deltas.get_mut(held.symbol) += held.quantity * held.option.greeks().delta * held.option.forward;
        }
        deltas
    }

    /// Dollars that the options of each coin gain from one more unit of volatility (100 points), seen from A.
    pub fn vegas(&self) -> BySymbol<f64> {
        let mut vegas = BySymbol::default();
        for held in &self.options {
            *vegas.get_mut(held.symbol) += held.quantity * held.option.greeks().vega;
        }
        vegas
    }

    /// Dollars in play: the sum of the sizes of the deltas.
    pub fn gross(&self) -> f64 {
        let deltas = self.deltas();
        Symbol::ALL.into_iter().fold(0.0, |sum, symbol| sum + libm::fabs(deltas[symbol]))
    }
}

/// What a position other than an option holds in effect, 10^-16 USD of up to two coins: its value moves by these times the
/// coins' simple returns, exactly.
fn linear(position: &Position, valuer: &Valuer<'_>) -> Result<[Option<(Symbol, i128)>; 2], NoPrice> {
    let Instrument { underlying, quote, .. } = position.instrument;
    let (quantity, unit) = (i128::from(position.quantity.get()), valuer.unit(&position.instrument)?);
    let product = unit.checked_mul(quantity).ok_or(NoPrice::Range)?;
    match quote {
        Quote::Usd => Ok([Some((underlying, product)), None]),
        Quote::Inverse => {
            // Dollars of contract value: q P / e, with 10^8 price units to a dollar on both sides.
            let coins = product.checked_mul(10_000).and_then(|p| p.checked_div(position.entry.get().into()));
            let product = coins.and_then(|coins| coins.checked_mul(10_000)).ok_or(NoPrice::Range)?;
            Ok([Some((underlying, product)), None])
        }
        Quote::Coin(coin) => {
            let owed = valuer.entry_unit(position)?.checked_mul(quantity).ok_or(NoPrice::Range)?;
            Ok([Some((underlying, product)), Some((coin, owed.checked_neg().ok_or(NoPrice::Range)?))])
        }
    }
}

fn collateral(portfolio: &Portfolio, valuer: &Valuer<'_>) -> Result<Pair<BySymbol<f64>>, NoPrice> {
    let mut sums: Pair<BySymbol<i128>> = Pair { a: BySymbol::default(), b: BySymbol::default() };
    for pledged in portfolio.collateral() {
        let mark = i128::from(valuer.mark(pledged.symbol)?.get());
        let value = mark.checked_mul(pledged.quantity.get().into()).ok_or(NoPrice::Range)?;
        let sum = sums.of_mut(pledged.party).get_mut(pledged.symbol);
        *sum = sum.checked_add(value).ok_or(NoPrice::Range)?;
    }
    let usd = |sums: BySymbol<i128>| BySymbol::from_fn(|symbol| product_to_usd_nearest(sums[symbol]));
    Ok(Pair { a: usd(sums.a), b: usd(sums.b) })
}

impl HeldOption {
    /// True if both revalue at the same scenarios: the same coin and the same time to expiry.
    pub(super) fn shares_scenarios(&self, other: &Self) -> bool {
        self.symbol == other.symbol && self.option.years == other.option.years
    }
}
