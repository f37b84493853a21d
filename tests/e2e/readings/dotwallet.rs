//! DotWallet's orders: the two words for "paid", the two ways to cancel, and addresses that may be required or not.

use countersign_tests::{Browser, DOTWALLET_ORDER, Payment, World};
use serde_json::{Value, json};

use super::{open, sync};
use crate::judge;

#[tokio::test]
async fn paid_is_1_in_one_document_and_9_in_the_other() {
    let world = World::start().await;
    for status in [1, 9] {
        world.gateways.switch("dotwallet", json!({"paid_status": status})).await;
        let (payment, order_no) = open(&world, &DOTWALLET_ORDER).await;
        assert_eq!(world.gateways.pay("dotwallet", &order_no, &json!({})).await, [DOTWALLET_ORDER.taken()]);
        assert_eq!(world.api.payment(&payment.id).await["status"], "succeeded", "{status}");
    }
}

#[tokio::test]
async fn both_addresses_are_sent_so_it_does_not_matter_whether_they_are_required() {
    let world = World::start().await;
    world.gateways.switch("dotwallet", json!({"order_uris_required": true})).await;
    open(&world, &DOTWALLET_ORDER).await;
    // Without a page of the merchant's the payer comes back to the signer's own.
    let mut order = world.order(&DOTWALLET_ORDER);
    order.as_object_mut().expect("an order").remove("return_url");
    let payment = world.api.create(&order).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "requires_action");
}

/// The payer opens the order's page and cancels; gives where they are sent.
async fn cancels(world: &World, payment: &Payment) -> String {
    let view = world.api.checkout_get(&format!("/v1/checkout/{}", payment.id), &payment.secret).await;
    let page = view.expect(200)["next_action"]["url"].as_str().expect("an address").to_owned();
    Browser::default().press(&page, "decision=cancel").await.redirect()
}

#[tokio::test]
async fn a_payer_who_cancels_and_comes_back_bare_may_still_pay() {
    let world = World::with(|settings| settings.set("polling.open_s", vec![600])).await;
    world.fill_wallet().await;
    let (payment, order_no) = open(&world, &DOTWALLET_ORDER).await;
    let back = cancels(&world, &payment).await;
    assert_eq!(json!(back), payment.body["return_url"], "without a word");
    let path = format!("/v1/checkout/{}/returned", payment.id);
    let hint = json!({"result": "cancel"});
    let view = world.api.checkout_post(&path, &payment.secret, &hint).await.expect(200);
    assert_eq!(view["status"], "requires_action", "no parameters say nothing: {view}");
    world.gateways.pay("dotwallet", &order_no, &json!({})).await;
    assert_eq!(sync(&world, &payment).await["status"], "succeeded");
}

#[tokio::test]
async fn a_payer_who_cancels_with_a_status_has_ended_the_order_and_another_try_has_another_number() {
    let world = World::with(|settings| settings.set("polling.open_s", vec![600])).await;
    world.gateways.switch("dotwallet", json!({"cancel": "status"})).await;
    let (payment, order_no) = open(&world, &DOTWALLET_ORDER).await;
    let back = cancels(&world, &payment).await;
    assert!(back.contains("status=-1") && back.contains("sign="), "{back}");
    let failed = world.api.until_status(&payment.id, "failed").await;
    judge::failure(&judge::without_hint(&failed["failure"]), "retry");
    let view = world.api.confirm(&payment).await;
    assert_eq!(view["status"], "requires_action", "{view}");
    let orders = world.gateways.orders("dotwallet").await;
    let numbers: Vec<&Value> = orders.iter().map(|order| &order["order_no"]).collect();
    assert_eq!((numbers.len(), numbers[0]), (2, &json!(order_no)));
    assert_ne!(numbers[0], numbers[1]);
}
