//! The signer that runs on the ledger, asked through its own HTTP interface.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use countersign_core::{PaymentStatus, Problem, Review};
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::place::{Answer, Page};
use crate::app::Said;
use crate::config::Settings;
use crate::secret::Secret;

/// Asking a gateway may take the signer several calls.
const TIMEOUT: Duration = Duration::from_secs(120);
/// The header of `sync`'s answer that says what came of asking.
const GATEWAY_WORD: &str = "x-gateway-word";

/// A client of it, with the first key of the configuration.
pub(super) struct Running {
    base: Url,
    key: Secret,
    client: reqwest::Client,
}

/// As much of a payment as is told of it here.
#[derive(Deserialize)]
struct Asked {
    status: PaymentStatus,
    review: Option<Review>,
}

impl Running {
    /// At the address that the ledger's holder left behind, else at the configured one.
    ///
    /// # Errors
    /// In words.
    pub(super) fn at(by: Option<&str>, settings: &Settings) -> Result<Self, String> {
        let base = match by {
            Some(url) if url.starts_with("http") => url.to_owned(),
            Some(address) => format!("http://{address}"),
            None => format!("http://{}", reachable(settings.server.listen)),
        };
        let base = Url::parse(&base).map_err(|e| format!("the running signer's address {base}: {e}"))?;
        let key = settings.api_keys.first().ok_or("no key is configured")?.key.clone();
        let client = reqwest::Client::builder().no_proxy().redirect(Policy::none()).timeout(TIMEOUT);
        Ok(Self { base, key, client: client.build().map_err(|e| e.to_string())? })
    }

    /// Payments with this status, newest first.
    pub(super) async fn page(
        &self,
        status: PaymentStatus,
        account: Option<&str>,
        after: Option<&str>,
    ) -> Result<Page, String> {
        let mut url = self.url(&["v1", "payments"]);
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("limit", "100").append_pair("status", status.as_str());
            for (name, value) in [("account", account), ("after", after)] {
                if let Some(value) = value {
                    query.append_pair(name, value);
                }
            }
        }
        self.read(self.client.get(url)).await.map(|(page, _)| page)
    }

    /// Lets the signer ask about one payment.
    pub(super) async fn ask(&self, id: &str) -> Result<Answer, String> {
        let url = self.url(&["v1", "payments", id, "sync"]);
        let (asked, word): (Asked, _) = self.read(self.client.post(url)).await?;
        let review = asked.review.map(|review| review.reason);
        Ok(Answer { status: asked.status, review, said: said(word.as_deref()) })
    }

    fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        url.set_path(&segments.join("/"));
        url
    }

    async fn read<T: DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<(T, Option<String>), String> {
        let whom = format!("the signer at {}", self.base);
        let response = request.bearer_auth(self.key.expose()).send().await;
        let response = response.map_err(|e| format!("{whom}: {}", e.without_url()))?;
        let status = response.status();
        let word = response.headers().get(GATEWAY_WORD).and_then(|word| word.to_str().ok());
        let word = word.map(str::to_owned);
        let body = response.bytes().await.map_err(|e| format!("{whom}: {}", e.without_url()))?;
        if !status.is_success() {
            let problem = serde_json::from_slice::<Problem>(&body).map(|problem| problem.detail);
            return Err(problem.unwrap_or_else(|_| format!("{whom} answered {status}")));
        }
        let read =
            serde_json::from_slice(&body).map_err(|e| format!("{whom} answered something else: {e}"))?;
        Ok((read, word))
    }
}

/// What the header says; the words are those of [`Said`].
fn said(word: Option<&str>) -> Said {
    match word.and_then(|text| text.split_once(' ')) {
        Some(("told", word)) => Said::Told(word.to_owned().into()),
        Some((_, reason)) => Said::NotTold(reason.to_owned()),
        None => Said::Nothing,
    }
}

/// An address that listens on every interface is reached on loopback.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let mut address = listen;
    if listen.ip().is_unspecified() {
        address.set_ip(match listen.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_says_what_came_of_asking() {
        assert_eq!(said(None), Said::Nothing);
        assert_eq!(said(Some("told not paid yet")), Said::Told("not paid yet".into()));
        assert_eq!(
            said(Some("not-told the gateway was silent")),
            Said::NotTold("the gateway was silent".into())
        );
    }

    #[test]
    fn a_signer_that_listens_everywhere_is_reached_here() {
        assert_eq!(reachable("0.0.0.0:8787".parse().unwrap()).to_string(), "127.0.0.1:8787");
        assert_eq!(reachable("[::]:1".parse().unwrap()).to_string(), "[::1]:1");
        assert_eq!(reachable("192.0.2.1:1".parse().unwrap()).to_string(), "192.0.2.1:1");
    }
}
