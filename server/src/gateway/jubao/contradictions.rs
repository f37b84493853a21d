//! Where Jubao's documents contradict each other or the clients that were published: one test for each reading taken.
//! Each is named after its row of the table in docs/gateways/jubao.md.

use countersign_core::{Currency, MethodType, NextAction};
use serde_json::{Value, json};

use super::config::{BodyFormat, Version};
use super::sign::{self, Charset};
use super::{Gateway, Jubao, JubaoConfig, Received, Sought, config};
use crate::gateway::fields::Fields;
use crate::gateway::notification::RefusalKind;
use crate::gateway::order::Order;
use crate::gateway::scripted::{Scripted, name, order, upstream};
use crate::ledger::Claim;
use crate::vectors::{self, wire};

const KEY: &str = "0123456789abcdef0123456789abcdef";

async fn jubao(answer: impl Into<Vec<u8>>, change: impl FnOnce(&mut JubaoConfig)) -> (Scripted, Jubao) {
    let scripted = Scripted::answering(answer.into()).await;
    let mut config = config::sample();
    config.base_url = scripted.url.clone();
    change(&mut config);
    (scripted, Jubao::new(config, Currency::parse("CNY").unwrap(), upstream()))
}

fn sample_order() -> Order {
    order(MethodType::JubaoWechatH5, "T20240101000001", 10, "CNY")
}

fn sought() -> Sought {
    Sought { order: sample_order(), gateway_order_no: Some("20240101000000000001".into()) }
}

/// What is made of this answer to an order, and what had been sent for it.
async fn submitted(answer: impl Into<Vec<u8>>) -> (Claim, Fields) {
    let (scripted, gateway) = jubao(answer, |_| {}).await;
    let claim = gateway.submit(&sample_order()).await;
    (claim, Fields::from_form(scripted.seen()[0].1.as_bytes()).unwrap())
}

async fn queried(answer: impl Into<Vec<u8>>) -> Claim {
    let (_scripted, gateway) = jubao(answer, |_| {}).await;
    gateway.query(&sought()).await
}

async fn notified(file: &str, content_type: Option<&str>) -> Result<Option<i64>, RefusalKind> {
    let (_scripted, gateway) = jubao("", |_| {}).await;
    let received = Received { content_type, query: None, body: &wire(&format!("jubao/{file}")) };
    gateway.verify(&received).map(|n| n.paid().map(|paid| paid.amount)).map_err(|refusal| refusal.kind)
}

fn file(name: &str) -> Vec<u8> {
    wire(&format!("jubao/{name}"))
}

fn page(claim: &Claim) -> &str {
    match claim {
        Claim::Accepted { next_action: Some(NextAction::Redirect { url, .. }), .. } => url,
        other => panic!("no page: {other:?}"),
    }
}

/// The published codes but 200, with what may come of each.
fn published() -> Vec<String> {
    let list: Value = serde_json::from_slice(&wire("../codes/jubao_blueocean.json")).unwrap();
    let codes = list["codes"].as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap().to_owned());
    codes.filter(|code| code != "200").collect()
}

#[tokio::test]
async fn b1_every_published_code_is_read_in_either_envelope() {
    assert_eq!(published().len(), super::CODES.len());
    for code in published().iter().filter(|code| *code != "0") {
        let row = super::CODES.iter().find(|row| row.gateway_code == code).unwrap();
        for answer in
            [json!({"ret": code.parse::<i64>().unwrap(), "msg": "x"}), json!({"code": code, "message": "x"})]
        {
            let (_scripted, gateway) = jubao(answer.to_string(), |_| {}).await;
            let (failure, expected) = match gateway.submit(&sample_order()).await {
                Claim::Refused { failure } => (failure, false),
                Claim::Unknown { failure: Some(failure), .. } => (failure, true),
                other => panic!("{answer}: {other:?}"),
            };
            assert_eq!(failure.gateway_code.as_ref(), Some(code));
            assert_eq!(
                (failure.code.as_str(), failure.class.as_str() == "query"),
                (row.code, expected),
                "{answer}"
            );
        }
    }
    for (file_name, expected) in [
        ("apply_pay.success_code_envelope.json", "accepted"),
        ("apply_pay.success_both_envelopes.json", "accepted"),
        ("apply_pay.success_both_envelopes_strings.json", "accepted"),
        ("apply_pay.failure_code_envelope.json", "refused"),
        ("apply_pay.both_envelopes_disagree.json", "refused"),
        ("apply_pay.both_envelopes_disagree_ret_fails.json", "refused"),
        ("apply_pay.both_envelopes_fail.json", "unknown"),
        ("apply_pay.without_envelope.json", "unknown"),
    ] {
        let claim = submitted(file(file_name)).await.0;
        assert_eq!(name(&claim), expected, "{file_name}: {claim:?}");
    }
    assert_eq!(name(&queried(file("query.paid_both_envelopes.json")).await), "paid");
    assert_eq!(name(&queried(file("query.paid_both_envelopes_disagree.json")).await), "unknown");
}

