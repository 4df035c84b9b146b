//! The engine, bar by bar: marks in, valuations and margins out. Pure: the same inputs give the same bits.

use crate::commit::{chain_bar, MarketSnapshot};
use crate::error::{Error, InputError, Place, Problem};
use crate::inputs::Inputs;
use crate::instrument::FIXING_WINDOW;
use crate::market::{Bar, BAR_SECONDS};
use crate::model::convert::share_to_nano_up;
use crate::model::{Book, Explanation, Margin, ScenarioSet, Volatility};
use crate::portfolio::{Portfolio, Position};
use crate::symbol::BySymbol;
use crate::time::format_timestamp;
use crate::units::{MicroUsd, Price};
use crate::value::{Account, ValueError, Valuer};
use rayon::prelude::*;
use ringfence_protocol::units::Timestamp;
use ringfence_protocol::Digest;

/// The market and every pair at the close of one bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The bar.
    pub bar: Bar,
    /// The bar's close: when the marks were taken.
    pub valuation_time: Timestamp,
    /// The marks.
    pub marks: BySymbol<Option<Price>>,
    /// Daily volatility of every coin, as a share.
    pub volatility: BySymbol<f64>,
    /// Commitment to the market data, the tables and the model.
    pub market_data_root: Digest,
    /// Every pair, in the order in which the portfolios were given.
    pub pairs: Vec<PairStep>,
}

/// One pair at the close of one bar.
#[derive(Clone, Debug, PartialEq)]
pub struct PairStep {
    /// The pair's label.
    pub pair: String,
    /// Commitment to its positions.
    pub portfolio_root: Digest,
    /// X: all that B owes A since inception; negative if A owes B.
    pub entitlement_a: MicroUsd,
    /// Funding that A has paid since inception; part of X with the opposite sign.
    pub funding_paid_a: MicroUsd,
    /// What A was paid in premiums in coins and at expiries; part of X.
    pub realised_a: MicroUsd,
    /// Initial margins and tail requirement.
    pub margin: Margin,
    /// Where they come from.
    pub explanation: Explanation,
}

/// An iterator over [`Step`]s. It keeps the volatility filter, the funding accounts and the commitment to the bars so far.
#[derive(Clone, Debug)]
pub struct Replay<'a> {
    inputs: &'a Inputs,
    pairs: Vec<Tracked<'a>>,
    volatility: Volatility,
    bars_digest: Digest,
    previous: Option<Bar>,
    rest: &'a [Bar],
}

#[derive(Clone, Debug)]
struct Tracked<'a> {
    portfolio: &'a Portfolio,
    root: Digest,
    account: Account,
}

impl<'a> Replay<'a> {
    /// Starts at the first bar.
    ///
    /// # Errors
    /// As [`Replay::starting_at`].
    pub fn new(inputs: &'a Inputs, portfolios: &'a [Portfolio]) -> Result<Self, Error> {
        let first = inputs.bars().as_slice().first().map_or(Timestamp::new(0), Bar::close_time);
        Self::starting_at(inputs, portfolios, first)
    }

    /// Runs the filter and the funding from the first bar, and yields the bar that closes at `first` and those after it.
    ///
    /// # Errors
    /// No bar closes at `first`; a label given twice; a position in a coin without prices, opened after `first`, opened
    /// before the bars without `funding_paid`, or opened after their start with it.
    pub fn starting_at(inputs: &'a Inputs, portfolios: &'a [Portfolio], first: Timestamp) -> Result<Self, Error> {
        let mut labels: Vec<&str> = Vec::with_capacity(portfolios.len());
        let mut pairs = Vec::with_capacity(portfolios.len());
        for portfolio in portfolios {
            check(inputs, portfolio, first)?;
            if labels.contains(&portfolio.pair()) {
                let problem = Problem::Duplicate(format!("pair {}", portfolio.pair()));
                return Err(InputError::new(portfolio.file(), Place::Json("pair".to_owned()), problem).into());
            }
            labels.push(portfolio.pair());
            pairs.push(Tracked { portfolio, root: portfolio.root(), account: Account::new(portfolio)? });
        }
        let bars = inputs.bars().as_slice();
        let skipped =
            bars.iter().position(|bar| bar.close_time() == first).ok_or_else(|| no_such_bar(inputs, first))?;
        let mut replay = Self {
            inputs,
            pairs,
            volatility: inputs.model().initial_volatility(),
            bars_digest: Digest::zero(),
            previous: None,
            rest: bars,
        };
        for _ in 0..skipped {
            replay.advance()?;
        }
        Ok(replay)
    }

    /// Bars that are still to come.
    pub const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Takes in the next bar without valuing anything.
    fn advance(&mut self) -> Result<Option<Bar>, ValueError> {
        let Some((bar, rest)) = self.rest.split_first() else { return Ok(None) };
        self.rest = rest;
        if let Some(previous) = &self.previous {
            self.volatility = self.volatility.after(&previous.marks(), &bar.marks(), BAR_SECONDS);
        }
        self.previous = Some(*bar);
        self.bars_digest = chain_bar(self.bars_digest, bar);
        for pair in &mut self.pairs {
            pair.account.accrue(pair.portfolio, bar, self.inputs.funding())?;
        }
        Ok(Some(*bar))
    }

