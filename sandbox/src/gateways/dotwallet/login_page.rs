//! The login page: the user of the wallet lets a merchant know who they are, or does not.

use std::sync::Arc;

use axum::extract::{Form, Query, RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;

use super::DotWallet;
use super::codes::refusal;
use super::consent_page::Parameters;
use super::settings::{Joined, Login};
use crate::gateways::clock;
use crate::gateways::endpoint::{Refusal, fault_of_page};
use crate::gateways::language::Language;
use crate::gateways::notification::with_query;
use crate::gateways::page::{Page, button, buttons, found, go_to};
use crate::gateways::world::{Gateway, World};

const GATEWAY: Gateway = Gateway::DotWallet;

/// `GET get_code?app_id=&redirect_uri=`
pub(super) async fn show(
    State(world): State<Arc<World>>,
    RawQuery(raw): RawQuery,
    Query(query): Query<Parameters>,
    headers: HeaderMap,
) -> Response {
    if let Some(response) = fault_of_page(&world, GATEWAY, "get_code").await {
        return response;
    }
    let (wallet, language) = (&world.dotwallet, Language::of(&headers));
    let checked = wallet.check_login(&query);
    let refused = checked.as_ref().err().map(|refusal| format!("{}: {}", refusal.code, refusal.message));
    world.journal.record_page((GATEWAY, "get_code"), &raw.unwrap_or_default(), refused);
    match (checked, wallet.settings.get().login) {
        (Err(refused), _) => error_page(&refused, language).into_response(),
        (Ok(redirect_uri), Login::Authorize) => {
            found(&wallet.with_code(&redirect_uri, &wallet.config.user_open_id))
        }
        (Ok(redirect_uri), Login::Refuse) => found(&redirect_uri),
        (Ok(_), Login::Page) => wallet.login_page(language).into_response(),
    }
}

/// The user has pressed a button; both lead to `redirect_uri`.
pub(super) async fn decide(
    State(world): State<Arc<World>>,
    Query(query): Query<Parameters>,
    headers: HeaderMap,
    Form(form): Form<Parameters>,
) -> Response {
    let wallet = &world.dotwallet;
    let redirect_uri = match wallet.check_login(&query) {
        Ok(redirect_uri) => redirect_uri,
        Err(refused) => return error_page(&refused, Language::of(&headers)).into_response(),
    };
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    let user = match field("user") {
        "" => &wallet.config.user_open_id,
        user => user,
    };
    if field("decision") == "authorize" {
        go_to(&wallet.with_code(&redirect_uri, user))
    } else {
        go_to(&redirect_uri)
    }
}

fn error_page(refused: &Refusal, language: Language) -> Page {
    Page::error(GATEWAY, language, &refused.code.to_string(), &refused.message)
}

impl DotWallet {
    /// Checks who asks and where the browser is to go afterwards.
    fn check_login(&self, query: &Parameters) -> Result<String, Refusal> {
        let field = |name| query.get(name).map_or("", String::as_str);
        match field("app_id") {
            "" => return Err(refusal(10010)),
            app_id if app_id != self.config.app_id => return Err(refusal(10012)),
            _ => {}
        }
        let redirect_uri = match field("redirect_uri") {
            "" => return Err(refusal(10011)),
            redirect_uri => redirect_uri,
        };
        match self.is_registered(redirect_uri) {
            None => Err(refusal(10013)),
            Some(false) => Err(refusal(10003)),
            Some(true) => Ok(redirect_uri.to_owned()),
        }
    }

    /// The address with a new code behind it.
    fn with_code(&self, redirect_uri: &str, user: &str) -> String {
        let settings = self.settings.get();
        let code = self.grants.give_code(user, settings.code_lifetime_s, clock::now());
        match settings.code_joined {
            Joined::Query => with_query(redirect_uri, &format!("code={code}")),
            Joined::QuestionMark => format!("{redirect_uri}?code={code}"),
            Joined::Slash => format!("{redirect_uri}/?code={code}"),
        }
    }

    fn login_page(&self, language: Language) -> Page {
        let text = language.of_two(
            "This app asks who you are. It learns your number at the wallet and your limits.",
            "该应用申请获取您的钱包身份与小额支付额度。",
        );
        let row = buttons(&[
            button("authorize", language.of_two("Sign in and allow", "登录并授权"), true),
            button("refuse", language.of_two("Refuse", "拒绝"), false),
        ]);
        Page::new(GATEWAY, language, language.of_two("Sign in with DotWallet", "使用打点钱包登录"))
            .paragraph(text)
            .facts(&[(language.of_two("App", "应用"), &self.config.app_id)])
            .form(&[self.users(language), row].concat())
    }
}
