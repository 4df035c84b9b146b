//! The engine: what bars have left behind, and what pairs are worth and have to hold at any marks.
//!
//! Bars move it: each close feeds the volatility filter and the pairs' accounts, in order, once. Between two closes it
//! values at whatever marks it is given, on the state of the last close. Pure: no clock, no I/O; the same bars and marks
//! give the same bits.

use crate::commit::{chain_bar, MarketSnapshot};
use crate::evidence::Evidence;
use crate::inputs::Inputs;
use crate::market::{Bar, BAR_SECONDS};
use crate::model::convert::share_to_nano_up;
use crate::model::{Book, ScenarioSet, Volatility};
use crate::portfolio::Portfolio;
use crate::replay::PairStep;
use crate::symbol::BySymbol;
use crate::units::{MicroUsd, Price};
use crate::value::{Account, Looked, ValueError, Valuer};
use ringfence_protocol::units::Timestamp;
use ringfence_protocol::Digest;
use std::borrow::Borrow;
use std::sync::Arc;

/// A moment that instructions can be made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When the marks were taken.
    pub valuation_time: Timestamp,
    /// Commitment to the market data, the tables and the model.
    pub market_data_root: Digest,
}

/// The market at one moment, for all pairs.
#[derive(Clone, Debug)]
pub struct Market {
    /// The moment.
    pub moment: Moment,
    /// The marks.
    pub marks: BySymbol<Option<Price>>,
    /// Daily volatility of every coin at the last close, as a share.
    pub volatility: BySymbol<f64>,
    /// The scenarios at that volatility.
    pub scenarios: Arc<ScenarioSet>,
    /// What the moment's commitment is the hash of.
    pub evidence: Evidence,
}

/// The state after the last bar. Inputs and portfolios are owned or borrowed, as the caller has them.
#[derive(Clone, Debug)]
pub struct Engine<I, P> {
    inputs: I,
    pairs: Vec<Tracked<P>>,
    volatility: Volatility,
    scenarios: Option<Arc<ScenarioSet>>,
    bars_digest: Digest,
    previous: Option<Bar>,
}

#[derive(Clone, Debug)]
struct Tracked<P> {
    portfolio: P,
    root: Digest,
    /// A pair whose account missed a bar has none any more: nothing is guessed.
    account: Result<Account, ValueError>,
}

impl<I: Borrow<Inputs>, P: Borrow<Portfolio>> Engine<I, P> {
    /// Before the first bar.
    ///
    /// # Errors
    /// A portfolio's carried cash leaves `i128`.
    pub fn new(inputs: I, portfolios: impl IntoIterator<Item = P>) -> Result<Self, ValueError> {
        let tracked = |portfolio: P| {
            let account = Account::new(portfolio.borrow())?;
            Ok(Tracked { root: portfolio.borrow().root(), account: Ok(account), portfolio })
        };
        let pairs = portfolios.into_iter().map(tracked).collect::<Result<_, ValueError>>()?;
        let volatility = inputs.borrow().model().initial_volatility();
        Ok(Self { inputs, pairs, volatility, scenarios: None, bars_digest: Digest::zero(), previous: None })
    }

    /// Takes in the next bar. A pair that can't book it, for want of a mark, can't be valued from then on.
    pub fn advance(&mut self, bar: &Bar) {
        if let Some(previous) = &self.previous {
            self.volatility = self.volatility.after(&previous.marks(), &bar.marks(), BAR_SECONDS);
            self.scenarios = None;
        }
        self.previous = Some(*bar);
        self.bars_digest = chain_bar(self.bars_digest, bar);
        let funding = self.inputs.borrow().funding();
        for pair in &mut self.pairs {
            if let Ok(account) = &mut pair.account {
                if let Err(error) = account.accrue(pair.portfolio.borrow(), bar, funding) {
                    pair.account = Err(error);
                }
            }
        }
    }

    /// Why the first pair that can't be valued any more can't be.
    pub fn stopped(&self) -> Option<&ValueError> {
        self.pairs.iter().find_map(|pair| pair.account.as_ref().err())
    }

    /// The last bar.
    pub const fn last_bar(&self) -> Option<&Bar> {
        self.previous.as_ref()
    }

    /// The inputs.
    pub fn inputs(&self) -> &Inputs {
        self.inputs.borrow()
    }

