use crate::service::http::{Http, Problem};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Metrics for Prometheus.
#[utoipa::path(
    get, path = "/metrics", operation_id = "getMetrics", tag = "state", security(("token" = [])),
    responses(
        (status = 200, body = String, content_type = "application/openmetrics-text", description = "As asked"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token, or none that is known"),
    )
)]
pub(in crate::service::http) async fn metrics(State(http): State<Arc<Http>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match http.shared.metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, kind)], text).into_response(),
        Err(_) => Problem::unavailable("the metrics can't be written").into_response(),
    }
}
