use serde_json::{Value, json};

use super::super::methods::METHODS;
use super::{API_KEY, OpenShop};

/// `method` of the payment that an order became.
async fn method_of(shop: &OpenShop, type_name: &str, options: Value) -> Value {
    shop.order_with(type_name, options).await;
    shop.signer.last_call().body["method"].clone()
}

#[tokio::test]
async fn every_way_of_paying_is_opened_at_its_gateways_account_in_its_currency() {
    let shop = OpenShop::new().await;
    for method in &METHODS {
        let till = json!({"auth_code": "134602370743606195"});
        let options = if method.type_name == "blueocean_micropay" { till } else { json!({}) };
        shop.order_with(method.type_name, options).await;
        let payment = shop.signer.last_call().body;
        assert_eq!(payment["method"]["type"], method.type_name);
        let (account, amount) = match method.type_name.split('_').next().expect("a gateway") {
            "jubao" => ("shop", json!({"value": 560, "currency": "CNY"})),
            "blueocean" => ("hk", json!({"value": 610, "currency": "HKD"})),
            "hicoin" => ("coin", json!({"value": 78_000_000, "currency": "USDT"})),
            _ => ("wallet", json!({"value": 75_000, "currency": "BSV"})),
        };
        assert_eq!((&payment["account"], &payment["amount"]), (&json!(account), &amount));
    }
}

#[tokio::test]
async fn the_payer_is_whom_the_session_says_and_stays_out_of_the_browser() {
    let shop = OpenShop::new().await;
    let hicoin = json!({
        "type": "hicoin_h5", "openid": "u0000000000000001", "access_token": "sandbox-user-token-0001",
        "passback_params": "oolong",
    });
    assert_eq!(method_of(&shop, "hicoin_h5", json!({})).await, hicoin);
    assert_eq!(method_of(&shop, "hicoin_h5", json!({"identity": "session"})).await, hicoin);
    assert_eq!(
        method_of(&shop, "dotwallet_autopay", json!({})).await,
        json!({"type": "dotwallet_autopay", "user_open_id": "sandbox-payer-0001"})
    );
    let opened = shop.order_by("hicoin_jsapi").await;

    let seen = [opened.to_string(), shop.get("/api/orders").await.text, shop.get("/api/shop").await.text];
    for secret in [API_KEY, "sandbox-user-token-0001", "sandbox-payer-0001", "whsec_"] {
        assert!(seen.iter().all(|text| !text.contains(secret)), "{secret} reached the browser");
    }
}

#[tokio::test]
async fn a_payer_who_is_to_log_in_at_the_gateway_is_not_named() {
    let shop = OpenShop::new().await;
    let login = json!({"identity": "gateway"});
    assert_eq!(
        method_of(&shop, "dotwallet_autopay", login.clone()).await,
        json!({"type": "dotwallet_autopay"})
    );
    for type_name in ["hicoin_h5", "hicoin_jsapi"] {
        let method = method_of(&shop, type_name, login.clone()).await;
        assert_eq!(method, json!({"type": type_name, "passback_params": "oolong"}));
    }
}

#[tokio::test]
async fn dotwallet_is_told_what_to_write_and_who_shares() {
    let shop = OpenShop::new().await;
    for type_name in ["dotwallet_autopay", "dotwallet_order"] {
        let opened = shop.order_with(type_name, json!({"op_return": true, "split": true})).await;
        let method = shop.signer.last_call().body["method"].clone();
        let order_id = opened["order_id"].as_str().expect("a number");
        let hex: String = order_id.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(method["op_return"], format!("006a14{hex}"));
        assert_eq!(
            method["receive_addresses"],
            json!([
                {"address": "1CounterpartyXXXXXXXXXXXXXXXUWLpVr", "amount": 15_000},
                {"address": "1BitcoinEaterAddressDontSendf59kuE", "amount": 60_000},
            ])
        );
    }
}

#[tokio::test]
async fn a_channel_is_the_visitors_number_or_the_shops() {
    let shop = OpenShop::new().await;
    let given = method_of(&shop, "jubao_channel", json!({"pay_channel_id": 304})).await;
    assert_eq!(given, json!({"type": "jubao_channel", "pay_channel_id": 304}));
    assert_eq!(method_of(&shop, "jubao_channel", json!({})).await["pay_channel_id"], 101);
    for wrong in [json!({"pay_channel_id": -1}), json!({"pay_channel_id": "304"})] {
        assert_eq!(shop.try_to_order("jubao_channel", wrong).await.status, 422);
    }
}

#[tokio::test]
async fn wechat_is_told_the_shops_application_and_the_sessions_payer() {
    let shop = OpenShop::new().await;
    for type_name in ["blueocean_wechat_jsapi", "blueocean_wechat_hk_jsapi"] {
        assert_eq!(
            method_of(&shop, type_name, json!({})).await,
            json!({
                "type": type_name, "sub_appid": "wx0000000000000001",
                "sub_openid": "oSANDBOX00000000000000000001",
            })
        );
    }
    assert_eq!(
        method_of(&shop, "blueocean_wechat_app", json!({})).await,
        json!({"type": "blueocean_wechat_app", "sub_appid": "wx0000000000000002"})
    );
}

#[tokio::test]
async fn an_option_of_another_way_of_paying_is_refused() {
    let shop = OpenShop::new().await;
    for (type_name, options) in [
        ("jubao_wechat_h5", json!({"identity": "gateway"})),
        ("hicoin_h5", json!({"op_return": true})),
        ("dotwallet_order", json!({"identity": "gateway"})),
        ("blueocean_alipay_qrcode", json!({"auth_code": "134602370743606195"})),
    ] {
        let answer = shop.try_to_order(type_name, options).await;
        assert_eq!((answer.status, answer.json()["code"].clone()), (422, json!("invalid_request")));
    }
    assert!(shop.signer.calls().is_empty());
}
