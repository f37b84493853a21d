//! The merchant's calls to the signer: the only place that holds the API key.

use std::fmt;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use url::Url;

use super::catalog::PaymentMethod;
use super::config::{Secret, web_address};
use super::error::StartError;

const CALL_TIMEOUT: Duration = Duration::from_secs(20);
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// The signer as the merchant's backend sees it.
pub(super) struct Signer {
    http: reqwest::Client,
    base: Url,
    authorization: HeaderValue,
}

/// Body of `POST /v1/payments`.
#[derive(Serialize)]
pub(super) struct NewPayment<'a> {
    pub(super) account: &'a str,
    pub(super) order_id: &'a str,
    pub(super) amount: Amount,
    pub(super) subject: &'a str,
    pub(super) description: &'a str,
    pub(super) method: PaymentMethod,
    pub(super) return_url: &'a str,
    pub(super) expires_in_s: u32,
    pub(super) metadata: Metadata<'a>,
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

impl Signer {
    pub(super) fn new(url: &str, api_key: Secret) -> Result<Self, StartError> {
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
        Ok(Self { http, base, authorization })
    }

    /// Scheme, host and port, as the page's content security policy names them.
    pub(super) fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    /// Where the browser module finds the signer.
    pub(super) fn url(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// Creates the payment for an order.
    ///
    /// A call that broke off is made once more: the signer answers the same order with the same payment,
    /// so asking again cannot make two.
    pub(super) async fn create_payment(&self, payment: &NewPayment<'_>) -> Result<Opened, SignerError> {
        let body = serde_json::to_vec(payment).map_err(|_| SignerError::Unreadable)?;
        match self.post(&["payments"], body.clone()).await {
            Err(SignerError::Unreachable(_)) => self.post(&["payments"], body).await,
            answered => answered,
        }
    }

    /// A new client secret for a payment; the one before it stops working.
    pub(super) async fn renew_client_secret(&self, payment_id: &str) -> Result<Opened, SignerError> {
        self.post(&["payments", payment_id, "client_secret"], b"{}".to_vec()).await
    }

    async fn post(&self, path: &[&str], body: Vec<u8>) -> Result<Opened, SignerError> {
        let mut url = self.base.clone();
        url.path_segments_mut().map_err(|()| SignerError::Unreadable)?.pop_if_empty().push("v1").extend(path);
        let answer = self
            .http
            .post(url)
            .header(header::AUTHORIZATION, &self.authorization)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
            .send()
            .await
            .map_err(SignerError::unreachable)?;
        let status = answer.status();
        let body = read_bounded(answer).await?;
        if status.is_success() {
            serde_json::from_slice(&body).map_err(|_| SignerError::Unreadable)
        } else {
            Err(SignerError::Refused(serde_json::from_slice(&body).unwrap_or_else(|_| Problem::bare(status))))
        }
    }
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

/// Why the signer did not open a payment.
#[derive(Debug)]
pub(super) enum SignerError {
    /// No answer came; the text says how.
    Unreachable(&'static str),
    /// The signer refused and said why.
    Refused(Problem),
    /// The answer is not one of the signer's.
    Unreadable,
}

/// The signer's problem+json, as far as the shop passes it on.
#[derive(Debug, Deserialize)]
pub(super) struct Problem {
    code: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    request_id: Option<String>,
    #[serde(default)]
    errors: Vec<FieldProblem>,
}

#[derive(Debug, Deserialize)]
struct FieldProblem {
    field: String,
    #[serde(default)]
    detail: String,
}

impl Problem {
    /// For an answer that is not problem+json, such as a proxy's page.
    fn bare(status: StatusCode) -> Self {
        Self {
            code: status.as_u16().to_string(),
            detail: status.canonical_reason().unwrap_or("no reason given").to_owned(),
            request_id: None,
            errors: Vec::new(),
        }
    }
}

impl SignerError {
    fn unreachable(error: reqwest::Error) -> Self {
        Self::Unreachable(match error {
            error if error.is_timeout() => "did not answer in time",
            error if error.is_connect() => "cannot be reached",
            _ => "broke off",
        })
    }

    /// The status with which the shop tells its page.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Unreachable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Refused(_) | Self::Unreadable => StatusCode::BAD_GATEWAY,
        }
    }

    /// The shop's own word for it, which the page has a sentence for.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "signer_unreachable",
            Self::Refused(_) => "signer_refused",
            Self::Unreadable => "signer_unreadable",
        }
    }
}

impl fmt::Display for SignerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(how) => write!(f, "the payment service {how}"),
            Self::Unreadable => f.write_str("the payment service gave an answer that cannot be read"),
            Self::Refused(problem) => {
                write!(f, "the payment service refused ({}): {}", problem.code, problem.detail)?;
                for error in &problem.errors {
                    write!(f, "; {}: {}", error.field, error.detail)?;
                }
                match &problem.request_id {
                    Some(request_id) => write!(f, " [request {request_id}]"),
                    None => Ok(()),
                }
            }
        }
    }
}
