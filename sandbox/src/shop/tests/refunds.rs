use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Answer, OpenShop, event};

/// A shop with one order that was paid: 6.10 HKD.
struct Paid {
    shop: OpenShop,
    order_id: String,
}

impl Paid {
    async fn new() -> Self {
        let shop = OpenShop::new().await;
        let opened = shop.order_by("blueocean_wechat_qrcode").await;
        let order_id = opened["order_id"].as_str().expect("a number").to_owned();
        let paid = Self { shop, order_id };
        paid.tell("succeeded", 3, json!(null)).await;
        paid
    }

    /// Tells by webhook how the payment stands, and how many cents of it went back.
    async fn tell(&self, status: &str, revision: u64, cents_back: Value) {
        let hkd = json!({"value": 610, "currency": "HKD"});
        let mut event = event(&self.order_id, ("hk", hkd), status, revision);
        if cents_back.is_number() {
            event["data"]["amount_refunded"] = json!({"value": cents_back, "currency": "HKD"});
        }
        let answer = self.shop.tell(&format!("msg_{revision}"), &event).await;
        assert_eq!(answer.status, 204, "{}", answer.text);
    }

    async fn refund(&self, body: Value) -> Answer {
        self.shop.post(&format!("/api/orders/{}/refunds", self.order_id), &body).await
    }

    async fn check_refunds(&self) -> Value {
        self.shop.get(&format!("/api/orders/{}/refunds", self.order_id)).await.json()
    }

    async fn cancel(&self) -> Answer {
        self.shop.post(&format!("/api/orders/{}/cancel", self.order_id), &json!({})).await
    }

    async fn order(&self) -> Value {
        self.shop.order(&self.order_id).await
    }
}

