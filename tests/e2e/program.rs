//! The program itself: checking the configuration, starting, stopping, refusing to start.

use std::path::PathBuf;

use countersign_tests::{
    Api, Ended, HICOIN_H5, JUBAO_WECHAT_H5, Payment, Settings, World, eventually, keys, run, signer,
};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// A configuration in a folder of its own.
struct Configured {
    dir: TempDir,
    settings: Settings,
}

impl Configured {
    fn new(change: impl FnOnce(&mut Settings)) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let ledger = format!("sqlite:{}", dir.path().join("ledger.db").display());
        let mut settings = Settings::new("http://127.0.0.1:9", "http://127.0.0.1:9/hooks", &ledger);
        change(&mut settings);
        Self { dir, settings }
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("countersign.toml")
    }

    async fn run(&self, command: &str) -> Ended {
        self.run_text(command, &self.settings.text()).await
    }

    async fn run_text(&self, command: &str, text: &str) -> Ended {
        let file = self.file();
        std::fs::write(&file, text).expect("the temporary folder can be written");
        let arguments = [command, "--config", file.to_str().expect("a readable name")];
        run(&signer(), &arguments, &self.settings.env).await
    }
}

/// Asserts that it did not start, with one line that names file, key and reason.
fn refused(ended: &Ended, words: &[&str]) {
    let lines: Vec<_> = ended.stderr.lines().filter(|line| !line.trim().is_empty()).collect();
    assert_eq!(lines.len(), 1, "{ended:?}");
    for word in words {
        assert!(lines[0].contains(word), "{word}: {}", lines[0]);
    }
    assert!(!ended.stdout.contains("ready"), "{ended:?}");
}

#[tokio::test]
async fn a_usable_configuration_is_shown_with_its_secrets_masked() {
    let checked = Configured::new(|settings| {
        settings.set("accounts.shop.keys", vec![keys::JUBAO_KEY]);
        settings.set("accounts.coin.app_secret", keys::HICOIN_APP_SECRET);
    });
    let ended = checked.run("check").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let shown = format!("{}{}", ended.stdout, ended.stderr);
    for (name, value) in &checked.settings.env {
        assert!(!shown.contains(value.as_str()), "{name} is shown");
    }
    for setting in [keys::JUBAO_MCH_ID, "hicoin_h5", "shop-backend", "timeout_s", "127.0.0.1:0"] {
        assert!(setting == "hicoin_h5" || shown.contains(setting), "{setting}: {shown}");
    }
    let warnings: Vec<_> = shown.lines().filter(|line| line.contains("warning")).collect();
    for literal in ["accounts.shop.keys", "accounts.coin.app_secret"] {
        assert!(warnings.iter().any(|line| line.contains(literal)), "a literal secret: {warnings:?}");
    }
    assert!(!warnings.iter().any(|line| line.contains("accounts.hk.keys")), "{warnings:?}");
}

#[tokio::test]
async fn an_unusable_configuration_is_refused_with_file_key_and_reason() {
    type Change = fn(&mut Settings);
    let cases: [(&str, Change); 14] = [
        ("server.listne", |s| s.set("server.listne", "127.0.0.1:0")),
        ("accounts.shop.mchid", |s| s.set("accounts.shop.mchid", "1")),
        ("colour", |s| s.set("colour", "red")),
        ("server.mode", |s| s.set("server.mode", "test")),
        ("server.listen", |s| s.set("server.listen", "nowhere")),
        ("accounts.shop.gateway", |s| s.set("accounts.shop.gateway", "paypal")),
        ("accounts.shop.mch_id", |s| s.leave_out("accounts", "shop")),
        ("accounts.shop.keys", |s| s.set("accounts.shop.keys", Vec::<String>::new())),
        ("accounts.shop.base_url", |s| s.set("accounts.shop.base_url", "nowhere")),
        ("accounts.shop.keys", |s| drop(s.env.remove("JUBAO_KEY"))),
        ("webhook.secrets", |s| drop(s.env.insert("WEBHOOK_SECRET".into(), "whsec_short".into()))),
        ("webhook.secrets", |s| s.leave_out("webhook", "secrets")),
        ("payments.expires_in_s", |s| s.set("payments.expires_in_s", 0)),
        ("server.allowed_origins", |s| s.set("server.allowed_origins", vec!["https://shop.example/"])),
    ];
    for (key, change) in cases {
        let mut broken = Configured::new(change);
        if key == "accounts.shop.mch_id" {
            broken.settings.set("accounts.shop.gateway", "jubao");
            broken.settings.set("accounts.shop.keys", vec!["env:JUBAO_KEY"]);
            broken.settings.set("accounts.shop.base_url", "http://127.0.0.1:9");
        }
        let word = key.rsplit('.').next().expect("a name");
        for command in ["check", "serve"] {
            let ended = broken.run(command).await;
            if command == "check" {
                assert_eq!(ended.code, Some(2), "{key}: {ended:?}");
            } else {
                assert!(ended.code.is_some_and(|code| code != 0), "{key}: {ended:?}");
            }
            refused(&ended, &["countersign.toml", word]);
            for value in broken.settings.env.values() {
                assert!(!ended.stderr.contains(value.as_str()), "{}", ended.stderr);
            }
        }
    }
}

