use super::{unit, ArithmeticError, SignedAmount};
use primitive_types::U256;

unit! {
    /// A quantity of the settlement asset in base units; never negative.
    Amount(u128)
}

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The largest amount any machine accepts from outside: 2^96 base units, 7.9e22 USDC. Sums of a vault's ledger
    /// stay far inside `u128`, and a product with an index far inside 256 bits.
    pub const MAX: Self = Self(1 << 96);

    /// True for zero.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, or an error.
    pub const fn add(self, other: Self) -> Result<Self, ArithmeticError> {
        match self.0.checked_add(other.0) {
            Some(sum) => Ok(Self(sum)),
            None => Err(ArithmeticError),
        }
    }

    /// The difference, or an error if `other` is larger.
    pub const fn sub(self, other: Self) -> Result<Self, ArithmeticError> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Ok(Self(difference)),
            None => Err(ArithmeticError),
        }
    }

    /// Adds `other` in place, or leaves an error and the old amount.
    pub fn put(&mut self, other: Self) -> Result<(), ArithmeticError> {
        *self = self.add(other)?;
        Ok(())
    }

    /// Takes `other` away in place, or leaves an error and the old amount.
    pub fn take(&mut self, other: Self) -> Result<(), ArithmeticError> {
        *self = self.sub(other)?;
        Ok(())
    }

    /// `max(0, self - other)`.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The sum, or the largest number.
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The smaller of two amounts.
    pub fn min(self, other: Self) -> Self {
        Ord::min(self, other)
    }

    /// `self * numerator / denominator`, rounded down.
    pub fn mul_div_down(self, numerator: u128, denominator: u128) -> Result<Self, ArithmeticError> {
        // Nearly every product of a vault fits 128 bits, and on the chain every instruction of a wider one is paid for.
        if let Some(product) = self.0.checked_mul(numerator) {
            return product.checked_div(denominator).map(Self).ok_or(ArithmeticError);
        }
        let product = U256::from(self.0).checked_mul(U256::from(numerator)).ok_or(ArithmeticError)?;
        narrow(product.checked_div(U256::from(denominator)))
    }

    /// `self * numerator / denominator`, rounded up.
    pub fn mul_div_up(self, numerator: u128, denominator: u128) -> Result<Self, ArithmeticError> {
        if let Some(product) = self.0.checked_mul(numerator) {
            let (whole, rest) =
                product.checked_div(denominator).zip(product.checked_rem(denominator)).ok_or(ArithmeticError)?;
            return Self(whole).add(Self(u128::from(rest != 0)));
        }
        let product = U256::from(self.0).checked_mul(U256::from(numerator)).ok_or(ArithmeticError)?;
        let bias = U256::from(denominator.checked_sub(1).ok_or(ArithmeticError)?);
        narrow(product.checked_add(bias).and_then(|biased| biased.checked_div(U256::from(denominator))))
    }

    /// The next multiple of `step` at or below `self`; `step` zero or one leaves it as it is.
    pub const fn round_down_to(self, step: Self) -> Self {
        match self.0.checked_rem(step.0) {
            Some(rest) => Self(self.0.saturating_sub(rest)),
            None => self,
        }
    }

    /// The next multiple of `step` at or above `self`; `step` zero or one leaves it as it is.
    pub const fn round_up_to(self, step: Self) -> Result<Self, ArithmeticError> {
        match self.0.checked_rem(step.0) {
            None | Some(0) => Ok(self),
            Some(rest) => Self(self.0.saturating_sub(rest)).add(step),
        }
    }

    /// The same quantity as a signed amount, positive.
    pub fn to_signed(self) -> Result<SignedAmount, ArithmeticError> {
        i128::try_from(self.0).map(SignedAmount::new).map_err(|_| ArithmeticError)
    }
}

fn narrow(value: Option<U256>) -> Result<Amount, ArithmeticError> {
    value.and_then(|wide| u128::try_from(wide).ok()).map(Amount).ok_or(ArithmeticError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_follows_the_direction_in_the_name() {
        let amount = Amount::new(10);
        assert_eq!(amount.mul_div_down(1, 3), Ok(Amount::new(3)));
        assert_eq!(amount.mul_div_up(1, 3), Ok(Amount::new(4)));
        assert_eq!(amount.mul_div_up(3, 3), Ok(Amount::new(10)));
        assert_eq!(Amount::new(14).round_down_to(Amount::new(5)), Amount::new(10));
        assert_eq!(Amount::new(11).round_up_to(Amount::new(5)), Ok(Amount::new(15)));
        assert_eq!(Amount::new(15).round_up_to(Amount::new(5)), Ok(Amount::new(15)));
        assert_eq!(Amount::new(7).round_up_to(Amount::ZERO), Ok(Amount::new(7)));
    }

    #[test]
    fn products_are_exact_beyond_128_bits() {
        let big = Amount::new(u128::MAX);
        assert_eq!(big.mul_div_down(u128::MAX, u128::MAX), Ok(big));
        assert_eq!(big.mul_div_down(2, 1), Err(ArithmeticError));
        assert_eq!(big.mul_div_up(u128::MAX, u128::MAX), Ok(big));
    }

    #[test]
    fn narrow_and_wide_products_round_alike() {
        for (amount, numerator, denominator) in [(7u128, 3u128, 2u128), (1 << 96, 10_000, 7), (1 << 64, 1 << 63, 3)] {
            // Scaled up, the same quotient takes the path of 256 bits.
            let scale = 1u128 << 20;
            let (narrow, wide) = (Amount::new(amount), Amount::new(amount * scale));
            let (by, wide_by) = (numerator, numerator << 12);
            let wide_denominator = (denominator * scale) << 12;
            assert_eq!(wide.mul_div_down(wide_by, wide_denominator), narrow.mul_div_down(by, denominator));
            assert_eq!(wide.mul_div_up(wide_by, wide_denominator), narrow.mul_div_up(by, denominator));
        }
    }

    #[test]
    fn division_by_zero_is_an_error() {
        assert_eq!(Amount::new(0).mul_div_down(0, 0), Err(ArithmeticError));
        assert_eq!(Amount::new(0).mul_div_up(0, 0), Err(ArithmeticError));
        assert_eq!(Amount::new(1).mul_div_down(1, 0), Err(ArithmeticError));
        assert_eq!(Amount::new(1).mul_div_up(1, 0), Err(ArithmeticError));
    }

    #[test]
    fn the_ends_of_the_range_are_errors_not_wraps() {
        assert_eq!(Amount::new(u128::MAX).add(Amount::new(1)), Err(ArithmeticError));
        assert_eq!(Amount::ZERO.sub(Amount::new(1)), Err(ArithmeticError));
        assert_eq!(Amount::new(u128::MAX).to_signed(), Err(ArithmeticError));
        assert_eq!(Amount::new(u128::MAX).round_up_to(Amount::new(2)), Err(ArithmeticError));
    }
}
