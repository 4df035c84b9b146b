use super::{accrual_toward_zero, payoff, FundingSum, NoPrice, ValueError, Valuer};
use crate::instrument::{Contract, Quote, FIXING_WINDOW};
use crate::market::{Bar, FundingRates, BAR_SECONDS};
use crate::portfolio::{Portfolio, Position};
use crate::symbol::BySymbol;
use crate::units::{MicroUsd, Price, PRODUCT_PER_MICRO_USD};
use ringfence_protocol::units::Timestamp;
use std::collections::VecDeque;

/// Funding in 10^-12 USD per micro-dollar.
const FUNDING_PER_MICRO_USD: i128 = 1_000_000;

/// 10^-16 USD per 10^-12 USD.
const PRODUCT_PER_FUNDING: i128 = 10_000;

/// Units of 10^-8 in one.
const UNITS_PER_ONE: i128 = 100_000_000;

/// Bars in the fixing window.
pub(crate) const FIXING_BARS: usize = 6;
const _: () = assert!(FIXING_WINDOW.get() == 6 * BAR_SECONDS.get());

/// The value of all positions that have not settled, 10^-16 USD, seen from A.
///
/// # Errors
/// A coin without a mark or surface, or a sum that leaves `i128`.
pub fn mark_to_market(portfolio: &Portfolio, valuer: &Valuer<'_>) -> Result<i128, ValueError> {
    let alive = portfolio.positions().iter().filter(|position| position.instrument.is_alive(valuer.moment));
    alive
        .clone()
        .try_fold(0_i128, |sum, position| {
            let value = valuer.value(position)?;
            sum.checked_add(value).ok_or(NoPrice::Range)
        })
        .map_err(|error| error.of(portfolio.pair()))
}

/// What each position was worth when one of its coins last moved: a tick prices only what it moved again. What time alone did
/// to the others since is left out, seconds of it; so this decides whether a pair is valued, and is in no instruction.
#[derive(Clone, Debug, Default)]
pub struct Looked(Vec<i128>);

impl Looked {
    /// The same as [`mark_to_market`], but for that.
    fn mark_to_market(
        &mut self,
        portfolio: &Portfolio,
        valuer: &Valuer<'_>,
        moved: &BySymbol<bool>,
    ) -> Result<i128, ValueError> {
        let positions = portfolio.positions();
        let anew = self.0.len() != positions.len();
        if anew {
            self.0 = vec![0; positions.len()];
        }
        let sum = {
            self.0.iter_mut().zip(positions).try_fold(0_i128, |sum, (value, position)| {
                let touched = anew || position.instrument.coins().any(|coin| moved[coin]);
                if !position.instrument.is_alive(valuer.moment) {
                    *value = 0;
                } else if touched {
                    *value = valuer.value(position)?;
                }
                sum.checked_add(*value).ok_or(NoPrice::Range)
            })
        };
        if sum.is_err() {
            self.0.clear();
        }
        sum.map_err(|error| error.of(portfolio.pair()))
    }
}

/// What one pair has accrued while bars went by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    funding: FundingSum,
    carried: i128,
    /// Premiums paid in coins and payoffs at expiry, to A, 10^-16 USD.
    realised: i128,
    premium_booked: Vec<bool>,
    recent: VecDeque<BySymbol<Option<Price>>>,
}

impl Account {
    /// Starts with the cash that the portfolio says was paid before `start`, when the first bar opens.
    ///
    /// # Errors
    /// A sum that leaves `i128`.
    pub fn new(portfolio: &Portfolio) -> Result<Self, ValueError> {
        let paid = portfolio.positions().iter().filter_map(|position| position.funding_paid);
        let carried = paid.map(MicroUsd::get).try_fold(0_i128, i128::checked_add);
        let carried = carried.ok_or_else(|| ValueError::OutOfRange { pair: portfolio.pair().to_owned() })?;
        let booked = |position: &Position| !position.instrument.has_coin_premium() || position.funding_paid.is_some();
        let premium_booked = portfolio.positions().iter().map(booked).collect();
        Ok(Self { funding: FundingSum::ZERO, carried, realised: 0, premium_booked, recent: VecDeque::new() })
    }

    /// Books one bar at its close: funding of each perpetual from when it was opened, premiums paid in coins at the close
    /// at or after the opening, and the payoff of what expires at the close.
    ///
    /// # Errors
    /// A coin without a mark, or a sum that leaves `i128`. The account is unchanged then.
    pub fn accrue(&mut self, portfolio: &Portfolio, bar: &Bar, rates: &FundingRates) -> Result<(), ValueError> {
        let mut next = self.clone();
        next.recent.push_back(bar.marks());
        if next.recent.len() > FIXING_BARS {
            next.recent.pop_front();
        }
        for (index, position) in portfolio.positions().iter().enumerate() {
            next.book(index, position, bar, rates).map_err(|error| error.of(portfolio.pair()))?;
        }
        *self = next;
        Ok(())
    }

