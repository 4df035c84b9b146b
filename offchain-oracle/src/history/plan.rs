use super::HistoryError;
use crate::market::BAR_SECONDS;
use crate::symbol::Symbol;
use crate::time::parse_date;
use jiff::civil::Date;
use ringfence_protocol::units::{Seconds, Timestamp};

/// Most days of one table: ten years.
pub const MAX_DAYS: u64 = 3_660;

/// Which of the provider's markets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Market {
    /// Spot.
    Spot,
    /// USD-margined futures.
    UsdmFutures,
}

impl Market {
    /// Its part of the path.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Spot => "spot",
            Self::UsdmFutures => "futures/um",
        }
    }
}

/// The length of a kline, and with it the table that is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// Daily closes, `date,btc_close,sol_close`: the model's history.
    Day,
    /// Five-minute bars, `open_time,<coin>_close,<coin>_low,..`.
    FiveMinutes,
}

impl Interval {
    /// Its name in the layout.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "1d",
            Self::FiveMinutes => "5m",
        }
    }

    /// From one row to the next.
    pub const fn step(self) -> Seconds {
        match self {
            Self::Day => Seconds::DAY,
            Self::FiveMinutes => BAR_SECONDS,
        }
    }

    /// The coins of its table unless others are asked for.
    pub const fn coins(self) -> &'static [Symbol] {
        match self {
            Self::Day => &[Symbol::Btc, Symbol::Sol],
            Self::FiveMinutes => &Symbol::ALL,
        }
    }
}

/// A coin and what the provider calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// The coin.
    pub symbol: Symbol,
    /// The provider's name, such as `BTCUSDT`.
    pub instrument: String,
}

/// What to download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub(super) market: Market,
    pub(super) interval: Interval,
    pub(super) series: Vec<Series>,
    pub(super) from: Date,
    pub(super) to: Date,
}

/// One archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Archive {
    /// Path below the base address, and below the directory of downloads.
    pub(super) directory: String,
    /// Its name without an ending.
    pub(super) stem: String,
}

impl Archive {
    pub(super) fn zip(&self) -> String {
        format!("{}.zip", self.stem)
    }

    pub(super) fn path(&self) -> String {
        format!("{}/{}", self.directory, self.zip())
    }
}

impl Plan {
    /// From the first to the last day, both included, UTC.
    ///
    /// # Errors
    /// Days that are none, in the wrong order, before 2017 or too many; coins twice or none; coins that the daily table has
    /// no columns for; names that are not 1 to 20 capitals and digits.
    pub fn new(
        market: Market,
        interval: Interval,
        series: Vec<Series>,
        from: &str,
        to: &str,
    ) -> Result<Self, HistoryError> {
        let rule = |name, rule| Err(HistoryError::Rule { name, rule });
        let (Some(from), Some(to)) = (date(from), date(to)) else {
            return rule("--from and --to", "must be days such as 2024-01-31, from 2017 to 2100");
        };
        if from > to {
            return rule("--to", "must not be before --from");
        }
        let names = |name: &str| {
            (1..=20).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        };
        if !series.iter().all(|series| names(&series.instrument)) {
            return rule("--symbol", "must name an instrument of 1 to 20 capitals and digits, such as BTC=BTCUSDT");
        }
        let coins: Vec<Symbol> = series.iter().map(|series| series.symbol).collect();
        let twice = |symbol: &Symbol| coins.iter().filter(|other| *other == symbol).count() > 1;
        if coins.is_empty() || coins.iter().any(twice) {
            return rule("--symbol", "must name each coin once");
        }
        if interval == Interval::Day && coins != interval.coins() {
            return rule(
                "--symbol",
                "must be BTC and then SOL for daily closes: the model's history has no other columns",
            );
        }
        let plan = Self { market, interval, series, from, to };
        if plan.days() > MAX_DAYS {
            return rule("--to", "must be at most 3660 days after --from");
        }
        Ok(plan)
    }

    fn steps(&self, step: Seconds) -> u64 {
        self.end().since(self.start()).get().checked_div(step.get()).unwrap_or(0)
    }

    fn days(&self) -> u64 {
        self.steps(Seconds::DAY)
    }

    /// When the first row opens.
    pub(super) fn start(&self) -> Timestamp {
        timestamp(self.from)
    }

    /// When the last row closes.
    pub(super) fn end(&self) -> Timestamp {
        Timestamp::new(timestamp(self.to).get().saturating_add(Seconds::DAY.get()))
    }

    /// Rows of the table.
    pub(super) fn rows(&self) -> u64 {
        self.steps(self.interval.step())
    }

