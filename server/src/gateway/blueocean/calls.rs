//! The calls to BlueOcean about orders, and what their answers mean.

use countersign_core::{Failure, NextAction};
use serde::Serialize;
use serde_json::Value;

use super::config::Wallet;
use super::errors::{CLOSED, NO_PAYER_ADDRESS, NOT_FOUND, PAID_OR_BACK, STATES, failure};
use super::methods::{Shows, WalletNamed, Way};
use super::wire::{AboutOrder, Answer, Data, Pay, Told, TradeState, Verdict};
use super::{Blueocean, Order, Sought, next_action, sign, way};
use crate::gateway::lenient::currency;
use crate::gateway::{answer, errors};
use crate::ledger::{Claim, PaidClaim};
use crate::secret::Secret;
use crate::upstream::{Content, UpstreamError};

impl Blueocean {
    /// Places an order.
    pub(super) async fn pay(&self, order: &Order) -> Claim {
        let Some(way) = way(order.method.kind) else {
            return unknown("this method is not one of this gateway");
        };
        let message = self.pay_message(&way, order);
        let page_config =
            async { if way.shows == Shows::HongKongBridge { self.page_config(order).await } else { None } };
        let (answer, page_config) = tokio::join!(self.call("/payment/pay", &message), page_config);
        match answer {
            Ok(Answer { verdict: Verdict::Success, data: Some(data) }) => {
                self.read_order(order, &data, self.shown(&way, order, &data, page_config))
            }
            Ok(Answer { verdict: Verdict::Failed(told), .. }) => {
                let mut failure = self.failure(order, &told);
                if way.bound_to_address
                    && message.spbill_create_ip.is_none()
                    && failure.code == "missing_field"
                {
                    failure.hint = Some(NO_PAYER_ADDRESS.to_owned());
                }
                errors::claim(failure)
            }
            Ok(answer) => unknown(reason(&answer)),
            Err(UpstreamError::NotSent(_)) => Claim::NotSent,
            Err(UpstreamError::OutcomeUnknown(reason)) => unknown(reason),
        }
    }

    fn pay_message<'o>(&'o self, way: &Way, order: &'o Order) -> Pay<'o> {
        let filled = |text: &'o Option<String>| text.as_deref().filter(|text| !text.is_empty());
        let wallet = match way.wallet {
            WalletNamed::No => None,
            WalletNamed::OfAccount => self.config.wallet,
            WalletNamed::Always(wallet) => Some(wallet),
        };
        let address = order.circumstances.payer_address.filter(|_| way.bound_to_address);
        Pay {
            appid: &self.config.appid,
            payment: way.payment,
            total_fee: order.amount.value(),
            out_trade_no: &order.order_no,
            notify_url: &order.notify_url,
            body: &order.subject,
            wallet: wallet.map(Wallet::as_str),
            sub_appid: filled(&order.method.sub_appid),
            sub_openid: filled(&order.method.sub_openid),
            h5_redirect_url: filled(&order.return_url).filter(|_| way.comes_back),
            spbill_create_ip: address.map(|address| address.to_canonical().to_string()),
            code: filled(&order.method.auth_code),
        }
    }

    /// What the payer goes on with. An answer without it is a fault of the gateway; a query may still bring it.
    fn shown(&self, way: &Way, order: &Order, data: &Data, page_config: Option<Value>) -> Option<NextAction> {
        let action = next_action::read(way.shows, order, data, page_config);
        let open = data.trade_state().and_then(TradeState::parse) == Some(TradeState::Open);
        if action.is_none() && way.shows != Shows::Nothing && open {
            tracing::warn!(
                order_no = order.order_no,
                payment = way.payment,
                "the gateway's answer has nothing that the payer could go on with"
            );
        }
        action
    }

    /// Asks by the gateway's number where it is known, else by ours.
    pub(super) async fn query_order(&self, sought: &Sought) -> Claim {
        match self.call("/order/query", &self.about(sought)).await {
            Ok(Answer { verdict: Verdict::Success, data: Some(data) }) => {
                let action = self.shown_again(sought, &data).await;
                self.read_order(&sought.order, &data, action)
            }
            Ok(Answer { verdict: Verdict::Failed(told), .. }) if told.is_one_of(&NOT_FOUND) => {
                Claim::NotFound
            }
            Ok(answer) => unknown(format!("the query told nothing: {}", reason(&answer))),
            Err(error) => unknown(error.to_string()),
        }
    }

