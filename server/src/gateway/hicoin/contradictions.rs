//! Where Hicoin's documents contradict each other or the clients that were published: one test for each reading taken.
//! Each is named after its row of the table in docs/gateways/hicoin.md.

use countersign_core::{Currency, MethodType, NextAction};
use serde_json::Value;
use url::Url;

use super::config::{BodyEncoding, QueryToken};
use super::{
    Gateway, Hicoin, HicoinConfig, Order, Received, RefundOrder, Sought, sample_at, sample_order, sign,
};
use crate::clock;
use crate::gateway::fields::Fields;
use crate::gateway::scripted::{Scripted, name, upstream};
use crate::ledger::{Claim, PaidClaim, RefundClaim};
use crate::vectors::{self, Vector, wire};

const TOKEN: &str = "/cgi-bin/access_token";
const ORDER: &str = "/pay/preOrder";
const QUERY: &str = "/pay/queryOrder";
const TRANSFERS: &str = "/mmpaymkttransfers/promotion/transfers";
const INFO: &str = "/mmpaymkttransfers/gettransferinfo";

const BASE: &str = "sandbox-base-token-0001";
const USER: &str = "t0000000000000000000000000000001";
const MCH_KEY: &str = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";
const APP_SECRET: &str = "5a6b7c8d9e0f11223344556677889900";

