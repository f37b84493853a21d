//! Recognises the visitor by a cookie that no script can read. A real shop has its own login here.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::Shop;

/// Whoever has it is the visitor, so it is never printed.
#[derive(Clone)]
pub(crate) struct Session(pub(crate) String);

pub(crate) async fn recognise(State(shop): State<Arc<Shop>>, mut request: Request, next: Next) -> Response {
    let known = from_cookies(request.headers());
    let is_new = known.is_none();
    let session = known.unwrap_or_else(|| Session(format!("{:032x}", rand::random::<u128>())));
    request.extensions_mut().insert(session.clone());
    let mut response = next.run(request).await;
    if is_new {
        // Lax, because the payer comes back from the gateway's site and must be recognised then.
        let secure = if shop.settings.public_url.starts_with("https:") { "; Secure" } else { "" };
        let cookie = format!("shop_session={}; Path=/; HttpOnly; SameSite=Lax{secure}", session.0);
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn from_cookies(headers: &HeaderMap) -> Option<Session> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut values =
        cookies.flat_map(|line| line.split("; ")).filter_map(|pair| pair.strip_prefix("shop_session="));
    let is_id = |id: &&str| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    values.find(is_id).map(|id| Session(id.to_owned()))
}
