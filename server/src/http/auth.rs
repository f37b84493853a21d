//! Who calls: the merchant's backend by an API key, a browser by a client secret.

use axum::extract::{FromRequestParts, Path};
use http::header::AUTHORIZATION;
use http::request::Parts;

use super::problem::Refused;
use super::router::Edge;
use crate::app::Record;
use countersign_core::ProblemCode;

/// The merchant's backend, by the name of its key.
#[derive(Debug)]
pub(super) struct Merchant {
    pub(super) api_key: String,
}

impl FromRequestParts<Edge> for Merchant {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Refused> {
        let token = bearer(parts).ok_or_else(Refused::unauthorized)?;
        // Every key is compared, so that the time does not tell which came close.
        let mut found = None;
        for api_key in edge.api_keys.iter() {
            if api_key.key.matches(token) {
                found = Some(api_key.name.clone());
            }
        }
        found.map(|api_key| Self { api_key }).ok_or_else(Refused::unauthorized)
    }
}

/// A payer's browser: the one payment that its client secret opens.
#[derive(Debug)]
pub(super) struct Payer(pub(super) Record);

impl FromRequestParts<Edge> for Payer {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Refused> {
        let Path(id) =
            Path::<String>::from_request_parts(parts, edge).await.map_err(|_| Refused::unauthorized())?;
        let token = bearer(parts).ok_or_else(Refused::unauthorized)?;
        let record = edge.app.open_checkout(&id, token).await?.ok_or_else(Refused::unauthorized)?;
        if let Err(retry_after_s) = edge.rate_limit.check(&record.id) {
            let refused = Refused::new(ProblemCode::RateLimited, "too many requests for this payment");
            return Err(refused.after(retry_after_s));
        }
        Ok(Self(record))
    }
}

/// The token of `Authorization: Bearer …`.
fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
