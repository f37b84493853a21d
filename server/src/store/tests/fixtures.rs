//! Payments and facts to test with.

use std::collections::BTreeMap;

use countersign_core::{Currency, GatewayId, Method, MethodType, Money};

use crate::id;
use crate::ledger::{Circumstances, Claim, LastFailure, PaidClaim, Refusal, Source};
use crate::store::{Begun, Created, Delivery, NewFact, NewPayment, NextTry, Record, RefusedDelivery, Store};

pub(super) fn new_payment(order_id: &str) -> NewPayment {
    NewPayment {
        id: id::payment_id(1_000),
        account: "shop".into(),
        gateway: GatewayId::Jubao,
        order_id: order_id.into(),
        amount: Money::new(1000, Currency::parse("CNY").unwrap()).unwrap(),
        subject: "Tea".into(),
        description: None,
        method: Method::bare(MethodType::JubaoWechatH5),
        sealed_token: None,
        return_url: None,
        metadata: BTreeMap::new(),
        livemode: false,
        fingerprint: [7; 32],
        created_at_ms: 1_000,
        expires_at_ms: 901_000,
        daily_limit: None,
    }
}

pub(super) async fn created(store: &Store, order_id: &str) -> Record {
    match store.create(new_payment(order_id)).await.unwrap() {
        Created::New(record) => record,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn started(store: &Store, record: &Record) -> Record {
    match store.begin_attempt(&record.id, Circumstances::default(), 1, 2_000, 14_000).await.unwrap() {
        Some(Begun::Started(record)) => record,
        other => panic!("{other:?}"),
    }
}

pub(super) fn fact(claim: Claim, digest: u8) -> NewFact {
    NewFact {
        attempt: Some(1),
        source: Source::Query,
        claim,
        at_ms: 3_000,
        digest: [digest; 32],
        next_check_at_ms: Some(5_000),
        decided_at: None,
    }
}

pub(super) fn paid() -> Claim {
    Claim::Paid(PaidClaim {
        amount: 1000,
        currency: None,
        gateway_order_no: None,
        transaction_id: None,
        paid_at_ms: None,
        other_payer: false,
    })
}

/// A delivery that was answered with 500.
pub(super) fn refused(delivery: &Delivery, at_ms: i64, next: NextTry) -> RefusedDelivery {
    let failure = LastFailure { at_ms, http_status: Some(500), error: "HTTP status 500".into() };
    let (probe_shortest_ms, probe_longest_ms) = (5_000, 300_000);
    let refusal = Refusal { failure, gone: false, pause_until_ms: None, probe_shortest_ms, probe_longest_ms };
    RefusedDelivery { id: delivery.id.clone(), number: delivery.number, next, refusal }
}
