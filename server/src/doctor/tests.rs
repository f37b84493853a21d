//! The doctor against the signature vectors, which it did not make.

use std::collections::BTreeMap;

use super::keyring::Keyring;
use super::{Answer, With, sign, verify};
use crate::config::{self, AccountSettings};
use crate::vectors::{self, Vector};

const FAMILIES: [(&str, &str); 7] = [
    ("dotwallet", "dotwallet-order"),
    ("jubao", "jubao"),
    ("blueocean", "blueocean"),
    ("wechat", "blueocean"),
    ("hicoin", "hicoin"),
    ("hicoin", "hicoin-page"),
    ("wechat", "hicoin"),
];

const MCH_KEY: &str = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";
const APP_SECRET: &str = "5a6b7c8d9e0f11223344556677889900";

/// Settings with the vector's keys at the account `here`.
fn accounts(case: &Vector) -> BTreeMap<String, AccountSettings> {
    let is_payout = case.keys[0] == APP_SECRET;
    let keys = if is_payout { vec![MCH_KEY.to_owned()] } else { case.keys.clone() };
    let keys = serde_json::to_string(&keys).unwrap();
    let secret = &case.keys[0];
    let gateway = match case.scheme.as_str() {
        "dotwallet-order" => {
            format!(
                "gateway = \"dotwallet\"\napp_id = \"0123456789abcdef0123456789abcdef\"\nsecret = {secret:?}"
            )
        }
        "jubao" => format!(
            "gateway = \"jubao\"\nmch_id = \"10000000000001\"\nkeys = {keys}\nbase_url = \"https://api.example\""
        ),
        "blueocean" => format!(
            "gateway = \"blueocean\"\nappid = \"1000001\"\nkeys = {keys}\nbase_url = \"https://api.example\""
        ),
        _ => format!(
            "gateway = \"hicoin\"\napp_id = \"a0000000000000000000000000000001\"\nmch_keys = {keys}\napp_secret = {APP_SECRET:?}"
        ),
    };
    let text = format!(
        "[accounts.here]\n{gateway}\n\
         [accounts.other]\ngateway = \"blueocean\"\nappid = \"2\"\nkeys = [\"key-of-another-account\"]\n\
         base_url = \"https://api.example\"\n"
    );
    config::read_accounts("test.toml", &text, &BTreeMap::new()).unwrap()
}

/// What the doctor must say of each message that is wrong: words for a part of the vector's name.
const EXPLAINED: &[(&str, &str)] = &[
    ("missing_sign", "reason: there is no sign"),
    ("empty_sign", "reason: sign is empty"),
    ("sign_not_hex", "reason: sign is not hex"),
    ("truncated_sign", "cut short"),
    ("prefix_of_sign", "cut short"),
    ("extended_sign", "something behind it"),
    ("one_digit_changed", "but for one digit"),
    ("lower_case_by_mistake", "in lower case"),
    ("underscore_sign", "signs nothing"),
    ("empty_key", "an empty key"),
    ("reason_kept", "empty values were kept"),
    ("empty_value_kept", "empty values were kept"),
    ("empty_value_dropped", "empty values were "),
    ("added_field", "`extra_new_field` not signed"),
    ("unknown_field_in_documented_order", "`extra_new_field` not signed"),
    ("added_nonce", "`nonce_str` not signed"),
    ("behind_own_parameter", "`order` not signed"),
    ("unknown_fields_not_signed", "`adapter` and `is_print` not signed"),
    ("without_sign_type", "`signType` not signed"),
    ("read_as_plain", "hashed as plain UTF-8"),
    ("version_2_encoded_twice", "encoded twice although version is 2"),
    ("chinese_encoded_twice", "once more than it should be"),
    ("encoded_three_times", "once more than it should be"),
    ("joined_with_ampersand", "were joined with &"),
    ("blueocean_rule", "the rule of another gateway (blueocean)"),
    ("jubao_rule", "the rule of another gateway (jubao)"),
    ("envelope_signed", "code and message were signed"),
    ("number_as_float", "as a float"),
    ("milliseconds", "in milliseconds"),
    ("inner_escapes_resolved", "escapes inside of JSON text were resolved"),
    ("outer_escapes", "escapes of the JSON around it"),
    ("printed_anew", "JSON text was parsed and printed again"),
    ("reserialised", "JSON text was parsed and printed again"),
    ("ascii_escapes", "\\uXXXX"),
    ("padding_dropped", "cut at its first ="),
    ("return_percent_encoded_values", "verified still percent-encoded"),
    ("package_raw", "signed decoded"),
    ("percent_encoded", "percent-encoded when they were signed"),
    ("package_encoded", "percent-encoded when they were signed"),
    ("decoded_twice", "decoded once too often"),
    ("plus", "+ and space were confused"),
    ("small_letter_names", "names were lower-cased"),
    ("sorted", "were sorted by name"),
    ("swapped_order", "in reverse"),
    ("opreturn", "opreturn was signed"),
    ("key_for_secret", "as &key= in place of &secret="),
    ("mac_key_is_secret", "the secret itself was the HMAC's key"),
    ("mac_key_upper_cased", "in upper case"),
    ("tail_not_upper_cased", "only the fields were upper-cased"),
    ("not_upper_cased", "not upper-cased"),
    ("ascii_only", "only ASCII letters were upper-cased"),
    ("plain_secret_in_text", "the secret itself stood in the text"),
    ("plain_sha256", "plain SHA-256"),
    ("md5", "MD5 in place of HMAC-SHA256"),
    ("with_app_secret", "another key: app_secret"),
    ("with_mch_key", "another key: mch_keys[0]"),
    ("keys_mixed", "mch_keys[0] stood in the text, app_secret was the HMAC's"),
    ("published_appendix", "another key: the sample key that the WeChat Pay document prints"),
];

