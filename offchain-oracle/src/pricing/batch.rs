use super::normal::{exp_of_negative, mills_numerator};
use super::{Black, Right};

/// `1 / sqrt(2 pi)`.
const DENSITY_AT_ZERO: f64 = 0.398_942_280_401_432_7;

/// A number of equal options in the form in which scenarios revalue it: what does not change is computed once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OptionLeg {
    pub(super) right: Right,
    pub(super) forward: f64,
    pub(super) strike: f64,
    pub(super) log_moneyness: f64,
    pub(super) deviation: f64,
    pub(super) inverse_deviation: f64,
    pub(super) weight: f64,
}

/// What one coin does in every scenario. The slices are equally long; a shorter one cuts the others.
#[derive(Clone, Copy, Debug)]
pub struct ScenarioRow<'a> {
    /// Forward in the scenario over forward now.
    pub growth: &'a [f64],
    /// Its logarithm.
    pub log_growth: &'a [f64],
    /// Volatility in the scenario over volatility now; above zero.
    pub stretch: &'a [f64],
    /// Its reciprocal.
    pub inverse_stretch: &'a [f64],
}

impl OptionLeg {
    /// `quantity` options, discounted.
    pub fn new(option: &Black, quantity: f64) -> Self {
        let deviation = option.deviation();
        Self {
            right: option.right,
            forward: option.forward,
            strike: option.strike,
            log_moneyness: libm::log(option.forward / option.strike),
            deviation,
            inverse_deviation: 1.0 / deviation,
            weight: quantity * option.discount,
        }
    }

    /// Adds the leg's value in every scenario to `values`: a full revaluation, no expansion in Greeks. Uses the widest
    /// vectors of the machine.
    pub fn add_values(&self, row: &ScenarioRow<'_>, values: &mut [f64]) {
        pulp::Arch::new().dispatch(Revaluation { leg: self, row, values });
    }
}

struct Revaluation<'a> {
    leg: &'a OptionLeg,
    row: &'a ScenarioRow<'a>,
    values: &'a mut [f64],
}

impl pulp::NullaryFnOnce for Revaluation<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { leg, row, values } = self;
        let grown = row.growth.iter().zip(row.log_growth);
        let stretched = row.stretch.iter().zip(row.inverse_stretch);
        for (value, ((growth, log_growth), (stretch, inverse))) in values.iter_mut().zip(grown.zip(stretched)) {
            let forward = leg.forward * growth;
            let log_moneyness = leg.log_moneyness + log_growth;
            let (inverse, deviation) = (leg.inverse_deviation * inverse, leg.deviation * stretch);
            *value += leg.weight * undiscounted(leg, forward, log_moneyness, inverse, deviation);
        }
    }
}

/// The undiscounted price of one option.
///
/// The option is taken from its side out of the money, where no intrinsic value hides the digits. With `a` the smaller of
/// forward and strike, `b` the larger, `d = -|ln(F/K)| / s`, `p = d + s/2`, `m = d - s/2` (never positive), that is
/// `a Phi(p) - b Phi(m)`, and because `a phi(p) = b phi(m) = w` it is `w (R(-p) - R(-m))` with Mills' ratio `R`: one
/// exponential for both terms. Where `p` is positive, `a Phi(p) = a - w R(p)`. One division serves both ratios and both
/// of their arguments.
#[inline(always)]
pub(super) fn undiscounted(leg: &OptionLeg, forward: f64, log_moneyness: f64, inverse: f64, deviation: f64) -> f64 {
    let intrinsic = leg.right.sign() * (forward - leg.strike);
    let intrinsic = if intrinsic < 0.0 { 0.0 } else { intrinsic };
    let smaller = if forward < leg.strike { forward } else { leg.strike };
    let (d, half) = (-log_moneyness.abs() * inverse, 0.5 * deviation);
    let (p, m) = (d + half, half - d);
    let x = p.abs();
    let (x5, m5, x1, m1) = (x + 5.0, m + 5.0, x + 1.0, m + 1.0);
    let (fives, ones) = (x5 * m5, x1 * m1);
    let quotient = 1.0 / (fives * ones);
    let by_fives = quotient * ones;
    let above = mills_numerator((x - 5.0) * m5 * by_fives) * m1;
    let below = mills_numerator((m - 5.0) * x5 * by_fives) * x1;
    let weight = smaller * (DENSITY_AT_ZERO * exp_of_negative(-0.5 * p * p)) * (quotient * fives);
    let outside = if p > 0.0 { smaller - weight * (above + below) } else { weight * (above - below) };
    // Rounding may leave a hair below zero where nothing is left; no time left makes `inverse` infinite. NaN stays NaN.
    let outside = if outside < 0.0 || deviation <= 0.0 { 0.0 } else { outside };
    intrinsic + outside
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_scenario_is_a_price_at_its_own_market(
            strike in 20.0_f64..400.0, volatility in 0.1_f64..2.0, years in 0.005_f64..2.0, call: bool,
            moves in proptest::collection::vec((-0.6_f64..0.6, 0.5_f64..2.0), 1..40),
        ) {
            let right = if call { Right::Call } else { Right::Put };
            let base = Black { right, forward: 100.0, strike, volatility, years, discount: 0.97 };
            let log_growth: Vec<f64> = moves.iter().map(|(r, _)| *r).collect();
            let growth: Vec<f64> = log_growth.iter().map(|r| libm::exp(*r)).collect();
            let stretch: Vec<f64> = moves.iter().map(|(_, m)| *m).collect();
            let inverse_stretch: Vec<f64> = stretch.iter().map(|m| 1.0 / m).collect();
            let row = ScenarioRow { growth: &growth, log_growth: &log_growth, stretch: &stretch, inverse_stretch: &inverse_stretch };
            let mut values = vec![7.0; moves.len()];
            OptionLeg::new(&base, 3.0).add_values(&row, &mut values);
            for ((value, growth), stretch) in values.iter().zip(&growth).zip(&stretch) {
                let moved = Black { forward: 100.0 * growth, volatility: volatility * stretch, ..base };
                let expected = 7.0 + 3.0 * moved.price();
                prop_assert!((value - expected).abs() <= 1e-11 * expected, "{} {}", value, expected);
            }
        }

        /// This function is compiled for the oldest machine, the batch for the newest that is there.
        #[test]
        fn vectors_and_single_prices_have_the_same_bits(
            strike in 20.0_f64..400.0, volatility in 0.05_f64..3.0, years in 0.001_f64..2.0, call: bool,
            log_growth in proptest::collection::vec(-1.0_f64..1.0, 1..40),
        ) {
            let right = if call { Right::Call } else { Right::Put };
            let leg = OptionLeg::new(&Black { right, forward: 100.0, strike, volatility, years, discount: 0.97 }, 3.0);
            let growth: Vec<f64> = log_growth.iter().map(|r| libm::exp(*r)).collect();
            let ones = vec![1.0; growth.len()];
            let row = ScenarioRow { growth: &growth, log_growth: &log_growth, stretch: &ones, inverse_stretch: &ones };
            let mut values = vec![0.0; growth.len()];
            leg.add_values(&row, &mut values);
            for ((value, growth), r) in values.iter().zip(&growth).zip(&log_growth) {
                let (inverse, deviation) = (leg.inverse_deviation, leg.deviation);
                let single = leg.weight * undiscounted(&leg, 100.0 * growth, leg.log_moneyness + r, inverse, deviation);
                prop_assert_eq!(value.to_bits(), single.to_bits());
            }
        }
    }
}
