//! Creating a payment: the same request any number of times makes one.

use std::collections::HashSet;

use countersign_tests::{
    ALL, Api, BLUEOCEAN_ALIPAY_QRCODE, DOTWALLET_ORDER, HICOIN_H5, JUBAO_WECHAT_H5, Payment, Reply, World,
};
use serde_json::{Value, json};

/// Creates with an idempotency key.
async fn create_with_key(api: &Api, key: &str, body: &str) -> Reply {
    api.send(api.merchant_post("/v1/payments", body).header("idempotency-key", key)).await
}

async fn secret_works(api: &Api, payment: &Payment) {
    let path = format!("/v1/checkout/{}", payment.id);
    assert_eq!(api.checkout_get(&path, &payment.secret).await.expect(200)["id"], payment.id);
}

#[tokio::test]
async fn the_same_order_again_gives_the_same_payment_in_its_present_state() {
    let world = World::start().await;
    world.fill_wallet().await;
    for way in ALL {
        let order = world.order(&way);
        let first = world.api.create(&order).await;
        let again = Payment::of(world.api.post("/v1/payments", &order).await.expect(200));
        assert_eq!(first.id, again.id);
        secret_works(&world.api, &again).await;
        secret_works(&world.api, &first).await;
        let view = world.api.confirm(&again).await;
        let now = world.api.post("/v1/payments", &order).await.expect(200);
        assert_eq!((&now["status"], &now["revision"]), (&view["status"], &view["revision"]));
        secret_works(&world.api, &Payment::of(now)).await;
    }
}

#[tokio::test]
async fn however_the_json_is_written_it_is_the_same_order() {
    let world = World::start().await;
    let order = json!({
        "account": "shop", "order_id": "B1", "amount": {"value": 5, "currency": "CNY"}, "subject": "茶",
        "method": {"type": "jubao_wechat_h5"},
    });
    let first = world.api.create(&order).await;
    let other = r#" {"method":{"type":"jubao_wechat_h5"}, "subject":"\u8336",
        "amount" : {"currency":"CNY","value":5},"order_id":"B1","account":"shop" } "#;
    let again = world.api.send(world.api.merchant_post("/v1/payments", other)).await.expect(200);
    assert_eq!(again["id"], first.id);
}

#[tokio::test]
async fn another_body_under_the_same_order_id_is_refused_whichever_field_differs() {
    let world = World::start().await;
    for way in [JUBAO_WECHAT_H5, HICOIN_H5] {
        let order = world.order(&way);
        let first = world.api.create(&order).await;
        let mut others = vec![
            ("amount", json!({"value": 1001, "currency": way.currency})),
            ("subject", json!("Coffee")),
            ("description", json!(null)),
            ("return_url", json!("https://shop.example/elsewhere")),
            ("expires_in_s", json!(901)),
            ("metadata", json!({"cart": "78"})),
            ("confirm", json!(true)),
        ];
        if way.gateway == "jubao" {
            others.push(("method", json!({"type": "jubao_alipay_wap"})));
        } else {
            let mut method = order["method"].clone();
            method["access_token"] = json!("another-token");
            others.push(("method", method));
        }
        for (field, value) in others {
            let mut other = order.clone();
            other[field] = value;
            world.api.post("/v1/payments", &other).await.problem(409, "order_id_reused");
        }
        assert_eq!(world.api.payment(&first.id).await["revision"], 1);
        assert!(world.gateways.journal(way.gateway, way.submit).await.is_empty());
    }
}

#[tokio::test]
async fn an_order_id_belongs_to_its_account() {
    let world = World::start().await;
    let mut ids = HashSet::new();
    for way in [DOTWALLET_ORDER, JUBAO_WECHAT_H5, BLUEOCEAN_ALIPAY_QRCODE, HICOIN_H5] {
        ids.insert(world.api.create(&way.order("A1")).await.id);
    }
    assert_eq!(ids.len(), 4);
}

#[tokio::test]
async fn an_idempotency_key_replays_the_answer_to_the_byte_with_a_secret_that_works() {
    let mut world = World::start().await;
    for way in [JUBAO_WECHAT_H5, BLUEOCEAN_ALIPAY_QRCODE] {
        let body = world.order(&way).to_string();
        let key = format!("key-{}", way.account);
        let first = create_with_key(&world.api, &key, &body).await;
        let payment = Payment::of(first.expect(201));
        let again = create_with_key(&world.api, &key, &body).await;
        assert_eq!((again.status, &again.text), (first.status, &first.text));
        secret_works(&world.api, &payment).await;
        // The stored answer stays what it was, whatever became of the payment since.
        world.api.confirm(&payment).await;
        let again = create_with_key(&world.api, &key, &body).await;
        assert_eq!((again.status, &again.text), (first.status, &first.text));
        // Without the key it is the payment as it stands now.
        let plain = world.api.send(world.api.merchant_post("/v1/payments", &body)).await.expect(200);
        assert_eq!(plain["status"], "requires_action");
        // A power cut changes nothing.
        world.kill_signer().await;
        world.start_signer().await;
        let again = create_with_key(&world.api, &key, &body).await;
        assert_eq!((again.status, &again.text), (first.status, &first.text));
        secret_works(&world.api, &payment).await;
        // After a rotation the replay carries the secret that works now.
        let path = format!("/v1/payments/{}/client_secret", payment.id);
        world.api.post(&path, &json!({})).await.expect(200);
        let again = Payment::of(create_with_key(&world.api, &key, &body).await.json());
        assert_ne!(again.secret, payment.secret);
        secret_works(&world.api, &again).await;
    }
}

