//! A visitor and the shop.

use countersign_tests::run;
use serde_json::json;

use crate::sample::{Sample, on_the_path, root};
use crate::stage::{Stage, payment};

pub(crate) async fn an_order_is_paid_at_the_servers_price_and_fulfilled_once(sample: Sample) {
    let stage = Stage::of(sample).await;
    let visitor = stage.visitor();
    let wish = json!({"sku": "tea", "price": 1, "value": 1, "amount": {"value": 1, "currency": "HKD"}, "account": "shop"});
    let opened = visitor.post("/cart/pay", &wish).await.expect(200);
    assert_eq!(opened["signer"], stage.world.api.url.as_str());
    let id = opened["paymentId"].as_str().expect("a payment");
    let signed = stage.world.api.payment(id).await;
    assert_eq!(signed["amount"], json!({"value": 1000, "currency": "HKD"}));
    assert_eq!((&signed["order_id"], &signed["account"]), (&opened["orderId"], &json!("hk")));
    let order_id = opened["orderId"].as_str().expect("an order number");
    assert_eq!(signed["return_url"], format!("http://shop.example/?order={order_id}"));
    assert_eq!(stage.order(&visitor, &opened).await["parcels"], 0, "nothing is packed before it is paid");

    stage.pays(&opened, &json!({})).await;
    let order = stage.until(&visitor, &opened, "succeeded").await;
    assert_eq!(order["parcels"], 1, "{order}");
    assert_eq!(order["amount"], json!({"value": 1000, "currency": "HKD"}));
    assert_eq!(order["needs_person"], false);
    let told = stage.post.until(id, "payment.succeeded", 1).await;
    assert_eq!(told[0].answered, Some(204));
    assert_eq!(stage.fulfilled(order_id), 1, "{}", stage.said());
    stage.keeps_its_secrets(&visitor);
}

pub(crate) async fn pressing_twice_is_one_order_and_one_payment(sample: Sample) {
    let stage = Stage::of(sample).await;
    let visitor = stage.visitor();
    let first = visitor.buys("tea").await;
    let (second, third) = tokio::join!(visitor.buys("tea"), visitor.buys("tea"));
    assert_eq!((&first, &first), (&second, &third));
    assert_eq!(stage.payments(first["orderId"].as_str().expect("a number")).await, 1);
    let cup = visitor.buys("cup").await;
    assert_ne!(cup["orderId"], first["orderId"]);
    // What is paid is over: the next one is another order.
    stage.pays(&first, &json!({})).await;
    stage.until(&visitor, &first, "succeeded").await;
    assert_ne!(visitor.buys("tea").await["orderId"], first["orderId"]);
}

pub(crate) async fn what_the_shop_does_not_sell_is_refused_by_its_field(sample: Sample) {
    let stage = Stage::of(sample).await;
    let visitor = stage.visitor();
    for wish in [
        json!({"sku": "gold"}),
        json!({}),
        json!({"sku": 7}),
        json!({"sku": "__proto__"}),
        json!({"sku": null}),
    ] {
        let refused = visitor.post("/cart/pay", &wish).await;
        let problem = refused.expect(422);
        assert_eq!(problem["code"], "invalid_request", "{wish}: {problem}");
        assert_eq!(problem["errors"][0]["field"], "sku", "{wish}: {problem}");
    }
    let list = stage.world.api.get("/v1/payments").await.expect(200);
    assert_eq!(list["data"], json!([]), "nothing was created");
}

pub(crate) async fn a_stranger_learns_nothing_of_an_order(sample: Sample) {
    let stage = Stage::of(sample).await;
    let (visitor, stranger) = (stage.visitor(), stage.visitor());
    let opened = visitor.buys("tea").await;
    stranger.buys("cup").await;
    let path = format!("/orders/{}", opened["orderId"].as_str().expect("a number"));
    let unknown = "/orders/A0000000000000000";
    for who in [&stranger, &stage.visitor()] {
        let hidden = who.get(&path).await;
        let absent = who.get(unknown).await;
        assert_eq!(
            (hidden.expect(404), &hidden.text),
            (absent.expect(404), &absent.text),
            "as if there were none"
        );
        who.post(&format!("{path}/secret"), &json!({})).await.expect(404);
        assert!(!who.heard().contains(opened["paymentId"].as_str().expect("an id")));
    }
    // And the payer's secret was left alone by it.
    stage.confirms(&opened).await;
}

pub(crate) async fn another_tab_gets_a_new_secret_and_the_old_one_stops_working(sample: Sample) {
    let stage = Stage::of(sample).await;
    let visitor = stage.visitor();
    let opened = visitor.buys("tea").await;
    let path = format!("/orders/{}/secret", opened["orderId"].as_str().expect("a number"));
    let renewed = visitor.post(&path, &json!({})).await.expect(200);
    assert_eq!(renewed["paymentId"], opened["paymentId"]);
    assert_ne!(renewed["clientSecret"], opened["clientSecret"]);
    stage.confirms(&renewed).await;
    stage.world.api.try_confirm(&payment(&opened), &json!({})).await.problem(401, "unauthorized");
}

pub(crate) async fn the_page_is_served_under_a_strict_policy(sample: Sample) {
    let stage = Stage::of(sample).await;
    let visitor = stage.visitor();
    let page = visitor.get("/").await;
    assert_eq!(page.status.as_u16(), 200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert_eq!(
        page.header("content-security-policy"),
        format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
             connect-src 'self' {}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
            stage.world.api.url
        )
    );
    assert_eq!(page.header("referrer-policy"), "strict-origin-when-cross-origin");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert!(!page.text.contains("<style") && !page.text.contains("style=") && !page.text.contains("onclick"));
    for (path, kind) in [
        ("/shop.js", "javascript"),
        ("/shop.css", "text/css"),
        ("/checkout/index.js", "javascript"),
        ("/checkout/checkout_core_bg.wasm", "application/wasm"),
    ] {
        let file = visitor.get(path).await;
        assert_eq!(file.status.as_u16(), 200, "{path}: is wasm/dist built? `cargo xtask wasm`");
        assert!(file.header("content-type").contains(kind), "{path}: {}", file.header("content-type"));
    }
    assert_no_way_out(&stage).await;
    stage.keeps_its_secrets(&visitor);
}

/// The script beside the browser journeys presses the button, pays, and looks at it again in another tab.
pub(crate) async fn the_page_takes_a_payment_in_a_browser(sample: Sample) {
    let stage = Stage::of(sample).await;
    let script = root().join("tests/browser/sample_page.js");
    let env = ["PATH", "HOME", "CHROMIUM"]
        .into_iter()
        .filter_map(|name| Some((name.into(), std::env::var(name).ok()?)));
    let arguments = [script.to_str().expect("a readable name"), stage.url(), &stage.world.gateways.url];
    let ended = run(&on_the_path("node"), &arguments, &env.collect()).await;
    assert_eq!(ended.code, Some(0), "{}{}\n{}", ended.stdout, ended.stderr, stage.said());
}

/// What lies beside the page stays there.
async fn assert_no_way_out(stage: &Stage) {
    let visitor = stage.visitor();
    for path in [
        "..%2FREADME.md",
        "%2e%2e/README.md",
        "checkout/..%2f..%2fCargo.toml",
        "checkout/%2e%2e/package.json",
    ] {
        let reply = visitor.get(&format!("/{path}")).await;
        assert!(!reply.status.is_success(), "{path}: {}", reply.text);
    }
}
