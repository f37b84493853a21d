//! A visitor's browser: keeps the cookie that the sample gives it, and everything that it was answered.

use std::sync::Mutex;

use axum::http::Method;
use countersign_tests::{Api, Reply};
use serde_json::{Value, json};

pub(crate) struct Visitor {
    api: Api,
    cookie: Mutex<Option<String>>,
    answers: Mutex<Vec<Reply>>,
}

impl Visitor {
    pub(crate) fn of(shop: &str) -> Self {
        Self { api: Api::new(shop), cookie: Mutex::default(), answers: Mutex::default() }
    }

    /// The same browser after the shop has moved.
    pub(crate) fn at(self, shop: &str) -> Self {
        Self { api: Api::new(shop), ..self }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(self.api.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        let request = self.api.request(Method::POST, path).header("content-type", "application/json");
        self.send(request.body(body.to_string())).await
    }

    /// Presses "buy"; gives what the page mounts the checkout with.
    pub(crate) async fn buys(&self, sku: &str) -> Value {
        self.post("/cart/pay", &json!({"sku": sku})).await.expect(200)
    }

    /// Every answer so far, headers and body as text.
    pub(crate) fn heard(&self) -> String {
        let answers = self.answers.lock().expect("nobody panicked");
        answers.iter().map(|answer| format!("{:?}\n{}\n", answer.headers, answer.text)).collect()
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        let cookie = self.cookie.lock().expect("nobody panicked").clone();
        let request = match cookie {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        };
        let reply = self.api.send(request).await;
        if let Some(given) = reply.headers.get("set-cookie") {
            let given = given.to_str().expect("a cookie is text");
            let lower = given.to_lowercase();
            assert!(lower.contains("httponly") && lower.contains("samesite=lax"), "{given}");
            let pair = given.split(';').next().expect("a name and a value").to_owned();
            *self.cookie.lock().expect("nobody panicked") = Some(pair);
        }
        self.answers.lock().expect("nobody panicked").push(reply.clone());
        reply
    }
}
