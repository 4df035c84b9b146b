use super::{unit, Amount, ArithmeticError};

unit! {
    /// An amount per note, in 10^-36 of a base unit: the scale of every index of a bond.
    ///
    /// The scale is so fine that an index step loses less than a base unit over all notes together, whatever their
    /// number ([`Amount::MAX`] notes lose 10^-7 of one), and `u128` still holds 340 base units per note.
    Index(u128)
}

impl Index {
    /// The scale: one base unit per note.
    pub const SCALE: u128 = 1_000_000_000_000_000_000_000_000_000_000_000_000;

    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// `amount / notes` rounded down, so that what an index promises is never more than what was put into it.
    pub fn per_note_down(amount: Amount, notes: Amount) -> Result<Self, ArithmeticError> {
        amount.mul_div_down(Self::SCALE, notes.get()).map(|scaled| Self(scaled.get()))
    }

    /// `self * notes` rounded down, so that holders together never get more than the index stands for.
    pub fn times_notes_down(self, notes: Amount) -> Result<Amount, ArithmeticError> {
        notes.mul_div_down(self.0, Self::SCALE)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_series_fits_and_loses_less_than_a_unit() {
        let whole = Index::per_note_down(Amount::MAX, Amount::MAX).expect("in range");
        assert_eq!(whole, Index::new(Index::SCALE));
        let five_years_at_the_whole = Index::new(5 * Index::SCALE);
        assert_eq!(five_years_at_the_whole.times_notes_down(Amount::MAX), Ok(Amount::new(5 << 96)));
        let odd = Index::per_note_down(Amount::new((1 << 96) - 1), Amount::MAX).expect("in range");
        assert_eq!(odd.times_notes_down(Amount::MAX), Ok(Amount::new((1 << 96) - 2)));
    }

    #[test]
    fn what_an_index_promises_is_never_more_than_was_put_in() {
        let third = Index::per_note_down(Amount::new(1), Amount::new(3)).expect("in range");
        assert_eq!(third.times_notes_down(Amount::new(3)), Ok(Amount::ZERO));
        assert_eq!(Index::ZERO.sub(third), Err(ArithmeticError));
        assert_eq!(Index::per_note_down(Amount::new(1), Amount::ZERO), Err(ArithmeticError));
    }
}