    /// A pair's portfolio.
    pub fn portfolio(&self, index: usize) -> Option<&Portfolio> {
        self.pairs.get(index).map(|pair| pair.portfolio.borrow())
    }

    /// How many pairs there are.
    pub const fn len(&self) -> usize {
        self.pairs.len()
    }

    /// True without pairs.
    pub const fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The market at marks that were taken at `time`, on the state of the last bar. The scenarios are made once for each bar.
    ///
    /// # Errors
    /// A volatility that is no usable number.
    pub fn market(&mut self, time: Timestamp, marks: BySymbol<Option<Price>>) -> Result<Market, ValueError> {
        let (volatility, inputs) = (self.volatility.all_daily(), self.inputs.borrow());
        let vol_nano_up = BySymbol::try_from_fn(|symbol| {
            let unusable = || ValueError::NotAnAmount { pair: symbol.to_string(), what: "the volatility" };
            share_to_nano_up(volatility[symbol]).ok_or_else(unusable)
        })?;
        let make = || Arc::new(inputs.model().scenario_set(&self.volatility));
        let scenarios = Arc::clone(self.scenarios.get_or_insert_with(make));
        let static_inputs = inputs.digests().digest();
        let snapshot =
            MarketSnapshot { static_inputs, bars: self.bars_digest, valuation_time: time, marks, vol_nano_up };
        let moment = Moment { valuation_time: time, market_data_root: snapshot.root() };
        let last_close = self.previous.as_ref().map_or(Timestamp::new(0), Bar::close_time);
        let evidence = Evidence { last_close, snapshot };
        Ok(Market { moment, marks, volatility, scenarios, evidence })
    }

    /// What B owes A at these marks, without the margin: the quick look.
    ///
    /// # Errors
    /// A mark is missing, the account missed a bar, or a number leaves its type.
    pub fn entitlement(&self, market: &Market, index: usize) -> Result<MicroUsd, ValueError> {
        let pair = self.pair(index)?;
        let account = pair.account.as_ref().map_err(ValueError::clone)?;
        account.entitlement_toward_zero(pair.portfolio.borrow(), &self.valuer(market))
    }

    /// The same by the coins that moved since the pair was last looked at.
    ///
    /// # Errors
    /// As [`Engine::entitlement`].
    pub fn look(
        &self,
        market: &Market,
        index: usize,
        looked: &mut Looked,
        moved: &BySymbol<bool>,
    ) -> Result<MicroUsd, ValueError> {
        let pair = self.pair(index)?;
        let account = pair.account.as_ref().map_err(ValueError::clone)?;
        account.look_toward_zero(pair.portfolio.borrow(), &self.valuer(market), looked, moved)
    }

    /// One pair in full.
    ///
    /// # Errors
    /// As [`Engine::entitlement`], and a margin that is no usable amount.
    pub fn value(&self, market: &Market, index: usize) -> Result<PairStep, ValueError> {
        let pair = self.pair(index)?;
        let (portfolio, valuer) = (pair.portfolio.borrow(), self.valuer(market));
        let account = pair.account.as_ref().map_err(ValueError::clone)?;
        let (model, named) = (self.inputs().model(), self.inputs().scenarios());
        let book = Book::new(portfolio, &valuer)?;
        let (margin, explanation) = model.margin(&book, &market.scenarios, named, valuer.moment)?;
        Ok(PairStep {
            pair: portfolio.pair().to_owned(),
            portfolio_root: pair.root,
            entitlement_a: account.entitlement_toward_zero(portfolio, &valuer)?,
            funding_paid_a: account.funding_paid_toward_zero(),
            realised_a: account.realised_toward_zero(),
            margin,
            explanation,
        })
    }

    fn pair(&self, index: usize) -> Result<&Tracked<P>, ValueError> {
        let absent = || ValueError::NotAnAmount { pair: index.to_string(), what: "the pair's place" };
        self.pairs.get(index).ok_or_else(absent)
    }

    fn valuer<'a>(&'a self, market: &'a Market) -> Valuer<'a> {
        valuer(self.inputs(), market)
    }
}

/// Prices at the marks of a market.
pub fn valuer<'a>(inputs: &'a Inputs, market: &'a Market) -> Valuer<'a> {
    let (curves, surfaces) = (inputs.curves(), inputs.surfaces());
    Valuer { moment: market.moment.valuation_time, marks: &market.marks, curves, surfaces }
}
