use crate::model::convert::count_to_f64;

/// A number and how well the history pins it down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// From the history as it is.
    pub value: f64,
    /// Standard deviation over the resampled histories; none if nothing was resampled.
    pub standard_error: Option<f64>,
    /// The 2.5 % and 97.5 % quantiles over them: a percentile interval.
    pub interval: Option<(f64, f64)>,
}

impl Estimate {
    /// From the number itself and what each resampled history gives. Source: B. Efron and R. Tibshirani (1993), "An
    /// introduction to the bootstrap", algorithm 6.1 and section 13.3.
    pub fn new(value: f64, resampled: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = resampled.collect();
        if values.len() < 2 {
            return Self { value, standard_error: None, interval: None };
        }
        let count = count_to_f64(values.len());
        let mean = values.iter().fold(0.0, |sum, value| sum + value) / count;
        let squares = values.iter().fold(0.0, |sum, value| sum + (value - mean) * (value - mean));
        values.sort_unstable_by(f64::total_cmp);
        let rank = |thousandths: usize| {
            let rank = values.len().saturating_mul(thousandths).div_ceil(1000).saturating_sub(1);
            values.get(rank).copied().unwrap_or(f64::NAN)
        };
        let interval = Some((rank(25), rank(975)));
        Self { value, standard_error: Some(libm::sqrt(squares / (count - 1.0))), interval }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_and_interval_by_hand() {
        let estimate = Estimate::new(50.0, (1..=1000).rev().map(f64::from));
        assert_eq!(estimate.interval, Some((25.0, 975.0)));
        // The variance of 1 to n with n - 1 below is n (n + 1) / 12.
        let error = estimate.standard_error.unwrap();
        assert!((error * error - 1000.0 * 1001.0 / 12.0).abs() < 1e-6);
        assert_eq!(Estimate::new(1.0, std::iter::once(2.0)).interval, None);
    }
}
