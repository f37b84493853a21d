//! Faults by order: each does what its name says, once, and leaves the order booked or not as it should.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use super::support::{Fields, Merchant, Sandbox, blueocean_sign, fields, form, jubao_sign, texts};

const PATIENCE: Duration = Duration::from_secs(10);
const APPLY: &str = "/jubao/index.php?_m=pay_gateway&_a=apply_pay";

fn order(order_no: &str) -> Fields {
    let mut order = fields(&[
        ("mch_id", "10000000000001"),
        ("pay_channel_id", "201"),
        ("total_fee", "10"),
        ("out_trade_no", order_no),
        ("version", "2"),
    ]);
    order.insert("sign".into(), jubao_sign(&order, "sandbox-jubao-key", true));
    order
}

async fn is_booked(sandbox: &Sandbox, order_no: &str) -> bool {
    let orders = sandbox.control(Method::GET, "/jubao/orders", Value::Null).await;
    orders.as_array().unwrap().iter().any(|order| order["order_no"] == order_no)
}

#[tokio::test]
async fn a_connection_is_dropped_before_or_after_booking() {
    let sandbox = Sandbox::start().await;
    for (fault, booked) in [("drop_before", false), ("drop_after", true)] {
        sandbox.fault("jubao", json!({"endpoint": "apply_pay", "fault": fault})).await;
        let body =
            Some(("application/x-www-form-urlencoded", form(&order(fault.split('_').next_back().unwrap()))));
        let error = sandbox.try_send(Method::POST, APPLY, body).await.unwrap_err();
        assert!(!error.is_timeout() && !error.is_connect(), "{error:?}");
        assert_eq!(is_booked(&sandbox, fault.split('_').next_back().unwrap()).await, booked, "{fault}");
    }
    let journal = sandbox.journal().await;
    assert_eq!((&journal[0]["verdict"], &journal[1]["verdict"]), (&json!("refused"), &json!("ok")));
    assert_eq!(journal[1]["answer"]["status"], 0);
}

#[tokio::test]
async fn a_request_hangs_and_nothing_else_does() {
    let sandbox = Sandbox::start().await;
    for (fault, booked) in [("hang", false), ("hang_after", true)] {
        sandbox.fault("jubao", json!({"endpoint": "apply_pay", "fault": fault})).await;
        let request = sandbox.client.post(sandbox.url(APPLY)).timeout(Duration::from_millis(300));
        let body = form(&order(if booked { "A1" } else { "A0" }));
        let sent =
            request.header("content-type", "application/x-www-form-urlencoded").body(body).send().await;
        assert!(sent.unwrap_err().is_timeout());
        assert_eq!(is_booked(&sandbox, if booked { "A1" } else { "A0" }).await, booked);
    }
    assert_eq!(sandbox.post_form(APPLY, &order("A2")).await.json()["ret"], 0);
}

#[tokio::test]
async fn a_server_error_and_garbage_come_before_or_after_booking() {
    let sandbox = Sandbox::start().await;
    for (order_no, fault, status, booked) in [
        ("A1", "status_500_before", 500, false),
        ("A2", "status_500_after", 500, true),
        ("A3", "garbage_after", 200, true),
    ] {
        sandbox.fault("jubao", json!({"endpoint": "apply_pay", "fault": fault})).await;
        let reply = sandbox.post_form(APPLY, &order(order_no)).await;
        assert_eq!(reply.status.as_u16(), status, "{fault}");
        assert!(serde_json::from_str::<Value>(&reply.text).is_err(), "{fault}: {}", reply.text);
        assert_eq!(is_booked(&sandbox, order_no).await, booked, "{fault}");
    }
}

