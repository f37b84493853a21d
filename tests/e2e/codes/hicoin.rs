//! Hicoin's codes. Its H5 document publishes one; those of the company's other product prove nothing here.

use countersign_tests::{Browser, HICOIN_H5, HICOIN_JSAPI};
use serde_json::{Value, json};

use super::{UNHEARD_OF, comes_to, confirmed_into, published, quiet_world, sync, throw};
use crate::judge;

const TABLE: &str = include_str!("../../vectors/codes/hicoin.json");

fn codes() -> Vec<i64> {
    let mut codes: Vec<i64> = published(TABLE).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, [110_043, 100_004, 100_005, 100_007, 110_088]);
    codes.push(UNHEARD_OF);
    codes
}

#[tokio::test]
async fn every_code_that_refuses_an_order_comes_to_what_it_means() {
    let world = quiet_world().await;
    for (code, way) in codes().into_iter().zip([HICOIN_H5, HICOIN_JSAPI].iter().cycle()) {
        let (_, view) = confirmed_into(&world, way, code).await;
        comes_to(&view, if code == 110_043 { "configuration" } else { "query" }, code);
    }
    assert_eq!(world.gateways.orders("hicoin").await, Vec::<Value>::new());
}

#[tokio::test]
async fn no_code_that_refuses_a_question_says_anything_of_the_order() {
    let world = quiet_world().await;
    let order = world.order(&HICOIN_H5);
    let payment = world.api.create(&order).await;
    let open = world.api.confirm(&payment).await;
    for code in codes() {
        for endpoint in ["queryOrder", "access_token"] {
            throw(&world, "hicoin", endpoint, code).await;
            let asked = sync(&world, &payment).await;
            assert_eq!(asked["status"], "requires_action", "{endpoint} {code}: {asked}");
            assert_eq!(asked["next_action"], open["next_action"], "{endpoint} {code}");
            world.gateways.clear_faults("hicoin").await;
        }
    }
    let order_no = order["order_id"].as_str().expect("a number");
    assert_eq!(world.gateways.pay("hicoin", order_no, &json!({})).await, [HICOIN_H5.taken()]);
    assert_eq!(world.api.payment(&payment.id).await["status"], "succeeded");
}

#[tokio::test]
async fn the_texts_of_the_authorise_page_leave_the_payment_waiting_for_its_payer() {
    let world = quiet_world().await;
    let mut order = world.order(&HICOIN_H5);
    order["method"] = json!({"type": "hicoin_h5"});
    let payment = world.api.create(&order).await;
    let waiting = world.api.confirm(&payment).await;
    assert_eq!(
        (&waiting["next_action"]["type"], &waiting["next_action"]["purpose"]),
        (&json!("redirect"), &json!("login"))
    );
    let page = waiting["next_action"]["url"].as_str().expect("an address").to_owned();
    for (setting, back, text) in [
        (json!({"inside_app": false}), json!({"inside_app": true}), "请在APP中访问此页面"),
        (
            json!({"redirect_domain": "https://elsewhere.example"}),
            json!({"redirect_domain": null}),
            "无效的redirect_uri",
        ),
    ] {
        world.gateways.switch("hicoin", setting).await;
        let shown = Browser::default().open(&page).await;
        assert!(shown.text.contains(text), "{}", shown.text);
        assert_eq!(world.api.payment(&payment.id).await["revision"], waiting["revision"]);
        world.gateways.switch("hicoin", back).await;
    }
    let logged_in = Browser::default().open(&page).await;
    assert!(!logged_in.text.contains("id=\"error\""), "{}", logged_in.text);
}

#[tokio::test]
async fn no_code_that_refuses_a_login_lets_anybody_in() {
    let world = quiet_world().await;
    for code in codes() {
        let mut order = world.order(&HICOIN_H5);
        order["method"] = json!({"type": "hicoin_h5"});
        let payment = world.api.create(&order).await;
        let waiting = world.api.confirm(&payment).await;
        let page = waiting["next_action"]["url"].as_str().expect("an address");
        let back = Browser::default().open(page).await.redirect();
        throw(&world, "hicoin", "sns_access_token", code).await;
        let done = Browser::default().open(&back).await;
        assert_eq!(done.redirect(), order["return_url"].as_str().expect("an address"));
        let after = world.api.payment(&payment.id).await;
        assert_eq!(after["status"], "requires_action", "{code}: {after}");
        let class = after["failure"]["class"].as_str().expect("a class");
        judge::failure(&judge::without_hint(&after["failure"]), class);
        assert!(class != "query", "a login that fails is over: {after}");
        assert_ne!(after["next_action"]["url"], waiting["next_action"]["url"], "a login with another nonce");
        world.gateways.clear_faults("hicoin").await;
    }
    assert!(world.gateways.journal("hicoin", "preOrder").await.is_empty());
}
