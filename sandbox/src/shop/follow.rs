//! The order page's live view: server-sent events that carry a visitor's orders, whole, whenever one of them changed.
//!
//! Every message is the present state, so nothing is lost with a message that did not arrive: the first one after a
//! reconnect says it all, and a slow reader gets the newest state instead of a queue of old ones.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::watch;

use super::Shop;
use super::error::ShopError;
use super::orders::News;
use super::session::Session;

/// A browser has six connections to a host over HTTP/1.1, and the pages need some for other things.
const OF_A_VISITOR_MAX: usize = 4;
const OF_ALL_MAX: usize = 256;

/// A page that hears nothing for longer than this knows that its connection is gone.
const ALIVE_EVERY: Duration = Duration::from_secs(10);
const RECONNECT_AFTER: Duration = Duration::from_secs(1);

/// Follows all orders of a visitor.
pub(super) async fn all(
    State(shop): State<Arc<Shop>>,
    Extension(visitor): Extension<Session>,
) -> Result<Response, ShopError> {
    follow(shop, visitor, None)
}

/// Follows one order of a visitor.
pub(super) async fn one(
    State(shop): State<Arc<Shop>>,
    Extension(visitor): Extension<Session>,
    Path(order_id): Path<String>,
) -> Result<Response, ShopError> {
    shop.orders.find(&visitor, &order_id)?;
    follow(shop, visitor, Some(order_id))
}

fn follow(shop: Arc<Shop>, visitor: Session, only: Option<String>) -> Result<Response, ShopError> {
    let seat = shop.followers.admit(&visitor).ok_or(ShopError::TooManyFollowers)?;
    let news = shop.orders.news();
    let follower = Follower { shop, visitor, only, news, seen: None, _seat: seat };
    let alive = KeepAlive::new().interval(ALIVE_EVERY).event(Event::default().event("alive").data(""));
    Ok(Sse::new(stream::unfold(follower, Follower::next)).keep_alive(alive).into_response())
}

/// One open page.
struct Follower {
    shop: Arc<Shop>,
    visitor: Session,
    only: Option<String>,
    news: watch::Receiver<News>,
    /// The version up to which the page has been told; none before its first message.
    seen: Option<u64>,
    _seat: Seat,
}

impl Follower {
    /// The next message: `all` at first, then `changed`, both a list of whole orders, newest first. The end when the
    /// shop closes.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            if self.news.borrow_and_update().closing {
                return None;
            }
            let only = self.only.as_deref();
            let (version, orders) = self.shop.orders.changed(&self.visitor, only, self.seen.unwrap_or(0));
            let name = if self.seen.is_none() { "all" } else { "changed" };
            if self.seen.is_none() || !orders.is_empty() {
                self.seen = Some(version);
                let message = Event::default().event(name).retry(RECONNECT_AFTER).json_data(&orders);
                return message.ok().map(|message| (Ok(message), self));
            }
            self.news.changed().await.ok()?;
        }
    }
}

/// Who follows just now, so that nobody can take all connections.
#[derive(Clone, Default)]
pub(super) struct Followers(Arc<Mutex<Vec<Session>>>);

impl Followers {
    fn admit(&self, visitor: &Session) -> Option<Seat> {
        let mut seated = self.seated();
        let of_visitor = seated.iter().filter(|other| *other == visitor).count();
        if of_visitor >= OF_A_VISITOR_MAX || seated.len() >= OF_ALL_MAX {
            return None;
        }
        seated.push(visitor.clone());
        Some(Seat { followers: self.clone(), visitor: visitor.clone() })
    }

    fn seated(&self) -> MutexGuard<'_, Vec<Session>> {
        // A list of who is there is never half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among the followers; free again when the stream ends, however it does.
struct Seat {
    followers: Followers,
    visitor: Session,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seated = self.followers.seated();
        if let Some(index) = seated.iter().position(|other| *other == self.visitor) {
            seated.swap_remove(index);
        }
    }
}
