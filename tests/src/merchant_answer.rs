//! What a merchant's webhook address may answer, good and bad.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt as _};

/// Between two bytes of an answer that drips.
const DRIP: Duration = Duration::from_millis(100);

/// One answer.
#[derive(Clone, Debug)]
pub enum MerchantAnswer {
    /// This status, and no body.
    Status(u16),
    /// This status with one header.
    With(u16, &'static str, String),
    /// Never any.
    Nothing,
    /// 200, and then a byte now and then, without an end.
    Drip,
    /// 200, and then as much as anybody takes.
    Endless(Poured),
    /// 200, and then the connection breaks.
    BreakOff,
}

/// Whether whoever took an endless answer has had enough.
#[derive(Clone, Debug, Default)]
pub struct Poured(Arc<AtomicBool>);

impl Poured {
    /// Whether the connection was closed.
    pub fn is_over(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Says so when it goes away.
struct Tap(Poured);

impl Drop for Tap {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::SeqCst);
    }
}

impl MerchantAnswer {
    /// Whether the event counts as taken.
    pub(crate) fn is_success(&self) -> bool {
        match self {
            Self::Status(status) | Self::With(status, ..) => (200..300).contains(status),
            Self::Endless(_) => true,
            Self::Nothing | Self::Drip | Self::BreakOff => false,
        }
    }

    /// Gives it.
    pub(crate) async fn give(self) -> Response {
        let status = |code: u16| StatusCode::from_u16(code).expect("a status");
        match self {
            Self::Status(code) => status(code).into_response(),
            Self::With(code, name, value) => (status(code), [(name, value)]).into_response(),
            Self::Nothing => std::future::pending().await,
            Self::Drip => drip().into_response(),
            Self::Endless(poured) => {
                let tap = Tap(poured);
                let pouring = stream::repeat(Bytes::from_static(&[b'x'; 1024]));
                let pouring = pouring.map(move |bytes| {
                    let _open = &tap;
                    Ok::<_, Infallible>(bytes)
                });
                Body::from_stream(pouring).into_response()
            }
            Self::BreakOff => {
                let parts = [Ok(Bytes::from_static(b"so far")), Err(io::Error::other("broken"))];
                Body::from_stream(stream::iter(parts)).into_response()
            }
        }
    }
}

fn drip() -> Body {
    let drops = stream::unfold((), |()| async {
        tokio::time::sleep(DRIP).await;
        Some((Ok::<_, Infallible>(Bytes::from_static(b"x")), ()))
    });
    Body::from_stream(drops)
}