    /// What a lost answer would have shown, as far as the query says it. A page is signed anew each time, so it is
    /// signed here only for an order whose answer was never read.
    async fn shown_again(&self, sought: &Sought, data: &Data) -> Option<NextAction> {
        let (way, order) = (way(sought.order.method.kind)?, &sought.order);
        if way.shows != Shows::HongKongBridge {
            return next_action::read(way.shows, order, data, None);
        }
        if sought.gateway_order_no.is_some() || data.jsapi().is_none() {
            return None;
        }
        next_action::read(way.shows, order, data, self.page_config(order).await)
    }

    /// Ends an order at `path`: one that is known to be unpaid by closing it, one of a till by reversing it.
    ///
    /// The call may be refused for reasons that say nothing of the order, so only a state or the codes for "closed"
    /// and "reversed" are taken for an end; whatever leaves a doubt is asked about once.
    pub(super) async fn end_order(&self, path: &str, sought: &Sought) -> Claim {
        let answer = match self.call(path, &self.about(sought)).await {
            Ok(answer) => answer,
            Err(UpstreamError::NotSent(reason) | UpstreamError::OutcomeUnknown(reason)) => {
                return unknown(reason);
            }
        };
        match (&answer.verdict, &answer.data) {
            (Verdict::Success, Some(data)) => match self.read_order(&sought.order, data, None) {
                Claim::Accepted { .. } => {}
                told => return told,
            },
            (Verdict::Success, None) => {}
            (Verdict::Failed(told), _) if told.is_one_of(&PAID_OR_BACK) => {}
            (Verdict::Failed(told), _) if told.is_one_of(&CLOSED) => return Claim::Closed,
            (Verdict::Failed(told), _) if told.is_one_of(&NOT_FOUND) => return Claim::NotFound,
            _ => return unknown(reason(&answer)),
        }
        match self.query_order(sought).await {
            Claim::Accepted { .. } => unknown("the gateway took the call, but says that the order is open"),
            told => told,
        }
    }

    /// What an order's fields say, whatever call they answer.
    fn read_order(&self, order: &Order, data: &Data, next_action: Option<NextAction>) -> Claim {
        if !self.is_ours(order, data) {
            return unknown("the answer is for another order");
        }
        let gateway_order_no = data.sn().map(str::to_owned);
        let money = data.total_fee();
        match data.trade_state().and_then(TradeState::parse) {
            Some(TradeState::Open) if !self.as_ordered(order, data) => {
                unknown("the order waits for another amount or currency")
            }
            Some(TradeState::Open) => Claim::Accepted { gateway_order_no, next_action },
            Some(TradeState::Paid) => match money {
                Some(amount) => self.read_paid(amount, data),
                None => unknown("the answer says paid, but not how much"),
            },
            Some(TradeState::Refunded) => {
                let paid = money.map(|amount| self.paid(amount, data));
                let back = data.total_refund_fee().filter(|back| *back > 0);
                Claim::Refunded { total: back.filter(|back| money.is_some_and(|money| *back < money)), paid }
            }
            Some(TradeState::Closed) => Claim::Closed,
            Some(TradeState::Failed) => Claim::Refused { failure: errors::failure(STATES, "PAYERROR") },
            None => unknown("the answer has a state the document does not know"),
        }
    }

    /// A paid order of which a part went back may still be called paid.
    fn read_paid(&self, amount: i64, data: &Data) -> Claim {
        let paid = self.paid(amount, data);
        match data.total_refund_fee().filter(|back| *back > 0) {
            None => Claim::Paid(paid),
            Some(back) => {
                Claim::Refunded { total: Some(back).filter(|back| *back < amount), paid: Some(paid) }
            }
        }
    }

    fn paid(&self, amount: i64, data: &Data) -> PaidClaim {
        PaidClaim {
            amount,
            currency: Some(currency(data.fee_type().unwrap_or(self.currency.as_str()))),
            gateway_order_no: data.sn().map(str::to_owned),
            transaction_id: data.transaction_id().map(str::to_owned),
            paid_at_ms: data.time_end_ms(),
            other_payer: false,
        }
    }

