//! The normal distribution without a call into any library.

/// `ln 2` in two parts, so that `k * LN2_HIGH` is exact for every exponent `k` of an `f64`.
const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Adding it rounds to an integer, which then stands in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// Below this `exp` is no longer a normal number; the result is held there.
const LEAST: f64 = -708.0;
/// `1 / sqrt(2 pi)`.
const DENSITY_AT_ZERO: f64 = 0.398_942_280_401_432_7;

/// `1 / k!` for `k` from 2 to 13: Taylor's series of `exp`, whose next term is below 1e-17 within half of `ln 2`.
const INVERSE_FACTORIALS: [f64; 12] = [
    0.5,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5_040.0,
    1.0 / 40_320.0,
    1.0 / 362_880.0,
    1.0 / 3_628_800.0,
    1.0 / 39_916_800.0,
    1.0 / 479_001_600.0,
    1.0 / 6_227_020_800.0,
];

/// `(1 + x) * Phi(-x) / phi(x)` as a polynomial in `t = (x - 5) / (x + 5)`, which maps `x >= 0` to `[-1, 1)`: first the
/// coefficients of even powers.
///
/// The form is that of M. Shepherd and J. Laframboise (1981), "Chebyshev approximation of (1 + 2x) exp(x^2) erfc x",
/// Mathematics of Computation 36. The coefficients are this project's own: 24 Chebyshev coefficients from 200 nodes at 60
/// digits, written as powers of `t`. `tests/differential` holds the result against 50-digit arithmetic.
const EVEN: [f64; 12] = [
    1.1568486282918946,
    0.07778159886873769,
    -0.0661776007790963,
    -0.03802659218584139,
    -0.004201290329187307,
    0.00045704392357953655,
    -2.480583845192319e-05,
    -1.7633239265736746e-07,
    3.2054316652589574e-07,
    -6.588974491108954e-08,
    9.092476134019147e-09,
    -7.073898575561589e-10,
];

/// The coefficients of odd powers.
const ODD: [f64; 12] = [
    -0.22948753825211315,
    0.0250721793016388,
    0.0615050458401865,
    0.01634823128102938,
    1.9530638370790786e-05,
    -0.0001343742785571135,
    2.270961270923768e-05,
    -3.277287633208865e-06,
    4.91996233147834e-07,
    -7.758520236786343e-08,
    1.1032071151574336e-08,
    -9.564832934712551e-10,
];

/// `exp(y)` for `y <= 0`, to about one unit in the last place; held at `exp(-708)` below that. NaN stays NaN.
#[inline(always)]
pub fn exp_of_negative(y: f64) -> f64 {
    let y = if y < LEAST { LEAST } else { y };
    let shifted = y.mul_add(std::f64::consts::LOG2_E, ROUND);
    let k = shifted - ROUND;
    let r = k.mul_add(-LN2_LOW, k.mul_add(-LN2_HIGH, y));
    let tail = INVERSE_FACTORIALS.iter().rev().fold(0.0_f64, |sum, c| sum.mul_add(r, *c));
    let power_of_two = f64::from_bits(shifted.to_bits().wrapping_add(1_023) << 52);
    (1.0 + tail.mul_add(r * r, r)) * power_of_two
}

/// The polynomial part of [`mills`], at `t = (x - 5) / (x + 5)`: two chains of half the length run side by side.
#[inline(always)]
pub(super) fn mills_numerator(t: f64) -> f64 {
    let square = t * t;
    let pairs = EVEN.iter().zip(&ODD).rev();
    let (even, odd) =
        pairs.fold((0.0_f64, 0.0_f64), |(e, o), (even, odd)| (e.mul_add(square, *even), o.mul_add(square, *odd)));
    odd.mul_add(t, even)
}

/// Mills' ratio `Phi(-x) / phi(x)` for `x >= 0`, to 5 in 10^16.
#[inline(always)]
pub fn mills(x: f64) -> f64 {
    mills_numerator((x - 5.0) / (x + 5.0)) / (1.0 + x)
}

/// The standard normal density.
#[inline(always)]
pub fn density(x: f64) -> f64 {
    DENSITY_AT_ZERO * exp_of_negative(-0.5 * x * x)
}

/// The standard normal distribution function; accurate relative to itself in the lower tail.
#[inline(always)]
pub fn cdf(x: f64) -> f64 {
    let tail = density(x) * mills(x.abs());
    if x > 0.0 {
        1.0 - tail
    } else {
        tail
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values to 17 digits from tables (Abramowitz and Stegun 26.1) and arbitrary-precision arithmetic.
    #[test]
    fn known_values() {
        for (x, expected) in [
            (0.0, 0.5),
            (-1.0, 0.158_655_253_931_457_05),
            (1.0, 0.841_344_746_068_542_9),
            (-2.326_347_874_040_841, 0.01),
            (-5.0, 2.866_515_718_791_939e-7),
            (-10.0, 7.619_853_024_160_527e-24),
            (-37.0, 5.725_571_222_524_477e-300),
        ] {
            assert!((cdf(x) / expected - 1.0).abs() < 2e-13, "{x}: {} {expected}", cdf(x));
        }
    }

    #[test]
    fn exp_agrees_with_the_portable_library() {
        for step in 0..=70_000_i32 {
            let y = -f64::from(step) / 100.0;
            assert!((exp_of_negative(y) / libm::exp(y) - 1.0).abs() < 5e-16, "{y}");
        }
        assert_eq!(exp_of_negative(0.0), 1.0);
        assert!(exp_of_negative(-1e9) < 1e-300 && exp_of_negative(f64::NEG_INFINITY) < 1e-300);
        assert!(exp_of_negative(f64::NAN).is_nan());
    }

    #[test]
    fn distribution_agrees_with_erfc() {
        for step in -3_000..=3_000_i32 {
            let x = f64::from(step) / 100.0;
            let reference = 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2);
            assert!((cdf(x) / reference - 1.0).abs() < 5e-13, "{x}");
        }
    }
}