#[tokio::test]
async fn live_mode_refuses_what_only_a_sandbox_may_do() {
    type Change = fn(&mut Settings);
    let live = |change: Change| {
        Configured::new(|settings| {
            go_live(settings);
            change(settings);
        })
    };
    let ended = live(|_| {}).run("check").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let cases: [(&str, Change); 10] = [
        ("public_url", |s| s.leave_out("server", "public_url")),
        ("allowed_origins", |s| s.set("server.allowed_origins", vec!["*"])),
        ("base_url", |s| s.set("accounts.shop.base_url", "http://jubao.example")),
        ("payment_page_url", |s| s.set("accounts.coin.payment_page_url", "http://coin.example/page")),
        ("webhook.url", |s| s.set("webhook.url", "http://shop.example/hooks")),
        ("webhook.url", |s| s.set("webhook.url", "https://127.0.0.1/hooks")),
        ("webhook.url", |s| s.set("webhook.url", "https://10.0.0.8/hooks")),
        ("webhook.url", |s| s.set("webhook.url", "https://[::1]/hooks")),
        ("webhook.url", |s| s.set("webhook.url", "https://localhost/hooks")),
        ("webhook.url", |s| s.set("webhook.url", "https://169.254.169.254/hooks")),
    ];
    for (key, change) in cases {
        let ended = live(change).run("check").await;
        assert_eq!(ended.code, Some(2), "{key}: {ended:?}");
        refused(&ended, &["countersign.toml", key]);
    }
}

/// Everything as it must be where money moves.
fn go_live(settings: &mut Settings) {
    settings.set("server.mode", "live");
    settings.set("server.public_url", "https://pay.shop.example");
    settings.set("webhook.url", "https://shop.example/hooks");
    for key in ["wallet.base_url", "shop.base_url", "hk.base_url"] {
        settings.set(&format!("accounts.{key}"), "https://gateway.example");
    }
    for key in ["oauth_url", "payout_url", "payment_page_url"] {
        settings.set(&format!("accounts.coin.{key}"), "https://gateway.example");
    }
}

#[tokio::test]
async fn in_live_mode_payments_say_so() {
    let world = World::with(go_live).await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    assert_eq!(payment.body["livemode"], true);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_named() {
    let configured = Configured::new(|_| {});
    let nowhere = configured.dir.path().join("nowhere.toml");
    let arguments = ["check", "--config", nowhere.to_str().expect("a readable name")];
    let ended = run(&signer(), &arguments, &configured.settings.env).await;
    assert_eq!(ended.code, Some(2));
    refused(&ended, &["nowhere.toml"]);
    let text = format!("{}\nkey = \"{}", configured.settings.text(), keys::JUBAO_KEY);
    let ended = configured.run_text("check", &text).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("countersign.toml"), "{ended:?}");
    assert!(!ended.stderr.contains(keys::JUBAO_KEY), "a message about broken TOML shows no line of it");
}

