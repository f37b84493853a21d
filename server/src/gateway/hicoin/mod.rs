//! Hicoin: USDT and house coins, paid on a page inside the Hicoin application.

mod calls;
mod config;
#[cfg(test)]
mod contradictions;
mod errors;
mod login;
mod mistakes;
mod notify;
mod payout;
mod sign;
mod token;
mod wire;

#[cfg_attr(doc, doc = include_str!("../../../../docs/gateways/hicoin.md"))]
mod docs {}

use async_trait::async_trait;
use countersign_core::{Currency, FieldError, GatewayId, Method, MethodType};
use url::Url;

pub(crate) use config::HicoinConfig;
#[cfg(test)]
pub(crate) use config::sample;
pub(crate) use mistakes::SIGNING;

use self::config::BodyEncoding;
use self::token::BaseToken;
use super::errors::Row;
use super::notification::{Acknowledgement, Received, Refusal, VerifiedNotification};
use super::order::{Draft, Order, RefundOrder, Refunds, Sought};
use super::{Gateway, LoggedIn, LoginError, Tokens, rules};
use crate::ledger::{Claim, RefundClaim};
use crate::upstream::Upstream;

/// Every published code.
pub(crate) const CODES: &[Row] = errors::TABLE;

/// An account at Hicoin.
pub(crate) struct Hicoin {
    config: HicoinConfig,
    currency: Currency,
    upstream: Upstream,
    base_token: BaseToken,
}

impl Hicoin {
    /// An account with these settings.
    pub(crate) fn new(config: HicoinConfig, currency: Currency, upstream: Upstream) -> Self {
        Self { config, currency, upstream, base_token: BaseToken::default() }
    }
}

#[async_trait]
impl Gateway for Hicoin {
    fn id(&self) -> GatewayId {
        GatewayId::Hicoin
    }

    fn currency(&self) -> &Currency {
        &self.currency
    }

    fn offers(&self, method: MethodType) -> bool {
        matches!(method, MethodType::HicoinH5 | MethodType::HicoinJsapi)
    }

    fn has_query(&self, _method: MethodType) -> bool {
        true
    }

    fn check(&self, draft: &Draft<'_>) -> Vec<FieldError> {
        let mut found = Vec::new();
        rules::order_number(&mut found, draft.order_id, 32, "", "Hicoin");
        rules::length(&mut found, "subject", draft.subject, 32, "Hicoin");
        rules::length(&mut found, "description", draft.description.unwrap_or_default(), 64, "Hicoin");
        rules::required(&mut found, "return_url", draft.return_url, "Hicoin sends the payer back there");
        let method = draft.method;
        if method.access_token.is_some() {
            let why = "an access_token is one payer's: give the openid that came with it, or leave both out and the \
                       signer runs Hicoin's login";
            rules::required(&mut found, "method.openid", method.openid.as_deref(), why);
        }
        if self.config.body_encoding == BodyEncoding::Raw {
            check_raw(&mut found, draft);
        }
        found
    }

    async fn submit(&self, order: &Order) -> Claim {
        self.pre_order(order).await
    }

    async fn query(&self, sought: &Sought) -> Claim {
        self.query_order(sought).await
    }

    fn login_page(&self, method: &Method, callback: &Url, nonce: &str) -> Option<String> {
        let known = method.openid.is_some() && method.access_token.is_some();
        (!known).then(|| self.authorize_page(callback, nonce))
    }

    async fn login(&self, code: &str) -> Result<LoggedIn, LoginError> {
        self.redeem(code).await
    }

    async fn read_payer(&self, tokens: &Tokens) -> Result<LoggedIn, LoginError> {
        self.renew(tokens).await
    }

    fn refunds(&self, _method: MethodType) -> Refunds {
        Refunds::Parts
    }

    async fn refund(&self, refund: &RefundOrder) -> RefundClaim {
        self.pay_out(refund).await
    }

    async fn query_refund(&self, refund: &RefundOrder) -> RefundClaim {
        self.transfer_info(refund).await
    }

    fn verify(&self, received: &Received<'_>) -> Result<VerifiedNotification, Refusal> {
        notify::verify(&self.config, received)
    }

    fn acknowledgement(&self, taken: bool) -> Acknowledgement {
        Acknowledgement::text(if taken { "SUCCESS" } else { "FAIL" })
    }
}

