//! A generalised Pareto tail fitted to the largest losses: peaks over threshold.

use super::convert::count_to_f64;
use super::expected_shortfall;

/// Fewest losses beyond the threshold that a fit is made from.
pub const MIN_PEAKS: usize = 20;

/// Bounds of the shape. Probability-weighted moments are reliable within them, and the mean beyond a quantile exists.
const SHAPE: std::ops::RangeInclusive<f64> = -0.5..=0.5;

/// A shape nearer to zero than this is taken as exponential, which its formulas tend to.
const SHAPE_NEAR_ZERO: f64 = 1e-9;

/// A fitted tail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParetoTail {
    /// The threshold; losses above it are the peaks.
    pub threshold: f64,
    /// Share of the losses above it.
    pub weight: f64,
    /// The shape, xi: above zero for a power law, zero for an exponential tail, below for a bounded one.
    pub shape: f64,
    /// The scale, beta.
    pub scale: f64,
}

impl ParetoTail {
    /// Fits the worst `peak_ppm` millionths of `count` losses, given worst first, by probability-weighted moments.
    ///
    /// With `a0` the mean excess and `a1` the mean of excess times the chance of a larger one,
    /// `xi = 2 - a0 / (a0 - 2 a1)` and `beta = 2 a0 a1 / (a0 - 2 a1)`; a shape beyond its bounds is set to the bound and the
    /// scale to `a0 (1 - xi)`, the mean's. Source: J. Hosking and J. Wallis (1987), "Parameter and quantile estimation for
    /// the generalized Pareto distribution", Technometrics 29. Nothing with fewer than [`MIN_PEAKS`] peaks, or peaks that
    /// are all alike.
    pub fn fit(worst_first: impl Iterator<Item = f64>, count: usize, peak_ppm: u32) -> Option<Self> {
        let peaks = count.checked_mul(usize::try_from(peak_ppm).ok()?)?.checked_div(1_000_000)?;
        let losses: Vec<f64> = worst_first.take(peaks.checked_add(1)?).collect();
        let (threshold, above) = losses.split_last()?;
        if above.len() != peaks || peaks < MIN_PEAKS {
            return None;
        }
        let size = count_to_f64(peaks);
        // Worst first, the number of larger excesses is the index.
        let sums = above.iter().enumerate().fold((0.0, 0.0), |(mean, weighted), (larger, loss)| {
            let excess = loss - threshold;
            (mean + excess, weighted + excess * (count_to_f64(larger) / (size - 1.0)))
        });
        let (a0, a1) = (sums.0 / size, sums.1 / size);
        let shape = 2.0 - a0 / (a0 - 2.0 * a1);
        if a0 <= 0.0 || !shape.is_finite() {
            return None;
        }
        let clamped = shape.clamp(*SHAPE.start(), *SHAPE.end());
        let scale = if clamped == shape { 2.0 * a0 * a1 / (a0 - 2.0 * a1) } else { a0 * (1.0 - clamped) };
        Some(Self { threshold: *threshold, weight: size / count_to_f64(count), shape: clamped, scale })
    }

    /// The loss that is exceeded with the chance `tail`, at most the weight:
    /// `u + beta / xi ((weight / tail)^xi - 1)`.
    pub fn value_at_risk(&self, tail: f64) -> f64 {
        let log = libm::log(self.weight / tail);
        let stretched =
            if libm::fabs(self.shape) < SHAPE_NEAR_ZERO { log } else { libm::expm1(self.shape * log) / self.shape };
        self.threshold + self.scale * stretched
    }

    /// The chance of a loss beyond `loss`, which is at least the threshold: `weight (1 + xi (loss - u) / beta)^(-1 / xi)`,
    /// zero beyond the end of a bounded tail.
    ///
    /// Source: McNeil, Frey and Embrechts (2005), section 7.2.3.
    pub fn exceedance(&self, loss: f64) -> f64 {
        let excess = (loss - self.threshold) / self.scale;
        if libm::fabs(self.shape) < SHAPE_NEAR_ZERO {
            return self.weight * libm::exp(-excess);
        }
        let stretched = self.shape * excess;
        if stretched > -1.0 {
            self.weight * libm::exp(-libm::log1p(stretched) / self.shape)
        } else {
            0.0
        }
    }

    /// The integral of that chance from `from` to `to`, neither below the threshold: what the tail adds to the expected loss
    /// of a layer. From a point on, `beta / (1 - xi)` times the chance times the base above is left.
    pub fn between(&self, from: f64, to: f64) -> f64 {
        let beyond = |loss: f64| {
            let base = 1.0 + self.shape * ((loss - self.threshold) / self.scale);
            let chance = self.exceedance(loss);
            if chance > 0.0 {
                self.scale / (1.0 - self.shape) * (chance * base)
            } else {
                0.0
            }
        };
        super::larger(beyond(from) - beyond(to), 0.0)
    }

