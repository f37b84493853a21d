//! Where DotWallet's documents contradict each other or the clients: one test for each row of the list that
//! docs/gateways/dotwallet.md keeps.

use axum::Router;
use axum::routing::get;
use countersign_core::{Currency, FailureClass, Method, MethodType, Money, NextAction, Receiver};
use serde_json::Value;

use super::config::{DotwalletConfig, sample};
use super::errors::TABLE;
use super::{Dotwallet, Order, notify, sign};
use crate::clock;
use crate::gateway::fields::Fields;
use crate::gateway::notification::{Received, Refusal, VerifiedNotification};
use crate::gateway::order::{Draft, Sought};
use crate::gateway::scripted::{Scripted, name, order, upstream};
use crate::gateway::{Gateway, Tokens, errors};
use crate::ledger::{Claim, Consent, Payer};
use crate::secret::Secret;
use crate::vectors::{self, wire};

fn with(change: impl FnOnce(&mut DotwalletConfig)) -> Dotwallet {
    let mut config = sample();
    change(&mut config);
    Dotwallet::new(config, bsv(), upstream())
}

fn bsv() -> Currency {
    Currency::parse("BSV").unwrap()
}

fn bananas(kind: MethodType) -> Order {
    let mut order = order(kind, "d20240101-0001", 546, "BSV");
    order.subject = "bananas".into();
    order.method.user_open_id = (kind == MethodType::DotwalletAutopay).then(|| "sandbox-payer-0001".into());
    order
}

/// Submits `order` to a gateway that answers `answer`; gives the claim and what was sent.
async fn submitted(
    order: &Order,
    answer: Vec<u8>,
    change: impl FnOnce(&mut DotwalletConfig),
) -> (Claim, Vec<(String, String)>) {
    let scripted = Scripted::answering(answer).await;
    let gateway = with(|config| {
        config.base_url = scripted.url.clone();
        change(config);
    });
    (gateway.submit(order).await, scripted.seen())
}

async fn charged(file: &str) -> Claim {
    let answer = wire(&format!("dotwallet/pay_small_money.{file}.json"));
    submitted(&bananas(MethodType::DotwalletAutopay), answer, |_| {}).await.0
}

async fn looked_up(file: &str) -> Claim {
    let scripted = Scripted::answering(wire(&format!("dotwallet/search_order.{file}.json"))).await;
    let gateway = with(|config| config.base_url = scripted.url.clone());
    let order = bananas(MethodType::DotwalletOrder);
    gateway.query(&Sought { order, gateway_order_no: None }).await
}

/// What is sent for `order`, as JSON.
async fn sent(order: &Order, change: impl FnOnce(&mut DotwalletConfig)) -> Value {
    let (_, seen) = submitted(order, b"{}".to_vec(), change).await;
    serde_json::from_str(&seen[0].1).unwrap()
}

fn class(gateway_code: &str) -> FailureClass {
    errors::failure(TABLE, gateway_code).class
}

fn notified(body: &[u8]) -> Result<VerifiedNotification, Refusal> {
    notify::verify(&sample(), &bsv(), &Received { content_type: None, query: None, body })
}

fn payer(given: bool, single_max: Option<i64>, total_max: Option<i64>) -> Payer {
    Payer { id: "sandbox-payer-0001".into(), consent: Some(Consent { given, single_max, total_max }) }
}

fn satoshi(value: i64) -> Money {
    Money::new(value, bsv()).unwrap()
}

#[test]
fn a1_every_code_for_a_bad_return_address_is_one_cause() {
    for code in ["10003", "10013", "10033"] {
        assert_eq!(errors::failure(TABLE, code).code, "redirect_uri_not_allowed", "{code}");
    }
}

#[test]
fn a2_consent_and_refusal_come_back_alike_and_only_pay_status_tells() {
    let gateway = with(|_| {});
    let page = gateway.set_pay_config("https://shop.example/r");
    let NextAction::DotwalletSetPayConfig { page_url, app_id, redirect_uri } = &page else { panic!() };
    assert!(page_url.ends_with("/openapi/set_pay_config") && !app_id.is_empty());
    assert_eq!(redirect_uri, "https://shop.example/r");
    assert!(!serde_json::to_string(&page).unwrap().contains("refuse"));
    let detour = |given| gateway.detour(&satoshi(700), "https://shop.example/r", &payer(given, None, None));
    assert_eq!(detour(false).unwrap().next_action, page);
    assert_eq!(detour(true), None);
}

