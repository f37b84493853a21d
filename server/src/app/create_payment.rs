//! Creating a payment: the same request any number of times makes one.

use countersign_core::{MethodType, Payment};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::form::{OrderForm, read_order};
use super::idempotency::FirstOrReplay;
use super::payer_secrets::seal_given;
use super::{App, AppError};
use crate::ledger::Circumstances;
use crate::store::{Created, KeyUse, NewPayment, Record, StoredAnswer};
use crate::{clock, id};
use countersign_core::{FieldError, PaymentStatus};

/// Stands for the client secret in a stored answer: the secret itself is derived anew for each replay.
const SECRET_PLACE: &str = "cs_@";

/// A create request.
#[derive(Debug)]
pub(crate) struct CreateRequest {
    /// Whose idempotency keys count.
    pub(crate) api_key: String,
    /// The `Idempotency-Key` header.
    pub(crate) idempotency_key: Option<String>,
    /// The parsed body.
    pub(crate) body: Value,
}

/// The answer, as text: a replay is the same to the byte.
#[derive(Debug)]
pub(crate) struct CreatedAnswer {
    /// 201 for a new payment, 200 for one that was there.
    pub(crate) http_status: u16,
    /// JSON.
    pub(crate) body: String,
}

impl App {
    /// Creates a payment, or gives the one that the same request created.
    pub(crate) async fn create_payment(&self, request: CreateRequest) -> Result<CreatedAnswer, AppError> {
        let app = self.clone();
        self.in_own_task(async move { app.create(request).await }).await
    }

    async fn create(&self, request: CreateRequest) -> Result<CreatedAnswer, AppError> {
        let form = read_order(&request.body, &self.0.parts.accounts).map_err(AppError::Invalid)?;
        let fingerprint = fingerprint(&form);
        // Whoever comes second finds the payment as the first one's answer told it.
        let _turn = self.0.locks.lock(&format!("{}/{}", form.account, form.order_id)).await;
        match request.idempotency_key {
            Some(key) => self.create_under_key(&form, self.key_use(request.api_key, key, fingerprint)).await,
            None => {
                let created = self.store().create(self.new_payment(&form, fingerprint)?).await?;
                let (answer, record) = self.answer_created(&form, created, false).await?;
                Ok(self.fill(answer, &record))
            }
        }
    }

    async fn create_under_key(&self, form: &OrderForm, key: KeyUse) -> Result<CreatedAnswer, AppError> {
        let fingerprint = key.fingerprint;
        let (store, new) = (self.store().clone(), self.new_payment(form, fingerprint)?);
        let begin = |key| {
            let (store, new) = (store.clone(), new.clone());
            async move { store.create_under_key(new, key).await }
        };
        match self.under_key(&key, begin).await? {
            FirstOrReplay::Replay(kept) => self.replay(kept).await,
            FirstOrReplay::First { outcome, taken_over } => {
                let answered = self.answer_created(form, outcome, taken_over).await;
                let (answer, _) = self.or_release(&key, answered).await?;
                let answer = StoredAnswer { fingerprint, http_status: answer.http_status, body: answer.body };
                self.replay(self.store().keep_answer(key, answer).await?).await
            }
        }
    }

    async fn replay(&self, kept: StoredAnswer) -> Result<CreatedAnswer, AppError> {
        let broken = || AppError::Broken("a kept answer is unreadable".to_owned());
        let body: Value = serde_json::from_str(&kept.body).map_err(|_| broken())?;
        let id = body["id"].as_str().and_then(countersign_core::PaymentId::parse).ok_or_else(broken)?;
        let record = self.store().payment(&id).await?.ok_or_else(broken)?;
        Ok(self.fill(CreatedAnswer { http_status: kept.http_status, body: kept.body }, &record))
    }

    fn fill(&self, answer: CreatedAnswer, record: &Record) -> CreatedAnswer {
        let secret = format!("\"client_secret\":\"{}\"", self.client_secret(record));
        let place = format!("\"client_secret\":\"{SECRET_PLACE}\"");
        CreatedAnswer { body: answer.body.replacen(&place, &secret, 1), ..answer }
    }

    /// Submits what was created where that was asked for; the answer has a place for the client secret. What somebody
    /// created who never answered is told as new.
    async fn answer_created(
        &self,
        form: &OrderForm,
        created: Created,
        taken_over: bool,
    ) -> Result<(CreatedAnswer, Record), AppError> {
        let (http_status, mut record) = match created {
            Created::New(record) => {
                tracing::info!(payment = %record.id, account = record.account, order_id = record.order_id, method = %record.method.kind, amount = %record.amount, "payment created");
                (201, record)
            }
            Created::Existing(record) => (if taken_over { 201 } else { 200 }, record),
            Created::OrderIdReused => return Err(AppError::OrderIdReused),
            Created::OverDailyLimit => {
                let detail = "the account's limit for today would be exceeded";
                return Err(AppError::Invalid(vec![FieldError::new(
                    "amount.value",
                    "above_daily_limit",
                    detail,
                )]));
            }
        };
        if form.confirm && record.status() == PaymentStatus::Created {
            record = self.submit_payment(&record.id, Circumstances::default()).await?;
        }
        let payment = Payment { client_secret: Some(SECRET_PLACE.to_owned()), ..record.payment() };
        let body = serde_json::to_string(&payment).map_err(|e| AppError::Broken(e.to_string()))?;
        Ok((CreatedAnswer { http_status, body }, record))
    }

    fn new_payment(&self, form: &OrderForm, fingerprint: [u8; 32]) -> Result<NewPayment, AppError> {
        let parts = &self.0.parts;
        let account = parts.accounts.account(&form.account).ok_or(AppError::NotFound)?;
        let now_ms = clock::now_ms();
        let id = id::payment_id(now_ms);
        let default_s = match form.method.kind {
            MethodType::BlueoceanMicropay => parts.payments.micropay_expires_in_s,
            _ => parts.payments.expires_in_s,
        };
        let sealed_token = seal_given(account, &form.method, &id);
        Ok(NewPayment {
            id,
            account: form.account.clone(),
            gateway: account.gateway.id(),
            order_id: form.order_id.clone(),
            amount: form.amount.clone(),
            subject: form.subject.clone(),
            description: form.description.clone(),
            method: form.method.clone(),
            sealed_token,
            return_url: form.return_url.clone(),
            metadata: form.metadata.clone(),
            livemode: parts.livemode,
            fingerprint,
            created_at_ms: now_ms,
            expires_at_ms: now_ms + form.expires_in_s.unwrap_or(default_s) * 1000,
            daily_limit: account.daily_limit,
        })
    }
}

/// What makes two requests the same: every field, the payer's token too, however the JSON was written.
fn fingerprint(form: &OrderForm) -> [u8; 32] {
    let text = json!([
        form.account,
        form.order_id,
        form.amount,
        form.subject,
        form.description,
        form.method,
        form.method.access_token,
        form.method.auth_code,
        form.return_url,
        form.expires_in_s,
        form.metadata,
        form.confirm,
    ]);
    Sha256::digest(text.to_string().as_bytes()).into()
}
