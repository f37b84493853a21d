//! BlueOcean (蓝海支付), the second dialect inside the Jubao document: WeChat, Alipay and UnionPay in twelve ways.

mod bridge;
mod calls;
mod config;
#[cfg(test)]
mod contradictions;
mod errors;
mod methods;
mod mistakes;
mod next_action;
mod notify;
mod refund;
#[cfg(test)]
mod rehearsal;
mod sign;
mod ticket;
mod wire;

#[cfg_attr(doc, doc = include_str!("../../../../docs/gateways/blueocean.md"))]
mod docs {}

use async_trait::async_trait;
use countersign_core::{Currency, FieldError, GatewayId, MethodType};

pub(crate) use config::BlueoceanConfig;
#[cfg(test)]
pub(crate) use config::sample;
use methods::{Need, way};
pub(crate) use mistakes::SIGNING;
use ticket::Ticket;

use super::errors::Row;
use super::notification::{Acknowledgement, Received, Refusal, VerifiedNotification};
use super::order::{Closing, Draft, Order, RefundOrder, Refunds, Sought};
use super::{Gateway, rules};
use crate::ledger::{Claim, RefundClaim};
use crate::upstream::Upstream;

/// The longest order number. Source: BlueOcean payment API document 2.2, `out_trade_no`.
const ORDER_NUMBER_MAX: usize = 32;

/// More digits than any wallet's bar code has.
const BAR_CODE_DIGITS_MAX: usize = 32;

/// Every published code.
pub(crate) const CODES: &[Row] = errors::TABLE;

/// An account at BlueOcean.
pub(crate) struct Blueocean {
    config: BlueoceanConfig,
    currency: Currency,
    upstream: Upstream,
    ticket: Ticket,
}

impl Blueocean {
    /// An account with these settings.
    pub(crate) fn new(config: BlueoceanConfig, currency: Currency, upstream: Upstream) -> Self {
        Self { config, currency, upstream, ticket: Ticket::default() }
    }
}

#[async_trait]
impl Gateway for Blueocean {
    fn id(&self) -> GatewayId {
        GatewayId::Blueocean
    }

    fn currency(&self) -> &Currency {
        &self.currency
    }

    fn offers(&self, method: MethodType) -> bool {
        way(method).is_some()
    }

    fn has_query(&self, _method: MethodType) -> bool {
        true
    }

    fn check(&self, draft: &Draft<'_>) -> Vec<FieldError> {
        let mut found = Vec::new();
        rules::order_number(&mut found, draft.order_id, ORDER_NUMBER_MAX, "-_", "BlueOcean");
        for need in way(draft.method.kind).map_or(&[][..], |way| way.needs) {
            check_need(&mut found, *need, draft);
        }
        found
    }

    async fn submit(&self, order: &Order) -> Claim {
        self.pay(order).await
    }

    async fn query(&self, sought: &Sought) -> Claim {
        self.query_order(sought).await
    }

    fn closing(&self, method: MethodType) -> Closing {
        if method == MethodType::BlueoceanMicropay { Closing::Reversal } else { Closing::Unpaid }
    }

    async fn close(&self, sought: &Sought) -> Claim {
        let path = match self.closing(sought.order.method.kind) {
            Closing::Reversal => "/order/reverse",
            Closing::Unpaid | Closing::No => "/order/close",
        };
        self.end_order(path, sought).await
    }

    fn refunds(&self, method: MethodType) -> Refunds {
        let maybe_alipay = way(method).is_some_and(|way| way.maybe_alipay);
        if maybe_alipay && !self.config.alipay_partial_refunds { Refunds::Whole } else { Refunds::Parts }
    }

    async fn refund(&self, refund: &RefundOrder) -> RefundClaim {
        self.send_refund(refund).await
    }

    async fn query_refund(&self, refund: &RefundOrder) -> RefundClaim {
        self.look_for_refund(refund).await
    }

    fn verify(&self, received: &Received<'_>) -> Result<VerifiedNotification, Refusal> {
        notify::verify(&self.config, &self.currency, received)
    }

    fn acknowledgement(&self, taken: bool) -> Acknowledgement {
        Acknowledgement::text(if taken { "SUCCESS" } else { "FAIL" })
    }
}

