//! Two instances on one ledger: each takes its own turns, and the ledger alone keeps them apart.
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::{Currency, FieldError, GatewayId, MethodType, PaymentId, PaymentStatus};
use serde_json::json;
use tokio::sync::Semaphore;
use url::Url;

use super::{App, AppError, CreateRequest, Parts, RefundRequest};
use crate::clock;
use crate::config::{PaymentSettings, PollingSettings};
use crate::gateway::{
    Account, Acknowledgement, Draft, Gateway, Order, Received, RefundOrder, Refunds, Refusal, RefusalKind,
    Registry, Sought, VerifiedNotification,
};
use crate::ledger::{Circumstances, Claim, PaidClaim, RefundClaim, Source};
use crate::sealed::Sealer;
use crate::secret::Secret;
use crate::store::{Record, Store};

/// A gateway that counts what reaches it, and answers when it is let.
struct Counting {
    currency: Currency,
    submissions: AtomicUsize,
    refunds: AtomicUsize,
    /// One for each answer to a submission or refund.
    answers: Semaphore,
    /// What it says of orders, in turns: the last one again and again.
    submitted: std::sync::Mutex<Vec<Claim>>,
    queried: std::sync::Mutex<Claim>,
    /// The order number at which it makes this program fail.
    fatal: Option<&'static str>,
}

impl Counting {
    fn new(fatal: Option<&'static str>) -> Arc<Self> {
        Arc::new(Self {
            fatal,
            currency: Currency::parse("CNY").unwrap(),
            submissions: AtomicUsize::new(0),
            refunds: AtomicUsize::new(0),
            answers: Semaphore::new(0),
            submitted: std::sync::Mutex::new(vec![accepted()]),
            queried: std::sync::Mutex::new(accepted()),
        })
    }

    fn will_say(&self, claims: Vec<Claim>) {
        *self.submitted.lock().unwrap() = claims;
    }

    fn says(&self, claim: Claim) {
        *self.queried.lock().unwrap() = claim;
    }

    async fn answer(&self) {
        self.answers.acquire().await.unwrap().forget();
    }
}

#[async_trait]
impl Gateway for Counting {
    fn id(&self) -> GatewayId {
        GatewayId::Jubao
    }

    fn currency(&self) -> &Currency {
        &self.currency
    }

    fn offers(&self, _method: MethodType) -> bool {
        true
    }

    fn has_query(&self, _method: MethodType) -> bool {
        true
    }

    fn check(&self, _draft: &Draft<'_>) -> Vec<FieldError> {
        Vec::new()
    }

    async fn submit(&self, _order: &Order) -> Claim {
        self.submissions.fetch_add(1, Ordering::SeqCst);
        self.answer().await;
        let mut claims = self.submitted.lock().unwrap();
        if claims.len() > 1 { claims.remove(0) } else { claims[0].clone() }
    }

    async fn query(&self, sought: &Sought) -> Claim {
        assert_ne!(Some(sought.order.order_no.as_str()), self.fatal, "a fault of this program");
        self.queried.lock().unwrap().clone()
    }

    fn refunds(&self, _method: MethodType) -> Refunds {
        Refunds::Parts
    }

    async fn refund(&self, _refund: &RefundOrder) -> RefundClaim {
        self.refunds.fetch_add(1, Ordering::SeqCst);
        self.answer().await;
        RefundClaim::Unknown { reason: "lost".into(), failure: None }
    }

    async fn query_refund(&self, _refund: &RefundOrder) -> RefundClaim {
        RefundClaim::NotFound
    }

    fn verify(&self, _received: &Received<'_>) -> Result<VerifiedNotification, Refusal> {
        Err(Refusal::new(RefusalKind::UnknownOrder, "nothing is notified here"))
    }

    fn acknowledgement(&self, _taken: bool) -> Acknowledgement {
        Acknowledgement { media_type: "text/plain", body: "" }
    }
}

fn accepted() -> Claim {
    Claim::Accepted { gateway_order_no: Some("G1".into()), next_action: None }
}

