//! Giving money back: durable before it leaves, one at a time for each payment, settled by the gateway's word.

use countersign_core::{FieldError, PaymentId, Refund, RefundId, RefundStatus};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::check_payment::{Checked, Said};
use super::form::{RefundForm, read_refund};
use super::idempotency::FirstOrReplay;
use super::{App, AppError};
use crate::clock::{self, Deadline, UnixMs};
use crate::gateway::{RefundOrder, Refunds};
use crate::ledger::{Claim, RefundClaim, RefundTerms, Source};
use crate::store::{BegunRefund, NewRefund, Record, StoredAnswer};
use crate::upstream;

/// A refund request.
#[derive(Debug)]
pub(crate) struct RefundRequest {
    /// Whose idempotency keys count.
    pub(crate) api_key: String,
    /// The `Idempotency-Key` header.
    pub(crate) idempotency_key: Option<String>,
    /// The payment.
    pub(crate) payment: PaymentId,
    /// The parsed body.
    pub(crate) body: Value,
}

/// The answer, as text: a replay is the same to the byte.
#[derive(Debug)]
pub(crate) struct RefundAnswer {
    /// 201 for a new refund, 200 for one that was there.
    pub(crate) http_status: u16,
    /// JSON.
    pub(crate) body: String,
}

impl App {
    /// Refunds a payment, or gives the refund that the same request began.
    pub(crate) async fn refund_payment(&self, request: RefundRequest) -> Result<RefundAnswer, AppError> {
        let app = self.clone();
        self.in_own_task(async move { app.refund(request).await }).await
    }

    async fn refund(&self, request: RefundRequest) -> Result<RefundAnswer, AppError> {
        let _turn = self.0.locks.lock(request.payment.as_str()).await;
        let record = self.store().payment(&request.payment).await?.ok_or(AppError::NotFound)?;
        let account = self.account_of(&record)?;
        let kind = account.gateway.refunds(record.method.kind);
        if kind == Refunds::No {
            let why = format!("{} has no refund call for {}", record.gateway, record.method.kind);
            return Err(AppError::NotSupported(why));
        }
        let form = read_refund(&request.body, account).map_err(AppError::Invalid)?;
        let fingerprint = fingerprint(&record, &form);
        let (now_ms, hold) = (clock::now_ms(), self.hold());
        let mut new = NewRefund {
            refund_id: form.refund_id,
            request_key: None,
            amount: form.amount.map(|amount| amount.value()),
            whole_only: kind == Refunds::Whole,
            reason: form.reason,
            fingerprint,
            now_ms,
            check_at_ms: now_ms + self.0.parts.submit_timeout_ms,
        };
        let Some(key) = request.idempotency_key else {
            let begun = self.store().begin_refund(&record.id, new).await?;
            return self.answer_begun(begun, false, hold).await;
        };
        new.request_key = Some(format!("{}/{key}", request.api_key));
        let key = self.key_use(request.api_key, key, fingerprint);
        let (store, payment) = (self.store().clone(), record.id.clone());
        let begin = |key| {
            let (store, payment, new) = (store.clone(), payment.clone(), new.clone());
            async move { store.begin_refund_under_key(&payment, new, key).await }
        };
        match self.under_key(&key, begin).await? {
            FirstOrReplay::Replay(kept) => {
                Ok(RefundAnswer { http_status: kept.http_status, body: kept.body })
            }
            FirstOrReplay::First { outcome, taken_over } => {
                let answered = self.answer_begun(outcome, taken_over, hold).await;
                let answer = self.or_release(&key, answered).await?;
                let kept = StoredAnswer { fingerprint, http_status: answer.http_status, body: answer.body };
                let kept = self.store().keep_answer(key, kept).await?;
                Ok(RefundAnswer { http_status: kept.http_status, body: kept.body })
            }
        }
    }

