//! The merchant's calls to the signer: the only place that holds the API key.

use std::time::Duration;

use axum::http::{HeaderValue, Method, header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

use super::config::{Secret, web_address};
use super::error::StartError;
use super::happenings::{Actor, Happening, Kind};
use super::payment_method::PaymentMethod;
use super::signer_error::{Problem, SignerError};

const CALL_TIMEOUT: Duration = Duration::from_secs(20);
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// The signer as the merchant's backend sees it.
pub(super) struct Signer {
    http: reqwest::Client,
    base: Url,
    authorization: HeaderValue,
    log: CallLog,
}

/// Where every call is noted: the order that it is about, and the line about it, which has nothing of its content.
pub(super) type CallLog = Box<dyn Fn(&str, Happening) + Send + Sync>;

/// Body of `POST /v1/payments`.
#[derive(Serialize)]
pub(super) struct NewPayment<'a> {
    pub(super) account: &'a str,
    pub(super) order_id: &'a str,
    pub(super) amount: Amount,
    pub(super) subject: &'a str,
    pub(super) description: &'a str,
    pub(super) method: PaymentMethod<'a>,
    pub(super) return_url: &'a str,
    pub(super) expires_in_s: u32,
    pub(super) metadata: Metadata<'a>,
    /// Whether it is submitted at once, without a browser.
    pub(super) confirm: bool,
}

/// What the shop wants to find beside a payment later.
#[derive(Serialize)]
pub(super) struct Metadata<'a> {
    pub(super) product: &'a str,
}

/// An amount in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Amount {
    pub(super) value: u64,
    pub(super) currency: String,
}

/// What the shop keeps of the signer's answer; it has more fields than these.
#[derive(Deserialize)]
pub(super) struct Opened {
    #[serde(rename = "id")]
    pub(super) payment_id: String,
    pub(super) client_secret: Secret,
}

/// Why something was refused, as far as the shop passes it on.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Failure {
    pub(super) message: Message,
}

/// A sentence of the signer's for payers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Message {
    en: String,
    zh: String,
}

/// Body of `POST /v1/payments/{id}/refunds`.
#[derive(Serialize)]
pub(super) struct NewRefund<'a> {
    pub(super) refund_id: &'a str,
    pub(super) amount: &'a Amount,
    pub(super) reason: &'a str,
}

/// What the shop keeps of a refund.
#[derive(Debug, Deserialize)]
pub(super) struct SignedRefund {
    pub(super) refund_id: Option<String>,
    pub(super) status: String,
    #[serde(default)]
    pub(super) failure: Option<Failure>,
}

#[derive(Deserialize)]
struct RefundList {
    data: Vec<SignedRefund>,
}

/// An answer of which nothing but its arrival counts.
#[derive(Deserialize)]
struct Done {}

impl Signer {
    pub(super) fn new(url: &str, api_key: Secret, log: CallLog) -> Result<Self, StartError> {
        let base = web_address("shop.signer_url", url)?;
        let mut authorization =
            HeaderValue::try_from(format!("Bearer {}", api_key.expose())).map_err(|_| StartError::ApiKey)?;
        authorization.set_sensitive(true);
        // Another part of the process may have installed the provider already, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = reqwest::Client::builder()
            .timeout(CALL_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| StartError::Client(error.to_string()))?;
        Ok(Self { http, base, authorization, log })
    }

    /// Scheme, host and port, as the page's content security policy names them.
    pub(super) fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    /// Where the browser module finds the signer.
    pub(super) fn url(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// Creates the payment for an order. The signer answers the same order with the same payment,
    /// so asking again cannot make two.
    pub(super) async fn create_payment(&self, payment: &NewPayment<'_>) -> Result<Opened, SignerError> {
        self.post_twice(payment.order_id, &["payments"], payment).await
    }

    /// A new client secret for a payment; the one before it stops working.
    pub(super) async fn renew_client_secret(
        &self,
        order_id: &str,
        payment_id: &str,
    ) -> Result<Opened, SignerError> {
        self.post(order_id, &["payments", payment_id, "client_secret"], &json!({})).await
    }

    /// Gives a payment up that was not paid.
    pub(super) async fn cancel_payment(&self, order_id: &str, payment_id: &str) -> Result<(), SignerError> {
        self.post(order_id, &["payments", payment_id, "cancel"], &json!({})).await.map(|Done {}| ())
    }

    /// Gives money back. The signer answers the same `refund_id` with the same refund,
    /// so asking again cannot pay twice.
    pub(super) async fn refund_payment(
        &self,
        order_id: &str,
        payment_id: &str,
        refund: &NewRefund<'_>,
    ) -> Result<SignedRefund, SignerError> {
        self.post_twice(order_id, &["payments", payment_id, "refunds"], refund).await
    }

    /// Where the refunds of a payment stand.
    pub(super) async fn refunds(
        &self,
        order_id: &str,
        payment_id: &str,
    ) -> Result<Vec<SignedRefund>, SignerError> {
        let list: RefundList =
            self.call(order_id, Method::GET, &["payments", payment_id, "refunds"], None).await?;
        Ok(list.data)
    }

    /// A call that broke off is made once more.
    async fn post_twice<Answer: DeserializeOwned>(
        &self,
        order_id: &str,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<Answer, SignerError> {
        match self.post(order_id, path, body).await {
            Err(SignerError::Unreachable(_)) => self.post(order_id, path, body).await,
            answered => answered,
        }
    }

    async fn post<Answer: DeserializeOwned>(
        &self,
        order_id: &str,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<Answer, SignerError> {
        let body = serde_json::to_vec(body).map_err(|_| SignerError::Unreadable)?;
        self.call(order_id, Method::POST, path, Some(body)).await
    }

    async fn call<Answer: DeserializeOwned>(
        &self,
        order_id: &str,
        method: Method,
        path: &[&str],
        body: Option<Vec<u8>>,
    ) -> Result<Answer, SignerError> {
        let line = Happening::now(Kind::Call, Actor::Shop, Actor::Signer, template(&method, path));
        let answer = self.send(method, path, body).await;
        let status = answer.as_ref().ok().map(reqwest::Response::status);
        (self.log)(order_id, line.answered(status));
        let answer = answer?;
        let status = answer.status();
        let body = read_bounded(answer).await?;
        if status.is_success() {
            serde_json::from_slice(&body).map_err(|_| SignerError::Unreadable)
        } else {
            let problem = serde_json::from_slice(&body).unwrap_or_else(|_| Problem::bare(status));
            Err(SignerError::Refused(problem))
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &[&str],
        body: Option<Vec<u8>>,
    ) -> Result<reqwest::Response, SignerError> {
        let mut url = self.base.clone();
        url.path_segments_mut().map_err(|()| SignerError::Unreadable)?.pop_if_empty().push("v1").extend(path);
        let mut request = self.http.request(method, url).header(header::AUTHORIZATION, &self.authorization);
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body);
        }
        request.send().await.map_err(SignerError::unreachable)
    }
}

/// A call as the signer's documents write it: `POST /v1/payments/{id}/cancel`.
fn template(method: &Method, path: &[&str]) -> String {
    let parts = path.iter().enumerate().map(|(index, part)| if index == 1 { "{id}" } else { part });
    format!("{method} /v1/{}", parts.collect::<Vec<_>>().join("/"))
}

async fn read_bounded(mut answer: reqwest::Response) -> Result<Vec<u8>, SignerError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(SignerError::unreachable)? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(SignerError::Unreadable);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
