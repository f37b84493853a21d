//! New identifiers: sortable by the time they were made, unguessable by 80 random bits.

use countersign_core::{AttemptId, EventId, PaymentId, RefundId};
use rand::RngCore;
use ulid::Ulid;

use crate::clock::UnixMs;

/// A new payment id.
pub(crate) fn payment_id(now_ms: UnixMs) -> PaymentId {
    let text = format!("{}{}", PaymentId::PREFIX, suffix(now_ms));
    PaymentId::parse(&text).expect("a ULID has the shape of an id")
}

/// A new attempt id.
pub(crate) fn attempt_id(now_ms: UnixMs) -> AttemptId {
    let text = format!("{}{}", AttemptId::PREFIX, suffix(now_ms));
    AttemptId::parse(&text).expect("a ULID has the shape of an id")
}

/// A new event id.
pub(crate) fn event_id(now_ms: UnixMs) -> EventId {
    let text = format!("{}{}", EventId::PREFIX, suffix(now_ms));
    EventId::parse(&text).expect("a ULID has the shape of an id")
}

/// A new refund id.
pub(crate) fn refund_id(now_ms: UnixMs) -> RefundId {
    let text = format!("{}{}", RefundId::PREFIX, suffix(now_ms));
    RefundId::parse(&text).expect("a ULID has the shape of an id")
}

/// Twenty-six letters and digits, for request ids and order numbers.
pub(crate) fn suffix(now_ms: UnixMs) -> String {
    let random = u128::from(rand::rng().next_u64()) << 16 | u128::from(rand::rng().next_u32() & 0xffff);
    Ulid::from_parts(now_ms.unsigned_abs(), random).to_string()
}

/// `length` random letters and digits, for nonces.
pub(crate) fn nonce(length: usize) -> String {
    use rand::distr::{Alphanumeric, SampleString};
    Alphanumeric.sample_string(&mut rand::rng(), length)
}

/// Thirty-two random bytes.
pub(crate) fn random_key() -> [u8; 32] {
    let mut key = [0; 32];
    rand::rng().fill_bytes(&mut key);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_and_sort_by_time() {
        let (a, b, c) = (payment_id(1), payment_id(1), payment_id(2));
        assert_ne!(a, b);
        assert!(a < c && b < c);
        assert_eq!(nonce(32).len(), 32);
    }
}
