use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::Duration;

/// Longest pause between two attempts.
pub const MAX_PAUSE: Duration = Duration::from_secs(60);

/// Pauses that double up to a bound, each cut by a random part of up to a half, so that many clients that lost a server at
/// once do not come back at once.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    max: Duration,
    failures: u32,
    random: ChaCha8Rng,
}

impl Backoff {
    /// Begins with `first`, and never pauses longer than `max` or [`MAX_PAUSE`].
    pub fn new(first: Duration, max: Duration, seed: u64) -> Self {
        Self { first, max: max.min(MAX_PAUSE), failures: 0, random: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// How long to wait after one more failure: between half of and the whole doubled pause.
    pub fn pause(&mut self) -> Duration {
        let doubled = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        self.failures = self.failures.saturating_add(1);
        let whole = self.first.saturating_mul(doubled).min(self.max);
        let millis = u64::try_from(whole.as_millis()).unwrap_or(u64::MAX);
        let half = millis.checked_div(2).unwrap_or(0);
        let part = self.random.next_u64().checked_rem(half.saturating_add(1)).unwrap_or(0);
        Duration::from_millis(millis.saturating_sub(part))
    }

    /// Begins anew after a success.
    pub const fn reset(&mut self) {
        self.failures = 0;
    }

    /// Failures since the last success.
    pub const fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_to_the_bound_and_begin_anew() {
        for seed in 0..50 {
            let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(1), seed);
            for whole in [100, 200, 400, 800, 1_000, 1_000] {
                let pause = backoff.pause().as_millis();
                assert!((whole / 2..=whole).contains(&pause), "{pause} of {whole}");
            }
            for _ in 0..100 {
                assert!(backoff.pause() <= Duration::from_secs(1));
            }
            backoff.reset();
            assert_eq!(backoff.failures(), 0);
            assert!(backoff.pause() <= Duration::from_millis(100));
        }
        let mut long = Backoff::new(Duration::from_secs(3_600), Duration::from_secs(7_200), 1);
        assert!(long.pause() <= MAX_PAUSE);
    }

    #[test]
    fn two_clients_do_not_pause_alike() {
        let pauses = |seed| {
            let mut backoff = Backoff::new(Duration::from_secs(1), MAX_PAUSE, seed);
            [0; 5].map(|_| backoff.pause())
        };
        assert_ne!(pauses(1), pauses(2));
        assert_eq!(pauses(3), pauses(3));
    }
}
