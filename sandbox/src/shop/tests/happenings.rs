use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use serde_json::{Value, json};

use super::{API_KEY, OpenShop, free_port};

async fn ordered(shop: &OpenShop) -> String {
    shop.order_by("jubao_wechat_h5").await["order_id"].as_str().expect("a number").to_owned()
}

fn event(order_id: &str, status: &str, revision: u64) -> Value {
    super::event(order_id, ("shop", json!({"value": 560, "currency": "CNY"})), status, revision)
}

/// The lines of an order, each as `from>to what status outcome`.
async fn lines(shop: &OpenShop, order_id: &str) -> Vec<String> {
    let lines = shop.get(&format!("/api/orders/{order_id}/happenings")).await.json();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let line = |line: &Value| {
        let [from, to, what, status, outcome] =
            ["from", "to", "what", "http_status", "outcome"].map(|name| text(&line[name]));
        format!("{from}>{to} {what} {status} {outcome}")
    };
    lines.as_array().expect("a list").iter().map(line).collect()
}

#[tokio::test]
async fn an_order_says_who_asked_whom_for_what_in_the_order_in_which_it_began() {
    let shop = OpenShop::new().await;
    let order_id = ordered(&shop).await;
    shop.tell("msg_1", &event(&order_id, "succeeded", 2)).await;
    shop.post(&format!("/api/orders/{order_id}/refunds"), &json!({"value": 60})).await;
    assert_eq!(
        lines(&shop, &order_id).await,
        [
            "page>shop POST /api/orders 201 accepted",
            "shop>signer POST /v1/payments 201 accepted",
            "signer>shop payment.succeeded 204 accepted",
            "shop>shop succeeded null accepted",
            "page>shop POST /api/orders/{order_id}/refunds 200 accepted",
            "shop>signer POST /v1/payments/{id}/refunds 201 accepted",
        ]
    );
    assert_eq!(shop.order(&order_id).await["happened"], json!(6));
}

#[tokio::test]
async fn a_webhook_that_came_twice_too_late_or_about_something_else_is_a_line_of_its_own() {
    let shop = OpenShop::new().await;
    let order_id = ordered(&shop).await;
    let paid = event(&order_id, "succeeded", 5);
    shop.tell("msg_5", &paid).await;
    shop.tell("msg_5", &paid).await;
    shop.tell("msg_4", &event(&order_id, "processing", 4)).await;
    let mut other = event(&order_id, "refunded", 6);
    other["data"]["amount"]["value"] = json!(1);
    shop.tell("msg_6", &other).await;
    assert_eq!(
        lines(&shop, &order_id).await[2..],
        [
            "signer>shop payment.succeeded 204 accepted",
            "shop>shop succeeded null accepted",
            "signer>shop payment.succeeded 204 again",
            "signer>shop payment.processing 204 late",
            "signer>shop payment.refunded 422 refused",
        ]
    );
}

#[tokio::test]
async fn a_call_that_came_to_nothing_is_a_line_too() {
    let shop = OpenShop::new().await;
    let order_id = ordered(&shop).await;
    shop.signer.refuse(StatusCode::CONFLICT, "not_cancelable", json!([]));
    shop.post(&format!("/api/orders/{order_id}/cancel"), &json!({})).await;
    assert_eq!(
        lines(&shop, &order_id).await[2..],
        [
            "page>shop POST /api/orders/{order_id}/cancel 409 refused",
            "shop>signer POST /v1/payments/{id}/cancel 409 refused",
        ]
    );
}

#[tokio::test]
async fn a_stranger_leaves_no_line_at_an_order() {
    let shop = OpenShop::new().await;
    let order_id = ordered(&shop).await;
    let stranger = shop.new_visitor().await;
    let path = shop.at(&format!("/api/orders/{order_id}/cancel"));
    let answer = shop.send(stranger.post(path).header("content-type", "application/json").body("{}")).await;
    assert_eq!(answer.status, 404);
    assert_eq!(lines(&shop, &order_id).await.len(), 2);
}

#[tokio::test]
async fn no_line_holds_a_key_a_secret_or_anything_of_a_body() {
    let shop = OpenShop::new().await;
    let opened = shop.order_by("hicoin_h5").await;
    let (order_id, key) = (opened["order_id"].as_str().expect("text"), opened["key"].as_str().expect("text"));
    shop.post(&format!("/api/orders/{order_id}/visit"), &json!({"key": key})).await;
    shop.post(&format!("/api/orders/{order_id}/client_secret"), &json!({})).await;
    let text = shop.get(&format!("/api/orders/{order_id}/happenings")).await.text;
    assert!(text.contains("/visit") && text.contains("/client_secret"), "{text}");
    let client_secret = opened["client_secret"].as_str().expect("text");
    for hidden in [API_KEY, key, client_secret, "cs_", "sandbox-user-token", "Bearer", "oolong"] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
}

#[tokio::test]
async fn what_the_simulators_overheard_stands_at_the_order_that_it_is_about() {
    let (tell, _) = tokio::sync::watch::channel(json!({"last": 0, "lines": []}));
    let told = tell.clone();
    let overheard = async move || axum::Json(told.borrow().clone());
    let simulators = free_port().await;
    let url = format!("http://{}", simulators.local_addr().expect("an address"));
    let routes = Router::new().route("/_control/overheard", get(overheard));
    tokio::spawn(async move { axum::serve(simulators, routes).await });

    let shop = OpenShop::with(|config| config.simulators_url = Some(url)).await;
    let order_id = ordered(&shop).await;
    let line = |seq: u64, did: &str, number: &str, accepted: bool| {
        json!({
            "seq": seq, "at": "2126-11-22T01:00:00Z", "gateway": "jubao", "did": did, "endpoint": "apply_pay",
            "number": number, "http_status": 200, "accepted": accepted,
        })
    };
    tell.send_replace(json!({"last": 3, "lines": [
        line(1, "called", &format!("{order_id}a2"), true),
        line(2, "notified", &order_id, false),
        line(3, "called", "T000", true),
    ]}));
    let heard = async {
        while lines(&shop, &order_id).await.len() < 4 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), heard).await.expect("in time");
    tell.send_replace(json!({"last": 3, "lines": []}));
    let lines = lines(&shop, &order_id).await;
    assert!(lines.contains(&"signer>gateway jubao apply_pay 200 accepted".to_owned()), "{lines:?}");
    assert!(lines.contains(&"gateway>signer jubao apply_pay 200 refused".to_owned()), "{lines:?}");
}