/// What nobody can tell from the message: another value, a field gone, a key that is configured nowhere, another charset.
const UNEXPLAINED: &[&str] =
    &["changed", "made_paid", "made_success", "removed_field", "wrong_key", "no_key_matches", "gbk"];

fn ring<'a>(case: &Vector, accounts: &'a BTreeMap<String, AccountSettings>) -> Keyring<'a> {
    let is_payout = case.scheme == "hicoin" && case.keys[0] == APP_SECRET;
    Keyring::of(accounts, "here", is_payout.then_some(With::AppSecret)).unwrap()
}

fn cases() -> impl Iterator<Item = Vector> {
    FAMILIES.iter().flat_map(|(folder, scheme)| vectors::load(folder, scheme))
}

/// The message with the vector's signature, as JSON or as a form.
fn message(case: &Vector, json: bool) -> Vec<u8> {
    let sign = if case.operation == "sign" { &case.signature } else { &case.sign };
    let own = case.fields.iter().filter(|(name, _)| name != "sign").cloned();
    let fields: Vec<(String, String)> =
        own.chain(sign.clone().map(|sign| ("sign".to_owned(), sign))).collect();
    if json {
        object(&fields).into_bytes()
    } else {
        serde_urlencoded::to_string(&fields).unwrap().into_bytes()
    }
}

fn object(fields: &[(String, String)]) -> String {
    let text = |text: &str| serde_json::to_string(text).unwrap();
    let members: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}:{}", text(name), text(value))).collect();
    format!("{{{}}}", members.join(","))
}

fn assert_tells_no_key(case: &Vector, text: &str) {
    for key in case.keys.iter().filter(|key| !key.is_empty()) {
        assert!(!text.to_lowercase().contains(&key.to_lowercase()), "{}: {text}", case.name);
    }
    assert!(!text.to_lowercase().contains("6b047b26bbb59461efc930edd46490c9"), "{}", case.name);
}

fn line<'t>(text: &'t str, label: &str) -> &'t str {
    text.lines()
        .find_map(|line| line.strip_prefix(label)?.strip_prefix(": "))
        .unwrap_or_else(|| panic!("{label} is missing in {text}"))
}

#[test]
fn shows_every_stage_of_every_vector_with_the_key_masked() {
    for case in cases().filter(|case| case.operation == "sign") {
        let accounts = accounts(&case);
        let explained = sign::explain(&ring(&case, &accounts), object(&case.fields).as_bytes());
        let expected = if case.valid() { &case.signature } else { &case.right_signature };
        let Some(expected) = expected else {
            assert!(explained.unwrap_err().contains("_sign"), "{}", case.name);
            continue;
        };
        let text = explained.unwrap_or_else(|reason| panic!("{}: {reason}", case.name));
        let family = case.scheme.split('-').next().unwrap();
        assert!(line(&text, "profile").starts_with(family), "{}", case.name);
        assert_eq!(line(&text, "signature"), expected, "{}", case.name);
        assert_tells_no_key(&case, &text);
        if case.valid() {
            let shown = line(&text, "string to sign");
            let plain = case.string_to_sign.as_deref().unwrap();
            let key = if case.scheme == "dotwallet-order" {
                "6B047B26BBB59461EFC930EDD46490C9"
            } else {
                &case.keys[0]
            };
            for part in plain.split(key).filter(|part| !part.chars().any(char::is_control)) {
                assert!(shown.contains(part), "{}: {shown}", case.name);
            }
            assert!(shown.contains("********"), "{}: {shown}", case.name);
            if let Some(hex) = &case.string_to_sign_hex {
                let key: String = key.bytes().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(line(&text, "bytes to sign"), hex.replace(&key, "********"), "{}", case.name);
            }
        }
    }
}