#[tokio::test]
async fn a_refund_of_the_whole_goes_out_under_the_shops_own_number() {
    let paid = Paid::new().await;
    let answer = paid.refund(json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let call = paid.shop.signer.last_call();
    assert_eq!(call.path, format!("/v1/payments/pay_{}/refunds", paid.order_id));
    assert_eq!(
        call.body,
        json!({
            "refund_id": format!("{}R1", paid.order_id),
            "amount": {"value": 610, "currency": "HKD"},
            "reason": "the customer asked for it",
        })
    );
    let refund = answer.json()["refunds"][0].clone();
    assert_eq!((&refund["status"], &refund["amount"]["value"]), (&json!("processing"), &json!(610)));
    let order = paid.order().await;
    assert_eq!(order["amount_refunded"], json!(null), "only a webhook says that money went back");
}

#[tokio::test]
async fn parts_go_back_one_after_the_other_and_never_more_than_is_left() {
    let paid = Paid::new().await;
    assert_eq!(paid.refund(json!({"value": 200})).await.status, 200);
    paid.tell("succeeded", 4, json!(200)).await;
    for value in [411, 0] {
        let answer = paid.refund(json!({"value": value})).await;
        assert_eq!((answer.status, answer.json()["code"].clone()), (422, json!("above_refundable")));
    }
    assert_eq!(paid.refund(json!({})).await.status, 200);
    let call = paid.shop.signer.last_call();
    assert_eq!(call.body["refund_id"], format!("{}R2", paid.order_id));
    assert_eq!(call.body["amount"]["value"], 410);

    paid.tell("refunded", 5, json!(610)).await;
    let order = paid.order().await;
    assert_eq!((&order["status"], &order["paid"]), (&json!("refunded"), &json!(false)));
    assert_eq!(order["amount_refunded"]["value"], 610);
}

#[tokio::test]
async fn a_refund_whose_answer_was_lost_is_the_same_refund_when_it_is_asked_for_again() {
    let paid = Paid::new().await;
    paid.shop.signer.lose_answers(2);
    let lost = paid.refund(json!({"value": 100})).await;
    assert_eq!((lost.status, lost.json()["code"].clone()), (503, json!("signer_unreachable")));
    assert_eq!(paid.order().await["refunds"][0]["status"], json!(null));

    assert_eq!(paid.refund(json!({"value": 100})).await.status, 200);
    assert_eq!(paid.shop.signer.refunds(), 1);
    let order = paid.order().await;
    assert_eq!(order["refunds"].as_array().map(Vec::len), Some(1));
    assert_eq!(order["refunds"][0]["status"], "processing");
}

#[tokio::test]
async fn a_refund_that_fails_later_is_found_by_asking() {
    let paid = Paid::new().await;
    paid.refund(json!({"value": 100})).await;
    let failure = json!({"code": "refund_period", "gateway_code": "40108", "class": "final",
        "message": {"en": "Too late.", "zh": "已超过退款期限。"}});
    paid.shop.signer.end_refund("failed", failure);
    let order = paid.check_refunds().await;
    assert_eq!(order["refunds"][0]["status"], "failed");
    assert_eq!(order["refunds"][0]["failure"], json!({"en": "Too late.", "zh": "已超过退款期限。"}));
    assert_eq!(paid.shop.signer.last_call().method, Method::GET);
}

#[tokio::test]
async fn what_the_signer_refuses_is_told_by_its_code_and_leaves_no_refund() {
    let paid = Paid::new().await;
    let field = |code: &str| json!([{"field": "amount.value", "code": code, "detail": "no"}]);
    for (status, code, errors, told) in [
        (StatusCode::UNPROCESSABLE_ENTITY, "not_supported", field("not_supported"), "not_supported"),
        (StatusCode::CONFLICT, "not_refundable", json!([]), "not_refundable"),
        (StatusCode::UNPROCESSABLE_ENTITY, "invalid_request", field("whole_only"), "whole_only"),
    ] {
        paid.shop.signer.refuse(status, code, errors);
        let answer = paid.refund(json!({"value": 100})).await;
        assert_eq!((answer.status, answer.json()["code"].clone()), (409, json!(told)));
    }
    assert_eq!(paid.order().await["refunds"], json!([]));

    paid.shop.signer.stop_refusing();
    paid.refund(json!({"value": 100})).await;
    let number = paid.shop.signer.last_call().body["refund_id"].clone();
    assert_eq!(number, format!("{}R4", paid.order_id), "a number is used once");
}

#[tokio::test]
async fn a_signer_in_trouble_may_have_refunded_so_the_refund_stays_on_record() {
    let paid = Paid::new().await;
    paid.shop.signer.refuse_with_a_page(StatusCode::BAD_GATEWAY);
    assert_eq!(paid.refund(json!({"value": 100})).await.status, 502);
    assert_eq!(paid.order().await["refunds"][0]["status"], json!(null));
}

#[tokio::test]
async fn a_browser_says_nothing_of_a_refund_but_its_amount() {
    let paid = Paid::new().await;
    let calls = paid.shop.signer.calls().len();
    for body in [json!({"value": -1}), json!({"value": 1.5}), json!({"value": "1"}), json!({"reason": "x"})] {
        let answer = paid.refund(body).await;
        assert_eq!((answer.status, answer.json()["code"].clone()), (422, json!("invalid_request")));
    }
    assert_eq!(paid.shop.signer.calls().len(), calls);
}

#[tokio::test]
async fn an_order_is_given_up_at_the_signer_and_written_down_by_webhook() {
    let paid = Paid::new().await;
    let opened = paid.shop.order_by("jubao_wechat_h5").await;
    let order_id = opened["order_id"].as_str().expect("a number");
    let answer = paid.shop.post(&format!("/api/orders/{order_id}/cancel"), &json!({})).await;
    assert_eq!((answer.status, answer.json()["status"].clone()), (200, json!(null)));
    assert_eq!(paid.shop.signer.last_call().path, format!("/v1/payments/pay_{order_id}/cancel"));

    let cny = json!({"value": 560, "currency": "CNY"});
    paid.shop.tell("msg_9", &event(order_id, ("shop", cny), "canceled", 2)).await;
    assert_eq!(paid.shop.order(order_id).await["status"], "canceled");
}

#[tokio::test]
async fn an_order_that_was_paid_cannot_be_given_up() {
    let paid = Paid::new().await;
    paid.shop.signer.refuse(StatusCode::CONFLICT, "not_cancelable", json!([]));
    let answer = paid.cancel().await;
    assert_eq!((answer.status, answer.json()["code"].clone()), (409, json!("not_cancelable")));
}