fn paid(amount: i64) -> Claim {
    Claim::Paid(PaidClaim {
        amount,
        currency: None,
        gateway_order_no: None,
        transaction_id: None,
        paid_at_ms: None,
        other_payer: false,
    })
}

/// Two instances, their gateway and the folder of their ledger.
struct Pair {
    one: App,
    other: App,
    gateway: Arc<Counting>,
    _dir: tempfile::TempDir,
}

impl Pair {
    async fn open() -> Self {
        Self::with(None, PollingSettings { open_s: vec![2], settling_s: vec![60], notification_wait_s: 1 })
            .await
    }

    async fn with(fatal: Option<&'static str>, polling: PollingSettings) -> Self {
        let (dir, gateway) = (tempfile::tempdir().unwrap(), Counting::new(fatal));
        let url = format!("sqlite:{}", dir.path().join("ledger.db").display());
        let store = Store::open(&url, 2, false).await.unwrap();
        let app = || App::new(parts(store.clone(), Arc::clone(&gateway), polling.clone()));
        Self { one: app(), other: app(), gateway, _dir: dir }
    }

    async fn create(&self, order_id: &str, expires_in_s: i64) -> PaymentId {
        let body = json!({
            "account": "shop", "order_id": order_id, "amount": {"value": 1000, "currency": "CNY"},
            "subject": "Tea", "method": {"type": "jubao_wechat_h5"}, "expires_in_s": expires_in_s,
        });
        let request = CreateRequest { api_key: "shop-backend".into(), idempotency_key: None, body };
        let answer = self.one.create_payment(request).await.unwrap();
        let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        PaymentId::parse(body["id"].as_str().unwrap()).unwrap()
    }

    async fn record(&self, id: &PaymentId) -> Record {
        self.one.store().payment(id).await.unwrap().unwrap()
    }
}

fn parts(store: Store, gateway: Arc<Counting>, polling: PollingSettings) -> Parts {
    let mut accounts = Registry::default();
    let account = Account {
        gateway,
        sealer: Sealer::new([&Secret::new("a key of the account".into())]),
        trust_notifications: false,
        max_amount: None,
        daily_limit: None,
    };
    accounts.insert("shop".into(), account);
    Parts {
        store,
        accounts,
        public_url: Url::parse("http://signer.example").unwrap(),
        fallback_return_url: "http://shop.example".into(),
        livemode: false,
        webhook_url: None,
        payments: PaymentSettings { expires_in_s: 900, micropay_expires_in_s: 60 },
        polling,
        submit_timeout_ms: 60_000,
        shared_ledger: true,
        own_key: [7; 32],
    }
}

async fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let waiting = async {
        while !happened() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.expect(what);
}

#[tokio::test]
async fn an_order_that_never_left_is_sent_again_by_one_of_them() {
    let pair = Pair::open().await;
    for turn in 0..10 {
        let id = pair.create(&format!("A{turn}"), 900).await;
        pair.gateway.will_say(vec![Claim::NotSent, accepted()]);
        pair.gateway.says(Claim::NotFound);
        pair.gateway.answers.add_permits(1);
        let record = pair.one.confirm_payment(&id).await.unwrap();
        assert!(record.state.unsent);
        let before = pair.gateway.submissions.load(Ordering::SeqCst);
        let checks = [&pair.one, &pair.other].map(|app| {
            let (app, id) = (app.clone(), id.clone());
            tokio::spawn(async move { app.sync_payment(&id).await })
        });
        until("one leaves it to the other", || checks.iter().any(|check| check.is_finished())).await;
        assert_eq!(pair.gateway.submissions.load(Ordering::SeqCst) - before, 1, "it is on its way");
        pair.gateway.answers.add_permits(1);
        for check in checks {
            check.await.unwrap().unwrap();
        }
        assert_eq!(pair.gateway.submissions.load(Ordering::SeqCst) - before, 1);
    }
}

