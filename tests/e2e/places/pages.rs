//! The page of a DotWallet order: one for computers, one for phones.

use countersign_tests::{Browser, DOTWALLET_ORDER, World};
use serde_json::{Value, json};

use super::confirm_with;

const COMPUTER: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36";
const PHONE: &str =
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36";

async fn path_of_page(world: &World, agent: &str, body: &Value) -> String {
    let payment = world.api.create(&world.order(&DOTWALLET_ORDER)).await;
    let view = confirm_with(world, &payment, &[("user-agent", agent)], body).await.expect(200);
    let url = view["next_action"]["url"].as_str().expect("an address").to_owned();
    let (page, query) = url.split_once('?').expect("a query");
    let number = payment.body["order_id"].as_str().expect("a number");
    let booked = world.gateways.order("dotwallet", number).await;
    assert_eq!(query, format!("order_sn={}", booked["gateway_order_no"].as_str().expect("a number")));
    page.strip_prefix(&world.gateways.url).expect("a page of the gateway").to_owned()
}

#[tokio::test]
async fn an_order_opens_on_the_page_for_the_payers_device() {
    let world = World::start().await;
    const DESKTOP: &str = "/dotwallet/desktop/open/order";
    const WALLET: &str = "/dotwallet/wallet/open/order";
    for (agent, body, expected) in [
        (COMPUTER, json!({}), DESKTOP),
        (PHONE, json!({}), WALLET),
        ("", json!({}), DESKTOP),
        // What the page says counts more than what the browser calls itself.
        (PHONE, json!({"environment": "desktop"}), DESKTOP),
        (COMPUTER, json!({"environment": "mobile"}), WALLET),
        (COMPUTER, json!({"environment": "wechat"}), WALLET),
        (COMPUTER, json!({"environment": "alipay"}), WALLET),
    ] {
        assert_eq!(path_of_page(&world, agent, &body).await, expected, "{body} in {agent}");
    }
}

#[tokio::test]
async fn pages_and_paths_can_be_those_of_the_other_documents() {
    for (prefix, create) in
        [("/openapi", "create_order"), ("/openapi", "apply_order"), ("/platform/openapi", "order")]
    {
        let world = World::with(|settings| {
            settings.set("accounts.wallet.create_order_path", format!("{prefix}/{create}"));
            settings.set("accounts.wallet.search_order_path", format!("{prefix}/search_order/"));
            settings.set("accounts.wallet.pay_small_money_path", format!("{prefix}/pay_small_money"));
            settings.set("accounts.wallet.desktop_order_path", "/desktop/open/pay");
            settings.set("accounts.wallet.wallet_order_path", "/wallet/open/pay");
        })
        .await;
        assert_eq!(path_of_page(&world, COMPUTER, &json!({})).await, "/dotwallet/desktop/open/pay");
        assert_eq!(path_of_page(&world, PHONE, &json!({})).await, "/dotwallet/wallet/open/pay");
        let order = world.order(&DOTWALLET_ORDER);
        let payment = world.api.create(&order).await;
        world.api.confirm(&payment).await;
        let order_no = order["order_id"].as_str().expect("a number");
        assert_eq!(world.gateways.pay("dotwallet", order_no, &json!({})).await, [DOTWALLET_ORDER.taken()]);
        world.api.until_status(&payment.id, "succeeded").await;
    }
}

#[tokio::test]
async fn the_payer_pays_on_the_page_and_comes_back() {
    let world = World::start().await;
    world.fill_wallet().await;
    let payment = world.api.create(&world.order(&DOTWALLET_ORDER)).await;
    let view = world.api.confirm(&payment).await;
    let page = view["next_action"]["url"].as_str().expect("an address");
    let shown = Browser::default().open(page).await;
    assert!(shown.text.contains("id=\"pay\""), "{}", shown.text);
    Browser::default().press(page, "decision=pay").await;
    world.api.until_status(&payment.id, "succeeded").await;
}
