//! JSON-RPC over HTTP with bounds on everything: time, size, number of tries.
//!
//! A connection serves one request. A node that restarts is then no special case, and no answer can belong to another
//! question.

use alloy_json_rpc::{Id, Request, ResponsePacket, ResponsePayload};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::{header, Method, StatusCode};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::TlsConnector;

/// Largest answer of a node.
pub const MAX_ANSWER_BYTES: usize = 8 * 1024 * 1024;
/// Most calls in one batch.
pub const MAX_BATCH: usize = 100;
/// Longest piece of a node's words that a message repeats.
const MAX_WORDS: usize = 200;

/// Where a node listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// True for `https`.
    pub tls: bool,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The path of its JSON-RPC.
    pub path: String,
}

impl Endpoint {
    /// Reads `http://host:port/path` or the same with `https`; nothing for anything else. User names have no place in it.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (tls, default) = match scheme {
            "http" => (false, 80),
            "https" => (true, 443),
            _ => return None,
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (authority, default),
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
        let good = !host.is_empty() && host.chars().all(plain) && path.chars().all(|c| c.is_ascii_graphic());
        let path = if path.is_empty() { "/".to_owned() } else { path.to_owned() };
        good.then(|| Self { tls, host: host.to_owned(), port, path })
    }
}

/// How long to wait and how often to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For one answer.
    pub deadline: Duration,
    /// Tries of a question whose repetition changes nothing.
    pub tries: u32,
    /// Pause after the first failure; doubles each time.
    pub pause: Duration,
}

impl Patience {
    /// Five seconds for an answer, four tries.
    pub const STANDARD: Self = Self { deadline: Duration::from_secs(5), tries: 4, pause: Duration::from_millis(200) };
}

/// Why a node gave no usable answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RpcError {
    /// No connection, or it broke off.
    #[error("{0}")]
    Unreachable(String),
    /// No answer in time.
    #[error("no answer within {0} ms")]
    Late(u128),
    /// The answer is no JSON-RPC, or not for what was asked.
    #[error("the node answered with something else: {0}")]
    Garbled(String),
    /// The node says no.
    #[error("the node refused ({code}): {message}")]
    Refused {
        /// The code.
        code: i64,
        /// In its words, shortened.
        message: String,
        /// What a contract reverted with, if it did.
        data: Option<Vec<u8>>,
    },
}

impl RpcError {
    /// True if the same question may be answered later: the node did not decide anything.
    pub const fn is_passing(&self) -> bool {
        !matches!(self, Self::Refused { .. })
    }
}

/// A client of one node, for threads outside of any runtime.
#[derive(Debug)]
pub struct Rpc {
    runtime: tokio::runtime::Runtime,
    endpoint: Endpoint,
    tls: Option<Arc<ClientConfig>>,
    patience: Patience,
    next_id: u64,
}

/// One call of a batch: method and parameters.
type Question<'a> = (&'static str, &'a Value);

