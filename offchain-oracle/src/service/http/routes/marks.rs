use super::json;
use crate::feed::{Mark, StaleMark};
use crate::service::feeds::SourceBoard;
use crate::service::http::{Http, Problem};
use crate::symbol::Symbol;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Marks and their sources within the last second.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::service::http) struct MarksText {
    /// The coins that have sources.
    marks: Vec<MarkText>,
    /// The sources, by name.
    sources: Vec<SourceText>,
}

/// The mark of a coin, or why there is none.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::service::http) struct MarkText {
    /// `BTC`, `ETH`, `SOL` or `XRP`.
    market: String,
    /// US dollars a coin; null if there is no fresh mark.
    price: Option<String>,
    /// Milliseconds.
    time: u64,
    /// The sources that agree, or those that are left.
    sources: Vec<String>,
    /// Why there is none.
    stale: Option<String>,
}

/// A source.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::service::http) struct SourceText {
    /// Its name.
    source: String,
    /// `websocket`, `poll` or `posted`.
    way: String,
    /// Its coins.
    markets: Vec<String>,
    /// When its last quote came in that counts, milliseconds.
    quoted: Option<u64>,
    /// Why its last quote does not count.
    refused: Option<String>,
    /// What is wrong with the connection.
    trouble: Option<String>,
}

/// Marks, their sources, and what is wrong with them.
#[utoipa::path(
    get, path = "/v1/marks", operation_id = "listMarks", tag = "quotes", security(("token" = [])),
    responses(
        (status = 200, body = MarksText, description = "As asked"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token, or none that is known"),
    )
)]
pub(in crate::service::http) async fn list(State(http): State<Arc<Http>>) -> Response {
    let board = http.shared.board();
    let of = |market: Symbol| board.sources.marks[market].as_ref().map(|mark| text(market, mark));
    let marks = Symbol::ALL.into_iter().filter_map(of).collect();
    let sources = board.sources.sources.iter().map(|(source, board)| source_text(source.as_str(), board)).collect();
    json(StatusCode::OK, &MarksText { marks, sources })
}

fn text(market: Symbol, mark: &Result<Mark, StaleMark>) -> MarkText {
    let (price, time, sources, stale) = match mark {
        Ok(mark) => (Some(mark.price.to_string()), mark.time, &mark.sources, None),
        Err(stale) => (None, stale.at, &stale.left, Some(stale.to_string())),
    };
    let sources = sources.iter().map(ToString::to_string).collect();
    MarkText { market: market.to_string(), price, time: time.get(), sources, stale }
}

fn source_text(source: &str, board: &SourceBoard) -> SourceText {
    SourceText {
        source: source.to_owned(),
        way: board.way.name().to_owned(),
        markets: board.markets.iter().map(ToString::to_string).collect(),
        quoted: board.quoted.map(crate::feed::Millis::get),
        refused: board.refused.clone(),
        trouble: board.trouble.clone(),
    }
}
