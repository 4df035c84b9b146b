//! Fetching what venues say: asking over HTTP, and listening on websockets. Every wait and every size has a bound; what fails
//! is tried again after a pause that doubles, and said so.
//!
//! Times are stamped when a message is complete, by the clock that the caller supplies.

mod hub;
mod poll;
mod websocket;

pub use hub::{drive, Clock, FeedEvent, Hub, Notice, END, EVENTS};

use crate::net::Limits;
use std::time::Duration;

/// Bounds of a transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Longest that connecting may take, TLS and the websocket's handshake included.
    pub connect: Duration,
    /// Longest that an HTTP answer may take.
    pub answer: Duration,
    /// Longest that a websocket may go without a quote before it is opened anew.
    pub silence: Duration,
    /// From one ping to the next.
    pub ping: Duration,
    /// The first pause after a failure; it doubles.
    pub first_pause: Duration,
    /// The longest pause after a failure. A connection that lasted as long counts as a success.
    pub max_pause: Duration,
    /// Longest that a venue's wish to stay away is respected in one piece; then it is asked again whether it still wishes so.
    pub max_wait: Duration,
    /// Largest message or answer, bytes.
    pub max_bytes: usize,
}

impl Settings {
    /// What the commands run with.
    pub const STANDARD: Self = Self {
        connect: Duration::from_secs(10),
        answer: Duration::from_secs(5),
        silence: Duration::from_secs(30),
        ping: Duration::from_secs(10),
        first_pause: Duration::from_millis(500),
        max_pause: Duration::from_secs(30),
        max_wait: Duration::from_secs(3_600),
        max_bytes: 256 * 1024,
    };

    fn limits(&self) -> Limits {
        let body = u64::try_from(self.max_bytes).unwrap_or(u64::MAX);
        Limits { connect: self.connect, idle: self.answer, total: self.answer.saturating_add(self.connect), body }
    }
}
