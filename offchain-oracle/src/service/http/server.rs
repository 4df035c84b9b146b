//! Connections: bounds on their number, on the head of a request, and on how long the end may take.

use super::access::Peer;
use axum::{Extension, Router};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{watch, Semaphore};
use tokio::time::timeout;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::TlsAcceptor;

/// Most connections at a time; more wait in the system's queue.
pub const MAX_CONNECTIONS: usize = 256;
/// How long requests that are under way may take to end when the service stops.
pub const GRACE: Duration = Duration::from_secs(10);
/// Longest wait for the head of a request, and for a handshake.
const HEAD: Duration = Duration::from_secs(5);
/// Pause after a failed accept, which is mostly a lack of descriptors.
const BREATH: Duration = Duration::from_millis(50);

/// Serves until `stopping` is true, then ends: no new connections, requests under way are answered, at most [`GRACE`].
pub async fn serve(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    app: Router,
    mut stopping: watch::Receiver<bool>,
) {
    let acceptor = tls.map(TlsAcceptor::from);
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
        let accepted = tokio::select! {
            () = stopped(&mut stopping) => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(BREATH).await;
            continue;
        };
        let (app, acceptor, stop) = (app.clone(), acceptor.clone(), stopping.clone());
        tokio::spawn(async move {
            match acceptor {
                None => connection(stream, peer, app, stop).await,
                Some(acceptor) => {
                    if let Ok(Ok(stream)) = timeout(HEAD, acceptor.accept(stream)).await {
                        connection(stream, peer, app, stop).await;
                    }
                }
            }
            drop(slot);
        });
    }
    drop(listener);
    let all = u32::try_from(MAX_CONNECTIONS).unwrap_or(u32::MAX);
    if timeout(GRACE, slots.acquire_many(all)).await.is_err() {
        tracing::warn!("requests were cut off at the end");
    }
}

async fn connection<S>(stream: S, peer: SocketAddr, app: Router, mut stopping: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let app = app.layer(Extension(Peer(peer.ip())));
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let served = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    let mut served = std::pin::pin!(served);
    tokio::select! {
        _ = served.as_mut() => {}
        () = stopped(&mut stopping) => {
            served.as_mut().graceful_shutdown();
            let _ = served.await;
        }
    }
}

/// Waits until it is time to end; at once if nobody can say any more.
pub(super) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await.map(drop);
}
