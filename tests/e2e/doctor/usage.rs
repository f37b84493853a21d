//! Files, standard input, exit codes, and what the doctor never shows.

use countersign_tests::{World, blueocean_sign, fields, form, keys, run_with_input, signer};

use super::{STARS, Surgery, line};

const FIELDS: &str = r#"{"appid": "1000001", "total_fee": 10, "body": "tea"}"#;

fn surgery() -> Surgery {
    Surgery::with("blueocean", &["a-key-that-nobody-sees".to_owned()])
}

#[tokio::test]
async fn a_file_a_dash_and_nothing_at_all_are_the_same() {
    let surgery = surgery();
    let file = surgery.dir.path().join("fields.json");
    std::fs::write(&file, FIELDS).expect("it can be written");
    let from_file = surgery.ask("sign", &[file.to_str().expect("a readable name")], b"not read").await;
    let from_dash = surgery.ask("sign", &["-"], FIELDS.as_bytes()).await;
    let from_nothing = surgery.ask("sign", &[], FIELDS.as_bytes()).await;
    for ended in [&from_file, &from_dash, &from_nothing] {
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(ended.stderr.is_empty(), "{ended:?}");
        assert_eq!(ended.stdout, from_file.stdout);
    }
    let expected = fields(&[("appid", "1000001"), ("total_fee", "10"), ("body", "tea")]);
    assert_eq!(line(&from_file.stdout, "signature"), blueocean_sign(&expected, "a-key-that-nobody-sees"));
    let to_sign = line(&from_file.stdout, "string to sign");
    assert_eq!(to_sign, format!("appid=1000001&body=tea&total_fee=10&key={STARS}"));
}

#[tokio::test]
async fn what_cannot_be_used_ends_with_two_and_a_sentence() {
    let surgery = surgery();
    for input in ["", "hello", "[]", "{}", "{\"a\":", "{\"a\":1,\"a\":2}", "\u{0}\u{1}"] {
        for question in ["sign", "verify"] {
            let ended = surgery.ask(question, &[], input.as_bytes()).await;
            assert_eq!(ended.code, Some(2), "{question} {input}: {ended:?}");
            assert!(ended.stdout.is_empty() && ended.stderr.lines().count() == 1, "{ended:?}");
        }
    }
    let ended = surgery.ask("sign", &[], b"\xff\xfe{}").await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let ended = surgery.ask("sign", &["/no/such/file"], b"").await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("/no/such/file"), "{ended:?}");
    let large = vec![b' '; 2_000_000];
    assert_eq!(surgery.ask("verify", &[], &large).await.code, Some(2));
    let ended = surgery.ask("sign", &["--with", "app_secret"], FIELDS.as_bytes()).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
}

#[tokio::test]
async fn an_account_or_a_configuration_that_is_not_there_is_told() {
    let surgery = surgery();
    let config = surgery.config();
    let config = config.to_str().expect("a readable name");
    let ask = async |arguments: &[&str]| {
        run_with_input(&signer(), arguments, &surgery.env, FIELDS.as_bytes()).await
    };
    let ended = ask(&["doctor", "sign", "--account", "nobody", "--config", config]).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("nobody") && ended.stderr.contains("here"), "{ended:?}");
    let ended = ask(&["doctor", "sign", "--account", "here", "--config", "/no/such.toml"]).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("/no/such.toml"), "{ended:?}");
    let ended = ask(&["doctor", "sign", "--config", config]).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    // A key that is not in the environment.
    let empty = std::collections::BTreeMap::new();
    let arguments = ["doctor", "sign", "--account", "here", "--config", config];
    let ended = run_with_input(&signer(), &arguments, &empty, FIELDS.as_bytes()).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("KEY_0"), "{ended:?}");
}

#[tokio::test]
async fn a_notification_that_was_captured_at_a_running_signer_is_explained_with_its_own_configuration() {
    let world = World::start().await;
    let config = world.dir().join("countersign.toml");
    let config = config.to_str().expect("a readable name");
    let mut captured =
        fields(&[("appid", keys::BLUEOCEAN_APPID), ("out_trade_no", "A1"), ("total_fee", "1000")]);
    captured.insert("sign".to_owned(), blueocean_sign(&captured, keys::BLUEOCEAN_KEY));
    let arguments = ["doctor", "verify", "--account", "hk", "--config", config];
    let ended = run_with_input(&signer(), &arguments, &world.settings.env, form(&captured).as_bytes()).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    captured.insert("total_fee".to_owned(), "1".to_owned());
    let ended = run_with_input(&signer(), &arguments, &world.settings.env, form(&captured).as_bytes()).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    for key in [keys::BLUEOCEAN_KEY, keys::JUBAO_KEY, keys::HICOIN_MCH_KEY, keys::DOTWALLET_SECRET] {
        assert!(!ended.stdout.contains(key) && !ended.stderr.contains(key), "{ended:?}");
    }
}
