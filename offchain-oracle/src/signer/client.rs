//! One request to one signer.

use super::body::{ErrorBody, Refused, SignBody, SignatureBody, MAX_BODY_BYTES};
use crate::error::InputError;
use crate::keccak::EcdsaRecover;
use crate::sign::SignatureBytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::{header, Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use ringfence_protocol::signature::verify_one;
use ringfence_protocol::{Address, Digest};
use std::sync::Arc;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::TlsConnector;

/// Where a signer is, and who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The address that its signatures recover to.
    pub signer: Address,
    /// The name that its certificate is for.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// Why a signer gave no signature.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RemoteError {
    /// No connection, no proof of identity, or it broke off.
    #[error("can't be reached ({0}); check address, port, certificates and that it runs")]
    Unreachable(String),
    /// No answer in time.
    #[error("did not answer in time")]
    Late,
    /// It refused.
    #[error("refused ({code:?}): {error}")]
    Refused {
        /// The kind.
        code: Refused,
        /// Its words.
        error: String,
    },
    /// The answer does not read.
    #[error("answered with something else: {0}")]
    Garbled(InputError),
    /// The signature is not what was asked for.
    #[error("answered with a signature of another key or digest; don't trust it")]
    NotItsSignature,
}

impl Endpoint {
    /// Asks for a signature and checks it.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub async fn sign(
        &self,
        tls: &Arc<ClientConfig>,
        body: &SignBody,
        digest: &Digest,
    ) -> Result<SignatureBytes, RemoteError> {
        let name = format!("answer of {}:{}", self.host, self.port);
        let (status, answer) = self.post(tls, body).await?;
        if status != StatusCode::OK {
            let ErrorBody { code, error } = ErrorBody::parse(&name, &answer).map_err(RemoteError::Garbled)?;
            // The words of another process go to a terminal or a log: one line, and not a long one.
            let error = error.chars().filter(|c| !c.is_control()).take(300).collect();
            return Err(RemoteError::Refused { code, error });
        }
        let (signer, signed, signature) = SignatureBody::parse(&name, &answer).map_err(RemoteError::Garbled)?;
        let good = verify_one::<EcdsaRecover>(digest, &signature.0, self.signer).is_ok();
        if signer != self.signer || signed != *digest || !good {
            return Err(RemoteError::NotItsSignature);
        }
        Ok(signature)
    }

    async fn post(&self, tls: &Arc<ClientConfig>, body: &SignBody) -> Result<(StatusCode, Bytes), RemoteError> {
        let unreachable = |error: &dyn std::fmt::Display| RemoteError::Unreachable(error.to_string());
        let name = ServerName::try_from(self.host.clone()).map_err(|error| unreachable(&error))?;
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(|error| unreachable(&error))?;
        let stream = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await;
        let stream = TokioIo::new(stream.map_err(|error| unreachable(&error))?);
        let handshake = hyper::client::conn::http1::handshake(stream).await;
        let (mut sender, connection) = handshake.map_err(|error| unreachable(&error))?;
        let driver = tokio::spawn(connection);
        let text = serde_json::to_vec(body).map_err(|error| unreachable(&error))?;
        let request = Request::builder()
            .method(Method::POST)
            .uri("/v1/sign")
            .header(header::HOST, self.host.as_str())
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(text)))
            .map_err(|error| unreachable(&error))?;
        let response = sender.send_request(request).await.map_err(|error| unreachable(&error))?;
        let status = response.status();
        let answer = Limited::new(response.into_body(), MAX_BODY_BYTES).collect().await;
        let answer = answer.map_err(|error| unreachable(&error))?.to_bytes();
        driver.abort();
        Ok((status, answer))
    }
}