#[test]
fn judges_every_vector_as_form_and_as_json() {
    for case in cases().filter(|case| case.operation == "verify") {
        let accounts = accounts(&case);
        let ring = ring(&case, &accounts);
        for json in [false, true] {
            match verify::judge(&ring, &message(&case, json)) {
                Ok(Answer { text, exit }) => {
                    assert_eq!(exit == 0, case.valid(), "{}: {text}", case.name);
                    assert_eq!(line(&text, "verified"), if case.valid() { "yes" } else { "no" });
                    assert_tells_no_key(&case, &text);
                }
                Err(reason) => assert!(case.repeats_a_name() && reason.contains("repeated"), "{}", case.name),
            }
        }
    }
}

#[test]
fn names_the_mistake_behind_every_signature_that_is_wrong() {
    for case in cases().filter(|case| !case.valid() && !case.repeats_a_name()) {
        let accounts = accounts(&case);
        let answer = verify::judge(&ring(&case, &accounts), &message(&case, false)).unwrap();
        assert_tells_no_key(&case, &answer.text);
        match EXPLAINED.iter().find(|(part, _)| case.name.contains(part)) {
            Some((_, words)) => assert!(answer.text.contains(words), "{}: {}", case.name, answer.text),
            None => {
                assert!(UNEXPLAINED.iter().any(|part| case.name.contains(part)), "{}", case.name);
                assert!(answer.text.contains("none of the known variants"), "{}: {}", case.name, answer.text);
            }
        }
    }
}

#[test]
fn names_the_place_of_another_accounts_key_and_of_a_rotated_one() {
    let case =
        vectors::load("blueocean", "blueocean").into_iter().find(|c| c.name == "verify_as_received").unwrap();
    let mut accounts = accounts(&case);
    let elsewhere = Keyring::of(&accounts, "other", None).unwrap();
    let answer = verify::judge(&elsewhere, &message(&case, false)).unwrap();
    assert_eq!(answer.exit, 1);
    assert!(answer.text.contains("another key: keys[0] of account `here`"), "{}", answer.text);
    assert_tells_no_key(&case, &answer.text);
    let rotated = config::read_accounts(
        "test.toml",
        &format!(
            "[accounts.here]\ngateway = \"blueocean\"\nappid = \"2\"\nkeys = [\"new-key\", {:?}]\nbase_url = \"https://api.example\"",
            case.keys[0]
        ),
        &BTreeMap::new(),
    );
    accounts = rotated.unwrap();
    let answer =
        verify::judge(&Keyring::of(&accounts, "here", None).unwrap(), &message(&case, false)).unwrap();
    assert_eq!((answer.exit, line(&answer.text, "key")), (0, "keys[1]"));
    assert!(answer.text.contains("note: appid is another than the account's"), "{}", answer.text);
}

#[test]
fn hides_a_secret_that_stands_among_the_fields() {
    let case = vectors::load("dotwallet", "dotwallet-order").remove(0);
    let accounts = accounts(&case);
    let ring = Keyring::of(&accounts, "here", None).unwrap();
    let fields = [
        ("item_name", "x DW_test_secret_0001 y"),
        ("secret", "6b047b26BBB59461efc930edd46490c9"),
        ("note", "key-of-another-account"),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let text = sign::explain(&ring, object(&fields).as_bytes()).unwrap();
    assert_tells_no_key(&case, &text);
    assert!(!text.to_lowercase().contains("another-account"), "{text}");
    assert_eq!(line(&text, "canonical"), "item_name=x ******** y&secret=********&note=********");
}

#[test]
fn says_what_cannot_be_used() {
    let case = vectors::load("jubao", "jubao").remove(0);
    let accounts = accounts(&case);
    let ring = Keyring::of(&accounts, "here", None).unwrap();
    for input in ["", "hello", "[]", "{}", "{\"a\": 1, \"a\": 2}", "{\"a\":"] {
        assert!(sign::explain(&ring, input.as_bytes()).is_err(), "{input}");
        assert!(verify::judge(&ring, input.as_bytes()).is_err(), "{input}");
    }
    assert!(Keyring::of(&accounts, "nobody", None).is_err_and(|reason| reason.contains("here, other")));
    assert!(Keyring::of(&accounts, "here", Some(With::MchKey)).is_err());
}
