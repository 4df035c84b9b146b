use super::{apart, json, pair};
use crate::cycle::Record;
use crate::service::document::RecordText;
use crate::service::http::{Http, Problem, MAX_ROWS};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Which of a vault's instructions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::service::http) struct Page {
    /// Only sequences before this one; the newest if left out.
    before: Option<u64>,
    /// At most so many, 1 to 500; 50 if left out.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// A vault's instructions, newest first.
#[utoipa::path(
    get, path = "/v1/vaults/{vault}/instructions", operation_id = "listInstructions", tag = "instructions", security(("token" = [])),
    params(("vault" = String, Path, description = "The vault's address"), Page),
    responses(
        (status = 200, body = Vec<RecordText>, description = "As asked"),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "The request does not read"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token, or none that is known"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "There is no such thing"),
    )
)]
pub(in crate::service::http) async fn list(
    State(http): State<Arc<Http>>,
    Path(vault): Path<String>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(page) = page.map_err(|error| Problem::bad_request(error.body_text()))?;
    let limit = page.limit.unwrap_or(50);
    if !(1..=MAX_ROWS).contains(&limit) {
        return Err(Problem::bad_request(format!("limit must be 1 to {MAX_ROWS}")));
    }
    let vault = pair(&http.shared.board(), &vault)?.vault;
    let store = http.shared.store.clone();
    let before = page.before.unwrap_or(u64::MAX);
    let records = apart(move || Ok(store.records_before(vault, before, limit)?)).await?;
    Ok(json(StatusCode::OK, &records.iter().map(RecordText::from).collect::<Vec<_>>()))
}

/// A vault's newest instruction, however far it has come.
#[utoipa::path(
    get, path = "/v1/vaults/{vault}/instructions/last", operation_id = "getLastInstruction", tag = "instructions", security(("token" = [])),
    params(("vault" = String, Path, description = "The vault's address")),
    responses(
        (status = 200, body = RecordText, description = "As asked"),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "The request does not read"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token, or none that is known"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "There is no such thing"),
    )
)]
pub(in crate::service::http) async fn last(
    State(http): State<Arc<Http>>,
    Path(vault): Path<String>,
) -> Result<Response, Problem> {
    let vault = pair(&http.shared.board(), &vault)?.vault;
    let store = http.shared.store.clone();
    found(apart(move || Ok(store.newest_record(vault)?)).await?)
}

/// The instruction of a sequence.
#[utoipa::path(
    get, path = "/v1/vaults/{vault}/instructions/{sequence}", operation_id = "getInstruction", tag = "instructions", security(("token" = [])),
    params(
        ("vault" = String, Path, description = "The vault's address"),
        ("sequence" = u64, Path, description = "The instruction's number")
    ),
    responses(
        (status = 200, body = RecordText, description = "As asked"),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "The request does not read"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token, or none that is known"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "There is no such thing"),
    )
)]
pub(in crate::service::http) async fn one(
    State(http): State<Arc<Http>>,
    Path((vault, sequence)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let vault = pair(&http.shared.board(), &vault)?.vault;
    let sequence: u64 = sequence.parse().map_err(|_| Problem::bad_request("a sequence is a whole number"))?;
    let store = http.shared.store.clone();
    found(apart(move || Ok(store.record(vault, sequence)?)).await?)
}

fn found(record: Option<Record>) -> Result<Response, Problem> {
    let record = record.ok_or_else(|| Problem::not_found("the oracle made no such instruction"))?;
    Ok(json(StatusCode::OK, &RecordText::from(&record)))
}
