use super::{apart, json};
use crate::market::BarText;
use crate::service::http::{Http, Problem, MAX_ROWS};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use ringfence_protocol::units::Timestamp;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Which bars.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::service::http) struct Page {
    /// Only bars that opened at or after this time; from the first if left out.
    from: Option<u64>,
    /// At most so many, 1 to 500; 500 if left out.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// Five-minute bars that the service made of its marks, oldest first: with them `verify --live-bars` computes an instruction
/// again.
#[utoipa::path(
    get, path = "/v1/bars", operation_id = "listBars", tag = "instructions", security(("token" = [])),
    params(Page),
    responses(
        (status = 200, body = Vec<BarText>, description = "As asked"),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "The request does not read"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token, or none that is known"),
    )
)]
pub(in crate::service::http) async fn list(
    State(http): State<Arc<Http>>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(page) = page.map_err(|error| Problem::bad_request(error.body_text()))?;
    let limit = page.limit.unwrap_or(MAX_ROWS);
    if !(1..=MAX_ROWS).contains(&limit) {
        return Err(Problem::bad_request(format!("limit must be 1 to {MAX_ROWS}")));
    }
    let store = http.shared.store.clone();
    let from = Timestamp::new(page.from.unwrap_or(0));
    let bars = apart(move || Ok(store.bars_from(from, limit)?)).await?;
    Ok(json(StatusCode::OK, &bars.iter().map(BarText::from).collect::<Vec<_>>()))
}
