use super::{Mark, StaleMark};
use std::fmt;

/// A coin lost its mark, or got one back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkChange {
    /// No fresh mark any more: pairs that need the coin are not signed for.
    Lost(Box<StaleMark>),
    /// A fresh mark again.
    Back(Mark),
}

/// One line for whatever watches the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkAlarm(pub MarkChange);

impl fmt::Display for MarkAlarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            MarkChange::Lost(stale) => write!(f, "ALARM {stale}; signing stops for pairs in {}", stale.market),
            MarkChange::Back(mark) => {
                write!(f, "{} has a mark again: {} of {} sources", mark.market, mark.price, mark.sources.len())
            }
        }
    }
}
