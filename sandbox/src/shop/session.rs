//! Who is visiting: a cookie that only this backend reads, so that each visitor sees their own orders.
//!
//! A real shop has a login behind it, and knows by it who the payer is.

use std::fmt;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::Shop;

const ID_BYTES: usize = 16;
const LIFETIME_S: u32 = 7 * 24 * 60 * 60;

/// One visitor's session. Whoever has its id is the visitor, so it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Session(String);

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Session {
    fn new() -> Self {
        Self(unguessable())
    }

    fn from_cookies(headers: &HeaderMap, name: &str) -> Option<Self> {
        let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        let values = cookies.flat_map(|line| line.split(';')).filter_map(|pair| {
            let (found, value) = pair.trim().split_once('=')?;
            (found == name).then_some(value)
        });
        values.into_iter().find(|value| is_id(value)).map(|value| Self(value.to_owned()))
    }
}

/// 128 random bits as hex: for a session, or for the key of an order.
pub(super) fn unguessable() -> String {
    let bytes: [u8; ID_BYTES] = rand::random();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_id(text: &str) -> bool {
    text.len() == 2 * ID_BYTES && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// How the cookie is written.
pub(super) struct SessionCookie {
    over_https: bool,
}

impl SessionCookie {
    pub(super) fn new(public_url: &str) -> Self {
        Self { over_https: public_url.starts_with("https:") }
    }

    /// With the prefix a browser takes the cookie only from this very host, over https.
    fn name(&self) -> &'static str {
        if self.over_https { "__Host-shop_session" } else { "shop_session" }
    }

    /// `Lax`, because the payer comes back from the gateway's site and must be recognised then.
    fn set(&self, session: &Session) -> Option<HeaderValue> {
        let secure = if self.over_https { "; Secure" } else { "" };
        let (name, id) = (self.name(), &session.0);
        let text = format!("{name}={id}; Path=/; Max-Age={LIFETIME_S}; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::try_from(text).ok()
    }
}

/// Recognises the visitor, or makes a new session and hands out its cookie.
pub(super) async fn recognise(State(shop): State<Arc<Shop>>, mut request: Request, next: Next) -> Response {
    let known = Session::from_cookies(request.headers(), shop.session_cookie.name());
    let is_new = known.is_none();
    let session = known.unwrap_or_else(Session::new);
    request.extensions_mut().insert(session.clone());
    let mut response = next.run(request).await;
    if let Some(cookie) = shop.session_cookie.set(&session).filter(|_| is_new) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cookie: &'static str) -> Option<Session> {
        let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(cookie))]);
        Session::from_cookies(&headers, "shop_session")
    }

    #[test]
    fn a_session_is_found_among_other_cookies_and_nothing_else_is_taken_for_one() {
        let id = "0123456789abcdef0123456789abcdef";
        let found = read("a=b; shop_session=0123456789abcdef0123456789abcdef; c=d");
        assert_eq!(found, Some(Session(id.to_owned())));
        for cookie in ["shop_session=short", "shop_session=0123456789ABCDEF0123456789ABCDEF", "a=b", ""] {
            assert_eq!(read(cookie), None, "{cookie}");
        }
    }

    #[test]
    fn over_https_the_cookie_stays_there() {
        let session = Session::new();
        let text = |url: &str| {
            let value = SessionCookie::new(url).set(&session).expect("plain ASCII");
            value.to_str().expect("plain ASCII").to_owned()
        };
        let safe = text("https://tea.example");
        assert!(safe.starts_with("__Host-shop_session=") && safe.ends_with("; Secure"), "{safe}");
        let plain = text("http://127.0.0.1:8789");
        assert!(plain.starts_with("shop_session=") && !plain.contains("Secure"), "{plain}");
        assert!([safe, plain].iter().all(|cookie| cookie.contains("; HttpOnly; SameSite=Lax")));
    }

    #[test]
    fn no_two_sessions_are_the_same_and_none_is_printed() {
        let (one, other) = (Session::new(), Session::new());
        assert!(one != other && is_id(&one.0));
        assert_eq!(format!("{one:?}"), "***");
    }
}
