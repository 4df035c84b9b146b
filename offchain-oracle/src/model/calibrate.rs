use super::convert::{count_to_f64, price_to_f64_nearest};
use super::implied::ImpliedMoves;
use super::ols::regress;
use super::params::{share, ModelParams};
use super::volatility::{ewma_step, Volatility};
use crate::error::{InputError, Place, Problem};
use crate::market::{DailyClose, History, ImpliedHistory, Liquidity, Proxies, Proxy};
use crate::symbol::{BySymbol, Symbol};
use crate::units::Price;
use ringfence_protocol::units::Timestamp;

/// The model, ready: standardised residuals of every day, and the volatilities that rescale them.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub(super) params: ModelParams,
    pub(super) liquidity: Liquidity,
    pub(super) residuals: Vec<BySymbol<f64>>,
    pub(super) implied: BySymbol<Option<ImpliedMoves>>,
    long_run_variance: BySymbol<f64>,
    stressed_variance: BySymbol<f64>,
    last_variance: BySymbol<f64>,
    sol_beta: f64,
}

impl Model {
    /// Fits the model to a history.
    ///
    /// 1. Daily log returns of BTC and SOL; SOL regressed on BTC leaves `e`; ETH and XRP are `beta * r_BTC + kappa * e`.
    /// 2. EWMA variance from the mean square of the burn-in; each later return over its own day's volatility is a residual
    ///    (Hull and White 1998; Barone-Adesi, Giannopoulos and Vosper 1999).
    /// 3. Long-run variance: the mean square of all returns. Stressed variance: the highest mean square of
    ///    `stress_window_days` days in a row, coin by coin.
    ///
    /// # Errors
    /// Parameters outside [`ModelParams::is_sane`], or prices that do not move, so that no residual is defined.
    pub fn fit(
        history: &History,
        proxies: &Proxies,
        liquidity: Liquidity,
        params: ModelParams,
    ) -> Result<Self, InputError> {
        let unusable = |name: &str, rule| {
            let problem = Problem::Rule { name: name.to_owned(), rule };
            InputError::new(history.name(), Place::File, problem)
        };
        if !params.is_sane() {
            return Err(unusable("model parameters", "must be inside the ranges of the model document"));
        }
        let btc = log_returns(history.as_slice(), |day| day.btc);
        let sol = log_returns(history.as_slice(), |day| day.sol);
        let fit = regress(&btc, &sol).ok_or_else(|| unusable("btc_close", "must move"))?;
        let stand_in = |proxy: Proxy| -> Vec<f64> {
            let (beta, kappa) = (share(proxy.beta_ppm), share(proxy.kappa_ppm));
            btc.iter().zip(&fit.residuals).map(|(r, e)| beta * r + kappa * e).collect()
        };
        let (eth, xrp) = (stand_in(proxies.eth), stand_in(proxies.xrp));
        let series = BySymbol::from_fn(|symbol| match symbol {
            Symbol::Btc => btc.as_slice(),
            Symbol::Eth => eth.as_slice(),
            Symbol::Sol => sol.as_slice(),
            Symbol::Xrp => xrp.as_slice(),
        });
        let filtered = BySymbol::from_fn(|symbol| standardise(series[symbol], &params));
        let [btc_z, eth_z, sol_z, xrp_z] = Symbol::ALL.map(|symbol| &filtered[symbol].0);
        let days = btc_z.iter().zip(eth_z).zip(sol_z.iter().zip(xrp_z));
        let residuals: Vec<BySymbol<f64>> = days
            .map(|((btc, eth), (sol, xrp))| {
                BySymbol::from_fn(|symbol| match symbol {
                    Symbol::Btc => *btc,
                    Symbol::Eth => *eth,
                    Symbol::Sol => *sol,
                    Symbol::Xrp => *xrp,
                })
            })
            .collect();
        if residuals.iter().any(|row| Symbol::ALL.iter().any(|symbol| !row[*symbol].is_finite())) {
            return Err(unusable("prices", "must move during the burn-in"));
        }
        let window = usize::try_from(params.stress_window_days).unwrap_or(usize::MAX);
        Ok(Self {
            params,
            liquidity,
            residuals,
            implied: BySymbol::default(),
            long_run_variance: BySymbol::from_fn(|symbol| mean_square(series[symbol])),
            stressed_variance: BySymbol::from_fn(|symbol| {
                series[symbol].windows(window).map(mean_square).fold(0.0, f64::max)
            }),
            last_variance: BySymbol::from_fn(|symbol| filtered[symbol].1),
            sol_beta: fit.beta,
        })
    }

