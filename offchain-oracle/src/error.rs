//! Errors of input files, and the one error type that the command line and the demo print.
//!
//! Every message is one line: what file, where in it, what is wrong, what to do.

use crate::bond::LayerError;
use crate::cycle::LedgerError;
use crate::decimal::DecimalError;
use crate::feed::StalePair;
use crate::history::HistoryError;
use crate::sign::SignError;
use crate::signer::{CollectError, TlsError};
use crate::submit::SubmitError;
use crate::symbol::Symbol;
use crate::value::ValueError;
use std::fmt;
use thiserror::Error;

/// Longest piece of a file that a message repeats.
const MAX_QUOTE: usize = 40;

/// Where in a file an error is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The file as a whole.
    File,
    /// A line, counted from 1 with the header as row 1.
    Row(u64),
    /// A path into a JSON document, such as `positions[0].quantity`.
    Json(String),
}

/// What is wrong with an input file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// There is no such file.
    #[error("file not found; check the path")]
    Missing,
    /// The file could not be read.
    #[error("can't be read ({0}); check its type and permissions")]
    Unreadable(std::io::ErrorKind),
    /// The file is larger than any input should be.
    #[error("larger than {limit} bytes; split it or check that it is the right file")]
    TooLarge {
        /// The bound.
        limit: u64,
    },
    /// More rows or items than allowed.
    #[error("more than {limit} {what}; split the file")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// No rows, or too few.
    #[error("{found} data rows, at least {needed} needed; check that the file is complete")]
    TooFewRows {
        /// Rows below the header.
        found: usize,
        /// Rows needed.
        needed: usize,
    },
    /// Nothing in the file at all.
    #[error("file is empty; expected a header and rows")]
    Empty,
    /// Not text.
    #[error("not UTF-8 text; save the file as plain UTF-8")]
    NotUtf8,
    /// The header is not what the format says.
    #[error("header is {found}, expected {expected}; fix the header")]
    Header {
        /// What the file has, shortened.
        found: String,
        /// What the format wants.
        expected: String,
    },
    /// The same column or key twice.
    #[error("{0} appears twice; keep one")]
    Duplicate(String),
    /// A coin that the model does not know.
    #[error("unknown symbol {0}; known symbols are {known}", known = Symbol::KNOWN)]
    UnknownSymbol(String),
    /// A coin is missing from a table that needs it.
    #[error("no {what} for {symbol}; add it")]
    MissingSymbol {
        /// The coin.
        symbol: Symbol,
        /// What is missing.
        what: String,
    },
    /// A row with too few or too many cells.
    #[error("{found} columns, expected {expected}; fix or remove the row")]
    Columns {
        /// Cells in the row.
        found: usize,
        /// Cells in the header.
        expected: usize,
    },
    /// A cell or member that is no usable number.
    #[error("{name} {error}{shown}; fix or remove {what}", shown = shown(*error, value))]
    Number {
        /// The column or member.
        name: String,
        /// The text found, shortened.
        value: String,
        /// Why it can't be used.
        error: DecimalError,
        /// What to fix: "the row" or "the value".
        what: &'static str,
    },
    /// A cell or member that is no time of the expected form.
    #[error("{name} is not a UTC time such as {example} ({value}); fix it")]
    Time {
        /// The column or member.
        name: String,
        /// The text found, shortened.
        value: String,
        /// A correct text.
        example: &'static str,
    },
    /// A quoted cell with a line break in it.
    #[error("a cell spans several lines; keep each row on one line")]
    MultiLine,
    /// Times that do not increase.
    #[error("time {found} is not after {previous}; sort the rows and remove duplicates")]
    TimeOrder {
        /// The row's time.
        found: String,
        /// The row before.
        previous: String,
    },
    /// Missing rows on a fixed grid.
    #[error("gap: {found} follows {previous}, expected {expected}; supply the missing rows, nothing is filled in")]
    Gap {
        /// The row's time.
        found: String,
        /// The row before.
        previous: String,
        /// The next time on the grid.
        expected: String,
    },
    /// A bar's low above its close.
    #[error("{symbol} low {low} is above close {close}; fix the row")]
    LowAboveClose {
        /// The coin.
        symbol: Symbol,
        /// The low.
        low: String,
        /// The close.
        close: String,
    },
    /// A value outside what the table allows.
    #[error("{name} {rule}; fix it")]
    Rule {
        /// The column or member.
        name: String,
        /// What must hold.
        rule: &'static str,
    },
    /// A document that is not the JSON expected.
    #[error("{0}; fix the document")]
    Json(String),
    /// A moment that no bar closes at.
    #[error("no bar closes at {wanted}; closes run from {first} to {last} in steps of {step} s")]
    NoSuchBar {
        /// The moment asked for.
        wanted: String,
        /// The first close.
        first: String,
        /// The last close.
        last: String,
        /// The grid.
        step: u64,
    },
    /// A layer of a bond that can't be priced.
    #[error("{0}; fix it")]
    Layer(LayerError),
    /// A commitment that does not match what both parties agreed.
    #[error("{name} is {found}, the portfolio file gives {computed}; use the agreed portfolio file")]
    Mismatch {
        /// The member.
        name: &'static str,
        /// What the document says.
        found: String,
        /// What was computed.
        computed: String,
    },
}

