//! Reading, listing, asking now, giving up, and a new client secret.

use countersign_tests::{
    BLUEOCEAN_ALIPAY_QRCODE, DOTWALLET_AUTOPAY, JUBAO_ALIPAY_WAP, JUBAO_WECHAT_H5, Way, World,
};
use serde_json::{Value, json};

use crate::judge::{names, time};

async fn ids(world: &World, query: &str) -> Vec<String> {
    let page = world.api.get(&format!("/v1/payments{query}")).await.expect(200);
    let data = page["data"].as_array().expect("a list");
    data.iter().map(|payment| payment["id"].as_str().expect("an id").to_owned()).collect()
}

async fn created(world: &World, way: &Way) -> String {
    world.api.create(&world.order(way)).await.id
}

#[tokio::test]
async fn a_payment_is_shown_with_its_attempts_and_events() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    let untouched = world.api.payment(&payment.id).await;
    assert_eq!((&untouched["attempts"], &untouched["events"]), (&json!([]), &json!([])));
    assert!(untouched.get("client_secret").is_none(), "only the answers that hand it out carry it");
    world.api.confirm(&payment).await;
    let shown = world.api.payment(&payment.id).await;
    assert_eq!(shown["attempts"].as_array().map(Vec::len), Some(1));
    let events = shown["events"].as_array().expect("events");
    assert_eq!(events.last().expect("an event")["type"], "payment.requires_action");
    assert!(time(&shown["updated_at"]) >= time(&shown["created_at"]));
    assert!(!shown.to_string().contains("cs_"));
}

#[tokio::test]
async fn the_list_is_newest_first_and_can_be_filtered_and_paged() {
    let world = World::start().await;
    let mut made = Vec::new();
    for way in [JUBAO_WECHAT_H5, JUBAO_ALIPAY_WAP, BLUEOCEAN_ALIPAY_QRCODE, JUBAO_WECHAT_H5, JUBAO_ALIPAY_WAP]
    {
        made.push(created(&world, &way).await);
    }
    made.reverse();
    assert_eq!(ids(&world, "").await, made);
    assert_eq!(ids(&world, "?account=hk").await, [made[2].clone()]);
    let order_id = world.api.payment(&made[0]).await["order_id"].as_str().expect("an order id").to_owned();
    assert_eq!(ids(&world, &format!("?order_id={order_id}")).await, [made[0].clone()]);
    assert_eq!(ids(&world, &format!("?order_id={order_id}&account=hk")).await, Vec::<String>::new());
    world.api.post(&format!("/v1/payments/{}/cancel", made[1]), &json!({})).await.expect(200);
    assert_eq!(ids(&world, "?status=canceled").await, [made[1].clone()]);
    assert_eq!(ids(&world, "?status=created&account=shop").await.len(), 3);

    let (mut paged, mut after) = (Vec::new(), String::new());
    loop {
        let page = world.api.get(&format!("/v1/payments?limit=2{after}")).await.expect(200);
        let data = page["data"].as_array().expect("a list");
        assert!(data.len() <= 2);
        paged.extend(data.iter().map(|payment| payment["id"].as_str().expect("an id").to_owned()));
        if page["has_more"] != true {
            break;
        }
        after = format!("&after={}", paged.last().expect("a payment"));
        // What is created while paging does not shift the pages.
        created(&world, &JUBAO_WECHAT_H5).await;
    }
    assert_eq!(paged, made);
}

#[tokio::test]
async fn a_list_with_unusable_filters_is_refused() {
    let world = World::start().await;
    for query in ["status=paid", "limit=0", "limit=-1", "limit=many", "after=nothing", "limit=1000000"] {
        let reply = world.api.get(&format!("/v1/payments?{query}")).await;
        let field = query.split('=').next().expect("a name");
        assert_eq!(reply.misfits(), [field], "{query}");
    }
    world.api.get("/v1/payments?colour=red").await.problem(422, "invalid_request");
}

#[tokio::test]
async fn a_payment_that_was_not_paid_can_be_given_up_and_then_not_confirmed() {
    let world = World::start().await;
    for confirmed in [false, true] {
        let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
        if confirmed {
            world.api.confirm(&payment).await;
        }
        let cancel = format!("/v1/payments/{}/cancel", payment.id);
        let canceled = world.api.post(&cancel, &json!({})).await.expect(200);
        assert_eq!(canceled["status"], "canceled");
        assert!(canceled["next_action"].is_null() && canceled["failure"].is_null());
        // Once more is no error and no change.
        let again = world.api.post(&cancel, &json!({})).await;
        assert!(matches!(again.status.as_u16(), 200 | 409), "{}", again.text);
        assert_eq!(world.api.payment(&payment.id).await["revision"], canceled["revision"]);
        let confirm = world.api.post(&format!("/v1/payments/{}/confirm", payment.id), &json!({})).await;
        confirm.problem(409, "not_confirmable");
        world.merchant.until_taken(&payment.id, "payment.canceled").await;
    }
    let calls = world.gateways.journal("jubao", "apply_pay").await;
    assert_eq!(calls.len(), 1, "what was given up is not sent");
}