    fn book(&mut self, index: usize, position: &Position, bar: &Bar, rates: &FundingRates) -> Result<(), NoPrice> {
        if position.instrument.contract == Contract::Perpetual {
            let paid = funding(position, bar, rates)?;
            self.funding = self.funding.checked_add(paid).ok_or(NoPrice::Range)?;
        }
        if let Some(booked) = self.premium_booked.get_mut(index).filter(|booked| !**booked) {
            if position.opened <= bar.close_time() {
                *booked = true;
                let paid = coin_premium_toward_zero(position, &bar.marks())?;
                self.realised = self.realised.checked_sub(paid).ok_or(NoPrice::Range)?;
            }
        }
        if position.instrument.expiry() == Some(bar.close_time()) {
            let paid = payoff(position, &self.fixings())?;
            self.realised = self.realised.checked_add(paid).ok_or(NoPrice::Range)?;
        }
        Ok(())
    }

    /// The mean of the last closes, rounded toward zero to 10^-8 USD; none where a close is missing.
    fn fixings(&self) -> BySymbol<Option<Price>> {
        BySymbol::from_fn(|symbol| {
            let sum = self.recent.iter().try_fold(0_u64, |sum, marks| sum.checked_add(marks[symbol]?.get()))?;
            Price::from_units(sum.checked_div(u64::try_from(self.recent.len()).ok()?)?)
        })
    }

    /// Funding that A has paid in all, and cash it paid before the first bar, rounded toward zero to a micro-dollar.
    pub fn funding_paid_toward_zero(&self) -> MicroUsd {
        let accrued = self.funding.get().checked_div(FUNDING_PER_MICRO_USD).unwrap_or_default();
        MicroUsd::new(accrued.saturating_add(self.carried))
    }

    /// What A has been paid in premiums in coins and at expiries, rounded toward zero to a micro-dollar.
    pub fn realised_toward_zero(&self) -> MicroUsd {
        MicroUsd::new(self.realised.checked_div(PRODUCT_PER_MICRO_USD).unwrap_or_default())
    }

    /// The entitlement X: the value of what is open, less funding paid, plus what was realised, rounded toward zero to a
    /// micro-dollar.
    ///
    /// # Errors
    /// A coin without a mark or surface, or a sum that leaves `i128`.
    pub fn entitlement_toward_zero(&self, portfolio: &Portfolio, valuer: &Valuer<'_>) -> Result<MicroUsd, ValueError> {
        self.entitlement_of(portfolio, mark_to_market(portfolio, valuer)?)
    }

    /// The same by a look at the coins that moved since the last one.
    ///
    /// # Errors
    /// As [`Account::entitlement_toward_zero`].
    pub fn look_toward_zero(
        &self,
        portfolio: &Portfolio,
        valuer: &Valuer<'_>,
        looked: &mut Looked,
        moved: &BySymbol<bool>,
    ) -> Result<MicroUsd, ValueError> {
        self.entitlement_of(portfolio, looked.mark_to_market(portfolio, valuer, moved)?)
    }

    fn entitlement_of(&self, portfolio: &Portfolio, value: i128) -> Result<MicroUsd, ValueError> {
        let total = || {
            let carried = self.carried.checked_mul(PRODUCT_PER_MICRO_USD)?;
            let paid = self.funding.get().checked_mul(PRODUCT_PER_FUNDING)?.checked_add(carried)?;
            value.checked_sub(paid)?.checked_add(self.realised)?.checked_div(PRODUCT_PER_MICRO_USD)
        };
        total().map(MicroUsd::new).ok_or_else(|| ValueError::OutOfRange { pair: portfolio.pair().to_owned() })
    }
}

/// The funding of one bar. An inverse perpetual's notional is its quantity of dollars; paid in coins and converted at the
/// same mark, it is the rate times the notional.
fn funding(position: &Position, bar: &Bar, rates: &FundingRates) -> Result<FundingSum, NoPrice> {
    let symbol = position.instrument.underlying;
    let price = match position.instrument.quote {
        Quote::Inverse => Price::ONE,
        Quote::Usd | Quote::Coin(_) => bar.quotes[symbol].ok_or(NoPrice::Mark(symbol))?.close,
    };
    let span = bar.close_time().since(Timestamp::max(position.opened, bar.open_time));
    accrual_toward_zero(position.quantity, price, rates.rate(symbol), span).ok_or(NoPrice::Range)
}

/// A premium of coins at the mark: `q * premium * S`, 10^-16 USD, rounded toward zero.
fn coin_premium_toward_zero(position: &Position, marks: &BySymbol<Option<Price>>) -> Result<i128, NoPrice> {
    let symbol = position.instrument.underlying;
    let mark = i128::from(marks[symbol].ok_or(NoPrice::Mark(symbol))?.get());
    let usd = mark.checked_mul(position.entry.get().into()).and_then(|product| product.checked_div(UNITS_PER_ONE));
    usd.and_then(|usd| usd.checked_mul(position.quantity.get().into())).ok_or(NoPrice::Range)
}
