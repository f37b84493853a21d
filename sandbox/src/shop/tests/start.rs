use serde_json::json;

use super::super::ShopConfig;
use super::{config, fill, free_port};

/// Puts one unusable value into good settings.
type Spoil = fn(&mut ShopConfig);

#[tokio::test]
async fn a_setting_that_cannot_be_used_is_named_and_its_secret_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path());
    let spoilt: [(&str, Spoil); 8] = [
        ("shop.signer_url", |config| config.signer_url = "pay.example".into()),
        ("shop.public_url", |config| config.public_url = Some("ftp://tea.example".into())),
        ("shop.jweixin_url", |config| config.jweixin_url = Some("file:///jweixin.js".into())),
        ("shop.www_dir", |config| config.www_dir.push("missing")),
        ("shop.package_dir", |config| config.package_dir.push("missing")),
        ("shop.webhook_secret", |config| config.webhook_secret = "whsec_".into()),
        ("shop.webhook_secret", |config| config.webhook_secret = "planted, not base64".into()),
        ("shop.api_key", |config| config.api_key = "planted\nkey".into()),
    ];
    for (setting, spoil) in spoilt {
        let mut config = config("http://127.0.0.1:1", folder.path());
        spoil(&mut config);
        let error = super::super::start(config, free_port().await).await.err().expect(setting).to_string();
        assert!(error.contains(setting), "{setting}: {error}");
        assert!(!error.contains("planted"), "{setting}: {error}");
    }
}

#[tokio::test]
async fn a_signer_that_is_not_there_is_told_as_such() {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path());
    let nobody = free_port().await;
    let signer_url = format!("http://{}", nobody.local_addr().expect("an address"));
    drop(nobody);
    let shop = super::super::start(config(&signer_url, folder.path()), free_port().await)
        .await
        .expect("usable settings");

    let answer = reqwest::Client::new()
        .post(format!("{}/api/orders", shop.url))
        .header("content-type", "application/json")
        .body(json!({"product": "oolong", "method": "hicoin_h5", "locale": "en"}).to_string())
        .send()
        .await
        .expect("the shop answers");
    assert_eq!(answer.status(), 503);
    let problem = answer.text().await.expect("a whole body");
    assert!(problem.contains("signer_unreachable"), "{problem}");
    shop.stop().await.expect("a shop that closes");
}
