//! Digests as text, and comparing them.

use subtle::ConstantTimeEq as _;

/// Capital digits.
pub(crate) fn upper(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// Small digits.
pub(crate) fn lower(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a signature that was received is the right one. An absent one never is.
pub(crate) fn same(given: Option<&str>, right: Option<String>) -> bool {
    match (given, right) {
        (Some(given), Some(right)) => given.as_bytes().ct_eq(right.as_bytes()).into(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_same_text_is_the_right_signature() {
        assert!(same(Some("0A"), Some("0A".into())));
        for (given, right) in [(Some("0a"), Some("0A")), (Some(""), None), (None, Some("")), (None, None)] {
            assert!(!same(given, right.map(str::to_owned)), "{given:?} {right:?}");
        }
    }
}
