use super::{unit, ArithmeticError};

unit! {
    /// A moment, in seconds since the Unix epoch.
    Timestamp(u64)
}

unit! {
    /// A span of time, in seconds.
    Seconds(u64)
}

impl Timestamp {
    /// The moment `span` later, or an error past the end of time.
    pub const fn after(self, span: Seconds) -> Result<Self, ArithmeticError> {
        match self.0.checked_add(span.0) {
            Some(later) => Ok(Self(later)),
            None => Err(ArithmeticError),
        }
    }

    /// Seconds since midnight UTC: days of the Unix clock have no leap seconds.
    pub const fn time_of_day(self) -> Seconds {
        match self.0.checked_rem(Seconds::DAY.0) {
            Some(seconds) => Seconds(seconds),
            None => Seconds(0),
        }
    }

    /// The time from `earlier` to `self`; zero if `earlier` is not earlier.
    pub const fn since(self, earlier: Self) -> Seconds {
        Seconds(self.0.saturating_sub(earlier.0))
    }
}

impl Seconds {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The sum, or an error past the end of time.
    pub const fn add(self, other: Self) -> Result<Self, ArithmeticError> {
        match self.0.checked_add(other.0) {
            Some(sum) => Ok(Self(sum)),
            None => Err(ArithmeticError),
        }
    }

    /// A day.
    pub const DAY: Self = Self(86_400);

    /// A year of 365 days, the day count of every spread in this crate (Actual/365 Fixed, ISDA 2006 Definitions 4.16(d)).
    pub const YEAR: Self = Self(31_536_000);
}
