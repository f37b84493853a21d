//! What the signer tells the shop, and what others would like to.

use std::time::{SystemTime, UNIX_EPOCH};

use countersign_tests::keys;
use serde_json::{Value, json};

use crate::post_office::Letter;
use crate::sample::Sample;
use crate::stage::Stage;
use crate::visitor::Visitor;

/// A paid order of which the shop has not heard yet, and the event that says so.
async fn paid_unheard(stage: &Stage, visitor: &Visitor) -> (Value, Letter) {
    stage.post.hold_back();
    let opened = visitor.buys("tea").await;
    stage.pays(&opened, &json!({})).await;
    let told = stage.post.until(id(&opened), "payment.succeeded", 1).await;
    (opened, told[0].clone())
}

fn id(opened: &Value) -> &str {
    opened["paymentId"].as_str().expect("a payment")
}

fn now_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is set");
    i64::try_from(since.as_secs()).expect("it is not that late")
}

pub(crate) async fn a_webhook_that_comes_again_fulfils_nothing_more(sample: Sample) {
    let stage = Stage::of(sample).await;
    let visitor = stage.visitor();
    let opened = visitor.buys("tea").await;
    stage.pays(&opened, &json!({})).await;
    let before = stage.until(&visitor, &opened, "succeeded").await;
    let told = stage.post.until(id(&opened), "payment.succeeded", 1).await;
    for times in 2..4 {
        stage.redeliver(&told[0].id).await;
        let again = stage.post.until(id(&opened), "payment.succeeded", times).await;
        assert_eq!(again[times - 1].id, told[0].id, "the same event");
        assert_eq!(again[times - 1].answered, Some(204), "it is taken, so that it is not sent for ever");
    }
    // Should it come under another id, the order still goes out once.
    let renamed = told[0].signed_anew("evt_of_another_name", now_s(), &told[0].body(), keys::WEBHOOK_SECRET);
    assert_eq!(stage.post.bring(&renamed).await.status.as_u16(), 204);
    assert_eq!(stage.order(&visitor, &opened).await, before);
    assert_eq!(stage.fulfilled(opened["orderId"].as_str().expect("a number")), 1, "{}", stage.said());
}

pub(crate) async fn a_webhook_that_is_not_genuine_changes_nothing(sample: Sample) {
    let stage = Stage::of(sample).await;
    let visitor = stage.visitor();
    let (opened, genuine) = paid_unheard(&stage, &visitor).await;
    let before = stage.order(&visitor, &opened).await;
    let body = genuine.body();
    let mut changed = body.clone();
    changed["data"]["transaction_id"] = json!("another");
    let forged = |signature: &str| Letter { signature: signature.to_owned(), ..genuine.clone() };
    for letter in [
        forged("v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        forged("v1,"),
        forged("v1,%%%not base64%%%"),
        forged("nonsense"),
        forged(""),
        forged(&genuine.signature.replace("v1,", "v2,")),
        Letter { raw: changed.to_string().into_bytes(), ..genuine.clone() },
        Letter { raw: vec![], ..genuine.clone() },
        Letter { id: "evt_another".into(), ..genuine.clone() },
        Letter { id: String::new(), ..genuine.clone() },
        Letter { timestamp: (now_s() - 1).to_string(), signature: "v1,".into(), ..genuine.clone() },
        Letter { timestamp: "yesterday".into(), ..genuine.clone() },
        genuine.signed_anew(&genuine.id, now_s() - 3600, &body, keys::WEBHOOK_SECRET),
        genuine.signed_anew(&genuine.id, now_s() + 3600, &body, keys::WEBHOOK_SECRET),
        genuine.signed_anew(&genuine.id, now_s(), &body, keys::WEBHOOK_SECRET_NEXT),
    ] {
        let reply = stage.post.bring(&letter).await;
        assert!(reply.status.is_client_error(), "{letter:?}: {} {}", reply.status, reply.text);
        assert_eq!(stage.order(&visitor, &opened).await, before, "{letter:?}");
    }
    let order_id = opened["orderId"].as_str().expect("a number");
    assert_eq!(stage.fulfilled(order_id), 0);
    // The genuine one is still believed: a forgery has not used up its id.
    assert_eq!(stage.post.bring(&genuine).await.status.as_u16(), 204);
    assert_eq!(stage.order(&visitor, &opened).await["parcels"], 1);
    assert_eq!(stage.fulfilled(order_id), 1);
}

pub(crate) async fn an_older_revision_changes_nothing(sample: Sample) {
    let stage = Stage::of(sample).await;
    let visitor = stage.visitor();
    let (opened, paid) = paid_unheard(&stage, &visitor).await;
    let older = stage.post.until(id(&opened), "payment.requires_action", 1).await;
    assert!(older[0].body()["data"]["revision"].as_u64() < paid.body()["data"]["revision"].as_u64());
    assert_eq!(stage.post.bring(&paid).await.status.as_u16(), 204);
    let before = stage.order(&visitor, &opened).await;
    assert_eq!(before["status"], "succeeded");
    assert_eq!(stage.post.bring(&older[0]).await.status.as_u16(), 204);
    assert_eq!(stage.order(&visitor, &opened).await, before);
}

pub(crate) async fn a_payment_at_another_price_or_account_is_not_believed(sample: Sample) {
    let stage = Stage::of(sample).await;
    let visitor = stage.visitor();
    let (opened, paid) = paid_unheard(&stage, &visitor).await;
    let before = stage.order(&visitor, &opened).await;
    for (pointer, other) in [
        ("/data/amount/value", json!(999)),
        ("/data/amount/currency", json!("CNY")),
        ("/data/account", json!("wallet")),
        ("/data/id", json!("pay_00000000000000000000000000")),
        ("/data/order_id", json!("A0000000000000000")),
    ] {
        let mut body = paid.body();
        *body.pointer_mut(pointer).expect("an event has it") = other;
        let letter = paid.signed_anew("evt_odd", now_s(), &body, keys::WEBHOOK_SECRET);
        assert_eq!(stage.post.bring(&letter).await.expect(422)["code"], "not_our_order", "{pointer}");
        assert_eq!(stage.order(&visitor, &opened).await, before, "{pointer}");
    }
}

pub(crate) async fn a_payment_in_review_is_flagged_to_a_person(sample: Sample) {
    let stage = Stage::of(sample).await;
    let visitor = stage.visitor();
    let opened = visitor.buys("tea").await;
    stage.pays(&opened, &json!({"amount": 999})).await;
    let order = stage.until(&visitor, &opened, "review").await;
    assert_eq!((&order["needs_person"], &order["parcels"]), (&json!(true), &json!(0)), "{order}");
    let order_id = opened["orderId"].as_str().expect("a number");
    assert!(stage.said().contains(&format!("review {order_id}")), "{}", stage.said());
}
