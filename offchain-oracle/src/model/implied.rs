//! Scenarios of implied volatility from its own history, day by day beside the closes.
//!
//! The log change of a coin's volatility at the money on a day is filtered as its return is (Barone-Adesi, Giannopoulos and
//! Vosper 1999 filter every factor of risk in this way and draw one day of all of them together): over its own EWMA deviation of the
//! evening before it is a residual, and a scenario rescales the residuals of its days. Returns and changes of one day stay
//! together, so that falling prices bring the volatility that they brought.

use super::calibrate::standardise;
use super::params::ModelParams;
use crate::error::{InputError, Place, Problem};
use crate::market::ImpliedHistory;
use crate::symbol::BySymbol;
use ringfence_protocol::units::Timestamp;

/// How the volatility of one coin moved, day by day of the model's residuals.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ImpliedMoves {
    /// Log changes over their own deviation of the evening before.
    pub(super) residuals: Vec<f64>,
    /// Daily deviation of log changes over the whole history.
    pub(super) long_run: f64,
    /// The highest over as many days in a row as the stressed period has.
    pub(super) stressed: f64,
}

/// The moves of every coin that the table has, for the days of the closes.
pub(super) fn fit(
    implied: &ImpliedHistory,
    (first, last): (Timestamp, Timestamp),
    params: &ModelParams,
) -> Result<BySymbol<Option<ImpliedMoves>>, InputError> {
    let days = implied.between(first, last)?;
    BySymbol::try_from_fn(|symbol| {
        if !implied.has(symbol) {
            return Ok(None);
        }
        let levels: Vec<f64> =
            days.iter().filter_map(|row| row.volatility_ppm[symbol]).map(f64::from).map(libm::log).collect();
        let changes: Vec<f64> =
            levels.iter().zip(levels.iter().skip(1)).map(|(before, after)| after - before).collect();
        let moves = moves(&changes, params);
        if moves.residuals.iter().all(|residual| residual.is_finite()) {
            return Ok(Some(moves));
        }
        let name = format!("{}_atm", symbol.ticker().to_ascii_lowercase());
        let problem = Problem::Rule { name, rule: "must move during the burn-in" };
        Err(InputError::new(implied.name(), Place::File, problem))
    })
}

fn moves(changes: &[f64], params: &ModelParams) -> ImpliedMoves {
    let window = usize::try_from(params.stress_window_days).unwrap_or(usize::MAX);
    let stressed = changes.windows(window).map(super::calibrate::mean_square).fold(0.0, f64::max);
    ImpliedMoves {
        residuals: standardise(changes, params).0,
        long_run: libm::sqrt(super::calibrate::mean_square(changes)),
        stressed: libm::sqrt(stressed),
    }
}

/// The deviations to rescale by: of the whole history, or of its stressed period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ImpliedLevel {
    /// The whole history.
    LongRun,
    /// The stressed period.
    Stressed,
}

impl ImpliedMoves {
    pub(super) const fn deviation(&self, level: ImpliedLevel) -> f64 {
        match level {
            ImpliedLevel::LongRun => self.long_run,
            ImpliedLevel::Stressed => self.stressed,
        }
    }
}
