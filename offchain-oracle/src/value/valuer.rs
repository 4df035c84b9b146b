use super::ValueError;
use crate::instrument::{Contract, Instrument, Quote};
use crate::market::{Curves, Surfaces};
use crate::model::convert::{price_to_f64_nearest, usd_to_units_nearest, years};
use crate::portfolio::Position;
use crate::pricing::{Black, Right};
use crate::symbol::{BySymbol, Symbol};
use crate::units::Price;
use ringfence_protocol::units::Timestamp;

/// Price units in a dollar.
const UNITS_PER_USD: i128 = 100_000_000;
/// 10^-16 USD per 10^-12 USD.
const PRODUCT_PER_PICO: i128 = 10_000;

/// The market at one moment: everything that a price is made of.
#[derive(Clone, Copy, Debug)]
pub struct Valuer<'a> {
    /// When.
    pub moment: Timestamp,
    /// The marks.
    pub marks: &'a BySymbol<Option<Price>>,
    /// Discount and basis curves.
    pub curves: &'a Curves,
    /// Implied volatilities.
    pub surfaces: &'a Surfaces,
}

/// Why an instrument has no price; the pair is added by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPrice {
    /// No mark for a coin.
    Mark(Symbol),
    /// No surface for a coin.
    Surface(Symbol),
    /// A number left its type.
    Range,
}

impl NoPrice {
    /// The error of a pair.
    pub fn of(self, pair: &str) -> ValueError {
        let pair = pair.to_owned();
        match self {
            Self::Mark(symbol) => ValueError::NoMark { pair, symbol },
            Self::Surface(symbol) => ValueError::NoSurface { pair, symbol },
            Self::Range => ValueError::OutOfRange { pair },
        }
    }
}

impl Valuer<'_> {
    /// The mark of a coin.
    ///
    /// # Errors
    /// There is none.
    pub fn mark(&self, symbol: Symbol) -> Result<Price, NoPrice> {
        self.marks[symbol].ok_or(NoPrice::Mark(symbol))
    }

    /// The forward price of a coin, US dollars: `S exp(basis * years)`.
    ///
    /// # Errors
    /// There is no mark.
    pub fn forward(&self, symbol: Symbol, expiry: Timestamp) -> Result<f64, NoPrice> {
        let growth = self.curves.basis(symbol).growth(years(self.moment, expiry));
        Ok(price_to_f64_nearest(self.mark(symbol)?) * growth)
    }

    /// Present value of a dollar at `expiry`.
    pub fn discount(&self, expiry: Timestamp) -> f64 {
        self.curves.usd().discount(years(self.moment, expiry))
    }

    /// The option as Black-76 sees it: the volatility of the surface at its strike, discounted by the dollar's curve if it
    /// is linear. An inverse option pays coins, `max(0, ..) / S`; a coin held until then is worth `S / F` of the forward, so
    /// its discount factor is `S / F`.
    ///
    /// # Errors
    /// No mark or no surface.
    pub fn option(
        &self,
        underlying: Symbol,
        (expiry, strike, right): (Timestamp, Price, Right),
        quote: Quote,
    ) -> Result<Black, NoPrice> {
        let (forward, strike) = (self.forward(underlying, expiry)?, price_to_f64_nearest(strike));
        let years = years(self.moment, expiry);
        let surface = self.surfaces.surface(underlying).ok_or(NoPrice::Surface(underlying))?;
        let discount = match quote {
            Quote::Inverse => self.curves.basis(underlying).discount(years),
            Quote::Usd | Quote::Coin(_) => self.discount(expiry),
        };
        let volatility = surface.volatility(libm::log(strike / forward), years);
        Ok(Black { right, forward, strike, volatility, years, discount })
    }

    /// What one unit of quantity is worth without its entry price, 10^-8 US dollars: the price for a future or perpetual,
    /// the discounted forward for a forward, the option's value for an option.
    ///
    /// # Errors
    /// No mark, no surface, or a price out of range.
    pub fn unit(&self, instrument: &Instrument) -> Result<i128, NoPrice> {
        let Instrument { underlying, contract, quote } = *instrument;
        let nearest = |usd| usd_to_units_nearest(usd).ok_or(NoPrice::Range);
        match contract {
            Contract::Perpetual => Ok(self.mark(underlying)?.get().into()),
            Contract::Future { expiry } => {
                let forward = self.forward(underlying, expiry)?;
                match quote {
                    Quote::Coin(coin) => {
                        nearest(forward * self.curves.basis(coin).discount(years(self.moment, expiry)))
                    }
                    Quote::Usd | Quote::Inverse => nearest(forward),
                }
            }
            Contract::Forward { expiry } => nearest(self.discount(expiry) * self.forward(underlying, expiry)?),
            Contract::Option { expiry, strike, right } => {
                nearest(self.option(underlying, (expiry, strike, right), quote)?.price())
            }
        }
    }

    /// What the entry price is worth a unit now, 10^-8 US dollars: converted where it is in coins, discounted where it is
    /// due at expiry. Nothing for an inverse option, whose premium was a cash flow.
    ///
    /// # Errors
    /// No mark or a price out of range.
    pub fn entry_unit(&self, position: &Position) -> Result<i128, NoPrice> {
        let Instrument { contract, quote, .. } = position.instrument;
        let entry = i128::from(position.entry.get());
        match (contract, quote) {
            (Contract::Forward { expiry }, _) => {
                let at_expiry = match quote {
                    Quote::Coin(coin) => self.forward(coin, expiry)?,
                    Quote::Usd | Quote::Inverse => 1.0,
                };
                let usd = price_to_f64_nearest(position.entry) * self.discount(expiry) * at_expiry;
                usd_to_units_nearest(usd).ok_or(NoPrice::Range)
            }
            (Contract::Option { .. }, Quote::Inverse) => Ok(0),
            (_, Quote::Coin(coin)) => {
                let product = entry.checked_mul(self.mark(coin)?.get().into());
                product.and_then(|product| product.checked_div(UNITS_PER_USD)).ok_or(NoPrice::Range)
            }
            _ => Ok(entry),
        }
    }

    /// The position's value to A, 10^-16 US dollars.
    ///
    /// # Errors
    /// No mark, no surface, or a number that leaves `i128`.
    pub fn value(&self, position: &Position) -> Result<i128, NoPrice> {
        let up = self.unit(&position.instrument)?.checked_sub(self.entry_unit(position)?).ok_or(NoPrice::Range)?;
        if position.is_inverse_linear() {
            return inverse_toward_zero(position, up).ok_or(NoPrice::Range);
        }
        up.checked_mul(position.quantity.get().into()).ok_or(NoPrice::Range)
    }
}

