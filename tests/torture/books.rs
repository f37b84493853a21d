//! Everybody's books, as they stand at the end: the clients', the gateways', the shop's and the signer's ledger.

use std::collections::BTreeSet;

use serde_json::Value;

/// All books, to be compared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Books {
    /// What clients were told, one for each journey.
    pub(crate) clients: Vec<Client>,
    /// The ledger.
    pub(crate) payments: Vec<Payment>,
    /// `GET /v1/events`, in its order.
    pub(crate) events: Vec<Event>,
    /// What the shop received, in its order.
    pub(crate) arrivals: Vec<Arrival>,
    /// The gateways' orders.
    pub(crate) orders: Vec<Order>,
    /// What Hicoin has paid back.
    pub(crate) payouts: Vec<Payout>,
    /// Requests for orders that arrived at the gateways, in their order.
    pub(crate) submissions: Vec<Submission>,
    pub(crate) forgeries: Vec<Forged>,
    pub(crate) wallets: Vec<Wallet>,
}

/// What was acknowledged to the clients of one journey.
#[derive(Clone, Debug, Default)]
pub(crate) struct Client {
    pub(crate) order_id: String,
    pub(crate) account: String,
    pub(crate) amount: i64,
    /// Nobody confirmed it.
    pub(crate) is_bait: bool,
    pub(crate) created: Vec<CreateAnswer>,
    pub(crate) seen: Vec<Seen>,
    pub(crate) refunds: Vec<RefundAnswer>,
    /// Answers that no client should get.
    pub(crate) complaints: Vec<String>,
}

/// A 2xx answer to a create request.
#[derive(Clone, Debug)]
pub(crate) struct CreateAnswer {
    pub(crate) payment: String,
    pub(crate) keyed: bool,
    pub(crate) body: String,
}

/// A payment as an answer showed it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) payment: String,
    pub(crate) status: String,
    pub(crate) revision: i64,
    /// Milliseconds of the run.
    pub(crate) asked_at: u128,
    pub(crate) answered_at: u128,
}

/// A 2xx answer to a refund request.
#[derive(Clone, Debug)]
pub(crate) struct RefundAnswer {
    /// The merchant's own number or key, which the request carried each time.
    pub(crate) number: String,
    pub(crate) refund: String,
    pub(crate) amount: i64,
    pub(crate) keyed: bool,
    pub(crate) body: String,
}

/// A payment in the ledger.
#[derive(Clone, Debug, Default)]
pub(crate) struct Payment {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) gateway: String,
    pub(crate) method: String,
    pub(crate) order_id: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) status: String,
    pub(crate) revision: i64,
    /// Whether it has a time of payment.
    pub(crate) paid: bool,
    pub(crate) late: bool,
    pub(crate) amount_refunded: i64,
    pub(crate) gateway_order_no: Option<String>,
    /// The order numbers of its attempts.
    pub(crate) attempts: Vec<String>,
    pub(crate) refunds: Vec<Refund>,
    /// Ids and revisions of its own list of events.
    pub(crate) events: Vec<(String, i64)>,
}

/// A refund in the ledger.
#[derive(Clone, Debug)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) amount: i64,
    pub(crate) status: String,
}

/// An event in the ledger.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) payment: String,
    pub(crate) revision: i64,
    /// The payment's status in it.
    pub(crate) status: String,
    /// What a webhook of it must say, as canonical JSON.
    pub(crate) content: String,
}

/// One delivery that reached the shop.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) event: String,
    pub(crate) timestamp_s: i64,
    pub(crate) arrived_at_s: i64,
    /// Whether the public crate verifies it.
    pub(crate) verified: bool,
    pub(crate) raw: Vec<u8>,
    /// The answer was a success.
    pub(crate) taken: bool,
    /// It came where only a redirect leads.
    pub(crate) redirected: bool,
}

/// An order in a gateway's book.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    pub(crate) gateway: String,
    pub(crate) order_no: String,
    pub(crate) currency: String,
    pub(crate) state: String,
    /// What was paid, once it was.
    pub(crate) paid: Option<i64>,
    pub(crate) refunds: Vec<Back>,
    /// The replies to its notifications.
    pub(crate) told: Vec<String>,
    /// Whether one of them was an acknowledgement.
    pub(crate) acknowledged: bool,
}

/// Money that a gateway has given back.
#[derive(Clone, Debug)]
pub(crate) struct Back {
    pub(crate) refund_no: String,
    pub(crate) amount: i64,
}

/// A payout at Hicoin.
#[derive(Clone, Debug)]
pub(crate) struct Payout {
    pub(crate) refund_no: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
}

/// A request for an order.
#[derive(Clone, Debug)]
pub(crate) struct Submission {
    pub(crate) gateway: String,
    pub(crate) order_no: String,
    /// The code of a refusal that went out.
    pub(crate) refused: Option<String>,
}

/// A forged notification and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Forged {
    pub(crate) order_id: String,
    pub(crate) what: String,
    pub(crate) answered: u16,
}