fn check_need(found: &mut Vec<FieldError>, need: Need, draft: &Draft<'_>) {
    let method = draft.method;
    match need {
        Need::SubAppid => {
            let why = "the number of your WeChat application, wx…, is required by this method";
            rules::required(found, "method.sub_appid", method.sub_appid.as_deref(), why);
        }
        Need::SubOpenid => {
            let why = "the payer's openid in your WeChat application is required by this method";
            rules::required(found, "method.sub_openid", method.sub_openid.as_deref(), why);
        }
        Need::AuthCode => {
            let code = method.auth_code.as_deref();
            let why = "the payer's bar code is required by this method";
            rules::required(found, "method.auth_code", code, why);
            let Some(code) = code.filter(|code| !code.is_empty()) else { return };
            rules::length(found, "method.auth_code", code, BAR_CODE_DIGITS_MAX, "BlueOcean");
            if !code.bytes().all(|b| b.is_ascii_digit()) {
                let detail = "a bar code has digits only";
                found.push(FieldError::new("method.auth_code", "invalid_characters", detail));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::rehearsal::{Rehearsal, json, order, sought};
    use super::*;
    use crate::gateway::scripted::{Scripted, upstream};
    use crate::vectors::wire;
    use MethodType::*;
    use countersign_core::{Method, NextAction};

    fn found(order_id: &str, method: &Method) -> Vec<(String, String)> {
        let gateway = Blueocean::new(sample(), Currency::parse("HKD").unwrap(), upstream());
        let draft =
            Draft { order_id, amount: None, subject: "Tea", description: None, method, return_url: None };
        gateway.check(&draft).into_iter().map(|found| (found.field, found.code)).collect()
    }

    fn misfit(field: &str, code: &str) -> (String, String) {
        (field.to_owned(), code.to_owned())
    }

    #[test]
    fn every_broken_rule_is_named_at_once() {
        let mut jsapi = Method::bare(BlueoceanWechatJsapi);
        jsapi.sub_openid = Some(String::new());
        let expected = [
            misfit("order_id", "too_long"),
            misfit("order_id", "invalid_characters"),
            misfit("method.sub_appid", "required"),
            misfit("method.sub_openid", "required"),
        ];
        assert_eq!(found(&format!("A.{}", "1".repeat(31)), &jsapi), expected);
        let app = Method::bare(BlueoceanWechatApp);
        assert_eq!(found("A1", &app), [misfit("method.sub_appid", "required")]);
        assert_eq!(found(&format!("A_-{}", "1".repeat(29)), &Method::bare(BlueoceanWechatHkJsapi)), []);
        let mut till = Method::bare(BlueoceanMicropay);
        assert_eq!(found("A1", &till), [misfit("method.auth_code", "required")]);
        till.auth_code = Some("1346 0237 0743 6061 95".into());
        assert_eq!(found("A1", &till), [misfit("method.auth_code", "invalid_characters")]);
        till.auth_code = Some("1".repeat(33));
        assert_eq!(found("A1", &till), [misfit("method.auth_code", "too_long")]);
        till.auth_code = Some("288271620985824610".into());
        assert_eq!(found("A1", &till), []);
    }

    #[tokio::test]
    async fn a_till_reverses_and_everything_else_is_closed() {
        for method in MethodType::ALL.iter().filter(|m| m.gateway() == GatewayId::Blueocean) {
            let rehearsal = Rehearsal::with("payment.unknown_code.json").await;
            assert!(rehearsal.gateway.offers(*method) && rehearsal.gateway.has_query(*method));
            rehearsal.gateway.close(&sought(*method, 10)).await;
            let (closing, path) = match method {
                BlueoceanMicropay => (Closing::Reversal, "/order/reverse"),
                _ => (Closing::Unpaid, "/order/close"),
            };
            assert_eq!((rehearsal.gateway.closing(*method), rehearsal.paths()), (closing, vec![path.into()]));
        }
    }

    #[tokio::test]
    async fn where_alipay_may_have_paid_refunds_in_parts_can_be_switched_off() {
        let rehearsal = Rehearsal::saying("{}").await;
        assert_eq!(rehearsal.gateway.refunds(BlueoceanAlipayQrcode), Refunds::Parts);
        let whole = |config: &mut BlueoceanConfig| config.alipay_partial_refunds = false;
        let whole = Rehearsal::set(Scripted::answering(Vec::new()).await, whole).gateway;
        for method in [
            BlueoceanAlipayQrcode,
            BlueoceanAlipayWap,
            BlueoceanAlipayApp,
            BlueoceanMixedQrcode,
            BlueoceanMicropay,
        ] {
            assert_eq!(whole.refunds(method), Refunds::Whole, "{method}");
        }
        for method in [BlueoceanWechatQrcode, BlueoceanWechatJsapi, BlueoceanUnionpayLink] {
            assert_eq!(whole.refunds(method), Refunds::Parts, "{method}");
        }
    }

    /// A gateway and WeChat in one, with an official account, which says of every order what `file` says.
    async fn in_hong_kong(file: &str, page_url: Option<&str>) -> Rehearsal {
        let answer = wire(&format!("blueocean/{file}"));
        let scripted = Scripted::by_path(vec![
            ("/payment/pay", answer.clone()),
            ("/order/query", answer),
            ("/cgi-bin/token", wire("wechat/token.success.json")),
            ("/cgi-bin/ticket/getticket", wire("wechat/getticket.success.json")),
        ])
        .await;
        let wechat = config::sample_official(&scripted.url);
        Rehearsal::set(scripted, |config| {
            config.wechat_official =
                Some(config::WechatOfficial { page_url: page_url.map(Into::into), ..wechat });
        })
    }

    fn page_config(claim: Claim) -> Option<serde_json::Value> {
        match claim {
            Claim::Accepted { next_action: Some(NextAction::WechatHkJsapi { config, .. }), .. } => config,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn the_page_that_calls_the_hong_kong_wallet_is_signed() {
        let mut order = order(BlueoceanWechatHkJsapi, 2);
        let rehearsal = in_hong_kong("payment.wechat.jsapi_hk.success.json", None).await;
        assert_eq!(page_config(rehearsal.gateway.pay(&order).await), None, "no page is known");
        assert_eq!(rehearsal.paths(), ["/payment/pay"]);
        order.circumstances.page_url = Some("https://shop.example/pay?a=1".into());
        let config = page_config(rehearsal.gateway.pay(&order).await).unwrap();
        assert_eq!((&config["beta"], &config["appId"]), (&true.into(), &"wx0000000000000001".into()));
        assert_eq!(config["jsApiList"], serde_json::json!(["getH5PrepayRequest"]));
        assert!(config["timestamp"].as_i64().unwrap() > 1_704_067_200);
        assert_eq!(config["nonceStr"].as_str().unwrap().len(), 16);
        assert_eq!(config["signature"].as_str().unwrap().len(), 40);
        let configured =
            in_hong_kong("payment.wechat.jsapi_hk.success.json", Some("https://shop.example/")).await;
        order.circumstances.page_url = None;
        assert!(page_config(configured.gateway.pay(&order).await).is_some());
    }

    #[tokio::test]
    async fn a_lost_answer_is_made_up_for_by_the_query_once() {
        let rehearsal =
            in_hong_kong("payment.wechat.jsapi_hk.success.json", Some("https://shop.example/")).await;
        let mut hk = sought(BlueoceanWechatHkJsapi, 2);
        assert!(page_config(rehearsal.gateway.query(&hk).await).is_some());
        hk.gateway_order_no = Some(rehearsal::SN.into());
        let again = rehearsal.gateway.query(&hk).await;
        assert!(matches!(again, Claim::Accepted { next_action: None, .. }), "a page is signed once");
        for (kind, value, file) in [
            (BlueoceanWechatQrcode, 10, "wechat.qrcode"),
            (BlueoceanUnionpayLink, 10, "unionpay.link"),
            (BlueoceanWechatMweb, 10, "wechat.mweb"),
            (BlueoceanWechatJsapi, 2, "wechat.jsapi"),
            (BlueoceanAlipayApp, 20, "alipay.app"),
        ] {
            let rehearsal = Rehearsal::with(&format!("payment.{file}.success.json")).await;
            let asked = rehearsal.gateway.query(&sought(kind, value)).await;
            assert_eq!(asked, rehearsal.gateway.submit(&order(kind, value)).await, "{file}");
        }
    }

    #[tokio::test]
    async fn without_a_ticket_the_payload_goes_on_alone() {
        let scripted = Scripted::by_path(vec![
            ("/payment/pay", wire("blueocean/payment.wechat.jsapi_hk.success.json")),
            ("/cgi-bin/token", wire("wechat/token.bad_secret.json")),
        ])
        .await;
        let wechat = config::sample_official(&scripted.url);
        let rehearsal = Rehearsal::set(scripted, |config| config.wechat_official = Some(wechat));
        let mut order = order(BlueoceanWechatHkJsapi, 2);
        order.circumstances.page_url = Some("https://shop.example/pay".into());
        let Claim::Accepted {
            next_action: Some(NextAction::WechatHkJsapi { payload, config: None }), ..
        } = rehearsal.gateway.submit(&order).await
        else {
            panic!("no payload")
        };
        let data = &json("payment.wechat.jsapi_hk.success.json")["data"];
        let jsapi: serde_json::Value = serde_json::from_str(data["jsapi"].as_str().unwrap()).unwrap();
        assert_eq!(payload, jsapi);
    }
}
