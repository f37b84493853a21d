//! The calls to Hicoin, and what their answers mean.

use countersign_core::NextAction;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::config::{QueryToken, below};
use super::errors::TABLE;
use super::wire::{Envelope, PreOrder, QueryOrder, TradeStatus};
use super::{Hicoin, Order, Sought, sign};
use crate::gateway::fields::Fields;
use crate::gateway::lenient::{currency, integer};
use crate::gateway::{answer, errors};
use crate::ledger::{Claim, PaidClaim};
use crate::secret::Secret;
use crate::upstream::{Content, UpstreamError};
use crate::{clock, id};

/// Seconds until an order closes; the document fixes it.
const TRADE_TIMEOUT_S: u32 = 600;

impl Hicoin {
    /// Places an order with the payer's token; the answer's number makes the payment page's parts.
    pub(super) async fn pre_order(&self, order: &Order) -> Claim {
        let method = &order.method;
        let message = PreOrder {
            openid: method.openid.as_deref().unwrap_or_default(),
            body: order.description.as_deref().unwrap_or(&order.subject),
            subject: &order.subject,
            out_trade_no: &order.order_no,
            total_amount: order.amount.value(),
            settle_currency: order.amount.currency().as_str(),
            trade_type: "H5",
            trade_timeout_express: TRADE_TIMEOUT_S,
            return_url: order.return_url.as_deref().unwrap_or_default(),
            passback_params: method.passback_params.as_deref(),
        };
        let token = method.access_token.as_deref().unwrap_or_default();
        let biz_content = match serde_json::to_string(&message) {
            Ok(text) => text,
            Err(error) => return Claim::Unknown { reason: error.to_string(), failure: None },
        };
        match self.call("/pay/preOrder", token, biz_content).await {
            Ok((envelope, data)) => self.read_placed(order, &envelope, data.as_ref()),
            Err(UpstreamError::NotSent(_)) => Claim::NotSent,
            Err(UpstreamError::OutcomeUnknown(reason)) => Claim::Unknown { reason, failure: None },
        }
    }

    fn read_placed(&self, order: &Order, envelope: &Envelope, data: Option<&Fields>) -> Claim {
        let trade_no = data.and_then(|data| data.filled("trade_no"));
        let (Some(data), Some(trade_no)) = (data, trade_no) else {
            return errors::claim(errors::failure(TABLE, envelope.code.as_str()));
        };
        if data.get("out_trade_no") != Some(order.order_no.as_str()) {
            return Claim::Unknown { reason: "the answer is for another order".into(), failure: None };
        }
        self.open(trade_no)
    }

    /// The order waits for the payer: the payment page's parts, freshly signed.
    fn open(&self, trade_no: &str) -> Claim {
        let time_stamp = (clock::now_ms() / 1000).to_string();
        let next_action = self.payment_page(trade_no, time_stamp, id::nonce(32));
        Claim::Accepted { gateway_order_no: Some(trade_no.to_owned()), next_action: Some(next_action) }
    }

