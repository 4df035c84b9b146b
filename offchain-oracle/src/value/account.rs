use super::{accrual_toward_zero, FundingSum, ValueError};
use crate::market::{Bar, FundingRates};
use crate::portfolio::Portfolio;
use crate::symbol::BySymbol;
use crate::units::{MicroUsd, Price, PRODUCT_PER_MICRO_USD};
use ringfence_protocol::units::Timestamp;

/// Funding in 10^-12 USD per micro-dollar.
const FUNDING_PER_MICRO_USD: i128 = 1_000_000;

/// 10^-16 USD per 10^-12 USD.
const PRODUCT_PER_FUNDING: i128 = 10_000;

/// `sum of quantity * (mark - entry)` in 10^-16 USD, exact, seen from A.
///
/// # Errors
/// A coin without a mark, or a sum that leaves `i128`.
pub fn mark_to_market(portfolio: &Portfolio, marks: &BySymbol<Option<Price>>) -> Result<i128, ValueError> {
    let out_of_range = || ValueError::OutOfRange { pair: portfolio.pair().to_owned() };
    let mut sum = 0_i128;
    for position in portfolio.positions() {
        let symbol = position.symbol;
        let mark = marks[symbol].ok_or_else(|| ValueError::NoMark { pair: portfolio.pair().to_owned(), symbol })?;
        let move_up = i128::from(mark.get()).checked_sub(position.entry.get().into());
        let value = move_up.and_then(|up| up.checked_mul(position.quantity.get().into()));
        sum = value.and_then(|value| sum.checked_add(value)).ok_or_else(out_of_range)?;
    }
    Ok(sum)
}

/// What one pair has accrued while bars went by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    funding: FundingSum,
    carried: i128,
}

impl Account {
    /// Starts with the funding that the portfolio says was paid before `start`, when the first bar opens.
    ///
    /// # Errors
    /// A sum that leaves `i128`.
    pub fn new(portfolio: &Portfolio) -> Result<Self, ValueError> {
        let paid = portfolio.positions().iter().filter_map(|position| position.funding_paid);
        let carried = paid.map(MicroUsd::get).try_fold(0_i128, i128::checked_add);
        let carried = carried.ok_or_else(|| ValueError::OutOfRange { pair: portfolio.pair().to_owned() })?;
        Ok(Self { funding: FundingSum::ZERO, carried })
    }

    /// Accrues one bar of funding at the bar's close, for each position from when it was opened.
    ///
    /// # Errors
    /// A coin without a mark, or a sum that leaves `i128`. The account is unchanged then.
    pub fn accrue(&mut self, portfolio: &Portfolio, bar: &Bar, rates: &FundingRates) -> Result<(), ValueError> {
        let mut sum = self.funding;
        for position in portfolio.positions() {
            let symbol = position.symbol;
            let pair = || portfolio.pair().to_owned();
            let quote = bar.quotes[symbol].ok_or_else(|| ValueError::NoMark { pair: pair(), symbol })?;
            let span = bar.close_time().since(Timestamp::max(position.opened, bar.open_time));
            let paid = accrual_toward_zero(position.quantity, quote.close, rates.rate(symbol), span);
            sum = paid.and_then(|paid| sum.checked_add(paid)).ok_or_else(|| ValueError::OutOfRange { pair: pair() })?;
        }
        self.funding = sum;
        Ok(())
    }

    /// Funding that A has paid in all, rounded toward zero to a micro-dollar.
    pub fn funding_paid_toward_zero(&self) -> MicroUsd {
        let accrued = self.funding.get().checked_div(FUNDING_PER_MICRO_USD).unwrap_or_default();
        MicroUsd::new(accrued.saturating_add(self.carried))
    }

    /// The entitlement X at `marks`, rounded toward zero to a micro-dollar.
    ///
    /// # Errors
    /// A coin without a mark, or a sum that leaves `i128`.
    pub fn entitlement_toward_zero(
        &self,
        portfolio: &Portfolio,
        marks: &BySymbol<Option<Price>>,
    ) -> Result<MicroUsd, ValueError> {
        let value = mark_to_market(portfolio, marks)?;
        let total = || {
            let carried = self.carried.checked_mul(PRODUCT_PER_MICRO_USD)?;
            let paid = self.funding.get().checked_mul(PRODUCT_PER_FUNDING)?.checked_add(carried)?;
            value.checked_sub(paid)?.checked_div(PRODUCT_PER_MICRO_USD)
        };
        total().map(MicroUsd::new).ok_or_else(|| ValueError::OutOfRange { pair: portfolio.pair().to_owned() })
    }
}