/// A gateway that answers everything well, but for what `answers` says.
async fn scripted(answers: &[(&'static str, &str)]) -> (Scripted, Hicoin) {
    let well = [
        (TOKEN, "base_access_token.success.json"),
        (ORDER, "preOrder.success.json"),
        (QUERY, "queryOrder.success.json"),
        (TRANSFERS, "transfers.success.json"),
        (INFO, "gettransferinfo.success.json"),
    ];
    let untouched = well.iter().filter(|(path, _)| answers.iter().all(|(other, _)| other != path));
    let all = answers.iter().chain(untouched).map(|(path, file)| (*path, wire(&format!("hicoin/{file}"))));
    let scripted = Scripted::by_path(all.collect()).await;
    let hicoin = sample_at(&scripted.url);
    (scripted, hicoin)
}

fn unreachable() -> Hicoin {
    sample_at(&Url::parse("http://127.0.0.1:1/").unwrap())
}

fn sought() -> Sought {
    Sought { order: sample_order(), gateway_order_no: Some("1000000000000000000001".into()) }
}

fn refund() -> RefundOrder {
    RefundOrder {
        sought: sought(),
        refund_no: "H20240101000001f1".into(),
        amount: 150_000_000,
        reason: None,
        refunded_before: 0,
        payer_id: Some("u0000000000000001".into()),
    }
}

/// The fields of every message sent to `path`.
fn sent(scripted: &Scripted, path: &str) -> Vec<Fields> {
    let seen = scripted.seen().into_iter().filter(|(to, _)| to == path);
    seen.map(|(_, body)| Fields::from_form(body.as_bytes()).unwrap()).collect()
}

/// What an order sends inside and outside of `biz_content`.
async fn ordered(order: &Order) -> (Fields, Value) {
    let (scripted, hicoin) = scripted(&[]).await;
    assert_eq!(name(&hicoin.submit(order).await), "accepted");
    let fields = sent(&scripted, ORDER).remove(0);
    let biz = serde_json::from_str(fields.get("biz_content").unwrap()).unwrap();
    (fields, biz)
}

async fn paid(file: &str) -> PaidClaim {
    let (_scripted, hicoin) = scripted(&[(QUERY, file)]).await;
    match hicoin.query(&sought()).await {
        Claim::Paid(paid) => paid,
        other => panic!("{file}: {other:?}"),
    }
}

fn notified(file: &str) -> PaidClaim {
    let body = wire(&format!("hicoin/{file}"));
    let received = Received { content_type: None, query: None, body: &body };
    unreachable().verify(&received).unwrap().paid().cloned().unwrap()
}

fn page(hicoin: &Hicoin) -> (String, String, String, String) {
    match hicoin.payment_page("1000000000000000000001", "1704067200".into(), "N".repeat(32)) {
        NextAction::HicoinH5 { app_id, package, sign_type, pay_sign, .. } => {
            (app_id, package, sign_type, pay_sign)
        }
        other => panic!("{other:?}"),
    }
}

fn case(scheme: &str, name: &str) -> Vector {
    vectors::load("hicoin", scheme).into_iter().find(|case| case.name == name).unwrap()
}

/// A vector that shows a mistake: we sign the other way.
fn is_not_made(scheme: &str, name: &str) {
    let case = case(scheme, name);
    let ours = sign::sign(&case.fields, &case.keys[0]);
    assert!(!case.valid());
    assert_ne!(Some(&ours), case.signature.as_ref(), "{name}");
    assert_eq!(Some(ours), case.right_signature, "{name}");
}

#[tokio::test]
async fn c1_the_query_carries_the_base_token_first_and_the_payers_after_it() {
    let tokens = |scripted: &Scripted| -> Vec<String> {
        let own = |fields: &Fields| fields.get("access_token").unwrap().to_owned();
        sent(scripted, QUERY).iter().map(own).collect()
    };
    let refused = [(QUERY, "queryOrder.failure.json"), (QUERY, "queryOrder.success.json")];
    for (first, expected) in [(QueryToken::Base, [BASE, USER]), (QueryToken::User, [USER, BASE])] {
        let (scripted, mut hicoin) = scripted(&refused).await;
        hicoin.config.query_token = first;
        assert_eq!(name(&hicoin.query(&sought()).await), "paid");
        assert_eq!(tokens(&scripted), expected);
    }
    assert_eq!(super::sample().query_token, QueryToken::Base);
}

#[test]
fn c2_package_is_encoded_once_signed_so_and_sent_so() {
    let (_, package, ..) = page(&unreachable());
    assert_eq!(package, "prepay_id%3D1000000000000000000001");
    assert!(case("hicoin-page", "sign_page").valid());
    is_not_made("hicoin-page", "sign_page_package_raw_by_mistake");
    is_not_made("hicoin-page", "sign_page_package_encoded_twice_by_mistake");
}

#[tokio::test]
async fn c3_values_are_signed_as_they_are_however_they_are_sent() {
    is_not_made("hicoin", "sign_values_percent_encoded_by_mistake");
    for encoding in [BodyEncoding::Percent, BodyEncoding::Raw] {
        let (scripted, mut hicoin) = scripted(&[]).await;
        hicoin.config.body_encoding = encoding;
        hicoin.submit(&sample_order()).await;
        assert!(sign::verify(sent(&scripted, ORDER)[0].pairs(), [MCH_KEY]), "{encoding:?}");
    }
}

#[test]
fn c4_the_signature_is_an_upper_case_hmac_sha256() {
    is_not_made("hicoin", "sign_plain_sha256_by_mistake");
    is_not_made("hicoin", "sign_md5_by_mistake");
    let (.., pay_sign) = page(&unreachable());
    assert!(pay_sign.len() == 64 && pay_sign.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()));
}

#[test]
fn c5_the_appendixs_result_belongs_to_wechats_key() {
    is_not_made("hicoin", "published_appendix_with_wrong_key");
    let own = case("hicoin", "appendix_with_its_printed_key");
    assert_eq!(Some(sign::sign(&own.fields, &own.keys[0])), own.signature);
    let wechats = vectors::load("wechat", "hicoin").into_iter().find(|c| c.name == "published_hmac_sha256");
    let wechats = wechats.unwrap();
    assert_eq!(Some(sign::sign(&wechats.fields, &wechats.keys[0])), wechats.signature);
}

#[test]
fn c6_an_app_id_of_any_length_is_taken() {
    for app_id in ["8888888888888888", "a0000000000000000000000000000001"] {
        let mut hicoin = unreachable();
        hicoin.config.app_id = app_id.to_owned();
        assert_eq!(page(&hicoin).0, app_id);
    }
}

#[tokio::test]
async fn c7_time_stamp_is_in_seconds() {
    let (_scripted, hicoin) = scripted(&[]).await;
    let Claim::Accepted { next_action: Some(NextAction::HicoinH5 { time_stamp, .. }), .. } =
        hicoin.submit(&sample_order()).await
    else {
        panic!("not accepted");
    };
    let ago_s = clock::now_ms() / 1000 - time_stamp.parse::<i64>().unwrap();
    assert!((0..60).contains(&ago_s), "{time_stamp}");
}

#[tokio::test]
async fn c8_sign_type_is_constant_and_only_on_the_page() {
    assert_eq!(page(&unreachable()).2, "HMAC-SHA256");
    let (fields, biz) = ordered(&sample_order()).await;
    assert!(fields.pairs().iter().all(|(name, _)| name != "sign_type" && name != "signType"));
    assert!(biz.get("sign_type").is_none() && biz.get("signType").is_none());
}

#[tokio::test]
async fn c9_total_amount_is_sent_as_an_integer_and_read_as_either() {
    let (fields, biz) = ordered(&sample_order()).await;
    assert_eq!(biz["total_amount"], serde_json::json!(150_000_000));
    assert!(fields.get("biz_content").unwrap().contains(r#""total_amount":150000000,"#));
    for file in ["queryOrder.success.json", "queryOrder.success_strings.json"] {
        assert_eq!(paid(file).await.amount, 150_000_000, "{file}");
    }
    for file in ["notify.success_numbers.json", "notify.success_strings.json", "notify.success.form"] {
        assert_eq!(notified(file).amount, 150_000_000, "{file}");
    }
}

#[tokio::test]
async fn c10_settle_trans_amount_is_never_credited() {
    for file in ["queryOrder.success_settled_less.json", "queryOrder.success_settled_in_whole_coins.json"] {
        assert_eq!(paid(file).await.amount, 150_000_000, "{file}");
    }
    assert_eq!(paid("queryOrder.success_other_amount.json").await.amount, 1);
}

#[tokio::test]
async fn c11_trade_timeout_express_is_the_integer_600() {
    let (_, biz) = ordered(&sample_order()).await;
    assert_eq!(biz["trade_timeout_express"], serde_json::json!(600));
}

#[tokio::test]
async fn c12_expires_in_is_read_as_text_and_as_a_number() {
    let mut ends = Vec::new();
    for file in ["access_token.success.json", "access_token.success_numbers.json"] {
        let scripted = Scripted::answering(wire(&format!("hicoin/{file}"))).await;
        let tokens = sample_at(&scripted.url).login("sandbox-code-0001").await.unwrap().tokens;
        ends.push(tokens.expires_at_ms - clock::now_ms());
    }
    assert!(ends.iter().all(|left_ms| (7_100_000..=7_200_000).contains(left_ms)), "{ends:?}");
}

#[tokio::test]
async fn c13_passback_params_is_optional_both_ways() {
    let (_, biz) = ordered(&sample_order()).await;
    assert!(biz.get("passback_params").is_none());
    let mut order = sample_order();
    order.method.passback_params = Some("a=1&b=2".into());
    assert_eq!(ordered(&order).await.1["passback_params"], "a=1&b=2");
    for file in [
        "notify.success.form",
        "notify.success_without_passback.form",
        "notify.success_chinese_empty_passback.form",
        "notify.success_null_passback.json",
    ] {
        assert_eq!(notified(file).amount, 150_000_000, "{file}");
    }
}

#[test]
fn c14_a_notification_is_verified_over_whatever_arrives() {
    for file in
        ["notify.success.form", "notify.success_common_parameters.form", "notify.success_unknown_field.form"]
    {
        assert_eq!(notified(file).amount, 150_000_000, "{file}");
    }
}

#[tokio::test]
async fn c15_settle_currency_is_passed_through_and_told_exactly() {
    let mut order = sample_order();
    let coin = Currency::parse("HCC").unwrap();
    order.amount = countersign_core::Money::new(1, coin).unwrap();
    assert_eq!(ordered(&order).await.1["settle_currency"], "HCC");
    for (file, coin) in
        [("queryOrder.success.json", "USDT"), ("queryOrder.success_other_currency.json", "ETH")]
    {
        assert_eq!(paid(file).await.currency.unwrap().as_str(), coin, "{file}");
    }
}

#[tokio::test]
async fn c16_trade_type_is_h5_unless_jsapi_is_asked_for() {
    for (kind, expected) in [(MethodType::HicoinH5, "H5"), (MethodType::HicoinJsapi, "JSAPI")] {
        let mut order = sample_order();
        order.method.kind = kind;
        assert_eq!(ordered(&order).await.1["trade_type"], expected);
    }
}

#[test]
fn c17_state_is_always_sent_and_wallet_redirect_is_a_fragment() {
    let callback = Url::parse("https://pay.shop.example/v1/authorize/coin/callback").unwrap();
    let mut method = sample_order().method;
    method.access_token = None;
    let page = unreachable().login_page(&method, &callback, "N0").unwrap();
    assert!(page.ends_with("&scope=snsapi_base&state=N0&#wallet_redirect"), "{page}");
    assert_eq!(page.matches("wallet_redirect").count(), 1);
    assert_eq!(Url::parse(&page).unwrap().fragment(), Some("wallet_redirect"));
}

#[test]
fn c18_every_host_can_be_set() {
    let config: HicoinConfig = toml::from_str(
        "app_id = \"a\"\napp_secret = \"b\"\nmch_keys = [\"c\"]\noauth_url = \"http://oauth.hicoin.one/api\"\n\
         payout_url = \"http://avenger.hicoin.one/api\"\npayment_page_url = \"https://api.coins.example/hicoinfe/payment/\"",
    )
    .unwrap();
    let hicoin = Hicoin::new(config, Currency::parse("USDT").unwrap(), upstream());
    let callback = Url::parse("https://pay.shop.example/").unwrap();
    let login =
        hicoin.login_page(&countersign_core::Method::bare(MethodType::HicoinH5), &callback, "N").unwrap();
    assert!(login.starts_with("http://oauth.hicoin.one/api/connect/oauth/authorize?"), "{login}");
    let NextAction::HicoinH5 { page_url, .. } = hicoin.payment_page("1", "1".into(), "N".into()) else {
        panic!("another action");
    };
    assert_eq!(page_url, "https://api.coins.example/hicoinfe/payment/");
}

#[tokio::test]
async fn c19_nonces_have_thirty_two_letters_and_digits_and_are_never_the_same() {
    let (first, _) = ordered(&sample_order()).await;
    let (second, _) = ordered(&sample_order()).await;
    for fields in [&first, &second] {
        let nonce = fields.get("nonce_str").unwrap();
        assert!(nonce.len() == 32 && nonce.bytes().all(|b| b.is_ascii_alphanumeric()), "{nonce}");
    }
    assert_ne!(first.get("nonce_str"), second.get("nonce_str"));
}

#[tokio::test]
async fn c20_the_payment_key_signs_payments_and_the_application_secret_payouts() {
    let (scripted, hicoin) = scripted(&[]).await;
    hicoin.submit(&sample_order()).await;
    hicoin.query(&sought()).await;
    hicoin.refund(&refund()).await;
    for (path, key, other) in [
        (ORDER, MCH_KEY, APP_SECRET),
        (QUERY, MCH_KEY, APP_SECRET),
        (TRANSFERS, APP_SECRET, MCH_KEY),
        (INFO, APP_SECRET, MCH_KEY),
    ] {
        let fields = sent(&scripted, path).remove(0);
        assert!(sign::verify(fields.pairs(), [key]) && !sign::verify(fields.pairs(), [other]), "{path}");
    }
}

#[tokio::test]
async fn c21_unknow_and_unknown_are_both_no_answer() {
    for file in ["queryOrder.unknow.json", "queryOrder.unknown.json"] {
        let (_scripted, hicoin) = scripted(&[(QUERY, file)]).await;
        assert_eq!(name(&hicoin.query(&sought()).await), "unknown", "{file}");
    }
}

#[tokio::test]
async fn c22_whoever_comes_back_without_paying_finds_the_order_still_open() {
    let (_, biz) = ordered(&sample_order()).await;
    assert_eq!(biz["return_url"], "https://shop.example/r?o=H20240101000001");
    let (_scripted, hicoin) = scripted(&[(QUERY, "queryOrder.notpay.json")]).await;
    let claim = hicoin.query(&sought()).await;
    assert!(matches!(claim, Claim::Accepted { next_action: None, .. }), "{claim:?}");
}

#[tokio::test]
async fn c23_a_payouts_trade_type_says_nothing() {
    for file in ["transfers.success.json", "transfers.success_without_trade_type.json"] {
        let (_scripted, hicoin) = scripted(&[(TRANSFERS, file)]).await;
        let claim = hicoin.refund(&refund()).await;
        assert!(matches!(claim, RefundClaim::Succeeded { .. }), "{file}: {claim:?}");
    }
}
