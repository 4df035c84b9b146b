//! From a default to a year.

use super::sample::{Measures, STEPS};
use super::{Estimate, LayerError};
use ringfence_protocol::units::Bps;
use ringfence_protocol::Pair;

/// The longest risk period, as the protocol has it: five years.
pub const MAX_RISK_DAYS: u32 = 1_825;

const _: () = assert!(
    ringfence_protocol::bond::MAX_RISK_PERIOD.get() == 1_825 * 86_400,
    "the risk period of a bond is bounded by the protocol"
);

/// Who defaults how often, and for how long the layer is at risk. These are the user's judgement: no data of this project
/// says anything about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefaultRates {
    /// Default intensity of each side, basis points a year.
    pub intensity: Pair<Bps>,
    /// Risk period, days.
    pub risk_days: u32,
}

/// A layer over its risk period.
#[derive(Clone, Debug, PartialEq)]
pub struct PeriodPrice {
    /// The chance that either side defaults.
    pub default_probability: f64,
    /// Expected loss over the period, US dollars.
    pub expected_loss: Estimate,
    /// Expected loss a year, as a share of the limit: what a spread is a multiple of.
    pub expected_loss_rate: Estimate,
    /// The occurrence exceedance curve over the period, at the same steps as a side's. At most one default counts, so that the
    /// aggregate curve is the same.
    pub exceedance: Vec<Estimate>,
}

/// Weight of each side's measures over the period.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Weights {
    sides: Pair<f64>,
    default_probability: f64,
    years: f64,
}

impl DefaultRates {
    /// Checks the bounds.
    ///
    /// # Errors
    /// A rate or a period outside.
    pub fn validate(&self) -> Result<(), LayerError> {
        let (a, b) = (self.intensity.a, self.intensity.b);
        if a > Bps::ONE || b > Bps::ONE || (a.get() == 0 && b.get() == 0) {
            return Err(LayerError::DefaultRate);
        }
        if self.risk_days == 0 || self.risk_days > MAX_RISK_DAYS {
            return Err(LayerError::RiskPeriod);
        }
        Ok(())
    }

    /// Constant intensities `a` and `b`, the first default ends the pair: within `T` years either defaults with the chance
    /// `1 - exp(-(a + b) T)`, and the first one is A with the chance `a / (a + b)`, whenever it is: the earlier of two
    /// independent exponential times. Source of the constant intensity: R. Jarrow and S. Turnbull (1995), "Pricing derivatives
    /// on financial securities subject to credit risk", Journal of Finance 50(1).
    fn weights(&self) -> Weights {
        let rate = |bps: Bps| f64::from(bps.get()) / 10_000.0;
        let (a, b) = (rate(self.intensity.a), rate(self.intensity.b));
        let years = f64::from(self.risk_days) / 365.0;
        let default_probability = -libm::expm1(-(a + b) * years);
        let of = |side: f64| default_probability * (side / (a + b));
        Weights { sides: Pair { a: of(a), b: of(b) }, default_probability, years }
    }

    /// The layer over the period. Every figure is a weighted sum of the sides' figures.
    pub(super) fn over_period(
        &self,
        limit: f64,
        measures: &Pair<Measures>,
        resampled: &[Pair<Measures>],
    ) -> PeriodPrice {
        let weights = self.weights();
        let mix = |of: &dyn Fn(&Measures) -> f64| {
            let both = |pair: &Pair<Measures>| weights.sides.a * of(&pair.a) + weights.sides.b * of(&pair.b);
            Estimate::new(both(measures), resampled.iter().map(both))
        };
        let expected_loss = mix(&|side| side.expected);
        let exceedance = (0..=STEPS).map(|step| mix(&|side| side.exceedance.get(step).copied().unwrap_or_default()));
        let exceedance = exceedance.collect();
        let scaled = |value: f64| value / (limit * weights.years);
        PeriodPrice {
            default_probability: weights.default_probability,
            expected_loss,
            expected_loss_rate: Estimate {
                value: scaled(expected_loss.value),
                standard_error: expected_loss.standard_error.map(scaled),
                interval: expected_loss.interval.map(|(low, high)| (scaled(low), scaled(high))),
            },
            exceedance,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(a: u16, b: u16, risk_days: u32) -> DefaultRates {
        DefaultRates { intensity: Pair { a: Bps::new(a), b: Bps::new(b) }, risk_days }
    }

    #[test]
    fn bounds_hold_at_the_bound() {
        assert_eq!(rates(10_000, 10_000, MAX_RISK_DAYS).validate(), Ok(()));
        assert_eq!(rates(0, 1, 1).validate(), Ok(()));
        assert_eq!(rates(0, 0, 1).validate(), Err(LayerError::DefaultRate));
        assert_eq!(rates(10_001, 0, 1).validate(), Err(LayerError::DefaultRate));
        assert_eq!(rates(1, 0, 0).validate(), Err(LayerError::RiskPeriod));
        assert_eq!(rates(1, 0, MAX_RISK_DAYS + 1).validate(), Err(LayerError::RiskPeriod));
    }

    #[test]
    fn two_intensities_by_hand() {
        // 1 % and 3 % over two years: 1 - exp(-0.08), a quarter of it A's.
        let weights = rates(100, 300, 730).weights();
        assert!((weights.default_probability - (1.0 - (-0.08_f64).exp())).abs() < 1e-15);
        assert!((weights.sides.a - weights.default_probability / 4.0).abs() < 1e-15);
        assert!((weights.sides.b - weights.default_probability * 0.75).abs() < 1e-15);
        let measures = |expected| Measures { expected, exceedance: [0.5; STEPS + 1] };
        let both = Pair { a: measures(100.0), b: measures(20.0) };
        let period = rates(100, 300, 730).over_period(1000.0, &both, &[]);
        let expected = (1.0 - (-0.08_f64).exp()) * (25.0 + 15.0);
        assert!((period.expected_loss.value - expected).abs() < 1e-12);
        assert!((period.expected_loss_rate.value - expected / 2000.0).abs() < 1e-15, "two years");
        assert!((period.exceedance[STEPS].value - (1.0 - (-0.08_f64).exp()) / 2.0).abs() < 1e-15);
    }

    #[test]
    fn a_side_that_never_defaults_has_no_weight() {
        assert_eq!(rates(0, 500, 365).weights().sides.a, 0.0);
    }
}
