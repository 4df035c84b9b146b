//! A file for each route.

pub(super) mod bars;
pub(super) mod bonds;
pub(super) mod events;
pub(super) mod health;
pub(super) mod instructions;
pub(super) mod margin;
pub(super) mod marks;
pub(super) mod metrics;
pub(super) mod quotes;
pub(super) mod signers;
pub(super) mod vaults;

use super::Problem;
use crate::context::word;
use crate::service::board::{Board, PairBoard};
use axum::http::{header, StatusCode};
use axum::response::{IntoResponse, Response};
use ringfence_protocol::Address;
use serde::Serialize;

/// An answer in JSON.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let text = serde_json::to_vec(body).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// An address in a path.
pub(super) fn address(text: &str) -> Result<Address, Problem> {
    let bytes = word::<20>(text);
    bytes.map(Address).ok_or_else(|| Problem::bad_request("an address is 0x and 40 hexadecimal digits"))
}

/// The pair of a vault in a path.
pub(super) fn pair<'a>(board: &'a Board, vault: &str) -> Result<&'a PairBoard, Problem> {
    let vault = address(vault)?;
    let found = board.pairs.iter().find(|pair| pair.vault == vault);
    found.ok_or_else(|| Problem::not_found(format!("vault {vault:?} is not in the configuration")))
}

/// Work that reads files or computes, off the threads that serve connections.
pub(super) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Problem::unavailable("the request failed inside; see the log")))
}
