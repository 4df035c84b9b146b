use super::Address;
use crate::error::InputError;
use crate::files::Source;
use std::path::Path;
use std::sync::Arc;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{version, ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

/// Why there is nobody to believe.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RootsError {
    /// The machine has no list of authorities.
    #[error("no certificate authorities on this machine; install its ca-certificates, or name a file of them")]
    None,
    /// The file can't be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The file holds none.
    #[error("{0}: no certificate in PEM; check that it is the right file")]
    NoPem(String),
    /// The library refuses.
    #[error("TLS can't be set up: {0}")]
    Rejected(String),
}

/// TLS 1.3 to whoever shows a certificate of the machine's own authorities, or of those in a PEM file.
///
/// # Errors
/// There are none, or the file can't be used.
pub fn roots_config(file: Option<&Path>) -> Result<Arc<ClientConfig>, RootsError> {
    let mut roots = RootCertStore::empty();
    match file {
        None => {
            // Single certificates that can't be read are the machine's affair; none at all is ours.
            let _ = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        Some(file) => {
            let source = Source::read(file)?;
            let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(source.text.as_bytes()).collect();
            let no_pem = || RootsError::NoPem(source.name.clone());
            for certificate in read.map_err(|_| no_pem())? {
                roots.add(certificate).map_err(|_| no_pem())?;
            }
            if roots.is_empty() {
                return Err(no_pem());
            }
        }
    }
    if roots.is_empty() {
        return Err(RootsError::None);
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_protocol_versions(&[&version::TLS13]);
    let builder = builder.map_err(|error| RootsError::Rejected(error.to_string()))?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

/// A connection, encrypted or to this machine.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Connects.
pub(crate) async fn open(address: &Address, tls: Option<&Arc<ClientConfig>>) -> std::io::Result<Box<dyn Stream>> {
    let stream = TcpStream::connect((address.host.as_str(), address.port)).await?;
    stream.set_nodelay(true)?;
    if !address.tls {
        return Ok(Box::new(stream));
    }
    let tls = tls.ok_or_else(|| std::io::Error::other("TLS is not set up"))?;
    let name = ServerName::try_from(address.host.clone()).map_err(std::io::Error::other)?;
    Ok(Box::new(TlsConnector::from(Arc::clone(tls)).connect(name, stream).await?))
}