/// A DotWallet user's money.
#[derive(Clone, Debug)]
pub(crate) struct Wallet {
    pub(crate) put_in: i64,
    pub(crate) left: i64,
    /// The miner's, for each automatic payment.
    pub(crate) fee: i64,
}

impl Order {
    /// Whether the gateway keeps money for it, or did before a refund.
    pub(crate) fn was_paid(&self) -> bool {
        self.paid.is_some() && self.state != "revoked"
    }
}

impl Payment {
    /// From `GET /v1/payments/{id}`.
    pub(crate) fn of(body: &Value) -> Self {
        let list = |name: &str| body[name].as_array().cloned().unwrap_or_default();
        let refund = |refund: &Value| Refund {
            id: text(&refund["id"]),
            amount: refund["amount"]["value"].as_i64().unwrap_or(-1),
            status: text(&refund["status"]),
        };
        let event = |event: &Value| (text(&event["id"]), event["revision"].as_i64().unwrap_or(-1));
        Self {
            id: text(&body["id"]),
            account: text(&body["account"]),
            gateway: text(&body["gateway"]),
            method: text(&body["method"]["type"]),
            order_id: text(&body["order_id"]),
            amount: body["amount"]["value"].as_i64().unwrap_or(-1),
            currency: text(&body["amount"]["currency"]),
            status: text(&body["status"]),
            revision: body["revision"].as_i64().unwrap_or(-1),
            paid: body["paid_at"].is_string(),
            late: body["late"] == true,
            amount_refunded: body["amount_refunded"]["value"].as_i64().unwrap_or(0),
            gateway_order_no: body["gateway_order_no"].as_str().map(str::to_owned),
            attempts: list("attempts").iter().map(|attempt| text(&attempt["order_no"])).collect(),
            refunds: list("refunds").iter().map(refund).collect(),
            events: list("events").iter().map(event).collect(),
        }
    }
}

impl Event {
    /// From an entry of `GET /v1/events`.
    pub(crate) fn of(body: &Value) -> Self {
        let mut content = body.clone();
        if let Some(members) = content.as_object_mut() {
            // What the webhook does not say.
            members.remove("id");
            members.remove("delivery");
        }
        Self {
            id: text(&body["id"]),
            kind: text(&body["type"]),
            payment: text(&body["data"]["id"]),
            revision: body["data"]["revision"].as_i64().unwrap_or(-1),
            status: text(&body["data"]["status"]),
            content: content.to_string(),
        }
    }
}

impl Order {
    /// From a simulator's list.
    pub(crate) fn of(gateway: &str, body: &Value) -> Self {
        let back = |refund: &Value| {
            let gone = matches!(refund["status"].as_str(), Some("succeeded"));
            gone.then(|| Back {
                refund_no: text(&refund["refund_no"]),
                amount: refund["amount"].as_i64().unwrap_or(-1),
            })
        };
        let told = |delivery: &Value| {
            let (at, status) = (text(&delivery["at"]), &delivery["status"]);
            format!("{at} {status} {}", text(&delivery["body"]))
        };
        let notifications = body["notifications"].as_array().map_or(&[][..], Vec::as_slice);
        Self {
            told: notifications.iter().map(told).collect(),
            acknowledged: notifications.iter().any(|delivery| delivery["acknowledged"] == true),
            gateway: gateway.to_owned(),
            order_no: text(&body["order_no"]),
            currency: text(&body["currency"]),
            state: text(&body["status"]),
            paid: body["paid_amount"].as_i64(),
            refunds: body["refunds"].as_array().into_iter().flatten().filter_map(back).collect(),
        }
    }
}

impl Submission {
    /// From an entry of the simulators' journal, when it is one.
    pub(crate) fn of(entry: &Value) -> Option<Self> {
        let places = ["pay_small_money", "create_order", "apply_pay", "pay", "preOrder"];
        let endpoint = entry["endpoint"].as_str().filter(|endpoint| places.contains(endpoint))?;
        let fields = &entry["fields"];
        let order_no = match endpoint {
            "preOrder" => {
                let business = fields["biz_content"].as_str().unwrap_or_default();
                let business: Value = serde_json::from_str(business).unwrap_or_default();
                text(&business["out_trade_no"])
            }
            _ if fields["merchant_order_sn"].is_string() => text(&fields["merchant_order_sn"]),
            _ => text(&fields["out_trade_no"]),
        };
        let readable = entry["answer"]["body"].as_str().is_some_and(|body| body.starts_with('{'));
        let went_out = readable && entry["answer"]["status"] == 200 && entry["verdict"] == "refused";
        let refused = entry["reason"].as_str().filter(|_| went_out);
        let code = refused.and_then(|reason| reason.split(':').next()).map(str::to_owned);
        Some(Self { gateway: text(&entry["gateway"]), order_no, refused: code })
    }
}

/// Currencies that occur.
pub(crate) fn currencies(books: &Books) -> BTreeSet<(String, String)> {
    books.payments.iter().map(|payment| (payment.account.clone(), payment.currency.clone())).collect()
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
