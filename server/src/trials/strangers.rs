//! Whatever strangers send, every use case answers it or refuses it; the ledger never fails of it, on either engine.

use std::sync::Arc;

use serde_json::json;

use super::acts::order;
use super::gateway::Kind;
use super::world::{ACCOUNT, Process, World, backend, life};
use crate::app::{
    AppError, Circumstances, CreateRequest, ListFilter, NotificationError, Received, RefundRequest,
};
use crate::store::tests::{Ledger, any_text, for_all};

/// What is written where, by whom.
async fn write(process: &Process, world: &World, nth: usize, texts: &[String; 5]) {
    let [one, two, three, four, five] = texts;
    let app = &process.app;
    let mut body = order(Kind::ByOurNumber, &format!("A{nth}"), true);
    body["metadata"] = json!({ one.clone(): two });
    let mut bodies = vec![body.clone()];
    for (field, text) in [("subject", one), ("description", two), ("return_url", three), ("order_id", four)] {
        let mut written = body.clone();
        written[field] = text.clone().into();
        written["method"]["sub_openid"] = five.clone().into();
        bodies.push(written);
    }
    for body in bodies {
        let key = Some(format!("{nth}{}", body["subject"]));
        let request = CreateRequest { api_key: "backend".into(), idempotency_key: key, body };
        is_answered(app.create_payment(request).await);
    }
    let filter = ListFilter {
        order_id: Some(one.clone()),
        account: Some(two.clone()),
        limit: 2,
        ..ListFilter::default()
    };
    is_answered(app.list_payments(filter).await);
    for query in [format!("state={one}&code={two}"), one.clone(), "state=%00&code=%00".to_owned()] {
        is_answered(app.come_back(ACCOUNT, &query).await);
    }
    let paid = json!({ "order_no": three, "amount": 1000 }).to_string();
    for body in [paid.as_bytes(), four.as_bytes()] {
        let received = Received { content_type: None, query: Some(five), body };
        match app.receive_notification(ACCOUNT, &received).await {
            Err(NotificationError::Failed { error, .. }) => panic!("{error:?}"),
            Ok(_) | Err(NotificationError::Refused { .. } | NotificationError::NoSuchAccount) => {}
        }
    }
    let filter = ListFilter { order_id: Some(format!("A{nth}")), limit: 1, ..ListFilter::default() };
    let record = process.store.list(filter).await.unwrap().remove(0);
    let place = Circumstances { page_url: Some(four.clone()), ..Circumstances::default() };
    is_answered(app.submit_payment(&record.id, place).await);
    world.books.pay(&record.order_id);
    is_answered(app.sync_payment(&record.id).await);
    for (reason, refund_id) in [(one, two), (three, &"R1".to_owned())] {
        let body = json!({ "reason": reason, "refund_id": refund_id });
        let (payment, idempotency_key) = (record.id.clone(), Some(format!("refund {nth} {}", reason.len())));
        let request = RefundRequest { api_key: "backend".into(), idempotency_key, payment, body };
        is_answered(app.refund_payment(request).await);
    }
}

/// A refusal is an answer; a failure of the ledger or of this program is none.
fn is_answered<T>(answer: Result<T, AppError>) {
    if let Err(error @ (AppError::Busy | AppError::Ledger(_) | AppError::Broken(_))) = answer {
        panic!("{error:?}");
    }
}

fn all_is_answered(ledger: impl Future<Output = Ledger>, cases: u32) {
    let (backend, life) = (backend(), life());
    let world = World::new(Kind::ByOurNumber, Arc::new(backend.block_on(ledger)), backend.handle());
    let process = life.block_on(world.start());
    let nth = std::cell::Cell::new(0);
    for_all(cases, &[any_text(), any_text(), any_text(), any_text(), any_text()], |texts| {
        nth.set(nth.get() + 1);
        life.block_on(write(&process, &world, nth.get(), &texts));
        Ok(())
    });
}

#[test]
fn whatever_is_sent_is_answered_from_a_file() {
    all_is_answered(async { Ledger::in_memory() }, 60);
}

#[test]
fn whatever_is_sent_is_answered_from_a_server() {
    all_is_answered(Ledger::on_a_server(), 25);
}