#[tokio::test]
async fn b2_zero_is_success_under_ret_and_an_error_under_code() {
    for (file_name, expected) in [
        ("apply_pay.success.json", "accepted"),
        ("apply_pay.code_envelope_zero.json", "unknown"),
        ("apply_pay.both_envelopes_zero.json", "unknown"),
        ("apply_pay.ret_200.json", "unknown"),
    ] {
        assert_eq!(name(&submitted(file(file_name)).await.0), expected, "{file_name}");
    }
}

#[test]
fn b3_names_and_values_are_joined_without_a_separator() {
    let published =
        vectors::load("jubao", "jubao").into_iter().find(|v| v.name == "published_apply_pay_1").unwrap();
    assert!(!published.canonical.as_deref().unwrap().contains('&'));
    assert_eq!(sign::sign(&published.fields, &published.keys[0]), published.signature);
}

#[tokio::test]
async fn b4_the_charset_follows_version_when_sending_and_either_is_taken_when_it_comes() {
    for (version, charset) in [(Version::Two, Charset::Plain), (Version::Absent, Charset::EncodedTwice)] {
        let (scripted, gateway) = jubao(file("apply_pay.success.json"), |c| c.version = version).await;
        assert_eq!(name(&gateway.submit(&sample_order()).await), "accepted");
        let form = Fields::from_form(scripted.seen()[0].1.as_bytes()).unwrap();
        assert_eq!(form.get("body"), Some("测试商品"));
        let canonical = sign::canonical(form.pairs()).unwrap();
        let expected = sign::signature(&sign::bytes_to_sign(&canonical, charset, KEY));
        assert_eq!(form.get("sign"), Some(expected.as_str()), "{version:?}");
    }
    for file in ["plain", "double_encoded", "version_2"] {
        assert_eq!(notified(&format!("notify.paid_chinese_{file}.form"), None).await, Ok(Some(10)), "{file}");
    }
    for file_name in ["query.paid_signed_plain.json", "query.paid_signed_double_encoded.json"] {
        assert_eq!(name(&queried(file(file_name)).await), "paid", "{file_name}");
    }
}

#[tokio::test]
async fn b5_version_is_sent_as_two_unless_the_account_says_none() {
    let (_, form) = submitted(file("apply_pay.success.json")).await;
    assert_eq!(form.get("version"), Some("2"));
    let (scripted, gateway) = jubao(file("query.paid.json"), |c| c.version = Version::Absent).await;
    assert_eq!(name(&gateway.query(&sought()).await), "paid");
    let form = Fields::from_form(scripted.seen()[0].1.as_bytes()).unwrap();
    assert_eq!(form.get("version"), None);
    assert!(sign::verify(form.pairs(), [KEY]));
}

#[tokio::test]
async fn b6_the_same_fields_and_signature_go_out_as_form_or_as_json() {
    let (_, form) = submitted(file("apply_pay.success.json")).await;
    let (scripted, gateway) =
        jubao(file("apply_pay.success.json"), |c| c.body_format = BodyFormat::Json).await;
    assert_eq!(name(&gateway.submit(&sample_order()).await), "accepted");
    let json = Fields::from_json(scripted.seen()[0].1.as_bytes()).unwrap();
    let sorted = |fields: &Fields| {
        let mut pairs = fields.pairs().to_vec();
        pairs.sort();
        pairs
    };
    assert_eq!(sorted(&json), sorted(&form));
}

#[test]
fn b7_the_host_has_no_default() {
    let without = toml::from_str::<JubaoConfig>("mch_id = \"1\"\nkeys = [\"k\"]");
    assert!(without.unwrap_err().to_string().contains("base_url"));
}

