//! The client for webhooks: no redirects, no proxy, and in live mode no private address, not even behind a name.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use thiserror::Error;

use crate::address::is_private;

/// Builds the client; `guarded` refuses private addresses at connect time.
///
/// # Errors
/// When the TLS roots of this machine cannot be read.
pub(super) fn client(guarded: bool) -> Result<reqwest::Client, reqwest::Error> {
    let guard = Guard { look_up: look_up_by_system, is_public: |ip| !is_private(ip) };
    build(guarded.then_some(guard))
}

fn build(guard: Option<Guard>) -> Result<reqwest::Client, reqwest::Error> {
    let builder = reqwest::Client::builder()
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")));
    let builder = match guard {
        Some(guard) => builder.dns_resolver(Arc::new(guard)),
        None => builder,
    };
    builder.build()
}

/// Nothing but private addresses stand behind the name.
#[derive(Debug, Error)]
#[error("the name has no public address")]
pub(super) struct NotPublic;

/// Resolves names to public addresses only. The connection is made to an address that was judged here, in the same
/// moment: a name that answers differently the next time gains nothing. Literal addresses never come here; they are
/// judged when the configuration is read.
#[derive(Clone, Copy)]
struct Guard {
    look_up: fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>>,
    is_public: fn(IpAddr) -> bool,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = *self;
        Box::pin(async move {
            let mut found = (guard.look_up)(name.as_str().to_owned()).await?;
            found.retain(|address| (guard.is_public)(address.ip()));
            if found.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

fn look_up_by_system(name: String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
    Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// Answers every request with 204; gives how many connections there were.
    async fn answering(address: &str) -> (u16, Arc<AtomicU32>) {
        let listener = TcpListener::bind(address).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&connections);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                counted.fetch_add(1, Ordering::SeqCst);
                // One read is enough for a request that has no body.
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await;
            }
        });
        (port, connections)
    }

    fn at(addresses: &[[u8; 4]]) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        let found = addresses.iter().map(|octets| SocketAddr::from((*octets, 0))).collect();
        Box::pin(async move { Ok(found) })
    }

    /// In these tests 127.0.0.2 plays the public address.
    fn plays_public(ip: IpAddr) -> bool {
        ip == IpAddr::from([127, 0, 0, 2])
    }

    fn guarded(look_up: fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>>) -> reqwest::Client {
        let _ = rustls::crypto::ring::default_provider().install_default();
        build(Some(Guard { look_up, is_public: plays_public })).unwrap()
    }

    #[tokio::test]
    async fn a_name_for_this_machine_is_not_reached_in_live_mode() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (port, connections) = answering("127.0.0.1:0").await;
        let url = format!("http://localhost:{port}/");
        let error = client(true).unwrap().post(&url).send().await.unwrap_err();
        assert!(error.is_connect(), "{error:?}");
        let failure = super::super::failure::Failure::unreachable(error);
        assert_eq!(failure.kind, super::super::failure::Kind::Private);
        assert!(failure.text.contains("no public address") && !failure.text.contains(&port.to_string()));
        assert_eq!(connections.load(Ordering::SeqCst), 0);
        assert_eq!(client(false).unwrap().post(&url).send().await.unwrap().status(), 204);
    }

    #[tokio::test]
    async fn of_mixed_addresses_only_the_public_ones_are_reached() {
        let (port, private) = answering("127.0.0.1:0").await;
        let (_, public) = answering(&format!("127.0.0.2:{port}")).await;
        let client = guarded(|_| at(&[[127, 0, 0, 1], [10, 0, 0, 1], [127, 0, 0, 2]]));
        assert_eq!(client.post(format!("http://shop.example:{port}/")).send().await.unwrap().status(), 204);
        assert_eq!((private.load(Ordering::SeqCst), public.load(Ordering::SeqCst)), (0, 1));
    }

    #[tokio::test]
    async fn a_name_that_answers_differently_the_next_time_gains_nothing() {
        static ASKED: AtomicU32 = AtomicU32::new(0);
        let (port, private) = answering("127.0.0.1:0").await;
        let (_, public) = answering(&format!("127.0.0.2:{port}")).await;
        // Public when it is asked first, private ever after.
        let client = guarded(|_| match ASKED.fetch_add(1, Ordering::SeqCst) {
            0 => at(&[[127, 0, 0, 2]]),
            _ => at(&[[127, 0, 0, 1]]),
        });
        let url = format!("http://shop.example:{port}/");
        assert_eq!(client.post(&url).send().await.unwrap().status(), 204);
        assert_eq!(ASKED.load(Ordering::SeqCst), 1, "asked once for one connection");
        assert!(client.post(&url).send().await.is_err_and(|error| error.is_connect()));
        assert_eq!((private.load(Ordering::SeqCst), public.load(Ordering::SeqCst)), (0, 1));
    }
}
