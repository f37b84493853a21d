//! The signing input `name=value&name=value`, sorted by name, that two gateways share with WeChat Pay.

/// Joins `fields` sorted by the bytes of their names, without those in `left_out`, and without empty values when
/// `keep_empty` is off. Values are raw, never percent-encoded.
pub(crate) fn canonical(fields: &[(String, String)], left_out: &[&str], keep_empty: bool) -> String {
    let mut kept: Vec<&(String, String)> = fields
        .iter()
        .filter(|(name, value)| !left_out.contains(&name.as_str()) && (keep_empty || !value.is_empty()))
        .collect();
    kept.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
    let joined: Vec<String> = kept.iter().map(|(name, value)| format!("{name}={value}")).collect();
    joined.join("&")
}