    /// `package` is encoded once, signed in that form, and goes into the page's URL as it is.
    pub(super) fn payment_page(&self, trade_no: &str, time_stamp: String, nonce_str: String) -> NextAction {
        let package = format!("prepay_id%3D{}", utf8_percent_encode(trade_no, NON_ALPHANUMERIC));
        let sign_type = "HMAC-SHA256".to_owned();
        let fields: Vec<(String, String)> = [
            ("appId", &self.config.app_id),
            ("nonceStr", &nonce_str),
            ("package", &package),
            ("signType", &sign_type),
            ("timeStamp", &time_stamp),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect();
        let pay_sign = sign::sign(&fields, self.config.signing_key());
        NextAction::HicoinH5 {
            page_url: self.config.payment_page_url.as_str().to_owned(),
            app_id: self.config.app_id.clone(),
            time_stamp,
            nonce_str,
            package,
            sign_type,
            pay_sign,
        }
    }

    /// Asks by our number. A base token that is not taken is fetched anew, once.
    pub(super) async fn query_order(&self, sought: &Sought) -> Claim {
        let message = QueryOrder { out_trade_no: &sought.order.order_no };
        let biz_content = match serde_json::to_string(&message) {
            Ok(text) => text,
            Err(error) => return Claim::Unknown { reason: error.to_string(), failure: None },
        };
        let user_token = sought.order.method.access_token.clone();
        let mut claim = Claim::Unknown { reason: "there is no token to ask with".into(), failure: None };
        for last in [false, true] {
            let base = match self.config.query_token {
                QueryToken::Base => self.base_token.current(&self.config, &self.upstream).await.ok(),
                QueryToken::User => None,
            };
            let renewable = base.is_some();
            let Some(token) = base.map(|t| t.expose().to_owned()).or_else(|| user_token.clone()) else {
                return claim;
            };
            claim = match self.call("/pay/queryOrder", &token, biz_content.clone()).await {
                Ok((_, Some(data))) if data.get("trade_status").is_some() => {
                    return self.read_state(sought, &data);
                }
                Ok((envelope, _)) => Claim::Unknown {
                    reason: format!("the query answered code {}", envelope.code.as_str()),
                    failure: None,
                },
                Err(error) => return Claim::Unknown { reason: error.to_string(), failure: None },
            };
            if last || !renewable {
                break;
            }
            self.base_token.forget().await;
        }
        claim
    }

    fn read_state(&self, sought: &Sought, data: &Fields) -> Claim {
        if data.get("out_trade_no") != Some(sought.order.order_no.as_str()) {
            return Claim::Unknown { reason: "the query answered for another order".into(), failure: None };
        }
        let trade_no = data.filled("trade_no");
        match (
            data.get("trade_status").and_then(TradeStatus::parse),
            data.get("total_amount").and_then(integer),
        ) {
            (Some(TradeStatus::Paid), Some(amount)) => Claim::Paid(PaidClaim {
                amount,
                currency: Some(currency(data.get("settle_currency").unwrap_or_default())),
                gateway_order_no: trade_no.map(str::to_owned),
                transaction_id: None,
                paid_at_ms: None,
            }),
            (Some(TradeStatus::Open), _) => match (trade_no, &sought.gateway_order_no) {
                // The answer to the order was lost; the query brings what the payer needs.
                (Some(trade_no), None) => self.open(trade_no),
                _ => Claim::Accepted { gateway_order_no: trade_no.map(str::to_owned), next_action: None },
            },
            (Some(TradeStatus::Closed), _) => Claim::Closed,
            _ => Claim::Unknown { reason: "the query answered no definite status".into(), failure: None },
        }
    }

    async fn call(
        &self,
        path: &str,
        token: &str,
        biz_content: String,
    ) -> Result<(Envelope, Option<Fields>), UpstreamError> {
        let content = self.signed(token, biz_content).map_err(UpstreamError::NotSent)?;
        let answer = self.upstream.post(&below(&self.config.oauth_url, path), content).await?;
        let envelope: Envelope = answer::envelope(&answer)?;
        let keys = self.config.mch_keys.iter().map(Secret::expose);
        let data = answer::checked(envelope.data(), |fields| sign::verify(fields, keys))?;
        Ok((envelope, data))
    }

    /// `biz_content` is rendered once: that text is signed raw and sent percent-encoded in a form.
    fn signed(&self, token: &str, biz_content: String) -> Result<Content, String> {
        let mut pairs: Vec<(String, String)> = [
            ("app_id", self.config.app_id.clone()),
            ("access_token", token.to_owned()),
            ("lang", "zh_CN".to_owned()),
            ("version", "1.0".to_owned()),
            ("charset", "utf8".to_owned()),
            ("nonce_str", id::nonce(32)),
            ("biz_content", biz_content),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        pairs.push(("sign".to_owned(), sign::sign(&pairs, self.config.signing_key())));
        serde_urlencoded::to_string(&pairs)
            .map(|text| Content { media_type: "application/x-www-form-urlencoded", bytes: text.into() })
            .map_err(|e| e.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::scripted::{Scripted, name, order, upstream};
    use crate::vectors::{self, wire};
    use countersign_core::{Currency, MethodType};

    fn gateway(base: &url::Url) -> Hicoin {
        let mut config = super::super::config::sample();
        (config.oauth_url, config.payout_url) = (base.clone(), base.clone());
        config.query_token = QueryToken::User;
        Hicoin::new(config, Currency::parse("USDT").unwrap(), upstream())
    }

    async fn asked(file: &str, query: bool) -> (Claim, Vec<(String, String)>) {
        let scripted = Scripted::answering(wire(&format!("hicoin/{file}"))).await;
        let gateway = gateway(&scripted.url);
        let mut order = order(MethodType::HicoinH5, "H20240101000001", 150_000_000, "USDT");
        (order.subject, order.description) = ("order".into(), Some("order body".into()));
        order.return_url = Some("https://shop.example/r?o=H20240101000001".into());
        order.method.openid = Some("u0000000000000001".into());
        order.method.access_token = Some("t0000000000000000000000000000001".into());
        let sought = Sought { order, gateway_order_no: None };
        let claim =
            if query { gateway.query_order(&sought).await } else { gateway.pre_order(&sought.order).await };
        (claim, scripted.seen())
    }

    #[tokio::test]
    async fn sends_what_it_signed_as_a_form() {
        for (file, request, query, path) in [
            ("preOrder.success.json", "preOrder.request.form", false, "/pay/preOrder"),
            ("queryOrder.success.json", "queryOrder.request.form", true, "/pay/queryOrder"),
        ] {
            let (_, seen) = asked(file, query).await;
            let sent = Fields::from_form(seen[0].1.as_bytes()).unwrap();
            assert!(sign::verify(sent.pairs(), ["9f8e7d6c5b4a39281706f5e4d3c2b1a0"]));
            let documented = Fields::from_form(&wire(&format!("hicoin/{request}"))).unwrap();
            assert_eq!(seen[0].0, path);
            for (name, value) in documented.pairs().iter().filter(|(n, _)| n != "nonce_str" && n != "sign") {
                assert_eq!(sent.get(name), Some(value.as_str()), "{name}");
            }
            assert_eq!(sent.pairs().len(), documented.pairs().len());
            assert_eq!(sent.get("nonce_str").map(str::len), Some(32));
        }
    }

    #[tokio::test]
    async fn every_answer_to_an_order_has_its_meaning() {
        for (file, expected) in [
            ("preOrder.success.json", "accepted"),
            ("preOrder.success_code_number.json", "accepted"),
            ("preOrder.success_unsigned.json", "accepted"),
            ("preOrder.success_forged_sign.json", "unknown"),
            ("preOrder.other_order.json", "unknown"),
            ("preOrder.failure.json", "unknown"),
            ("preOrder.failure_without_data.json", "unknown"),
        ] {
            assert_eq!(name(&asked(file, false).await.0), expected, "{file}");
        }
    }

    #[tokio::test]
    async fn every_status_has_its_meaning() {
        for (file, expected) in [
            ("queryOrder.success.json", "paid"),
            ("queryOrder.success_strings.json", "paid"),
            ("queryOrder.success_unsigned.json", "paid"),
            ("queryOrder.success_other_amount.json", "paid"),
            ("queryOrder.success_other_currency.json", "paid"),
            ("queryOrder.success_forged_sign.json", "unknown"),
            ("queryOrder.notpay.json", "accepted"),
            ("queryOrder.closed.json", "closed"),
            ("queryOrder.unknow.json", "unknown"),
            ("queryOrder.unknown.json", "unknown"),
        ] {
            assert_eq!(name(&asked(file, true).await.0), expected, "{file}");
        }
        let (Claim::Paid(paid), _) = asked("queryOrder.success_other_currency.json", true).await else {
            panic!("not paid");
        };
        assert_ne!(paid.currency.as_ref().map(Currency::as_str), Some("USDT"));
    }

    #[test]
    fn the_payment_page_is_signed_over_the_encoded_package() {
        let hicoin = gateway(&url::Url::parse("http://127.0.0.1:1/").unwrap());
        let case =
            vectors::load("hicoin", "hicoin-page").into_iter().find(|c| c.name == "sign_page").unwrap();
        let field = |name| case.field(name).unwrap().to_owned();
        let NextAction::HicoinH5 { package, pay_sign, .. } =
            hicoin.payment_page("1000000000000000000001", field("timeStamp"), field("nonceStr"))
        else {
            panic!("another action");
        };
        assert_eq!(package, field("package"));
        assert_eq!(Some(pay_sign), case.signature);
    }
}