    /// Whether an answer is about this order of this account. The table of the refund's answer leaves `appid` out.
    pub(super) fn is_ours(&self, order: &Order, data: &Data) -> bool {
        data.appid().is_none_or(|appid| appid == self.config.appid)
            && data.out_trade_no() == Some(order.order_no.as_str())
    }

    /// Whether an order that is still to be paid has the amount that was ordered, as far as the answer says it.
    fn as_ordered(&self, order: &Order, data: &Data) -> bool {
        data.total_fee().is_none_or(|fee| fee == order.amount.value())
            && data.fee_type().is_none_or(|code| code == self.currency.as_str())
    }

    /// The order, by the gateway's number where it is known.
    pub(super) fn about<'s>(&'s self, sought: &'s Sought) -> AboutOrder<'s> {
        let sn = sought.gateway_order_no.as_deref();
        let out_trade_no = sn.is_none().then_some(sought.order.order_no.as_str());
        AboutOrder { appid: &self.config.appid, sn, out_trade_no }
    }

    /// The failure that a code stands for, with what the gateway says of it.
    pub(super) fn failure(&self, order: &Order, told: &Told) -> Failure {
        let keys = self.config.keys.iter().chain(&self.config.refund_password).map(Secret::expose);
        // The message to a bar code that was used repeats it.
        failure(told, keys.chain(order.method.auth_code.as_deref()))
    }

    /// Sends `message`, signed, and reads the answer; one whose `sign` fits no key is none.
    pub(super) async fn call(&self, path: &str, message: &impl Serialize) -> Result<Answer, UpstreamError> {
        let bytes = sign::signed_json(message, self.config.signing_key()).map_err(UpstreamError::NotSent)?;
        let content = Content { media_type: "application/json", bytes };
        let received = self.upstream.post(&self.config.url(path), content).await?;
        let Answer { verdict, data } = Answer::read(&received.body)
            .map_err(|_| UpstreamError::OutcomeUnknown("the answer is not the documented JSON".to_owned()))?;
        let keys = self.config.keys.iter().map(Secret::expose);
        let data = answer::checked(data.map(|data| data.0), |fields| sign::verify(fields, keys))?;
        Ok(Answer { verdict, data: data.map(Data) })
    }
}

/// Why an answer without data, or with another verdict than success, decides nothing.
pub(super) fn reason(answer: &Answer) -> String {
    match &answer.verdict {
        Verdict::Success => "the answer has no data".to_owned(),
        Verdict::Failed(told) => format!("the gateway answered code {}", told.code),
        Verdict::Contradictory => "code and ret of the answer contradict each other".to_owned(),
    }
}

fn unknown(reason: impl Into<String>) -> Claim {
    Claim::Unknown { reason: reason.into(), failure: None }
}

#[cfg(test)]
mod tests {
    use super::super::rehearsal::{Rehearsal, SN, json, order, sought};
    use super::*;
    use crate::gateway::scripted::name;
    use MethodType::*;
    use countersign_core::{MethodType, Platform, RedirectPurpose};

    const QR: MethodType = BlueoceanAlipayQrcode;

    #[tokio::test]
    async fn every_way_sends_the_documented_fields_with_the_documented_signature() {
        for (kind, value, request) in [
            (BlueoceanAlipayQrcode, 10, "alipay.qrcode.request"),
            (BlueoceanWechatQrcode, 10, "wechat.qrcode.request"),
            (BlueoceanMixedQrcode, 13, "blueocean.qrcode.request"),
            (BlueoceanUnionpayQrcode, 10, "unionpay.qrcode.request"),
            (BlueoceanAlipayWap, 20, "alipay.wappay.request_as_sent"),
            (BlueoceanUnionpayLink, 10, "unionpay.link.request"),
            (BlueoceanWechatMweb, 10, "wechat.mweb.request"),
            (BlueoceanWechatJsapi, 2, "wechat.jsapi.request_as_sent"),
            (BlueoceanWechatHkJsapi, 2, "wechat.jsapi_hk.request"),
            (BlueoceanAlipayApp, 20, "alipay.app.request"),
            (BlueoceanWechatApp, 501, "wechat.app.request"),
            (BlueoceanMicropay, 5, "micropay.request_as_sent"),
        ] {
            let told = Rehearsal::with("payment.unknown_code.json").await;
            told.gateway.pay(&order(kind, value)).await;
            assert_eq!(told.paths(), ["/payment/pay"]);
            assert_eq!(told.sent_json(), json(&format!("payment.{request}.json")), "{request}");
        }
    }

