//! What the documents say two ways, row by row of the table in `docs/gateways/blueocean.md`. Rows of the other dialect
//! are tested beside it.

use countersign_core::MethodType::{
    BlueoceanAlipayApp, BlueoceanAlipayQrcode, BlueoceanAlipayWap, BlueoceanMicropay, BlueoceanMixedQrcode,
    BlueoceanUnionpayLink, BlueoceanWechatApp, BlueoceanWechatHkJsapi, BlueoceanWechatJsapi,
    BlueoceanWechatQrcode,
};
use countersign_core::{Currency, MethodType, NextAction};
use serde_json::{Value, json};

use super::rehearsal::{ORDER_NO, Rehearsal, SN, answer, order, sought};
use super::{config, notify, sign};
use crate::gateway::Gateway;
use crate::gateway::notification::{Received, RefusalKind, VerifiedNotification};
use crate::gateway::scripted::name;
use crate::ledger::{Claim, PaidClaim};
use crate::vectors::wire;

async fn told(text: &str) -> Claim {
    Rehearsal::saying(text).await.gateway.query_order(&sought(BlueoceanAlipayQrcode, 10)).await
}

async fn told_of(fields: Value) -> Claim {
    told(&answer(&fields)).await
}

async fn paid(fields: Value) -> PaidClaim {
    match told_of(fields).await {
        Claim::Paid(paid) => paid,
        other => panic!("{other:?}"),
    }
}

async fn file(kind: MethodType, value: i64, file: &str) -> Claim {
    Rehearsal::with(&format!("payment.{file}.json")).await.gateway.pay(&order(kind, value)).await
}

async fn action(kind: MethodType, value: i64, name: &str) -> Option<NextAction> {
    match file(kind, value, name).await {
        Claim::Accepted { next_action, .. } => next_action,
        other => panic!("{name}: {other:?}"),
    }
}

fn noticed(body: &[u8]) -> Result<VerifiedNotification, RefusalKind> {
    let received = Received { content_type: None, query: None, body };
    notify::verify(&config::sample(), &Currency::parse("HKD").unwrap(), &received).map_err(|r| r.kind)
}

fn notice(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut fields: Vec<(String, String)> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let sign = sign::sign(&fields, config::sample().signing_key());
    fields.push(("sign".into(), sign));
    serde_urlencoded::to_string(fields).unwrap().into_bytes()
}

