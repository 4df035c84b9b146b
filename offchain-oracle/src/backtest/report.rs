use super::coverage::{christoffersen, kupiec, traffic_light, Independence, Light, Ratio, TRAFFIC_DAYS};
use super::forecast::{Track, EXPOSURES};
use super::procyclicality::{procyclicality, Procyclicality};
use super::shortfall_test::{acerbi_szekely, AcerbiSzekely};
use crate::error::InputError;
use crate::market::{History, Liquidity, Proxies};
use crate::model::{Model, ModelParams};
use ringfence_protocol::units::Timestamp;

/// A p-value below this rejects.
pub const SIGNIFICANCE: f64 = 0.05;

/// All tests of one exposure.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The days behind it.
    pub track: Track,
    /// Losses beyond value at risk.
    pub exceptions: usize,
    /// Losses beyond initial margin before add-ons.
    pub beyond_margin: usize,
    /// Unconditional coverage.
    pub kupiec: Ratio,
    /// Independence and conditional coverage.
    pub christoffersen: Independence,
    /// The worst zone over any 250 days in a row.
    pub worst_light: Light,
    /// Exceptions in those days.
    pub worst_count: usize,
    /// Tests of expected shortfall.
    pub shortfall: AcerbiSzekely,
    /// Of expected shortfall alone.
    pub plain: Procyclicality,
    /// Of the margin with its floor.
    pub floored: Procyclicality,
}

impl Report {
    /// The names of the tests that reject at [`SIGNIFICANCE`].
    pub fn rejections(&self) -> Vec<&'static str> {
        let tests = [
            ("Kupiec", self.kupiec.p_value < SIGNIFICANCE),
            ("Christoffersen independence", self.christoffersen.independence.p_value < SIGNIFICANCE),
            ("Christoffersen coverage", self.christoffersen.conditional_coverage.p_value < SIGNIFICANCE),
            ("Basel red zone", self.worst_light == Light::Red),
            ("Acerbi-Szekely", self.shortfall.p_value < SIGNIFICANCE),
        ];
        tests.into_iter().filter_map(|(name, rejected)| rejected.then_some(name)).collect()
    }
}

/// Fits the model to the days before `split` and tests it on the days from then on, for every exposure.
///
/// # Errors
/// Fewer than [`crate::market::MIN_HISTORY`] days before the split or [`TRAFFIC_DAYS`] from it on, or a history that the
/// model can't be fitted to.
pub fn run(
    history: &History,
    proxies: &Proxies,
    liquidity: Liquidity,
    params: ModelParams,
    split: Timestamp,
) -> Result<Vec<Report>, InputError> {
    let (known, test) = history.split(split, TRAFFIC_DAYS)?;
    let model = Model::fit(&known, proxies, liquidity, params)?;
    Ok(EXPOSURES.iter().map(|exposure| report(exposure.track(&model, test), &params)).collect())
}

fn report(track: Track, params: &ModelParams) -> Report {
    let tail = f64::from(params.margin_tail_ppm) / 1e6;
    let hits: Vec<bool> = track.days.iter().map(|day| day.is_exception()).collect();
    let number = |hits: &[bool]| hits.iter().filter(|hit| **hit).count();
    let exceptions = number(&hits);
    let worst_count = hits.windows(TRAFFIC_DAYS).map(number).max().unwrap_or(exceptions);
    let series = |of: fn(&super::Day) -> f64| -> Vec<f64> { track.days.iter().map(of).collect() };
    Report {
        exceptions,
        beyond_margin: track.days.iter().filter(|day| -day.profit > day.margin).count(),
        kupiec: kupiec(exceptions, hits.len(), tail),
        christoffersen: christoffersen(&hits, tail),
        worst_light: traffic_light(worst_count, TRAFFIC_DAYS, tail),
        worst_count,
        shortfall: acerbi_szekely(&track, tail),
        plain: procyclicality(&series(|day| day.shortfall)),
        floored: procyclicality(&series(|day| day.margin)),
        track,
    }
}
