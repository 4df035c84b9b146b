use super::convert::count_to_f64;

/// A line fitted by ordinary least squares, and what it leaves over.
#[derive(Clone, Debug, PartialEq)]
pub struct Regression {
    /// Intercept.
    pub alpha: f64,
    /// Slope.
    pub beta: f64,
    /// `y - alpha - beta * x`, in order.
    pub residuals: Vec<f64>,
}

/// Regresses `y` on `x`, pair by pair; nothing if they are empty or `x` does not vary. Sums run in order.
pub fn regress(x: &[f64], y: &[f64]) -> Option<Regression> {
    let count = count_to_f64(x.len().min(y.len()));
    let pairs = || x.iter().zip(y);
    let mean_x = pairs().fold(0.0, |sum, (x, _)| sum + x) / count;
    let mean_y = pairs().fold(0.0, |sum, (_, y)| sum + y) / count;
    let covariance = pairs().fold(0.0, |sum, (x, y)| sum + (x - mean_x) * (y - mean_y));
    let variance = pairs().fold(0.0, |sum, (x, _)| sum + (x - mean_x) * (x - mean_x));
    let beta = covariance / variance;
    let alpha = mean_y - beta * mean_x;
    let residuals = pairs().map(|(x, y)| y - alpha - beta * x).collect();
    (variance > 0.0 && beta.is_finite() && alpha.is_finite()).then_some(Regression { alpha, beta, residuals })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_worked_by_hand() {
        // x = 0, 1, 2; y = 1, 3, 8: means 1 and 4, covariance 7, variance 2.
        let fit = regress(&[0.0, 1.0, 2.0], &[1.0, 3.0, 8.0]).unwrap();
        assert_eq!((fit.beta, fit.alpha), (3.5, 0.5));
        assert_eq!(fit.residuals, [0.5, -1.0, 0.5]);
        assert_eq!(regress(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(regress(&[], &[]), None);
    }
}
