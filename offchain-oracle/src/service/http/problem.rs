//! Errors as RFC 9457 problem documents.

use axum::http::{header, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// Why a request was not answered as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// What kind of problem; stable, to tell problems apart by.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong with this request, and what to do.
    pub detail: String,
    /// Seconds to wait before the next try.
    #[serde(skip)]
    #[schema(ignore)]
    pub retry_after: Option<u64>,
}

impl Problem {
    fn new(status: StatusCode, kind: &str, title: &str, detail: impl Into<String>) -> Self {
        let kind = format!("urn:ringfence:problem:{kind}");
        Self { kind, title: title.to_owned(), status: status.as_u16(), detail: detail.into(), retry_after: None }
    }

    /// 400: the request does not read.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", "The request does not read", detail)
    }

    /// 401: no token, or none that is known.
    pub fn unauthorised() -> Self {
        let detail = "send a token of the configuration as `Authorization: Bearer ...`";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorised", "Who are you?", detail)
    }

    /// 403: a token for something else.
    pub fn forbidden(scope: &str) -> Self {
        let detail = format!("the token lacks the scope `{scope}`; add it in the configuration or use another");
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Not with this token", detail)
    }

    /// 404: there is no such thing.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is no such thing", detail)
    }

    /// 405: not in this way.
    pub fn method() -> Self {
        let detail = "use the method that the document at /openapi.json names";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method", "Not with this method", detail)
    }

    /// 408: the request did not come to an end.
    pub fn slow(seconds: u64) -> Self {
        let detail = format!("the whole request has to be here within {seconds} s");
        Self::new(StatusCode::REQUEST_TIMEOUT, "slow", "The request took too long", detail)
    }

    /// 413: too much.
    pub fn too_large(limit: usize) -> Self {
        let detail = format!("a body has at most {limit} bytes; send less at once");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large", detail)
    }

    /// 429: too often.
    pub fn too_often(wait: u64) -> Self {
        let detail = format!("wait {wait} s; the configuration has the limit");
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too-often", "Too many requests", detail);
        Self { retry_after: Some(wait), ..problem }
    }

    /// 503: not now.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not now", detail)
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let text = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (self.status(), [(header::CONTENT_TYPE, "application/problem+json")], text).into_response();
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        if self.status() == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<crate::cycle::LedgerError> for Problem {
    fn from(error: crate::cycle::LedgerError) -> Self {
        Self::unavailable(error.to_string())
    }
}