/// In a form whose values are not encoded, `&` ends a value, and `+` and `%` mean something else to a host that decodes.
fn check_raw(found: &mut Vec<FieldError>, draft: &Draft<'_>) {
    let method = draft.method;
    for (field, text) in [
        ("subject", Some(draft.subject)),
        ("description", draft.description),
        ("return_url", draft.return_url),
        ("method.openid", method.openid.as_deref()),
        ("method.passback_params", method.passback_params.as_deref()),
    ] {
        if text.is_some_and(|text| text.contains(['&', '+', '%'])) {
            let detail = "no `&`, `+` or `%` at Hicoin while the account's body_encoding is raw";
            found.push(FieldError::new(field, "invalid_characters", detail));
        }
    }
}

/// An account whose hosts are all at `base`.
#[cfg(test)]
fn sample_at(base: &Url) -> Hicoin {
    let config = HicoinConfig { oauth_url: base.clone(), payout_url: base.clone(), ..sample() };
    let currency = Currency::parse("USDT").unwrap();
    Hicoin::new(config, currency, super::scripted::upstream())
}

/// The order of the wire files.
#[cfg(test)]
fn sample_order() -> Order {
    let mut order = super::scripted::order(MethodType::HicoinH5, "H20240101000001", 150_000_000, "USDT");
    (order.subject, order.description) = ("order".into(), Some("order body".into()));
    order.return_url = Some("https://shop.example/r?o=H20240101000001".into());
    order.method.openid = Some("u0000000000000001".into());
    order.method.access_token = Some("t0000000000000000000000000000001".into());
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(encoding: BodyEncoding, change: impl FnOnce(&mut Order)) -> Vec<String> {
        let mut hicoin = sample_at(&Url::parse("http://127.0.0.1:1/").unwrap());
        hicoin.config.body_encoding = encoding;
        let mut order = sample_order();
        change(&mut order);
        let draft = Draft {
            order_id: &order.order_no,
            amount: Some(&order.amount),
            subject: &order.subject,
            description: order.description.as_deref(),
            method: &order.method,
            return_url: order.return_url.as_deref(),
        };
        hicoin.check(&draft).into_iter().map(|e| format!("{} {}", e.field, e.code)).collect()
    }

    #[test]
    fn checks_every_field_rule_at_once() {
        assert!(found(BodyEncoding::Percent, |_| {}).is_empty());
        let broken = found(BodyEncoding::Percent, |order| {
            order.order_no = "H-1".into();
            order.subject = "茶".repeat(33);
            order.description = Some("茶".repeat(65));
            order.return_url = None;
            order.method.openid = None;
        });
        assert_eq!(
            broken,
            [
                "order_id invalid_characters",
                "subject too_long",
                "description too_long",
                "return_url required",
                "method.openid required",
            ]
        );
    }

    #[test]
    fn lengths_count_characters_and_not_bytes() {
        let fits = |order: &mut Order| {
            order.order_no = "A".repeat(32);
            order.subject = "茶".repeat(32);
            order.description = Some("🍵".repeat(64));
        };
        assert!(found(BodyEncoding::Percent, fits).is_empty());
        assert_eq!(found(BodyEncoding::Percent, |o| o.order_no = "A".repeat(33)), ["order_id too_long"]);
    }

    #[test]
    fn a_form_without_encoding_cannot_carry_what_cuts_it() {
        let risky = |order: &mut Order| {
            order.subject = "50% off".into();
            order.description = Some("1 + 1".into());
            order.return_url = Some("https://shop.example/r?a=1&b=2".into());
            order.method.passback_params = Some("a=1&b=2".into());
        };
        assert!(found(BodyEncoding::Percent, risky).is_empty());
        assert!(found(BodyEncoding::Raw, |_| {}).is_empty());
        assert_eq!(
            found(BodyEncoding::Raw, risky),
            [
                "subject invalid_characters",
                "description invalid_characters",
                "return_url invalid_characters",
                "method.passback_params invalid_characters",
            ]
        );
    }

    #[test]
    fn the_signer_logs_in_whoever_comes_without_token_or_openid() {
        let hicoin = sample_at(&Url::parse("https://oauth.hicoin.vip/api").unwrap());
        let callback = Url::parse("https://pay.shop.example/v1/authorize/coin/callback").unwrap();
        let asks = |change: &dyn Fn(&mut Method)| {
            let mut method = sample_order().method;
            change(&mut method);
            hicoin.login_page(&method, &callback, "N").is_some()
        };
        assert!(!asks(&|_| {}));
        assert!(asks(&|m| m.access_token = None));
        assert!(asks(&|m| m.openid = None));
        assert!(asks(&|m| (m.openid, m.access_token) = (None, None)));
    }
}