#[tokio::test]
async fn an_idempotency_key_with_another_body_is_refused_and_creates_nothing() {
    let world = World::start().await;
    let first = world.order(&JUBAO_WECHAT_H5);
    create_with_key(&world.api, "key", &first.to_string()).await.expect(201);
    let second = world.order(&JUBAO_WECHAT_H5);
    create_with_key(&world.api, "key", &second.to_string()).await.problem(409, "idempotency_key_reused");
    let path = format!("/v1/payments?order_id={}", second["order_id"].as_str().expect("an order id"));
    assert_eq!(world.api.get(&path).await.expect(200)["data"], json!([]));
    // A key that was refused for its fields is not used up.
    let mut bad = world.order(&JUBAO_WECHAT_H5);
    bad["amount"]["value"] = json!(0);
    create_with_key(&world.api, "other", &bad.to_string()).await.problem(422, "invalid_request");
    bad["amount"]["value"] = json!(1);
    create_with_key(&world.api, "other", &bad.to_string()).await.expect(201);
}

#[tokio::test]
async fn a_hundred_equal_requests_at_once_make_one_payment() {
    let world = World::start().await;
    for key in [None, Some("one-key")] {
        let body = world.order(&JUBAO_WECHAT_H5).to_string();
        let requests: Vec<_> = (0..100)
            .map(|_| {
                let (api, body) = (world.api.clone(), body.clone());
                tokio::spawn(async move {
                    match key {
                        Some(key) => create_with_key(&api, key, &body).await,
                        None => api.send(api.merchant_post("/v1/payments", &body)).await,
                    }
                })
            })
            .collect();
        let (mut created, mut ids, mut texts) = (0, HashSet::new(), HashSet::new());
        for request in requests {
            let reply = request.await.expect("an answer");
            assert!(matches!(reply.status.as_u16(), 200 | 201), "{}", reply.text);
            created += usize::from(reply.status == 201);
            ids.insert(reply.json()["id"].as_str().expect("an id").to_owned());
            texts.insert((reply.status.as_u16(), reply.text));
        }
        assert_eq!(ids.len(), 1);
        match key {
            None => assert_eq!(created, 1),
            Some(_) => assert_eq!(texts.len(), 1, "all equal to the byte"),
        }
    }
    assert_eq!(listed(&world.api).await.len(), 2);
}

#[tokio::test]
async fn a_hundred_equal_requests_with_confirm_place_one_order() {
    let world = World::start().await;
    let mut order = world.order(&BLUEOCEAN_ALIPAY_QRCODE);
    order["confirm"] = json!(true);
    let requests: Vec<_> = (0..100)
        .map(|_| {
            let (api, order) = (world.api.clone(), order.clone());
            tokio::spawn(async move { api.post("/v1/payments", &order).await })
        })
        .collect();
    for request in requests {
        let reply = request.await.expect("an answer");
        assert!(matches!(reply.status.as_u16(), 200 | 201), "{}", reply.text);
    }
    assert_eq!(world.gateways.journal("blueocean", "pay").await.len(), 1);
    assert_eq!(world.gateways.orders("blueocean").await.len(), 1);
}

async fn listed(api: &Api) -> Vec<Value> {
    let page = api.get("/v1/payments?limit=100").await.expect(200);
    page["data"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn the_largest_amount_arrives_to_the_last_digit() {
    const LARGEST: i64 = 9_007_199_254_740_991;
    let world = World::start().await;
    for way in ALL {
        let mut order = world.order(&way);
        order["amount"]["value"] = json!(LARGEST);
        let payment = world.api.create(&order).await;
        assert_eq!(payment.body["amount"]["value"], LARGEST);
        world.api.confirm(&payment).await;
        let calls = world.gateways.journal(way.gateway, way.submit).await;
        let body = &calls.last().expect("a call")["body"];
        assert!(body.as_str().is_some_and(|body| body.contains(&LARGEST.to_string())), "{body}");
    }
}

#[tokio::test]
async fn caps_of_an_account_hold() {
    let world = World::with(|settings| {
        settings.set("accounts.shop.max_amount", 1000);
        settings.set("accounts.shop.daily_limit", 2500);
    })
    .await;
    let order = |value: i64| {
        let mut order = world.order(&JUBAO_WECHAT_H5);
        order["amount"]["value"] = json!(value);
        order
    };
    assert_eq!(world.api.post("/v1/payments", &order(1001)).await.misfits(), ["amount.value"]);
    world.api.create(&order(1000)).await;
    let given_up = world.api.create(&order(1000)).await;
    assert_eq!(world.api.post("/v1/payments", &order(501)).await.misfits(), ["amount.value"]);
    world.api.create(&order(500)).await;
    assert_eq!(world.api.post("/v1/payments", &order(1)).await.misfits(), ["amount.value"]);
    // What was given up without money does not count.
    world.api.post(&format!("/v1/payments/{}/cancel", given_up.id), &json!({})).await.expect(200);
    world.api.create(&order(1000)).await;
}
