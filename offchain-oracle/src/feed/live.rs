use super::bars::{ClosedBar, LiveBars};
use super::{MarkBook, Millis, Quote, Refused, StaleMark};
use crate::error::{Error, InputError};
use crate::inputs::Inputs;
use crate::instruction::{self, VaultContext};
use crate::portfolio::Portfolio;
use crate::replay::{value_at, PairStep, Step};
use crate::symbol::Symbol;
use ringfence_protocol::message::MarginInstruction;
use ringfence_protocol::units::Timestamp;

/// The engine's tables with bars that are made of live marks ([`LiveBars`]), for whoever values single pairs at closes.
///
/// Nothing is filled in later: whoever was offline starts again from a file of bars without a gap.
#[derive(Clone, Debug)]
pub struct LiveMarket {
    inputs: Inputs,
    bars: LiveBars,
    /// Coins without a price in a bar that was closed by a quote, not reported yet.
    missing: Vec<StaleMark>,
}

impl LiveMarket {
    /// Goes on where the bars of the tables end.
    ///
    /// # Errors
    /// At `now` the bars end more than one bar ago, or in the future.
    pub fn new(inputs: Inputs, book: MarkBook, now: Millis) -> Result<Self, InputError> {
        let (name, end) = (inputs.bars().name(), inputs.bars().end());
        let bars = LiveBars::after(name, end, book, now, 1)?;
        Ok(Self { inputs, bars, missing: Vec::new() })
    }

    /// Takes in a quote, after closing the bars that end before it arrived.
    ///
    /// # Errors
    /// The quote does not count; see [`MarkBook::update`].
    pub fn update(&mut self, quote: &Quote) -> Result<(), Refused> {
        // What a quote closes is in the tables before anybody values at it.
        let before = quote.receive_time.before(1);
        let closed = self.bars.advance(before);
        self.keep(closed);
        self.bars.update(quote)
    }

    /// Closes the bars that have ended by `now`, and says which coins had no fresh mark at their close.
    pub fn advance(&mut self, now: Millis) -> Vec<StaleMark> {
        let closed = self.bars.advance(now);
        self.keep(closed);
        std::mem::take(&mut self.missing)
    }

    fn keep(&mut self, closed: Vec<ClosedBar>) {
        for ClosedBar { bar, missing } in closed {
            self.inputs.push_bar(bar);
            self.missing.extend(missing.into_iter().filter(|stale| self.inputs.bars().has(stale.market)));
        }
    }

    /// The tables with the bars so far.
    pub const fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// The marks.
    pub const fn book(&self) -> &MarkBook {
        self.bars.book()
    }

    /// The marks, to ask for alarms.
    pub const fn book_mut(&mut self) -> &mut MarkBook {
        self.bars.book_mut()
    }

    /// Values a pair at the close of a bar, if at `now` every coin that it needs has a fresh mark.
    ///
    /// # Errors
    /// [`Error::Stale`], or whatever keeps the pair from being valued.
    pub fn value(&self, portfolio: &Portfolio, at: Timestamp, now: Millis) -> Result<(Step, PairStep), Error> {
        self.bars.book().fresh_for(portfolio, now)?;
        value_at(&self.inputs, portfolio, at)
    }

    /// The instruction of a pair at the close of a bar, if at `now` every coin that it needs has a fresh mark.
    ///
    /// # Errors
    /// As [`LiveMarket::value`], and an amount out of bounds.
    pub fn instruction(
        &self,
        vault: &VaultContext,
        portfolio: &Portfolio,
        at: Timestamp,
        now: Millis,
    ) -> Result<MarginInstruction, Error> {
        let (step, pair) = self.value(portfolio, at, now)?;
        Ok(instruction::build(vault, &step, &pair)?)
    }

    /// The coins that the bars carry but no source quotes: pairs in them will not be signed for.
    pub fn without_sources(&self) -> Vec<Symbol> {
        let lacks = |market: &Symbol| self.inputs.bars().has(*market) && !self.bars.book().quotes(*market);
        Symbol::ALL.into_iter().filter(lacks).collect()
    }
}