#[tokio::test]
async fn a_code_is_answered_as_often_as_ordered_in_the_gateways_own_envelope() {
    let sandbox = Sandbox::start().await;
    let refusal =
        json!({"endpoint": "apply_pay", "fault": "code", "code": 40400, "message": "系统繁忙", "times": 2});
    sandbox.fault("jubao", refusal).await;
    for _ in 0..2 {
        assert_eq!(
            sandbox.post_form(APPLY, &order("A1")).await.json(),
            json!({"ret": 40400, "msg": "系统繁忙"})
        );
    }
    assert_eq!(sandbox.post_form(APPLY, &order("A1")).await.json()["ret"], 0);

    let cases = [
        (
            "dotwallet",
            "pay_small_money",
            "/dotwallet/openapi/pay_small_money",
            json!({"code": -10044, "msg": "m", "data": []}),
        ),
        ("blueocean", "pay", "/blueocean/payment/pay", json!({"code": -10044, "message": "m"})),
        (
            "hicoin",
            "preOrder",
            "/hicoin/oauth/api/pay/preOrder",
            json!({"code": "-10044", "msg": "m", "data": null}),
        ),
    ];
    for (gateway, endpoint, path, answer) in cases {
        sandbox
            .fault(gateway, json!({"endpoint": endpoint, "fault": "code", "code": -10044, "message": "m"}))
            .await;
        assert_eq!(sandbox.post_json(path, &json!({})).await.json(), answer);
    }
    let low = json!({"endpoint": "pay_small_money", "fault": "code", "code": -101001, "data": "balance=0"});
    sandbox.fault("dotwallet", low).await;
    let answer = sandbox.post_json("/dotwallet/openapi/pay_small_money", &json!({})).await.json();
    assert_eq!(answer, json!({"code": -101001, "next_do": "todo", "show_kind": 1, "data": "balance=0"}));
}

#[tokio::test]
async fn an_answer_can_carry_a_wrong_sign() {
    let sandbox = Sandbox::start().await;
    sandbox.fault("blueocean", json!({"endpoint": "pay", "fault": "bad_sign"})).await;
    let mut order = json!({"appid": "1000001", "payment": "alipay.qrcode", "total_fee": 10});
    order["sign"] = blueocean_sign(&texts(&order), "sandbox-blueocean-key").into();
    let answer = sandbox.post_json("/blueocean/payment/pay", &order).await.json();
    assert_eq!(answer["code"], 200);
    assert_ne!(answer["data"]["sign"], blueocean_sign(&texts(&answer["data"]), "sandbox-blueocean-key"));
    assert_eq!(answer["data"]["sign"].as_str().unwrap().len(), 32);
}

#[tokio::test]
async fn the_notification_can_come_before_the_answer() {
    let sandbox = Sandbox::start().await;
    let mut merchant = Merchant::open().await;
    sandbox.fault("jubao", json!({"endpoint": "apply_pay", "fault": "notify_before_answer"})).await;
    let mut placed = order("A1");
    placed.insert("notify_url".into(), merchant.url.clone());
    placed.insert("sign".into(), jubao_sign(&placed, "sandbox-jubao-key", true));
    let answer = sandbox.post_form(APPLY, &placed).await.json();
    assert_eq!(answer["ret"], 0);
    assert!(!merchant.is_idle(), "it had arrived when the answer came");
    assert_eq!(sandbox.order("jubao").await["status"], "paid");
}