#[tokio::test]
async fn the_payer_cannot_confirm_what_was_given_up() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    world.api.post(&format!("/v1/payments/{}/cancel", payment.id), &json!({})).await.expect(200);
    let path = format!("/v1/checkout/{}/confirm", payment.id);
    let reply = world.api.checkout_post(&path, &payment.secret, &json!({})).await;
    match reply.status.as_u16() {
        200 => assert_eq!(reply.json()["status"], "canceled"),
        _ => drop(reply.problem(409, "not_confirmable")),
    }
    assert!(world.gateways.journal("jubao", "apply_pay").await.is_empty());
}

#[tokio::test]
async fn a_payment_that_was_paid_or_perhaps_paid_cannot_be_given_up() {
    let world = World::start().await;
    world.fill_wallet().await;
    let paid = world.api.create(&world.order(&DOTWALLET_AUTOPAY)).await;
    world.api.confirm(&paid).await;
    let cancel = |id: &str| format!("/v1/payments/{id}/cancel");
    world.api.post(&cancel(&paid.id), &json!({})).await.problem(409, "not_cancelable");

    // Paid at the gateway, and the signer does not know it yet: it asks before it gives up.
    let order = world.order(&JUBAO_WECHAT_H5);
    let secretly = world.api.create(&order).await;
    world.api.confirm(&secretly).await;
    let order_no = order["order_id"].as_str().expect("an order number");
    world.gateways.pay("jubao", order_no, &json!({"notify": false})).await;
    world.api.post(&cancel(&secretly.id), &json!({})).await.problem(409, "not_cancelable");
    assert_eq!(world.api.payment(&secretly.id).await["status"], "succeeded");

    let unknown = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    world.gateways.fault("jubao", json!({"endpoint": "apply_pay", "fault": "drop_after"})).await;
    assert_eq!(world.api.confirm(&unknown).await["status"], "processing");
    world.api.post(&cancel(&unknown.id), &json!({})).await.problem(409, "not_cancelable");
}

#[tokio::test]
async fn asking_now_finds_the_money_at_once() {
    let world = World::with(|settings| settings.set("polling.open_s", vec![600])).await;
    for way in [JUBAO_WECHAT_H5, BLUEOCEAN_ALIPAY_QRCODE] {
        let order = world.order(&way);
        let payment = world.api.create(&order).await;
        let sync = format!("/v1/payments/{}/sync", payment.id);
        assert_eq!(world.api.post(&sync, &json!({})).await.expect(200)["status"], "created");
        world.api.confirm(&payment).await;
        assert_eq!(world.api.post(&sync, &json!({})).await.expect(200)["status"], "requires_action");
        let order_no = order["order_id"].as_str().expect("an order number");
        world.gateways.pay(way.gateway, order_no, &json!({"notify": false})).await;
        assert_eq!(world.api.post(&sync, &json!({})).await.expect(200)["status"], "succeeded");
    }
}

#[tokio::test]
async fn asking_a_gateway_that_does_not_answer_is_no_error_of_the_caller() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&BLUEOCEAN_ALIPAY_QRCODE)).await;
    let before = world.api.confirm(&payment).await;
    let fault = json!({"endpoint": "query", "fault": "hang", "times": 100});
    world.gateways.fault("blueocean", fault).await;
    let synced = world.api.post(&format!("/v1/payments/{}/sync", payment.id), &json!({})).await.expect(200);
    assert_eq!(synced["status"], "requires_action");
    assert_eq!(synced["next_action"], before["next_action"]);
}

#[tokio::test]
async fn a_new_client_secret_ends_the_old_one() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    let renewed =
        world.api.post(&format!("/v1/payments/{}/client_secret", payment.id), &json!({})).await.expect(200);
    let secret = renewed["client_secret"].as_str().expect("a secret");
    assert_ne!(secret, payment.secret);
    let mut shown = names(&renewed);
    shown.retain(|name| *name != "client_secret");
    assert_eq!(shown.len() + 1, names(&payment.body).len());
    let path = format!("/v1/checkout/{}", payment.id);
    world.api.checkout_get(&path, &payment.secret).await.problem(401, "unauthorized");
    assert_eq!(world.api.checkout_get(&path, secret).await.expect(200)["id"], payment.id);
    // It stays ended when the process does not.
    let again: Value =
        world.api.post(&format!("/v1/payments/{}/client_secret", payment.id), &json!({})).await.expect(200);
    world.api.checkout_get(&path, secret).await.problem(401, "unauthorized");
    let secret = again["client_secret"].as_str().expect("a secret").to_owned();
    let mut world = world;
    world.kill_signer().await;
    world.start_signer().await;
    assert_eq!(world.api.checkout_get(&path, &secret).await.expect(200)["id"], payment.id);
    world.api.checkout_get(&path, &payment.secret).await.problem(401, "unauthorized");
}
