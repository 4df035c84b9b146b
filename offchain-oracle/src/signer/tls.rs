//! Mutual TLS 1.3: certificates of a private authority on both sides.

use crate::error::InputError;
use crate::files::Source;
use crate::sign::{keyfile, SignError};
use std::path::PathBuf;
use std::sync::Arc;
use thiserror::Error;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{version, ClientConfig, RootCertStore, ServerConfig};

/// What one side shows and whom it believes; PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// Own certificate, with any intermediate ones after it.
    pub certificate: PathBuf,
    /// Its key, readable by the owner only.
    pub key: PathBuf,
    /// The authority whose certificates the other side must show.
    pub authority: PathBuf,
}

/// Why TLS can't be set up.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TlsError {
    /// A certificate file can't be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The key file can't be read, or others can read it.
    #[error(transparent)]
    Key(#[from] SignError),
    /// The file holds no PEM of the kind.
    #[error("{file}: no {what} in PEM; check that it is the right file")]
    NoPem {
        /// The file.
        file: String,
        /// What was expected.
        what: &'static str,
    },
    /// Certificate, key and authority don't fit each other.
    #[error("{file}: {reason}; check that certificate, key and authority belong together")]
    Rejected {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
}

/// For a signer: it serves nobody who shows no client certificate of the authority.
///
/// # Errors
/// A file can't be used.
pub fn server_config(files: &TlsFiles) -> Result<Arc<ServerConfig>, TlsError> {
    let rejected = |reason: String| TlsError::Rejected { file: files.certificate.display().to_string(), reason };
    let provider = Arc::new(default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots(files)?), Arc::clone(&provider));
    let verifier = verifier.build().map_err(|error| rejected(error.to_string()))?;
    let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(&[&version::TLS13]);
    let builder = builder.map_err(|error| rejected(error.to_string()))?.with_client_cert_verifier(verifier);
    let (certificates, key) = identity(files)?;
    Ok(Arc::new(builder.with_single_cert(certificates, key).map_err(|error| rejected(error.to_string()))?))
}

/// For a service whose clients prove themselves by tokens: only the server shows a certificate.
///
/// # Errors
/// A file can't be used.
pub fn one_sided_config(certificate: &std::path::Path, key: &std::path::Path) -> Result<Arc<ServerConfig>, TlsError> {
    let rejected = |reason: String| TlsError::Rejected { file: certificate.display().to_string(), reason };
    let files = TlsFiles { certificate: certificate.to_owned(), key: key.to_owned(), authority: PathBuf::new() };
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_protocol_versions(&[&version::TLS13]).map_err(|error| rejected(error.to_string()))?;
    let (certificates, key) = identity(&files)?;
    let config = builder.with_no_client_auth().with_single_cert(certificates, key);
    Ok(Arc::new(config.map_err(|error| rejected(error.to_string()))?))
}

/// For a client that proves itself by other means, or not at all: it believes servers of an authority.
///
/// # Errors
/// The file can't be used.
pub fn anonymous_client_config(authority: &std::path::Path) -> Result<Arc<ClientConfig>, TlsError> {
    let files = TlsFiles { certificate: PathBuf::new(), key: PathBuf::new(), authority: authority.to_owned() };
    let rejected = |reason: String| TlsError::Rejected { file: authority.display().to_string(), reason };
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| rejected(error.to_string()))?;
    Ok(Arc::new(builder.with_root_certificates(roots(&files)?).with_no_client_auth()))
}

/// For the aggregator: it talks to nobody whose certificate is not of the authority and for the name it asked for.
///
/// # Errors
/// A file can't be used.
pub fn client_config(files: &TlsFiles) -> Result<Arc<ClientConfig>, TlsError> {
    let rejected = |reason: String| TlsError::Rejected { file: files.certificate.display().to_string(), reason };
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_protocol_versions(&[&version::TLS13]).map_err(|error| rejected(error.to_string()))?;
    let (certificates, key) = identity(files)?;
    let builder = builder.with_root_certificates(roots(files)?);
    let config = builder.with_client_auth_cert(certificates, key).map_err(|error| rejected(error.to_string()))?;
    Ok(Arc::new(config))
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn identity(files: &TlsFiles) -> Result<Identity, TlsError> {
    let file = files.key.display().to_string();
    let bytes = keyfile::read_secret(&files.key)?;
    let key = PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| TlsError::NoPem { file, what: "private key" })?;
    Ok((certificates(&files.certificate)?, key))
}

fn certificates(path: &std::path::Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let source = Source::read(path)?;
    let no_pem = || TlsError::NoPem { file: source.name.clone(), what: "certificate" };
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(source.text.as_bytes()).collect();
    read.ok().filter(|found| !found.is_empty()).ok_or_else(no_pem)
}

fn roots(files: &TlsFiles) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(&files.authority)? {
        let added = roots.add(certificate);
        added.map_err(|error| TlsError::Rejected {
            file: files.authority.display().to_string(),
            reason: error.to_string(),
        })?;
    }
    Ok(roots)
}