#[tokio::test]
async fn a_secret_can_come_from_a_file() {
    let configured = Configured::new(|_| {});
    let secret = configured.dir.path().join("jubao.key");
    std::fs::write(&secret, format!("{}\n", keys::JUBAO_KEY)).expect("the temporary folder can be written");
    let mut settings = configured.settings.clone();
    settings.set("accounts.shop.keys", vec![format!("file:{}", secret.display())]);
    settings.env.remove("JUBAO_KEY");
    let world = World::with(|s| {
        s.set("accounts.shop.keys", vec![format!("file:{}", secret.display())]);
        s.env.remove("JUBAO_KEY");
    })
    .await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    assert_eq!(
        world.api.confirm(&payment).await["status"],
        "requires_action",
        "the key without its line's end"
    );
    let ended = Configured { settings, ..configured }.run("check").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!ended.stdout.contains(keys::JUBAO_KEY));
    assert!(!ended.stdout.lines().any(|line| line.contains("warning") && line.contains("accounts.shop")));
}

#[tokio::test]
async fn an_environment_variable_overrides_any_key() {
    let world = World::with(|settings| {
        settings.set("accounts.shop.mch_id", "wrong");
        settings.env.insert("COUNTERSIGN__ACCOUNTS__SHOP__MCH_ID".into(), keys::JUBAO_MCH_ID.into());
        settings.env.insert("COUNTERSIGN__PAYMENTS__EXPIRES_IN_S".into(), "120".into());
        settings.env.insert("COUNTERSIGN__SERVER__ALLOWED_ORIGINS".into(), "[\"https://a.example\"]".into());
    })
    .await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    let time = |name: &str| crate::judge::time(&payment.body[name]).as_second();
    assert_eq!(time("expires_at") - time("created_at"), 120);
    assert_eq!(world.api.confirm(&payment).await["status"], "requires_action");

    let wrong = Configured::new(|settings| {
        settings.env.insert("COUNTERSIGN__SERVER__COLOUR".into(), "red".into());
    });
    let ended = wrong.run("check").await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.to_lowercase().contains("colour"), "{ended:?}");
}

#[tokio::test]
async fn it_says_where_it_is_ready_on_a_port_of_its_own() {
    let mut world = World::start().await;
    let said = world.said();
    let ready: Vec<_> = said.lines().filter(|line| line.starts_with("countersign is ready on ")).collect();
    assert_eq!(ready.len(), world.store().instances(), "{said}");
    let port: u16 = world.api.url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    assert_ne!(port, 0);
    assert!(world.api.get("/healthz").await.status.is_success());
    let ended = world.stop_signer().await;
    assert_eq!(ended.code, Some(0));
    let lines = ended.stdout.lines().count();
    assert_eq!(lines, world.store().instances(), "standard output has that one line: {}", ended.stdout);
}

#[tokio::test]
async fn a_person_at_the_terminal_can_stop_it_too() {
    let mut world = World::start().await;
    for signer in world.signers() {
        signer.interrupt();
        assert_eq!(signer.wait().await.code, Some(0));
    }
}

#[tokio::test]
async fn logs_tell_request_payment_and_account() {
    let world = World::with(|settings| settings.set("log.format", "json")).await;
    let order = world.order(&JUBAO_WECHAT_H5).to_string();
    let reply = world.api.send(world.api.merchant_post("/v1/payments", &order)).await;
    let payment = Payment::of(reply.expect(201));
    let lines = eventually("the payment is in the log", async || {
        let said = world.said();
        let lines: Vec<String> =
            said.lines().filter(|line| line.contains(&payment.id)).map(str::to_owned).collect();
        (!lines.is_empty()).then_some(lines)
    })
    .await;
    let request_id = reply.header("x-request-id");
    let told = |word: &str| lines.iter().any(|line| line.contains(word));
    assert!(told(request_id), "the request {request_id}: {lines:?}");
    assert!(told("\"shop\""), "the account: {lines:?}");
    for line in &lines {
        serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    }
}