#[tokio::test]
async fn b8_amounts_go_out_as_digits_and_come_as_numbers_or_text() {
    let (_, form) = submitted(file("apply_pay.success.json")).await;
    assert_eq!(form.get("total_fee"), Some("10"));
    for file_name in ["query.paid.json", "query.paid_strings.json", "query.paid_mch_id_number.json"] {
        let Claim::Paid(paid) = queried(file(file_name)).await else { panic!("{file_name}") };
        assert_eq!(paid.amount, 10, "{file_name}");
    }
    for file in ["notify.paid.json", "notify.paid_strings.json", "notify.paid.form"] {
        assert_eq!(notified(file, None).await, Ok(Some(10)), "{file}");
    }
}

#[tokio::test]
async fn b11_times_are_read_in_every_form_and_zero_is_none() {
    let Claim::Paid(paid) = queried(file("query.paid.json")).await else { panic!("not paid") };
    // 2024-01-01 08:00:05 in UTC+8.
    assert_eq!(paid.paid_at_ms, Some(1_704_067_205_000));
    assert_eq!(name(&queried(file("query.finish_time_zero.json")).await), "accepted");
}

#[tokio::test]
async fn b13_the_order_is_compared_with_total_fee_whatever_was_paid_in_cash() {
    let Claim::Paid(paid) = queried(file("query.paid_less_cash.json")).await else { panic!("not paid") };
    assert_eq!(paid.amount, 10);
    assert_eq!(notified("notify.paid_less_cash.form", None).await, Ok(Some(10)));
}

