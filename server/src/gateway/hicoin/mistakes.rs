//! What people take for Hicoin's signing rule, and the rule laid open, for explaining a signature.

use super::sign::{canonical, sign, signature, string_to_sign};
use crate::gateway::key_value;
use crate::gateway::signing::{Field, Rule, Scheme, hmac_sha256, is_sign, join, md5, sha256, sorted};

/// The rule laid open.
pub(crate) const SIGNING: Scheme = Scheme {
    profile: |fields| if is_page(fields) { "hicoin-page" } else { "hicoin" },
    canonical: |fields| Ok(canonical(fields)),
    key_in_text: str::to_owned,
    text: |_, canonical, key| string_to_sign(canonical, key),
    signature,
    step: |fields| {
        let raw =
            is_page(fields) && fields.iter().any(|(name, value)| name == "package" && value.contains('='));
        raw.then_some(("note", "`package` is raw; the page signs it percent-encoded once, as prepay_id%3D…"))
    },
    readings: &[Rule::new("empties-dropped", |fields, key| vec![sign(fields, key)])],
    remark: |_, _| None,
    mistakes: MISTAKES,
    mixed: Some(|fields, in_text, key| signature(&string_to_sign(&canonical(fields), in_text), key)),
    account_field: "app_id",
    notice_fields: &[
        "app_id",
        "trade_status",
        "trade_no",
        "out_trade_no",
        "openid",
        "trade_type",
        "total_amount",
        "settle_currency",
        "passback_params",
        "body",
        "subject",
        "nonce_str",
    ],
    sample_keys: &[
        ("192006250b4c09247ec02edce69f6a2d", "the WeChat Pay document"),
        ("15133223342", "the Hicoin appendix"),
    ],
};

const MISTAKES: &[Rule] = &[
    Rule::new("plain SHA-256 in place of HMAC-SHA256", |f, key| {
        vec![sha256(&string_to_sign(&canonical(f), key))]
    }),
    Rule::new("the appendix's PHP sample: a plain hash, empty values kept", |f, key| {
        vec![sha256(&string_to_sign(&kept(f), key))]
    }),
    Rule::new("MD5 in place of HMAC-SHA256", |f, key| {
        vec![md5(&string_to_sign(&canonical(f), key)), md5(&string_to_sign(&kept(f), key))]
    }),
    Rule::new("empty values were kept", |f, key| vec![signature(&string_to_sign(&kept(f), key), key)]),
    Rule::new("the key was not appended", |f, key| vec![hmac_sha256(key, &canonical(f))]),
    Rule::new("the key was appended without &key=", |f, key| {
        let text = canonical(f);
        vec![hmac_sha256(key, &format!("{text}{key}")), hmac_sha256(key, &format!("{text}&{key}"))]
    }),
    Rule::new("the fields were in received order, not sorted by name", |f, key| {
        let received = f.iter().filter(|field| !is_sign(field) && !field.1.is_empty());
        vec![signature(&string_to_sign(&join(received, "=", "&"), key), key)]
    }),
    Rule::new("the fields were joined without &", |f, key| {
        let joined = join(sorted(f).into_iter().filter(|field| !field.1.is_empty()), "=", "");
        vec![
            hmac_sha256(key, &format!("{joined}&key={key}")),
            hmac_sha256(key, &format!("{joined}key={key}")),
        ]
    }),
    Rule::new("the text was upper-cased", |f, key| {
        vec![hmac_sha256(key, &string_to_sign(&canonical(f), key).to_uppercase())]
    }),
    Rule::new("the HMAC had no key", |f, key| vec![hmac_sha256("", &string_to_sign(&canonical(f), key))]),
];

fn kept(fields: &[Field]) -> String {
    key_value::canonical(fields, &["sign"], true)
}

/// Whether these are the parameters of the payment page.
fn is_page(fields: &[Field]) -> bool {
    ["appId", "package", "timeStamp"].iter().all(|wanted| fields.iter().any(|(name, _)| name == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::signing::agrees_with_vectors;

    #[test]
    fn the_open_rule_is_the_one_that_signs_and_verifies() {
        agrees_with_vectors("hicoin", "hicoin", &SIGNING);
        agrees_with_vectors("hicoin", "hicoin-page", &SIGNING);
    }
}
