use super::{unit, Amount, ArithmeticError};

unit! {
    /// An amount per unit of face, in 10^-18 of a base unit: the scale of every index.
    Wad(u128)
}

impl Wad {
    /// The scale: one base unit per unit of face.
    pub const SCALE: u128 = 1_000_000_000_000_000_000;

    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// `amount / face` rounded down, so that what an index promises is never more than what was put into it.
    pub fn per_face_down(amount: Amount, face: Amount) -> Result<Self, ArithmeticError> {
        amount.mul_div_down(Self::SCALE, face.get()).map(|scaled| Self(scaled.get()))
    }

    /// `self * face` rounded down, so that holders together never get more than the index stands for.
    pub fn times_face_down(self, face: Amount) -> Result<Amount, ArithmeticError> {
        face.mul_div_down(self.0, Self::SCALE)
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
}