#[test]
fn a3_limits_are_what_the_payer_chose_and_no_default() {
    let gateway = with(|_| {});
    for single in [546, 1_000_000, 10_000_000, 50_000_000] {
        let chosen = payer(true, Some(single), Some(10 * single));
        assert_eq!(gateway.detour(&satoshi(single), "https://shop.example/r", &chosen), None);
        let above = gateway.detour(&satoshi(single + 1), "https://shop.example/r", &chosen).unwrap();
        assert_eq!(above.failure.unwrap().code, "limit_exceeded");
    }
    let unsaid = payer(true, None, None);
    assert_eq!(gateway.detour(&satoshi(100_000_000), "https://shop.example/r", &unsaid), None);
}

#[tokio::test]
async fn a4_app_id_is_a_text_even_when_it_is_digits() {
    for kind in [MethodType::DotwalletAutopay, MethodType::DotwalletOrder] {
        let message = sent(&bananas(kind), |config| config.app_id = "1000001".into()).await;
        assert_eq!(message["app_id"], Value::from("1000001"), "{kind}");
    }
    assert!(toml::from_str::<DotwalletConfig>("app_id = 1000001\nsecret = \"s\"").is_err());
}

#[tokio::test]
async fn a5_opreturn_is_a_script_unless_the_account_says_as_given() {
    let as_given = |config: &mut DotwalletConfig| config.op_return = super::config::OpReturn::AsGiven;
    let mut method = Method::bare(MethodType::DotwalletOrder);
    for (text, fits) in [
        ("006a0568656c6c6f", true),
        ("0100000001abcd", false),
        ("OP_FALSE|OP_RETURN|data", false),
        ("OP_RETURN", false),
        ("68656c6c6f", false),
    ] {
        method.op_return = Some(text.into());
        let amount = satoshi(546);
        let draft = Draft {
            order_id: "d20240101-0001",
            amount: Some(&amount),
            subject: "bananas",
            description: None,
            method: &method,
            return_url: None,
        };
        assert_eq!(with(|_| {}).check(&draft).is_empty(), fits, "{text}");
        assert!(with(as_given).check(&draft).is_empty(), "{text}");
        for kind in [MethodType::DotwalletAutopay, MethodType::DotwalletOrder] {
            let mut order = bananas(kind);
            order.method.op_return = method.op_return.clone();
            assert_eq!(sent(&order, as_given).await["opreturn"], Value::from(text));
        }
    }
}

#[tokio::test]
async fn a6_receive_address_is_a_text_that_holds_a_json_array() {
    for kind in [MethodType::DotwalletAutopay, MethodType::DotwalletOrder] {
        let mut order = bananas(kind);
        let address = "1BitcoinEaterAddressDontSendf59kuE".into();
        order.method.receive_addresses = Some(vec![Receiver { address, amount: 546 }]);
        let text = r#"[{"address":"1BitcoinEaterAddressDontSendf59kuE","amount":546}]"#;
        assert_eq!(sent(&order, |_| {}).await["receive_address"], Value::from(text), "{kind}");
    }
}

#[tokio::test]
async fn a7_an_absent_receive_address_is_left_out() {
    for kind in [MethodType::DotwalletAutopay, MethodType::DotwalletOrder] {
        let message = sent(&bananas(kind), |_| {}).await;
        assert!(!message.as_object().unwrap().contains_key("receive_address"), "{kind}");
    }
}

#[tokio::test]
async fn a8_pay_txid_and_paytxid_are_one() {
    for claim in [
        charged("success").await,
        charged("success_paytxid").await,
        charged("success_both_txids").await,
        looked_up("paid_paytxid").await,
        looked_up("paid_with_fee_and_txid").await,
    ] {
        let Claim::Paid(paid) = claim else { panic!("not paid") };
        assert_eq!(paid.transaction_id, Some("a".repeat(64)));
    }
    let text = String::from_utf8(notify::sample_notice("notice.paid.query")).unwrap();
    let renamed = Fields::from_form(text.replace("pay_txid", "paytxid").as_bytes()).unwrap();
    let mut fields = renamed.pairs().to_vec();
    fields.retain(|(name, _)| name != "sign");
    fields.push(("sign".into(), sign::sign(&fields, "dw_test_secret_0001")));
    let notice = notified(serde_urlencoded::to_string(&fields).unwrap().as_bytes()).unwrap();
    assert_eq!(notice.paid().unwrap().transaction_id, Some("a".repeat(64)));
}

#[tokio::test]
async fn a9_an_error_has_any_shape_and_success_needs_an_object() {
    for file in ["failure_data_list", "failure_data_missing", "failure_data_text", "failure_msg_missing"] {
        assert_eq!(name(&charged(file).await), "refused", "{file}");
    }
    for file in ["low_balance", "low_balance_data_missing", "low_balance_unreadable_data"] {
        assert_eq!(name(&charged(file).await), "consent_needed", "{file}");
    }
    for file in ["code_0_without_data", "code_0_data_text", "success_without_order_sn"] {
        assert_eq!(name(&charged(file).await), "unknown", "{file}");
    }
}

