//! Everything a valuation needs besides the portfolios, read and checked together.

use crate::commit::{
    curves_digest, funding_digest, history_digest, implied_digest, liquidity_digest, proxies_digest, scenarios_digest,
    surfaces_digest, TableDigests,
};
use crate::error::InputError;
use crate::files::Source;
use crate::market::{
    Bar, Bars, Curves, FundingRates, History, ImpliedHistory, Liquidity, Proxies, Scenarios, Surfaces,
};
use crate::model::{Model, ModelParams};
use std::path::{Path, PathBuf};

/// Where the tables are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataPaths {
    /// Five-minute bars.
    pub bars: PathBuf,
    /// Daily closes.
    pub history: PathBuf,
    /// Proxies of the coins without a history.
    pub proxies: PathBuf,
    /// Stress scenarios.
    pub scenarios: PathBuf,
    /// Funding rules.
    pub funding: PathBuf,
    /// Discount and basis curves.
    pub curves: PathBuf,
    /// Volatility surfaces.
    pub surfaces: PathBuf,
    /// Spreads and volumes.
    pub liquidity: PathBuf,
    /// Daily implied volatility, if there is a history of it.
    pub implied: Option<PathBuf>,
}

impl DataPaths {
    /// The tables by the names they have in the project's `data/`, and `implied.csv` if the directory has one.
    pub fn in_dir(dir: &Path) -> Self {
        Self {
            bars: dir.join("crash-2025-10-10.csv"),
            history: dir.join("btc-sol-daily.csv"),
            proxies: dir.join("proxy.csv"),
            scenarios: dir.join("stress.csv"),
            funding: dir.join("funding.csv"),
            curves: dir.join("curves.csv"),
            surfaces: dir.join("surfaces.csv"),
            liquidity: dir.join("liquidity.csv"),
            implied: Some(dir.join("implied.csv")).filter(|path| path.exists()),
        }
    }
}

/// The tables beside bars and history.
#[derive(Clone, Debug)]
pub struct Tables {
    /// Proxies of the coins without a history.
    pub proxies: Proxies,
    /// Stress scenarios.
    pub scenarios: Scenarios,
    /// Funding rules.
    pub funding: FundingRates,
    /// Discount and basis curves.
    pub curves: Curves,
    /// Volatility surfaces.
    pub surfaces: Surfaces,
    /// Spreads and volumes.
    pub liquidity: Liquidity,
}

/// The checked tables and the model fitted to them.
#[derive(Clone, Debug)]
pub struct Inputs {
    bars: Bars,
    tables: Tables,
    model: Model,
    digests: TableDigests,
}

impl Inputs {
    /// Reads every table and fits the model.
    ///
    /// # Errors
    /// The first thing that is wrong, with its file and row.
    pub fn load(paths: &DataPaths, params: ModelParams) -> Result<Self, InputError> {
        let bars = Bars::parse(&Source::read(&paths.bars)?)?;
        let history = History::parse(&Source::read(&paths.history)?)?;
        let tables = Tables {
            proxies: Proxies::parse(&Source::read(&paths.proxies)?)?,
            scenarios: Scenarios::parse(&Source::read(&paths.scenarios)?)?,
            funding: FundingRates::parse(&Source::read(&paths.funding)?)?,
            curves: Curves::parse(&Source::read(&paths.curves)?)?,
            surfaces: Surfaces::parse(&Source::read(&paths.surfaces)?)?,
            liquidity: Liquidity::parse(&Source::read(&paths.liquidity)?)?,
        };
        let inputs = Self::new(bars, &history, tables, params)?;
        match &paths.implied {
            None => Ok(inputs),
            Some(path) => inputs.with_implied(&history, &ImpliedHistory::parse(&Source::read(path)?)?),
        }
    }

    /// With a history of implied volatility; it has the days of the daily closes.
    ///
    /// # Errors
    /// As [`Model::with_implied`].
    pub fn with_implied(self, history: &History, implied: &ImpliedHistory) -> Result<Self, InputError> {
        let digests = TableDigests { implied: Some(implied_digest(implied)), ..self.digests };
        Ok(Self { model: self.model.with_implied(history, implied)?, digests, ..self })
    }

    /// Fits the model to tables that are already read.
    ///
    /// # Errors
    /// A history or parameters that the model can't be fitted to.
    pub fn new(bars: Bars, history: &History, tables: Tables, params: ModelParams) -> Result<Self, InputError> {
        let model = Model::fit(history, &tables.proxies, tables.liquidity, params)?;
        let digests = TableDigests {
            history: history_digest(history),
            proxies: proxies_digest(&tables.proxies),
            scenarios: scenarios_digest(&tables.scenarios),
            funding: funding_digest(&tables.funding),
            curves: curves_digest(&tables.curves),
            surfaces: surfaces_digest(&tables.surfaces),
            liquidity: liquidity_digest(&tables.liquidity),
            params: params.digest(),
            implied: None,
        };
        Ok(Self { bars, tables, model, digests })
    }

    /// The bars.
    pub const fn bars(&self) -> &Bars {
        &self.bars
    }

    /// Adds the bar that follows the last; see [`Bars::push`].
    pub fn push_bar(&mut self, bar: Bar) -> bool {
        self.bars.push(bar)
    }

    /// The stress scenarios.
    pub const fn scenarios(&self) -> &Scenarios {
        &self.tables.scenarios
    }

    /// The funding rules.
    pub const fn funding(&self) -> &FundingRates {
        &self.tables.funding
    }

    /// The discount and basis curves.
    pub const fn curves(&self) -> &Curves {
        &self.tables.curves
    }

    /// The volatility surfaces.
    pub const fn surfaces(&self) -> &Surfaces {
        &self.tables.surfaces
    }

    /// The fitted model.
    pub const fn model(&self) -> &Model {
        &self.model
    }

    /// Commitments to every table but the bars, and to the parameters.
    pub const fn digests(&self) -> &TableDigests {
        &self.digests
    }
}