    fn value(&self, bar: Bar) -> Result<Step, ValueError> {
        let (marks, valuation_time) = (bar.marks(), bar.close_time());
        let (curves, surfaces) = (self.inputs.curves(), self.inputs.surfaces());
        let valuer = Valuer { moment: valuation_time, marks: &marks, curves, surfaces };
        let set = self.inputs.model().scenario_set(&self.volatility);
        // Each pair is a pure function of its own portfolio, and results are collected in order: the number of threads
        // can't change a bit. The first pair in order that fails is the one that is reported.
        let pairs: Vec<_> = self.pairs.par_iter().map(|pair| self.value_pair(pair, &valuer, &set)).collect();
        let pairs = pairs.into_iter().collect::<Result<Vec<_>, _>>()?;
        let volatility = self.volatility.all_daily();
        let vol_nano_up = BySymbol::try_from_fn(|symbol| {
            let unusable = || ValueError::NotAnAmount { pair: symbol.to_string(), what: "the volatility" };
            share_to_nano_up(volatility[symbol]).ok_or_else(unusable)
        })?;
        let static_inputs = self.inputs.digests().digest();
        let snapshot = MarketSnapshot { static_inputs, bars: self.bars_digest, valuation_time, marks, vol_nano_up };
        Ok(Step { bar, valuation_time, marks, volatility, market_data_root: snapshot.root(), pairs })
    }

    fn value_pair(&self, pair: &Tracked<'_>, valuer: &Valuer<'_>, set: &ScenarioSet) -> Result<PairStep, ValueError> {
        let Tracked { portfolio, root, account } = pair;
        let (model, scenarios) = (self.inputs.model(), self.inputs.scenarios());
        let book = Book::new(portfolio, valuer)?;
        let (margin, explanation) = model.margin(&book, set, scenarios, valuer.moment)?;
        Ok(PairStep {
            pair: portfolio.pair().to_owned(),
            portfolio_root: *root,
            entitlement_a: account.entitlement_toward_zero(portfolio, valuer)?,
            funding_paid_a: account.funding_paid_toward_zero(),
            realised_a: account.realised_toward_zero(),
            margin,
            explanation,
        })
    }
}

impl Iterator for Replay<'_> {
    type Item = Result<Step, ValueError>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.advance().and_then(|bar| bar.map(|bar| self.value(bar)).transpose());
        if step.is_err() {
            self.rest = &[];
        }
        step.transpose()
    }
}

/// One pair at one moment.
///
/// # Errors
/// As [`Replay::starting_at`], and whatever keeps the pair from being valued.
pub fn value_at(inputs: &Inputs, portfolio: &Portfolio, moment: Timestamp) -> Result<(Step, PairStep), Error> {
    let portfolios = [portfolio.clone()];
    let step = Replay::starting_at(inputs, &portfolios, moment)?.next();
    let mut step = step.ok_or_else(|| no_such_bar(inputs, moment))??;
    let pair = step.pairs.pop().ok_or_else(|| no_such_bar(inputs, moment))?;
    Ok((step, pair))
}

fn no_such_bar(inputs: &Inputs, wanted: Timestamp) -> InputError {
    let bars = inputs.bars();
    let close = |bar: Option<&Bar>| format_timestamp(bar.map_or(Timestamp::new(0), Bar::close_time));
    let problem = Problem::NoSuchBar {
        wanted: format_timestamp(wanted),
        first: close(bars.as_slice().first()),
        last: close(bars.as_slice().last()),
        step: BAR_SECONDS.get(),
    };
    InputError::new(bars.name(), Place::File, problem)
}

fn check(inputs: &Inputs, portfolio: &Portfolio, first: Timestamp) -> Result<(), InputError> {
    for (index, position) in portfolio.positions().iter().enumerate() {
        if let Err((member, problem)) = check_position(inputs, position, first) {
            let place = Place::Json(format!("positions[{index}].{member}"));
            return Err(InputError::new(portfolio.file(), place, problem));
        }
    }
    Ok(())
}

fn check_position(inputs: &Inputs, position: &Position, first: Timestamp) -> Result<(), (&'static str, Problem)> {
    let bars = inputs.bars();
    let rule = |name: &'static str, rule| Err((name, Problem::Rule { name: name.to_owned(), rule }));
    let instrument = &position.instrument;
    if let Some(symbol) = instrument.coins().find(|symbol| !bars.has(*symbol)) {
        let what = format!("price columns in {}", bars.name());
        return Err(("symbol", Problem::MissingSymbol { symbol, what }));
    }
    if instrument.is_option() && inputs.surfaces().surface(instrument.underlying).is_none() {
        let what = "volatility surface".to_owned();
        return Err(("symbol", Problem::MissingSymbol { symbol: instrument.underlying, what }));
    }
    check_expiry(inputs, position)?;
    let carried = position.opened < bars.start();
    match position.funding_paid {
        None if carried && instrument.has_cash_flows() => {
            rule("funding_paid", "is needed for a position opened before the first bar")
        }
        Some(_) if !carried => rule("funding_paid", "must be left out for a position opened after the first bar began"),
        Some(_) if !instrument.has_cash_flows() => rule("funding_paid", "must be left out: this contract pays none"),
        _ if position.opened > first => rule("opened", "is after the first valuation"),
        _ => Ok(()),
    }
}

/// An expiry must be a bar's close, with the whole fixing window in the bars.
fn check_expiry(inputs: &Inputs, position: &Position) -> Result<(), (&'static str, Problem)> {
    let Some(expiry) = position.instrument.expiry() else { return Ok(()) };
    let rule = |rule| Err(("expiry", Problem::Rule { name: "expiry".to_owned(), rule }));
    let start = inputs.bars().start();
    if expiry <= start {
        return rule("is before the first bar: leave settled positions out");
    }
    if expiry.since(start).get().checked_rem(BAR_SECONDS.get()) != Some(0) {
        return rule("must be the close of a five-minute bar");
    }
    if expiry.since(start) < FIXING_WINDOW {
        return rule("needs half an hour of bars before it");
    }
    Ok(())
}
