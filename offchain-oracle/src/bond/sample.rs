//! What one history, the real one or a resampled one, says about a layer.

use super::LayerError;
use crate::model::LossCurve;
use crate::random::below;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use ringfence_protocol::Pair;

/// Steps of the exceedance curve: every twentieth of the limit.
pub const STEPS: usize = 20;
/// The fewest resampled histories that an interval is taken from.
pub const MIN_RESAMPLES: u32 = 200;
/// The most.
pub const MAX_RESAMPLES: u32 = 100_000;

/// How the history is resampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resampling {
    /// How many times; zero for no standard errors.
    pub count: u32,
    /// Start of the random numbers.
    pub seed: u64,
}

impl Resampling {
    /// Checks the bounds.
    ///
    /// # Errors
    /// A count that is neither zero nor within them.
    pub fn validate(self) -> Result<(), LayerError> {
        if self.count == 0 || (MIN_RESAMPLES..=MAX_RESAMPLES).contains(&self.count) {
            return Ok(());
        }
        Err(LayerError::Resamples)
    }
}

/// A layer as a slice of one side's loss before close-out costs, US dollars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slice {
    pub(super) from: f64,
    pub(super) limit: f64,
}

/// What a curve says about a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Measures {
    /// Expected loss of the layer, US dollars.
    pub(super) expected: f64,
    /// The chance that it loses anything, then that it loses at least each further twentieth of its limit. The first is the
    /// attachment probability, the last the exhaustion probability.
    pub(super) exceedance: [f64; STEPS + 1],
}

impl Slice {
    pub(super) fn measures(&self, curve: &LossCurve) -> Measures {
        let mut exceedance = [0.0; STEPS + 1];
        for (step, chance) in exceedance.iter_mut().enumerate() {
            *chance = if step == 0 { curve.exceeding(self.from) } else { curve.reaching(self.at(step)) };
        }
        Measures { expected: curve.between(self.from, self.from + self.limit), exceedance }
    }

    /// The loss of the side at which the layer has lost `step` twentieths.
    pub(super) fn at(&self, step: usize) -> f64 {
        use crate::model::convert::count_to_f64;
        self.from + self.limit * (count_to_f64(step) / count_to_f64(STEPS))
    }
}

/// The measures of both sides in each resampled history, in the order of their numbers.
///
/// A history is drawn in blocks of `block` scenarios in a row, wrapped around the end, with replacement: of one day, B. Efron
/// (1979), "Bootstrap methods", Annals of Statistics 7; of several, because windows then overlap, D. Politis and J. Romano
/// (1992), "A circular block-resampling procedure for stationary data". Both sides are drawn together, and the tail is
/// fitted anew each time. Each history has a stream of random numbers of its own, so threads can't matter.
pub(super) fn resample(
    losses: Pair<&[f64]>,
    slices: &Pair<Slice>,
    peak_ppm: u32,
    block: usize,
    resampling: Resampling,
) -> Vec<Pair<Measures>> {
    (0..resampling.count)
        .into_par_iter()
        .filter_map(|number| {
            let mut random = ChaCha8Rng::seed_from_u64(resampling.seed);
            random.set_stream(u64::from(number));
            let drawn = draw(losses.a.len(), block, &mut random);
            let side = |losses: &[f64], slice: &Slice| {
                let picked = drawn.iter().filter_map(|index| losses.get(*index).copied()).collect();
                LossCurve::new(picked, peak_ppm).map(|curve| slice.measures(&curve))
            };
            Some(Pair { a: side(losses.a, &slices.a)?, b: side(losses.b, &slices.b)? })
        })
        .collect()
}

/// `count` indices below `count`, in wrapped blocks.
fn draw(count: usize, block: usize, random: &mut impl RngCore) -> Vec<usize> {
    let mut drawn = Vec::with_capacity(count);
    let size = u64::try_from(count).unwrap_or(u64::MAX);
    while drawn.len() < count {
        let start = usize::try_from(below(random.next_u64(), size)).unwrap_or_default();
        let wanted = block.max(1).min(count.saturating_sub(drawn.len()));
        drawn.extend((start..start.saturating_add(wanted)).map(|index| index.checked_rem(count).unwrap_or_default()));
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_stay_together_and_wrap() {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let drawn = draw(1000, 5, &mut random);
        assert_eq!(drawn.len(), 1000);
        assert!(drawn.iter().all(|index| *index < 1000));
        assert!(drawn.chunks(5).all(|block| block.windows(2).all(|pair| pair[1] == (pair[0] + 1) % 1000)));
        assert_eq!(draw(7, 5, &mut random).len(), 7);
    }

    #[test]
    fn bounds_of_resampling_hold_at_the_bound() {
        let check = |count| Resampling { count, seed: 1 }.validate();
        assert!([0, MIN_RESAMPLES, MAX_RESAMPLES].into_iter().all(|count| check(count).is_ok()));
        assert!([1, MIN_RESAMPLES - 1, MAX_RESAMPLES + 1].into_iter().all(|count| check(count).is_err()));
    }

    /// The standard error of a share of independent draws is known: `sqrt(p (1 - p) / n)`.
    #[test]
    fn the_error_of_a_chance_is_the_binomial_one() {
        let losses: Vec<f64> = (0..399).map(f64::from).collect();
        let slice = Slice { from: 379.5, limit: 10.0 };
        let both = Pair { a: losses.as_slice(), b: losses.as_slice() };
        // 399 losses at 5 % are 19 peaks: no fit, the scenarios count.
        let resampled = resample(both, &Pair { a: slice, b: slice }, 50_000, 1, Resampling { count: 5_000, seed: 3 });
        let chance = 19.0 / 399.0;
        let estimate = super::super::Estimate::new(chance, resampled.iter().map(|pair| pair.a.exceedance[0]));
        let known = (chance * (1.0 - chance) / 399.0_f64).sqrt();
        assert!((estimate.standard_error.unwrap() / known - 1.0).abs() < 0.05, "{estimate:?} {known}");
        assert!(resampled.iter().all(|pair| pair.a == pair.b), "both sides see the same draws");
    }
}
