//! The consent page: the user of the wallet lets a merchant take small amounts, or does not.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;

use super::DotWallet;
use crate::gateways::endpoint::fault_of_page;
use crate::gateways::language::Language;
use crate::gateways::page::{Page, button, buttons, decimal, escaped, go_to, web_address};
use crate::gateways::world::{Gateway, World};

const GATEWAY: Gateway = Gateway::DotWallet;
const BSV_PLACES: u32 = 8;
/// More than all coins that will ever be.
const AMOUNT_MAX_SATOSHI: i64 = 21_000_000 * 100_000_000;

/// Names and values of a query or a form.
pub(super) type Parameters = HashMap<String, String>;

/// `GET set_pay_config?app_id=&redirect_uri=`
pub(super) async fn show(
    State(world): State<Arc<World>>,
    Query(query): Query<Parameters>,
    headers: HeaderMap,
) -> Response {
    if let Some(response) = fault_of_page(&world, GATEWAY, "set_pay_config").await {
        return response;
    }
    let language = Language::of(&headers);
    match world.dotwallet.check(&query) {
        Ok(_) => world.dotwallet.page(language, None).into_response(),
        Err(refused) => refused.page(language).into_response(),
    }
}

/// The user has pressed a button; both lead to `redirect_uri`.
pub(super) async fn decide(
    State(world): State<Arc<World>>,
    Query(query): Query<Parameters>,
    headers: HeaderMap,
    Form(form): Form<Parameters>,
) -> Response {
    let (language, wallet) = (Language::of(&headers), &world.dotwallet);
    let redirect_uri = match wallet.check(&query) {
        Ok(redirect_uri) => redirect_uri,
        Err(refused) => return refused.page(language).into_response(),
    };
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    let user = match field("user") {
        "" => &wallet.config.user_open_id,
        user => user,
    };
    if field("decision") != "continue" {
        wallet.accounts.refuse(user);
        return go_to(&redirect_uri);
    }
    let wishes = (satoshi(field("single_limit")), satoshi(field("total_limit")), satoshi(field("top_up")));
    if let (Some(single), Some(total), Some(top_up)) = wishes
        && single <= total
        && wallet.accounts.agree(user, (single, total), top_up)
    {
        return go_to(&redirect_uri);
    }
    let complaint = language.of_two(
        "Give amounts in BSV, the single limit not above the cumulative one.",
        "请填写以BSV为单位的金额，单笔限额不能大于累计限额。",
    );
    wallet.page(language, Some(complaint)).into_response()
}

/// Why the page is not shown.
enum Refused {
    NoApp,
    App,
    RedirectUri,
}

impl Refused {
    fn page(&self, language: Language) -> Page {
        let (code, text) = match self {
            Self::NoApp => ("10030", "小额支付错误，app_id不能为空，错误码:10030"),
            Self::App => ("10032", "小额支付错误，没有权限，错误码:10032"),
            // The document's own text ends in another number than the code it stands under.
            Self::RedirectUri => ("10003", "小额支付错误，redirect_uri 不合法，错误码:10033"),
        };
        Page::error(GATEWAY, language, code, text)
    }
}

impl DotWallet {
    /// Checks who asks and where the browser is to go afterwards.
    fn check(&self, query: &Parameters) -> Result<String, Refused> {
        match query.get("app_id").map_or("", String::as_str) {
            "" => return Err(Refused::NoApp),
            app_id if app_id != self.config.app_id => return Err(Refused::App),
            _ => {}
        }
        let text = query.get("redirect_uri").ok_or(Refused::RedirectUri)?;
        if self.is_registered(text) == Some(true) { Ok(text.clone()) } else { Err(Refused::RedirectUri) }
    }

    /// Whether an address is on the merchant's registered domain; `None` when it is no address.
    pub(super) fn is_registered(&self, text: &str) -> Option<bool> {
        let url = web_address(text)?;
        let domain = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.unwrap_or_default().to_owned(),
        };
        Some(self.settings.get().callback_domain.is_none_or(|registered| registered == domain))
    }

    fn page(&self, language: Language, complaint: Option<&str>) -> Page {
        let title = language.of_two("Allow automatic payments", "开通小额自动支付");
        let text = language.of_two(
            "This app asks to take small payments from your autopay wallet without asking each time.",
            "该应用申请从您的小额支付钱包自动扣款，无需逐笔确认。",
        );
        let mut page = Page::new(GATEWAY, language, title)
            .paragraph(text)
            .facts(&[(language.of_two("App", "应用"), &self.config.app_id)]);
        if let Some(complaint) = complaint {
            page = page.notice("complaint", "bad", complaint);
        }
        page.form(&self.form(language))
    }

    fn form(&self, language: Language) -> String {
        let account = self.account(&self.config.user_open_id).unwrap_or_default();
        let amount = |id: &str, label: &str, value: i64| {
            let value = decimal(value, BSV_PLACES);
            format!(
                r#"<label for="{id}">{label}</label><input id="{id}" data-testid="{id}" name="{id}" value="{value}" inputmode="decimal" pattern="[0-9]+([.][0-9]{{1,8}})?" required>"#
            )
        };
        [
            self.users(language),
            amount(
                "single_limit",
                language.of_two("Limit of one payment (BSV)", "单笔支付限额 (BSV)"),
                account.single_limit,
            ),
            amount(
                "total_limit",
                language.of_two("Limit of all payments (BSV)", "累计支付限额 (BSV)"),
                account.total_limit,
            ),
            amount(
                "top_up",
                language.of_two("Put into the autopay wallet (BSV)", "转入小额支付钱包 (BSV)"),
                10_000_000,
            ),
            buttons(&[
                button("continue", language.of_two("Continue", "下一步"), true),
                button("refuse", language.of_two("Refuse", "拒绝"), false),
            ]),
        ]
        .concat()
    }

    /// Whose wallet it is. At the real page the user is signed in; here any known one may be chosen.
    pub(super) fn users(&self, language: Language) -> String {
        let options: String = self
            .accounts
            .users()
            .iter()
            .map(|user| {
                let selected = if *user == self.config.user_open_id { " selected" } else { "" };
                format!(r#"<option{selected}>{}</option>"#, escaped(user))
            })
            .collect();
        let label = language.of_two("Signed in as", "当前登录用户");
        format!(
            r#"<label for="user">{label}</label><select id="user" data-testid="user" name="user">{options}</select>"#
        )
    }
}

/// A decimal amount of BSV in satoshi.
fn satoshi(text: &str) -> Option<i64> {
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > BSV_PLACES as usize || !digits(whole) || !digits(part) {
        return None;
    }
    let all = format!("{whole}{part:0<width$}", width = BSV_PLACES as usize);
    all.parse().ok().filter(|amount| *amount <= AMOUNT_MAX_SATOSHI)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_without_rounding() {
        assert_eq!(satoshi("0.1"), Some(10_000_000));
        assert_eq!(satoshi("0.00000001"), Some(1));
        assert_eq!(satoshi(" 21 "), Some(2_100_000_000));
        for text in ["", ".", "-1", "1e3", "0.000000001", "1,5", "21000001"] {
            assert_eq!(satoshi(text), None, "{text}");
        }
    }
}