#[test]
fn a10_codes_are_compared_with_their_sign() {
    for code in ["10041", "10044", "-101001", "-10039", "-10044"] {
        assert_eq!(class(code), FailureClass::Reauthorize, "{code}");
        assert_eq!(errors::failure(TABLE, code).gateway_code.as_deref(), Some(code));
    }
    assert_eq!((class("10039"), class("101001")), (FailureClass::Query, FailureClass::Query));
}

#[tokio::test]
async fn a11_paid_is_one_or_nine_in_a_notice_and_nine_in_a_look_up() {
    for (file, paid) in [("paid", true), ("paid_status_9_chinese", true), ("open", false), ("failed", false)]
    {
        let notice = notified(&notify::sample_notice(&format!("notice.{file}.query"))).unwrap();
        assert_eq!(notice.paid().is_some(), paid, "{file}");
    }
    for (file, expected) in
        [("paid", "paid"), ("notice_status_1", "unknown"), ("waiting", "accepted"), ("failed", "refused")]
    {
        assert_eq!(name(&looked_up(file).await), expected, "{file}");
    }
}

#[tokio::test]
async fn a12_a_cancel_with_or_without_parameters_is_settled_by_the_look_up() {
    let canceled = notified(&notify::sample_notice("notice.canceled.query")).unwrap();
    assert!(canceled.paid().is_none());
    assert!(notified(&wire("dotwallet/return.bare.query")).is_err());
    assert_eq!(name(&looked_up("failed").await), "refused");
    assert_eq!(name(&looked_up("waiting").await), "accepted");
}

#[tokio::test]
async fn a13_the_path_that_creates_orders_is_a_setting() {
    assert_eq!(sample().create_order_path, "/openapi/create_order");
    for path in ["/openapi/create_order", "/openapi/apply_order", "/platform/openapi/create_order"] {
        let set = |config: &mut DotwalletConfig| config.create_order_path = path.to_owned();
        let (_, seen) = submitted(&bananas(MethodType::DotwalletOrder), b"{}".to_vec(), set).await;
        assert_eq!(seen[0].0, path);
    }
}

#[tokio::test]
async fn a14_the_pay_page_is_a_setting() {
    assert_eq!(sample().desktop_order_path, "/desktop/open/order");
    assert_eq!(sample().wallet_order_path, "/wallet/open/order");
    for path in ["/desktop/open/order", "/desktop/open/pay"] {
        let set = |config: &mut DotwalletConfig| config.desktop_order_path = path.to_owned();
        let answer = wire("dotwallet/create_order.success.json");
        let (claim, _) = submitted(&bananas(MethodType::DotwalletOrder), answer, set).await;
        let Claim::Accepted { next_action: Some(NextAction::Redirect { url, .. }), .. } = claim else {
            panic!("no page");
        };
        assert!(url.ends_with(&format!("{path}?order_sn=f00000000000000000000000000000d1")), "{url}");
    }
}

#[tokio::test]
async fn a15_tokens_are_renewed_by_get() {
    let answer = |file: &str| {
        let body = wire(&format!("dotwallet/{file}.json"));
        get(async move || body.clone())
    };
    let router = Router::new()
        .route("/openapi/refresh_access_token", answer("refresh_access_token.success"))
        .route("/openapi/get_user_info", answer("get_user_info.consented"));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let gateway = with(|config| config.base_url = base.parse().unwrap());
    let renewed = gateway.read_payer(&tokens(0)).await.unwrap();
    assert_eq!(renewed.tokens.access.expose(), "sandbox-user-token-0002");
}

fn tokens(left_ms: i64) -> Tokens {
    Tokens {
        access: Secret::new("sandbox-user-token-0001".into()),
        refresh: Some(Secret::new("sandbox-refresh-token-0001".into())),
        expires_at_ms: clock::now_ms() + left_ms,
    }
}

#[test]
fn a16_the_host_is_a_setting() {
    let page = |gateway: Dotwallet| match gateway.set_pay_config("https://shop.example/r") {
        NextAction::DotwalletSetPayConfig { page_url, .. } => page_url,
        other => panic!("{other:?}"),
    };
    assert_eq!(page(with(|_| {})), "https://www.ddpurse.com/openapi/set_pay_config");
    let documented = with(|config| config.base_url = "https://www.dotwallet.com".parse().unwrap());
    assert_eq!(page(documented), "https://www.dotwallet.com/openapi/set_pay_config");
}

