//! Five-minute bars of live marks: the one place where they are made, for signers and for the service alike.

use super::{MarkBook, MarkState, Millis, Quote, Refused, StaleMark};
use crate::error::{InputError, Place, Problem};
use crate::market::{Bar, Quote as BarQuote, BAR_SECONDS};
use crate::symbol::BySymbol;
use crate::time::format_timestamp;
use crate::units::Price;
use ringfence_protocol::units::Timestamp;

/// Most bars that a gap is filled with, a month of them; a longer one needs a new bar table.
pub const MAX_GAP: u64 = 8_640;

/// A bar that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedBar {
    /// The bar.
    pub bar: Bar,
    /// Why a coin has no price in it.
    pub missing: Vec<StaleMark>,
}

/// The marks, and the bar that is being made of them.
///
/// A coin's close is its mark at the bar's very end, its low the lowest mark that a quote in the bar led to. A coin without a
/// fresh mark at the end has no price in the bar, and nothing is filled in later. The same quotes give the same bars, however
/// often the clock is looked at in between.
#[derive(Clone, Debug)]
pub struct LiveBars {
    book: MarkBook,
    /// When the bar that is being made opens.
    open_time: Timestamp,
    lows: BySymbol<Option<Price>>,
    /// Closed by a quote of a later bar, and not handed over yet.
    closed: Vec<ClosedBar>,
}

impl LiveBars {
    /// Goes on after the bars of a table, the last of which closes at `end`; `name` is the table's.
    ///
    /// # Errors
    /// At `now` they ended more than `max_gap` bars ago, or will end in the future.
    pub fn after(name: &str, end: Timestamp, book: MarkBook, now: Millis, max_gap: u64) -> Result<Self, InputError> {
        let latest = Timestamp::new(end.get().saturating_add(BAR_SECONDS.get().saturating_mul(max_gap)));
        let found = now.second_down();
        if found > latest || Millis::from(end) > now {
            let close = Timestamp::new(end.get().saturating_add(BAR_SECONDS.get()));
            let [found, previous, expected] = [found, end, close].map(format_timestamp);
            return Err(InputError::new(name, Place::File, Problem::Gap { found, previous, expected }));
        }
        Ok(Self { book, open_time: end, lows: BySymbol::default(), closed: Vec::new() })
    }

    /// Takes in a quote, after closing the bars that end before it arrived: one that arrives at the end itself still belongs
    /// to the bar.
    ///
    /// # Errors
    /// The quote does not count; see [`MarkBook::update`].
    pub fn update(&mut self, quote: &Quote) -> Result<(), Refused> {
        self.close_while(|close| close < quote.receive_time);
        let taken = self.book.update(quote);
        if let MarkState::Fresh(mark) = self.book.mark(quote.market, quote.receive_time) {
            let low = self.lows.get_mut(mark.market);
            *low = Some(low.map_or(mark.price, |low| low.min(mark.price)));
        }
        taken
    }

    /// Closes the bars that have ended by `now`, and hands over all that were not handed over yet, oldest first.
    pub fn advance(&mut self, now: Millis) -> Vec<ClosedBar> {
        self.close_while(|close| close <= now);
        std::mem::take(&mut self.closed)
    }

    /// What is closed at once is bounded; the rest comes with the next call.
    fn close_while(&mut self, ended: impl Fn(Millis) -> bool) {
        for _ in 0..MAX_GAP {
            if !ended(self.close_time()) {
                return;
            }
            let bar = self.close();
            self.closed.push(bar);
        }
    }

    fn close_time(&self) -> Millis {
        Millis::from(self.open_time).after(BAR_SECONDS.get().saturating_mul(1_000))
    }

    fn close(&mut self) -> ClosedBar {
        let moment = self.close_time();
        let mut missing = Vec::new();
        let quotes = BySymbol::from_fn(|market| match self.book.mark(market, moment) {
            MarkState::Fresh(mark) => {
                let low = self.lows[market].map_or(mark.price, |low| low.min(mark.price));
                Some(BarQuote { close: mark.price, low })
            }
            MarkState::Stale { why, .. } => {
                missing.push(why);
                None
            }
        });
        let bar = Bar { open_time: self.open_time, quotes };
        self.open_time = moment.second_down();
        self.lows = BySymbol::default();
        ClosedBar { bar, missing }
    }

    /// The marks.
    pub const fn book(&self) -> &MarkBook {
        &self.book
    }