#[tokio::test]
async fn a_refund_that_the_gateway_does_not_know_is_sent_again_by_one_of_them() {
    let pair = Pair::open().await;
    let id = pair.create("A1", 900).await;
    pair.gateway.answers.add_permits(2);
    pair.one.confirm_payment(&id).await.unwrap();
    pair.gateway.says(paid(1000));
    assert_eq!(pair.one.sync_payment(&id).await.unwrap().record.status(), PaymentStatus::Succeeded);
    let request = RefundRequest {
        api_key: "shop-backend".into(),
        idempotency_key: None,
        payment: id.clone(),
        body: json!({}),
    };
    pair.one.refund_payment(request).await.unwrap();
    let checks = [&pair.one, &pair.other].map(|app| {
        let (app, id) = (app.clone(), id.clone());
        tokio::spawn(async move { app.sync_payment(&id).await })
    });
    until("one leaves it to the other", || checks.iter().any(|check| check.is_finished())).await;
    pair.gateway.answers.add_permits(1);
    for check in checks {
        check.await.unwrap().unwrap();
    }
    assert_eq!(pair.gateway.refunds.load(Ordering::SeqCst), 2, "once, and once again");
}

#[tokio::test]
async fn what_one_submits_the_other_does_not_expire() {
    let pair = Pair::open().await;
    let id = pair.create("A1", 1).await;
    let confirming = {
        let (app, id) = (pair.one.clone(), id.clone());
        tokio::spawn(async move { app.submit_payment(&id, Circumstances::default()).await })
    };
    until("it is on its way", || pair.gateway.submissions.load(Ordering::SeqCst) == 1).await;
    let expires_at_ms = pair.record(&id).await.expires_at_ms;
    until("its time is over", || clock::now_ms() > expires_at_ms).await;
    pair.gateway.says(Claim::NotFound);
    let looked = pair.other.sync_payment(&id).await.unwrap().record;
    assert_eq!(looked.status(), PaymentStatus::Processing, "it may arrive yet");
    pair.gateway.answers.add_permits(1);
    confirming.await.unwrap().unwrap();
    pair.gateway.says(accepted());
    let looked = pair.other.sync_payment(&id).await.unwrap().record;
    assert_eq!(looked.status(), PaymentStatus::Expired);
}

#[tokio::test]
async fn what_one_gives_up_the_other_does_not_submit() {
    let pair = Pair::open().await;
    pair.gateway.answers.add_permits(1000);
    for turn in 0..50 {
        let id = pair.create(&format!("A{turn}"), 900).await;
        let before = pair.gateway.submissions.load(Ordering::SeqCst);
        let (canceled, confirmed) =
            tokio::join!(pair.one.cancel_payment(&id), pair.other.confirm_payment(&id));
        let record = pair.record(&id).await;
        let submitted = pair.gateway.submissions.load(Ordering::SeqCst) - before;
        assert_eq!(submitted, record.attempts.len());
        match submitted {
            0 => {
                assert!(canceled.is_ok() && matches!(confirmed, Err(AppError::NotConfirmable(_))));
                assert_eq!(record.status(), PaymentStatus::Canceled);
            }
            _ => assert!(confirmed.is_ok(), "{confirmed:?}"),
        }
    }
}

#[tokio::test]
async fn a_decision_about_what_has_changed_is_not_taken() {
    let pair = Pair::open().await;
    pair.gateway.answers.add_permits(1);
    let id = pair.create("A1", 900).await;
    let before = pair.record(&id).await;
    pair.other.confirm_payment(&id).await.unwrap();
    for (source, claim) in [
        (Source::Clock, Claim::Expired),
        (Source::Merchant, Claim::Canceled),
        (Source::Clock, Claim::Unresolved),
    ] {
        let decided = pair.one.decide(&before, None, source, claim).await;
        assert!(matches!(decided, Err(AppError::MovedOn)), "{decided:?}");
    }
    // Nor is it put off, or forgotten.
    pair.one.put_off(before).await.unwrap();
    let taken = pair.one.store().take_due_payments(clock::now_ms() + 3_000, 60_000, 10).await.unwrap();
    assert!(taken.len() == 1 && taken[0].status() == PaymentStatus::Processing, "{taken:?}");
}