/// What a position pays at expiry when its coins settle at `fixings`, to A, 10^-16 US dollars; premiums that were cash flows
/// excluded.
///
/// # Errors
/// No fixing for a coin, or a number that leaves `i128`.
pub fn payoff(position: &Position, fixings: &BySymbol<Option<Price>>) -> Result<i128, NoPrice> {
    let Instrument { underlying, contract, quote } = position.instrument;
    let fixing = |symbol: Symbol| fixings[symbol].map(|price| i128::from(price.get())).ok_or(NoPrice::Mark(symbol));
    let (price, entry) = (fixing(underlying)?, i128::from(position.entry.get()));
    let up = match (contract, quote) {
        (Contract::Option { strike, right, .. }, _) => {
            let inside = price.checked_sub(strike.get().into()).ok_or(NoPrice::Range)?;
            let paid = match right {
                Right::Call => inside.max(0),
                Right::Put => inside.saturating_neg().max(0),
            };
            paid.checked_sub(if quote == Quote::Inverse { 0 } else { entry })
        }
        (_, Quote::Coin(coin)) => {
            let converted = entry.checked_mul(fixing(coin)?).and_then(|product| product.checked_div(UNITS_PER_USD));
            converted.and_then(|entry| price.checked_sub(entry))
        }
        _ => price.checked_sub(entry),
    };
    let up = up.ok_or(NoPrice::Range)?;
    if position.is_inverse_linear() {
        return inverse_toward_zero(position, up).ok_or(NoPrice::Range);
    }
    up.checked_mul(position.quantity.get().into()).ok_or(NoPrice::Range)
}

/// `q * up / entry`, of a contract whose quantity is in dollars: exact at 10^-12 US dollars, then rounded toward zero.
fn inverse_toward_zero(position: &Position, up: i128) -> Option<i128> {
    let product = up.checked_mul(position.quantity.get().into())?.checked_mul(PRODUCT_PER_PICO)?;
    product.checked_div(position.entry.get().into())?.checked_mul(PRODUCT_PER_PICO)
}
