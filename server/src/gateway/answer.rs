//! Reading a gateway's answer: the documented JSON, and a signature that fits where there is one.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::fields::Fields;
use crate::upstream::{UpstreamAnswer, UpstreamError};

/// The envelope. A body that is not the documented JSON is never repaired: its outcome is unknown.
pub(crate) fn envelope<E: DeserializeOwned>(answer: &UpstreamAnswer) -> Result<E, UpstreamError> {
    serde_json::from_slice(&answer.body)
        .map_err(|_| UpstreamError::OutcomeUnknown("the answer is not the documented JSON".to_owned()))
}

/// `data` as received, where it is an object.
pub(crate) fn data(raw: Option<&RawValue>) -> Option<Fields> {
    raw.and_then(|raw| Fields::from_json(raw.get().as_bytes()).ok())
}

/// `data`, unless it carries a `sign` that `fits` refuses.
pub(crate) fn checked(
    data: Option<Fields>,
    fits: impl FnOnce(&[(String, String)]) -> bool,
) -> Result<Option<Fields>, UpstreamError> {
    match data {
        Some(data) if data.filled("sign").is_some() && !fits(data.pairs()) => {
            Err(UpstreamError::OutcomeUnknown("the answer's sign does not fit any key".to_owned()))
        }
        data => Ok(data),
    }
}
