//! The simulators of the gateways, and their control interface.

use std::collections::BTreeMap;
use std::path::Path;

use axum::http::Method;
use serde_json::{Value, json};

use crate::{PATIENCE, Process, Reply, SimulatorSettings, binary};

/// The running simulators.
#[derive(Debug)]
pub struct Control {
    /// Their address.
    pub url: String,
    file: String,
    process: Option<Process>,
    client: reqwest::Client,
}

impl Control {
    pub(crate) async fn start(dir: &Path, settings: &SimulatorSettings) -> Self {
        let file = dir.join("gateways.toml");
        std::fs::write(&file, settings.text()).expect("the temporary folder can be written");
        let client = crate::api::client(PATIENCE);
        let file = file.to_str().expect("a temporary folder has a readable name").to_owned();
        let mut control = Self { url: String::new(), file, process: None, client };
        control.begin("127.0.0.1:0").await;
        control
    }

    async fn begin(&mut self, listen: &str) {
        let arguments = ["gateways", "--listen", listen, "--config", &self.file];
        let started =
            Process::start(&binary::sandbox(), &arguments, &BTreeMap::new(), "gateways are ready on ").await;
        let process = started.unwrap_or_else(|ended| panic!("the simulators did not start: {ended:?}"));
        self.url.clone_from(&process.url);
        self.process = Some(process);
    }

    /// Ends the simulators: connections to them are refused from now on.
    pub async fn stop(&mut self) {
        self.process.take().expect("the simulators are running").kill().await;
    }

    /// Starts them again on the same address, with empty books.
    pub async fn start_again(&mut self) {
        let listen = self.url.trim_start_matches("http://").to_owned();
        self.begin(&listen).await;
    }

    /// Another hand on the same simulators, which does not end them.
    pub fn another_hand(&self) -> Self {
        let (url, file, client) = (self.url.clone(), self.file.clone(), self.client.clone());
        Self { url, file, process: None, client }
    }

    /// Asks the control interface, whatever it says.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn try_ask(&self, method: Method, path: &str, body: &Value) -> Reply {
        let request = self.client.request(method, format!("{}/_control{path}", self.url));
        let response = request.body(body.to_string()).send().await.expect("the simulators answer");
        Reply::read(response).await.expect("the simulators answer")
    }

    /// Asks the control interface, which must agree.
    ///
    /// # Panics
    /// When it does not.
    pub async fn ask(&self, method: Method, path: &str, body: &Value) -> Value {
        let reply = self.try_ask(method, path, body).await;
        assert!(reply.status.is_success(), "{path}: {} {}", reply.status, reply.text);
        reply.json()
    }

    /// Every request that arrived at a gateway's endpoint.
    pub async fn journal(&self, gateway: &str, endpoint: &str) -> Vec<Value> {
        let entries = self.ask(Method::GET, "/journal", &Value::Null).await;
        let entries = entries.as_array().expect("a list").iter();
        entries
            .filter(|entry| entry["gateway"] == gateway && entry["endpoint"] == endpoint)
            .cloned()
            .collect()
    }

    /// All requests that arrived.
    pub async fn whole_journal(&self) -> Value {
        self.ask(Method::GET, "/journal", &Value::Null).await
    }

    /// The orders in a gateway's book.
    pub async fn orders(&self, gateway: &str) -> Vec<Value> {
        let orders = self.ask(Method::GET, &format!("/{gateway}/orders"), &Value::Null).await;
        orders.as_array().expect("a list").clone()
    }

    /// The order with our number.
    ///
    /// # Panics
    /// When there is none.
    pub async fn order(&self, gateway: &str, order_no: &str) -> Value {
        let orders = self.orders(gateway).await;
        let found = orders.iter().find(|order| order["order_no"] == order_no);
        found.unwrap_or_else(|| panic!("no order {order_no} in {orders:?}")).clone()
    }

    /// Books an order as paid and notifies; gives what the signer replied to each notification.
    pub async fn pay(&self, gateway: &str, order_no: &str, how: &Value) -> Vec<Value> {
        let path = format!("/{gateway}/orders/{order_no}/pay");
        let told = self.ask(Method::POST, &path, how).await;
        told["notifications"].as_array().expect("a list").clone()
    }

    /// Orders a fault.
    pub async fn fault(&self, gateway: &str, fault: Value) {
        self.ask(Method::POST, &format!("/{gateway}/faults"), &fault).await;
    }

    /// Forgets the faults that are still to happen.
    pub async fn clear_faults(&self, gateway: &str) {
        self.ask(Method::DELETE, &format!("/{gateway}/faults"), &Value::Null).await;
    }

    /// Switches how a gateway behaves; what is left out stays.
    pub async fn switch(&self, gateway: &str, settings: Value) {
        self.ask(Method::PUT, &format!("/{gateway}/settings"), &settings).await;
    }

    /// Puts a gateway's messages into this dress, and nothing of an earlier one.
    pub async fn dress(&self, gateway: &str, dress: &Value) {
        let path = format!("/{gateway}/dress");
        self.ask(Method::DELETE, &path, &Value::Null).await;
        self.ask(Method::PUT, &path, dress).await;
    }

    /// Voids tokens before their time: `base`, `user`, `refresh` or `all`.
    pub async fn expire_tokens(&self, gateway: &str, which: &str) {
        self.ask(Method::POST, &format!("/{gateway}/tokens/expire"), &json!({"which": which})).await;
    }

    /// The money that Hicoin has paid out.
    pub async fn payouts(&self) -> Vec<Value> {
        let transfers = self.ask(Method::GET, "/hicoin/transfers", &Value::Null).await;
        transfers.as_array().expect("a list").clone()
    }

    /// Sets what the DotWallet user has and allows.
    pub async fn put_user(&self, user: &str, account: Value) {
        self.ask(Method::PUT, &format!("/dotwallet/users/{user}"), &account).await;
    }

    /// Sets Hicoin's callback address, as in its portal.
    pub async fn put_callback(&self, url: &str) {
        self.ask(Method::PUT, "/hicoin/callback", &json!({"url": url})).await;
    }
}