    #[tokio::test]
    async fn what_is_not_given_is_not_sent() {
        let told = Rehearsal::with("payment.unknown_code.json").await;
        let mut hk = order(BlueoceanWechatHkJsapi, 2);
        (hk.method.sub_appid, hk.method.sub_openid) = (None, Some(String::new()));
        told.gateway.pay(&hk).await;
        assert_eq!(told.sent_json(), json("payment.wechat.jsapi_hk.request_without_payer.json"));
        let mut mweb = order(BlueoceanWechatMweb, 10);
        mweb.circumstances.payer_address = Some("2001:db8::7".parse().unwrap());
        told.gateway.pay(&mweb).await;
        assert_eq!(told.sent_json(), json("payment.wechat.mweb.request_ipv6.json"));
        mweb.circumstances.payer_address = Some("::ffff:203.0.113.7".parse().unwrap());
        told.gateway.pay(&mweb).await;
        assert_eq!(told.sent_json(), json("payment.wechat.mweb.request.json"));
        mweb.circumstances.payer_address = None;
        told.gateway.pay(&mweb).await;
        assert_eq!(told.sent().get("spbill_create_ip"), None);
    }

    #[tokio::test]
    async fn an_order_is_asked_about_and_ended_by_either_number() {
        for (kind, call) in [(QR, "query"), (QR, "close"), (BlueoceanMicropay, "reverse")] {
            let told = Rehearsal::with("payment.unknown_code.json").await;
            let mut sought = sought(kind, 10);
            for request in ["request", "request_sn"] {
                let path = format!("/order/{call}");
                if call == "query" {
                    told.gateway.query_order(&sought).await;
                } else {
                    told.gateway.end_order(&path, &sought).await;
                }
                assert_eq!(told.paths().pop(), Some(path));
                assert_eq!(told.sent_json(), json(&format!("order.{call}.{request}.json")));
                sought.gateway_order_no = Some(SN.into());
            }
        }
    }

    async fn paid_with(kind: MethodType, value: i64, file: &str) -> Claim {
        Rehearsal::with(&format!("payment.{file}.json")).await.gateway.pay(&order(kind, value)).await
    }

    async fn shown(kind: MethodType, value: i64, file: &str) -> Option<NextAction> {
        match paid_with(kind, value, file).await {
            Claim::Accepted { gateway_order_no, next_action } => {
                assert_eq!(gateway_order_no.as_deref(), Some(SN), "{file}");
                next_action
            }
            other => panic!("{file}: {other:?}"),
        }
    }

    #[tokio::test]
    async fn every_answer_to_an_order_has_its_meaning() {
        for (expected, files) in [
            (
                "accepted",
                "alipay.qrcode.success alipay.qrcode.success_all_strings alipay.qrcode.success_both_envelopes \
                 alipay.qrcode.success_code_string alipay.qrcode.success_empties_dropped \
                 alipay.qrcode.success_empty_qrcode alipay.qrcode.success_empty_sign \
                 alipay.qrcode.success_lower_case_sign alipay.qrcode.success_ret_envelope \
                 alipay.qrcode.success_unknown_field alipay.qrcode.success_unsigned \
                 alipay.qrcode.success_without_qrcode",
            ),
            (
                "refused",
                "bad_appid bad_sign busy closed code_used failure_code_string failure_data_list \
                 failure_data_null failure_data_object failure_data_text failure_message_missing \
                 failure_ret_envelope missing_field not_json not_supported",
            ),
            (
                "unknown",
                "alipay.app.broken alipay.qrcode.both_envelopes_disagree \
                 alipay.qrcode.both_envelopes_disagree_code_fails alipay.qrcode.code_200_data_text \
                 alipay.qrcode.code_200_without_data alipay.qrcode.code_zero_with_data \
                 alipay.qrcode.success_forged_sign alipay.qrcode.success_other_amount \
                 alipay.qrcode.success_other_appid alipay.qrcode.success_other_currency \
                 alipay.qrcode.success_other_order alipay.qrcode.success_unknown_state already_paid failure \
                 general_error_zero unknown_code unknown_error upstream_empty upstream_timeout",
            ),
        ] {
            for file in files.split_whitespace() {
                assert_eq!(name(&paid_with(QR, 10, file).await), expected, "{file}");
            }
        }
    }

