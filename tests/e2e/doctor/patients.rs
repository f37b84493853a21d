//! What people bring to the doctor: the mistake behind a signature that does not fit is named.

use countersign_tests::{Fields, blueocean_sign, dotwallet_sign, fields, hicoin_sign, jubao_sign, md5_hex};

use super::{Surgery, line, object};

const KEY: &str = "kEy0123456789aBcDeF0123456789XyZ";

/// A notification of BlueOcean, as it arrives.
fn notification() -> Fields {
    fields(&[
        ("appid", "1000001"),
        ("out_trade_no", "A0000001"),
        ("sn", "11202401010000000001"),
        ("total_fee", "1000"),
        ("body", "乌龙茶 & tea"),
        ("attach", ""),
        ("nonce_str", "O2r8GjZ46eTt0bnQ"),
    ])
}

async fn told(surgery: &Surgery, fields: &Fields, sign: &str) -> (Option<i32>, String) {
    let mut pairs: Vec<_> = fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    pairs.push(("sign".to_owned(), sign.to_owned()));
    let ended = surgery.ask("verify", &[], object(&pairs).as_bytes()).await;
    let said = format!("{}{}", ended.stdout, ended.stderr);
    assert!(!said.to_lowercase().contains(&KEY.to_lowercase()), "{said}");
    assert!(!said.to_lowercase().contains(&md5_hex(KEY)), "{said}");
    (ended.code, ended.stdout)
}

/// Asserts that it does not verify, and that these words explain why.
async fn explained(surgery: &Surgery, fields: &Fields, sign: &str, words: &str) {
    let (code, said) = told(surgery, fields, sign).await;
    assert_eq!(code, Some(1), "{words}: {said}");
    assert!(line(&said, "would match").contains(words), "{words}: {said}");
}

/// The fields with every value changed.
fn each(fields: &Fields, change: impl Fn(&str) -> String) -> Fields {
    fields.iter().map(|(name, value)| (name.clone(), change(value))).collect()
}

fn percent(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn a_good_notification_verifies_in_either_reading_and_letter_case() {
    let surgery = Surgery::with("blueocean", &["older-key".to_owned(), KEY.to_owned()]);
    let came = notification();
    let filled: Fields = came.clone().into_iter().filter(|(_, value)| !value.is_empty()).collect();
    for sign in
        [blueocean_sign(&came, KEY), blueocean_sign(&came, KEY).to_lowercase(), blueocean_sign(&filled, KEY)]
    {
        let (code, said) = told(&surgery, &came, &sign).await;
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(line(&said, "key"), "keys[1]");
    }
}

#[tokio::test]
async fn another_key_is_named_by_its_place() {
    let surgery = Surgery::with("blueocean", &["some-other-key".to_owned()]);
    let config = surgery.config();
    let mut text = std::fs::read_to_string(&config).expect("it is there");
    text.push_str("[accounts.old]\ngateway = \"blueocean\"\nappid = \"2\"\nkeys = [\"env:OLD_KEY\"]\n");
    std::fs::write(&config, text).expect("it can be written");
    let mut surgery = surgery;
    surgery.env.insert("OLD_KEY".to_owned(), KEY.to_owned());
    let came = notification();
    explained(&surgery, &came, &blueocean_sign(&came, KEY), "`old`").await;
}

#[tokio::test]
async fn blueoceans_usual_mistakes_are_named() {
    let surgery = Surgery::with("blueocean", &[KEY.to_owned()]);
    let came = notification();
    let encoded = blueocean_sign(&each(&came, percent), KEY);
    explained(&surgery, &came, &encoded, "percent-encoded").await;
    explained(&surgery, &came, &jubao_sign(&came, KEY), "jubao").await;
    let mut without = came.clone();
    without.remove("nonce_str");
    explained(&surgery, &came, &blueocean_sign(&without, KEY), "`nonce_str` not signed").await;
    let twice = each(&came, |value| value.bytes().map(char::from).collect());
    explained(&surgery, &came, &blueocean_sign(&twice, KEY), "UTF-8").await;
    let cut = &blueocean_sign(&came, KEY)[..31];
    explained(&surgery, &came, cut, "cut short").await;
    let mut changed = came.clone();
    changed.insert("total_fee".to_owned(), "1".to_owned());
    explained(&surgery, &changed, &blueocean_sign(&came, KEY), "none of the known variants").await;
}

#[tokio::test]
async fn hicoins_usual_mistakes_are_named() {
    let surgery = Surgery::with("hicoin", &[KEY.to_owned()]);
    let came = fields(&[
        ("out_trade_no", "A0000001"),
        ("passback_params", "cart=7 & more"),
        ("body", ""),
        ("settle_currency", "USDT"),
        ("total_amount", "150000000"),
        ("trade_no", "1000000000000000000001"),
        ("trade_status", "SUCCESS"),
    ]);
    let (code, said) = told(&surgery, &came, &hicoin_sign(&came, KEY)).await;
    assert_eq!(code, Some(0), "{said}");
    explained(&surgery, &came, &blueocean_sign(&came, KEY), "MD5 in place of HMAC-SHA256").await;
    explained(&surgery, &came, &hicoin_sign(&came, super::APP_SECRET), "app_secret").await;
    explained(&surgery, &came, &hicoin_sign(&each(&came, percent), KEY), "percent-encoded").await;
}

#[tokio::test]
async fn dotwallets_order_of_fields_is_told() {
    let surgery = Surgery::with("dotwallet-order", &[KEY.to_owned()]);
    let pairs = [
        ("merchant_order_sn", "A0000001"),
        ("app_id", "0123456789abcdef0123456789abcdef"),
        ("order_amount", "1000"),
        ("status", "1"),
    ];
    let sign = dotwallet_sign(&pairs, KEY);
    let ask = async |pairs: &[(&str, &str)], sign: &str| {
        let mut all: Vec<_> = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        all.push(("sign".to_owned(), sign.to_owned()));
        let ended = surgery.ask("verify", &[], object(&all).as_bytes()).await;
        assert!(!format!("{}{}", ended.stdout, ended.stderr).to_lowercase().contains(&md5_hex(KEY)));
        ended
    };
    assert_eq!(ask(&pairs, &sign).await.code, Some(0));
    let mut backwards = pairs;
    backwards.reverse();
    let ended = ask(&pairs, &dotwallet_sign(&backwards, KEY)).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(line(&ended.stdout, "would match").contains("reverse"), "{ended:?}");
}
