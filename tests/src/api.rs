//! The signer's HTTP interface, spoken as a merchant's backend, a payer's browser and a gateway do.

use std::time::Duration;

use axum::http::Method;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;

use crate::{PATIENCE, Reply, Store, Way, eventually, keys};

/// A client of the signer.
#[derive(Clone, Debug)]
pub struct Api {
    /// The signer's address.
    pub url: String,
    client: reqwest::Client,
}

/// A payment as its creator knows it.
#[derive(Clone, Debug)]
pub struct Payment {
    /// `pay_…`.
    pub id: String,
    /// `cs_…`.
    pub secret: String,
    /// The whole answer.
    pub body: Value,
}

impl Payment {
    /// From the answer to a create request.
    ///
    /// # Panics
    /// When the answer is none.
    pub fn of(body: Value) -> Self {
        let text = |name: &str| {
            body[name].as_str().unwrap_or_else(|| panic!("a payment without {name}: {body}")).to_owned()
        };
        Self { id: text("id"), secret: text("client_secret"), body }
    }
}

/// A client that follows no redirect and knows no proxy.
pub(crate) fn client(timeout: Duration) -> reqwest::Client {
    // An error means that it was installed before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    // Where several signers take turns at connections, each request has one of its own, so that it is another's turn.
    let kept_open = if Store::chosen().instances() > 1 { 0 } else { usize::MAX };
    let builder = builder.pool_max_idle_per_host(kept_open);
    builder.timeout(timeout).build().expect("a plain client can be built")
}

impl Api {
    /// A client of the signer at `url`.
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned(), client: client(PATIENCE) }
    }

    /// A request to build on.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn try_send(&self, request: reqwest::RequestBuilder) -> reqwest::Result<Reply> {
        Reply::read(request.send().await?).await
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        self.try_send(request).await.expect("the signer answers")
    }

    /// The merchant's `GET`.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path).header(AUTHORIZATION, bearer(keys::API_KEY))).await
    }

    /// The merchant's `POST`.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(self.merchant_post(path, &body.to_string())).await
    }

    /// The merchant's `POST`, to build on.
    pub fn merchant_post(&self, path: &str, body: &str) -> reqwest::RequestBuilder {
        self.request(Method::POST, path)
            .header(AUTHORIZATION, bearer(keys::API_KEY))
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_owned())
    }

    /// The browser's `GET` with a client secret.
    pub async fn checkout_get(&self, path: &str, secret: &str) -> Reply {
        self.send(self.request(Method::GET, path).header(AUTHORIZATION, bearer(secret))).await
    }

    /// The browser's `POST` with a client secret.
    pub async fn checkout_post(&self, path: &str, secret: &str, body: &Value) -> Reply {
        self.send(self.checkout_request(path, secret, body)).await
    }

    /// The browser's `POST`, to build on.
    pub fn checkout_request(&self, path: &str, secret: &str, body: &Value) -> reqwest::RequestBuilder {
        self.request(Method::POST, path)
            .header(AUTHORIZATION, bearer(secret))
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string())
    }

    /// Creates a payment that is new.
    pub async fn create(&self, order: &Value) -> Payment {
        Payment::of(self.post("/v1/payments", order).await.expect(201))
    }

    /// The browser confirms; it says where it is for methods that work in one place only.
    pub async fn confirm(&self, payment: &Payment) -> Value {
        let method = payment.body["method"]["type"].as_str().expect("a method");
        self.try_confirm(payment, &Way::of(method).confirmation()).await.expect(200)
    }

    /// The browser confirms with this body.
    pub async fn try_confirm(&self, payment: &Payment, body: &Value) -> Reply {
        let path = format!("/v1/checkout/{}/confirm", payment.id);
        self.checkout_post(&path, &payment.secret, body).await
    }

    /// The payment as the merchant sees it, in full.
    pub async fn payment(&self, id: &str) -> Value {
        self.get(&format!("/v1/payments/{id}")).await.expect(200)
    }

    /// Waits until the payment has this status.
    pub async fn until_status(&self, id: &str, status: &str) -> Value {
        let mut last = Value::Null;
        let what = format!("{id} becomes {status}");
        let found = tokio::time::timeout(
            PATIENCE,
            eventually(&what, async || {
                last = self.payment(id).await;
                (last["status"] == status).then(|| last.clone())
            }),
        );
        match found.await {
            Ok(found) => found,
            Err(_) => panic!("did not happen in time: {what}: {last}"),
        }
    }

    /// A notification with a form body.
    pub async fn notify(&self, account: &str, form: &str) -> Reply {
        self.notify_as(account, "application/x-www-form-urlencoded", form).await
    }

    /// A notification with a body of this type.
    pub async fn notify_as(&self, account: &str, content_type: &str, body: &str) -> Reply {
        let request = self.request(Method::POST, &format!("/v1/notifications/{account}"));
        self.send(request.header(CONTENT_TYPE, content_type).body(body.to_owned())).await
    }

    /// The merchant's events, all of them, oldest first.
    pub async fn events(&self) -> Vec<Value> {
        let (mut events, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("/v1/events?limit=100{after}")).await.expect(200);
            events.extend(page["data"].as_array().expect("a list").iter().cloned());
            match events.last() {
                Some(last) if page["has_more"] == true => {
                    after = format!("&after={}", last["id"].as_str().expect("an id"));
                }
                _ => return events,
            }
        }
    }
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}
