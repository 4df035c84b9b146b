//! The oracle as a service.

mod bars;
mod board;
mod document;
pub mod http;
mod metrics;
mod oracle;
mod store;

pub use bars::{BarMaker, MAX_GAP};
pub use board::{Board, Freshness, PairBoard, Shared, Valued};
pub use document::{EventText, RecordText};
pub use metrics::{Metrics, NAMES};
pub use oracle::{Oracle, PairPlan};
pub use store::{EventKind, Store, MAX_EVENTS};
