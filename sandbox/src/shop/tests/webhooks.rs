use jiff::Timestamp;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use super::{Answer, OpenShop, WEBHOOK_KEY};

/// A shop with one order, and what the signer would tell about it.
struct Ordered {
    shop: OpenShop,
    order_id: String,
}

impl Ordered {
    async fn new() -> Self {
        let shop = OpenShop::new().await;
        let opened = shop.order_by("jubao_wechat_h5").await;
        Self { shop, order_id: opened["order_id"].as_str().expect("a number").to_owned() }
    }

    fn event(&self, status: &str, revision: u64) -> Value {
        let paid_to = ("shop", json!({"value": 560, "currency": "CNY"}));
        super::event(&self.order_id, paid_to, status, revision)
    }

    async fn hear(&self, webhook_id: &str, event: &Value) -> Answer {
        self.shop.tell(webhook_id, event).await
    }

    async fn hear_signed_by(&self, key: &[u8], time_s: i64, webhook_id: &str, event: &Value) -> Answer {
        let body = event.to_string();
        let webhook = Webhook::from_bytes(key.to_vec()).expect("a key");
        let signature = webhook.sign(webhook_id, time_s, body.as_bytes()).expect("UTF-8");
        self.deliver(webhook_id, time_s, &signature, body).await
    }

    async fn deliver(&self, webhook_id: &str, time_s: i64, signature: &str, body: String) -> Answer {
        let request = self
            .shop
            .browser
            .post(self.shop.at("/hooks/payments"))
            .header("content-type", "application/json")
            .header("webhook-id", webhook_id)
            .header("webhook-timestamp", time_s.to_string())
            .header("webhook-signature", signature)
            .body(body);
        self.shop.send(request).await
    }

    async fn order(&self) -> Value {
        self.shop.order(&self.order_id).await
    }

    async fn assert_untouched(&self) {
        let order = self.order().await;
        assert_eq!(
            (&order["status"], &order["webhooks"], &order["paid"]),
            (&json!(null), &json!([]), &json!(false))
        );
    }
}

#[tokio::test]
async fn a_signed_webhook_is_what_makes_an_order_paid() {
    let ordered = Ordered::new().await;
    let answer = ordered.hear("msg_1", &ordered.event("succeeded", 4)).await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    let order = ordered.order().await;
    assert_eq!(order["status"], "succeeded");
    assert_eq!(order["paid"], json!(true));
    assert_eq!(order["paid_at"], "2026-11-22T00:59:58Z");
    assert_eq!(order["webhooks"][0]["webhook_id"], "msg_1");
    assert_eq!(order["webhooks"][0]["type"], "payment.succeeded");
    assert_eq!(order["webhooks"][0]["applied"], json!(true));
}

#[tokio::test]
async fn a_webhook_signed_with_another_key_changes_nothing() {
    let ordered = Ordered::new().await;
    let now_s = Timestamp::now().as_second();
    let event = ordered.event("succeeded", 4);
    let answer = ordered.hear_signed_by(b"some other key", now_s, "msg_1", &event).await;
    assert_eq!((answer.status, answer.json()["code"].clone()), (401, json!("webhook_not_verified")));
    ordered.assert_untouched().await;
}

#[tokio::test]
async fn a_webhook_with_one_changed_byte_changes_nothing() {
    let ordered = Ordered::new().await;
    let now_s = Timestamp::now().as_second();
    let failed = ordered.event("canceled", 4).to_string();
    let signature = Webhook::from_bytes(WEBHOOK_KEY.to_vec())
        .expect("a key")
        .sign("msg_1", now_s, failed.as_bytes())
        .expect("UTF-8");
    let paid = failed.replace("\"canceled\"", "\"succeeded\"");
    assert_eq!(ordered.deliver("msg_1", now_s, &signature, paid).await.status, 401);
    ordered.assert_untouched().await;
}

#[tokio::test]
async fn a_recorded_webhook_played_again_under_another_id_or_later_is_refused() {
    let ordered = Ordered::new().await;
    let now_s = Timestamp::now().as_second();
    let event = ordered.event("succeeded", 4);
    let webhook = Webhook::from_bytes(WEBHOOK_KEY.to_vec()).expect("a key");
    let signature = webhook.sign("msg_1", now_s, event.to_string().as_bytes()).expect("UTF-8");
    assert_eq!(ordered.deliver("msg_2", now_s, &signature, event.to_string()).await.status, 401);
    assert_eq!(ordered.hear_signed_by(WEBHOOK_KEY, now_s - 600, "msg_1", &event).await.status, 401);
    ordered.assert_untouched().await;
}

#[tokio::test]
async fn a_webhook_without_a_signature_is_refused_before_its_body_is_read() {
    let ordered = Ordered::new().await;
    let bare = ordered.shop.browser.post(ordered.shop.at("/hooks/payments")).body("not even JSON");
    let answer = ordered.shop.send(bare).await;
    assert_eq!((answer.status, answer.json()["code"].clone()), (401, json!("webhook_not_verified")));
}

