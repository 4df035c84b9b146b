//! Calendar text to seconds since the epoch and back. UTC only; the engine itself never asks for the time. What does ask is
//! given a [`Clock`].

use ringfence_protocol::units::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the time comes from.
pub trait Clock: std::fmt::Debug + Send + Sync {
    /// Now, in whole seconds.
    fn now(&self) -> Timestamp;

    /// Now, in milliseconds.
    fn millis(&self) -> u64 {
        self.now().get().saturating_mul(1_000)
    }
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Timestamp::new(since.map_or(0, |since| since.as_secs()))
    }

    fn millis(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.ok().and_then(|since| u64::try_from(since.as_millis()).ok()).unwrap_or(0)
    }
}

/// Reads `YYYY-MM-DDTHH:MMZ` or `YYYY-MM-DDTHH:MM:SSZ`; nothing for any other text or a moment before 1970.
pub fn parse_timestamp(text: &str) -> Option<Timestamp> {
    if !matches!(text.len(), 17 | 20) || !text.ends_with('Z') || text.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    let moment: jiff::Timestamp = text.parse().ok()?;
    u64::try_from(moment.as_second()).ok().map(Timestamp::new)
}

/// Reads `YYYY-MM-DD` as the midnight that opens the day; nothing for any other text or a day before 1970.
pub fn parse_date(text: &str) -> Option<Timestamp> {
    parse_timestamp(&format!("{text}T00:00Z"))
}

/// `YYYY-MM-DDTHH:MM:SSZ`, or the number of seconds where the calendar ends.
pub fn format_timestamp(moment: Timestamp) -> String {
    i64::try_from(moment.get())
        .ok()
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
        .map_or_else(|| moment.to_string(), |stamp| stamp.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_strictly() {
        assert_eq!(parse_timestamp("1970-01-01T00:05Z"), Some(Timestamp::new(300)));
        assert_eq!(parse_timestamp("2025-10-10T18:00:00Z"), Some(Timestamp::new(1_760_119_200)));
        for bad in
            ["2025-10-10 18:00Z", "2025-10-10T18:00", "2025-13-10T18:00Z", "2025-02-29T18:00Z", "1969-12-31T00:00Z", ""]
        {
            assert_eq!(parse_timestamp(bad), None, "{bad}");
        }
        assert_eq!(parse_date("1970-01-02"), Some(Timestamp::new(86_400)));
        assert_eq!(parse_date("2021-02-29"), None);
        assert_eq!(parse_date("20210228"), None);
        assert_eq!(format_timestamp(Timestamp::new(1_760_119_200)), "2025-10-10T18:00:00Z");
    }
}
