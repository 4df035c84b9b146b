use super::archive::Kline;
use super::plan::{Interval, Plan};
use crate::symbol::Symbol;
use crate::time::format_timestamp;
use ringfence_protocol::units::Timestamp;
use std::collections::BTreeMap;
use std::fmt::{self, Write};

/// Most gaps that a summary lists; it counts all.
const MAX_LISTED: usize = 100;

/// Rows that follow each other, missing for the same coins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// When the first of them would open.
    pub first: Timestamp,
    /// When the last of them would open.
    pub last: Timestamp,
    /// The coins.
    pub missing: Vec<Symbol>,
    /// How many rows.
    pub rows: u64,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let coins: Vec<&str> = self.missing.iter().map(|symbol| symbol.ticker()).collect();
        let (first, last) = (format_timestamp(self.first), format_timestamp(self.last));
        write!(f, "{} from {first} to {last}, {} rows", coins.join(", "), self.rows)
    }
}

/// What came of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows that the days make.
    pub expected_rows: u64,
    /// Rows without a price for every coin.
    pub missing_rows: u64,
    /// How many gaps there are.
    pub gap_count: u64,
    /// The first hundred of them.
    pub gaps: Vec<Gap>,
    /// Archives that were downloaded from the beginning.
    pub downloaded: u64,
    /// Archives whose download went on where an earlier run stopped.
    pub resumed: u64,
    /// Archives that were there from an earlier run.
    pub kept: u64,
    /// Archives that the server does not have.
    pub absent: Vec<String>,
    /// Bytes of archives that were transferred.
    pub bytes: u64,
}

/// Klines by opening time, one map for each coin of the plan.
pub(super) type Klines = Vec<BTreeMap<Timestamp, Kline>>;

/// The table's text, and what is missing.
pub(super) fn table(plan: &Plan, klines: &Klines, summary: &mut Summary) -> String {
    let mut text = header(plan);
    summary.expected_rows = plan.rows();
    let mut open = plan.start();
    let mut gap: Option<Gap> = None;
    while open < plan.end() {
        let quotes: Vec<Option<&Kline>> = klines.iter().map(|klines| klines.get(&open)).collect();
        let pairs = plan.series.iter().zip(&quotes);
        let missing: Vec<Symbol> =
            pairs.filter(|(_, quote)| quote.is_none()).map(|(series, _)| series.symbol).collect();
        if missing.is_empty() {
            close(&mut gap, summary);
            row(&mut text, plan.interval, open, &quotes);
        } else {
            summary.missing_rows = summary.missing_rows.saturating_add(1);
            match gap.as_mut().filter(|gap| gap.missing == missing) {
                Some(gap) => {
                    gap.last = open;
                    gap.rows = gap.rows.saturating_add(1);
                }
                None => {
                    close(&mut gap, summary);
                    gap = Some(Gap { first: open, last: open, missing, rows: 1 });
                }
            }
        }
        open = Timestamp::new(open.get().saturating_add(plan.interval.step().get()));
    }
    close(&mut gap, summary);
    text
}

fn close(gap: &mut Option<Gap>, summary: &mut Summary) {
    if let Some(gap) = gap.take() {
        summary.gap_count = summary.gap_count.saturating_add(1);
        if summary.gaps.len() < MAX_LISTED {
            summary.gaps.push(gap);
        }
    }
}

fn header(plan: &Plan) -> String {
    let tickers = plan.series.iter().map(|series| series.symbol.ticker().to_ascii_lowercase());
    match plan.interval {
        Interval::Day => tickers.fold("date".to_owned(), |head, ticker| format!("{head},{ticker}_close")) + "\n",
        Interval::FiveMinutes => {
            tickers.fold("open_time".to_owned(), |head, ticker| format!("{head},{ticker}_close,{ticker}_low")) + "\n"
        }
    }
}

fn row(text: &mut String, interval: Interval, open: Timestamp, quotes: &[Option<&Kline>]) {
    let stamp = format_timestamp(open);
    match interval {
        Interval::Day => text.push_str(stamp.get(..10).unwrap_or(&stamp)),
        Interval::FiveMinutes => {
            text.push_str(stamp.get(..16).unwrap_or(&stamp));
            text.push('Z');
        }
    }
    for kline in quotes.iter().flatten() {
        // Writing to a string can't fail.
        let _ = write!(text, ",{}", kline.close);
        if interval == Interval::FiveMinutes {
            let _ = write!(text, ",{}", kline.low);
        }
    }
    text.push('\n');
}