    /// Sends what was begun. What somebody began who never answered is told as new.
    async fn answer_begun(
        &self,
        begun: Option<BegunRefund>,
        taken_over: bool,
        hold: Deadline,
    ) -> Result<RefundAnswer, AppError> {
        let invalid = |code, detail| AppError::Invalid(vec![FieldError::new("amount.value", code, detail)]);
        let begun = begun.ok_or(AppError::NotFound)?;
        let (http_status, record, number) = match begun {
            BegunRefund::Started(record, number) => {
                self.0.changes.tell(&record.id);
                (201, self.send_refund(&record, number, hold).await?, number)
            }
            BegunRefund::Existing(record, number) => (if taken_over { 201 } else { 200 }, record, number),
            BegunRefund::RefundIdReused => return Err(AppError::RefundIdReused),
            BegunRefund::NotPaid(record) => {
                return Err(AppError::NotRefundable(format!("it is {}", record.status())));
            }
            BegunRefund::OtherCurrency(currency) => {
                let why =
                    format!("it was paid in {currency}, which the gateway gives back only in its portal");
                return Err(AppError::NotRefundable(why));
            }
            BegunRefund::InDoubt => {
                let why =
                    "a refund in review may have given back all that is left; the gateway's portal tells";
                return Err(AppError::NotRefundable(why.to_owned()));
            }
            BegunRefund::UnderWay => {
                return Err(AppError::NotRefundable("another refund is under way".to_owned()));
            }
            BegunRefund::TooMuch { left } => {
                return Err(invalid("above_refundable", format!("{left} minor units are left to refund")));
            }
            BegunRefund::WholeOnly { whole } => {
                let detail = format!("this method is refunded as a whole only: {whole} minor units");
                return Err(invalid("whole_only", detail));
            }
        };
        let refund = record.refund(number).ok_or_else(|| broken("a refund just begun is not there"))?;
        let body = serde_json::to_string(&refund).map_err(|e| broken(&e.to_string()))?;
        Ok(RefundAnswer { http_status, body })
    }

    /// The refunds of a payment, oldest first.
    pub(crate) async fn refunds(&self, payment: &PaymentId) -> Result<Vec<Refund>, AppError> {
        Ok(self.store().payment(payment).await?.ok_or(AppError::NotFound)?.refund_views())
    }

    /// One refund of a payment.
    pub(crate) async fn refund_of(&self, payment: &PaymentId, id: &RefundId) -> Result<Refund, AppError> {
        self.refunds(payment).await?.into_iter().find(|refund| refund.id == *id).ok_or(AppError::NotFound)
    }

    /// Asks the gateway about the refund that is under way, or sends one again that it has not seen.
    pub(super) async fn check_refund(&self, record: &Record) -> Result<Checked, AppError> {
        let Some((terms, state)) = record.live_refund() else {
            return Ok(Checked { record: record.clone(), said: Said::Nothing });
        };
        let number = terms.number;
        let over = self.next_refund_check(record, clock::now_ms()).is_none();
        if state.unsent && !over {
            let record = self.send_refund_again(record, number).await?;
            return Ok(Checked { record, said: Said::Nothing });
        }
        let order = self.refund_order(record, terms).await?;
        let told = self.account_of(record)?.gateway.query_refund(&order).await;
        let said = said(&told);
        let done = |record| Ok(Checked { record, said: said.clone() });
        let unseen = matches!(told, RefundClaim::NotFound);
        let record = self.learn(record, None, Source::Query, Claim::Refund { number, told }).await?;
        // The question may have taken the rest of the time.
        let over = self.next_refund_check(&record, clock::now_ms()).is_none();
        let Some((_, state)) = record.live_refund() else { return done(record) };
        // What is still on its way to the gateway, from another instance, is not known there yet.
        if state.in_flight(clock::now_ms(), self.0.parts.submit_timeout_ms) {
            return done(record);
        }
        if over {
            let claim = Claim::Refund { number, told: RefundClaim::Unresolved };
            return done(self.decide(&record, None, Source::Clock, claim).await?);
        }
        if unseen {
            return done(self.send_refund_again(&record, number).await?);
        }
        done(record)
    }

