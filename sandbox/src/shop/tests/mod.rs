//! The shop as its page and the signer see it: over HTTP, with a signer that these tests play.

mod fake_signer;
mod files;
mod follow;
mod happenings;
mod methods;
mod orders;
mod refunds;
mod sessions;
mod start;
mod till;
mod webhooks;

use std::path::Path;

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tokio::net::TcpListener;

use self::fake_signer::FakeSigner;
use super::config::{Accounts, Merchant, Payer};
use super::{Running, ShopConfig};

const API_KEY: &str = "planted-api-key";
const WEBHOOK_KEY: &[u8] = b"planted-webhook-key-of-the-tests";

/// A shop that is open, the signer that it talks to, and the browser of a visitor with a session.
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
        Self::with(|_| ()).await
    }

    /// With settings that differ from the tests' usual ones.
    async fn with(change: impl FnOnce(&mut ShopConfig)) -> Self {
        let signer = FakeSigner::start().await;
        let folders = tempfile::tempdir().expect("a folder");
        fill(folders.path());
        let mut config = config(&signer.url, folders.path());
        change(&mut config);
        let shop = super::start(config, free_port().await).await.expect("usable settings");
        let browser = reqwest::Client::new();
        let mut open = Self { shop, signer, browser, _folders: folders };
        open.browser = open.new_visitor().await;
        open
    }

    /// A browser that got the shop's cookie on its first visit, and sends it ever after.
    async fn new_visitor(&self) -> reqwest::Client {
        let first = self.send(reqwest::Client::new().get(self.at("/api/shop"))).await;
        let cookie = first.header("set-cookie").split(';').next().expect("a pair").to_owned();
        let cookie = HeaderValue::try_from(cookie).expect("plain text");
        let headers = HeaderMap::from_iter([(header::COOKIE, cookie)]);
        reqwest::Client::builder().default_headers(headers).build().expect("a client")
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(self.browser.get(self.at(path))).await
    }

    /// As [`Self::get`], for somebody else.
    async fn get_as(&self, visitor: &reqwest::Client, path: &str) -> Answer {
        self.send(visitor.get(self.at(path))).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.browser.post(self.at(path)).header("content-type", "application/json");
        self.send(request.body(body.to_string())).await
    }

    /// Places an order for oolong and returns the shop's answer.
    async fn order_by(&self, method: &str) -> Value {
        self.order_with(method, json!({})).await
    }

    async fn order_with(&self, method: &str, options: Value) -> Value {
        let answer = self.try_to_order(method, options).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()
    }

    async fn try_to_order(&self, method: &str, options: Value) -> Answer {
        let wanted = json!({"product": "oolong", "method": method, "locale": "en", "options": options});
        self.post("/api/orders", &wanted).await
    }

    /// Tells the shop by signed webhook what a payment of an order came to.
    async fn tell(&self, webhook_id: &str, event: &Value) -> Answer {
        let (body, time_s) = (event.to_string(), Timestamp::now().as_second());
        let webhook = Webhook::from_bytes(WEBHOOK_KEY.to_vec()).expect("a key");
        let signature = webhook.sign(webhook_id, time_s, body.as_bytes()).expect("UTF-8");
        let request = reqwest::Client::new()
            .post(self.at("/hooks/payments"))
            .header("content-type", "application/json")
            .header("webhook-id", webhook_id)
            .header("webhook-timestamp", time_s.to_string())
            .header("webhook-signature", signature)
            .body(body);
        self.send(request).await
    }

    async fn order(&self, order_id: &str) -> Value {
        self.get(&format!("/api/orders/{order_id}")).await.json()
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
        jweixin_url: None,
        simulators_url: None,
        accounts: Accounts::default(),
        merchant: Merchant::default(),
        payer: Payer::default(),
    }
}

/// What the signer tells of a payment.
fn event(order_id: &str, (account, amount): (&str, Value), status: &str, revision: u64) -> Value {
    json!({
        "type": format!("payment.{status}"),
        "timestamp": "2026-11-22T01:00:00Z",
        "data": {
            "id": format!("pay_{order_id}"),
            "account": account,
            "order_id": order_id,
            "amount": amount,
            "status": status,
            "revision": revision,
            "paid_at": (status == "succeeded").then_some("2026-11-22T00:59:58Z"),
            "amount_refunded": null,
            "failure": null,
            "a_field_of_a_later_version": true,
        },
    })
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
