//! The codes that Jubao and BlueOcean share, in both envelopes and in both at once: placing an order, and asking for it.

use countersign_tests::{BLUEOCEAN_ALIPAY_QRCODE, JUBAO_WECHAT_H5, Way};
use serde_json::{Value, json};

use super::{UNHEARD_OF, comes_to, confirmed_into, published, quiet_world, sync, throw};

const TABLE: &str = include_str!("../../vectors/codes/jubao_blueocean.json");

/// What each code means for an order that is being placed; `None` where it is no refusal at all under some name: 0 is
/// success as `ret`, 200 as `code`.
pub(super) fn class(code: i64) -> Option<&'static str> {
    Some(match code {
        0 | 200 => return None,
        4005 | 4006 | 40400 | 492_006 | 492_007 => "retry",
        404 | 4001..=4004 | 4007 | 40100 | 40107 | 40109 | 40110 => "configuration",
        490_001 | 491_001..=491_003 | 492_001 | 492_003 => "configuration",
        40111 => "payer",
        40103..=40105 | 40108 | 40500 | 493_001 => "final",
        201 | 40101 | 40102 | 40106 | 40600 | 492_002 | 492_004 | 492_005 | 499_999 => "query",
        UNHEARD_OF => "query",
        other => panic!("{other} is printed nowhere"),
    })
}

/// Every printed code, and one that is not.
pub(super) fn codes() -> Vec<i64> {
    let mut codes: Vec<i64> = published(TABLE).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes.len(), 39);
    codes.push(UNHEARD_OF);
    codes
}

#[tokio::test]
async fn every_code_that_refuses_an_order_of_jubao_comes_to_what_it_means() {
    refuses_orders("jubao", "ret").await;
    refuses_orders("jubao", "code").await;
}

#[tokio::test]
async fn every_code_that_refuses_an_order_of_blueocean_comes_to_what_it_means() {
    refuses_orders("blueocean", "code").await;
    refuses_orders("blueocean", "ret").await;
}

#[tokio::test]
async fn every_code_in_both_envelopes_at_once_comes_to_what_it_means() {
    refuses_orders("jubao", "both").await;
    refuses_orders("blueocean", "both").await;
}

async fn refuses_orders(gateway: &str, envelope: &str) {
    let world = quiet_world().await;
    world.gateways.dress(gateway, &json!({"envelope": envelope})).await;
    // The codes go round the gateway's methods.
    let ways: Vec<Way> = Way::at(gateway).collect();
    for (code, way) in codes().into_iter().zip(ways.iter().cycle()) {
        let (_, view) = confirmed_into(&world, way, code).await;
        match class(code) {
            Some(class) => comes_to(&view, class, code),
            None => {
                assert_eq!(view["status"], "processing", "{code} without an order is no order: {view}");
                let failure = &view["failure"];
                assert!(failure.is_null() || failure["class"] == "query", "{view}");
            }
        }
    }
    assert_eq!(world.gateways.orders(gateway).await, Vec::<Value>::new());
}

#[tokio::test]
async fn no_code_that_refuses_a_question_says_anything_of_the_order() {
    for way in [JUBAO_WECHAT_H5, BLUEOCEAN_ALIPAY_QRCODE] {
        for envelope in ["ret", "code"] {
            let world = quiet_world().await;
            world.gateways.dress(way.gateway, &json!({"envelope": envelope})).await;
            let order = world.order(&way);
            let payment = world.api.create(&order).await;
            let open = world.api.confirm(&payment).await;
            for code in codes() {
                throw(&world, way.gateway, way.query, code).await;
                let asked = sync(&world, &payment).await;
                assert_eq!(asked["status"], "requires_action", "{code}: {asked}");
                assert_eq!(asked["next_action"], open["next_action"], "{code}");
            }
            let order_no = order["order_id"].as_str().expect("a number");
            let replies = world.gateways.pay(way.gateway, order_no, &json!({})).await;
            assert_eq!(replies, [way.taken()]);
            assert_eq!(world.api.payment(&payment.id).await["status"], "succeeded");
        }
    }
}
