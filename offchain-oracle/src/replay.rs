//! The engine, bar by bar: marks in, valuations and margins out. Pure: the same inputs give the same bits.

use crate::engine::{Engine, Market, Moment};
use crate::error::{Error, InputError, Place, Problem};
use crate::inputs::Inputs;
use crate::instrument::FIXING_WINDOW;
use crate::market::{Bar, BAR_SECONDS};
use crate::model::{Explanation, Margin};
use crate::portfolio::{Portfolio, Position};
use crate::symbol::BySymbol;
use crate::time::format_timestamp;
use crate::units::{MicroUsd, Price};
use crate::value::ValueError;
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

/// An iterator over [`Step`]s: an [`Engine`] driven by the bars of the inputs.
#[derive(Clone, Debug)]
pub struct Replay<'a> {
    engine: Engine<&'a Inputs, &'a Portfolio>,
    rest: &'a [Bar],
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
        for portfolio in portfolios {
            check(inputs, portfolio, first)?;
            if labels.contains(&portfolio.pair()) {
                let problem = Problem::Duplicate(format!("pair {}", portfolio.pair()));
                return Err(InputError::new(portfolio.file(), Place::Json("pair".to_owned()), problem).into());
            }
            labels.push(portfolio.pair());
        }
        let bars = inputs.bars().as_slice();
        let skipped =
            bars.iter().position(|bar| bar.close_time() == first).ok_or_else(|| no_such_bar(inputs, first))?;
        let mut replay = Self { engine: Engine::new(inputs, portfolios)?, rest: bars };
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
        self.engine.advance(bar);
        // A replay is of all its pairs or of none.
        self.engine.stopped().map_or(Ok(Some(*bar)), |error| Err(error.clone()))
    }

    fn value(&mut self, bar: Bar) -> Result<Step, ValueError> {
        let (marks, valuation_time) = (bar.marks(), bar.close_time());
        let market = self.engine.market(valuation_time, marks)?;
        let engine = &self.engine;
        // Each pair is a pure function of its own portfolio, and results are collected in order: the number of threads
        // can't change a bit. The first pair in order that fails is the one that is reported.
        let pairs: Vec<_> = (0..engine.len()).into_par_iter().map(|index| engine.value(&market, index)).collect();
        let pairs = pairs.into_iter().collect::<Result<Vec<_>, _>>()?;
        let market_data_root = market.moment.market_data_root;
        Ok(Step { bar, valuation_time, marks, volatility: market.volatility, market_data_root, pairs })
    }
}

impl Step {
    /// The moment that its instructions are for.
    pub const fn moment(&self) -> Moment {
        Moment { valuation_time: self.valuation_time, market_data_root: self.market_data_root }
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

/// One pair on marks that were taken between two closes: on the bars of the inputs, then those of `live` that follow them, up
/// to the one that closes at `last_close`.
///
/// # Errors
/// No bar closes then, a position that does not fit the tables, or whatever keeps the pair from being valued.
pub fn value_between(
    inputs: &Inputs,
    live: &[Bar],
    portfolio: &Portfolio,
    last_close: Timestamp,
    (time, marks): (Timestamp, BySymbol<Option<Price>>),
) -> Result<(Market, PairStep), Error> {
    check(inputs, portfolio, last_close)?;
    let mut engine = Engine::new(inputs, [portfolio])?;
    let table = inputs.bars();
    let live = live.iter().filter(|bar| bar.open_time >= table.end());
    for bar in table.as_slice().iter().chain(live).take_while(|bar| bar.close_time() <= last_close) {
        if engine.last_bar().is_some_and(|last| last.close_time() != bar.open_time) {
            break;
        }
        engine.advance(bar);
    }
    if engine.last_bar().is_none_or(|last| last.close_time() != last_close) {
        return Err(no_such_bar(inputs, last_close).into());
    }
    let market = engine.market(time, marks)?;
    let pair = engine.value(&market, 0)?;
    Ok((market, pair))
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

pub(crate) fn check(inputs: &Inputs, portfolio: &Portfolio, first: Timestamp) -> Result<(), InputError> {
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