    #[tokio::test]
    async fn a_bar_code_is_paid_open_refused_or_in_doubt() {
        for (file, expected) in [
            ("success", "paid"),
            ("success_strings", "paid"),
            ("success_other_amount", "paid"),
            ("notpay", "accepted"),
            ("userpaying", "accepted"),
            ("payerror", "refused"),
            ("unknown", "unknown"),
            ("unknown_code_string", "unknown"),
            ("unknown_with_data", "unknown"),
            ("unknown_data_says_success", "unknown"),
        ] {
            let claim = paid_with(BlueoceanMicropay, 5, &format!("micropay.{file}")).await;
            assert_eq!(name(&claim), expected, "{file}");
            match claim {
                Claim::Unknown { failure, .. } => {
                    let failure = failure.expect("201 is a published code");
                    assert_eq!((failure.code.as_str(), failure.class.as_str()), ("outcome_unknown", "query"));
                }
                Claim::Accepted { next_action, .. } => assert_eq!(next_action, None),
                Claim::Paid(paid) => assert_eq!(paid.amount == 5, file != "success_other_amount"),
                Claim::Refused { failure } => assert_eq!(failure.gateway_code.as_deref(), Some("PAYERROR")),
                other => panic!("{other:?}"),
            }
        }
    }

    #[tokio::test]
    async fn every_way_shows_what_its_payer_goes_on_with() {
        let expires_at = "2024-01-01T00:10:00Z".to_owned();
        for (kind, value, file, text) in [
            (QR, 10, "alipay.qrcode.success", "https://qr.alipay.com/bax00000000000000000001"),
            (BlueoceanWechatQrcode, 10, "wechat.qrcode.success", "weixin://wxpay/bizpayurl?pr=EXAMPLE"),
            (
                BlueoceanMixedQrcode,
                13,
                "blueocean.qrcode.success",
                "http://api.blueocean.example/order/qrcode/97736",
            ),
            (
                BlueoceanUnionpayQrcode,
                10,
                "unionpay.qrcode.success",
                "https://qr.95516.example/00010000/01EXAMPLE000000000000000001",
            ),
        ] {
            let action = NextAction::QrCode { text: text.into(), expires_at: expires_at.clone() };
            assert_eq!(shown(kind, value, file).await, Some(action), "{file}");
        }
        let mweb = "https://wx.tenpay.example/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx00000000000000000001&package=1000000001";
        for (kind, value, file, url) in [
            (
                BlueoceanAlipayWap,
                20,
                "alipay.wappay.success",
                "https://wap.blueocean.example/o-wap/EXAMPLE0000000001",
            ),
            (
                BlueoceanUnionpayLink,
                10,
                "unionpay.link.success",
                "https://upop.blueocean.example/Payment/CreateChannelData?amount=0.1&currency=344&paymentInfoId=EXAMPLE",
            ),
            (BlueoceanWechatMweb, 10, "wechat.mweb.success", mweb),
            (BlueoceanWechatMweb, 20, "wechat.mweb.success_userpaying", mweb),
        ] {
            let action = NextAction::Redirect { purpose: RedirectPurpose::Pay, url: url.into() };
            assert_eq!(shown(kind, value, file).await, Some(action), "{file}");
        }
    }

