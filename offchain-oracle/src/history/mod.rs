//! Public archives of klines, downloaded and turned into the tables that the engine reads.
//!
//! The layout is that of `data.binance.vision`, which its repository `binance-public-data` documents:
//!
//! ```text
//! <base>/data/<spot|futures/um>/<monthly|daily>/klines/<INSTRUMENT>/<interval>/<INSTRUMENT>-<interval>-<YYYY-MM[-DD]>.zip
//! ```
//!
//! and beside each archive a `.CHECKSUM` with its SHA-256. A month whose archive is not published yet is read day by day.
//!
//! What holds: no byte of an archive is unpacked before its checksum agrees; the table appears complete or not at all; an
//! interrupted run goes on where it stopped; a table with a gap is not written, because the engine's readers take none.

mod archive;
mod checksum;
mod download;
mod error;
mod plan;
mod table;
mod transfer;

pub use archive::{read_archive, Kline, MAX_UNPACKED_BYTES};
pub use checksum::parse_checksum;
pub use download::{fetch, Fetched, Progress, Retry, ATTEMPTS, MAX_ARCHIVE_BYTES, MAX_WAIT};
pub use error::HistoryError;
pub use plan::{Interval, Market, Plan, Series, MAX_DAYS};
pub use table::{Gap, Summary};
