use serde_json::{Value, json};

use super::OpenShop;

#[tokio::test]
async fn the_first_visit_hands_out_a_cookie_that_scripts_cannot_read() {
    let shop = OpenShop::new().await;
    let first = shop.get_as(&reqwest::Client::new(), "/api/shop").await;
    let cookie = first.header("set-cookie");
    assert!(cookie.starts_with("__Host-shop_session="), "{cookie}");
    for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(cookie.contains(part), "{cookie} lacks {part}");
    }
    assert_eq!(shop.get("/api/shop").await.header("set-cookie"), "", "who has one gets no other");
}

#[tokio::test]
async fn each_visitor_sees_only_their_own_orders() {
    let shop = OpenShop::new().await;
    let order_id = shop.order_by("jubao_wechat_h5").await["order_id"].clone();
    let order_id = order_id.as_str().expect("a number");
    let stranger = shop.new_visitor().await;
    assert_eq!(shop.get_as(&stranger, "/api/orders").await.json(), json!([]));
    assert_eq!(shop.get("/api/orders").await.json()[0]["order_id"], order_id);
    let answer = shop.get_as(&stranger, &format!("/api/orders/{order_id}")).await;
    assert_eq!((answer.status, answer.json()["code"].clone()), (404, json!("unknown_order")));
}

#[tokio::test]
async fn nobody_can_touch_the_order_of_another_visitor() {
    let shop = OpenShop::new().await;
    let order_id = shop.order_by("blueocean_alipay_qrcode").await["order_id"].clone();
    let order_id = order_id.as_str().expect("a number");
    let calls = shop.signer.calls().len();
    let stranger = shop.new_visitor().await;
    for what in ["client_secret", "cancel", "refunds"] {
        let path = shop.at(&format!("/api/orders/{order_id}/{what}"));
        let request = stranger.post(path).header("content-type", "application/json").body("{}");
        let answer = shop.send(request).await;
        assert_eq!((answer.status, answer.json()["code"].clone()), (404, json!("unknown_order")), "{what}");
    }
    let answer = shop.get_as(&stranger, &format!("/api/orders/{order_id}/refunds")).await;
    assert_eq!(answer.status, 404);
    assert_eq!(shop.signer.calls().len(), calls);
}

#[tokio::test]
async fn an_orders_key_opens_it_in_another_browser_and_opens_no_other_order() {
    let shop = OpenShop::new().await;
    let opened = shop.order_by("blueocean_wechat_jsapi").await;
    let other = shop.order_by("jubao_wechat_h5").await;
    let (order_id, key) = (opened["order_id"].as_str().expect("a number"), opened["key"].clone());
    let phone = shop.new_visitor().await;
    let visit = async |order_id: &str, key: &Value| {
        let request = phone.post(shop.at(&format!("/api/orders/{order_id}/visit")));
        let request = request.header("content-type", "application/json");
        shop.send(request.body(json!({"key": key}).to_string())).await.status
    };
    let other_id = other["order_id"].as_str().expect("a number");
    assert_eq!(visit(other_id, &key).await, 404);
    assert_eq!(visit(order_id, &json!("")).await, 404);
    assert_eq!(shop.get_as(&phone, "/api/orders").await.json(), json!([]));

    assert_eq!(visit(order_id, &key).await, 200);
    let seen = shop.get_as(&phone, "/api/orders").await.json();
    assert_eq!(seen.as_array().map(Vec::len), Some(1));
    assert_eq!(seen[0]["order_id"], order_id);
    assert_eq!(shop.order(order_id).await["order_id"], order_id, "the first browser keeps it");
}

#[tokio::test]
async fn a_session_is_in_no_answer_but_its_cookie() {
    let shop = OpenShop::new().await;
    let visitor = reqwest::Client::new();
    let cookie = shop.get_as(&visitor, "/api/shop").await.header("set-cookie").to_owned();
    let pair = cookie.split(';').next().expect("a pair");
    let id = pair.split('=').nth(1).expect("a value");
    let order = json!({"product": "oolong", "method": "jubao_wechat_h5", "locale": "en"});
    let request = visitor.post(shop.at("/api/orders")).header("cookie", pair);
    let request = request.header("content-type", "application/json").body(order.to_string());
    let opened = shop.send(request).await;
    assert_eq!((opened.status, opened.header("set-cookie")), (201, ""));
    let listed = shop.send(visitor.get(shop.at("/api/orders")).header("cookie", pair)).await;
    assert!(listed.text.contains("oolong"), "{}", listed.text);
    assert!(!opened.text.contains(id) && !listed.text.contains(id));
}
