//! What a request tells of the place where the payer confirms.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use countersign_core::{Environment, MethodType};
use http::header::{REFERER, USER_AGENT};
use http::request::Parts;
use url::Url;

use super::router::Edge;
use super::serve::Peer;
use crate::app::Circumstances;

/// The payer's address, page and browser, as far as the request shows them.
#[derive(Debug)]
pub(super) struct Seen {
    payer_address: Option<IpAddr>,
    page_url: Option<String>,
    handheld: bool,
}

impl Seen {
    /// The circumstances, with what the page says of its environment; else a guess by the browser's name, which tells
    /// phones from computers and refuses nobody.
    pub(super) fn circumstances(self, said: Option<Environment>, method: MethodType) -> Circumstances {
        let guess = if self.handheld { Environment::Mobile } else { Environment::Desktop };
        let guess = Some(guess).filter(|guess| guess.rules_out(method).is_none());
        let Self { payer_address, page_url, .. } = self;
        Circumstances { environment: said.or(guess), payer_address, page_url }
    }
}

impl FromRequestParts<Edge> for Seen {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Infallible> {
        let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let agent = header(USER_AGENT).unwrap_or_default();
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0);
        // The last entry is the one that our own proxy wrote; those before it anybody can make up.
        let forwarded = edge.client_address_header.as_ref().and_then(|name| {
            let values = parts.headers.get_all(name).iter().next_back()?.to_str().ok()?;
            values.rsplit(',').next()?.trim().parse().ok()
        });
        Ok(Self {
            payer_address: forwarded.or(peer),
            page_url: header(REFERER).and_then(|page| allowed_page(page, &edge.allowed_origins)),
            handheld: ["Mobile", "Android", "iPhone", "iPad"].iter().any(|token| agent.contains(token)),
        })
    }
}

/// A page of an allowed origin, without its fragment and else to the byte: it is signed as the browser writes it.
fn allowed_page(page: &str, allowed_origins: &Arc<[String]>) -> Option<String> {
    let origin = Url::parse(page).ok()?.origin().ascii_serialization();
    let allowed = allowed_origins.iter().any(|allowed| allowed == "*" || *allowed == origin);
    allowed.then(|| page.split('#').next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_allowed_origins_are_signed_for() {
        let allowed: Arc<[String]> = vec!["https://shop.example".to_owned()].into();
        let page = |text| allowed_page(text, &allowed);
        assert_eq!(page("https://shop.example/pay?a=1#x").as_deref(), Some("https://shop.example/pay?a=1"));
        assert_eq!(page("https://evil.example/pay"), None);
        assert_eq!(page("nonsense"), None);
    }
}
