//! Request bodies as JSON, with clear refusals.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use super::problem::Refused;
use super::strict_json::Strict;
use countersign_core::ProblemCode;

/// A JSON body. With nothing in it where `optional` readers allow that, `{}`.
#[derive(Debug)]
pub(super) struct JsonBody(pub(super) Value);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        let media_type =
            request.headers().get(CONTENT_TYPE).map(|v| v.to_str().unwrap_or_default().to_owned());
        let bytes = Bytes::from_request(request, state).await.map_err(too_large)?;
        if bytes.is_empty() && media_type.is_none() {
            return Ok(Self(Value::Object(serde_json::Map::new())));
        }
        if !media_type.as_deref().is_some_and(is_json) {
            return Err(Refused::new(ProblemCode::UnsupportedMediaType, "send application/json"));
        }
        match serde_json::from_slice(&bytes) {
            Ok(Strict(value)) => Ok(Self(value)),
            Err(error) => {
                let what = if error.is_data() { "a name is repeated" } else { "not JSON" };
                let place = format!("{what} at line {}, column {}", error.line(), error.column());
                Err(Refused::new(ProblemCode::InvalidJson, place))
            }
        }
    }
}

fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

fn too_large(rejection: BytesRejection) -> Refused {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Refused::new(ProblemCode::BodyTooLarge, "the body is larger than this signer takes")
    } else {
        Refused::new(ProblemCode::InvalidJson, "the body could not be read")
    }
}
