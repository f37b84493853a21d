//! Starting and stopping the simulators' HTTP server.
//!
//! The accept loop is written out because a fault must be able to close a connection without any answer, which a
//! handler of the web framework cannot do: a response marked with [`HangUp`] becomes an error of the connection.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

use super::config::Config;
use super::world::World;
use super::{blueocean, control, dotwallet, hicoin, jubao, page, wechat};

const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);
const STOP_GRACE: Duration = Duration::from_secs(2);

/// Marks a response that must never be written: the connection is closed instead.
#[derive(Clone)]
pub(crate) struct HangUp;

/// The running simulators. They stop when this is dropped.
pub struct Gateways {
    /// Their address, `http://host:port`; the gateways' prefixes follow.
    pub url: String,
    stop: Option<oneshot::Sender<()>>,
    accepting: JoinHandle<()>,
}

impl Gateways {
    /// Stops accepting, gives requests in flight a moment, and returns when everything has ended.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            // The receiver is gone only when the loop has already ended.
            let _ = stop.send(());
        }
        let _ = (&mut self.accepting).await;
    }
}

impl Drop for Gateways {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Starts the simulators on a bound listener.
///
/// # Errors
/// When the listener has no address or the client for notifications cannot be built.
pub async fn start(config: Config, listener: TcpListener) -> io::Result<Gateways> {
    let url = format!("http://{}", listener.local_addr()?);
    let world = Arc::new(World::new(config, &url)?);
    let (stop, stopped) = oneshot::channel();
    let accepting = tokio::spawn(accept(listener, routes(world), stopped));
    Ok(Gateways { url, stop: Some(stop), accepting })
}

fn routes(world: Arc<World>) -> Router {
    Router::new()
        .nest("/dotwallet", dotwallet::routes())
        .nest("/jubao", jubao::routes())
        .nest("/blueocean", blueocean::routes())
        .nest("/hicoin", hicoin::routes())
        .nest("/wechat", wechat::routes())
        .nest("/_control", control::routes())
        .route("/_assets/gateways.css", axum::routing::get(page::stylesheet))
        // Browsers ask for it unbidden; an error in their console would look like a fault of the page.
        .route("/favicon.ico", axum::routing::get(async || StatusCode::NO_CONTENT))
        .fallback(async || (StatusCode::NOT_FOUND, "no such page at the sandbox's gateways\n"))
        .with_state(world)
}

async fn accept(listener: TcpListener, routes: Router, mut stopped: oneshot::Receiver<()>) {
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut stopped => break,
        };
        match accepted {
            Ok((stream, _)) => serve(stream, routes.clone(), &graceful),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    // A request held by a `hang` fault would keep the process for ever.
    if tokio::time::timeout(STOP_GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were still open at the end");
    }
}

fn serve(stream: TcpStream, routes: Router, graceful: &GracefulShutdown) {
    // Answers are small; waiting to fill a packet only adds delay.
    let _ = stream.set_nodelay(true);
    let service = tower::service_fn(move |request: http::Request<hyper::body::Incoming>| {
        let routes = routes.clone();
        async move { hang_up_if_asked(routes.oneshot(request.map(Body::new)).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "connection ended");
        }
    });
}

fn hang_up_if_asked(response: Result<Response, Infallible>) -> io::Result<Response> {
    let Ok(response) = response;
    match response.extensions().get::<HangUp>() {
        Some(HangUp) => Err(io::Error::other("hung up on purpose")),
        None => Ok(response),
    }
}

/// A response that closes the connection instead of being sent.
pub(crate) fn hang_up() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.extensions_mut().insert(HangUp);
    response
}

/// A JSON document as a response.
pub(crate) fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}
