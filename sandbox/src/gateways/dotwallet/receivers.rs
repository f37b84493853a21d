//! `receive_address`: a text that holds a JSON list of who gets how much.

use serde::Deserialize;
use serde_json::Value;

use super::codes::refusal;
use crate::gateways::endpoint::Refusal;

/// One entry.
#[derive(Deserialize)]
struct Receiver {
    #[serde(default)]
    address: Value,
    #[serde(default)]
    amount: Value,
}

/// Checks the list, whose amounts must add up to the whole; gives the text as it was sent.
pub(super) fn receivers(value: &Value, whole: i64, has_data: bool) -> Result<String, Refusal> {
    let text = value.as_str().ok_or_else(|| refusal(10047))?;
    if text.is_empty() {
        return Err(refusal(10046));
    }
    let receivers: Vec<Receiver> = serde_json::from_str(text).map_err(|_| refusal(10047))?;
    // One client sends an empty list with a payment that only carries data.
    if receivers.is_empty() && has_data {
        return Ok(text.to_owned());
    }
    let mut sum = 0i64;
    for receiver in &receivers {
        if !receiver.address.as_str().is_some_and(is_address) {
            return Err(refusal(10047));
        }
        let amount = receiver.amount.as_i64().filter(|amount| *amount > 0).ok_or_else(|| refusal(10048))?;
        sum = sum.saturating_add(amount);
    }
    if sum == whole { Ok(text.to_owned()) } else { Err(refusal(10049)) }
}

/// The looks of a legacy address: base 58, 26 to 35 letters, beginning with 1 or 3.
fn is_address(text: &str) -> bool {
    let base58 = |byte: u8| byte.is_ascii_alphanumeric() && !b"0OIl".contains(&byte);
    (26..=35).contains(&text.len()) && text.starts_with(['1', '3']) && text.bytes().all(base58)
}
