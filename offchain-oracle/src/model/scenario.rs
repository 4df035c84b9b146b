use super::convert::days;
use super::Model;
use crate::symbol::{BySymbol, Symbol};

impl Model {
    /// Profit of A in each scenario, worst first, US dollars: every historical day's residuals, rescaled to `volatility`
    /// and to the margin period of risk by the square root of time, applied to `exposure` dollars of each coin.
    ///
    /// `pnl_i = sum over coins of exposure * (exp(z_i * volatility * sqrt(horizon)) - 1)`: a linear perpetual's value moves
    /// with the price, and returns are logarithmic. One day's residuals stay together across coins, so that whatever
    /// dependence the days had is in the scenarios.
    pub(super) fn profits_worst_first(&self, exposure: &BySymbol<f64>, volatility: &BySymbol<f64>) -> Vec<f64> {
        let root_time = libm::sqrt(days(self.params.horizon));
        let held = || Symbol::ALL.into_iter().filter(|symbol| exposure[*symbol] != 0.0);
        let profit = |row: &BySymbol<f64>| {
            held().fold(0.0, |sum, symbol| {
                sum + exposure[symbol] * libm::expm1(row[symbol] * volatility[symbol] * root_time)
            })
        };
        let mut profits: Vec<f64> = self.residuals.iter().map(profit).collect();
        profits.sort_unstable_by(f64::total_cmp);
        profits
    }
}
