use super::{MarkBook, Millis, Quote, Refused, StaleMark};
use crate::error::{Error, InputError, Place, Problem};
use crate::inputs::Inputs;
use crate::instruction::{self, VaultContext};
use crate::market::{Bar, Quote as BarQuote, BAR_SECONDS};
use crate::portfolio::Portfolio;
use crate::replay::{value_at, PairStep, Step};
use crate::symbol::{BySymbol, Symbol};
use crate::time::format_timestamp;
use crate::units::Price;
use ringfence_protocol::message::MarginInstruction;
use ringfence_protocol::units::Timestamp;

/// The engine's tables with bars that are made of live marks.
///
/// At the close of each five-minute bar the marks of that moment become its closes; a coin without a fresh mark then has
/// no close in it, and pairs that need it can't be valued on it. Nothing is filled in later: whoever was offline starts
/// again from a file of bars without a gap.
#[derive(Clone, Debug)]
pub struct LiveMarket {
    inputs: Inputs,
    book: MarkBook,
    /// When the bar that is being made opens.
    open_time: Timestamp,
    lows: BySymbol<Option<Price>>,
}

impl LiveMarket {
    /// Goes on where the bars of the tables end.
    ///
    /// # Errors
    /// At `now` the bars end more than one bar ago, or in the future.
    pub fn new(inputs: Inputs, book: MarkBook, now: Millis) -> Result<Self, InputError> {
        let open_time = inputs.bars().end();
        let close = Timestamp::new(open_time.get().saturating_add(BAR_SECONDS.get()));
        let found = now.second_down();
        if found > close || Millis::from(open_time) > now {
            let [found, previous, expected] = [found, open_time, close].map(format_timestamp);
            let problem = Problem::Gap { found, previous, expected };
            return Err(InputError::new(inputs.bars().name(), Place::File, problem));
        }
        Ok(Self { inputs, book, open_time, lows: BySymbol::default() })
    }

    /// Takes in a quote, after closing the bars that end before it arrived.
    ///
    /// # Errors
    /// The quote does not count; see [`MarkBook::update`].
    pub fn update(&mut self, quote: &Quote) -> Result<(), Refused> {
        while self.close_time() < quote.receive_time {
            self.close();
        }
        let taken = self.book.update(quote);
        if let super::MarkState::Fresh(mark) = self.book.mark(quote.market, quote.receive_time) {
            let low = self.lows.get_mut(mark.market);
            *low = Some(low.map_or(mark.price, |low| low.min(mark.price)));
        }
        taken
    }

    /// Closes the bars that have ended by `now`, and says which coins had no fresh mark at their close.
    pub fn advance(&mut self, now: Millis) -> Vec<StaleMark> {
        let mut missing = Vec::new();
        while self.close_time() <= now {
            missing.extend(self.close());
        }
        missing
    }

    fn close_time(&self) -> Millis {
        Millis::from(self.open_time).after(BAR_SECONDS.get().saturating_mul(1_000))
    }

    fn close(&mut self) -> Vec<StaleMark> {
        let moment = self.close_time();
        let mut missing = Vec::new();
        let quotes = BySymbol::from_fn(|market| match self.book.mark(market, moment) {
            super::MarkState::Fresh(mark) => {
                let low = self.lows[market].map_or(mark.price, |low| low.min(mark.price));
                Some(BarQuote { close: mark.price, low })
            }
            super::MarkState::Stale { why, .. } => {
                if self.inputs.bars().has(market) {
                    missing.push(why);
                }
                None
            }
        });
        self.inputs.push_bar(Bar { open_time: self.open_time, quotes });
        self.open_time = moment.second_down();
        self.lows = BySymbol::default();
        missing
    }

    /// The tables with the bars so far.
    pub const fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// The marks.
    pub const fn book(&self) -> &MarkBook {
        &self.book
    }

    /// The marks, to ask for alarms.
    pub const fn book_mut(&mut self) -> &mut MarkBook {
        &mut self.book
    }

    /// Values a pair at the close of a bar, if at `now` every coin that it needs has a fresh mark.
    ///
    /// # Errors
    /// [`Error::Stale`], or whatever keeps the pair from being valued.
    pub fn value(&self, portfolio: &Portfolio, at: Timestamp, now: Millis) -> Result<(Step, PairStep), Error> {
        self.book.fresh_for(portfolio, now)?;
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
        let lacks = |market: &Symbol| self.inputs.bars().has(*market) && !self.book.quotes(*market);
        Symbol::ALL.into_iter().filter(lacks).collect()
    }
}
