//! The merchant decides about a payment that no machine may settle. The decision is a fact; money that nobody knew of
//! then is another matter.

use countersign_core::{FieldError, Money, PaymentId, PaymentStatus, ResolutionOutcome};
use serde_json::Value;

use super::fact::DECISIONS_MAX;
use super::form::{ResolutionForm, read_resolution};
use super::{App, AppError};
use crate::ledger::{Claim, Resolved, Source};
use crate::store::Record;

impl App {
    /// Resolves a payment in review. The same decision again gives the payment as it is.
    ///
    /// # Errors
    /// [`AppError::NotResolvable`] when it is not in review and was not decided so; [`AppError::Invalid`] on `amount`
    /// when another sum than the payment's was seen and is not repeated.
    pub(crate) async fn resolve_payment(&self, id: &PaymentId, body: &Value) -> Result<Record, AppError> {
        let form = read_resolution(body).map_err(AppError::Invalid)?;
        let (app, id) = (self.clone(), id.clone());
        self.in_own_task(async move {
            let _turn = app.0.locks.lock(id.as_str()).await;
            for _ in 0..DECISIONS_MAX {
                match app.resolve_as_it_is(&id, &form).await {
                    Err(AppError::MovedOn) => {}
                    done => return done,
                }
            }
            Err(AppError::NotResolvable("it keeps changing".to_owned()))
        })
        .await
    }

    async fn resolve_as_it_is(&self, id: &PaymentId, form: &ResolutionForm) -> Result<Record, AppError> {
        let record = self.store().payment(id).await?.ok_or(AppError::NotFound)?;
        let Some(review) = record.state.review.as_ref().filter(|_| record.status() == PaymentStatus::Review)
        else {
            return if decided_so(&record, form) { Ok(record) } else { Err(not_resolvable(&record)) };
        };
        let amount = match form.outcome {
            ResolutionOutcome::Paid => Some(accepted(&record, form)?),
            ResolutionOutcome::Unpaid => None,
        };
        let resolved = Resolved {
            outcome: form.outcome,
            amount,
            note: form.note.clone(),
            reason: review.reason,
            revision: record.revision,
            known: review.seen.clone(),
        };
        tracing::info!(payment = %record.id, account = record.account, reason = %review.reason, outcome = %form.outcome, "resolved by the merchant");
        self.decide(&record, None, Source::Merchant, Claim::Resolved(resolved)).await
    }
}

/// What counts as paid: what was seen, which must be repeated where it is not what was asked for.
fn accepted(record: &Record, form: &ResolutionForm) -> Result<Money, AppError> {
    let misfit = |code, detail: String| Err(AppError::Invalid(vec![FieldError::new("amount", code, detail)]));
    let seen: Vec<Money> = match &record.state.review {
        Some(review) => review.seen.iter().filter(|sum| !sum.back).filter_map(|sum| sum.money()).collect(),
        None => Vec::new(),
    };
    let as_asked = seen.iter().all(|sum| *sum == record.amount);
    match &form.amount {
        None if as_asked => Ok(record.amount.clone()),
        None => {
            misfit("required", format!("another amount was seen: {}; repeat what is accepted", list(&seen)))
        }
        Some(amount) if seen.contains(amount) || (seen.is_empty() && *amount == record.amount) => {
            Ok(amount.clone())
        }
        Some(_) if seen.is_empty() => misfit("not_seen", format!("the payment is for {}", record.amount)),
        Some(_) => misfit("not_seen", format!("what was seen is {}", list(&seen))),
    }
}

/// Whether this very decision was taken.
fn decided_so(record: &Record, form: &ResolutionForm) -> bool {
    let Some(decision) = &record.state.decision else { return false };
    let amount = match form.outcome {
        ResolutionOutcome::Paid => Some(form.amount.as_ref().unwrap_or(&record.amount)),
        ResolutionOutcome::Unpaid => None,
    };
    decision.outcome == form.outcome && decision.amount.as_ref() == amount
}

fn not_resolvable(record: &Record) -> AppError {
    AppError::NotResolvable(match &record.state.decision {
        Some(decision) => format!("it was resolved as {} before", decision.outcome),
        None => format!("it is {}", record.status()),
    })
}

fn list(sums: &[Money]) -> String {
    let texts: Vec<String> = sums.iter().map(ToString::to_string).collect();
    texts.join(", ")
}