#[tokio::test]
async fn told_to_stop_it_finishes_what_is_in_flight() {
    let mut world = World::start().await;
    world.gateways.fault("hicoin", json!({"endpoint": "preOrder", "fault": "hang"})).await;
    let payment = world.api.create(&world.order(&HICOIN_H5)).await;
    let (api, pressed) = (world.api.clone(), payment.clone());
    let press = tokio::spawn(async move { api.confirm(&pressed).await });
    eventually("the request is in flight", async || {
        (!world.gateways.journal("hicoin", "preOrder").await.is_empty()).then_some(())
    })
    .await;
    let ended = world.stop_signer().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(press.await.expect("the press is answered")["status"], "processing");
    world.start_signer().await;
    assert_eq!(world.api.payment(&payment.id).await["status"], "processing", "and it was kept");
}

#[tokio::test]
async fn a_browser_that_waits_does_not_hold_up_the_end() {
    let mut world = World::start().await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    let (api, watched) = (world.api.clone(), payment.clone());
    let watching = tokio::spawn(async move {
        let path = format!("/v1/checkout/{}?after_revision=1&wait_s=30", watched.id);
        let request = api.request(axum::http::Method::GET, &path);
        drop(api.try_send(request.header("authorization", format!("Bearer {}", watched.secret))).await);
    });
    let asked = std::time::Instant::now();
    let ended = world.stop_signer().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(asked.elapsed().as_secs() < 10, "at most server.shutdown_timeout_s");
    watching.abort();
}

#[tokio::test]
async fn a_second_process_on_the_same_file_is_refused_and_on_the_same_database_joins() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    let another = world.start_another(&world.settings).await;
    if world.store().is_shared() {
        let another = another.expect("databases are shared");
        let other = Api::new(&another.url);
        assert_eq!(other.payment(&payment.id).await["status"], payment.body["status"]);
        return;
    }
    let ended = another.expect_err("two processes would submit twice");
    assert!(ended.code.is_some_and(|code| code != 0), "{ended:?}");
    let lines: Vec<_> = ended.stderr.lines().filter(|line| line.starts_with("countersign:")).collect();
    assert_eq!(lines.len(), 1, "{ended:?}");
    assert!(lines[0].contains("ledger.db"), "{}", lines[0]);
    assert!(world.api.get("/healthz").await.status.is_success(), "the first one is not disturbed");
}

#[tokio::test]
async fn a_port_that_is_taken_ends_the_start_with_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = taken.local_addr().expect("it is bound").to_string();
    let configured = Configured::new(|settings| settings.set("server.listen", address.as_str()));
    let ended = configured.run("serve").await;
    assert!(ended.code.is_some_and(|code| code != 0), "{ended:?}");
    let lines: Vec<_> = ended.stderr.lines().filter(|line| line.starts_with("countersign:")).collect();
    assert_eq!(lines.len(), 1, "{ended:?}");
    assert!(lines[0].contains(&address), "{}", lines[0]);
}

#[tokio::test]
async fn a_ledger_that_cannot_be_opened_ends_the_start_with_one_line() {
    for (url, reason) in [
        ("sqlite:/nowhere/at/all/ledger.db", "/nowhere/at/all/ledger.db"),
        ("postgres://signer:not-to-be-shown@127.0.0.1:9/ledger", "database"),
    ] {
        let configured = Configured::new(|settings| settings.set("store.url", url));
        let ended = configured.run("serve").await;
        assert!(ended.code.is_some_and(|code| code != 0), "{ended:?}");
        let lines: Vec<_> = ended.stderr.lines().filter(|line| line.starts_with("countersign:")).collect();
        assert_eq!(lines.len(), 1, "{ended:?}");
        assert!(lines[0].contains(reason), "{}", lines[0]);
        assert!(!ended.stderr.contains("not-to-be-shown"), "{ended:?}");
    }
}

#[tokio::test]
async fn the_password_of_the_database_is_masked() {
    let configured = Configured::new(|settings| {
        settings.set("store.url", "postgres://signer:not-to-be-shown@db.example/ledger");
    });
    let ended = configured.run("check").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!format!("{ended:?}").contains("not-to-be-shown"), "{ended:?}");
}