    /// The months that the days lie in, as `(year, month)`.
    pub(super) fn months(&self) -> Vec<(i16, i8)> {
        let (mut year, mut month) = (self.from.year(), self.from.month());
        let mut months = Vec::new();
        while (year, month) <= (self.to.year(), self.to.month()) {
            months.push((year, month));
            (year, month) = if month == 12 { (year.saturating_add(1), 1) } else { (year, month.saturating_add(1)) };
        }
        months
    }

    pub(super) fn month(&self, series: &Series, (year, month): (i16, i8)) -> Archive {
        self.archive(series, "monthly", &format!("{year:04}-{month:02}"))
    }

    /// The archives of the days of a month that are asked for.
    pub(super) fn days_of(&self, series: &Series, (year, month): (i16, i8)) -> Vec<Archive> {
        let days = (1..=31).filter_map(|day| Date::new(year, month, day).ok());
        let wanted = days.filter(|day| (self.from..=self.to).contains(day));
        wanted.map(|day| self.archive(series, "daily", &day.to_string())).collect()
    }

    fn archive(&self, series: &Series, period: &str, date: &str) -> Archive {
        let (instrument, interval) = (&series.instrument, self.interval.name());
        Archive {
            directory: format!("data/{}/{period}/klines/{instrument}/{interval}", self.market.path()),
            stem: format!("{instrument}-{interval}-{date}"),
        }
    }
}

fn date(text: &str) -> Option<Date> {
    let date: Date = text.parse().ok()?;
    // The parser takes other forms of the same day, too.
    (date.to_string() == text && (2017..=2100).contains(&date.year())).then_some(date)
}

fn timestamp(date: Date) -> Timestamp {
    parse_date(&date.to_string()).unwrap_or(Timestamp::new(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(symbol: Symbol, instrument: &str) -> Series {
        Series { symbol, instrument: instrument.to_owned() }
    }

    fn plan(from: &str, to: &str) -> Result<Plan, HistoryError> {
        Plan::new(Market::Spot, Interval::FiveMinutes, vec![series(Symbol::Btc, "BTCUSDT")], from, to)
    }

    #[test]
    fn archives_are_named_as_the_layout_says() {
        let plan = plan("2024-12-30", "2025-02-02").unwrap();
        assert_eq!(plan.months(), [(2024, 12), (2025, 1), (2025, 2)]);
        assert_eq!(plan.rows(), 35 * 288);
        let month = plan.month(&plan.series[0], (2024, 12)).path();
        assert_eq!(month, "data/spot/monthly/klines/BTCUSDT/5m/BTCUSDT-5m-2024-12.zip");
        let days: Vec<String> = plan.days_of(&plan.series[0], (2024, 12)).iter().map(Archive::path).collect();
        assert_eq!(days[0], "data/spot/daily/klines/BTCUSDT/5m/BTCUSDT-5m-2024-12-30.zip");
        assert_eq!(days.len(), 2);
        assert_eq!(plan.days_of(&plan.series[0], (2025, 1)).len(), 31);
        assert_eq!(Market::UsdmFutures.path(), "futures/um");
    }

    #[test]
    fn plans_that_make_no_sense_are_refused() {
        let error = |plan: Result<Plan, HistoryError>| plan.unwrap_err().to_string();
        for (from, to) in [("2024-1-1", "2024-02-01"), ("2024-02-30", "2024-03-01"), ("2016-12-31", "2017-01-01")] {
            assert!(error(plan(from, to)).starts_with("--from and --to must be days"));
        }
        assert!(error(plan("2024-01-02", "2024-01-01")).starts_with("--to must not be before"));
        assert!(plan("2020-01-01", "2030-01-07").is_ok(), "3660 days");
        assert!(error(plan("2020-01-01", "2030-01-08")).starts_with("--to must be at most 3660 days"));
        let day = |series| Plan::new(Market::Spot, Interval::Day, series, "2024-01-01", "2024-01-02");
        assert!(error(day(vec![series(Symbol::Btc, "BTCUSDT")])).starts_with("--symbol must be BTC and then SOL"));
        assert!(day(vec![series(Symbol::Btc, "BTCUSDT"), series(Symbol::Sol, "SOLUSDT")]).is_ok());
        for bad in ["", "btcusdt", "../BTC", "BTC/USDT", &"A".repeat(21)] {
            let five = Plan::new(
                Market::Spot,
                Interval::FiveMinutes,
                vec![series(Symbol::Btc, bad)],
                "2024-01-01",
                "2024-01-02",
            );
            assert!(error(five).starts_with("--symbol must name an instrument"), "{bad}");
        }
        let twice = vec![series(Symbol::Btc, "BTCUSDT"), series(Symbol::Btc, "BTCUSDC")];
        let twice = Plan::new(Market::Spot, Interval::FiveMinutes, twice, "2024-01-01", "2024-01-02");
        assert!(error(twice).starts_with("--symbol must name each coin once"));
    }
}
