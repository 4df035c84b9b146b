use super::{unit, Amount, ArithmeticError, Seconds};

unit! {
    /// Basis points: hundredths of a per cent.
    Bps(u16)
}

impl Bps {
    /// One hundred per cent.
    pub const ONE: Self = Self(10_000);

    /// What is missing to one hundred per cent; an error above it.
    pub const fn complement(self) -> Result<Self, ArithmeticError> {
        match Self::ONE.0.checked_sub(self.0) {
            Some(rest) => Ok(Self(rest)),
            None => Err(ArithmeticError),
        }
    }

    /// This share of `amount`, rounded down.
    pub fn share_down(self, amount: Amount) -> Result<Amount, ArithmeticError> {
        amount.mul_div_down(u128::from(self.0), u128::from(Self::ONE.0))
    }

    /// This annual rate on `amount` over `span` (Actual/365 Fixed), rounded down.
    pub fn accrued_down(self, amount: Amount, span: Seconds) -> Result<Amount, ArithmeticError> {
        let (numerator, denominator) = self.over(span)?;
        amount.mul_div_down(numerator, denominator)
    }

    /// This annual rate on `amount` over `span` (Actual/365 Fixed), rounded up.
    pub fn accrued_up(self, amount: Amount, span: Seconds) -> Result<Amount, ArithmeticError> {
        let (numerator, denominator) = self.over(span)?;
        amount.mul_div_up(numerator, denominator)
    }

    /// Rate times time as a fraction.
    pub fn over(self, span: Seconds) -> Result<(u128, u128), ArithmeticError> {
        let numerator = u128::from(self.0).checked_mul(u128::from(span.get())).ok_or(ArithmeticError)?;
        let denominator =
            u128::from(Self::ONE.0).checked_mul(u128::from(Seconds::YEAR.get())).ok_or(ArithmeticError)?;
        Ok((numerator, denominator))
    }

    /// This share of `amount`, rounded up.
    pub fn share_up(self, amount: Amount) -> Result<Amount, ArithmeticError> {
        amount.mul_div_up(u128::from(self.0), u128::from(Self::ONE.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_round_up_and_complement_to_the_whole() {
        assert_eq!(Bps::new(5_000).share_up(Amount::new(3)), Ok(Amount::new(2)));
        assert_eq!(Bps::new(2_500).complement(), Ok(Bps::new(7_500)));
        assert_eq!(Bps::new(10_001).complement(), Err(ArithmeticError));
    }
}