#[tokio::test]
async fn b1_each_envelope_says_success_by_its_own_number_and_both_must() {
    for (answer, expected) in [
        ("success", "accepted"),
        ("success_code_string", "accepted"),
        ("success_ret_envelope", "accepted"),
        ("success_both_envelopes", "accepted"),
        ("both_envelopes_disagree", "unknown"),
        ("both_envelopes_disagree_code_fails", "unknown"),
        ("code_zero_with_data", "unknown"),
    ] {
        let claim = file(BlueoceanAlipayQrcode, 10, &format!("alipay.qrcode.{answer}")).await;
        assert_eq!(name(&claim), expected, "{answer}");
    }
    assert_eq!(name(&told(r#"{"code":40102,"ret":40102}"#).await), "not_found");
}

#[tokio::test]
async fn b2_zero_is_an_error_under_code_and_success_under_ret() {
    let data = answer(&json!({}));
    let under = |envelope: &str| data.replace("\"code\":200", &format!("\"{envelope}\":0"));
    assert_eq!(name(&told(&under("code")).await), "unknown");
    assert_eq!(name(&told(&under("ret")).await), "accepted");
    let Claim::Unknown { failure: Some(failure), .. } =
        file(BlueoceanAlipayQrcode, 10, "general_error_zero").await
    else {
        panic!("0 is a published code")
    };
    assert_eq!(failure.code, "general_error");
}

#[tokio::test]
async fn b8_amounts_come_as_numbers_or_text_and_leave_as_numbers() {
    for total_fee in [json!(10), json!("10")] {
        assert_eq!(paid(json!({"trade_state": "SUCCESS", "total_fee": total_fee})).await.amount, 10);
    }
    for odd in [json!("10.0"), json!(10.5), json!("1e1"), json!(" 10"), json!(null)] {
        let claim = told_of(json!({"trade_state": "SUCCESS", "total_fee": odd})).await;
        assert_eq!(name(&claim), "unknown");
    }
    let rehearsal = Rehearsal::saying("{}").await;
    rehearsal.gateway.pay(&order(BlueoceanAlipayQrcode, 10)).await;
    assert_eq!(rehearsal.sent_json()["total_fee"], json!(10));
    assert!(sign::verify(rehearsal.sent().pairs(), [config::sample().signing_key()]));
}

#[tokio::test]
async fn b9_appid_is_compared_as_text_and_another_one_is_another_account() {
    for appid in [json!("1000001"), json!(1_000_001)] {
        assert_eq!(name(&told_of(json!({ "appid": appid })).await), "accepted");
    }
    for appid in [json!("1000343"), json!(1_000_343), json!("01000001")] {
        assert_eq!(name(&told_of(json!({ "appid": appid })).await), "unknown");
    }
    let slip = file(BlueoceanWechatApp, 501, "wechat.app.success_other_appid_as_printed").await;
    assert_eq!(name(&slip), "unknown");
}

#[tokio::test]
async fn b10_id_may_be_a_number_or_text_and_is_not_the_order_number() {
    for id in [json!("13152"), json!(13152)] {
        let claim = told_of(json!({"id": id})).await;
        assert!(
            matches!(&claim, Claim::Accepted { gateway_order_no: Some(sn), .. } if sn == SN),
            "{claim:?}"
        );
    }
}

#[tokio::test]
async fn b11_times_are_read_in_every_form_and_zero_is_not_paid() {
    for time_end in [json!("20240101080005"), json!(20_240_101_080_005_i64), json!(1_704_067_205)] {
        let at_ms = paid(json!({"trade_state": "SUCCESS", "time_end": time_end})).await.paid_at_ms;
        assert_eq!(at_ms, Some(1_704_067_205_000));
    }
    for time in [json!("2024-01-01 08:00:05"), json!("1704067205")] {
        let fields = json!({"trade_state": "SUCCESS", "time_end": time, "create_time": time});
        assert_eq!(paid(fields).await.paid_at_ms, Some(1_704_067_205_000));
    }
    for nothing in [json!(0), json!("0"), json!(""), json!(null)] {
        let fields = json!({"time_end": nothing, "create_time": "1704067200"});
        assert_eq!(name(&told_of(fields).await), "accepted");
        let fields = json!({"trade_state": "SUCCESS", "time_end": nothing});
        assert_eq!(paid(fields).await.paid_at_ms, None);
    }
}

#[tokio::test]
async fn b12_states_are_words_here_and_a_number_is_none() {
    for state in [json!("2"), json!(2), json!("success"), json!("")] {
        assert_eq!(name(&told_of(json!({"trade_state": state, "status": 2})).await), "unknown");
    }
}

#[tokio::test]
async fn b13_the_order_is_compared_with_total_fee_whatever_was_paid_in_cash() {
    let discounted = json!({
        "trade_state": "SUCCESS", "total_fee": 10, "discount": 4, "pay_amount": 6, "cash_fee": "5",
        "cash_fee_type": "CNY",
    });
    let paid = paid(discounted).await;
    assert_eq!((paid.amount, paid.currency.unwrap().as_str()), (10, "HKD"));
    let till = file(BlueoceanMicropay, 5, "micropay.success").await;
    assert!(matches!(&till, Claim::Paid(paid) if paid.amount == 5), "{till:?}");
    assert!(action(BlueoceanWechatApp, 501, "wechat.app.success").await.is_some());
    let other = file(BlueoceanAlipayQrcode, 10, "alipay.qrcode.success_other_amount").await;
    assert_eq!(name(&other), "unknown");
}

#[tokio::test]
async fn b14_the_name_of_the_payment_is_sent_as_text() {
    let rehearsal = Rehearsal::saying("{}").await;
    rehearsal.gateway.pay(&order(BlueoceanAlipayWap, 20)).await;
    assert_eq!(rehearsal.sent_json()["payment"], json!("alipay.wappay"));
}

#[tokio::test]
async fn b15_app_may_be_text_an_object_or_absent_and_a_broken_body_is_an_unknown_outcome() {
    for app in ["success", "success_app_object_unsigned", "success_without_app"] {
        let action = action(BlueoceanAlipayApp, 20, &format!("alipay.app.{app}")).await;
        assert!(matches!(action, Some(NextAction::NativeApp { .. })), "{app}");
    }
    assert_eq!(name(&file(BlueoceanAlipayApp, 20, "alipay.app.broken").await), "unknown");
}

#[tokio::test]
async fn b16_the_sign_type_is_the_one_that_was_signed() {
    for (kind, answer, sign_type) in [
        (BlueoceanWechatJsapi, "wechat.jsapi.success", "MD5"),
        (BlueoceanWechatHkJsapi, "wechat.jsapi_hk.success", "SHA1"),
    ] {
        let (Some(NextAction::WechatJsapi { payload }) | Some(NextAction::WechatHkJsapi { payload, .. })) =
            action(kind, 2, answer).await
        else {
            panic!("{answer}")
        };
        assert_eq!(payload["signType"], sign_type);
    }
}

#[tokio::test]
async fn b17_a_repeated_order_number_is_never_success() {
    assert_eq!(name(&file(BlueoceanAlipayQrcode, 10, "failure").await), "unknown");
    let Claim::Refused { failure } = file(BlueoceanAlipayQrcode, 10, "failure_ret_envelope").await else {
        panic!("40500 is a refusal in either envelope")
    };
    assert!(failure.hint.unwrap().ends_with("BlueOcean says: 订单号重复"));
}

#[tokio::test]
async fn b18_out_trade_no_is_ours_and_sn_is_theirs() {
    assert_eq!(name(&told_of(json!({"out_trade_no": SN, "sn": ORDER_NO})).await), "unknown");
    assert_eq!(paid(json!({"trade_state": "SUCCESS"})).await.gateway_order_no.as_deref(), Some(SN));
}

#[tokio::test]
async fn b19_userpaying_waits_like_notpay() {
    for state in ["NOTPAY", "USERPAYING"] {
        assert_eq!(name(&told_of(json!({ "trade_state": state })).await), "accepted");
    }
    assert!(action(BlueoceanUnionpayLink, 10, "unionpay.link.success").await.is_some());
}

#[tokio::test]
async fn b20_the_other_dialects_names_mean_nothing_here() {
    let claim = told_of(json!({"sn": "", "order_sn": "20240101000000000001"})).await;
    assert!(matches!(&claim, Claim::Accepted { gateway_order_no: None, .. }), "{claim:?}");
    let body =
        notice(&[("mch_id", "1000001"), ("out_trade_no", ORDER_NO), ("total_fee", "20"), ("status", "2")]);
    assert_eq!(noticed(&body).unwrap_err(), RefusalKind::WrongAccount);
}

#[test]
fn b22_a_notification_without_a_state_says_paid_and_one_with_a_state_says_that() {
    let paid = noticed(&wire("blueocean/notify.paid.form")).unwrap();
    assert_eq!((paid.order_no(), paid.paid().map(|paid| paid.amount)), (ORDER_NO, Some(20)));
    for (state, says_paid) in [("SUCCESS", true), ("REFUND", false), ("CLOSED", false), ("SOMETHING", false)]
    {
        let fields =
            [("appid", "1000001"), ("out_trade_no", ORDER_NO), ("total_fee", "20"), ("trade_state", state)];
        assert_eq!(noticed(&notice(&fields)).unwrap().paid().is_some(), says_paid, "{state}");
    }
    // `version` of this dialect is one more field under the signature, whatever it says.
    assert!(noticed(&wire("blueocean/notify.paid_version_2.form")).is_ok());
}

#[test]
fn b23_a_notification_is_read_as_form_or_json_whatever_it_is_called() {
    for (path, content_type) in [
        ("notify.paid.form", Some("application/x-www-form-urlencoded")),
        ("notify.paid.form", Some("text/plain")),
        ("notify.paid.json", Some("application/json")),
        ("notify.paid.json", Some("application/x-www-form-urlencoded")),
        ("notify.paid.json", None),
    ] {
        let body = wire(&format!("blueocean/{path}"));
        let received = Received { content_type, query: None, body: &body };
        let read = notify::verify(&config::sample(), &Currency::parse("HKD").unwrap(), &received);
        assert_eq!(read.unwrap().order_no(), ORDER_NO, "{path} {content_type:?}");
    }
}

#[tokio::test]
async fn b24_the_reply_is_one_word_in_capitals() {
    let rehearsal = Rehearsal::saying("{}").await;
    let reply = rehearsal.gateway.acknowledgement(true);
    assert_eq!((reply.body, reply.media_type), ("SUCCESS", "text/plain; charset=utf-8"));
}

#[tokio::test]
async fn b25_an_answer_without_sign_is_taken_and_one_with_a_wrong_sign_is_not() {
    for (answer, expected) in [
        ("success_unsigned", "accepted"),
        ("success_empty_sign", "accepted"),
        ("success_lower_case_sign", "accepted"),
        ("success_forged_sign", "unknown"),
    ] {
        let claim = file(BlueoceanAlipayQrcode, 10, &format!("alipay.qrcode.{answer}")).await;
        assert_eq!(name(&claim), expected, "{answer}");
    }
}

#[tokio::test]
async fn b27_a_wallet_is_named_where_a_sample_names_one() {
    for (kind, wallet) in [
        (BlueoceanAlipayQrcode, Some("CN")),
        (BlueoceanWechatJsapi, Some("CN")),
        (BlueoceanWechatHkJsapi, Some("HK")),
        (BlueoceanMixedQrcode, None),
        (BlueoceanWechatQrcode, None),
        (BlueoceanMicropay, None),
    ] {
        let rehearsal = Rehearsal::saying("{}").await;
        rehearsal.gateway.pay(&order(kind, 10)).await;
        assert_eq!(rehearsal.sent().get("wallet"), wallet, "{kind}");
    }
    // The stray column of 40100 is no advice: it is a refusal like those around it.
    assert_eq!(
        name(&Rehearsal::saying(r#"{"code":40100}"#).await.gateway.pay(&order(BlueoceanMicropay, 5)).await),
        "refused"
    );
}

#[tokio::test]
async fn b29_the_region_in_the_package_of_the_hong_kong_wallet_is_passed_on() {
    let Some(NextAction::WechatHkJsapi { payload, config: None }) =
        action(BlueoceanWechatHkJsapi, 2, "wechat.jsapi_hk.success_package_with_region").await
    else {
        panic!("no payload")
    };
    assert_eq!(payload["package"], "prepay_id=wx00000000000000000001&region=HK");
}
