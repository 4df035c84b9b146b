//! The oracle as a service: live marks in, signed instructions out, and an interface for those who watch.
//!
//! One thread turns the loop ([`turn`]): quotes become marks, marks become valuations and instructions ([`Oracle`]), and every
//! few seconds the chain is looked at. What must not be forgotten is in the [`Store`] before anything depends on it; what the
//! loop saw last is on the [`Board`], which the routes in [`http`] read. `SERVICE.md` is for operators.

mod board;
pub mod config;
pub mod doctor;
mod document;
mod feeds;
pub mod http;
pub mod log;
mod metrics;
mod oracle;
mod run;
mod signers;
mod store;
mod watch;

pub use board::{Board, Freshness, MarketBoard, PairBoard, Shared, SignerBoard, Valued};
pub use config::Config;
pub use document::{EventText, RecordText};
pub use feeds::{SourceBoard, Sources, Way};
pub use metrics::{Metrics, NAMES};

/// Labels of metrics.
pub mod labels {
    pub use super::metrics::{Kind, OfMarket, OfRoute, OfSigner, OfSource, OfVault};
}
pub use oracle::{Oracle, PairPlan, When};
pub use run::{book, node, run, tick, turn, StopFuture, MAX_WAITING};
pub use signers::{journal_of, BoardCounters, Remote, Signers};
pub use store::{EventKind, Store, MAX_EVENTS};
pub use watch::Refusal;
