//! What callers ask of the signer, and what else happens.

use serde_json::{Value, json};

use super::books::{Carriage, OnOrder, Standing};
use super::gateway::Kind;
use super::world::{ACCOUNT, Process, World};
use crate::app::{AppError, Circumstances, CreateRequest, NotificationError, Received, RefundRequest};
use crate::clock;

/// What a caller asks for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    /// The merchant creates the payment, with or without a key, and may have it submitted at once.
    Create { key: bool, confirm: bool },
    /// The payer's page confirms.
    ConfirmInBrowser,
    /// The merchant's backend confirms.
    Confirm,
    /// The worker asks about what is due.
    Check,
    /// The merchant has the gateway asked.
    Sync,
    /// The merchant gives it up.
    Cancel,
    /// The gateway says that the nth attempt was paid, until it is told that this was taken.
    NotifyPaid { attempt: usize },
    /// The payer comes back from the gateway's login.
    ComeBack,
    /// The merchant gives money back.
    Refund { key: bool, amount: Option<i64> },
    /// The merchant decides that a payment in review was paid.
    Resolve,
    /// The merchant's endpoint takes what is due.
    Deliver,
}

/// What happens.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Somebody asks for something, and is answered.
    Do(Act),
    /// The payer pays the nth attempt.
    Pays(usize),
    /// So many seconds pass, while the workers work.
    Seconds(i64),
    /// The next new order.
    Next(OnOrder),
    /// The next call that changes something at the gateway.
    Carried(Carriage),
    /// Whether the gateway answers questions.
    Silent(bool),
}

impl Act {
    /// Asks for it; gives the answer as the caller sees it.
    pub(super) async fn perform(self, process: &Process, world: &World) -> Result<String, AppError> {
        let app = &process.app;
        let status = |record: crate::app::Record| record.status().to_string();
        match self {
            Self::Create { key, confirm } => {
                let created = app.create_payment(create_request(world.kind, key, confirm)).await?;
                Ok(created.body)
            }
            Self::ConfirmInBrowser => {
                let id = process.payment().await.id;
                app.submit_payment(&id, Circumstances::default()).await.map(status)
            }
            Self::Confirm => {
                let id = process.payment().await.id;
                app.confirm_payment(&id).await.map(status)
            }
            Self::Check => {
                let due = process.store.take_due_payments(clock::now_ms(), 60_000, 16).await?;
                for record in due {
                    app.sync_payment(&record.id).await?;
                }
                Ok(String::new())
            }
            Self::Sync => {
                let id = process.payment().await.id;
                app.sync_payment(&id).await.map(|_| String::new())
            }
            Self::Cancel => {
                let id = process.payment().await.id;
                app.cancel_payment(&id).await.map(status)
            }
            Self::NotifyPaid { attempt } => {
                let Some(order_no) = process.order_no(attempt).await else { return Ok(String::new()) };
                let order = world.books.open().orders.get(&order_no).cloned();
                let Some(paid) = order.filter(|order| order.standing == Standing::Paid) else {
                    return Ok(String::new());
                };
                let body = json!({ "order_no": order_no, "amount": paid.amount }).to_string();
                let received = Received { content_type: None, query: None, body: body.as_bytes() };
                match app.receive_notification(ACCOUNT, &received).await {
                    Ok((_, answer)) => Ok(answer.body.to_owned()),
                    Err(NotificationError::Failed { error, .. }) => Err(error),
                    Err(other) => panic!("{other:?}"),
                }
            }
            Self::ComeBack => app.come_back(ACCOUNT, &login_query(process, world).await).await,
            Self::Refund { key, amount } => {
                let payment = process.payment().await.id;
                let body = match amount {
                    Some(value) => {
                        json!({ "amount": { "value": value, "currency": "CNY" }, "reason": "torn" })
                    }
                    None => json!({ "refund_id": "R1" }),
                };
                let idempotency_key = key.then(|| "key-of-the-refund".to_owned());
                let request = RefundRequest { api_key: "backend".into(), idempotency_key, payment, body };
                Ok(app.refund_payment(request).await?.body)
            }
            Self::Resolve => {
                let id = process.payment().await.id;
                app.resolve_payment(&id, &json!({ "outcome": "paid", "note": "seen at the bank" }))
                    .await
                    .map(status)
            }
            Self::Deliver => {
                world.deliver(process).await;
                Ok(String::new())
            }
        }
    }

    /// Whether a caller who got no answer asks again; the worker is no caller.
    pub(super) fn is_asked_again(self) -> bool {
        !matches!(self, Self::Check | Self::Deliver)
    }

    /// Whether two answers to it are the same to the byte, except where the payment itself has changed meanwhile.
    pub(super) fn is_replayed(self) -> bool {
        matches!(self, Self::Create { key: true, .. } | Self::Refund { key: true, .. })
    }
}

impl Step {
    pub(super) async fn happen(self, process: &Process, world: &World) {
        match self {
            Self::Do(act) => drop(act.perform(process, world).await.unwrap()),
            Self::Pays(nth) => {
                if let Some(order_no) = process.order_no(nth).await {
                    world.books.pay(&order_no);
                }
            }
            Self::Seconds(seconds) => {
                let until_ms = clock::now_ms() + seconds * 1000;
                world.pass(process, Some(until_ms)).await;
            }
            Self::Next(order) => world.books.open().on_order.push_back(order),
            Self::Carried(carriage) => world.books.open().carriage.push_back(carriage),
            Self::Silent(silent) => world.books.open().is_silent = silent,
        }
    }
}

/// The merchant's request, always the same.
fn create_request(kind: Kind, key: bool, confirm: bool) -> CreateRequest {
    let body = order(kind, "A1", confirm);
    let idempotency_key = key.then(|| "key-of-the-payment".to_owned());
    CreateRequest { api_key: "backend".into(), idempotency_key, body }
}

/// The body of a request to create a payment.
pub(super) fn order(kind: Kind, order_id: &str, confirm: bool) -> Value {
    let mut method = json!({ "type": kind.method() });
    if kind == Kind::Till {
        method["auth_code"] = "134602370743606195".into();
    }
    json!({
        "account": ACCOUNT,
        "order_id": order_id,
        "amount": { "value": 1000, "currency": "CNY" },
        "subject": "Tea",
        "method": method,
        "confirm": confirm,
    })
}

/// What the gateway's login comes back with; its code works once.
async fn login_query(process: &Process, world: &World) -> String {
    let record = process.payment().await;
    let login = process.store.usable_login(&record.id, crate::store::LoginPurpose::Login).await.unwrap();
    let nonce = login.map_or_else(|| "used".to_owned(), |login| login.nonce);
    let code = world.books.open().logins + 1;
    format!("state={nonce}&code=code{code}")
}
