//! The routes: `POST /v1/sign` and `GET /v1/health`.

use super::body::{hex0x, ErrorBody, Refused, SignBody, SignatureBody, MAX_BODY_BYTES};
use super::{Declined, Recompute};
use crate::error::InputError;
use crate::journal::{Journal, JournalError};
use crate::sign::{within, Anchored, ChainCounters, SignError, Signer, SigningKey, SigningRequest, Tolerance};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{header, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::Router;
use serde::Serialize;
use std::sync::{Arc, Mutex};

/// A signer with its journal, its chain and its own figures.
#[derive(Debug)]
pub struct Service<K, C, R> {
    signer: Anchored<K, C>,
    recompute: R,
    tolerance: Tolerance,
}

/// What went wrong with a request.
#[derive(Debug)]
enum Failure {
    Input(InputError),
    Declined(Declined),
    Sign(SignError),
}

impl<K: SigningKey, C: ChainCounters, R: Recompute> Service<K, C, R> {
    /// Puts the parts together.
    pub const fn new(signer: Anchored<K, C>, recompute: R, tolerance: Tolerance) -> Self {
        Self { signer, recompute, tolerance }
    }

    /// Reads a proposal, recomputes it, and signs it if it is within tolerance.
    fn sign(&mut self, body: &[u8]) -> Result<SignatureBody, Failure> {
        const NAME: &str = "request body";
        let body = SignBody::parse(NAME, body).map_err(Failure::Input)?;
        let proposed = body.message(NAME).map_err(Failure::Input)?;
        let own = self.recompute.own(body.chain_id, &proposed).map_err(Failure::Declined)?;
        let agreed = within(&own, &proposed, &self.tolerance);
        agreed.map_err(|deviation| Failure::Declined(deviation.into()))?;
        let request = SigningRequest::instruction(&proposed, body.chain_id);
        let signature = self.signer.sign(&request).map_err(Failure::Sign)?;
        Ok(SignatureBody {
            signer: hex0x(self.signer.address()),
            digest: hex0x(request.digest()),
            signature: hex0x(signature.0),
        })
    }

    fn journal(&self) -> &Journal {
        self.signer.journal()
    }
}

#[derive(Serialize)]
struct HealthBody {
    signer: String,
    records: u64,
    refused: usize,
}

type Shared<K, C, R> = Arc<Mutex<Service<K, C, R>>>;

/// The routes on one service. Requests take turns: a journal has one writer.
pub fn app<K, C, R>(service: Service<K, C, R>) -> Router
where
    K: SigningKey + Send + 'static,
    C: ChainCounters + Send + 'static,
    R: Recompute + 'static,
{
    Router::new()
        .route("/v1/sign", post(sign::<K, C, R>))
        .route("/v1/health", get(health::<K, C, R>))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(Arc::new(Mutex::new(service)))
}

async fn sign<K, C, R>(State(service): State<Shared<K, C, R>>, body: Bytes) -> Response
where
    K: SigningKey + Send + 'static,
    C: ChainCounters + Send + 'static,
    R: Recompute + 'static,
{
    // Waiting for a disk must not hold up the thread that serves connections.
    let signed = tokio::task::spawn_blocking(move || match service.lock() {
        Ok(mut service) => service.sign(&body).map_err(|failure| failure.answer()),
        // A panic in an earlier request: what it left half done is not known.
        Err(_) => Err((StatusCode::SERVICE_UNAVAILABLE, broken())),
    });
    match signed.await {
        Ok(Ok(signature)) => json(StatusCode::OK, &signature),
        Ok(Err((status, error))) => json(status, &error),
        Err(_) => json(StatusCode::SERVICE_UNAVAILABLE, &broken()),
    }
}

async fn health<K, C, R>(State(service): State<Shared<K, C, R>>) -> Response
where
    K: SigningKey + Send + 'static,
    C: ChainCounters + Send + 'static,
    R: Recompute + 'static,
{
    let read = tokio::task::spawn_blocking(move || {
        let service = service.lock().ok()?;
        let journal = service.journal();
        let refused = journal.refusals().ok()?.len();
        Some(HealthBody { signer: hex0x(journal.signer()), records: journal.len(), refused })
    });
    match read.await {
        Ok(Some(health)) => json(StatusCode::OK, &health),
        _ => json(StatusCode::SERVICE_UNAVAILABLE, &broken()),
    }
}

impl Failure {
    fn answer(self) -> (StatusCode, ErrorBody) {
        let (status, code, error) = match self {
            Self::Input(error) => (StatusCode::BAD_REQUEST, Refused::BadRequest, error.to_string()),
            Self::Declined(error) => (StatusCode::UNPROCESSABLE_ENTITY, Refused::Declined, error.to_string()),
            Self::Sign(error @ SignError::Conflict { .. }) => {
                (StatusCode::CONFLICT, Refused::Conflict, error.to_string())
            }
            Self::Sign(SignError::Journal(error)) if not_now(&error) => {
                (StatusCode::PRECONDITION_FAILED, Refused::NotNow, error.to_string())
            }
            Self::Sign(error) => (StatusCode::SERVICE_UNAVAILABLE, Refused::Unavailable, error.to_string()),
        };
        (status, ErrorBody { code, error })
    }
}

const fn not_now(error: &JournalError) -> bool {
    error.is_refusal() || matches!(error, JournalError::Behind { .. } | JournalError::ChainWentBack { .. })
}

fn broken() -> ErrorBody {
    ErrorBody { code: Refused::Unavailable, error: "the signer has failed; restart it".to_owned() }
}

fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let text = serde_json::to_vec(body).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}
