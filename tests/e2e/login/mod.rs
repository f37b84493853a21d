//! The payer's login at DotWallet and Hicoin, when nobody has told the signer who pays.

mod coming_back;
mod consent;
mod pages;
mod secrets;
mod strangers;
mod tokens;
mod trouble;

use countersign_tests::{Browser, DOTWALLET_AUTOPAY, HICOIN_H5, Payment, Reply, Way, World};
use serde_json::{Value, json};
use url::Url;

/// The two gateways that have a login.
const BOTH: [Way; 2] = [DOTWALLET_AUTOPAY, HICOIN_H5];

/// A payment that waits for its payer to log in.
#[derive(Clone, Debug)]
struct Waiting {
    way: Way,
    payment: Payment,
    /// The gateway's page.
    page: String,
}

/// A create request that does not say who pays.
fn order_without_payer(world: &World, way: &Way) -> Value {
    let mut order = world.order(way);
    order["method"] = json!({"type": way.method});
    order
}

/// The login page in an answer.
fn login_page(view: &Value) -> String {
    assert_eq!(view["status"], "requires_action", "{view}");
    let action = &view["next_action"];
    let page = action["url"].as_str().unwrap_or_default();
    assert_eq!(*action, json!({"type": "redirect", "purpose": "login", "url": page}));
    page.to_owned()
}

/// A payment whose payer was asked to log in.
async fn waiting(world: &World, way: &Way) -> Waiting {
    waiting_for(world, way, &order_without_payer(world, way)).await
}

async fn waiting_for(world: &World, way: &Way, order: &Value) -> Waiting {
    let payment = world.api.create(order).await;
    let page = login_page(&world.api.confirm(&payment).await);
    Waiting { way: *way, payment, page }
}

/// The values of this name in an address's query.
fn values(address: &str, name: &str) -> Vec<String> {
    let url = Url::parse(address).unwrap_or_else(|error| panic!("{address}: {error}"));
    url.query_pairs().filter(|(found, _)| found == name).map(|(_, value)| value.into_owned()).collect()
}

/// The one value of this name in an address's query.
fn value(address: &str, name: &str) -> String {
    let values = values(address, name);
    assert_eq!(values.len(), 1, "{name} in {address}");
    values[0].clone()
}

impl Waiting {
    /// What binds the login to the payment.
    fn nonce(&self) -> String {
        match self.way.gateway {
            "dotwallet" => value(&value(&self.page, "redirect_uri"), "state"),
            _ => value(&self.page, "state"),
        }
    }

    /// The payer agrees at the gateway: where their browser is sent.
    async fn agrees(&self) -> String {
        self.agrees_as("").await
    }

    /// The same, for a payer that this DotWallet user is.
    async fn agrees_as(&self, user: &str) -> String {
        let browser = Browser::default();
        let shown = browser.open(&self.page).await;
        if self.way.gateway == "hicoin" {
            return shown.redirect();
        }
        assert_eq!(shown.status, 200, "{}", shown.text);
        assert!(shown.text.contains("id=\"authorize\"") && shown.text.contains("id=\"refuse\""));
        browser.press(&self.page, &format!("decision=authorize&user={user}")).await.redirect()
    }

    /// Goes through the login to its end.
    async fn logs_in(&self) {
        self.comes_back(&self.agrees().await).await;
    }

    /// The payer's browser opens the signer's address and goes on to the shop.
    async fn comes_back(&self, address: &str) -> Reply {
        let reply = Browser::default().open(address).await;
        assert_eq!(reply.status, 303, "{}", reply.text);
        assert_eq!(reply.header("location"), self.payment.body["return_url"]);
        reply
    }

    /// The payer's view of the payment.
    async fn view(&self, world: &World) -> Value {
        let path = format!("/v1/checkout/{}", self.payment.id);
        world.api.checkout_get(&path, &self.payment.secret).await.expect(200)
    }

    /// Asserts that it has been ordered exactly once, and for this payer.
    async fn is_ordered_once(&self, world: &World, payer: &str) -> Value {
        let number = &self.payment.body["order_id"];
        let orders = world.gateways.orders(self.way.gateway).await;
        let ours: Vec<_> = orders.iter().filter(|order| order["order_no"] == *number).collect();
        assert_eq!(ours.len(), 1, "{orders:?}");
        let sent = world.gateways.journal(self.way.gateway, self.way.submit).await;
        let sent: Vec<_> = sent
            .iter()
            .filter(|call| call["body"].to_string().contains(number.as_str().expect("a number")))
            .collect();
        assert_eq!(sent.len(), 1, "{sent:?}");
        assert!(sent[0]["body"].to_string().contains(payer), "{sent:?}");
        let payment = world.api.payment(&self.payment.id).await;
        assert_eq!(payment["attempts"].as_array().map(Vec::len), Some(1), "{payment}");
        let name = if self.way.gateway == "hicoin" { "openid" } else { "user_open_id" };
        assert_eq!(payment["method"], json!({"type": self.way.method, name: payer}));
        payment
    }

    /// Asserts that the gateway has been sent no order.
    async fn is_not_ordered(&self, world: &World) {
        let sent = world.gateways.journal(self.way.gateway, self.way.submit).await;
        let number = self.payment.body["order_id"].as_str().expect("a number");
        assert!(sent.iter().all(|call| !call["body"].to_string().contains(number)), "{sent:?}");
        let payment = world.api.payment(&self.payment.id).await;
        assert_eq!(payment["attempts"], json!([]));
    }
}

/// The payer whom a gateway's login names when nothing else was set.
fn usual_payer(way: &Way) -> &'static str {
    match way.gateway {
        "hicoin" => countersign_tests::keys::HICOIN_OPENID,
        _ => countersign_tests::keys::DOTWALLET_USER,
    }
}

/// What the payment comes to once its payer is known and nothing is in the way.
fn goes_on_to(way: &Way) -> &'static str {
    if way.gateway == "hicoin" { "requires_action" } else { "succeeded" }
}