#[tokio::test]
async fn of_two_decisions_of_the_merchant_one_counts() {
    let pair = Pair::open().await;
    pair.gateway.answers.add_permits(100);
    pair.gateway.says(paid(999));
    for turn in 0..20 {
        let id = pair.create(&format!("A{turn}"), 900).await;
        pair.one.confirm_payment(&id).await.unwrap();
        assert_eq!(pair.one.sync_payment(&id).await.unwrap().record.status(), PaymentStatus::Review);
        let as_paid = json!({"outcome": "paid", "amount": {"value": 999, "currency": "CNY"}});
        let as_unpaid = json!({"outcome": "unpaid"});
        let (yes, no) = tokio::join!(
            pair.one.resolve_payment(&id, &as_paid),
            pair.other.resolve_payment(&id, &as_unpaid)
        );
        assert!(yes.is_ok() != no.is_ok(), "{yes:?} {no:?}");
        let other = if yes.is_ok() { no } else { yes };
        assert!(matches!(other, Err(AppError::NotResolvable(_))));
    }
}

#[tokio::test]
async fn who_waits_at_one_hears_of_what_the_other_changes() {
    let pair = Pair::open().await;
    pair.gateway.answers.add_permits(1);
    let id = pair.create("A1", 900).await;
    let waiting = pair.one.watch_payment(pair.record(&id).await, 1, Duration::from_secs(30));
    let started = tokio::time::Instant::now();
    let (seen, _) = tokio::join!(waiting, pair.other.confirm_payment(&id));
    assert!(seen.unwrap().revision > 1 && started.elapsed() < Duration::from_secs(15));
}

#[tokio::test]
async fn a_payment_that_cannot_be_checked_ends_with_a_person_and_the_others_go_on() {
    let polling = PollingSettings { open_s: vec![1], settling_s: vec![1], notification_wait_s: 1 };
    let pair = Pair::with(Some("A1"), polling).await;
    pair.gateway.answers.add_permits(2);
    let fatal = pair.create("A1", 1).await;
    let other = pair.create("A2", 1).await;
    for id in [&fatal, &other] {
        pair.one.submit_payment(id, Circumstances::default()).await.unwrap();
    }
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let worker = tokio::spawn(pair.one.clone().reconcile(stopping));
    let ended = async {
        loop {
            let (fatal, other) = (pair.record(&fatal).await, pair.record(&other).await);
            if fatal.status() == PaymentStatus::Review && other.status() == PaymentStatus::Expired {
                return fatal;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let record = tokio::time::timeout(Duration::from_secs(20), ended).await.expect("both end");
    assert_eq!(record.state.review.unwrap().reason, countersign_core::ReviewReason::Unresolved);
    assert!(!worker.is_finished());
    stop.send(true).unwrap();
    worker.await.unwrap();
}

#[tokio::test]
async fn what_has_ended_and_was_never_submitted_is_not_looked_at_any_more() {
    let pair = Pair::open().await;
    let (expired, canceled) = (pair.create("A1", 1).await, pair.create("A2", 1).await);
    pair.one.cancel_payment(&canceled).await.unwrap();
    let expires_at_ms = pair.record(&canceled).await.expires_at_ms;
    until("their time is over", || clock::now_ms() > expires_at_ms).await;
    for _ in 0..2 {
        for id in [&expired, &canceled] {
            pair.one.sync_payment(id).await.unwrap();
        }
    }
    assert_eq!(pair.record(&expired).await.status(), PaymentStatus::Expired);
    let much_later_ms = clock::now_ms() + 1_000_000_000;
    let due = pair.one.store().take_due_payments(much_later_ms, 60_000, 10).await.unwrap();
    assert!(due.is_empty(), "{due:?}");
}