impl Rpc {
    /// A client; nothing is connected yet. `tls` is needed for `https`.
    ///
    /// # Errors
    /// The system has no resources for it, or `https` without `tls`.
    pub fn new(endpoint: Endpoint, tls: Option<Arc<ClientConfig>>, patience: Patience) -> Result<Self, RpcError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| RpcError::Unreachable(error.to_string()))?;
        if endpoint.tls && tls.is_none() {
            return Err(RpcError::Unreachable("https needs the authority of the node's certificate".to_owned()));
        }
        Ok(Self { runtime, endpoint, tls, patience, next_id: 0 })
    }

    /// Asks, and tries again with growing pauses if no decision came. Only for what changes nothing by being repeated; that
    /// is everything but a transaction with a new hash.
    ///
    /// # Errors
    /// The last try's.
    pub fn ask<T: DeserializeOwned>(&mut self, method: &'static str, params: &Value) -> Result<T, RpcError> {
        let answers = self.retried(&[(method, params)])?;
        let answer = answers.into_iter().next().unwrap_or_else(|| Err(RpcError::Garbled("no answer in it".to_owned())));
        read(method, &answer?)
    }

    /// Asks all at once. Each has its own answer; the whole fails if the node can't be reached.
    ///
    /// # Errors
    /// No usable answer for any of them.
    pub fn ask_all(&mut self, questions: &[Question<'_>]) -> Result<Vec<Result<Value, RpcError>>, RpcError> {
        let mut answers = Vec::with_capacity(questions.len());
        for batch in questions.chunks(MAX_BATCH) {
            answers.extend(self.retried(batch)?);
        }
        Ok(answers)
    }

    fn retried(&mut self, questions: &[Question<'_>]) -> Result<Vec<Result<Value, RpcError>>, RpcError> {
        let mut pause = self.patience.pause;
        let mut tries = self.patience.tries.max(1);
        loop {
            tries = tries.saturating_sub(1);
            match self.once(questions) {
                Err(error) if tries > 0 && error.is_passing() => {
                    tracing::debug!(%error, "asking the node again");
                    std::thread::sleep(pause);
                    pause = pause.saturating_mul(2);
                }
                other => return other,
            }
        }
    }

    fn once(&mut self, questions: &[Question<'_>]) -> Result<Vec<Result<Value, RpcError>>, RpcError> {
        let first = self.next_id;
        let requests =
            questions.iter().zip(first..).map(|((method, params), id)| Request::new(*method, Id::Number(id), *params));
        let requests: Vec<_> = requests.collect();
        self.next_id = first.saturating_add(u64::try_from(requests.len()).unwrap_or(u64::MAX));
        let garbled = |error: serde_json::Error| RpcError::Garbled(error.to_string());
        let text = match requests.as_slice() {
            [single] => serde_json::to_vec(single),
            many => serde_json::to_vec(many),
        };
        let (deadline, exchange) =
            (self.patience.deadline, exchange(&self.endpoint, self.tls.as_ref(), text.map_err(garbled)?));
        let answer = self.runtime.block_on(async { tokio::time::timeout(deadline, exchange).await });
        let bytes = answer.unwrap_or_else(|_| Err(RpcError::Late(deadline.as_millis())))?;
        sort(&bytes, first, questions.len())
    }
}

/// Puts answers in the order of the questions; each question must have exactly one.
///
/// # Errors
/// The bytes are no answer to these questions.
pub fn sort(bytes: &[u8], first: u64, count: usize) -> Result<Vec<Result<Value, RpcError>>, RpcError> {
    let packet: ResponsePacket =
        serde_json::from_slice(bytes).map_err(|error| RpcError::Garbled(words(&error.to_string())))?;
    let responses = match packet {
        ResponsePacket::Single(response) => vec![response],
        ResponsePacket::Batch(responses) => responses,
    };
    let mut sorted: Vec<Option<Result<Value, RpcError>>> = vec![None; count];
    for response in responses {
        let answer = payload(response.payload);
        // A node that can't read a batch answers once, without a number.
        if count > 0 && response.id == Id::None {
            return Err(answer.err().unwrap_or_else(|| RpcError::Garbled("an answer without a number".to_owned())));
        }
        let Id::Number(id) = response.id else {
            return Err(RpcError::Garbled("a number that was not asked".to_owned()));
        };
        let place = id.checked_sub(first).and_then(|place| usize::try_from(place).ok());
        match place.and_then(|place| sorted.get_mut(place)) {
            Some(slot @ None) => *slot = Some(answer),
            _ => return Err(RpcError::Garbled("an answer to another question".to_owned())),
        }
    }
    sorted
        .into_iter()
        .map(|answer| answer.ok_or_else(|| RpcError::Garbled("an answer is missing".to_owned())))
        .collect()
}

fn payload(payload: ResponsePayload) -> Result<Value, RpcError> {
    match payload {
        ResponsePayload::Success(value) => {
            serde_json::from_str(value.get()).map_err(|error| RpcError::Garbled(words(&error.to_string())))
        }
        ResponsePayload::Failure(error) => Err(RpcError::Refused {
            code: error.code,
            message: words(&error.message),
            data: error.data.as_deref().and_then(revert_data),
        }),
    }
}

/// What a contract reverted with: nodes put it into `data` as hexadecimal text, some inside an object.
fn revert_data(data: &RawValue) -> Option<Vec<u8>> {
    let value: Value = serde_json::from_str(data.get()).ok()?;
    let text = value.as_str().or_else(|| value.get("data").and_then(Value::as_str))?;
    hex::decode(text.strip_prefix("0x")?).ok()
}

fn read<T: DeserializeOwned>(method: &str, value: &Value) -> Result<T, RpcError> {
    T::deserialize(value).map_err(|error| RpcError::Garbled(format!("{method}: {}", words(&error.to_string()))))
}

/// Another process's words go to a terminal or a log: one line, and not a long one.
fn words(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_WORDS).collect()
}

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

async fn exchange(endpoint: &Endpoint, tls: Option<&Arc<ClientConfig>>, text: Vec<u8>) -> Result<Bytes, RpcError> {
    let unreachable = |error: &dyn std::fmt::Display| RpcError::Unreachable(words(&error.to_string()));
    let stream = TcpStream::connect((endpoint.host.trim_matches(['[', ']']), endpoint.port)).await;
    let stream = stream.map_err(|error| unreachable(&error))?;
    let stream: Box<dyn Wire> = match tls.filter(|_| endpoint.tls) {
        Some(config) => {
            let name = ServerName::try_from(endpoint.host.clone()).map_err(|error| unreachable(&error))?;
            Box::new(
                TlsConnector::from(Arc::clone(config))
                    .connect(name, stream)
                    .await
                    .map_err(|error| unreachable(&error))?,
            )
        }
        None => Box::new(stream),
    };
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|error| unreachable(&error))?;
    let driver = tokio::spawn(connection);
    let request = hyper::Request::builder()
        .method(Method::POST)
        .uri(endpoint.path.as_str())
        .header(header::HOST, endpoint.host.as_str())
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(text)))
        .map_err(|error| unreachable(&error))?;
    let response = sender.send_request(request).await.map_err(|error| unreachable(&error))?;
    let status = response.status();
    let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES).collect().await;
    let body = body.map_err(|error| unreachable(&error))?.to_bytes();
    driver.abort();
    // Some nodes put a refusal into an error status; a body that is JSON-RPC is read all the same.
    if status != StatusCode::OK && !body.starts_with(b"{") {
        return Err(RpcError::Unreachable(format!("HTTP {status}")));
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_nodes_read_strictly() {
        let node =
            |tls, host: &str, port, path: &str| Some(Endpoint { tls, host: host.into(), port, path: path.into() });
        assert_eq!(Endpoint::parse("http://127.0.0.1:8545"), node(false, "127.0.0.1", 8545, "/"));
        assert_eq!(Endpoint::parse("https://rpc.example/eth?x=1"), node(true, "rpc.example", 443, "/eth?x=1"));
        assert_eq!(Endpoint::parse("http://[::1]:8545/"), node(false, "[::1]", 8545, "/"));
        for bad in
            ["", "ws://a", "http://", "http://a:99999", "http://user@a", "http://a b", "http://a/\n", "127.0.0.1:8545"]
        {
            assert_eq!(Endpoint::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn answers_are_matched_to_questions() {
        let two = br#"[{"jsonrpc":"2.0","id":8,"result":"0x2"},{"jsonrpc":"2.0","id":7,"error":{"code":3,"message":"reverted","data":"0x0102"}}]"#;
        let sorted = sort(two, 7, 2).unwrap();
        assert_eq!(sorted[1], Ok(Value::from("0x2")));
        assert_eq!(
            sorted[0],
            Err(RpcError::Refused { code: 3, message: "reverted".to_owned(), data: Some(vec![1, 2]) })
        );
        for bad in [
            &br#"[{"jsonrpc":"2.0","id":7,"result":1}]"#[..],
            br#"[{"jsonrpc":"2.0","id":7,"result":1},{"jsonrpc":"2.0","id":7,"result":1}]"#,
            br#"[{"jsonrpc":"2.0","id":7,"result":1},{"jsonrpc":"2.0","id":6,"result":1}]"#,
            br#"[{"jsonrpc":"2.0","id":7,"result":1},{"jsonrpc":"2.0","id":"8","result":1}]"#,
            br#"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no batches"}}"#,
            b"<html>",
            b"",
            b"{}",
            b"[]",
        ] {
            assert!(sort(bad, 7, 2).is_err(), "{}", String::from_utf8_lossy(bad));
        }
    }
}
