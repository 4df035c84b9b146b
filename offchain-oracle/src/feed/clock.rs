use super::Millis;
use std::collections::VecDeque;

/// Messages over which a clock is judged.
pub const CLOCK_WINDOW: usize = 64;
/// Messages before an offset is said to be known.
pub const MIN_CLOCK_SAMPLES: usize = 8;

/// What is known of a source's clock from the times on its messages.
///
/// A message shows `arrival - stated = offset + latency`, with a latency that is never negative; the least of the last
/// [`CLOCK_WINDOW`] is the estimate of the offset, as the clock filter of NTP takes the sample of least delay (RFC 5905,
/// section 10). Positive: the source is behind, or every message was slow; negative: it is ahead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceClock {
    samples: VecDeque<i64>,
}

impl SourceClock {
    /// Takes in one message.
    pub fn observe(&mut self, stated: Millis, arrival: Millis) {
        if self.samples.len() >= CLOCK_WINDOW {
            self.samples.pop_front();
        }
        self.samples.push_back(stated.until(arrival));
    }

    /// The estimated offset, milliseconds; nothing before [`MIN_CLOCK_SAMPLES`] messages.
    pub fn offset(&self) -> Option<i64> {
        if self.samples.len() < MIN_CLOCK_SAMPLES {
            return None;
        }
        self.samples.iter().min().copied()
    }

    /// A stated time by this machine's clock, as late as can be defended: a source that is ahead is put back by what it is
    /// known to be ahead, one that is behind is taken at its word. A quote is never thought younger than it is.
    pub fn corrected_down(&self, stated: Millis) -> Millis {
        let ahead = self.samples.iter().min().map_or(0, |offset| offset.saturating_neg().max(0));
        stated.before(u64::try_from(ahead).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_message_gives_the_offset() {
        let mut clock = SourceClock::default();
        for (index, latency) in [40, 9, 300, 12, 11, 80, 10].into_iter().enumerate() {
            let stated = Millis::new(1_000 * index as u64);
            clock.observe(stated, stated.after(latency));
            assert_eq!(clock.offset(), None);
        }
        clock.observe(Millis::new(9_000), Millis::new(9_500));
        assert_eq!(clock.offset(), Some(9));
        assert_eq!(clock.corrected_down(Millis::new(5_000)), Millis::new(5_000), "behind: taken at its word");
    }

    #[test]
    fn a_clock_ahead_is_put_back_and_forgotten_after_the_window() {
        let mut clock = SourceClock::default();
        clock.observe(Millis::new(5_700), Millis::new(5_000));
        assert_eq!(clock.corrected_down(Millis::new(6_000)), Millis::new(5_300));
        for _ in 0..CLOCK_WINDOW {
            clock.observe(Millis::new(7_000), Millis::new(7_020));
        }
        assert_eq!(clock.offset(), Some(20));
        assert_eq!(clock.samples.len(), CLOCK_WINDOW);
    }
}
