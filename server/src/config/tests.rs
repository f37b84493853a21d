//! The configuration as a merchant writes it, right and wrong.

use super::*;

const FULL: &str = r#"
[server]
listen = "127.0.0.1:0"
public_url = "https://pay.shop.example"
allowed_origins = ["https://shop.example"]
[[api_keys]]
name = "shop-backend"
key = "env:API_KEY"
[webhook]
url = "https://shop.example/hooks/payments"
secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
[accounts.wallet]
gateway = "dotwallet"
app_id = "0123456789abcdef0123456789abcdef"
secret = "env:DOTWALLET_SECRET"
[accounts.shop]
gateway = "jubao"
mch_id = "10000000000001"
keys = ["env:JUBAO_KEY", "second"]
base_url = "https://api.jubao.example"
"#;

fn environment(more: &[(&str, &str)]) -> Environment {
    [("API_KEY", "sk-canary"), ("DOTWALLET_SECRET", "dw-canary"), ("JUBAO_KEY", "jb-canary")]
        .iter()
        .chain(more)
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect()
}

fn error(text: &str, more: &[(&str, &str)]) -> String {
    read("shop.toml", text, &environment(more)).unwrap_err().to_string()
}

#[test]
fn reads_defaults_file_and_references() {
    let (settings, _) = read("shop.toml", FULL, &environment(&[])).unwrap();
    assert_eq!(settings.payments.expires_in_s, 900);
    assert!(settings.api_keys[0].key.matches("sk-canary"));
    assert_eq!(settings.accounts["wallet"].currency.as_str(), "BSV");
    assert_eq!(settings.accounts["shop"].currency.as_str(), "CNY");
}

#[test]
fn the_environment_overrides_any_key() {
    let more = [
        ("COUNTERSIGN__SERVER__LISTEN", "127.0.0.1:9"),
        ("COUNTERSIGN__SERVER__ALLOWED_ORIGINS", "https://a.example,https://b.example"),
        ("COUNTERSIGN__PAYMENTS__EXPIRES_IN_S", "120"),
        ("COUNTERSIGN__ACCOUNTS__SHOP__MCH_ID", "20000000000002"),
        ("COUNTERSIGN__ACCOUNTS__SHOP__MAX_AMOUNT", "5000"),
        ("COUNTERSIGN__ACCOUNTS__SHOP__KEYS", "[\"env:JUBAO_KEY\"]"),
        ("COUNTERSIGN__API_KEYS__0__KEY", "another"),
        ("COUNTERSIGN__POLLING__OPEN_S", "[1, 2]"),
    ];
    let (settings, _) = read("shop.toml", FULL, &environment(&more)).unwrap();
    assert_eq!(settings.server.listen.port(), 9);
    assert_eq!(settings.server.allowed_origins, ["https://a.example", "https://b.example"]);
    assert_eq!(settings.payments.expires_in_s, 120);
    assert_eq!(settings.accounts["shop"].max_amount, Some(5000));
    assert_eq!(settings.polling.open_s, [1, 2]);
    assert!(settings.api_keys[0].key.matches("another"));
    let GatewaySettings::Jubao(jubao) = &settings.accounts["shop"].gateway else { panic!("another gateway") };
    assert_eq!((jubao.mch_id.as_str(), jubao.keys.len()), ("20000000000002", 1));
}

#[test]
fn every_error_names_file_key_and_reason() {
    let replaced = |from: &str, to: &str| FULL.replace(from, to);
    for (text, expected) in [
        (replaced("[server]", "[server]\nlisten_on = 1"), "shop.toml: server.listen_on: unknown field"),
        (replaced("mch_id", "mchid"), "shop.toml: accounts.shop.mchid: unknown field"),
        (
            replaced("mch_id = \"10000000000001\"", "mch_id = 1"),
            "shop.toml: accounts.shop.mch_id: invalid type",
        ),
        (replaced("gateway = \"jubao\"", "gateway = \"stripe\""), "accounts.shop.gateway: must be dotwallet"),
        (replaced("https://api.jubao", "http://api.jubao"), "accounts.shop.base_url: must be https"),
        (
            replaced("env:JUBAO_KEY", "env:NOT_SET"),
            "accounts.shop.keys[0]: environment variable NOT_SET is not set",
        ),
        (replaced("[\"https://shop.example\"]", "[\"*\"]"), "server.allowed_origins[0]: \"*\" is refused"),
        (
            replaced("https://shop.example\"]", "https://shop.example/\"]"),
            "server.allowed_origins[0]: must be an origin",
        ),
        (replaced("public_url", "# public_url"), "server.public_url: required in live mode"),
        (replaced("https://shop.example/hooks", "https://10.0.0.1/hooks"), "webhook.url: private"),
        (replaced("whsec_", "whsec-"), "webhook.secrets[0]: must be whsec_"),
        (format!("colour = 1\n{FULL}"), "shop.toml: colour: unknown key"),
        ("[server".to_owned(), "shop.toml: not valid TOML"),
    ] {
        let message = error(&text, &[]);
        assert!(message.contains(expected), "{expected:?} is not in {message:?}");
        assert!(!message.contains("canary"), "{message}");
    }
    assert!(error(FULL, &[("COUNTERSIGN__SERVER__LISTEN", "nowhere")]).contains("server.listen"));
    assert!(error(FULL, &[("COUNTERSIGN__SERVER__COLOUR", "red")]).contains("server.colour: unknown field"));
}

