use super::{unit, Amount, ArithmeticError};
use crate::Party;

unit! {
    /// A quantity of the settlement asset seen from party A, in base units: positive means B owes A.
    SignedAmount(i128)
}

impl SignedAmount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The sum, or an error.
    pub const fn add(self, other: Self) -> Result<Self, ArithmeticError> {
        match self.0.checked_add(other.0) {
            Some(sum) => Ok(Self(sum)),
            None => Err(ArithmeticError),
        }
    }

    /// The difference, or an error.
    pub const fn sub(self, other: Self) -> Result<Self, ArithmeticError> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Ok(Self(difference)),
            None => Err(ArithmeticError),
        }
    }

    /// The same quantity seen from the other side.
    pub const fn negate(self) -> Result<Self, ArithmeticError> {
        match self.0.checked_neg() {
            Some(negated) => Ok(Self(negated)),
            None => Err(ArithmeticError),
        }
    }

    /// The size without the sign.
    pub const fn magnitude(self) -> Amount {
        Amount::new(self.0.unsigned_abs())
    }

    /// The part above zero.
    pub fn positive_part(self) -> Amount {
        Amount::new(u128::try_from(self.0).unwrap_or(0))
    }

    /// The part below zero, as a positive amount.
    pub const fn negative_part(self) -> Amount {
        if self.0 < 0 {
            Amount::new(self.0.unsigned_abs())
        } else {
            Amount::ZERO
        }
    }

    /// What `party` is owed by the other side, at least zero.
    pub fn owed_to(self, party: Party) -> Amount {
        match party {
            Party::A => self.positive_part(),
            Party::B => self.negative_part(),
        }
    }

    /// The value seen from A of `amount` owed to `party`.
    pub fn owing(party: Party, amount: Amount) -> Result<Self, ArithmeticError> {
        match party {
            Party::A => amount.to_signed(),
            Party::B => amount.to_signed()?.negate(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_is_seen_from_party_a() {
        let owed_to_b = SignedAmount::new(-5);
        assert_eq!(owed_to_b.owed_to(Party::A), Amount::ZERO);
        assert_eq!(owed_to_b.owed_to(Party::B), Amount::new(5));
        assert_eq!(SignedAmount::owing(Party::B, Amount::new(5)), Ok(owed_to_b));
    }

    #[test]
    fn the_ends_of_the_range_are_errors_not_wraps() {
        let lowest = SignedAmount::new(i128::MIN);
        assert_eq!(lowest.negate(), Err(ArithmeticError));
        assert_eq!(lowest.magnitude(), Amount::new(1 << 127));
        assert_eq!(lowest.negative_part(), Amount::new(1 << 127));
        assert_eq!(lowest.sub(SignedAmount::new(1)), Err(ArithmeticError));
        assert_eq!(SignedAmount::new(i128::MAX).add(SignedAmount::new(1)), Err(ArithmeticError));
    }
}
