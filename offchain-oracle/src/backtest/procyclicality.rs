use crate::model::convert::count_to_f64;

/// How much a margin moves on a constant exposure.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Procyclicality {
    /// Highest over lowest.
    pub peak_to_trough: f64,
    /// Largest rise over one day, as a share.
    pub one_day: f64,
    /// Largest rise over five days.
    pub five_days: f64,
    /// Largest rise over thirty days.
    pub thirty_days: f64,
    /// Mean of the daily margins.
    pub mean: f64,
}

/// Peak-to-trough ratio and largest n-day calls of a series of margins on a constant exposure, all above zero.
///
/// Source: D. Murphy, M. Vasios and N. Vause (2014), "An investigation into the procyclicality of risk-based initial margin
/// models", Bank of England Financial Stability Paper 29, section 4.
pub fn procyclicality(margins: &[f64]) -> Procyclicality {
    let most = margins.iter().copied().fold(0.0, f64::max);
    let least = margins.iter().copied().fold(f64::INFINITY, f64::min);
    let rise = |days: usize| {
        let pairs = margins.iter().zip(margins.iter().skip(days));
        pairs.map(|(before, after)| after / before - 1.0).fold(0.0, f64::max)
    };
    let mean = margins.iter().fold(0.0, |sum, margin| sum + margin) / count_to_f64(margins.len());
    Procyclicality { peak_to_trough: most / least, one_day: rise(1), five_days: rise(5), thirty_days: rise(30), mean }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_by_hand() {
        let margins: Vec<f64> = (0..40).map(|day| if day < 20 { 1.0 } else { 1.5 }).chain([3.0]).collect();
        let measures = procyclicality(&margins);
        assert_eq!((measures.peak_to_trough, measures.one_day, measures.five_days), (3.0, 1.0, 1.0));
        assert_eq!(measures.thirty_days, 2.0);
        assert!((measures.mean - (20.0 + 30.0 + 3.0) / 41.0).abs() < 1e-15);
    }
}