    /// The mean of the losses beyond it: `(VaR + beta - xi u) / (1 - xi)`.
    ///
    /// Source: A. McNeil, R. Frey and P. Embrechts (2005), "Quantitative Risk Management", section 7.2.3.
    pub fn expected_shortfall(&self, tail: f64) -> f64 {
        (self.value_at_risk(tail) + self.scale - self.shape * self.threshold) / (1.0 - self.shape)
    }
}

/// Expected shortfall at a deep tail of `count` losses, of which the largest are given: the fitted one, or that of the sample
/// where it is larger or nothing can be fitted. The second number is the fitted shape.
pub(super) fn deep_shortfall(worst_first: &[f64], count: usize, tail_ppm: u32, peak_ppm: u32) -> (f64, Option<f64>) {
    let sample = expected_shortfall(worst_first.iter().copied(), count, tail_ppm);
    let Some(tail) = ParetoTail::fit(worst_first.iter().copied(), count, peak_ppm) else { return (sample, None) };
    let fitted = tail.expected_shortfall(super::params::share(tail_ppm));
    (super::larger(fitted, sample), Some(tail.shape))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Losses at the mid-points of a known Pareto tail, worst first.
    fn sample(shape: f64, scale: f64, count: usize) -> Vec<f64> {
        (0..count)
            .map(|i| {
                let beyond = (i as f64 + 0.5) / count as f64;
                scale * (beyond.powf(-shape) - 1.0) / shape
            })
            .collect()
    }

    #[test]
    fn a_known_tail_is_found_again() {
        for (shape, scale) in [(0.25, 3.0), (-0.25, 1.0), (0.1, 100.0)] {
            let losses = sample(shape, scale, 20_000);
            // The excesses over a threshold of a Pareto tail are Pareto with the same shape and scale + shape * threshold.
            let tail = ParetoTail::fit(losses.iter().copied(), losses.len(), 50_000).unwrap();
            assert!((tail.shape - shape).abs() < 0.01, "{} {shape}", tail.shape);
            assert!((tail.scale / (scale + shape * tail.threshold) - 1.0).abs() < 0.01);
            let exact = scale * (0.001_f64.powf(-shape) - 1.0) / shape;
            assert!((tail.value_at_risk(0.001) / exact - 1.0).abs() < 0.01);
            let mean = (exact + scale) / (1.0 - shape);
            assert!((tail.expected_shortfall(0.001) / mean - 1.0).abs() < 0.02);
        }
    }

    #[test]
    fn the_exponential_case_is_continuous() {
        let tail = |shape| ParetoTail { threshold: 1.0, weight: 0.05, shape, scale: 2.0 };
        assert!((tail(0.0).value_at_risk(0.001) - (1.0 + 2.0 * 50.0_f64.ln())).abs() < 1e-12);
        assert!((tail(0.0).expected_shortfall(0.001) - tail(0.0).value_at_risk(0.001) - 2.0).abs() < 1e-12);
        assert!((tail(1e-8).expected_shortfall(0.001) - tail(0.0).expected_shortfall(0.001)).abs() < 1e-5);
    }

    #[test]
    fn a_layer_is_the_integral_of_the_chance() {
        for shape in [-0.4, -1e-8, 0.0, 0.2, 0.5] {
            let tail = ParetoTail { threshold: 10.0, weight: 0.05, shape, scale: 2.0 };
            assert_eq!(tail.exceedance(10.0), 0.05);
            // What is exceeded with a chance is exceeded with that chance.
            assert!((tail.exceedance(tail.value_at_risk(0.002)) / 0.002 - 1.0).abs() < 1e-9, "{shape}");
            for (from, to) in [(10.0, 11.0), (12.0, 30.0), (10.0, 1e4)] {
                let steps = 400_000;
                let width = (to - from) / f64::from(steps);
                let sum: f64 = (0..steps).map(|i| tail.exceedance(from + (f64::from(i) + 0.5) * width) * width).sum();
                let layer = tail.between(from, to);
                assert!((layer - sum).abs() <= 1e-4 * (sum + 1e-6), "{shape} {from} {to}: {layer} {sum}");
            }
        }
        let bounded = ParetoTail { threshold: 10.0, weight: 0.05, shape: -0.5, scale: 2.0 };
        assert_eq!((bounded.exceedance(14.0), bounded.between(14.0, 20.0)), (0.0, 0.0), "it ends at 10 + 2 / 0.5");
    }

    #[test]
    fn no_fit_without_peaks_and_never_below_the_sample() {
        assert_eq!(ParetoTail::fit(sample(0.2, 1.0, 399).into_iter(), 399, 50_000), None, "19 peaks");
        assert!(ParetoTail::fit(sample(0.2, 1.0, 400).into_iter(), 400, 50_000).is_some());
        assert_eq!(ParetoTail::fit(std::iter::repeat_n(1.0, 1000), 1000, 50_000), None, "all alike");
        let mut losses = sample(0.2, 1.0, 1000);
        losses[0] = 1e6;
        let (deep, _) = deep_shortfall(&losses, losses.len(), 1_000, 50_000);
        assert!(deep >= 1e6 - 1.0);
    }
}
