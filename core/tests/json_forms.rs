//! The JSON forms, to the byte, against files that the code did not write.
#![cfg(feature = "serde")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use countersign_core::{
    Currency, EventType, Failure, FailureClass, FieldError, GatewayId, Method, MethodType, Money, NextAction,
    Payment, PaymentId, PaymentStatus, Problem, ProblemCode, Refund, RefundId, RefundStatus, Resolution,
    ResolutionOutcome, Review, ReviewReason, SeenBy, SeenMoney, Text, WebhookBody,
};
use serde::Serialize;

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/json").join(name);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())).trim_end().to_owned()
}

fn writes(value: &impl Serialize, name: &str) {
    assert_eq!(serde_json::to_string(value).expect("a value of the right shape"), file(name), "{name}");
}

fn payment() -> Payment {
    Payment {
        id: PaymentId::parse("pay_01JD0000000000000000000000").expect("a value of the right shape"),
        livemode: true,
        account: "shop".into(),
        gateway: GatewayId::Jubao,
        order_id: "A20261122001".into(),
        amount: Money::new(1000, Currency::parse("CNY").expect("a value of the right shape"))
            .expect("a value of the right shape"),
        subject: "Tea".into(),
        description: Some("Two boxes of oolong".into()),
        method: Method::bare(MethodType::JubaoWechatH5),
        status: PaymentStatus::Created,
        revision: 1,
        next_action: None,
        failure: None,
        gateway_order_no: None,
        transaction_id: None,
        paid_at: None,
        late: false,
        amount_refunded: None,
        review: None,
        resolution: None,
        return_url: Some("https://shop.example/done".into()),
        metadata: BTreeMap::from([("cart".into(), "77".into())]),
        created_at: "2026-11-22T01:00:00Z".into(),
        updated_at: "2026-11-22T01:00:00Z".into(),
        expires_at: "2026-11-22T01:15:00Z".into(),
        client_secret: Some("cs_0".into()),
        attempts: None,
        refunds: None,
        events: None,
    }
}

#[test]
fn every_next_action_reads_and_writes_its_form() {
    let mut seen = Vec::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/json"))
        .expect("a value of the right shape")
    {
        let name = entry
            .expect("a value of the right shape")
            .file_name()
            .into_string()
            .expect("a value of the right shape");
        if name.starts_with("action_") {
            let action: NextAction =
                serde_json::from_str(&file(&name)).unwrap_or_else(|e| panic!("{name}: {e}"));
            writes(&action, &name);
            seen.push(std::mem::discriminant(&action));
        }
    }
    assert_eq!(seen.len(), 7, "one file for each next action");
}

#[test]
fn a_payment_and_the_payers_view_of_it() {
    writes(&payment(), "payment_created.json");
    writes(&payment().checkout_view(), "checkout_view.json");
}

#[test]
fn a_webhook_carries_the_payment_without_its_client_secret() {
    let data = Payment {
        status: PaymentStatus::Canceled,
        revision: 2,
        updated_at: "2026-11-22T01:05:00Z".into(),
        client_secret: None,
        ..payment()
    };
    let kind = EventType::of(data.status).expect("a value of the right shape");
    writes(&WebhookBody { kind, timestamp: data.updated_at.clone(), data }, "webhook_body.json");
}

#[test]
fn a_failure_keeps_the_gateways_code_with_its_sign() {
    let failure = Failure {
        code: "insufficient_funds".into(),
        gateway_code: Some("-101001".into()),
        message: Text {
            en: "Your balance for automatic payments is too low.".into(),
            zh: "您的自动支付余额不足。".into(),
        },
        class: FailureClass::Reauthorize,
        hint: None,
    };
    writes(&failure, "failure.json");
    assert_eq!(
        serde_json::from_str::<Failure>(&file("failure.json")).expect("a value of the right shape"),
        failure
    );
}

#[test]
fn a_problem_names_every_field() {
    let detail = "must be 1 to 9007199254740991 minor units";
    let errors = vec![FieldError::new("amount.value", "out_of_range", detail)];
    let problem =
        Problem::new(ProblemCode::InvalidRequest, "these fields do not fit: amount.value", "req_1", errors);
    writes(&problem, "problem.json");
    assert_eq!(
        serde_json::from_str::<Problem>(&file("problem.json")).expect("a value of the right shape"),
        problem
    );
}

#[test]
fn a_hint_is_for_the_merchant_and_not_for_the_payer() {
    let message = Text { en: "No.".into(), zh: "不。".into() };
    let hint = Some("look at the key".to_owned());
    let code = "bad_signature".to_owned();
    let failure = Failure { code, gateway_code: None, message, class: FailureClass::Configuration, hint };
    let refused = Payment { failure: Some(failure), ..payment() };
    let told = serde_json::to_string(&refused).expect("a value of the right shape");
    let shown = serde_json::to_string(&refused.checkout_view()).expect("a value of the right shape");
    assert!(told.contains("look at the key") && !shown.contains("look at the key"));
}

#[test]
fn a_refund() {
    let refund = Refund {
        id: RefundId::parse("re_01JD0000000000000000000000").expect("a value of the right shape"),
        payment: payment().id,
        refund_id: Some("R-1".into()),
        amount: Money::new(400, Currency::parse("CNY").expect("a code")).expect("an amount"),
        reason: None,
        status: RefundStatus::Processing,
        failure: None,
        gateway_refund_no: None,
        created_at: "2026-11-22T01:10:00Z".into(),
        updated_at: "2026-11-22T01:10:00Z".into(),
    };
    writes(&refund, "refund.json");
}

#[test]
fn a_review_and_its_resolution_are_for_the_merchant_only() {
    let amount = Money::new(999, Currency::parse("CNY").expect("a code")).ok();
    let seen = SeenMoney {
        order_no: Some("A20261122001".into()),
        gateway_order_no: Some("G1".into()),
        transaction_id: None,
        amount: amount.clone(),
        at: "2026-11-22T01:05:00Z".into(),
        source: SeenBy::Query,
    };
    let review = Review { reason: ReviewReason::AmountDiffers, seen: vec![seen] };
    writes(&review, "review.json");
    let resolution = Resolution {
        outcome: ResolutionOutcome::Paid,
        amount,
        note: Some("agreed".into()),
        at: "2026-11-22T02:00:00Z".into(),
    };
    writes(&resolution, "resolution.json");
    let resolved = Payment { review: Some(review), resolution: Some(resolution), ..payment() };
    writes(&resolved.checkout_view(), "checkout_view.json");
}
