//! The states that a look-up can tell, in words or numbers, and what each means for a payment that is still open.

use countersign_tests::{BLUEOCEAN_ALIPAY_QRCODE, DOTWALLET_ORDER, HICOIN_H5, JUBAO_WECHAT_H5, Way, World};
use serde_json::{Value, json};

use super::{open, sync};
use crate::judge;

/// What each gateway's documents print, and what stands for none of them.
fn states(way: &Way) -> Vec<(Value, &'static str)> {
    match way.gateway {
        "dotwallet" => vec![
            (json!(0), "requires_action"),
            (json!("0"), "requires_action"),
            (json!(-1), "failed"),
            (json!("-1"), "failed"),
            (json!(9), "succeeded"),
            (json!("9"), "succeeded"),
            (json!(5), "requires_action"),
            (json!("paid"), "requires_action"),
            (json!(null), "requires_action"),
        ],
        "jubao" => vec![
            (json!(1), "requires_action"),
            (json!("1"), "requires_action"),
            (json!(2), "succeeded"),
            (json!("2"), "succeeded"),
            (json!(3), "refunded"),
            (json!("3"), "refunded"),
            (json!(4), "expired"),
            (json!("4"), "expired"),
            (json!(5), "requires_action"),
            (json!("SUCCESS"), "requires_action"),
            (json!(""), "requires_action"),
        ],
        "blueocean" => vec![
            (json!("NOTPAY"), "requires_action"),
            (json!("USERPAYING"), "requires_action"),
            (json!("SUCCESS"), "succeeded"),
            (json!("REFUND"), "refunded"),
            (json!("CLOSED"), "expired"),
            (json!("REVOKED"), "expired"),
            (json!("PAYERROR"), "failed"),
            (json!("PAID"), "requires_action"),
            (json!(2), "requires_action"),
            (json!(""), "requires_action"),
        ],
        _ => vec![
            (json!("NOTPAY"), "requires_action"),
            (json!("UNKNOW"), "requires_action"),
            (json!("UNKNOWN"), "requires_action"),
            (json!("SUCCESS"), "succeeded"),
            (json!("CLOSED"), "expired"),
            (json!("PAID"), "requires_action"),
            (json!(2), "requires_action"),
            (json!(""), "requires_action"),
        ],
    }
}

#[tokio::test]
async fn every_state_that_a_look_up_tells_comes_to_what_it_means() {
    for way in [DOTWALLET_ORDER, JUBAO_WECHAT_H5, BLUEOCEAN_ALIPAY_QRCODE, HICOIN_H5] {
        let world = World::with(|settings| settings.set("polling.open_s", vec![600])).await;
        for (state, expected) in states(&way) {
            world.gateways.dress(way.gateway, &json!({})).await;
            let (payment, _) = open(&world, &way).await;
            world.gateways.dress(way.gateway, &json!({"state": state})).await;
            let asked = sync(&world, &payment).await;
            assert_eq!(asked["status"], expected, "{} {state}: {asked}", way.gateway);
            assert_eq!(asked["next_action"].is_null(), expected != "requires_action", "{state}: {asked}");
            if expected == "failed" {
                let class = asked["failure"]["class"].as_str().expect("a class");
                judge::failure(&judge::without_hint(&asked["failure"]), class);
            }
        }
    }
}

#[tokio::test]
async fn no_state_that_comes_later_takes_money_or_its_return_back() {
    for way in [DOTWALLET_ORDER, JUBAO_WECHAT_H5, BLUEOCEAN_ALIPAY_QRCODE, HICOIN_H5] {
        let world = World::with(|settings| settings.set("polling.open_s", vec![600])).await;
        let (payment, order_no) = open(&world, &way).await;
        world.gateways.pay(way.gateway, &order_no, &json!({})).await;
        assert_eq!(world.api.payment(&payment.id).await["status"], "succeeded");
        for (state, means) in states(&way) {
            world.gateways.dress(way.gateway, &json!({"state": state})).await;
            let asked = sync(&world, &payment).await;
            if means == "refunded" {
                assert_eq!(asked["status"], "refunded", "{state}");
                world.gateways.dress(way.gateway, &json!({})).await;
                assert_eq!(sync(&world, &payment).await["status"], "refunded", "a late word revives nothing");
                break;
            }
            assert_eq!(asked["status"], "succeeded", "{} {state}: {asked}", way.gateway);
        }
    }
}

#[tokio::test]
async fn money_that_comes_after_the_gateway_called_the_order_over_still_counts() {
    for (way, state) in [
        (JUBAO_WECHAT_H5, json!(4)),
        (BLUEOCEAN_ALIPAY_QRCODE, json!("CLOSED")),
        (BLUEOCEAN_ALIPAY_QRCODE, json!("PAYERROR")),
        (HICOIN_H5, json!("CLOSED")),
        (DOTWALLET_ORDER, json!(-1)),
    ] {
        let world = World::with(|settings| settings.set("polling.open_s", vec![600])).await;
        let (payment, order_no) = open(&world, &way).await;
        world.gateways.dress(way.gateway, &json!({"state": state})).await;
        let over = sync(&world, &payment).await;
        assert!(matches!(over["status"].as_str(), Some("expired" | "failed")), "{over}");
        world.gateways.dress(way.gateway, &json!({})).await;
        assert_eq!(world.gateways.pay(way.gateway, &order_no, &json!({})).await, [way.taken()]);
        let paid = world.api.until_status(&payment.id, "succeeded").await;
        assert_eq!(paid["late"], over["status"] == "expired", "{state}: {paid}");
    }
}
