//! Orders at Hicoin: placing one, the page where it is paid, and asking what became of it; and how every signed call is
//! made.

use countersign_core::{MethodType, NextAction};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use url::Url;

use super::config::{QueryToken, below};
use super::errors::TABLE;
use super::token::TokenError;
use super::wire::{ByNumber, Envelope, PreOrder, TradeStatus, form};
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

const NONCE_LENGTH: usize = 32;

/// Where a signed call goes, and the keys of that part of the gateway: the first signs, all verify.
pub(super) struct Place<'a> {
    base: &'a Url,
    path: &'static str,
    keys: &'a [Secret],
}

/// An answer whose signature fits, where it has one.
pub(super) struct Answer {
    pub(super) code: String,
    /// `data`, where it is an object.
    pub(super) data: Option<Fields>,
}

impl Answer {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.data.as_ref()?.get(name)
    }

    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.data.as_ref()?.filled(name)
    }
}

impl Hicoin {
    /// Places an order with the payer's token; the answer's number makes the payment page's parts.
    pub(super) async fn pre_order(&self, order: &Order) -> Claim {
        let method = &order.method;
        let description = order.description.as_deref().filter(|text| !text.is_empty());
        let message = PreOrder {
            openid: method.openid.as_deref().unwrap_or_default(),
            body: description.unwrap_or(&order.subject),
            subject: &order.subject,
            out_trade_no: &order.order_no,
            total_amount: order.amount.value(),
            settle_currency: order.amount.currency().as_str(),
            trade_type: trade_type(method.kind),
            trade_timeout_express: TRADE_TIMEOUT_S,
            return_url: order.return_url.as_deref().unwrap_or_default(),
            passback_params: method.passback_params.as_deref(),
        };
        let token = method.access_token.as_deref().unwrap_or_default();
        match self.call(&self.orders("/pay/preOrder"), token, &message).await {
            Ok(answer) => self.read_placed(order, &answer),
            Err(UpstreamError::NotSent(_)) => Claim::NotSent,
            Err(UpstreamError::OutcomeUnknown(reason)) => Claim::Unknown { reason, failure: None },
        }
    }

    fn read_placed(&self, order: &Order, answer: &Answer) -> Claim {
        let Some(trade_no) = answer.filled("trade_no") else {
            return errors::claim(errors::failure(TABLE, &answer.code));
        };
        if answer.get("out_trade_no") != Some(order.order_no.as_str()) {
            return unknown("the answer is for another order");
        }
        self.open(trade_no)
    }

