//! After the storm: everything comes to rest, and then all books are collected.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use axum::http::Method;
use countersign_tests::{Api, Control, keys};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::books::{Books, Event, Order, Payment, Payout, Refund, text};
use crate::storm::{GATEWAYS, Storm};
use crate::wallets;

const GLANCE: Duration = Duration::from_millis(500);
/// Payments that are read at one time.
const READERS: usize = 16;

/// What was still moving when the time was over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Restless {
    open: usize,
    refunds: usize,
    untold: usize,
}

/// Waits until all is at rest, or until nothing has moved for `patience`; gives how long it took, and what is not at rest.
pub(crate) async fn settle(storm: &Storm, patience: Duration) -> (Duration, Option<Restless>) {
    let began = Instant::now();
    let (mut told_at, mut moved_at, mut last) = (began, began, None);
    loop {
        let restless = restless(storm).await;
        if restless != last {
            (moved_at, last) = (Instant::now(), restless.clone());
        }
        let is_over = moved_at.elapsed() > patience;
        if restless.is_none() || is_over {
            return (began.elapsed(), restless);
        }
        if told_at.elapsed() > Duration::from_secs(5) {
            told_at = Instant::now();
            println!("{:>5} s  not at rest: {restless:?}", storm.began.elapsed().as_secs());
        }
        tokio::time::sleep(GLANCE).await;
    }
}

async fn restless(storm: &Storm) -> Option<Restless> {
    let api = &storm.world.api;
    let mut open = 0;
    for status in ["created", "requires_action", "processing"] {
        let page = get(api, &format!("/v1/payments?status={status}&limit=100")).await;
        open += page["data"].as_array().map_or(0, Vec::len);
    }
    let mut refunds = 0;
    for story in &storm.stories {
        let client = story.client();
        if let (Some(created), false) = (client.created.first(), client.refunds.is_empty()) {
            let list = get(api, &format!("/v1/payments/{}/refunds", created.payment)).await;
            let under_way = |refund: &&Value| refund["status"] == "processing";
            refunds += list["data"].as_array().into_iter().flatten().filter(under_way).count();
        }
        // One that still moves is enough to wait.
        if refunds > 0 {
            break;
        }
    }
    let taken: HashSet<String> =
        storm.shop.arrivals().into_iter().filter(|arrival| arrival.taken).map(|a| a.event).collect();
    let events = api.events().await;
    let untold = events.iter().filter(|event| !taken.contains(&text(&event["id"]))).count();
    (open + refunds + untold > 0).then_some(Restless { open, refunds, untold })
}

/// What the machine left to a person is looked up by one: a gateway that could not be asked for long answers now.
pub(crate) async fn look_at_what_is_left(storm: &Storm) {
    let api = &storm.world.api;
    for payment in payments(api).await {
        let in_doubt = |refund: &Refund| refund.status == "review";
        if payment.status == "review" || payment.refunds.iter().any(in_doubt) {
            api.post(&format!("/v1/payments/{}/sync", payment.id), &json!({})).await.expect(200);
        }
    }
}

/// Everybody's books.
pub(crate) async fn collect(storm: &Storm) -> Books {
    let (api, gateways) = (&storm.world.api, &storm.stage.gateways);
    Books {
        clients: storm.stories.iter().map(crate::story::Story::client).collect(),
        payments: payments(api).await,
        events: api.events().await.iter().map(Event::of).collect(),
        arrivals: storm.shop.arrivals(),
        orders: orders(gateways).await,
        payouts: payouts(gateways).await,
        submissions: storm.submissions.clone(),
        forgeries: storm.stage.all_forged(),
        wallets: wallets::count(gateways).await,
    }
}

async fn payments(api: &Api) -> Vec<Payment> {
    let mut ids: Vec<String> = list(api, "").await.iter().map(|payment| text(&payment["id"])).collect();
    let (mut reading, mut read) = (JoinSet::new(), Vec::new());
    while !ids.is_empty() || !reading.is_empty() {
        while reading.len() < READERS
            && let Some(id) = ids.pop()
        {
            let api = api.clone();
            reading.spawn(async move { Payment::of(&api.payment(&id).await) });
        }
        if let Some(payment) = reading.join_next().await {
            read.push(payment.expect("a payment can be read"));
        }
    }
    read
}

/// All payments that a filter lets through.
async fn list(api: &Api, filter: &str) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = get(api, &format!("/v1/payments?limit=100{filter}{after}")).await;
        all.extend(page["data"].as_array().expect("a list").iter().cloned());
        match all.last() {
            Some(last) if page["has_more"] == true => after = format!("&after={}", text(&last["id"])),
            _ => return all,
        }
    }
}

async fn get(api: &Api, path: &str) -> Value {
    let request = api.request(Method::GET, path).bearer_auth(keys::API_KEY);
    api.send(request).await.expect(200)
}

async fn orders(gateways: &Control) -> Vec<Order> {
    let mut all = Vec::new();
    for gateway in GATEWAYS {
        all.extend(gateways.orders(gateway).await.iter().map(|order| Order::of(gateway, order)));
    }
    all
}

async fn payouts(gateways: &Control) -> Vec<Payout> {
    let payout = |transfer: &Value| Payout {
        refund_no: text(&transfer["out_trade_no"]),
        amount: transfer["total_amount"].as_i64().unwrap_or(-1),
        currency: text(&transfer["settle_currency"]),
    };
    let made = gateways.payouts().await;
    made.iter().filter(|transfer| transfer["status"] == "SUCCESS").map(payout).collect()
}
