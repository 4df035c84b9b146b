use super::tls::open;
use super::Address;
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::header::{ACCEPT_ENCODING, CONTENT_RANGE, HOST, RANGE, RETRY_AFTER, USER_AGENT};
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::time::timeout;
use tokio_rustls::rustls::ClientConfig;

/// Longest head of an answer.
pub const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Bounds of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connecting, TLS included.
    pub connect: Duration,
    /// Until the head of the answer is there, and then from one piece of its body to the next.
    pub idle: Duration,
    /// Everything.
    pub total: Duration,
    /// Largest body, bytes.
    pub body: u64,
}

/// What is asked for. Only `GET`: nothing here changes anything elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Path and query.
    pub path: String,
    /// Only from this byte on.
    pub from: Option<u64>,
}

/// The head of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The first byte of the body, if it says that it is a part.
    pub from: Option<u64>,
    /// How long it asks to stay away; a date counts as nothing said.
    pub retry_after: Option<Duration>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Failure {
    /// No connection, or it broke off.
    #[error("connection failed: {0}")]
    Broken(String),
    /// Too slow.
    #[error("no answer in time")]
    Late,
    /// The body is larger than it may be.
    #[error("answer of more than {0} bytes")]
    TooLarge(u64),
}

/// Asks one server, over one connection that is kept while it lasts.
#[derive(Debug)]
pub struct Client {
    address: Address,
    tls: Option<Arc<ClientConfig>>,
    limits: Limits,
    sender: Option<SendRequest<Empty<Bytes>>>,
}

impl Client {
    /// For a server; `tls` is needed if its address says so.
    pub const fn new(address: Address, tls: Option<Arc<ClientConfig>>, limits: Limits) -> Self {
        Self { address, tls, limits, sender: None }
    }

    /// Asks, and hands the body over piece by piece: `accept` sees the head, and says by true that it wants the body.
    /// Redirects are answers like others.
    ///
    /// # Errors
    /// [`Failure`]; what was handed over before it stays handed over.
    pub async fn get(
        &mut self,
        request: &Request,
        mut accept: impl FnMut(&Answer) -> bool,
        mut piece: impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<Answer, Failure> {
        let asked = timeout(self.limits.total, self.ask(request, &mut accept, &mut piece)).await;
        let answer = asked.unwrap_or(Err(Failure::Late));
        if answer.is_err() {
            self.sender = None;
        }
        answer
    }

    /// Asks, and gives the whole body of an answer of status 200; the body of others is left.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn body(&mut self, path: &str) -> Result<(Answer, Vec<u8>), Failure> {
        let mut body = Vec::new();
        let request = Request { path: path.to_owned(), from: None };
        let answer = self.get(
            &request,
            |answer| answer.status == 200,
            |piece| {
                body.extend_from_slice(piece);
                Ok(())
            },
        );
        let answer = answer.await?;
        Ok((answer, body))
    }

    async fn ask(
        &mut self,
        request: &Request,
        accept: &mut impl FnMut(&Answer) -> bool,
        piece: &mut impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<Answer, Failure> {
        let response = self.send(request).await?;
        let answer = head(&response);
        if !accept(&answer) {
            // What is left in the connection would be taken for the next answer.
            self.sender = None;
            return Ok(answer);
        }
        let mut body = response.into_body();
        let mut bytes = 0_u64;
        loop {
            let frame = timeout(self.limits.idle, body.frame()).await.map_err(|_| Failure::Late)?;
            let Some(frame) = frame else { return Ok(answer) };
            let frame = frame.map_err(broken)?;
            let Some(data) = frame.data_ref() else { continue };
            bytes = bytes.saturating_add(u64::try_from(data.len()).unwrap_or(u64::MAX));
            if bytes > self.limits.body {
                return Err(Failure::TooLarge(self.limits.body));
            }
            piece(data).map_err(broken)?;
        }
    }

    /// Sends over the connection that is there, or over a new one if it is gone.
    async fn send(&mut self, request: &Request) -> Result<Response<Incoming>, Failure> {
        if let Some(mut sender) = self.sender.take() {
            if sender.ready().await.is_ok() {
                if let Ok(Ok(response)) = timeout(self.limits.idle, sender.send_request(self.message(request)?)).await {
                    self.sender = Some(sender);
                    return Ok(response);
                }
            }
        }
        let mut sender = timeout(self.limits.connect, self.connect()).await.map_err(|_| Failure::Late)??;
        let response = timeout(self.limits.idle, sender.send_request(self.message(request)?)).await;
        let response = response.map_err(|_| Failure::Late)?.map_err(broken)?;
        self.sender = Some(sender);
        Ok(response)
    }

    async fn connect(&self) -> Result<SendRequest<Empty<Bytes>>, Failure> {
        let stream = TokioIo::new(open(&self.address, self.tls.as_ref()).await.map_err(broken)?);
        let handshake = Builder::new().max_buf_size(MAX_HEAD_BYTES).handshake(stream).await;
        let (sender, connection) = handshake.map_err(broken)?;
        // Ends when the sender is dropped.
        tokio::spawn(connection);
        Ok(sender)
    }

    fn message(&self, request: &Request) -> Result<hyper::Request<Empty<Bytes>>, Failure> {
        let path = self.address.join(&request.path).path;
        let mut message = hyper::Request::get(path)
            .header(HOST, self.address.authority())
            .header(USER_AGENT, concat!("ringfence-oracle/", env!("CARGO_PKG_VERSION")))
            .header(ACCEPT_ENCODING, "identity");
        if let Some(from) = request.from {
            message = message.header(RANGE, format!("bytes={from}-"));
        }
        message.body(Empty::new()).map_err(broken)
    }
}

fn broken(error: impl std::fmt::Display) -> Failure {
    let text: String = error.to_string().chars().filter(|c| !c.is_control()).take(200).collect();
    Failure::Broken(text)
}

fn head(response: &Response<Incoming>) -> Answer {
    let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let from = || text(CONTENT_RANGE)?.strip_prefix("bytes ")?.split('-').next()?.parse().ok();
    let from = if response.status() == StatusCode::PARTIAL_CONTENT { from() } else { None };
    let retry_after = text(RETRY_AFTER).and_then(|seconds| seconds.trim().parse().ok()).map(Duration::from_secs);
    Answer { status: response.status().as_u16(), from, retry_after }
}