#[test]
fn a_secret_in_the_wrong_place_is_not_printed() {
    for (from, to) in [
        ("keys = [\"env:JUBAO_KEY\", \"second\"]", "keys = \"canary\""),
        ("secrets = [\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"]", "secrets = \"whsec_canary\""),
        ("mch_id = \"10000000000001\"", "mch_id = [\"canary\"]"),
        ("https://api.jubao.example", "https://user:canary@api.jubao.example"),
        ("https://api.jubao.example", "canary"),
    ] {
        assert!(FULL.contains(from), "{from}");
        let message = error(&FULL.replace(from, to), &[]);
        assert!(!message.contains("canary"), "{message}");
    }
}

#[test]
fn shows_no_secret_and_warns_of_literal_ones() {
    let (settings, report) = read("shop.toml", FULL, &environment(&[])).unwrap();
    let everything = format!("{}{:?}{settings:?}", report.shown, report.warnings);
    for secret in ["canary", "MfKQ9r8G", "\"second\""] {
        assert!(!everything.contains(secret), "{secret} in {everything}");
    }
    assert!(report.shown.contains("env:JUBAO_KEY"));
    assert!(
        report
            .warnings
            .iter()
            .any(|w| w.starts_with("accounts.shop.keys[1]: the secret is written literally"))
    );
    assert!(report.warnings.iter().any(|w| w.starts_with("webhook.secrets[0]")));
}

#[test]
fn secrets_of_a_table_inside_an_account_are_secrets_too() {
    let hk = r#"
[accounts.hk]
gateway = "blueocean"
appid = "1000001"
keys = ["env:JUBAO_KEY"]
refund_password = "rp-canary"
[accounts.hk.wechat_official]
appid = "wx1"
secret = "wx-canary"
"#;
    let text = format!("{FULL}{hk}");
    let (settings, report) = read("shop.toml", &text, &environment(&[])).unwrap();
    let GatewaySettings::Blueocean(account) = &settings.accounts["hk"].gateway else {
        panic!("another gateway")
    };
    assert!(account.wechat_official.as_ref().is_some_and(|official| official.secret.matches("wx-canary")));
    assert!(!report.shown.contains("rp-canary") && !report.shown.contains("wx-canary"), "{}", report.shown);
    for path in ["accounts.hk.refund_password", "accounts.hk.wechat_official.secret"] {
        assert!(report.warnings.iter().any(|warning| warning.starts_with(path)), "{path}");
    }
    let plain = format!("{text}api_url = \"http://wechat.example\"\n");
    assert!(error(&plain, &[]).contains("accounts.hk.wechat_official.api_url: must be https"));
}

#[test]
fn a_webhook_is_not_sent_to_this_machine_in_live_mode_however_it_is_written() {
    for host in
        ["127.0.0.1", "localhost.", "2130706433", "0x7f.1", "017700000001", "[::ffff:127.0.0.1]", "[::1]"]
    {
        let text = FULL.replace("https://shop.example/hooks", &format!("https://{host}/hooks"));
        assert!(error(&text, &[]).contains("webhook.url: private"), "{host}");
        let sandbox = text.replace("[server]", "[server]\nmode = \"sandbox\"");
        assert!(read("shop.toml", &sandbox, &environment(&[])).is_ok(), "{host}");
    }
    let ftp = FULL.replace("https://shop.example/hooks", "ftp://shop.example/hooks");
    assert!(
        error(&ftp.replace("[server]", "[server]\nmode = \"sandbox\""), &[]).contains("webhook.url: must be")
    );
}

#[test]
fn a_webhook_secret_has_24_to_64_bytes() {
    use base64::Engine as _;
    for (bytes, fits) in [(0, false), (23, false), (24, true), (64, true), (65, false)] {
        let text = base64::engine::general_purpose::STANDARD.encode(vec![7; bytes]);
        let text = FULL.replace("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &format!("whsec_{text}"));
        assert_eq!(read("shop.toml", &text, &environment(&[])).is_ok(), fits, "{bytes}");
    }
    for other in ["whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_?fKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_"]
    {
        let text = FULL.replace("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", other);
        assert!(error(&text, &[]).contains("webhook.secrets[0]"), "{other}");
    }
}

#[test]
fn what_may_be_secret_in_the_webhooks_address_is_not_shown() {
    let text =
        FULL.replace("https://shop.example/hooks", "https://canary:canary@shop.example/hooks?token=canary");
    let (_, report) = read("shop.toml", &text, &environment(&[])).unwrap();
    assert!(report.shown.contains("https://shop.example/hooks"), "{}", report.shown);
    assert!(!report.shown.contains("canary"), "{}", report.shown);
}
