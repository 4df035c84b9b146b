//! Live marks gathered into the bars that the engine moves by.

use crate::market::{Bar, Quote, BAR_SECONDS};
use crate::symbol::BySymbol;
use crate::units::Price;
use ringfence_protocol::units::Timestamp;

/// Most bars that a gap is filled with, a month of them; a longer one needs a new bar table.
pub const MAX_GAP: usize = 8_640;

/// The bar in progress.
#[derive(Clone, Debug, Default)]
pub struct BarMaker {
    open: Option<Bar>,
    lows: BySymbol<Option<Price>>,
    /// Close of the last bar that was finished.
    closed: Option<Timestamp>,
}

impl BarMaker {
    /// Goes on after a bar that closed then.
    pub const fn after(closed: Option<Timestamp>) -> Self {
        Self { open: None, lows: BySymbol::of(None, None, None, None), closed }
    }

    /// Takes in marks, and gives the bars that are finished now, oldest first. A bar has no price of a coin whose mark was
    /// not fresh when it was last asked for: nothing is filled in. Marks from before the bar in progress are ignored.
    pub fn take(&mut self, time: Timestamp, marks: &BySymbol<Option<Price>>) -> Vec<Bar> {
        let start = grid_down(time);
        let mut finished = Vec::new();
        if let Some(bar) = self.open.filter(|bar| bar.open_time < start) {
            self.closed = Some(bar.close_time());
            finished.push(bar);
            self.open = None;
            self.lows = BySymbol::default();
        }
        while let Some(closed) = self.closed.filter(|closed| *closed < start && finished.len() < MAX_GAP) {
            let bar = Bar { open_time: closed, quotes: BySymbol::default() };
            self.closed = Some(bar.close_time());
            finished.push(bar);
        }
        // Late marks, or a gap that is not filled to its end.
        if self.closed.is_some_and(|closed| closed != start) {
            return finished;
        }
        let bar = self.open.get_or_insert_with(|| Bar { open_time: start, quotes: BySymbol::default() });
        for symbol in crate::symbol::Symbol::ALL {
            let low = self.lows.get_mut(symbol);
            *bar.quotes.get_mut(symbol) = marks[symbol].map(|close| {
                let lowest = low.map_or(close, |low| low.min(close));
                *low = Some(lowest);
                Quote { close, low: lowest }
            });
        }
        finished
    }
}

/// The opening of the bar that a moment lies in.
fn grid_down(time: Timestamp) -> Timestamp {
    let into = time.get().checked_rem(BAR_SECONDS.get()).unwrap_or_default();
    Timestamp::new(time.get().saturating_sub(into))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbol::Symbol;

    fn marks(text: &str) -> BySymbol<Option<Price>> {
        BySymbol::from_fn(|symbol| (symbol == Symbol::Btc).then(|| Price::parse(text).unwrap()))
    }

    #[test]
    fn a_bar_has_the_last_price_and_the_lowest() {
        let mut maker = BarMaker::after(Some(Timestamp::new(600)));
        for (time, price) in [(600, "10"), (700, "8"), (899, "9")] {
            assert_eq!(maker.take(Timestamp::new(time), &marks(price)), []);
        }
        let bars = maker.take(Timestamp::new(900), &marks("11"));
        assert_eq!(bars.len(), 1);
        let quote = bars[0].quotes[Symbol::Btc].unwrap();
        assert_eq!(
            (bars[0].open_time.get(), quote.close.to_string(), quote.low.to_string()),
            (600, "9".into(), "8".into())
        );
        assert_eq!(bars[0].quotes[Symbol::Eth], None);
        // What comes late does not change a bar that is finished.
        assert_eq!(maker.take(Timestamp::new(850), &marks("1")), []);
        let quote = maker.take(Timestamp::new(1_200), &marks("11"))[0].quotes[Symbol::Btc].unwrap();
        assert_eq!(quote.low.to_string(), "11");
    }

    #[test]
    fn a_coin_whose_mark_is_lost_at_the_close_has_no_price() {
        let mut maker = BarMaker::after(Some(Timestamp::new(600)));
        maker.take(Timestamp::new(700), &marks("8"));
        maker.take(Timestamp::new(899), &BySymbol::default());
        assert_eq!(maker.take(Timestamp::new(900), &marks("11"))[0].quotes[Symbol::Btc], None);
        maker.take(Timestamp::new(1_000), &BySymbol::default());
        maker.take(Timestamp::new(1_100), &marks("10"));
        let quote = maker.take(Timestamp::new(1_200), &marks("11"))[0].quotes[Symbol::Btc].unwrap();
        assert_eq!((quote.close.to_string(), quote.low.to_string()), ("10".into(), "10".into()));
    }

    #[test]
    fn a_gap_gives_bars_without_prices() {
        let mut maker = BarMaker::after(Some(Timestamp::new(600)));
        let bars = maker.take(Timestamp::new(1_600), &marks("10"));
        let times: Vec<u64> = bars.iter().map(|bar| bar.open_time.get()).collect();
        assert_eq!(times, [600, 900, 1_200]);
        assert!(bars.iter().all(|bar| bar.quotes == BySymbol::default()));
        let long = maker.take(Timestamp::new(1_600 + 300 * 100_000), &marks("10"));
        assert_eq!(long.len(), MAX_GAP);
    }
}
