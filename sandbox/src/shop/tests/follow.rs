use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::OpenShop;

/// A page that follows orders, as a browser's `EventSource` does.
struct Page {
    response: reqwest::Response,
    text: String,
}

impl Page {
    async fn open(shop: &OpenShop, path: &str) -> Self {
        let response = shop.browser.get(shop.at(path)).send().await.expect("the shop answers");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self { response, text: String::new() }
    }

    /// The next message's name and data; none when the stream has ended.
    async fn message(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((message, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| message.lines().find_map(|line| line.strip_prefix(name));
                let name = field("event: ").expect("a name").to_owned();
                let data = field("data: ").map(|data| serde_json::from_str(data).expect("JSON"));
                self.text = rest.to_owned();
                match data {
                    Some(data) => return Some((name, data)),
                    None => continue,
                }
            }
            let chunk = tokio::time::timeout(Duration::from_secs(10), self.response.chunk());
            let chunk = chunk.await.expect("in time").expect("unbroken")?;
            self.text.push_str(std::str::from_utf8(&chunk).expect("text"));
        }
    }

    /// Reads on until an order has this status.
    async fn until(&mut self, status: &str) -> Value {
        loop {
            let (_, orders) = self.message().await.expect("the stream goes on");
            if let Some(order) = orders.as_array().expect("a list").iter().find(|it| it["status"] == status) {
                return order.clone();
            }
        }
    }
}

async fn ordered(shop: &OpenShop) -> String {
    shop.order_by("jubao_wechat_h5").await["order_id"].as_str().expect("a number").to_owned()
}

fn event(order_id: &str, status: &str, revision: u64) -> Value {
    super::event(order_id, ("shop", json!({"value": 560, "currency": "CNY"})), status, revision)
}

#[tokio::test]
async fn a_page_is_told_all_orders_at_first_and_then_each_one_that_a_webhook_changed() {
    let shop = OpenShop::new().await;
    let (first, second) = (ordered(&shop).await, ordered(&shop).await);
    let mut page = Page::open(&shop, "/api/orders/stream").await;
    let (name, orders) = page.message().await.expect("a message");
    let numbers: Vec<_> = orders.as_array().expect("a list").iter().map(|it| &it["order_id"]).collect();
    assert_eq!((name.as_str(), numbers.len()), ("all", 2));
    assert!(numbers.contains(&&json!(first)) && numbers.contains(&&json!(second)));

    shop.tell("msg_1", &event(&first, "succeeded", 2)).await;
    let (name, changed) = page.message().await.expect("a message");
    assert_eq!((name.as_str(), changed.as_array().map(Vec::len)), ("changed", Some(1)));
    assert_eq!(changed[0], shop.order(&first).await, "the message is the whole order");
    assert_eq!(changed[0]["status"], "succeeded");
}

#[tokio::test]
async fn a_page_that_follows_one_order_hears_of_no_other() {
    let shop = OpenShop::new().await;
    let (mine, other) = (ordered(&shop).await, ordered(&shop).await);
    let mut page = Page::open(&shop, &format!("/api/orders/{mine}/stream")).await;
    assert_eq!(page.message().await.expect("a message").1.as_array().map(Vec::len), Some(1));
    shop.tell("msg_1", &event(&other, "succeeded", 2)).await;
    shop.tell("msg_2", &event(&mine, "expired", 2)).await;
    let (_, changed) = page.message().await.expect("a message");
    assert_eq!((&changed[0]["order_id"], changed.as_array().map(Vec::len)), (&json!(mine), Some(1)));
}

#[tokio::test]
async fn a_slow_reader_gets_the_present_state_and_no_queue_of_old_ones() {
    let shop = OpenShop::new().await;
    let order_id = ordered(&shop).await;
    let mut page = Page::open(&shop, "/api/orders/stream").await;
    for revision in 2..60 {
        shop.tell(&format!("msg_{revision}"), &event(&order_id, "processing", revision)).await;
    }
    shop.tell("msg_60", &event(&order_id, "succeeded", 60)).await;
    assert_eq!(page.until("succeeded").await["revision"], json!(60));
}

#[tokio::test]
async fn another_visitors_order_and_its_talk_are_not_there() {
    let shop = OpenShop::new().await;
    let order_id = ordered(&shop).await;
    let stranger = shop.new_visitor().await;
    for what in ["stream", "happenings"] {
        let answer = shop.get_as(&stranger, &format!("/api/orders/{order_id}/{what}")).await;
        assert_eq!((answer.status, answer.json()["code"].clone()), (404, json!("unknown_order")), "{what}");
    }
}

#[tokio::test]
async fn an_order_that_may_still_be_forgotten_is_shown_to_no_page() {
    let shop = OpenShop::new().await;
    let kept = ordered(&shop).await;
    let mut page = Page::open(&shop, "/api/orders/stream").await;
    page.message().await.expect("a message");
    shop.signer.refuse(StatusCode::UNPROCESSABLE_ENTITY, "invalid_request", json!([]));
    assert_eq!(shop.try_to_order("jubao_wechat_h5", json!({})).await.status, 502);
    shop.tell("msg_1", &event(&kept, "succeeded", 2)).await;
    let (_, changed) = page.message().await.expect("a message");
    assert_eq!((&changed[0]["order_id"], changed.as_array().map(Vec::len)), (&json!(kept), Some(1)));
}

#[tokio::test]
async fn a_visitor_has_four_pages_that_follow_and_no_fifth_until_one_is_closed() {
    let shop = OpenShop::new().await;
    let mut pages = Vec::new();
    for _ in 0..4 {
        let mut page = Page::open(&shop, "/api/orders/stream").await;
        page.message().await.expect("a message");
        pages.push(page);
    }
    let refused = shop.get("/api/orders/stream").await;
    assert_eq!((refused.status, refused.json()["code"].clone()), (503, json!("too_many_followers")));
    let stranger = shop.new_visitor().await;
    let other = stranger.get(shop.at("/api/orders/stream")).send().await.expect("an answer");
    assert_eq!(other.status(), 200, "another visitor is not kept out");
    pages.pop();
    let again = async {
        while shop.browser.get(shop.at("/api/orders/stream")).send().await.expect("an answer").status() != 200
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), again).await.expect("the place is free again");
}

#[tokio::test]
async fn a_shop_that_closes_ends_the_streams_and_does_not_wait_for_the_pages() {
    let shop = OpenShop::new().await;
    let mut page = Page::open(&shop, "/api/orders/stream").await;
    page.message().await.expect("a message");
    let closing = tokio::time::timeout(Duration::from_secs(2), shop.shop.stop());
    closing.await.expect("before the grace is over").expect("a shop that closes");
    assert!(page.message().await.is_none(), "the stream has ended");
}
