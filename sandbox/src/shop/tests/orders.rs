use axum::http::StatusCode;
use serde_json::json;

use super::{API_KEY, OpenShop};

#[tokio::test]
async fn the_page_learns_what_is_sold_and_how_it_can_be_paid() {
    let shop = OpenShop::new().await;
    let view = shop.get("/api/shop").await.json();
    assert_eq!(view["signer"], shop.signer.url);
    assert_eq!(view["products"][1]["id"], "oolong");
    assert_eq!(
        view["products"][1]["prices"],
        json!({"CNY": 560, "HKD": 610, "BSV": 75_000, "USDT": 78_000_000})
    );
    let methods = view["methods"].as_array().expect("a list");
    let by_type = |name: &str| methods.iter().find(|method| method["type"] == name).expect(name).clone();
    assert_eq!(methods.len(), 19);
    assert_eq!(by_type("blueocean_alipay_qrcode")["account"], "hk");
    assert_eq!(by_type("blueocean_alipay_qrcode")["currency"], "HKD");
    assert_eq!(by_type("dotwallet_autopay")["name"]["zh"], "打点钱包");
    assert_eq!(by_type("dotwallet_autopay")["asks"], json!(["identity", "op_return", "split"]));
    let usual = methods.iter().filter(|method| method["usual"] == true).count();
    assert_eq!((usual, by_type("blueocean_micropay")["usual"].clone()), (5, json!(false)));
    assert_eq!(
        view["gateways"][1],
        json!({"id": "blueocean", "name": {"en": "BlueOcean", "zh": "蓝海支付"}, "refunds": true})
    );
}

#[tokio::test]
async fn an_order_becomes_a_payment_at_the_price_that_the_shop_set() {
    let shop = OpenShop::new().await;
    let wanted = json!({"product": "oolong", "method": "jubao_wechat_h5", "locale": "zh-CN"});
    let answer = shop.post("/api/orders", &wanted).await;
    assert_eq!(answer.status, 201);
    let opened = answer.json();
    let order_id = opened["order_id"].as_str().expect("a number");

    let calls = shop.signer.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].authorization, format!("Bearer {API_KEY}"));
    assert_eq!(
        calls[0].body,
        json!({
            "account": "shop",
            "order_id": order_id,
            "amount": {"value": 560, "currency": "CNY"},
            "subject": "安溪铁观音",
            "description": "轻焙清香，兰韵回甘",
            "method": {"type": "jubao_wechat_h5"},
            "return_url": format!("https://tea.example/return.html?order={order_id}"),
            "expires_in_s": 900,
            "metadata": {"product": "oolong"},
            "confirm": false,
        })
    );
    assert_eq!(
        opened,
        json!({
            "order_id": order_id,
            "key": opened["key"],
            "payment_id": format!("pay_{order_id}"),
            "client_secret": "cs_1",
            "signer": shop.signer.url,
        })
    );
}

#[tokio::test]
async fn a_browser_can_name_neither_price_nor_payer() {
    let shop = OpenShop::new().await;
    for (field, value) in [("amount", json!(1)), ("user_open_id", json!("someone-else"))] {
        let mut wanted = json!({"product": "oolong", "method": "dotwallet_autopay", "locale": "en"});
        wanted[field] = value;
        let answer = shop.post("/api/orders", &wanted).await;
        assert_eq!(
            (answer.status, answer.json()["code"].clone()),
            (422, json!("invalid_request")),
            "{field}"
        );
    }
    for field in ["user_open_id", "openid", "access_token", "sub_openid", "receive_addresses", "amount"] {
        let answer = shop.try_to_order("dotwallet_autopay", json!({field: "someone-else"})).await;
        assert_eq!(answer.status, 422, "{field}");
    }
    assert!(shop.signer.calls().is_empty());
}

#[tokio::test]
async fn what_is_not_sold_is_not_ordered() {
    let shop = OpenShop::new().await;
    for (product, method, code) in
        [("coffee", "hicoin_h5", "unknown_product"), ("oolong", "cash", "unknown_method")]
    {
        let answer =
            shop.post("/api/orders", &json!({"product": product, "method": method, "locale": "en"})).await;
        assert_eq!((answer.status, answer.json()["code"].clone()), (422, json!(code)));
    }
    assert!(shop.signer.calls().is_empty());
}