#[tokio::test]
async fn the_same_webhook_twice_counts_once() {
    let ordered = Ordered::new().await;
    let event = ordered.event("succeeded", 4);
    assert_eq!(ordered.hear("msg_1", &event).await.status, 204);
    let once = ordered.order().await;
    assert_eq!(ordered.hear("msg_1", &event).await.status, 204);
    let mut twice = ordered.order().await;
    assert_eq!(twice["webhooks"][0]["deliveries"], 2);
    twice["webhooks"][0]["deliveries"] = json!(1);
    // That it came again is a line of what happened, and of nothing else.
    for changed in ["happened", "version"] {
        twice[changed] = once[changed].clone();
    }
    assert_eq!(twice, once);
}

#[tokio::test]
async fn an_older_revision_that_comes_late_does_not_undo_a_newer_one() {
    let ordered = Ordered::new().await;
    assert_eq!(ordered.hear("msg_4", &ordered.event("succeeded", 4)).await.status, 204);
    assert_eq!(ordered.hear("msg_2", &ordered.event("processing", 2)).await.status, 204);
    let order = ordered.order().await;
    assert_eq!((&order["status"], &order["revision"]), (&json!("succeeded"), &json!(4)));
    assert_eq!(order["webhooks"][1]["applied"], json!(false));
}

#[tokio::test]
async fn a_refusal_is_told_with_the_signers_words_for_payers() {
    let ordered = Ordered::new().await;
    let mut event = ordered.event("failed", 4);
    event["data"]["failure"] = json!({
        "code": "insufficient_funds", "gateway_code": "10041", "class": "payer",
        "message": {"en": "Not enough money.", "zh": "余额不足。"},
    });
    assert_eq!(ordered.hear("msg_4", &event).await.status, 204);
    let order = ordered.order().await;
    assert_eq!(order["failure"], json!({"en": "Not enough money.", "zh": "余额不足。"}));
    ordered.hear("msg_5", &ordered.event("succeeded", 5)).await;
    assert_eq!(ordered.order().await["failure"], json!(null));
}

#[tokio::test]
async fn a_part_that_went_back_is_written_down_and_the_tea_is_sent_all_the_same() {
    let ordered = Ordered::new().await;
    ordered.hear("msg_4", &ordered.event("succeeded", 4)).await;
    let mut part = ordered.event("succeeded", 5);
    part["type"] = json!("payment.refunded");
    part["data"]["amount_refunded"] = json!({"value": 60, "currency": "CNY"});
    assert_eq!(ordered.hear("msg_5", &part).await.status, 204);
    let order = ordered.order().await;
    assert_eq!((&order["status"], &order["paid"]), (&json!("succeeded"), &json!(true)));
    assert_eq!(order["amount_refunded"], json!({"value": 60, "currency": "CNY"}));
    assert_eq!(order["webhooks"][1]["type"], "payment.refunded");
}

#[tokio::test]
async fn more_money_back_than_was_paid_or_in_another_currency_is_refused() {
    let ordered = Ordered::new().await;
    for amount in [json!({"value": 561, "currency": "CNY"}), json!({"value": 60, "currency": "HKD"})] {
        let mut event = ordered.event("refunded", 5);
        event["data"]["amount_refunded"] = amount;
        let answer = ordered.hear("msg_5", &event).await;
        assert_eq!((answer.status, answer.json()["code"].clone()), (422, json!("webhook_mismatch")));
    }
    ordered.assert_untouched().await;
}

#[tokio::test]
async fn a_refund_takes_the_paid_mark_away() {
    let ordered = Ordered::new().await;
    ordered.hear("msg_4", &ordered.event("succeeded", 4)).await;
    ordered.hear("msg_5", &ordered.event("refunded", 5)).await;
    let order = ordered.order().await;
    assert_eq!((&order["status"], &order["paid"]), (&json!("refunded"), &json!(false)));
}

#[tokio::test]
async fn a_signed_webhook_about_another_amount_account_or_payment_is_refused() {
    let ordered = Ordered::new().await;
    for (pointer, value) in [
        ("/data/amount/value", json!(1)),
        ("/data/amount/currency", json!("HKD")),
        ("/data/account", json!("hk")),
        ("/data/id", json!("pay_other")),
    ] {
        let mut event = ordered.event("succeeded", 4);
        *event.pointer_mut(pointer).expect(pointer) = value;
        let answer = ordered.hear("msg_1", &event).await;
        assert_eq!(
            (answer.status, answer.json()["code"].clone()),
            (422, json!("webhook_mismatch")),
            "{pointer}"
        );
    }
    ordered.assert_untouched().await;
}

#[tokio::test]
async fn a_signed_webhook_about_an_order_that_the_shop_does_not_have_is_refused() {
    let ordered = Ordered::new().await;
    let mut event = ordered.event("succeeded", 4);
    event["data"]["order_id"] = json!("T000");
    assert_eq!(ordered.hear("msg_1", &event).await.status, 404);
    ordered.assert_untouched().await;
}
