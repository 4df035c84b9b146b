use super::json;
use crate::service::http::{Http, Problem};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// That the process lives.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::service::http) struct Health {
    /// `live`.
    status: String,
    /// The program's version.
    version: String,
}

/// That it can do its work.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::service::http) struct Ready {
    /// `ready`.
    status: String,
    /// The last finalised block.
    finalised_block: Option<u64>,
}

/// That the process lives.
#[utoipa::path(get, path = "/health", operation_id = "getHealth", tag = "state", responses((status = 200, body = Health, description = "As asked")))]
pub(in crate::service::http) async fn health() -> Response {
    let (status, version) = ("live".to_owned(), env!("CARGO_PKG_VERSION").to_owned());
    json(StatusCode::OK, &Health { status, version })
}

/// That chain and marks are fresh.
#[utoipa::path(
    get, path = "/ready", operation_id = "getReadiness", tag = "state",
    responses((status = 200, body = Ready, description = "As asked"), (status = 503, body = Problem, content_type = "application/problem+json", description = "Why it is not"))
)]
pub(in crate::service::http) async fn ready(State(http): State<Arc<Http>>) -> Response {
    let reasons = http.shared.not_ready();
    http.shared.metrics.ready.set(i64::from(reasons.is_empty()));
    if *http.stopping.borrow() {
        return Problem::unavailable("the service is ending").into_response();
    }
    if !reasons.is_empty() {
        return Problem::unavailable(reasons.join("; ")).into_response();
    }
    let finalised_block = http.shared.board().finalised.map(|block| block.number);
    json(StatusCode::OK, &Ready { status: "ready".to_owned(), finalised_block })
}
