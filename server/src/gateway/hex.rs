//! Hexadecimal text of digests, in the case the gateway writes it.

/// Lower-case hex.
pub(crate) fn lower(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Upper-case hex.
pub(crate) fn upper(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02X}")).collect()
}

/// Whether `candidate` is the hex `expected` in any case, in constant time for texts of one length.
pub(crate) fn same(expected: &str, candidate: &str) -> bool {
    crate::secret::same(&expected.to_ascii_lowercase(), &candidate.to_ascii_lowercase())
}
