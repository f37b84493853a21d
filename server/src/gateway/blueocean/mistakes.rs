//! What people take for BlueOcean's signing rule, and the rule laid open, for explaining a signature.

use super::sign::{canonical, signature, string_to_sign};
use crate::gateway::key_value;
use crate::gateway::signing::{Field, Rule, Scheme, hmac_sha256, is_sign, join, md5, sha256, sorted};

/// The rule laid open.
pub(crate) const SIGNING: Scheme = Scheme {
    profile: |_| "blueocean",
    canonical: |fields| Ok(canonical(fields)),
    key_in_text: str::to_owned,
    text: |_, canonical, key| string_to_sign(canonical, key),
    signature: |text, _| signature(text),
    step: |_| None,
    readings: &[
        Rule::new("empties-kept", |fields, key| tailed(&canonical(fields), key)),
        Rule::new("empties-dropped", |fields, key| {
            tailed(&key_value::canonical(fields, &["sign", "key"], false), key)
        }),
    ],
    remark: |_, reading| {
        (reading == "empties-dropped").then_some(
            "empty values were dropped, as one published client does; the documented rule keeps them, so send no empty field",
        )
    },
    mistakes: MISTAKES,
    mixed: None,
    account_field: "appid",
    notice_fields: &[
        "bank_type",
        "cash_fee",
        "cash_fee_type",
        "fee_type",
        "out_trade_no",
        "transaction_id",
        "time_end",
        "total_fee",
        "trade_type",
        "appid",
        "nonce_str",
        "sn",
        "version",
    ],
    sample_keys: &[
        ("sxkj0RH9qMxdaxo0sJ8xlbki4ssOjvXb", "the BlueOcean document"),
        ("192006250b4c09247ec02edce69f6a2d", "the WeChat Pay document"),
    ],
};

const MISTAKES: &[Rule] = &[
    Rule::new("the key was not appended", |f, _| vec![md5(&canonical(f))]),
    Rule::new("the key was appended without &key=", |f, key| {
        vec![md5(&format!("{}{key}", canonical(f))), md5(&format!("{}&{key}", canonical(f)))]
    }),
    Rule::new("the key stood before and behind the text", |f, key| {
        vec![md5(&format!("{key}{}{key}", canonical(f)))]
    }),
    Rule::new("the fields were in received order, not sorted by name", |f, key| {
        tailed(&join(f.iter().filter(|field| !is_sign(field) && field.0 != "key"), "=", "&"), key)
    }),
    Rule::new("the fields were joined without &", |f, key| {
        let joined = join(sorted(f).into_iter().filter(|field| field.0 != "key"), "=", "");
        vec![md5(&format!("{joined}&key={key}")), md5(&format!("{joined}key={key}"))]
    }),
    Rule::new("a field `key` was signed as well", |f, key| tailed(&join(sorted(f), "=", "&"), key)),
    Rule::new("the text was upper-cased", |f, key| {
        vec![md5(&string_to_sign(&canonical(f), key).to_uppercase())]
    }),
    Rule::new("the text was lower-cased", |f, key| {
        vec![md5(&string_to_sign(&canonical(f), key).to_lowercase())]
    }),
    Rule::new("HMAC-SHA256 in place of MD5", |f, key| {
        vec![hmac_sha256(key, &string_to_sign(&canonical(f), key))]
    }),
    Rule::new("SHA-256 in place of MD5", |f, key| vec![sha256(&string_to_sign(&canonical(f), key))]),
    Rule::new("the envelope's code and message were signed as well", |f, key| {
        ["success", "Success", "OK", "ok"].iter().flat_map(|message| enveloped(f, message, key)).collect()
    }),
];

fn tailed(canonical: &str, key: &str) -> Vec<String> {
    vec![signature(&string_to_sign(canonical, key))]
}

fn enveloped(fields: &[Field], message: &str, key: &str) -> Vec<String> {
    let envelope = [("code", "200"), ("message", message)];
    if fields.iter().any(|(name, _)| name == "code" || name == "message") {
        return Vec::new();
    }
    let outside = envelope.map(|(name, value)| (name.to_owned(), value.to_owned()));
    tailed(&canonical(&[fields, &outside].concat()), key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::signing::agrees_with_vectors;

    #[test]
    fn the_open_rule_is_the_one_that_signs_and_verifies() {
        agrees_with_vectors("blueocean", "blueocean", &SIGNING);
    }
}
