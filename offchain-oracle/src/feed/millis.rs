use crate::time::format_timestamp;
use ringfence_protocol::units::Timestamp;
use std::fmt;

/// Milliseconds since the Unix epoch, UTC: venues stamp their messages in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(u64);

impl Millis {
    /// Latest moment that is read: the end of the year 9999.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// Wraps a number of milliseconds.
    pub const fn new(raw: u64) -> Self {
        Self(raw)
    }

    /// Milliseconds since the epoch.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Milliseconds from `earlier` to this moment; zero if it is not earlier.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This moment and `millis` more.
    #[must_use]
    pub const fn after(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// This moment and `millis` less.
    #[must_use]
    pub const fn before(self, millis: u64) -> Self {
        Self(self.0.saturating_sub(millis))
    }

    /// From this moment to `other`, negative if `other` is earlier.
    pub fn until(self, other: Self) -> i64 {
        let distance = |to: u64, from: u64| i64::try_from(to.saturating_sub(from)).unwrap_or(i64::MAX);
        if other >= self {
            distance(other.0, self.0)
        } else {
            distance(self.0, other.0).saturating_neg()
        }
    }

    /// The whole second that it lies in.
    pub const fn second_down(self) -> Timestamp {
        // A constant divisor that is not zero.
        Timestamp::new(match self.0.checked_div(1_000) {
            Some(seconds) => seconds,
            None => 0,
        })
    }
}

impl From<Timestamp> for Millis {
    fn from(moment: Timestamp) -> Self {
        Self(moment.get().saturating_mul(1_000))
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = i64::try_from(self.0).ok().and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
        match moment {
            Some(moment) => f.pad(&moment.to_string()),
            None => f.pad(&format_timestamp(self.second_down())),
        }
    }
}

/// Milliseconds as seconds for people.
pub(super) fn seconds(millis: u64) -> String {
    format!("{} s", crate::decimal::format(millis.into(), 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_keep_their_sign_and_stop_at_the_ends() {
        let (early, late) = (Millis::new(1_000), Millis::new(2_500));
        assert_eq!(early.until(late), 1_500);
        assert_eq!(late.until(early), -1_500);
        assert_eq!(early.since(late), 0);
        assert_eq!(Millis::new(u64::MAX).after(1), Millis::new(u64::MAX));
        assert_eq!(Millis::new(0).until(Millis::new(u64::MAX)), i64::MAX);
        assert_eq!(late.second_down(), Timestamp::new(2));
        assert_eq!(late.to_string(), "1970-01-01T00:00:02.5Z");
        assert!(!Millis::new(u64::MAX).to_string().is_empty());
        assert_eq!(Millis::MAX.to_string(), "9999-12-31T23:59:59.999Z");
    }
}
