//! What people take for Jubao's signing rule, and the rule laid open, for explaining a signature.

use super::sign::{Charset, bytes_to_sign, canonical, signature};
use crate::gateway::signing::{Field, Rule, Scheme, hmac_sha256, is_sign, join, md5, sorted};

/// The rule laid open.
pub(crate) const SIGNING: Scheme = Scheme {
    profile: |_| "jubao",
    canonical: |fields| canonical(fields).ok_or("a field `_sign` is present, which Jubao refuses to sign"),
    key_in_text: str::to_owned,
    text: |fields, canonical, key| text(canonical, Charset::of(fields), key),
    signature: |text, _| signature(text.as_bytes()),
    step: |fields| {
        let step = match Charset::of(fields) {
            Charset::Plain => "plain: version is 2, so the UTF-8 bytes are hashed as they are",
            Charset::EncodedTwice => {
                "double-encoded: version is not 2, so the UTF-8 bytes are read as Latin-1 and encoded once more"
            }
        };
        Some(("charset", step))
    },
    readings: &[
        Rule::new("plain", |fields, key| read(fields, Charset::Plain, key)),
        Rule::new("double-encoded", |fields, key| read(fields, Charset::EncodedTwice, key)),
    ],
    remark,
    mistakes: MISTAKES,
    mixed: None,
    account_field: "mch_id",
    notice_fields: &[
        "mch_id",
        "out_trade_no",
        "order_sn",
        "pay_channel_id",
        "body",
        "total_fee",
        "status",
        "attach",
        "cash_fee",
        "finish_time",
        "nonce_str",
    ],
    sample_keys: &[("685c6e3eca5c964b2b8240aa151cb75d", "the 聚宝 Pay document")],
};

/// Each is tried in both readings of the characters.
const MISTAKES: &[Rule] = &[
    Rule::new(
        "names and values were joined with &, as the document's words say and its example does not",
        |f, key| both(&join(sorted(f), "", "&"), |text| format!("{key}{text}{key}")),
    ),
    Rule::new("the fields were joined as name=value&…, between the keys", |f, key| {
        both(&join(sorted(f), "=", "&"), |text| format!("{key}{text}{key}"))
    }),
    Rule::new("the fields were joined as name=value without &, between the keys", |f, key| {
        both(&join(sorted(f), "=", ""), |text| format!("{key}{text}{key}"))
    }),
    Rule::new("the fields were in received order, not sorted by name", |f, key| {
        both(&join(f.iter().filter(|field| !is_sign(field)), "", ""), |text| format!("{key}{text}{key}"))
    }),
    Rule::new("the key stood in front only", |f, key| {
        both(&join(sorted(f), "", ""), |text| format!("{key}{text}"))
    }),
    Rule::new("the key stood behind only", |f, key| {
        both(&join(sorted(f), "", ""), |text| format!("{text}{key}"))
    }),
    Rule::new("the key was not put around the text", |f, _| both(&join(sorted(f), "", ""), str::to_owned)),
    Rule::new("the key stood behind as &key=", |f, key| {
        both(&join(sorted(f), "", ""), |text| format!("{text}&key={key}"))
    }),
    Rule::new("HMAC-SHA256 in place of MD5", |f, key| vec![hmac_sha256(key, &join(sorted(f), "", ""))]),
];

fn text(canonical: &str, charset: Charset, key: &str) -> String {
    String::from_utf8(bytes_to_sign(canonical, charset, key)).expect("both steps give UTF-8")
}

fn read(fields: &[Field], charset: Charset, key: &str) -> Vec<String> {
    let canonical = canonical(fields);
    canonical.map(|canonical| signature(&bytes_to_sign(&canonical, charset, key))).into_iter().collect()
}

fn both(canonical: &str, around: impl Fn(&str) -> String) -> Vec<String> {
    [Charset::Plain, Charset::EncodedTwice].map(|charset| md5(&around(&text(canonical, charset, "")))).into()
}

/// A notification may come in either reading; a request may not.
fn remark(fields: &[Field], reading: &str) -> Option<&'static str> {
    if canonical(fields)?.is_ascii() {
        return None;
    }
    match (Charset::of(fields), reading) {
        (Charset::Plain, "double-encoded") => {
            Some("the text was encoded twice although version is 2; the gateway refuses a request signed so")
        }
        (Charset::EncodedTwice, "plain") => Some(
            "the text was hashed as plain UTF-8 although version = 2 is absent; a notification may be, a request is refused",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::signing::agrees_with_vectors;

    #[test]
    fn the_open_rule_is_the_one_that_signs_and_verifies() {
        agrees_with_vectors("jubao", "jubao", &SIGNING);
    }
}
