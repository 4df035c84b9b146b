use super::book::{Book, HeldOption};
use super::convert::days;
use super::implied::ImpliedLevel;
use super::params::{share, ModelParams};
use super::{Model, Volatility};
use crate::pricing::{OptionLeg, ScenarioRow};
use crate::symbol::{BySymbol, Symbol};

/// What every coin does in every scenario, at one level of volatility. Made once for a moment, shared by all pairs.
#[derive(Clone, Debug, PartialEq)]
pub struct Shocks {
    coins: BySymbol<CoinShocks>,
    count: usize,
    damping_years: f64,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct CoinShocks {
    /// Simple return over the margin period of risk.
    simple: Vec<f64>,
    /// One more than it.
    growth: Vec<f64>,
    /// Its logarithm.
    log_growth: Vec<f64>,
    /// Implied volatility after the period over that before it, capped: by its own history, or as the filter's volatility.
    stretch: Vec<f64>,
}

/// The scenarios at current and at stressed volatility.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioSet {
    pub(super) current: Shocks,
    pub(super) stressed: Shocks,
}

impl ScenarioSet {
    /// The scenarios at current volatility.
    pub const fn current(&self) -> &Shocks {
        &self.current
    }

    /// The scenarios at stressed volatility.
    pub const fn stressed(&self) -> &Shocks {
        &self.stressed
    }
}

impl Model {
    /// Every scenario at `volatility` and at the stressed level.
    pub fn scenario_set(&self, volatility: &Volatility) -> ScenarioSet {
        self.set_at(&volatility.all_daily())
    }

    /// The same from daily volatilities; at [`Self::stressed_volatility`], a market as volatile as in the stressed period.
    pub fn set_at(&self, daily: &BySymbol<f64>) -> ScenarioSet {
        let stressed = self.shocks_at(&self.stressed_volatility(), ImpliedLevel::Stressed);
        ScenarioSet { current: self.shocks(daily), stressed }
    }

    /// Overlapping windows of the history's residuals, as many days long as the margin period of risk, rescaled to
    /// `volatility`. Within a window volatility follows the filter (Barone-Adesi, Giannopoulos and Vosper 1999). One day's
    /// residuals stay together across coins, so whatever dependence the days had is in the scenarios. Nothing is mirrored
    /// (no antithetic sampling): the two tails of a coin's history are not alike.
    ///
    /// Implied volatility of a coin with a history of it moves by the residuals of the same days, at the deviation of the whole
    /// history; of any other it is stretched as the filter is.
    pub fn shocks(&self, volatility: &BySymbol<f64>) -> Shocks {
        self.shocks_at(volatility, ImpliedLevel::LongRun)
    }

    fn shocks_at(&self, volatility: &BySymbol<f64>, level: ImpliedLevel) -> Shocks {
        let (window, scale) = horizon(&self.params);
        let coins = BySymbol::from_fn(|symbol| {
            let mut coin = CoinShocks::default();
            for days in self.residuals.windows(window) {
                let (r, stretch) = path(days.iter().map(|day| day[symbol]), volatility[symbol], &self.params);
                let r = r * scale;
                coin.simple.push(libm::expm1(r));
                coin.growth.push(libm::exp(r));
                coin.log_growth.push(r);
                coin.stretch.push(stretch);
            }
            if let Some(implied) = &self.implied[symbol] {
                let deviation = implied.deviation(level);
                let move_of = |days: &[f64]| path(days.iter().copied(), deviation, &self.params).0 * scale;
                let moves = implied.residuals.windows(window).map(move_of);
                coin.stretch = moves.map(|m| capped_both_ways(libm::exp(m), &self.params)).collect();
            }
            coin
        });
        let count = self.residuals.len().saturating_sub(window.saturating_sub(1));
        Shocks { coins, count, damping_years: f64::from(self.params.scan_days) / 365.0 }
    }
}

impl Model {
    /// Days in a row that make a scenario.
    pub fn window(&self) -> usize {
        horizon(&self.params).0
    }
}

/// How many whole days a window has, and the square root of time that is left to scale by: of 36 hours, one day and
/// `sqrt(1.5)`.
fn horizon(params: &ModelParams) -> (usize, f64) {
    let days = days(params.horizon);
    let whole = params.horizon.get().checked_div(86_400).unwrap_or_default().max(1);
    let window = usize::try_from(whole).unwrap_or(1);
    (window, libm::sqrt(days / super::convert::count_to_f64(window)))
}

/// The log return of one path of residuals and how far it stretches volatility.
fn path(residuals: impl Iterator<Item = f64>, volatility: f64, params: &ModelParams) -> (f64, f64) {
    let decay = share(params.decay_per_day_ppm);
    let start = (0.0, 1.0);
    let (sum, stretch) = residuals.fold(start, |(sum, stretch), z| {
        (sum + z * (volatility * stretch), stretch * libm::sqrt(decay + (1.0 - decay) * z * z))
    });
    (sum, capped(stretch, params))
}

