//! TLS before a server that speaks none.

use ringfence_oracle::signer::TlsFiles;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::TlsAcceptor;

/// Shows a certificate, and wants none.
pub(crate) fn acceptor(files: &TlsFiles) -> TlsAcceptor {
    let certificates = CertificateDer::pem_file_iter(&files.certificate).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(&files.key).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    TlsAcceptor::from(Arc::new(config.with_single_cert(certificates, key).unwrap()))
}

/// Listens with TLS and passes everything on to a port of this machine; gives its own port. Ends with the runtime.
pub(crate) async fn front(files: &TlsFiles, to: u16) -> u16 {
    let (listener, tls) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), acceptor(files));
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let tls = tls.clone();
            tokio::spawn(async move {
                // Who does not believe the certificate goes away.
                let Ok(mut stream) = tls.accept(stream).await else { return };
                let mut plain = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut plain).await;
            });
        }
    });
    port
}