/// An input file that can't be used: nothing is guessed, nothing is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputError(Box<Details>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Details {
    file: String,
    place: Place,
    problem: Problem,
}

impl InputError {
    /// An error at a place in a file.
    pub fn new(file: &str, place: Place, problem: Problem) -> Self {
        Self(Box::new(Details { file: one_line(file), place, problem }))
    }

    /// The file, as it was named.
    pub fn file(&self) -> &str {
        &self.0.file
    }

    /// Where in the file.
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// What is wrong.
    pub fn problem(&self) -> &Problem {
        &self.0.problem
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { file, place, problem } = &*self.0;
        match place {
            Place::File => write!(f, "{file}: {problem}"),
            Place::Row(row) => write!(f, "{file}: row {row}: {problem}"),
            Place::Json(path) => write!(f, "{file}: {}: {problem}", one_line(path)),
        }
    }
}

impl std::error::Error for InputError {}

/// The offending text, where the error does not already say it.
fn shown(error: DecimalError, value: &str) -> String {
    match error {
        DecimalError::Empty | DecimalError::NotANumber | DecimalError::Infinite | DecimalError::Zero => String::new(),
        _ => format!(" ({value})"),
    }
}

/// A piece of a file in quotation marks, shortened, with control characters escaped: a message stays one line.
pub fn quote(text: &str) -> String {
    let short: String = text.chars().take(MAX_QUOTE).collect();
    let dots = if short.len() < text.len() { "..." } else { "" };
    format!("\"{}{dots}\"", short.escape_debug())
}

fn one_line(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] }).collect()
}

/// Anything that ends a run.
#[derive(Debug, Error)]
pub enum Error {
    /// An input file is wrong.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A valuation or margin number left its range.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// A coin of the pair has no fresh mark.
    #[error(transparent)]
    Stale(#[from] StalePair),
    /// History can't be fetched.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// A key can't be used, or a signer refused.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// TLS can't be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Too few signers signed.
    #[error(transparent)]
    Collect(#[from] CollectError),
    /// The service can't listen.
    #[error("can't listen on {address} ({kind}); choose a free address of this machine")]
    Listen {
        /// The address.
        address: String,
        /// The system's reason.
        kind: std::io::ErrorKind,
    },
    /// The chain did not take an instruction.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// The service's store can't be used.
    #[error(transparent)]
    Store(#[from] LedgerError),
    /// Everything was computed, and the answer is no.
    #[error("{0}")]
    Check(String),
    /// Output could not be written.
    #[error("can't write {target} ({kind}); check disk space and permissions")]
    Output {
        /// What was being written.
        target: String,
        /// The system's reason.
        kind: std::io::ErrorKind,
    },
}

impl Error {
    /// The exit code that the command line documents.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Input(_) => 3,
            Self::Value(_) => 4,
            Self::Stale(_) => 12,
            Self::History(error) => error.exit_code(),
            Self::Sign(error) if error.is_key_problem() => 5,
            Self::Sign(SignError::Journal(error)) if !error.is_refusal() => 8,
            Self::Sign(SignError::ChainState(_)) => 3,
            Self::Tls(TlsError::Key(_)) => 5,
            Self::Tls(_) => 3,
            Self::Listen { .. } => 9,
            Self::Sign(_) | Self::Collect(_) => 6,
            Self::Submit(_) => 7,
            Self::Output { .. } => 1,
            Self::Check(_) => 10,
            Self::Store(_) => 11,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_one_line_whatever_the_file_holds() {
        let value = quote("a\nb\u{1b}[31m very long text that goes on and on and on and on");
        let problem = Problem::UnknownSymbol(value);
        let text = InputError::new("x\n.csv", Place::Row(17), problem).to_string();
        assert!(!text.contains('\n') && !text.contains('\u{1b}'), "{text}");
        assert!(text.starts_with("x\\n.csv: row 17: unknown symbol"), "{text}");
    }
}