    /// A refund that was handed to a person may have an end by now: it is asked about whenever its payment is.
    pub(super) async fn ask_about_refunds_in_review(&self, mut record: Record) -> Result<Record, AppError> {
        let stuck = record.state.refunds.iter().filter(|state| state.status == RefundStatus::Review);
        let stuck: Vec<i64> = stuck.map(|state| state.number).collect();
        for number in stuck {
            let Some(terms) = record.refunds.iter().find(|terms| terms.number == number) else { continue };
            let order = self.refund_order(&record, terms).await?;
            let told = self.account_of(&record)?.gateway.query_refund(&order).await;
            if matches!(told, RefundClaim::Succeeded { .. } | RefundClaim::Refused { .. }) {
                record = self.learn(&record, None, Source::Query, Claim::Refund { number, told }).await?;
            }
        }
        Ok(record)
    }

    /// Written down before it leaves, by one instance only.
    async fn send_refund_again(&self, record: &Record, number: i64) -> Result<Record, AppError> {
        self.account_of(record)?;
        let hold = self.hold();
        let claim = Claim::Refund { number, told: RefundClaim::SentAgain };
        let record = self.decide(record, None, Source::Response, claim).await?;
        self.send_refund(&record, number, hold).await
    }

    async fn send_refund(&self, record: &Record, number: i64, hold: Deadline) -> Result<Record, AppError> {
        let terms = record.refunds.iter().find(|terms| terms.number == number);
        let terms = terms.ok_or_else(|| broken("a refund that is not there was sent"))?;
        let order = self.refund_order(record, terms).await?;
        tracing::info!(payment = %record.id, account = record.account, refund = %terms.id, refund_no = terms.refund_no, amount = terms.amount, "refunding");
        let told = upstream::held_until(hold, self.account_of(record)?.gateway.refund(&order)).await;
        self.learn(record, None, Source::Response, Claim::Refund { number, told }).await
    }

    async fn refund_order(&self, record: &Record, terms: &RefundTerms) -> Result<RefundOrder, AppError> {
        // Not always the last one: an earlier attempt may have turned out to be paid.
        let paid = record.attempts.iter().find(|a| record.state.paid_attempt == Some(a.number));
        let paid = paid.or(record.last_attempt());
        let paid = paid.ok_or_else(|| broken("a payment without an attempt was refunded"))?;
        let mut sought = self.sought(record, paid).await?;
        sought.order.amount = record.received().clone();
        let method = &sought.order.method;
        let payer_id = method.openid.clone().or_else(|| method.user_open_id.clone());
        Ok(RefundOrder {
            sought,
            refund_no: terms.refund_no.clone(),
            amount: terms.amount,
            reason: terms.reason.clone(),
            refunded_before: terms.refunded_before,
            payer_id,
        })
    }

    /// When the gateway is asked again about the refund under way: often at first, then by the settling schedule.
    pub(super) fn next_refund_check(&self, record: &Record, now_ms: UnixMs) -> Option<UnixMs> {
        let (terms, _) = record.live_refund()?;
        let polling = &self.0.parts.polling;
        let nth = usize::try_from(record.checks).unwrap_or(usize::MAX);
        if let Some(delay_s) = polling.open_s.get(nth) {
            return Some(now_ms + delay_s * 1000);
        }
        let mut at_ms = terms.created_at_ms;
        polling.settling_s.iter().find_map(|delay_s| {
            at_ms += delay_s * 1000;
            (at_ms > now_ms).then_some(at_ms)
        })
    }
}

fn said(told: &RefundClaim) -> Said {
    match told {
        RefundClaim::Accepted { .. } => Said::Told("the refund is not done".into()),
        RefundClaim::Succeeded { .. } => Said::Told("refunded".into()),
        RefundClaim::Refused { .. } => Said::Told("the refund is refused".into()),
        RefundClaim::NotFound => Said::Told("the refund is not found".into()),
        RefundClaim::Unknown { reason, .. } => Said::NotTold(reason.clone()),
        _ => Said::NotTold("no connection came about".to_owned()),
    }
}

fn broken(what: &str) -> AppError {
    AppError::Broken(what.to_owned())
}

/// What makes two requests the same.
fn fingerprint(record: &Record, form: &RefundForm) -> [u8; 32] {
    let text = json!(["refund", record.id, form.amount, form.reason, form.refund_id]);
    Sha256::digest(text.to_string().as_bytes()).into()
}
