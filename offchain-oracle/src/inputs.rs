//! Everything a valuation needs besides the portfolios, read and checked together.

use crate::commit::static_digest;
use crate::error::InputError;
use crate::files::Source;
use crate::market::{Bars, FundingRates, History, Proxies, Scenarios};
use crate::model::{Model, ModelParams};
use ringfence_protocol::Digest;
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
}

impl DataPaths {
    /// The tables by the names they have in the project's `data/`.
    pub fn in_dir(dir: &Path) -> Self {
        Self {
            bars: dir.join("crash-2025-10-10.csv"),
            history: dir.join("btc-sol-daily.csv"),
            proxies: dir.join("proxy.csv"),
            scenarios: dir.join("stress.csv"),
            funding: dir.join("funding.csv"),
        }
    }
}

/// The checked tables and the model fitted to them.
#[derive(Clone, Debug)]
pub struct Inputs {
    bars: Bars,
    scenarios: Scenarios,
    funding: FundingRates,
    model: Model,
    digest: Digest,
}

impl Inputs {
    /// Reads every table and fits the model.
    ///
    /// # Errors
    /// The first thing that is wrong, with its file and row.
    pub fn load(paths: &DataPaths, params: ModelParams) -> Result<Self, InputError> {
        let bars = Bars::parse(&Source::read(&paths.bars)?)?;
        let history = History::parse(&Source::read(&paths.history)?)?;
        let proxies = Proxies::parse(&Source::read(&paths.proxies)?)?;
        let scenarios = Scenarios::parse(&Source::read(&paths.scenarios)?)?;
        let funding = FundingRates::parse(&Source::read(&paths.funding)?)?;
        Self::new(bars, &history, &proxies, scenarios, funding, params)
    }

    /// Fits the model to tables that are already read.
    ///
    /// # Errors
    /// A history or parameters that the model can't be fitted to.
    pub fn new(
        bars: Bars,
        history: &History,
        proxies: &Proxies,
        scenarios: Scenarios,
        funding: FundingRates,
        params: ModelParams,
    ) -> Result<Self, InputError> {
        let model = Model::fit(history, proxies, params)?;
        let digest = static_digest(history, proxies, &scenarios, &funding, &params);
        Ok(Self { bars, scenarios, funding, model, digest })
    }

    /// The bars.
    pub const fn bars(&self) -> &Bars {
        &self.bars
    }

    /// The stress scenarios.
    pub const fn scenarios(&self) -> &Scenarios {
        &self.scenarios
    }

    /// The funding rules.
    pub const fn funding(&self) -> &FundingRates {
        &self.funding
    }

    /// The fitted model.
    pub const fn model(&self) -> &Model {
        &self.model
    }

    /// Commitment to every table but the bars, and to the parameters.
    pub const fn digest(&self) -> Digest {
        self.digest
    }
}
