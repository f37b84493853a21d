//! A running sandbox, a merchant that receives notifications, and plain signing.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use countersign_sandbox::gateways::{Config, Gateways, start};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, StatusCode, Uri};
use md5::{Digest as _, Md5};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// How long something that should happen may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Names and values of a message.
pub(crate) type Fields = BTreeMap<String, String>;

pub(crate) fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A running sandbox and a browser-like client that follows no redirect.
pub(crate) struct Sandbox {
    pub(crate) gateways: Gateways,
    pub(crate) client: reqwest::Client,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn location(&self) -> &str {
        assert!(self.status.is_redirection(), "{}: {}", self.status, self.text);
        self.headers[LOCATION].to_str().unwrap()
    }
}

impl Sandbox {
    pub(crate) async fn start() -> Self {
        Self::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateways = start(config, listener).await.unwrap();
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .unwrap();
        Self { gateways, client }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.gateways.url) }
    }

    pub(crate) async fn try_send(
        &self,
        method: Method,
        path: &str,
        body: Option<(&str, String)>,
    ) -> reqwest::Result<Reply> {
        let mut request = self.client.request(method, self.url(path));
        if let Some((content_type, body)) = body {
            request = request.header(CONTENT_TYPE, content_type).body(body);
        }
        let reply = request.send().await?;
        let (status, headers) = (reply.status(), reply.headers().clone());
        Ok(Reply { status, headers, text: reply.text().await? })
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.try_send(Method::GET, path, None).await.unwrap()
    }

    pub(crate) async fn get_in_chinese(&self, path: &str) -> String {
        let request = self.client.get(self.url(path)).header(ACCEPT_LANGUAGE, "zh-CN,zh;q=0.9");
        request.send().await.unwrap().text().await.unwrap()
    }

    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> Reply {
        self.try_send(Method::POST, path, Some(("application/json", body.to_string()))).await.unwrap()
    }

    pub(crate) async fn post_form(&self, path: &str, body: &Fields) -> Reply {
        let body = Some(("application/x-www-form-urlencoded", form(body)));
        self.try_send(Method::POST, path, body).await.unwrap()
    }

    /// Asks the control interface, which must agree.
    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let body = Some(("application/json", body.to_string()));
        let reply = self.try_send(method, &format!("/_control{path}"), body).await.unwrap();
        assert!(reply.status.is_success(), "{path}: {} {}", reply.status, reply.text);
        if reply.text.is_empty() { Value::Null } else { reply.json() }
    }

    /// The only order of a gateway.
    pub(crate) async fn order(&self, gateway: &str) -> Value {
        let orders = self.control(Method::GET, &format!("/{gateway}/orders"), Value::Null).await;
        assert_eq!(orders.as_array().unwrap().len(), 1, "{orders}");
        orders[0].clone()
    }

    pub(crate) async fn journal(&self) -> Vec<Value> {
        self.control(Method::GET, "/journal", Value::Null).await.as_array().unwrap().clone()
    }

    /// Turns switches of a gateway's `dress` or `settings`.
    pub(crate) async fn turn(&self, gateway: &str, what: &str, switches: Value) {
        self.control(Method::PUT, &format!("/{gateway}/{what}"), switches).await;
    }

    pub(crate) async fn fault(&self, gateway: &str, order: Value) {
        self.control(Method::POST, &format!("/{gateway}/faults"), order).await;
    }
}

pub(crate) fn form(fields: &Fields) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

pub(crate) fn as_json(fields: &Fields) -> Value {
    json!(fields)
}

/// A merchant's notification address: tells what came, and replies as it was told to, else that all is well.
pub(crate) struct Merchant {
    pub(crate) url: String,
    received: mpsc::UnboundedReceiver<Notification>,
    replies: Arc<Mutex<VecDeque<(StatusCode, &'static str)>>>,
}

/// A notification as it came.
#[derive(Debug)]
pub(crate) struct Notification {
    pub(crate) method: Method,
    pub(crate) content_type: String,
    /// The fields in the order received, wherever they stood.
    pub(crate) fields: Vec<(String, Value)>,
}

#[derive(Clone)]
struct Counter {
    received: mpsc::UnboundedSender<Notification>,
    replies: Arc<Mutex<VecDeque<(StatusCode, &'static str)>>>,
    usual: &'static str,
}

impl Merchant {
    pub(crate) async fn open() -> Self {
        Self::replying("SUCCESS").await
    }

    pub(crate) async fn replying(usual: &'static str) -> Self {
        let (sender, received) = mpsc::unbounded_channel();
        let replies = Arc::new(Mutex::new(VecDeque::new()));
        let counter = Counter { received: sender, replies: Arc::clone(&replies), usual };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/notify", listener.local_addr().unwrap());
        let routes = Router::new().route("/notify", axum::routing::any(take)).with_state(counter);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { url, received, replies }
    }