    #[tokio::test]
    async fn a_bridge_gets_its_payload_as_the_gateway_signed_it() {
        let expected = serde_json::json!({
            "appId": "wx0000000000000001", "timeStamp": "1704067200", "nonceStr": "N0000000000000000001",
            "package": "prepay_id=wx00000000000000000001", "signType": "MD5",
            "paySign": "37C0835E3A0E32AFE7ECD45C571F628D",
        });
        for file in ["success", "success_jsapi_object_unsigned", "success_time_stamp_number"] {
            let Some(NextAction::WechatJsapi { payload }) =
                shown(BlueoceanWechatJsapi, 2, &format!("wechat.jsapi.{file}")).await
            else {
                panic!("{file}")
            };
            assert_eq!(payload["timeStamp"], expected["timeStamp"], "{file}");
            assert!(file == "success_time_stamp_number" || payload == expected, "{file}");
        }
        for (file, field, text) in [
            ("success_jsapi_unknown_field", "extra", "新"),
            ("success_php_escapes", "package", "prepay_id=wx00000000000000000001&sub=a\\/b"),
            ("success_php_escapes", "note", "测试"),
        ] {
            let action = shown(BlueoceanWechatJsapi, 2, &format!("wechat.jsapi.{file}")).await;
            let Some(NextAction::WechatJsapi { payload }) = action else { panic!("{file}") };
            assert_eq!(payload[field], text.replace("\\/", "/"), "{file}");
        }
        for file in ["empty_jsapi", "jsapi_not_json", "jsapi_without_pay_sign", "without_jsapi"] {
            let action = shown(BlueoceanWechatJsapi, 2, &format!("wechat.jsapi.success_{file}")).await;
            assert_eq!(action, None, "{file}");
        }
    }

    #[tokio::test]
    async fn a_native_application_gets_what_its_sdk_takes() {
        for file in ["success", "success_app_object_unsigned", "success_without_app"] {
            let action = shown(BlueoceanAlipayApp, 20, &format!("alipay.app.{file}")).await;
            let Some(NextAction::NativeApp { platform: Platform::Alipay, payload }) = action else {
                panic!("{file}")
            };
            assert!(
                payload.as_str().unwrap().starts_with("_input_charset=\"UTF-8\"&body=\"测试\"&"),
                "{file}"
            );
        }
        assert_eq!(shown(BlueoceanAlipayApp, 20, "alipay.app.success_without_app_format").await, None);
        let expected = serde_json::json!({
            "appid": "wx0000000000000001", "partnerid": "1500000001", "prepayid": "wx00000000000000000001",
            "package": "Sign=WXPay", "noncestr": "N0000000000000000001", "timestamp": "1704067200",
            "paySign": "E06DBF633E7BEC8614225D9C854564DD", "sign": "E06DBF633E7BEC8614225D9C854564DD",
        });
        for file in ["success", "success_app_object_unsigned"] {
            let action = shown(BlueoceanWechatApp, 501, &format!("wechat.app.{file}")).await;
            let payload = expected.clone();
            assert_eq!(action, Some(NextAction::NativeApp { platform: Platform::Wechat, payload }), "{file}");
        }
        for file in ["app_not_json", "without_app"] {
            let action = shown(BlueoceanWechatApp, 501, &format!("wechat.app.success_{file}")).await;
            assert_eq!(action, None, "{file}");
        }
    }

    async fn asked(kind: MethodType, value: i64, file: &str) -> Claim {
        let told = Rehearsal::with(&format!("order.query.{file}.json")).await;
        told.gateway.query_order(&sought(kind, value)).await
    }

    #[tokio::test]
    async fn every_state_has_its_meaning() {
        for (expected, files) in [
            (
                "paid",
                "success success_numbers success_other_amount success_other_currency success_refundable \
                 success_unix_time success_unsigned",
            ),
            ("accepted", "notpay userpaying"),
            (
                "refunded",
                "refund partially_refunded partially_refunded_strings partially_refunded_state_success \
                 refund_total_above_order refund_without_total_refund_fee",
            ),
            ("closed", "closed revoked"),
            ("refused", "payerror"),
            ("not_found", "no_such_order no_such_data"),
            (
                "unknown",
                "busy success_forged_sign success_other_appid success_other_order unknown_state \
                 upstream_timeout",
            ),
        ] {
            for file in files.split_whitespace() {
                assert_eq!(name(&asked(QR, 10, file).await), expected, "{file}");
            }
        }
        for (state, expected) in [
            ("notpay", "accepted"),
            ("userpaying", "accepted"),
            ("success", "paid"),
            ("payerror", "refused"),
            ("revoked", "closed"),
        ] {
            let claim = asked(BlueoceanMicropay, 5, &format!("micropay_{state}")).await;
            assert_eq!(name(&claim), expected, "{state}");
        }
    }

