//! The shop as its page and the signer see it: over HTTP, with a signer that these tests play.

mod fake_signer;
mod files;
mod orders;
mod start;
mod webhooks;

use std::path::Path;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::net::TcpListener;

use self::fake_signer::FakeSigner;
use super::config::{Accounts, Payer};
use super::{Running, ShopConfig};

const API_KEY: &str = "planted-api-key";
const WEBHOOK_KEY: &[u8] = b"planted-webhook-key-of-the-tests";

/// A shop that is open, the signer that it talks to, and a browser's HTTP client.
struct OpenShop {
    shop: Running,
    signer: FakeSigner,
    browser: reqwest::Client,
    _folders: tempfile::TempDir,
}

/// An answer of the shop.
struct Answer {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("plain text"))
    }
}

impl OpenShop {
    async fn new() -> Self {
        let signer = FakeSigner::start().await;
        let folders = tempfile::tempdir().expect("a folder");
        fill(folders.path());
        let config = config(&signer.url, folders.path());
        let shop = super::start(config, free_port().await).await.expect("usable settings");
        Self { shop, signer, browser: reqwest::Client::new(), _folders: folders }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(self.browser.get(self.at(path))).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.browser.post(self.at(path)).header("content-type", "application/json");
        self.send(request.body(body.to_string())).await
    }

    /// Places an order for oolong and returns the shop's answer.
    async fn order_by(&self, method: &str) -> Value {
        let wanted = serde_json::json!({"product": "oolong", "method": method, "locale": "en"});
        let answer = self.post("/api/orders", &wanted).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.expect("the shop answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("a whole body");
        Answer { status, headers, text }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.shop.url)
    }
}

/// Settings that can be used, for a folder that [`fill`] has filled.
fn config(signer_url: &str, folder: &Path) -> ShopConfig {
    ShopConfig {
        signer_url: signer_url.to_owned(),
        api_key: API_KEY.into(),
        webhook_secret: format!("whsec_{}", STANDARD.encode(WEBHOOK_KEY)).as_str().into(),
        public_url: Some("https://tea.example".to_owned()),
        www_dir: folder.join("www"),
        package_dir: folder.join("package"),
        accounts: Accounts::default(),
        payer: Payer::default(),
    }
}

async fn free_port() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a free port")
}

fn fill(folder: &Path) {
    let write = |path: &str, text: &str| {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("below the folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    write("www/index.html", "<!doctype html><title>Tea</title>");
    write("package/index.js", "export {};");
    write("package/core.wasm", "\0asm");
    write("outside.txt", "not for visitors");
}