    /// With implied volatility that moves as it did on the days of the history, for the coins that the table has; the others
    /// keep the rule.
    ///
    /// # Errors
    /// Days of the history that the table does not have, or a volatility that does not move.
    pub fn with_implied(self, history: &History, implied: &ImpliedHistory) -> Result<Self, InputError> {
        let day = |close: Option<&DailyClose>| close.map_or(Timestamp::new(0), |close| close.day);
        let days = (day(history.as_slice().first()), day(history.as_slice().last()));
        let implied = super::implied::fit(implied, days, &self.params)?;
        Ok(Self { implied, ..self })
    }

    /// The parameters it was fitted with.
    pub const fn params(&self) -> &ModelParams {
        &self.params
    }

    /// How many days of residuals the scenarios are made from.
    pub const fn days(&self) -> usize {
        self.residuals.len()
    }

    /// Solana's sensitivity to Bitcoin over the history.
    pub const fn sol_beta(&self) -> f64 {
        self.sol_beta
    }

    /// The state from which the filter continues on the first bar: the history's long-run level. There is a gap between the
    /// history's end and the bars, over which nothing is known.
    pub fn initial_volatility(&self) -> Volatility {
        Volatility::new(self.long_run_variance, self.params.decay_per_day_ppm)
    }

    /// The state of the filter after the history's last day: where it goes on when the next day follows at once.
    pub fn last_volatility(&self) -> Volatility {
        Volatility::new(self.last_variance, self.params.decay_per_day_ppm)
    }

    /// Daily volatility of the stressed period, coin by coin.
    pub fn stressed_volatility(&self) -> BySymbol<f64> {
        BySymbol::from_fn(|symbol| libm::sqrt(self.stressed_variance[symbol]))
    }
}

fn log_returns(days: &[DailyClose], price: impl Fn(&DailyClose) -> Price) -> Vec<f64> {
    let value = |day| price_to_f64_nearest(price(day));
    days.iter().zip(days.iter().skip(1)).map(|(before, after)| libm::log(value(after) / value(before))).collect()
}

pub(super) fn mean_square(returns: &[f64]) -> f64 {
    returns.iter().fold(0.0, |sum, r| sum + r * r) / count_to_f64(returns.len())
}

/// Each return after the burn-in over the volatility that was known the evening before, and the variance after the last.
pub(super) fn standardise(returns: &[f64], params: &ModelParams) -> (Vec<f64>, f64) {
    let burn_in = usize::try_from(params.burn_in_days).unwrap_or(usize::MAX).min(returns.len());
    let (start, rest) = returns.split_at(burn_in);
    let decay = share(params.decay_per_day_ppm);
    let mut variance = mean_square(start);
    let residuals = rest
        .iter()
        .map(|r| {
            let residual = r / libm::sqrt(variance);
            variance = ewma_step(variance, decay, r * r);
            residual
        })
        .collect();
    (residuals, variance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residuals_by_hand() {
        let params = ModelParams { burn_in_days: 2, ..ModelParams::STANDARD };
        // Burn-in 1 %, 3 %: variance 0.0005. First residual 0.02 / sqrt(0.0005); then 0.94 * 0.0005 + 0.06 * 0.0004.
        let (z, last) = standardise(&[0.01, 0.03, 0.02, -0.01], &params);
        assert!((z[0] - 0.02 / 0.0005_f64.sqrt()).abs() < 1e-15);
        assert!((z[1] + 0.01 / 0.000494_f64.sqrt()).abs() < 1e-14);
        assert_eq!(z.len(), 2);
        assert!((last - (0.94 * 0.000494 + 0.06 * 0.0001)).abs() < 1e-18);
    }
}