    pub(crate) fn reply_next_with(&self, status: u16, text: &'static str) {
        self.replies.lock().unwrap().push_back((StatusCode::from_u16(status).unwrap(), text));
    }

    /// The next notification.
    pub(crate) async fn notification(&mut self) -> Notification {
        tokio::time::timeout(PATIENCE, self.received.recv()).await.expect("a notification in time").unwrap()
    }

    /// The fields of the next notification, which is a form.
    pub(crate) async fn received(&mut self) -> Fields {
        let notification = self.notification().await;
        assert_eq!(notification.content_type, "application/x-www-form-urlencoded");
        notification.texts()
    }

    /// Whether nothing is waiting to be read.
    pub(crate) fn is_idle(&mut self) -> bool {
        self.received.try_recv().is_err()
    }
}

impl Notification {
    pub(crate) fn texts(&self) -> Fields {
        self.fields.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    }

    pub(crate) fn in_order(&self) -> Vec<(String, String)> {
        self.fields.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    }
}

async fn take(
    State(counter): State<Counter>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, &'static str) {
    let content_type = headers.get(CONTENT_TYPE).map_or("", |value| value.to_str().unwrap()).to_owned();
    let fields = if content_type == "application/json" {
        members_in_order(&body)
    } else {
        let sent = if body.is_empty() { uri.query().unwrap_or_default() } else { &body };
        let pairs = url::form_urlencoded::parse(sent.as_bytes()).into_owned();
        pairs.map(|(name, value)| (name, Value::String(value))).collect()
    };
    counter.received.send(Notification { method, content_type, fields }).unwrap();
    counter.replies.lock().unwrap().pop_front().unwrap_or((StatusCode::OK, counter.usual))
}

/// The members of a JSON object without nested ones, in the order in which they are written.
fn members_in_order(body: &str) -> Vec<(String, Value)> {
    let object: serde_json::Map<String, Value> = serde_json::from_str(body).unwrap();
    let mut members: Vec<_> = object.into_iter().collect();
    members.sort_by_key(|(name, _)| body.find(&format!("{}:", json!(name))).unwrap());
    members
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// Jubao by the document: key, names and values, key; the text's bytes encoded again unless `plain`.
pub(crate) fn jubao_sign(fields: &Fields, key: &str, plain: bool) -> String {
    let unsigned = fields.iter().filter(|(name, _)| *name != "sign");
    let joined: String = unsigned.map(|(name, value)| format!("{name}{value}")).collect();
    let joined = if plain { joined } else { joined.bytes().map(char::from).collect() };
    hex(&Md5::digest(format!("{key}{joined}{key}")))
}

/// BlueOcean by the document: `name=value&` and `key=KEY`.
pub(crate) fn blueocean_sign(fields: &Fields, key: &str) -> String {
    let unsigned = fields.iter().filter(|(name, _)| *name != "sign");
    let joined: String = unsigned.map(|(name, value)| format!("{name}={value}&")).collect();
    hex(&Md5::digest(format!("{joined}key={key}")))
}

/// Hicoin by the document: non-empty `name=value&` and `key=KEY`, HMAC with the same key.
pub(crate) fn hicoin_sign(fields: &Fields, key: &str) -> String {
    let unsigned = fields.iter().filter(|(name, value)| *name != "sign" && !value.is_empty());
    let joined: String = unsigned.map(|(name, value)| format!("{name}={value}&")).collect();
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(format!("{joined}key={key}").as_bytes());
    hex(&mac.finalize().into_bytes())
}

/// DotWallet's orders by the document: `name=value&` in the order sent and `secret=` with the secret's MD5, all in
/// capitals, HMAC with that MD5.
pub(crate) fn dotwallet_sign(fields: &[(String, String)], secret: &str) -> String {
    let key = hex(&Md5::digest(secret)).to_lowercase();
    let covered = fields.iter().filter(|(name, _)| name != "sign" && name != "opreturn");
    let joined: String = covered.map(|(name, value)| format!("{name}={value}&")).collect();
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(format!("{joined}secret={key}").to_uppercase().as_bytes());
    hex(&mac.finalize().into_bytes()).to_lowercase()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The parameters of an address, in their order.
pub(crate) fn query_of(address: &str) -> Vec<(String, String)> {
    url::Url::parse(address).unwrap().query_pairs().into_owned().collect()
}

/// The members of an answer as texts, numbers by their digits.
pub(crate) fn texts(data: &Value) -> Fields {
    data.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect()
}
