//! When the signer, or the shop itself, is down.

use countersign_tests::{eventually, holds_while};
use serde_json::json;

use crate::sample::Sample;
use crate::stage::Stage;

pub(crate) async fn a_signer_that_is_down_loses_no_order(sample: Sample) {
    let mut stage = Stage::of(sample).await;
    let visitor = stage.visitor();
    stage.world.kill_signer().await;
    let refused = visitor.post("/cart/pay", &json!({"sku": "tea"})).await.expect(503);
    assert_eq!(refused["code"], "payment_unavailable", "{refused}");
    assert!(refused["detail"].as_str().is_some_and(|said| said.contains("try again")), "{refused}");
    let order_id = refused["order_id"].as_str().expect("the order that is kept").to_owned();
    let kept = visitor.get(&format!("/orders/{order_id}")).await.expect(200);
    assert_eq!((&kept["status"], &kept["parcels"]), (&json!("new"), &json!(0)));
    assert!(stage.said().contains("the signer cannot be reached"), "{}", stage.said());

    stage.world.start_signer().await;
    let opened = visitor.buys("tea").await;
    assert_eq!(opened["orderId"], order_id.as_str(), "the same order is paid");
    let again = visitor.post(&format!("/orders/{order_id}/secret"), &json!({})).await.expect(200);
    assert_eq!(again["paymentId"], opened["paymentId"]);
    assert_eq!(stage.payments(&order_id).await, 1);
    stage.pays(&again, &json!({})).await;
    assert_eq!(stage.until(&visitor, &again, "succeeded").await["parcels"], 1);
    stage.keeps_its_secrets(&visitor);
}

pub(crate) async fn a_signer_that_refuses_is_told_plainly_and_in_full_to_the_log(sample: Sample) {
    // This method needs to know who pays, which the sample does not say.
    let stage = Stage::with(sample, &[("METHOD", "blueocean_wechat_jsapi")]).await;
    let visitor = stage.visitor();
    let refused = visitor.post("/cart/pay", &json!({"sku": "tea"})).await.expect(502);
    assert_eq!(refused["code"], "payment_refused", "{refused}");
    assert!(refused["detail"].as_str().is_some_and(|said| said.contains("Nothing was charged")), "{refused}");
    // For whoever mends it: the code, the field and the number of the request.
    eventually("the log says why", async || {
        let said = stage.said();
        let told = ["invalid_request", "method.sub_openid", "req_"].iter().all(|word| said.contains(word));
        told.then_some(())
    })
    .await;
    stage.keeps_its_secrets(&visitor);
}

pub(crate) async fn orders_survive_a_restart_and_what_was_told_meanwhile_arrives(sample: Sample) {
    let mut stage = Stage::of(sample).await;
    let visitor = stage.visitor();
    let opened = visitor.buys("tea").await;
    let order_id = opened["orderId"].as_str().expect("a number").to_owned();
    stage.kill_shop().await;
    stage.pays(&opened, &json!({})).await;
    let id = opened["paymentId"].as_str().expect("a payment");
    stage.world.api.until_status(id, "succeeded").await;
    stage.start_shop().await;
    let visitor = visitor.at(stage.url());
    let order = stage.until(&visitor, &opened, "succeeded").await;
    assert_eq!(order["parcels"], 1, "{order}");

    stage.kill_shop().await;
    stage.start_shop().await;
    let visitor = visitor.at(stage.url());
    // Neither the restart nor the same event once more sends the goods again.
    let told = stage.post.until(id, "payment.succeeded", 1).await;
    let seen = told.len();
    stage.redeliver(&told[0].id).await;
    holds_while(
        "the order stays as it was",
        async || assert_eq!(stage.order(&visitor, &opened).await, order),
        async || (stage.post.about(id, "payment.succeeded").len() > seen).then_some(()),
    )
    .await;
    assert_eq!(stage.order(&visitor, &opened).await, order);
    assert_eq!(stage.fulfilled(&order_id), 1, "{}", stage.said());
}
