//! The serve loop, with the limits that a plain one lacks: connections, silent connections, slow headers, drain.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower_http::add_extension::AddExtension;

/// Limits of the loop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Connections at one time.
    pub(crate) connections_max: usize,
    /// Until the first byte, and until all headers, must be there.
    pub(crate) header_timeout: Duration,
    /// How long requests in flight may take after `stop`.
    pub(crate) drain_timeout: Duration,
}

/// Who is at the other end of the connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// Serves until `stop` turns true, then lets requests in flight end.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(limits.connections_max));
    let graceful = GracefulShutdown::new();
    loop {
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            _ = stop.changed() => break,
        };
        let Ok(place) = place else { break };
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => break,
        };
        match stream {
            Ok((stream, peer)) => {
                let service = AddExtension::new(router.clone(), Peer(peer.ip()));
                connection(stream, service, limits, &graceful, place, stop.clone());
            }
            Err(error) => {
                // Out of file descriptors, as a rule: wait for some to come back.
                tracing::error!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(limits.drain_timeout, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests still in flight were cut off");
    }
}

fn connection(
    stream: TcpStream,
    service: AddExtension<Router, Peer>,
    limits: Limits,
    graceful: &GracefulShutdown,
    place: OwnedSemaphorePermit,
    mut stop: watch::Receiver<bool>,
) {
    // Small answers are not held back to be sent together; where that cannot be set they are merely slower.
    let _ = stream.set_nodelay(true);
    let watcher = graceful.watcher();
    tokio::spawn(async move {
        let _place = place;
        let mut first = [0; 1];
        tokio::select! {
            said = tokio::time::timeout(limits.header_timeout, stream.peek(&mut first)) => {
                if said.is_err() {
                    return;
                }
            }
            // Nothing was asked on this connection, so nothing is cut off.
            _ = stop.changed() => return,
        }
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header_timeout)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        // A connection that broke off is the peer's business.
        let _ = watcher.watch(connection).await;
    });
}
