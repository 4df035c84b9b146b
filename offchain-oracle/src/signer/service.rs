//! The routes: `POST /v1/sign` and `GET /v1/health`.

use super::body::{hex0x, ErrorBody, Refused, SignBody, SignatureBody, MAX_BODY_BYTES};
use super::{Declined, Recompute};
use crate::error::InputError;
use crate::journal::{Journal, JournalError};
use crate::keccak::EcdsaRecover;
use crate::sign::{
    within, Anchored, ChainCounters, KeyError, SignError, Signer, SigningKey, SigningRequest, Tolerance,
};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{header, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::Router;
use ringfence_protocol::signature::verify_one;
use serde::Serialize;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

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

    /// Signs proposals that are within tolerance of this signer's own figures, with an answer for each, in order. The journal
    /// waits for its disk once for all of them.
    fn sign_many<'b>(&mut self, bodies: impl Iterator<Item = &'b Bytes>) -> Vec<Result<SignatureBody, Failure>> {
        let requests: Vec<_> = bodies.map(|body| self.request(body)).collect();
        let good: Vec<_> = requests.iter().filter_map(|request| request.as_ref().ok().copied()).collect();
        let mut signed = self.signer.sign_many(&good).into_iter();
        let signer = self.signer.address();
        let mut answer = |request: SigningRequest| -> Result<_, SignError> {
            let digest = request.digest();
            let unanswered = Err(SignError::Key { signer, error: KeyError::Failed });
            let signature = signed.next().unwrap_or(unanswered)?;
            verify_one::<EcdsaRecover>(&digest, &signature.0, signer).map_err(SignError::SelfCheck)?;
            Ok(SignatureBody { signer: hex0x(signer), digest: hex0x(digest), signature: hex0x(signature.0) })
        };
        requests.into_iter().map(|request| request.and_then(|request| answer(request).map_err(Failure::Sign))).collect()
    }

    /// Reads a proposal and recomputes it.
    fn request(&mut self, body: &[u8]) -> Result<SigningRequest, Failure> {
        const NAME: &str = "request body";
        let body = SignBody::parse(NAME, body).map_err(Failure::Input)?;
        let proposed = body.message(NAME).map_err(Failure::Input)?;
        let own = self.recompute.own(body.chain_id, &proposed).map_err(Failure::Declined)?;
        let agreed = within(&own, &proposed, &self.tolerance);
        agreed.map_err(|deviation| Failure::Declined(deviation.into()))?;
        Ok(SigningRequest::instruction(&proposed, body.chain_id))
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

type Answer = Result<SignatureBody, (StatusCode, ErrorBody)>;

/// A request that waits, and who waits for its answer.
type Waiting = (Bytes, oneshot::Sender<Answer>);

/// A service and what waits for it. Whoever's turn it is signs for all that wait, so that the more there are the fewer waits
/// for the disk each of them costs.
#[derive(Debug)]
struct Desk<K, C, R> {
    service: Mutex<Service<K, C, R>>,
    waiting: Mutex<Vec<Waiting>>,
}

type Shared<K, C, R> = Arc<Desk<K, C, R>>;

impl<K: SigningKey, C: ChainCounters, R: Recompute> Desk<K, C, R> {
    /// Puts a request among those that wait. The connections bound how many there are.
    fn put(&self, body: Bytes) -> oneshot::Receiver<Answer> {
        let (sender, receiver) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push((body, sender));
        receiver
    }

    /// Waits for a turn and answers whatever waits by then; a request put before has its answer when this returns.
    fn take_turn(&self) {
        let service = self.service.lock();
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        // A panic in an earlier turn: what it left half done is not known. Who waits gets no answer, and is told so.
        let Ok(mut service) = service else { return };
        let answers = service.sign_many(waiting.iter().map(|(body, _)| body));
        for ((_, asker), answer) in waiting.into_iter().zip(answers) {
            // Whoever has hung up does not need it.
            let _ = asker.send(answer.map_err(Failure::answer));
        }
    }
}

/// The routes on one service. Requests take turns, in groups: a journal has one writer.
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
        .with_state(Arc::new(Desk { service: Mutex::new(service), waiting: Mutex::default() }))
}

async fn sign<K, C, R>(State(desk): State<Shared<K, C, R>>, body: Bytes) -> Response
where
    K: SigningKey + Send + 'static,
    C: ChainCounters + Send + 'static,
    R: Recompute + 'static,
{
    let mut answer = desk.put(body);
    // Waiting for a disk must not hold up the thread that serves connections.
    let turn = tokio::task::spawn_blocking(move || desk.take_turn());
    let answered = turn.await.ok().and_then(|()| answer.try_recv().ok());
    match answered.unwrap_or_else(|| Err((StatusCode::SERVICE_UNAVAILABLE, broken()))) {
        Ok(signature) => json(StatusCode::OK, &signature),
        Err((status, error)) => json(status, &error),
    }
}

async fn health<K, C, R>(State(desk): State<Shared<K, C, R>>) -> Response
where
    K: SigningKey + Send + 'static,
    C: ChainCounters + Send + 'static,
    R: Recompute + 'static,
{
    let read = tokio::task::spawn_blocking(move || {
        let service = desk.service.lock().ok()?;
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
