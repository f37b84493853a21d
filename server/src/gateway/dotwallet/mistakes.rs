//! What people take for DotWallet's signing rule, and the rule laid open, for explaining a signature.

use super::sign::{canonical, documented_order, mac_key, signature, string_to_sign};
use crate::gateway::signing::{Field, Rule, Scheme, hmac_sha256, is_sign, join, md5, sha256};

/// The rule laid open.
pub(crate) const SIGNING: Scheme = Scheme {
    profile: |_| "dotwallet-order",
    canonical: |fields| Ok(canonical(fields)),
    key_in_text: mac_key,
    text: |_, canonical, mac_key| string_to_sign(canonical, mac_key),
    signature: |text, secret| signature(text, &mac_key(secret)),
    step: |_| None,
    readings: &[
        Rule::new("received-order", |fields, secret| vec![sign(fields, secret)]),
        Rule::new("documented-order", |fields, secret| {
            documented_order(fields).map(|ordered| sign(&ordered, secret)).into_iter().collect()
        }),
    ],
    remark: |_, _| None,
    mistakes: MISTAKES,
    mixed: None,
    account_field: "app_id",
    notice_fields: &super::sign::NOTICE_ORDER,
    sample_keys: &[],
};

/// Each is tried over the fields as they came.
const MISTAKES: &[Rule] = &[
    Rule::new("the text was not upper-cased", |f, secret| {
        let key = mac_key(secret);
        vec![signature(&format!("{}&secret={key}", canonical(f)), &key)]
    }),
    Rule::new("only the fields were upper-cased, not the tail with the secret's MD5", |f, secret| {
        let key = mac_key(secret);
        vec![
            signature(&format!("{}&secret={key}", canonical(f).to_uppercase()), &key),
            signature(&format!("{}&SECRET={key}", canonical(f).to_uppercase()), &key),
        ]
    }),
    Rule::new("only ASCII letters were upper-cased", |f, secret| {
        let key = mac_key(secret);
        vec![signature(&format!("{}&secret={key}", canonical(f)).to_ascii_uppercase(), &key)]
    }),
    Rule::new("the text was lower-cased", |f, secret| {
        let key = mac_key(secret);
        vec![signature(&format!("{}&secret={key}", canonical(f)).to_lowercase(), &key)]
    }),
    Rule::new("the secret's MD5 was appended as &key= in place of &secret=", |f, secret| {
        let key = mac_key(secret);
        vec![signature(&format!("{}&key={key}", canonical(f)).to_uppercase(), &key)]
    }),
    Rule::new("the secret was not appended", |f, secret| {
        vec![signature(&canonical(f).to_uppercase(), &mac_key(secret))]
    }),
    Rule::new("the secret itself was the HMAC's key, not its MD5", |f, secret| {
        vec![signature(&string_to_sign(&canonical(f), &mac_key(secret)), secret)]
    }),
    Rule::new("the HMAC's key was the secret's MD5 in upper case", |f, secret| {
        let key = mac_key(secret);
        vec![signature(&string_to_sign(&canonical(f), &key), &key.to_uppercase())]
    }),
    Rule::new("the secret itself stood in the text, not its MD5", |f, secret| {
        vec![signature(&string_to_sign(&canonical(f), secret), &mac_key(secret))]
    }),
    Rule::new("the secret itself stood in the text and was the HMAC's key, not its MD5", |f, secret| {
        vec![hmac_sha256(secret, &string_to_sign(&canonical(f), secret))]
    }),
    Rule::new("a plain hash in place of HMAC-SHA256", |f, secret| {
        let text = string_to_sign(&canonical(f), &mac_key(secret));
        vec![sha256(&text), md5(&text)]
    }),
    Rule::new(
        "opreturn was signed, or opreturn and an empty sign (the sample code's || taken literally)",
        |f, secret| {
            let key = mac_key(secret);
            let emptied: Vec<Field> = f
                .iter()
                .map(|(name, value)| {
                    (name.clone(), if name == "sign" { String::new() } else { value.clone() })
                })
                .collect();
            let behind = format!("{}&sign=", join(f.iter().filter(|field| !is_sign(field)), "=", "&"));
            [join(f.iter().filter(|field| !is_sign(field)), "=", "&"), join(&emptied, "=", "&"), behind]
                .map(|text| signature(&string_to_sign(&text, &key), &key))
                .into()
        },
    ),
];

fn sign(fields: &[Field], secret: &str) -> String {
    let key = mac_key(secret);
    signature(&string_to_sign(&canonical(fields), &key), &key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::signing::agrees_with_vectors;

    #[test]
    fn the_open_rule_is_the_one_that_signs_and_verifies() {
        agrees_with_vectors("dotwallet", "dotwallet-order", &SIGNING);
    }
}
