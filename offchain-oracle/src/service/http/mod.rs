//! The HTTP interface. `app(state)` gives the routes; [`serve`] gives them connections with bounds on everything.
//!
//! Public are `/health`, `/ready` and `/openapi.json`; everything else takes a bearer token. Errors are problem documents
//! (RFC 9457). Nothing here can sign, send or change a pair: the one route that writes puts quotes in.

mod access;
mod openapi;
mod problem;
mod routes;
mod server;

pub use access::{Access, Rate, Scope, Token};
pub use openapi::document;
pub use problem::Problem;
pub use server::{serve, GRACE, MAX_CONNECTIONS};

use super::board::Shared;
use crate::feed::transport::FeedEvent;
use crate::feed::{Millis, Quote, SourceId};
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::Router;
use std::collections::BTreeSet;
use std::sync::mpsc::SyncSender;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Largest body of a request.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// Most streams of events at a time.
pub const MAX_STREAMS: usize = 64;
/// Most rows of one answer.
pub const MAX_ROWS: usize = 500;

/// Bounds that the configuration sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest time for a whole request.
    pub request: Duration,
}

/// What the routes work with.
#[derive(Debug)]
pub struct Http {
    /// What the loop and the routes share.
    pub shared: Arc<Shared>,
    /// Who may ask.
    pub access: Access,
    /// Bounds.
    pub limits: Limits,
    /// Where quotes go.
    pub quotes: SyncSender<FeedEvent>,
    /// The sources that quotes may be posted for; those that the service asks itself are not among them.
    pub posted: BTreeSet<SourceId>,
    /// True once the service ends: streams end then.
    pub stopping: watch::Receiver<bool>,
    /// Places for streams.
    pub streams: Arc<tokio::sync::Semaphore>,
}

/// The quotes in the body of a `POST /v1/quotes`: all of them or none.
///
/// # Errors
/// A problem that names the first that is wrong.
pub fn read_quotes(body: &[u8], arrival: Millis) -> Result<Vec<Quote>, Problem> {
    routes::quotes::read(body, arrival)
}

/// The routes.
pub fn app(http: Arc<Http>) -> Router {
    Router::new()
        .route("/health", get(routes::health::health))
        .route("/ready", get(routes::health::ready))
        .route("/openapi.json", get(openapi::serve))
        .route("/metrics", get(routes::metrics::metrics))
        .route("/v1/vaults", get(routes::vaults::list))
        .route("/v1/vaults/{vault}", get(routes::vaults::one))
        .route("/v1/vaults/{vault}/cover", get(routes::vaults::cover))
        .route("/v1/vaults/{vault}/margin", get(routes::margin::margin))
        .route("/v1/vaults/{vault}/instructions", get(routes::instructions::list))
        .route("/v1/vaults/{vault}/instructions/last", get(routes::instructions::last))
        .route("/v1/vaults/{vault}/instructions/{sequence}", get(routes::instructions::one))
        .route("/v1/bars", get(routes::bars::list))
        .route("/v1/bonds", get(routes::bonds::list))
        .route("/v1/bonds/{bond}", get(routes::bonds::one))
        .route("/v1/marks", get(routes::marks::list))
        .route("/v1/signers", get(routes::signers::list))
        .route("/v1/events", get(routes::events::events))
        .route("/v1/quotes", post(routes::quotes::take))
        .fallback(|| async { Problem::not_found("see /openapi.json for what there is") })
        .method_not_allowed_fallback(|| async { Problem::method() })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(map_response(plain_refusal))
        .layer(from_fn_with_state(Arc::clone(&http), access::guard))
        .with_state(http)
}

/// Refusals that the framework makes by itself are texts; they leave as problem documents like all others.
async fn plain_refusal(response: Response) -> Response {
    match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(MAX_BODY_BYTES).into_response(),
        StatusCode::METHOD_NOT_ALLOWED => {
            let mut problem = Problem::method().into_response();
            if let Some(allow) = response.headers().get(axum::http::header::ALLOW) {
                problem.headers_mut().insert(axum::http::header::ALLOW, allow.clone());
            }
            problem
        }
        StatusCode::BAD_REQUEST if !is_problem(&response) => {
            Problem::bad_request("the path does not read").into_response()
        }
        _ => response,
    }
}

fn is_problem(response: &Response) -> bool {
    let kind = response.headers().get(axum::http::header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind == "application/problem+json")
}
