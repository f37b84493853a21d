//! The client for webhooks: no redirects, no proxy, and in live mode no private address, not even behind a name.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;

use crate::address::is_private;

/// Builds the client; `guarded` refuses private addresses at connect time.
///
/// # Errors
/// When the TLS roots of this machine cannot be read.
pub(super) fn client(timeout: Duration, guarded: bool) -> Result<reqwest::Client, reqwest::Error> {
    let builder = reqwest::Client::builder()
        .timeout(timeout)
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")));
    let builder = if guarded { builder.dns_resolver(Arc::new(PublicOnly)) } else { builder };
    builder.build()
}

/// Resolves names to public addresses only. Literal addresses never come here; they are judged when the
/// configuration is read.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| !is_private(address.ip())).collect();
            if public.is_empty() {
                return Err("the name has no public address".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_for_this_machine_is_not_reached() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
        let guarded = client(Duration::from_secs(2), true).unwrap();
        assert!(guarded.post(&url).send().await.is_err_and(|e| e.is_connect()));
        let open = client(Duration::from_millis(200), false).unwrap();
        assert!(open.post(&url).send().await.is_err_and(|e| e.is_timeout()));
    }
}
