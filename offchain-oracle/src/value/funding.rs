use crate::units::{Price, Quantity, Rate};
use ringfence_protocol::units::Seconds;

/// The period for which a funding rate is quoted: eight hours.
pub const FUNDING_PERIOD: Seconds = Seconds::new(28_800);

/// Funding paid by A, in 10^-12 USD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FundingSum(i128);

impl FundingSum {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// 10^-12 USD.
    pub const fn get(self) -> i128 {
        self.0
    }

    /// The sum, if it fits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }
}

/// Funding that A pays on a position over `span` at `mark`: `quantity * mark * rate * span / 8 h`, rounded toward zero to
/// 10^-12 USD. Positive when A pays: long with a positive rate, short with a negative one. Nothing if it doesn't fit.
///
/// Perpetual venues pay at discrete instants; a bilateral agreement accrues pro rata so that a valuation between two
/// instants is right.
pub fn accrual_toward_zero(quantity: Quantity, mark: Price, rate: Rate, span: Seconds) -> Option<FundingSum> {
    // 10^-16 USD, exact: at most 10^32.
    let notional = i128::from(quantity.get()).checked_mul(mark.get().into())?;
    // 10^-12 USD; the four digits cut are a ten-thousandth of a micro-dollar.
    let notional = notional.checked_div(10_000)?;
    let product = notional.checked_mul(rate.get().into())?.checked_mul(span.get().into())?;
    let divisor = i128::from(Rate::ONE.get()).checked_mul(FUNDING_PERIOD.get().into())?;
    product.checked_div(divisor).map(FundingSum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn eight_hours_at_a_hundredth_of_a_per_cent() {
        let (quantity, mark) = (Quantity::parse("180").unwrap(), Price::parse("117624.03").unwrap());
        let paid = accrual_toward_zero(quantity, mark, Rate::new(10_000), FUNDING_PERIOD).unwrap();
        // 180 * 117,624.03 = 21,172,325.40 USD; a ten-thousandth is 2,117.23254 USD.
        assert_eq!(paid.get(), 2_117_232_540_000_000);
        let bar = accrual_toward_zero(quantity, mark, Rate::new(10_000), Seconds::new(300)).unwrap();
        assert_eq!(bar.get(), 2_117_232_540_000_000 / 96);
    }

    proptest! {
        #[test]
        fn both_sides_see_the_same_amount(q in 1_i64..Quantity::MAX.get(), p in 1_u64..10_000_000, rate in -300_000_i64..300_000) {
            let long = Quantity::parse(&crate::decimal::format(q.into(), 8)).unwrap();
            let short = Quantity::parse(&crate::decimal::format((-q).into(), 8)).unwrap();
            let price = Price::parse(&p.to_string()).unwrap();
            let pay = |quantity| accrual_toward_zero(quantity, price, Rate::new(rate), Seconds::new(300)).map(FundingSum::get);
            prop_assert_eq!(pay(long), pay(short).map(|paid| -paid));
        }
    }
}
