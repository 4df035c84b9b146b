use super::convert::{days, price_to_f64_nearest};
use super::params::share;
use crate::symbol::{BySymbol, Symbol};
use crate::units::Price;
use ringfence_protocol::units::Seconds;

/// One step of the exponentially weighted variance: `decay * variance + (1 - decay) * r^2`.
///
/// Source: RiskMetrics Technical Document (J.P. Morgan/Reuters, 4th ed., 1996), equation 5.3, with a zero mean.
pub fn ewma_step(variance: f64, decay: f64, squared_return: f64) -> f64 {
    decay * variance + (1.0 - decay) * squared_return
}

/// Current daily variance of every coin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Volatility {
    daily_variance: BySymbol<f64>,
    decay_per_day: f64,
}

impl Volatility {
    /// Starts at known daily variances.
    pub fn new(daily_variance: BySymbol<f64>, decay_per_day_ppm: u32) -> Self {
        Self { daily_variance, decay_per_day: share(decay_per_day_ppm) }
    }

    /// Continues the filter with the move from `before` to `after` over `span`.
    ///
    /// The decay is matched per unit of time, `decay^(span / day)`, and the squared return is scaled to a day,
    /// `r^2 * day / span`: over a day of equal steps old variance keeps the weight it has in the daily recursion, and the
    /// day's realised variance gets the rest. Coins without both marks keep their variance.
    #[must_use]
    pub fn after(&self, before: &BySymbol<Option<Price>>, after: &BySymbol<Option<Price>>, span: Seconds) -> Self {
        let fraction = days(span);
        let decay = libm::pow(self.decay_per_day, fraction);
        let daily_variance = BySymbol::from_fn(|symbol| match (before[symbol], after[symbol]) {
            (Some(from), Some(to)) => {
                let r = libm::log(price_to_f64_nearest(to) / price_to_f64_nearest(from));
                ewma_step(self.daily_variance[symbol], decay, r * r / fraction)
            }
            _ => self.daily_variance[symbol],
        });
        Self { daily_variance, ..*self }
    }

    /// Daily volatility of one coin: the standard deviation of its log return over a day.
    pub fn daily(&self, symbol: Symbol) -> f64 {
        libm::sqrt(self.daily_variance[symbol])
    }

    /// Daily volatility of every coin.
    pub fn all_daily(&self) -> BySymbol<f64> {
        BySymbol::from_fn(|symbol| self.daily(symbol))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_recursion_by_hand() {
        // lambda 0.94, yesterday 2 %, today's return 5 %: 0.94 * 0.0004 + 0.06 * 0.0025 = 0.000526.
        let next = ewma_step(0.0004, 0.94, 0.0025);
        assert!((next - 0.000526).abs() < 1e-18);
        // A quiet day after it: 0.94 * 0.000526.
        assert!((ewma_step(next, 0.94, 0.0) - 0.00049444).abs() < 1e-18);
    }

    #[test]
    fn a_day_of_small_steps_is_the_daily_step() {
        let price =
            |text: &str| BySymbol::from_fn(|symbol| (symbol == Symbol::Btc).then(|| Price::parse(text).unwrap()));
        let start = Volatility::new(BySymbol::from_fn(|_| 0.0004), 940_000);
        let daily = start.after(&price("100"), &price("105"), Seconds::DAY).daily(Symbol::Btc);
        let r = (1.05_f64).ln();
        assert!((daily * daily - (0.94 * 0.0004 + 0.06 * r * r)).abs() < 1e-15);
        // A day without moves, in 288 steps: exactly the weight of the daily recursion.
        let mut quiet = start;
        for _ in 0..288 {
            quiet = quiet.after(&price("100"), &price("100"), Seconds::new(300));
        }
        assert!((quiet.daily_variance[Symbol::Btc] - 0.94 * 0.0004).abs() < 1e-15);
        assert_eq!(quiet.daily_variance[Symbol::Eth], 0.0004, "no marks, no change");
        // Realised variance of a day in 288 equal moves of 0.1 %: 0.94 s + 0.06 * 288 * r^2.
        let mut busy = start;
        for step in 0..288 {
            let (from, to) = if step % 2 == 0 { ("100", "100.1") } else { ("100.1", "100") };
            busy = busy.after(&price(from), &price(to), Seconds::new(300));
        }
        let r = (1.001_f64).ln();
        assert!((busy.daily_variance[Symbol::Btc] - (0.94 * 0.0004 + 0.06 * 288.0 * r * r)).abs() < 1e-12);
    }
}