#[tokio::test]
async fn a_refusal_of_the_signer_is_passed_on_in_words_and_leaves_no_order() {
    let shop = OpenShop::new().await;
    shop.signer.refuse(
        StatusCode::UNPROCESSABLE_ENTITY,
        "invalid_request",
        json!([{"field": "amount.currency", "code": "currency_of_account", "detail": "expected CNY"}]),
    );
    let wanted = json!({"product": "oolong", "method": "jubao_alipay_wap", "locale": "en"});
    let answer = shop.post("/api/orders", &wanted).await;
    assert_eq!(answer.status, 502);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!(problem["code"], "signer_refused");
    assert_eq!(
        problem["detail"],
        "the payment service refused (invalid_request): the reason; \
         amount.currency: expected CNY [request req-7]"
    );
    assert_eq!(shop.get("/api/orders").await.json(), json!([]));
}

#[tokio::test]
async fn a_way_of_paying_that_the_signer_does_not_offer_is_not_told_as_a_refund_that_is_not() {
    let shop = OpenShop::new().await;
    let field = json!([{"field": "method.type", "code": "not_supported", "detail": "not offered"}]);
    shop.signer.refuse(StatusCode::UNPROCESSABLE_ENTITY, "invalid_request", field);
    let answer = shop.try_to_order("blueocean_wechat_mweb", json!({})).await;
    assert_eq!((answer.status, answer.json()["code"].clone()), (502, json!("signer_refused")));
}

#[tokio::test]
async fn a_page_of_a_proxy_in_the_signers_place_is_a_refusal_with_its_status() {
    let shop = OpenShop::new().await;
    shop.signer.refuse_with_a_page(StatusCode::BAD_GATEWAY);
    let wanted = json!({"product": "oolong", "method": "hicoin_h5", "locale": "en"});
    let problem = shop.post("/api/orders", &wanted).await.json();
    assert_eq!(problem["detail"], "the payment service refused (502): Bad Gateway");
}

#[tokio::test]
async fn a_tab_that_lost_its_secret_gets_a_new_one_for_the_same_payment() {
    let shop = OpenShop::new().await;
    let opened = shop.order_by("blueocean_alipay_qrcode").await;
    let order_id = opened["order_id"].as_str().expect("a number");
    let renewed = shop.post(&format!("/api/orders/{order_id}/client_secret"), &json!({})).await.json();
    assert_eq!(renewed["payment_id"], opened["payment_id"]);
    assert_ne!(renewed["client_secret"], opened["client_secret"]);
    assert_eq!(shop.signer.calls()[1].path, format!("/v1/payments/pay_{order_id}/client_secret"));

    let unknown = shop.post("/api/orders/T0/client_secret", &json!({})).await;
    assert_eq!((unknown.status, unknown.json()["code"].clone()), (404, json!("unknown_order")));
}

#[tokio::test]
async fn orders_are_listed_newest_first_and_nothing_is_paid_before_a_webhook_says_so() {
    let shop = OpenShop::new().await;
    let order_id = shop.order_by("hicoin_h5").await["order_id"].clone();
    let listed = shop.get("/api/orders").await.json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    let order = &listed[0];
    assert_eq!(order["order_id"], order_id);
    assert_eq!(order["status"], json!(null));
    assert_eq!(order["paid"], json!(false));
    let path = format!("/api/orders/{}", order_id.as_str().expect("a number"));
    assert_eq!(shop.get(&path).await.json(), *order);
}

#[tokio::test]
async fn a_browser_calling_for_another_site_is_refused() {
    let shop = OpenShop::new().await;
    let strange = shop.browser.post(shop.at("/api/orders")).header("sec-fetch-site", "cross-site");
    assert_eq!(shop.send(strange).await.status, 403);
    let own = shop.browser.get(shop.at("/api/orders")).header("sec-fetch-site", "same-origin");
    assert_eq!(shop.send(own).await.status, 200);
}