    /// The order waits for the payer: the payment page's parts, freshly signed.
    fn open(&self, trade_no: &str) -> Claim {
        let time_stamp = (clock::now_ms() / 1000).to_string();
        let next_action = self.payment_page(trade_no, time_stamp, id::nonce(NONCE_LENGTH));
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

    /// Asks by our number, with the application's token and the payer's, in the configured order: the documents and a
    /// shipped client disagree on which it takes, and no code says that a token was not taken.
    pub(super) async fn query_order(&self, sought: &Sought) -> Claim {
        let message = ByNumber { out_trade_no: &sought.order.order_no };
        let place = self.orders("/pay/queryOrder");
        let user_token = sought.order.method.access_token.as_deref();
        let mut reason = "there is no token to ask with".to_owned();
        let turns = match self.config.query_token {
            QueryToken::Base => [QueryToken::Base, QueryToken::User],
            QueryToken::User => [QueryToken::User, QueryToken::Base],
        };
        for turn in turns {
            let asked = match (turn, user_token) {
                (QueryToken::Base, _) => self.ask_with_base(&place, &message).await,
                (QueryToken::User, Some(token)) => Ok(self.call(&place, token, &message).await),
                (QueryToken::User, None) => continue,
            };
            match asked {
                Err(no_token) => reason = no_token.to_string(),
                Ok(Err(error)) => return unknown(&error.to_string()),
                Ok(Ok(answer)) => {
                    tracing::debug!(token = ?turn, code = answer.code, "queryOrder answered");
                    match answer.data.filter(|data| data.filled("trade_status").is_some()) {
                        Some(data) => return self.read_state(sought, &data),
                        None => reason = format!("the query answered code {}", answer.code),
                    }
                }
            }
        }
        unknown(&reason)
    }

    fn read_state(&self, sought: &Sought, data: &Fields) -> Claim {
        let order = &sought.order;
        if data.get("out_trade_no") != Some(order.order_no.as_str()) {
            return unknown("the query answered for another order");
        }
        let bound = order.method.openid.as_deref();
        let other_payer =
            bound.is_some_and(|bound| data.filled("openid").is_some_and(|payer| payer != bound));
        let trade_no = data.filled("trade_no");
        let status = TradeStatus::read(data.get("trade_status").unwrap_or_default());
        match (status, data.get("total_amount").and_then(integer)) {
            // `settle_trans_amount` is what arrives after fees, in a scale that is not certain: never credited.
            (TradeStatus::Paid, Some(amount)) => Claim::Paid(PaidClaim {
                amount,
                currency: Some(currency(data.get("settle_currency").unwrap_or_default())),
                gateway_order_no: trade_no.map(str::to_owned),
                transaction_id: None,
                paid_at_ms: None,
                other_payer,
            }),
            _ if other_payer => unknown("the query answered for another payer"),
            (TradeStatus::Open, _) => match (trade_no, &sought.gateway_order_no) {
                // The answer to the order was lost; the query brings what the payer needs.
                (Some(trade_no), None) => self.open(trade_no),
                _ => Claim::Accepted { gateway_order_no: trade_no.map(str::to_owned), next_action: None },
            },
            (TradeStatus::Closed, _) => Claim::Closed,
            _ => unknown("the query answered no definite status"),
        }
    }

    /// A call of orders, signed with the payment key.
    pub(super) fn orders(&self, path: &'static str) -> Place<'_> {
        Place { base: &self.config.oauth_url, path, keys: &self.config.mch_keys }
    }

    /// A call of payouts, signed with the application's secret.
    pub(super) fn payouts(&self, path: &'static str) -> Place<'_> {
        Place { base: &self.config.payout_url, path, keys: std::slice::from_ref(&self.config.app_secret) }
    }

    /// Asks with the application's token. An answer without a state may mean that the token was not taken, so one that
    /// was not fetched just now is fetched anew and the whole message made again, once.
    pub(super) async fn ask_with_base(
        &self,
        place: &Place<'_>,
        message: &impl Serialize,
    ) -> Result<Result<Answer, UpstreamError>, TokenError> {
        let asked_at = tokio::time::Instant::now();
        let held = self.base_token.current(&self.config, &self.upstream).await?;
        let asked = self.call(place, held.token.expose(), message).await;
        let settled = asked.as_ref().map_or(true, |answer| answer.filled("trade_status").is_some());
        if settled || held.came_after(asked_at) {
            return Ok(asked);
        }
        match self.base_token.another(&self.config, &self.upstream, &held).await {
            Ok(next) => Ok(self.call(place, next.token.expose(), message).await),
            Err(_) => Ok(asked),
        }
    }

    /// Makes one signed call. The text of the answer is not logged: a gateway may repeat in it what it was sent.
    pub(super) async fn call(
        &self,
        place: &Place<'_>,
        token: &str,
        message: &impl Serialize,
    ) -> Result<Answer, UpstreamError> {
        let content = self.signed(place, token, message).map_err(UpstreamError::NotSent)?;
        let answer = self.upstream.post(&below(place.base, place.path), content).await?;
        let envelope: Envelope = answer::envelope(&answer)?;
        tracing::debug!(path = place.path, code = envelope.code.as_str(), "Hicoin answered");
        let keys = place.keys.iter().map(Secret::expose);
        let data = answer::checked(envelope.data(), |fields| sign::verify(fields, keys))?;
        Ok(Answer { code: envelope.code.as_str().to_owned(), data })
    }

    /// `biz_content` is rendered once: that text is signed raw and sent in a form.
    fn signed(&self, place: &Place<'_>, token: &str, message: &impl Serialize) -> Result<Content, String> {
        let mut fields: Vec<(String, String)> = [
            ("app_id", self.config.app_id.clone()),
            ("access_token", token.to_owned()),
            ("lang", "zh_CN".to_owned()),
            ("version", "1.0".to_owned()),
            ("charset", "utf8".to_owned()),
            ("nonce_str", id::nonce(NONCE_LENGTH)),
            ("biz_content", serde_json::to_string(message).map_err(|e| e.to_string())?),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        let key = place.keys.first().map_or("", Secret::expose);
        fields.push(("sign".to_owned(), sign::sign(&fields, key)));
        let pairs: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let bytes = form(self.config.body_encoding, &pairs)?.into_bytes();
        Ok(Content { media_type: "application/x-www-form-urlencoded", bytes })
    }
}

/// Either is paid on the same page: the document names JSAPI but describes no bridge for it.
const fn trade_type(method: MethodType) -> &'static str {
    match method {
        MethodType::HicoinJsapi => "JSAPI",
        _ => "H5",
    }
}

fn unknown(reason: &str) -> Claim {
    Claim::Unknown { reason: reason.to_owned(), failure: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::hicoin::config::BodyEncoding;
    use crate::gateway::hicoin::{sample_at, sample_order};
    use crate::gateway::scripted::{Scripted, name};
    use crate::vectors::{self, wire};
    use countersign_core::Currency;

    const TOKEN: &str = "/cgi-bin/access_token";
    const QUERY: &str = "/pay/queryOrder";
    const KEY: &str = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";

    async fn scripted(answers: &[(&'static str, &str)]) -> Scripted {
        let read = |(path, file): &(&'static str, &str)| (*path, wire(&format!("hicoin/{file}")));
        Scripted::by_path(answers.iter().map(read).collect()).await
    }

    async fn ordered(
        file: &str,
        change: impl FnOnce(&mut Hicoin, &mut Order),
    ) -> (Claim, Vec<(String, String)>) {
        let scripted = Scripted::answering(wire(&format!("hicoin/{file}"))).await;
        let (mut hicoin, mut order) = (sample_at(&scripted.url), sample_order());
        change(&mut hicoin, &mut order);
        let claim = hicoin.pre_order(&order).await;
        (claim, scripted.seen())
    }

    fn sought() -> Sought {
        Sought { order: sample_order(), gateway_order_no: None }
    }

    async fn queried(file: &str) -> Claim {
        let scripted = Scripted::answering(wire(&format!("hicoin/{file}"))).await;
        let mut hicoin = sample_at(&scripted.url);
        hicoin.config.query_token = QueryToken::User;
        hicoin.query_order(&sought()).await
    }

    fn assert_sent(sent: &str, documented: &str) {
        let sent = Fields::from_form(sent.as_bytes()).unwrap();
        assert!(sign::verify(sent.pairs(), [KEY]), "{documented}");
        let documented = Fields::from_form(&wire(&format!("hicoin/{documented}"))).unwrap();
        for (name, value) in documented.pairs().iter().filter(|(n, _)| n != "nonce_str" && n != "sign") {
            assert_eq!(sent.get(name), Some(value.as_str()), "{name}");
        }
        assert_eq!(sent.pairs().len(), documented.pairs().len());
        assert_eq!(sent.get("nonce_str").map(str::len), Some(32));
    }

    #[tokio::test]
    async fn sends_what_it_signed_as_a_form() {
        let (_, seen) = ordered("preOrder.success.json", |_, _| {}).await;
        assert_eq!(seen[0].0, "/pay/preOrder");
        assert_sent(&seen[0].1, "preOrder.request.form");
        let (_, seen) = ordered("preOrder.success_jsapi.json", |_, order| {
            order.method.kind = MethodType::HicoinJsapi;
        })
        .await;
        assert_sent(&seen[0].1, "preOrder.request_jsapi.form");
        let (_, seen) = ordered("preOrder.success.json", |_, order| {
            order.method.passback_params = Some("a=1&b=2".into());
        })
        .await;
        assert_sent(&seen[0].1, "preOrder.request_passback.form");
        let (_, seen) = ordered("preOrder.success.json", |_, order| {
            order.method.passback_params = Some(r#"{"购物车":77,"备注":"a+b c%20/\""}"#.into());
        })
        .await;
        assert_sent(&seen[0].1, "preOrder.request_passback_json_text.form");
        let (_, seen) = ordered("preOrder.success.json", |_, order| {
            order.method.passback_params = Some("a=1&b=2".into());
            (order.subject, order.description) = ("订单标题".into(), Some("订单说明".into()));
        })
        .await;
        assert_sent(&seen[0].1, "preOrder.request_chinese.form");
        let (_, seen) = ordered("preOrder.success.json", |_, order| {
            order.method.access_token = Some("dGVzdC90b2tlbis+Pz8/+w8/AQ==".into());
        })
        .await;
        assert_sent(&seen[0].1, "preOrder.request_base64_token.form");
    }

    #[tokio::test]
    async fn a_form_without_encoding_is_the_text_that_was_signed() {
        let (_, seen) = ordered("preOrder.success.json", |hicoin, order| {
            hicoin.config.body_encoding = BodyEncoding::Raw;
            order.subject = "订单标题".into();
        })
        .await;
        let pairs: Vec<(String, String)> = seen[0]
            .1
            .split('&')
            .map(|pair| pair.split_once('=').unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        assert!(sign::verify(&pairs, [KEY]));
        assert!(seen[0].1.contains(
            r#"&biz_content={"openid":"u0000000000000001","body":"order body","subject":"订单标题","#
        ));
    }

    #[tokio::test]
    async fn every_answer_to_an_order_has_its_meaning() {
        for (file, expected) in [
            ("preOrder.success.json", "accepted"),
            ("preOrder.success_code_number.json", "accepted"),
            ("preOrder.success_unknown_code.json", "accepted"),
            ("preOrder.success_unknown_field.json", "accepted"),
            ("preOrder.success_lower_case_sign.json", "accepted"),
            ("preOrder.success_unsigned.json", "accepted"),
            ("preOrder.success_empty_sign.json", "accepted"),
            ("preOrder.success_trade_no_number.json", "accepted"),
            ("preOrder.success_forged_sign.json", "unknown"),
            ("preOrder.success_forged_app_secret.json", "unknown"),
            ("preOrder.success_empty_trade_no.json", "unknown"),
            ("preOrder.success_without_trade_no.json", "unknown"),
            ("preOrder.code_0_without_data.json", "unknown"),
            ("preOrder.other_order.json", "unknown"),
            ("preOrder.failure.json", "unknown"),
            ("preOrder.failure_code_number.json", "unknown"),
            ("preOrder.failure_data_list.json", "unknown"),
            ("preOrder.failure_data_text.json", "unknown"),
            ("preOrder.failure_msg_missing.json", "unknown"),
            ("preOrder.failure_without_data.json", "unknown"),
            ("preOrder.duplicate_110088.json", "unknown"),
            ("preOrder.unknown_code.json", "unknown"),
            ("transfers.merchant_balance.json", "refused"),
        ] {
            assert_eq!(name(&ordered(file, |_, _| {}).await.0), expected, "{file}");
        }
    }

    #[tokio::test]
    async fn every_status_has_its_meaning() {
        for (file, expected) in [
            ("queryOrder.success.json", "paid"),
            ("queryOrder.success_jsapi.json", "paid"),
            ("queryOrder.success_strings.json", "paid"),
            ("queryOrder.success_lower_case_sign.json", "paid"),
            ("queryOrder.success_unknown_field.json", "paid"),
            ("queryOrder.success_unsigned.json", "paid"),
            ("queryOrder.success_without_optionals.json", "paid"),
            ("queryOrder.success_other_amount.json", "paid"),
            ("queryOrder.success_other_currency.json", "paid"),
            ("queryOrder.success_other_openid.json", "paid"),
            ("queryOrder.success_other_order.json", "unknown"),
            ("queryOrder.success_forged_sign.json", "unknown"),
            ("queryOrder.notpay.json", "accepted"),
            ("queryOrder.closed.json", "closed"),
            ("queryOrder.unknow.json", "unknown"),
            ("queryOrder.unknown.json", "unknown"),
            ("queryOrder.unknown_status.json", "unknown"),
            ("queryOrder.unknown_code.json", "unknown"),
            ("queryOrder.failure.json", "unknown"),
            ("queryOrder.failure_data_text.json", "unknown"),
            ("queryOrder.failure_without_data.json", "unknown"),
        ] {
            assert_eq!(name(&queried(file).await), expected, "{file}");
        }
        let Claim::Paid(paid) = queried("queryOrder.success_other_currency.json").await else {
            panic!("not paid");
        };
        assert_ne!(paid.currency.as_ref().map(Currency::as_str), Some("USDT"));
    }

    /// The paths that were asked, and the token that each query carried.
    async fn asked(hicoin: &Hicoin, scripted: &Scripted, order: Order) -> (Claim, Vec<String>) {
        let before = scripted.seen().len();
        let claim = hicoin.query_order(&Sought { order, gateway_order_no: None }).await;
        let told = |(path, body): &(String, String)| {
            let sent = Fields::from_form(body.as_bytes()).unwrap();
            sent.get("access_token").map_or_else(|| path.clone(), str::to_owned)
        };
        (claim, scripted.seen()[before..].iter().map(told).collect())
    }

    const BASE: &str = "sandbox-base-token-0001";
    const RENEWED: &str = "sandbox-base-token-0002";
    const USER: &str = "t0000000000000000000000000000001";

    #[tokio::test]
    async fn a_token_that_is_no_longer_taken_is_renewed_once_and_the_message_made_again() {
        let scripted = scripted(&[
            (TOKEN, "base_access_token.success.json"),
            (TOKEN, "base_access_token.success_renewed.json"),
            (QUERY, "queryOrder.notpay.json"),
            (QUERY, "queryOrder.failure.json"),
            (QUERY, "queryOrder.success.json"),
        ])
        .await;
        let hicoin = sample_at(&scripted.url);
        let (claim, tokens) = asked(&hicoin, &scripted, sample_order()).await;
        assert_eq!((name(&claim).as_str(), tokens), ("accepted", vec![TOKEN.into(), BASE.into()]));
        let (claim, tokens) = asked(&hicoin, &scripted, sample_order()).await;
        let expected: Vec<String> = vec![BASE.into(), TOKEN.into(), RENEWED.into()];
        assert_eq!((name(&claim).as_str(), tokens), ("paid", expected));
        let seen = scripted.seen();
        let sent = |i: usize| Fields::from_form(seen[i].1.as_bytes()).unwrap();
        let (first, again) = (sent(2), sent(4));
        assert!(sign::verify(again.pairs(), [KEY]));
        assert_ne!(first.get("nonce_str"), again.get("nonce_str"));
        assert_eq!(first.get("biz_content"), again.get("biz_content"));
    }

    #[tokio::test]
    async fn a_query_without_a_base_token_carries_the_payers() {
        let scripted = scripted(&[
            (TOKEN, "base_access_token.failure_address_not_allowed.json"),
            (QUERY, "queryOrder.success.json"),
        ])
        .await;
        let hicoin = sample_at(&scripted.url);
        let (claim, tokens) = asked(&hicoin, &scripted, sample_order()).await;
        assert_eq!((name(&claim).as_str(), tokens), ("paid", vec![TOKEN.into(), USER.into()]));
        let mut nobody = sample_order();
        nobody.method.access_token = None;
        let (claim, tokens) = asked(&hicoin, &scripted, nobody).await;
        assert_eq!((name(&claim).as_str(), tokens), ("unknown", vec![TOKEN.into()]));
    }

    #[test]
    fn the_payment_page_is_signed_over_the_encoded_package() {
        let hicoin = sample_at(&Url::parse("http://127.0.0.1:1/").unwrap());
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