#[tokio::test]
async fn b17_a_repeated_order_number_is_neither_success_nor_refusal() {
    for file_name in
        ["apply_pay.failure.json", "apply_pay.duplicate_40106.json", "apply_pay.failure_ret_string.json"]
    {
        let Claim::Unknown { failure: Some(failure), .. } = submitted(file(file_name)).await.0 else {
            panic!("{file_name}")
        };
        assert_eq!(
            (failure.code.as_str(), failure.class.as_str()),
            ("duplicate_order", "query"),
            "{file_name}"
        );
    }
    let other = submitted(r#"{"ret":40500,"msg":"支付错误"}"#).await.0;
    assert!(matches!(other, Claim::Refused { failure } if failure.code == "payment_error"));
}

#[tokio::test]
async fn b20_the_other_dialects_names_mean_nothing_here() {
    let answer = json!({"ret": 0, "data": {"out_trade_no": "T20240101000001", "sn": "7", "code_url": "https://a.example/p"}});
    let Claim::Accepted { gateway_order_no, .. } = submitted(answer.to_string()).await.0 else {
        panic!("refused")
    };
    assert_eq!(gateway_order_no, None);
    let answer = json!({"ret": 0, "data": {"appid": "10000000000001", "out_trade_no": "T20240101000001",
        "sn": "20240101000000000001", "trade_state": "SUCCESS", "total_fee": 10}});
    assert_eq!(name(&queried(answer.to_string()).await), "unknown");
}

#[tokio::test]
async fn b21_the_query_is_the_later_documents_and_asks_by_order_sn() {
    let (scripted, gateway) = jubao(file("query.paid.json"), |_| {}).await;
    assert_eq!(name(&gateway.query(&sought()).await), "paid");
    let (path, body) = scripted.seen().remove(0);
    assert_eq!(path, "/index.php?_m=payment&_a=query");
    let form = Fields::from_form(body.as_bytes()).unwrap();
    assert_eq!((form.get("order_sn"), form.get("out_trade_no")), (Some("20240101000000000001"), None));
}

#[tokio::test]
async fn b22_a_notification_in_the_other_dialects_fields_is_for_nobody_here() {
    let (_scripted, gateway) = jubao("", |_| {}).await;
    let mut fields = vec![
        ("appid".to_owned(), "10000000000001".to_owned()),
        ("out_trade_no".to_owned(), "T20240101000001".to_owned()),
        ("total_fee".to_owned(), "10".to_owned()),
        ("sn".to_owned(), "1".to_owned()),
    ];
    let sign = sign::sign(&fields, KEY).unwrap();
    fields.push(("sign".to_owned(), sign));
    let body = serde_urlencoded::to_string(&fields).unwrap();
    let received = Received { content_type: None, query: None, body: body.as_bytes() };
    assert_eq!(gateway.verify(&received).unwrap_err().kind, RefusalKind::WrongAccount);
    assert_eq!(notified("notify.paid.form", None).await, Ok(Some(10)));
}

#[tokio::test]
async fn b23_a_notification_is_read_as_form_or_json_whatever_it_is_called() {
    for file in ["notify.paid.form", "notify.paid.json"] {
        for content_type in [
            None,
            Some("text/plain"),
            Some("application/octet-stream"),
            Some("application/x-www-form-urlencoded"),
        ] {
            assert_eq!(notified(file, content_type).await, Ok(Some(10)), "{file} as {content_type:?}");
        }
    }
}

#[tokio::test]
async fn b24_the_reply_is_one_word_in_capitals() {
    let (_scripted, gateway) = jubao("", |_| {}).await;
    let replies = [true, false].map(|taken| gateway.acknowledgement(taken));
    assert_eq!(replies.map(|reply| reply.body), ["SUCCESS", "FAIL"]);
    assert!(replies.iter().all(|reply| reply.media_type.starts_with("text/plain")));
}

#[tokio::test]
async fn b25_an_answer_without_sign_is_taken_and_one_with_a_wrong_sign_is_not() {
    for (file_name, expected) in [
        ("apply_pay.success.json", "accepted"),
        ("apply_pay.success_signed.json", "accepted"),
        ("apply_pay.success_lower_case_sign.json", "accepted"),
        ("apply_pay.success_empty_sign.json", "accepted"),
        ("apply_pay.success_forged_sign.json", "unknown"),
    ] {
        assert_eq!(name(&submitted(file(file_name)).await.0), expected, "{file_name}");
    }
    assert_eq!(name(&queried(file("query.paid_forged_sign.json")).await), "unknown");
}

#[tokio::test]
async fn b26_any_channel_number_is_sent_as_the_merchant_gave_it() {
    for (kind, number, sent) in [
        (MethodType::JubaoChannel, Some(304), "304"),
        (MethodType::JubaoChannel, Some(999_999), "999999"),
        (MethodType::JubaoAlipayWap, None, "101"),
        (MethodType::JubaoWechatH5, None, "201"),
    ] {
        let (scripted, gateway) = jubao(file("apply_pay.success_304.json"), |_| {}).await;
        let mut order = order(kind, "T20240101000001", 10, "CNY");
        order.method.pay_channel_id = number;
        assert_eq!(name(&gateway.submit(&order).await), "accepted");
        let form = Fields::from_form(scripted.seen()[0].1.as_bytes()).unwrap();
        assert_eq!(form.get("pay_channel_id"), Some(sent));
        assert_eq!(form.get("attach"), None);
        assert!(sign::verify(form.pairs(), [KEY]));
    }
    assert_eq!(notified("notify.paid_304.form", None).await, Ok(Some(10)));
    assert_eq!(name(&queried(file("query.paid_304.json")).await), "paid");
}

#[tokio::test]
async fn b28_code_url_goes_to_the_payer_as_it_came() {
    for (which, expected) in [
        ("pilcrow", "http://pay.jubao.example/index.php?_m=pay¶meter=20240101000000000001"),
        ("without_pay_and", "http://pay.jubao.example/index.php?_m=parameter=20240101000000000001"),
        ("chinese", "http://pay.jubao.example/支付?名=茶&parameter=20240101000000000001"),
        ("escaped_slashes", "http://pay.jubao.example/index.php?_m=pay&parameter=20240101000000000001&名=茶"),
        (
            "odd_characters",
            "https://Pay.Jubao.example:8443/index.php?_m=pay&parameter=20240101000000000001&t=a%2Bb+c%20d&q=;|~(')*!$,:@&x=%e4%b8%ad%E6%96%87&amp;y=&#top",
        ),
    ] {
        let claim = submitted(file(&format!("apply_pay.success_code_url_{which}.json"))).await.0;
        assert_eq!(page(&claim), expected);
    }
    for which in ["script", "line_break"] {
        let claim = submitted(file(&format!("apply_pay.success_code_url_{which}.json"))).await.0;
        let Claim::Accepted { gateway_order_no, next_action: None } = claim else {
            panic!("{which}: {claim:?}")
        };
        assert_eq!(gateway_order_no.as_deref(), Some("20240101000000000001"));
    }
}
