//! Connections: a handshake that proves both sides, then HTTP/1.1 with bounds on everything.

use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::TlsAcceptor;

/// Most connections at a time: an aggregator's and its standby's. Requests beyond them wait in the system's queue.
pub const MAX_CONNECTIONS: usize = 2 * super::MAX_IN_FLIGHT;
/// Longest handshake.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// Longest wait for the head of a request.
const HEAD: Duration = Duration::from_secs(5);
/// Longest life of a connection, with all its requests.
const CONNECTION: Duration = Duration::from_secs(120);
/// Pause after a failed accept, which is mostly a lack of descriptors.
const BREATH: Duration = Duration::from_millis(50);

/// Serves until `stop` is done, then finishes the requests that are under way.
pub async fn serve(listener: TcpListener, tls: Arc<ServerConfig>, app: Router, stop: impl Future<Output = ()>) {
    let acceptor = TlsAcceptor::from(tls);
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &slots) => accepted,
        };
        if let Some((stream, slot)) = accepted {
            let (acceptor, app) = (acceptor.clone(), app.clone());
            tokio::spawn(async move {
                let _ = timeout(CONNECTION, connection(acceptor, stream, app)).await;
                drop(slot);
            });
        }
    }
    let all = u32::try_from(MAX_CONNECTIONS).unwrap_or(u32::MAX);
    let _ = timeout(CONNECTION, slots.acquire_many(all)).await;
}

type Slot = tokio::sync::OwnedSemaphorePermit;

/// Waits for a free slot first: what can't be served waits in the system's queue.
async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> Option<(TcpStream, Slot)> {
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, slot)),
        Err(_) => {
            tokio::time::sleep(BREATH).await;
            None
        }
    }
}

async fn connection(acceptor: TlsAcceptor, stream: TcpStream, app: Router) {
    // Who can't prove itself is cut off without an answer.
    let Ok(Ok(stream)) = timeout(HANDSHAKE, acceptor.accept(stream)).await else { return };
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).keep_alive(false);
    let _ = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app)).await;
}