    #[tokio::test]
    async fn a_refund_says_how_much_went_back_and_what_had_been_paid() {
        for (file, total) in [
            ("refund", None),
            ("refund_total_above_order", None),
            ("refund_without_total_refund_fee", None),
            ("partially_refunded", Some(4)),
            ("partially_refunded_strings", Some(4)),
            ("partially_refunded_state_success", Some(4)),
        ] {
            let Claim::Refunded { total: told, paid: Some(paid) } = asked(QR, 10, file).await else {
                panic!("{file}")
            };
            assert_eq!((told, paid.amount), (total, 10), "{file}");
            assert_eq!(paid.transaction_id.as_deref(), Some("P5631EXAMPLE0000001"), "{file}");
        }
    }

    #[tokio::test]
    async fn an_end_is_taken_only_by_a_state_or_a_code_that_says_so() {
        const CLOSE: &[(&str, &str, &str)] = &[
            ("success", "", "closed"),
            ("success_bare", "", "closed"),
            ("already_closed", "", "closed"),
            ("found_paid", "", "paid"),
            ("already_paid", "success", "paid"),
            ("already_paid", "notpay", "unknown"),
            ("already_refunded", "refund", "refunded"),
            ("success_without_data", "closed", "closed"),
            ("success_without_data", "success", "paid"),
            ("success_without_data", "notpay", "unknown"),
            ("still_notpay", "closed", "closed"),
            ("still_notpay", "notpay", "unknown"),
            ("no_such_order", "", "not_found"),
            ("busy", "", "unknown"),
            ("not_supported", "", "unknown"),
            ("success_forged_sign", "", "unknown"),
            ("success_other_order", "", "unknown"),
            ("unknown_code", "", "unknown"),
            ("upstream_timeout", "", "unknown"),
        ];
        const REVERSE: &[(&str, &str, &str)] = &[
            ("success", "", "closed"),
            ("success_bare", "", "closed"),
            ("success_refunded", "", "refunded"),
            ("already_reversed", "", "closed"),
            ("found_paid", "", "paid"),
            ("already_paid", "micropay_success", "paid"),
            ("already_refunded", "micropay_revoked", "closed"),
            ("success_without_data", "micropay_revoked", "closed"),
            ("success_without_data", "micropay_userpaying", "unknown"),
            ("still_notpay", "micropay_payerror", "refused"),
            ("no_such_order", "", "not_found"),
            ("busy", "", "unknown"),
            ("not_supported", "", "unknown"),
            ("success_forged_sign", "", "unknown"),
            ("success_other_order", "", "unknown"),
            ("unknown_code", "", "unknown"),
            ("upstream_timeout", "", "unknown"),
        ];
        for (kind, value, call, cases) in
            [(QR, 10, "close", CLOSE), (BlueoceanMicropay, 5, "reverse", REVERSE)]
        {
            for (answer, then, expected) in cases {
                let path = if call == "close" { "/order/close" } else { "/order/reverse" };
                let query = if then.is_empty() { "unknown_state" } else { then };
                let answers = [
                    (path, &*format!("order.{call}.{answer}.json")),
                    ("/order/query", &*format!("order.query.{query}.json")),
                ];
                let told = Rehearsal::with_each(answers).await;
                let claim = told.gateway.end_order(path, &sought(kind, value)).await;
                assert_eq!(name(&claim), *expected, "{call} {answer} {then}");
                assert_eq!(told.paths().len(), if then.is_empty() { 1 } else { 2 }, "{call} {answer} {then}");
            }
        }
    }

    #[tokio::test]
    async fn a_missing_field_of_an_order_without_an_address_is_explained() {
        for (address, explained) in [(None, true), (Some([203, 0, 113, 7].into()), false)] {
            let told = Rehearsal::with("payment.missing_field.json").await;
            let mut mweb = order(BlueoceanWechatMweb, 10);
            mweb.circumstances.payer_address = address;
            let Claim::Refused { failure } = told.gateway.pay(&mweb).await else { panic!("not refused") };
            assert_eq!(failure.hint.as_deref() == Some(NO_PAYER_ADDRESS), explained);
        }
    }
}
