use crate::model::convert::count_to_f64;

/// Days of the Basel traffic light.
pub const TRAFFIC_DAYS: usize = 250;

/// A likelihood-ratio statistic and the chance of one at least as large if the model is right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// Minus twice the logarithm of the likelihood ratio.
    pub statistic: f64,
    /// Its p-value from the chi-squared distribution.
    pub p_value: f64,
}

/// Christoffersen's tests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Independence {
    /// Does a loss beyond the forecast make another one tomorrow likelier?
    pub independence: Ratio,
    /// Number and independence together.
    pub conditional_coverage: Ratio,
}

/// A zone of the Basel traffic light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Light {
    /// Up to four exceptions in 250 days at 99 %.
    Green,
    /// Five to nine.
    Yellow,
    /// Ten and more.
    Red,
}

/// The proportion-of-failures test: is the share of `exceptions` in `days` compatible with `tail`?
///
/// Source: P. Kupiec (1995), "Techniques for verifying the accuracy of risk measurement models", Journal of Derivatives 3(2).
pub fn kupiec(exceptions: usize, days: usize, tail: f64) -> Ratio {
    let (hits, misses) = (count_to_f64(exceptions), count_to_f64(days.saturating_sub(exceptions)));
    let observed = log_likelihood(misses, hits, hits / (hits + misses));
    one_degree(-2.0 * (log_likelihood(misses, hits, tail) - observed))
}

/// Independence against a first-order Markov chain, and conditional coverage: the sum with Kupiec's statistic.
///
/// Source: P. Christoffersen (1998), "Evaluating interval forecasts", International Economic Review 39(4). With no
/// exception, or none that could be followed by another, there is nothing against independence and its statistic is zero.
pub fn christoffersen(exceptions: &[bool], tail: f64) -> Independence {
    let count = |from: bool, to: bool| {
        let steps = exceptions.iter().zip(exceptions.iter().skip(1));
        count_to_f64(steps.filter(|(a, b)| (**a, **b) == (from, to)).count())
    };
    let (n00, n01, n10, n11) = (count(false, false), count(false, true), count(true, false), count(true, true));
    let chance = |hits: f64, misses: f64| if hits + misses > 0.0 { hits / (hits + misses) } else { 0.0 };
    let together = log_likelihood(n00 + n10, n01 + n11, chance(n01 + n11, n00 + n10));
    let apart = log_likelihood(n00, n01, chance(n01, n00)) + log_likelihood(n10, n11, chance(n11, n10));
    let independence = one_degree(-2.0 * (together - apart));
    let hits = exceptions.iter().filter(|hit| **hit).count();
    let statistic = kupiec(hits, exceptions.len(), tail).statistic + independence.statistic;
    // With two degrees of freedom the chi-squared distribution is exponential.
    let conditional_coverage = Ratio { statistic, p_value: libm::exp(-0.5 * statistic) };
    Independence { independence, conditional_coverage }
}

/// The zone of a number of exceptions in a number of days: yellow from where so many or fewer have a chance of 95 % if the
/// model is right, red from 99.99 %.
///
/// Source: Basel Committee (1996), "Supervisory framework for the use of backtesting in conjunction with the internal models
/// approach to market risk capital requirements", table 2.
pub fn traffic_light(exceptions: usize, days: usize, tail: f64) -> Light {
    let chance = at_most(exceptions, days, tail);
    if chance < 0.95 {
        Light::Green
    } else if chance < 0.9999 {
        Light::Yellow
    } else {
        Light::Red
    }
}

/// The binomial distribution function.
fn at_most(hits: usize, days: usize, tail: f64) -> f64 {
    let odds = tail / (1.0 - tail);
    let none = libm::pow(1.0 - tail, count_to_f64(days));
    let start = (none, none);
    let (sum, _) = (0..hits.min(days)).fold(start, |(sum, term), k| {
        let next = term * odds * count_to_f64(days.saturating_sub(k)) / (count_to_f64(k) + 1.0);
        (sum + next, next)
    });
    sum
}

fn log_likelihood(misses: f64, hits: f64, chance: f64) -> f64 {
    let part = |count: f64, chance: f64| if count > 0.0 { count * libm::log(chance) } else { 0.0 };
    part(misses, 1.0 - chance) + part(hits, chance)
}

fn one_degree(statistic: f64) -> Ratio {
    let statistic = if statistic > 0.0 { statistic } else { 0.0 };
    Ratio { statistic, p_value: libm::erfc(libm::sqrt(0.5 * statistic)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kupiec's own table 3: at 1 % and 255 days fewer than seven failures are not rejected at 5 %.
    #[test]
    fn the_published_regions() {
        let rejected = |hits, days| kupiec(hits, days, 0.01).p_value < 0.05;
        let accepted: Vec<usize> = (0..20).filter(|hits| !rejected(*hits, 255)).collect();
        assert_eq!(accepted, [1, 2, 3, 4, 5, 6]);
        let accepted: Vec<usize> = (0..30).filter(|hits| !rejected(*hits, 510)).collect();
        assert_eq!(accepted, [2, 3, 4, 5, 6, 7, 8, 9, 10], "1 < N < 11");
        let accepted: Vec<usize> = (0..30).filter(|hits| !rejected(*hits, 1_000)).collect();
        assert_eq!(accepted, (5..17).collect::<Vec<_>>(), "4 < N < 17");
    }

    #[test]
    fn the_published_zones() {
        let zones: Vec<Light> = (0..12).map(|hits| traffic_light(hits, 250, 0.01)).collect();
        assert!(zones[..5].iter().all(|zone| *zone == Light::Green));
        assert!(zones[5..10].iter().all(|zone| *zone == Light::Yellow));
        assert!(zones[10..].iter().all(|zone| *zone == Light::Red));
        // Table 2 of the framework: cumulative chances at 0, 4 and 9 exceptions.
        for (hits, chance) in [(0, 0.0811), (4, 0.8922), (9, 0.9997)] {
            assert!((at_most(hits, 250, 0.01) - chance).abs() < 6e-5, "{hits} {}", at_most(hits, 250, 0.01));
        }
    }

    #[test]
    fn clusters_are_told_from_scatter() {
        let days = |hits: &[usize]| -> Vec<bool> { (0..500).map(|day| hits.contains(&day)).collect() };
        let scattered = christoffersen(&days(&[50, 150, 250, 350, 450]), 0.01);
        let clustered = christoffersen(&days(&[100, 101, 102, 103, 104]), 0.01);
        assert!(scattered.independence.p_value > 0.5 && scattered.conditional_coverage.p_value > 0.5);
        assert!(clustered.independence.p_value < 1e-6 && clustered.conditional_coverage.p_value < 1e-6);
        assert_eq!(christoffersen(&days(&[]), 0.01).independence.statistic, 0.0);
    }

    /// LR = -2 ln(0.01^4 0.99^246 / (0.016^4 0.984^246)) = 0.7691.
    #[test]
    fn a_ratio_by_hand() {
        let ratio = kupiec(4, 250, 0.01);
        assert!((ratio.statistic - 0.769_1).abs() < 5e-5, "{}", ratio.statistic);
        assert!((ratio.p_value - 0.380_5).abs() < 5e-5, "{}", ratio.p_value);
    }
}