    /// The marks, to ask for alarms.
    pub const fn book_mut(&mut self) -> &mut MarkBook {
        &mut self.book
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::{MarkRules, PriceKind, SourceId, SourceRules};
    use crate::symbol::Symbol;

    const NAMES: [&str; 3] = ["a", "b", "c"];

    fn bars(end: u64, now: u64) -> LiveBars {
        let rules = |name: &str| SourceRules {
            id: SourceId::new(name).unwrap(),
            price: PriceKind::Last,
            markets: vec![Symbol::Btc],
        };
        let book = MarkBook::new(MarkRules::STANDARD, NAMES.map(rules).to_vec()).unwrap();
        LiveBars::after("t.csv", Timestamp::new(end), book, Millis::new(now * 1_000), MAX_GAP).unwrap()
    }

    fn say(bars: &mut LiveBars, millis: u64, text: &str) {
        for name in NAMES {
            let (at, price) = (Millis::new(millis), Price::parse(text).unwrap());
            let quote = Quote {
                source: SourceId::new(name).unwrap(),
                market: Symbol::Btc,
                bid: None,
                ask: None,
                last: Some(price),
                mark: None,
                index: None,
                exchange_time: at,
                receive_time: at,
            };
            bars.update(&quote).unwrap();
        }
    }

    fn prices(bar: &Bar) -> Option<(String, String)> {
        bar.quotes[Symbol::Btc].map(|quote| (quote.close.to_string(), quote.low.to_string()))
    }

    #[test]
    fn a_bar_has_the_last_mark_and_the_lowest() {
        let mut live = bars(600, 600);
        for (millis, price) in [(600_000, "100"), (700_000, "98"), (899_000, "99"), (900_000, "98.5")] {
            say(&mut live, millis, price);
            assert_eq!(live.advance(Millis::new(899_999)), []);
        }
        say(&mut live, 900_001, "102");
        let closed = live.advance(Millis::new(900_001));
        assert_eq!(closed.len(), 1);
        assert_eq!(closed[0].bar.open_time.get(), 600);
        assert_eq!(prices(&closed[0].bar), Some(("98.5".into(), "98".into())));
        let missing: Vec<Symbol> = closed[0].missing.iter().map(|stale| stale.market).collect();
        assert_eq!(missing, [Symbol::Eth, Symbol::Sol, Symbol::Xrp]);
        say(&mut live, 1_195_000, "103");
        let closed = live.advance(Millis::new(1_200_000));
        assert_eq!(prices(&closed[0].bar), Some(("103".into(), "102".into())), "lows begin anew");
    }

    #[test]
    fn bars_depend_on_quotes_and_not_on_how_often_the_clock_is_looked_at() {
        let (mut often, mut seldom) = (bars(600, 600), bars(600, 600));
        let mut seen = Vec::new();
        for step in 0..1_300 {
            let millis = 600_000 + step * 700;
            let price = (100 + step * 7 % 3).to_string();
            say(&mut often, millis, &price);
            say(&mut seldom, millis, &price);
            seen.extend(often.advance(Millis::new(millis + 350)));
        }
        assert_eq!(seen.len(), 3);
        assert_eq!(seldom.advance(Millis::new(600_000 + 1_299 * 700 + 350)), seen);
    }

    #[test]
    fn a_mark_that_is_lost_at_the_close_has_no_price_and_one_that_is_back_has() {
        let mut live = bars(600, 600);
        say(&mut live, 700_000, "8");
        let closed = live.advance(Millis::new(900_000));
        assert_eq!(prices(&closed[0].bar), None);
        assert!(closed[0].missing[0].to_string().contains("stale, 200 s old"), "{}", closed[0].missing[0]);
        say(&mut live, 1_100_000, "10");
        say(&mut live, 1_199_000, "10");
        assert_eq!(prices(&live.advance(Millis::new(1_200_000))[0].bar), Some(("10".into(), "10".into())));
    }

    #[test]
    fn a_gap_gives_bars_without_prices_at_most_so_many_at_once() {
        let mut live = bars(600, 600 + 300 * MAX_GAP);
        let month = live.advance(Millis::new(1_000 * (600 + 300 * MAX_GAP)));
        assert_eq!(month.len() as u64, MAX_GAP);
        assert!(month.iter().all(|closed| closed.bar.quotes == BySymbol::default()));
        assert_eq!(month[1].bar.open_time.get(), 900);
        let jump = Millis::new(1_000 * (600 + 300 * (2 * MAX_GAP + 5)));
        assert_eq!(live.advance(jump).len() as u64, MAX_GAP);
        assert_eq!(live.advance(jump).len(), 5);
    }

    #[test]
    fn a_table_that_ended_too_long_ago_or_ends_in_the_future_is_refused() {
        let book = || MarkBook::new(MarkRules::STANDARD, Vec::new()).unwrap();
        let after = |now, gap| LiveBars::after("t.csv", Timestamp::new(600), book(), Millis::new(now), gap).map(drop);
        assert_eq!((after(600_000, 1), after(900_999, 1)), (Ok(()), Ok(())));
        assert!(after(901_000, 1).unwrap_err().to_string().starts_with("t.csv: gap: "));
        assert!(after(599_999, MAX_GAP).is_err());
        let last = 1_000 * (600 + 300 * MAX_GAP) + 999;
        assert!(after(last, MAX_GAP).is_ok() && after(last + 1, MAX_GAP).is_err());
    }
}
