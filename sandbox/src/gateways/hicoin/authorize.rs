//! The authorise page: silent inside the app, refused outside of it.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;

use super::Hicoin;
use crate::gateways::clock;
use crate::gateways::endpoint::fault_of_page;
use crate::gateways::language::Language;
use crate::gateways::message::Fields;
use crate::gateways::notification::{form_encoded, with_query};
use crate::gateways::page::{Page, found, web_address};
use crate::gateways::world::{Gateway, World};

const GATEWAY: Gateway = Gateway::Hicoin;
const STATE_CHARS_MAX: usize = 128;

/// `GET connect/oauth/authorize?…#wallet_redirect`; the fragment stays with the browser.
pub(super) async fn authorize(
    State(world): State<Arc<World>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if let Some(response) = fault_of_page(&world, GATEWAY, "authorize").await {
        return response;
    }
    let query = query.unwrap_or_default();
    let asked = Fields::from_form(&query).unwrap_or_default();
    let answer = world.hicoin.authorised(&asked);
    let refused = answer.as_ref().err().map(|(what, _)| format!("authorize: {what}"));
    world.journal.record_page((GATEWAY, "authorize"), &query, refused);
    match answer {
        Ok(place) => found(&place),
        Err((what, text)) => Page::error(GATEWAY, Language::of(&headers), what, text).into_response(),
    }
}

impl Hicoin {
    /// Where the browser goes on to, with a code; or what is wrong, and the text that the page shows.
    fn authorised(&self, asked: &Fields) -> Result<String, (&'static str, &'static str)> {
        let settings = self.settings.get();
        if !settings.inside_app {
            return Err(("outside", "请在APP中访问此页面"));
        }
        let text = |name| asked.text(name).unwrap_or("");
        if text("app_id") != self.config.app_id {
            return Err(("app_id", "无效的app_id"));
        }
        let redirect_uri = text("redirect_uri");
        let invalid = ("redirect_uri", "无效的redirect_uri");
        let url = web_address(redirect_uri).ok_or(invalid)?;
        let domain = format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
        if settings.redirect_domain.is_some_and(|registered| registered != domain) {
            return Err(invalid);
        }
        if text("response_type") != "code" {
            return Err(("response_type", "无效的response_type"));
        }
        if text("scope") != "snsapi_base" {
            return Err(("scope", "无效的scope"));
        }
        let state = text("state");
        let plain = state.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if state.is_empty() || state.len() > STATE_CHARS_MAX || !plain {
            return Err(("state", "无效的state"));
        }
        let code = self.tokens.users.give_code(&settings.openid, settings.code_lifetime_s, clock::now());
        Ok(with_query(redirect_uri, &format!("code={code}&state={}", form_encoded(state))))
    }
}