#[tokio::test]
async fn a_merchant_that_hangs_up_meanwhile_is_notified_all_the_same() {
    let sandbox = Sandbox::start().await;
    let shop = TcpListener::bind("127.0.0.1:0").await.unwrap();
    sandbox.fault("jubao", json!({"endpoint": "apply_pay", "fault": "notify_before_answer"})).await;
    let mut placed = order("A1");
    placed.insert("notify_url".into(), format!("http://{}/", shop.local_addr().unwrap()));
    placed.insert("sign".into(), jubao_sign(&placed, "sandbox-jubao-key", true));
    let (mut notified, _) = tokio::select! {
        _ = sandbox.post_form(APPLY, &placed) => panic!("the answer waits for the notification"),
        notified = shop.accept() => notified.unwrap(),
    };
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\nconnection: close\r\n\r\nSUCCESS";
    notified.write_all(answer).await.unwrap();
    let acknowledged = async {
        while sandbox.order("jubao").await["notifications"][0]["acknowledged"] != true {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, acknowledged).await.expect("it is noted in time");
}

#[tokio::test]
async fn a_payer_pays_only_what_is_unpaid_and_a_test_also_what_is_closed() {
    let sandbox = Sandbox::start().await;
    sandbox.post_form(APPLY, &order("A1")).await;
    sandbox.control(Method::POST, "/jubao/orders/A1/close", Value::Null).await;
    let as_payer = Some(("application/json", json!({"as_payer": true}).to_string()));
    let path = "/_control/jubao/orders/A1/pay";
    let reply = sandbox.try_send(Method::POST, path, as_payer.clone()).await.unwrap();
    assert_eq!(reply.status.as_u16(), 409, "{}", reply.text);
    assert_eq!(sandbox.order("jubao").await["status"], "closed");
    sandbox.control(Method::POST, "/jubao/orders/A1/pay", Value::Null).await;
    assert_eq!(sandbox.order("jubao").await["status"], "paid");
    let again = sandbox.try_send(Method::POST, path, as_payer).await.unwrap();
    assert_eq!(again.status.as_u16(), 409, "nobody pays twice");
}

#[tokio::test]
async fn the_journal_can_be_read_in_pieces() {
    let sandbox = Sandbox::start().await;
    for order_no in ["A1", "A2", "A3"] {
        sandbox.post_form(APPLY, &order(order_no)).await;
    }
    let first = sandbox.journal().await[0]["seq"].as_u64().unwrap();
    let rest = sandbox.control(Method::GET, &format!("/journal?after={first}"), Value::Null).await;
    let numbers: Vec<_> =
        rest.as_array().unwrap().iter().map(|entry| &entry["fields"]["out_trade_no"]).collect();
    assert_eq!(numbers, ["A2", "A3"]);
}

#[tokio::test]
async fn the_new_endpoints_fail_on_order_too() {
    let sandbox = Sandbox::start().await;
    for (gateway, endpoint, path) in [
        ("dotwallet", "create_order", "/dotwallet/openapi/create_order"),
        ("dotwallet", "access_token", "/dotwallet/openapi/access_token"),
        ("blueocean", "refund", "/blueocean/payment/refund"),
        ("blueocean", "reverse", "/blueocean/order/reverse"),
        ("hicoin", "sns_access_token", "/hicoin/oauth/api/sns/oauth/access_token"),
        ("hicoin", "transfers", "/hicoin/avenger/api/mmpaymkttransfers/promotion/transfers"),
    ] {
        for fault in ["status_500_before", "status_500_after"] {
            sandbox.fault(gateway, json!({"endpoint": endpoint, "fault": fault})).await;
            assert_eq!(sandbox.post_json(path, &json!({})).await.status.as_u16(), 500, "{endpoint}");
        }
        sandbox.fault(gateway, json!({"endpoint": endpoint, "fault": "drop_before"})).await;
        let body = Some(("application/json", "{}".to_owned()));
        assert!(sandbox.try_send(Method::POST, path, body).await.is_err(), "{endpoint}");
    }
    for (gateway, endpoint, path) in [
        ("dotwallet", "get_code", "/dotwallet/openapi/get_code"),
        ("dotwallet", "set_pay_config", "/dotwallet/openapi/set_pay_config"),
        ("hicoin", "authorize", "/hicoin/oauth/api/connect/oauth/authorize"),
    ] {
        sandbox.fault(gateway, json!({"endpoint": endpoint, "fault": "drop_before"})).await;
        assert!(sandbox.try_send(Method::GET, path, None).await.is_err(), "{endpoint}");
        sandbox.fault(gateway, json!({"endpoint": endpoint, "fault": "code", "code": 12345})).await;
        assert!(sandbox.get(path).await.text.contains("12345"), "{endpoint}");
    }
}

#[tokio::test]
async fn faults_can_be_looked_at_and_taken_back_and_nonsense_is_refused() {
    let sandbox = Sandbox::start().await;
    sandbox.fault("jubao", json!({"endpoint": "query", "fault": "hang", "times": 3})).await;
    let waiting = sandbox.control(Method::GET, "/jubao/faults", Value::Null).await;
    assert_eq!(waiting, json!([{"endpoint": "query", "fault": "hang", "times": 3}]));
    sandbox.control(Method::DELETE, "/jubao/faults", Value::Null).await;
    assert_eq!(sandbox.control(Method::GET, "/jubao/faults", Value::Null).await, json!([]));
    for (gateway, order) in [
        ("jubao", json!({"endpoint": "preOrder", "fault": "hang"})),
        ("jubao", json!({"endpoint": "query", "fault": "explode"})),
        ("jubao", json!({"endpoint": "query", "fault": "code"})),
        ("dotwallet", json!({"endpoint": "search_order", "fault": "bad_sign"})),
        ("paypal", json!({"endpoint": "query", "fault": "hang"})),
    ] {
        let reply = sandbox.post_json(&format!("/_control/{gateway}/faults"), &order).await;
        assert!(reply.status.is_client_error(), "{order}: {}", reply.status);
    }
}
