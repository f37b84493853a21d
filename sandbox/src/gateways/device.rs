//! What a payer opens a page with, as far as the browser says.

use http::HeaderMap;
use http::header::{REFERER, USER_AGENT};
use url::Url;

/// The looks of a browser to a web page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Device {
    /// The browser inside the WeChat app.
    WeChat,
    Phone,
    Desktop,
}

impl Device {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("");
        if agent.contains("MicroMessenger") {
            Self::WeChat
        } else if ["Mobile", "Android", "iPhone", "iPad"].iter().any(|token| agent.contains(token)) {
            Self::Phone
        } else {
            Self::Desktop
        }
    }
}

/// Host and port of the page that led here, when the browser tells.
pub(crate) fn referring_host(headers: &HeaderMap) -> Option<String> {
    let referrer = Url::parse(headers.get(REFERER)?.to_str().ok()?).ok()?;
    let host = referrer.host_str()?;
    Some(referrer.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_browser_is_known_by_its_user_agent() {
        let of = |agent: &'static str| {
            Device::of(&[(USER_AGENT, HeaderValue::from_static(agent))].into_iter().collect())
        };
        assert_eq!(of("Mozilla/5.0 (iPhone) Mobile/15E148 MicroMessenger/8.0.49"), Device::WeChat);
        assert_eq!(of("Mozilla/5.0 (Linux; Android 14) Mobile Safari/537.36"), Device::Phone);
        assert_eq!(of("Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0"), Device::Desktop);
        assert_eq!(Device::of(&HeaderMap::new()), Device::Desktop);
    }

    #[test]
    fn the_referring_host_has_its_port() {
        let headers =
            [(REFERER, HeaderValue::from_static("http://127.0.0.1:8789/x?y"))].into_iter().collect();
        assert_eq!(referring_host(&headers).as_deref(), Some("127.0.0.1:8789"));
        assert_eq!(referring_host(&HeaderMap::new()), None);
    }
}