#[tokio::test]
async fn a17_only_the_gateway_says_that_a_refresh_token_has_ended() {
    const DAY_MS: i64 = 86_400_000;
    for days in [1, 8, 31] {
        let scripted = Scripted::by_path(vec![
            ("refresh_access_token", wire("dotwallet/refresh_access_token.success.json")),
            ("get_user_info", wire("dotwallet/get_user_info.consented.json")),
        ])
        .await;
        let gateway = with(|config| config.base_url = scripted.url.clone());
        assert!(gateway.read_payer(&tokens(-days * DAY_MS)).await.is_ok(), "{days}");
    }
}

#[tokio::test]
async fn a18_addresses_are_sent_under_the_documented_names_when_they_are_set() {
    let mut order = bananas(MethodType::DotwalletOrder);
    let message = sent(&order, |_| {}).await;
    assert_eq!(message["notice_uri"], Value::from("https://shop.example/n?a=1&b=2"));
    assert_eq!(message["redirect_uri"], Value::from("https://shop.example/r"));
    (order.notify_url, order.return_url) = (String::new(), None);
    let message = sent(&order, |_| {}).await;
    let names: Vec<&String> = message.as_object().unwrap().keys().collect();
    assert!(!names.iter().any(|name| name.contains("uri") || name.contains("Uri")), "{names:?}");
}

#[tokio::test]
async fn a19_nonce_str_is_a_text_of_digits() {
    let message = sent(&bananas(MethodType::DotwalletOrder), |_| {}).await;
    let nonce = message["nonce_str"].as_str().unwrap();
    assert!(!nonce.is_empty() && nonce.bytes().all(|b| b.is_ascii_digit()), "{nonce}");
    assert_eq!(nonce, sign::nonce_str("d20240101-0001", "dw_test_secret_0001"));
}

#[test]
fn a20_sign_and_opreturn_are_both_left_out() {
    let cases = vectors::load("dotwallet", "dotwallet-order");
    let case = |name: &str| cases.iter().find(|case| case.name == name).unwrap();
    let right = case("sign_opreturn_and_sign_left_out");
    let literal = case("sign_opreturn_and_sign_included_by_mistake");
    assert_eq!(right.fields, literal.fields);
    let ours = sign::sign(&right.fields, &right.keys[0]);
    assert_eq!(Some(&ours), right.signature.as_ref());
    assert_ne!(Some(&ours), literal.signature.as_ref());
}

#[tokio::test]
async fn a21_a_code_with_two_meanings_has_one_way_out_and_an_unknown_one_speaks_for_itself() {
    assert_eq!(class("10205"), FailureClass::Query);
    assert_eq!(class("10021"), FailureClass::Reauthorize);
    let Claim::Unknown { failure: Some(failure), .. } = charged("unknown_code").await else {
        panic!("settled");
    };
    assert_eq!(failure.gateway_code.as_deref(), Some("19999"));
    assert!(failure.hint.unwrap().ends_with("DotWallet says: something new"));
}

#[tokio::test]
async fn a22_the_outer_code_counts_as_number_or_text() {
    assert_eq!(name(&charged("success").await), "paid");
    assert_eq!(name(&charged("success_code_string").await), "paid");
    assert_eq!(name(&charged("duplicate_code_string").await), "unknown");
    assert_eq!(name(&charged("low_balance_code_string").await), "consent_needed");
    let order = bananas(MethodType::DotwalletAutopay);
    for (answer, expected) in [
        (r#"{"data":{"code":0,"order_sn":"f1"}}"#, "unknown"),
        (r#"{"code":10040,"data":{"code":0,"order_sn":"f1"}}"#, "refused"),
        (r#"{"code":0,"data":{"code":10040,"order_sn":"f1"}}"#, "paid"),
        (r#"{"code":0.0,"data":{"order_sn":"f1"}}"#, "unknown"),
        (r#"{"code":false,"data":{"order_sn":"f1"}}"#, "unknown"),
    ] {
        let (claim, _) = submitted(&order, answer.into(), |_| {}).await;
        assert_eq!(name(&claim), expected, "{answer}");
    }
}

#[tokio::test]
async fn a23_the_language_of_a_message_changes_nothing() {
    assert_eq!(charged("duplicate").await, charged("duplicate_zh").await);
    assert_eq!(looked_up("not_found").await, looked_up("not_found_zh").await);
    let order = bananas(MethodType::DotwalletAutopay);
    for msg in ["insufficient user funds", "用户资金不足"] {
        let answer = format!(r#"{{"code":10041,"msg":"{msg}","data":[]}}"#);
        let (claim, _) = submitted(&order, answer.into(), |_| {}).await;
        let Claim::ConsentNeeded { failure, .. } = claim else { panic!("{claim:?}") };
        assert_eq!(failure, errors::failure(TABLE, "10041"), "{msg}");
    }
}
