//! How the merchant's webhook endpoint fares, and turning it on again.

use url::Url;

use super::{App, AppError};
use crate::clock::{self, UnixMs};
use crate::ledger::Endpoint;
use crate::store::Backlog;

/// The endpoint in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndpointState {
    /// It takes events, as far as anybody knows.
    Ok,
    /// Nothing gets through.
    Failing,
    /// It said `410 Gone`.
    Disabled,
    /// There is no address.
    None,
}

impl EndpointState {
    /// Every word, for metrics.
    pub(crate) const ALL: [Self; 4] = [Self::Ok, Self::Failing, Self::Disabled, Self::None];

    /// The word.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failing => "failing",
            Self::Disabled => "disabled",
            Self::None => "none",
        }
    }
}

/// What there is to say about the endpoint.
#[derive(Clone, Debug)]
pub(crate) struct EndpointReport {
    pub(crate) state: EndpointState,
    /// The address, without what may be secret in it.
    pub(crate) url: Option<String>,
    pub(crate) endpoint: Endpoint,
    pub(crate) backlog: Backlog,
    /// When this was true.
    pub(crate) now_ms: UnixMs,
}

impl App {
    /// How the endpoint fares.
    pub(crate) async fn webhook_endpoint(&self) -> Result<EndpointReport, AppError> {
        let (endpoint, backlog) = self.store().endpoint().await?;
        let url = self.0.parts.webhook_url.as_ref().map(bare);
        let state = match &url {
            None => EndpointState::None,
            Some(_) if endpoint.disabled_at_ms.is_some() => EndpointState::Disabled,
            Some(_) if endpoint.failing => EndpointState::Failing,
            Some(_) => EndpointState::Ok,
        };
        Ok(EndpointReport { state, url, endpoint, backlog, now_ms: clock::now_ms() })
    }

    /// Turns it on again, and sends what waits.
    pub(crate) async fn enable_webhook_endpoint(&self) -> Result<EndpointReport, AppError> {
        if self.0.parts.webhook_url.is_some() {
            self.store().enable_endpoint(clock::now_ms()).await?;
            tracing::info!("the webhook endpoint was turned on by the merchant");
        }
        self.webhook_endpoint().await
    }
}

/// Scheme, host, port and path: a user, a password or a token in the query is nobody's business.
fn bare(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_no_secret_of_the_address() {
        let url = Url::parse("https://user:canary@shop.example:8443/hooks/a?token=canary#canary").unwrap();
        assert_eq!(bare(&url), "https://shop.example:8443/hooks/a");
    }
}
