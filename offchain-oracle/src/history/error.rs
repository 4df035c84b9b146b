use super::table::Summary;
use crate::net::RootsError;
use thiserror::Error;

/// Why there is no table.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HistoryError {
    /// What was asked for makes no sense.
    #[error("{name} {rule}")]
    Rule {
        /// The argument.
        name: &'static str,
        /// What must hold.
        rule: &'static str,
    },
    /// There is nobody to believe.
    #[error(transparent)]
    Roots(#[from] RootsError),
    /// The server did not give it, after all attempts.
    #[error("{url}: {reason}, {attempts} times; check the address and the network, and run it again: it goes on here")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// What came of the last attempt.
        reason: String,
        /// Attempts.
        attempts: u32,
    },
    /// The server asks to stay away for longer than it makes sense to wait.
    #[error("{url}: the server asks to wait {seconds} s; run it again then: it goes on here")]
    RateLimited {
        /// What was asked for.
        url: String,
        /// How long.
        seconds: u64,
    },
    /// The server answers, but not with what the layout says.
    #[error("{url}: {reason}; check the base address")]
    Unexpected {
        /// What was asked for.
        url: String,
        /// What came.
        reason: String,
    },
    /// The bytes are not those that the checksum is of, twice.
    #[error("{archive}: SHA-256 is {found}, its checksum file says {expected}; nothing of it was used")]
    Checksum {
        /// The archive.
        archive: String,
        /// What was published.
        expected: String,
        /// What was received.
        found: String,
    },
    /// The bytes are what was published, but no klines.
    #[error("{archive}: {what}; nothing of it was used")]
    Corrupt {
        /// The archive.
        archive: String,
        /// What is wrong, and where.
        what: String,
    },
    /// Rows are missing: the table was not written.
    #[error("{}", gaps(.0))]
    Gaps(Box<Summary>),
    /// Another run works in the directory.
    #[error("{0}: another run is using it; wait for it, or use another directory")]
    Locked(String),
    /// A file can't be written.
    #[error("can't write {target} ({kind}); check disk space and permissions")]
    Output {
        /// The file.
        target: String,
        /// The system's reason.
        kind: std::io::ErrorKind,
    },
}

impl HistoryError {
    /// The exit code that the command line documents.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Output { .. } | Self::Locked(_) => 1,
            Self::Rule { .. } | Self::Roots(_) => 3,
            Self::Unreachable { .. } | Self::RateLimited { .. } | Self::Unexpected { .. } => 13,
            Self::Checksum { .. } | Self::Corrupt { .. } => 14,
            Self::Gaps(_) => 15,
        }
    }

    pub(super) fn output(target: &std::path::Path, error: &std::io::Error) -> Self {
        Self::Output { target: target.display().to_string(), kind: error.kind() }
    }
}

fn gaps(summary: &Summary) -> String {
    let first = summary.gaps.first().map_or_else(String::new, |gap| format!("; the first: {gap}"));
    format!(
        "{} of {} rows are missing in {} gaps{first}; the table was not written: choose other days, or supply the rows",
        summary.missing_rows, summary.expected_rows, summary.gap_count
    )
}