/// The stretch that a single move of `z` deviations causes, capped.
pub(super) fn stretch_of(z: f64, params: &ModelParams) -> f64 {
    let decay = share(params.decay_per_day_ppm);
    capped(libm::sqrt(decay + (1.0 - decay) * z * z), params)
}

fn capped(stretch: f64, params: &ModelParams) -> f64 {
    let cap = share(params.stretch_cap_ppm);
    if stretch > cap {
        cap
    } else {
        stretch
    }
}

/// The same bound for a fall.
fn capped_both_ways(stretch: f64, params: &ModelParams) -> f64 {
    let floor = 1.0 / share(params.stretch_cap_ppm);
    if stretch < floor {
        floor
    } else {
        capped(stretch, params)
    }
}

/// How much of a move in short volatility an option's own volatility makes: all of it up to the scan tenor, then falling
/// with the square root of time.
pub(super) fn damping(years: f64, damping_years: f64) -> f64 {
    if years > damping_years {
        libm::sqrt(damping_years / years)
    } else {
        1.0
    }
}

impl Shocks {
    /// How many scenarios there are.
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Profit of A in each scenario, in the order of the history, US dollars: dollars in each coin times its simple return,
    /// and every option revalued in full at its scenario's forward and volatility, the latter shifted by the share `scan`.
    pub fn profits(&self, book: &Book, scan: f64) -> Vec<f64> {
        let mut profits = self.linear_profits(&book.exposure);
        for group in book.options.chunk_by(HeldOption::shares_scenarios) {
            self.add_options(group, scan, &mut profits);
        }
        profits
    }

    /// The same of dollars in each coin alone.
    pub fn linear_profits(&self, exposure: &BySymbol<f64>) -> Vec<f64> {
        let mut profits = vec![0.0; self.count];
        for symbol in Symbol::ALL.into_iter().filter(|symbol| exposure[*symbol] != 0.0) {
            for (profit, simple) in profits.iter_mut().zip(&self.coins[symbol].simple) {
                *profit += exposure[symbol] * simple;
            }
        }
        profits
    }

    fn add_options(&self, group: &[HeldOption], scan: f64, profits: &mut [f64]) {
        let Some(first) = group.first() else { return };
        let coin = &self.coins[first.symbol];
        let damping = damping(first.option.years, self.damping_years);
        let shift = 1.0 + scan * damping;
        let stretch: Vec<f64> = coin.stretch.iter().map(|m| (1.0 + damping * (m - 1.0)) * shift).collect();
        let inverse_stretch: Vec<f64> = stretch.iter().map(|m| 1.0 / m).collect();
        let row = ScenarioRow {
            growth: &coin.growth,
            log_growth: &coin.log_growth,
            stretch: &stretch,
            inverse_stretch: &inverse_stretch,
        };
        let mut now = 0.0;
        for held in group {
            let leg = OptionLeg::new(&held.option, held.quantity);
            now += leg.price();
            leg.add_values(&row, profits);
        }
        for profit in profits {
            *profit -= now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringfence_protocol::units::Seconds;

    #[test]
    fn a_window_follows_the_filter() {
        let params = ModelParams::STANDARD;
        // Two days of 2 and -1 deviations at 3 %: the second day's volatility is 3 % * sqrt(0.94 + 0.06 * 4).
        let (r, stretch) = path([2.0, -1.0].into_iter(), 0.03, &params);
        let second = (0.94_f64 + 0.06 * 4.0).sqrt();
        assert!((r - (0.06 - 0.03 * second)).abs() < 1e-15);
        assert!((stretch - second).abs() < 1e-15, "a move of one deviation leaves volatility where it is");
        assert_eq!(stretch_of(50.0, &params), 2.5, "the cap");
    }

    #[test]
    fn whole_days_are_windows_and_the_rest_is_root_time() {
        let of = |seconds| horizon(&ModelParams { horizon: Seconds::new(seconds), ..ModelParams::STANDARD });
        assert_eq!(of(86_400), (1, 1.0));
        assert_eq!(of(5 * 86_400), (5, 1.0));
        assert_eq!(of(129_600), (1, 1.5_f64.sqrt()));
        assert_eq!(of(21_600), (1, 0.5));
    }

    #[test]
    fn long_options_move_less() {
        assert_eq!(damping(0.01, 30.0 / 365.0), 1.0);
        assert!((damping(120.0 / 365.0, 30.0 / 365.0) - 0.5).abs() < 1e-15);
    }
}
