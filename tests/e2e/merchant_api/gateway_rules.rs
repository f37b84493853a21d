//! The rules of each gateway, all at once, in the merchant's words, and before anything is sent.

use countersign_tests::{
    ALL, BLUEOCEAN_MICROPAY, BLUEOCEAN_WECHAT_HK_JSAPI, BLUEOCEAN_WECHAT_JSAPI, DOTWALLET_AUTOPAY,
    DOTWALLET_ORDER, HICOIN_H5, HICOIN_JSAPI, JUBAO_CHANNEL, Way, World,
};
use serde_json::{Value, json};

use super::fields::refused;

const ADDRESS: &str = "1BitcoinEaterAddressDontSendf59kuE";

/// What the gateways call the fields; no merchant has to know.
const GATEWAYS_WORDS: [&str; 14] = [
    "out_trade_no",
    "merchant_order_sn",
    "pre_amount",
    "order_amount",
    "total_fee",
    "total_amount",
    "item_name",
    "opreturn",
    "receive_address ",
    "notify_url",
    "notice_uri",
    "redirect_uri",
    "h5_redirect_url",
    "biz_content",
];

#[tokio::test]
async fn every_rule_of_a_gateway_is_told_at_once_in_the_merchants_words() {
    let world = World::start().await;
    let nobody = json!([{"address": ADDRESS, "amount": 1}]);
    for (way, change, expected) in [
        (
            DOTWALLET_ORDER,
            json!({
                "order_id": "A 1", "amount.value": 545, "method.op_return": "xyz", "subject": " ",
                "method.receive_addresses": nobody,
            }),
            &["amount.value", "method.op_return", "method.receive_addresses", "order_id", "subject"][..],
        ),
        (
            JUBAO_CHANNEL,
            json!({"order_id": "A 1", "method.pay_channel_id": 0, "return_url": "javascript:alert(1)"}),
            &["method.pay_channel_id", "order_id", "return_url"],
        ),
        (
            BLUEOCEAN_WECHAT_JSAPI,
            json!({"order_id": "A".repeat(33), "method.sub_appid": "", "method.sub_openid": null}),
            &["method.sub_appid", "method.sub_openid", "order_id"],
        ),
        (
            BLUEOCEAN_MICROPAY,
            json!({"order_id": "A.1", "method.auth_code": "13x"}),
            &["method.auth_code", "order_id"],
        ),
        (
            HICOIN_JSAPI,
            json!({
                "order_id": "A-1", "subject": "茶".repeat(33), "description": "茶".repeat(65),
                "method.openid": null, "return_url": "shop.example",
            }),
            &["description", "method.openid", "order_id", "return_url", "subject"],
        ),
    ] {
        let change: Vec<(&str, Value)> = change
            .as_object()
            .expect("changes")
            .iter()
            .map(|(path, value)| (path.as_str(), value.clone()))
            .collect();
        refused(&world, &way, &change, expected).await;
        in_the_merchants_words(&world, &way, &change).await;
    }
    assert_eq!(world.gateways.whole_journal().await, json!([]));
}

async fn in_the_merchants_words(world: &World, way: &Way, change: &[(&str, Value)]) {
    let mut order = world.order(way);
    for (path, value) in change {
        match path.strip_prefix("method.") {
            Some(name) => order["method"][name] = value.clone(),
            None if *path == "amount.value" => order["amount"]["value"] = value.clone(),
            None => order[*path] = value.clone(),
        }
    }
    let problem = world.api.post("/v1/payments", &order).await.problem(422, "invalid_request");
    for error in problem["errors"].as_array().expect("errors") {
        let detail = error["detail"].as_str().expect("a sentence");
        let theirs = GATEWAYS_WORDS.iter().find(|word| detail.contains(**word));
        assert!(theirs.is_none(), "{error} speaks of {theirs:?}");
    }
}

#[tokio::test]
async fn a_field_that_a_method_does_not_have_is_refused() {
    let world = World::start().await;
    let further = [
        ("user_open_id", json!("u")),
        ("op_return", json!("006a")),
        ("receive_addresses", json!([{"address": ADDRESS, "amount": 1000}])),
        ("pay_channel_id", json!(304)),
        ("sub_appid", json!("wx1")),
        ("sub_openid", json!("o1")),
        ("auth_code", json!("134600000000000001")),
        ("openid", json!("u1")),
        ("access_token", json!("t1")),
        ("passback_params", json!("x")),
    ];
    let has = |method: &str, field: &str| match method {
        "dotwallet_autopay" => ["user_open_id", "op_return", "receive_addresses"].contains(&field),
        "dotwallet_order" => ["op_return", "receive_addresses"].contains(&field),
        "jubao_channel" => field == "pay_channel_id",
        "blueocean_wechat_jsapi" | "blueocean_wechat_hk_jsapi" => {
            ["sub_appid", "sub_openid"].contains(&field)
        }
        "blueocean_wechat_app" => field == "sub_appid",
        "blueocean_micropay" => field == "auth_code",
        "hicoin_h5" | "hicoin_jsapi" => ["openid", "access_token", "passback_params"].contains(&field),
        _ => false,
    };
    for way in ALL {
        for (field, value) in &further {
            if !has(way.method, field) {
                let path = format!("method.{field}");
                refused(&world, &way, &[(&path, value.clone())], &[&path]).await;
            }
        }
        // And with all of its own, it is taken and shown again, but for what is the payer's secret.
        let mut order = world.order(&way);
        for (field, value) in further.iter().filter(|(field, _)| has(way.method, field)) {
            order["method"][field] = value.clone();
        }
        let payment = world.api.create(&order).await;
        let mut shown = order["method"].clone();
        for secret in ["access_token", "auth_code"] {
            shown.as_object_mut().expect("a method").remove(secret);
        }
        assert_eq!(payment.body["method"], shown);
    }
}

#[tokio::test]
async fn a_channel_of_jubaos_is_a_number() {
    let world = World::start().await;
    for channel in [json!(null), json!("304"), json!(0), json!(-1), json!(3.5), json!(true), json!(i64::MAX)]
    {
        refused(&world, &JUBAO_CHANNEL, &[("method.pay_channel_id", channel)], &["method.pay_channel_id"])
            .await;
    }
    let mut order = world.order(&JUBAO_CHANNEL);
    order["method"] = json!({"type": "jubao_channel"});
    assert_eq!(world.api.post("/v1/payments", &order).await.misfits(), ["method.pay_channel_id"]);
    for channel in [1, 101, 304, 99_999] {
        let mut order = world.order(&JUBAO_CHANNEL);
        order["method"]["pay_channel_id"] = json!(channel);
        let payment = world.api.create(&order).await;
        assert_eq!(payment.body["method"], order["method"]);
        world.api.confirm(&payment).await;
        let calls = world.gateways.journal("jubao", "apply_pay").await;
        assert_eq!(calls.last().expect("a call")["fields"]["pay_channel_id"], channel.to_string());
    }
}

#[tokio::test]
async fn who_pays_inside_wechat_must_be_named_by_the_backend() {
    let world = World::start().await;
    for (method, required) in [
        ("blueocean_wechat_jsapi", &["method.sub_appid", "method.sub_openid"][..]),
        ("blueocean_wechat_app", &["method.sub_appid"]),
        ("blueocean_micropay", &["method.auth_code"]),
    ] {
        let mut order = world.order(&Way::of(method));
        order["method"] = json!({"type": method});
        assert_eq!(world.api.post("/v1/payments", &order).await.misfits(), required);
    }
    // The Hong Kong wallet can do without, and passes on what it is given.
    let mut order = world.order(&BLUEOCEAN_WECHAT_HK_JSAPI);
    order["method"]["sub_appid"] = json!("wx0000000000000009");
    order["method"]["sub_openid"] = json!("o9");
    world.api.confirm(&world.api.create(&order).await).await;
    let calls = world.gateways.journal("blueocean", "pay").await;
    let sent = &calls.last().expect("a call")["fields"];
    assert_eq!((&sent["sub_appid"], &sent["sub_openid"]), (&json!("wx0000000000000009"), &json!("o9")));
}

#[tokio::test]
async fn a_bar_code_has_digits_only() {
    let world = World::start().await;
    for code in ["", "13460000 0000000001", "1346-0000", "一二三四", &"1".repeat(65)] {
        refused(&world, &BLUEOCEAN_MICROPAY, &[("method.auth_code", json!(code))], &["method.auth_code"])
            .await;
    }
    refused(&world, &BLUEOCEAN_MICROPAY, &[("method.auth_code", json!(134_600))], &["method.auth_code"])
        .await;
    assert_eq!(world.gateways.whole_journal().await, json!([]));
}

#[tokio::test]
async fn an_order_at_dotwallet_has_a_smallest_amount() {
    let world = World::start().await;
    world.fill_wallet().await;
    refused(&world, &DOTWALLET_ORDER, &[("amount.value", json!(545))], &["amount.value"]).await;
    for (way, amount) in [(DOTWALLET_ORDER, 546), (DOTWALLET_AUTOPAY, 1)] {
        let mut order = world.order(&way);
        order["amount"]["value"] = json!(amount);
        let view = world.api.confirm(&world.api.create(&order).await).await;
        assert_eq!(view["status"], way.status_when_confirmed(), "{view}");
    }
}

#[tokio::test]
async fn data_of_a_transaction_is_the_hex_of_a_script_and_the_other_readings_are_explained() {
    let world = World::start().await;
    for way in [DOTWALLET_AUTOPAY, DOTWALLET_ORDER] {
        for given in [
            "",
            "hello",
            "0x006a",
            "006",
            "00 6a",
            "OP_FALSE|OP_RETURN|hello",
            "OP_RETURN",
            "68656c6c6f",
            "6a0568656c6c6f",
            "0100000001abcdef",
        ] {
            refused(&world, &way, &[("method.op_return", json!(given))], &["method.op_return"]).await;
            let mut order = world.order(&way);
            order["method"]["op_return"] = json!(given);
            let problem = world.api.post("/v1/payments", &order).await.expect(422);
            let detail = problem["errors"][0]["detail"].as_str().expect("a sentence");
            assert!(given.is_empty() || detail.contains("006a"), "{given}: what to send is said: {detail}");
        }
    }
    // An expert may say that any text goes through.
    let world = World::with(|settings| settings.set("accounts.wallet.op_return", "as_given")).await;
    world.fill_wallet().await;
    for (way, given) in [(DOTWALLET_AUTOPAY, "68656c6c6f"), (DOTWALLET_ORDER, "OP_FALSE|OP_RETURN|hello")] {
        let mut order = world.order(&way);
        order["method"]["op_return"] = json!(given);
        let view = world.api.confirm(&world.api.create(&order).await).await;
        assert_eq!(view["status"], way.status_when_confirmed(), "{view}");
        let calls = world.gateways.journal("dotwallet", way.submit).await;
        assert_eq!(calls.last().expect("a call")["fields"]["opreturn"], given, "unchanged");
    }
}

#[tokio::test]
async fn receivers_share_the_amount_of_an_order_too() {
    let world = World::start().await;
    let share = |one: i64, other: i64| json!([{"address": ADDRESS, "amount": one}, {"address": "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "amount": other}]);
    for wrong in [share(600, 399), share(600, 401), share(i64::MAX, i64::MAX)] {
        refused(
            &world,
            &DOTWALLET_ORDER,
            &[("method.receive_addresses", wrong)],
            &["method.receive_addresses"],
        )
        .await;
    }
    let mut order = world.order(&DOTWALLET_ORDER);
    order["method"]["receive_addresses"] = share(600, 400);
    order["method"]["op_return"] = json!("006a0568656c6c6f");
    let view = world.api.confirm(&world.api.create(&order).await).await;
    assert_eq!(view["status"], "requires_action", "{view}");
    let calls = world.gateways.journal("dotwallet", "create_order").await;
    let sent = &calls[0]["fields"];
    let text = sent["receive_address"].as_str().expect("a text that holds JSON");
    assert_eq!(serde_json::from_str::<Value>(text).expect("JSON"), order["method"]["receive_addresses"]);
    assert_eq!(sent["opreturn"], "006a0568656c6c6f");
    // What is signed is the text that is sent, in its place; the data is not signed at all.
    let text_of = |name: &str| sent[name].as_str().expect("a text");
    let amount = sent["order_amount"].to_string();
    let pairs = [
        ("app_id", text_of("app_id")),
        ("merchant_order_sn", text_of("merchant_order_sn")),
        ("item_name", text_of("item_name")),
        ("order_amount", &amount),
        ("nonce_str", text_of("nonce_str")),
        ("notice_uri", text_of("notice_uri")),
        ("redirect_uri", text_of("redirect_uri")),
        ("receive_address", text),
    ];
    let sign = countersign_tests::dotwallet_sign(&pairs, countersign_tests::keys::DOTWALLET_SECRET);
    assert_eq!(sent["sign"], sign);
}

#[tokio::test]
async fn what_the_merchant_passes_through_hicoin_arrives_as_it_was_given() {
    let world = World::start().await;
    for (way, given) in [
        (HICOIN_H5, "a=1&b=2"),
        (HICOIN_JSAPI, "订单 + 100%"),
        (HICOIN_H5, "{\"cart\":\"77\"}"),
        (HICOIN_H5, &"x".repeat(512)),
    ] {
        let mut order = world.order(&way);
        order["method"]["passback_params"] = json!(given);
        let payment = world.api.create(&order).await;
        assert_eq!(payment.body["method"]["passback_params"], given);
        world.api.confirm(&payment).await;
        let calls = world.gateways.journal("hicoin", "preOrder").await;
        let business = calls.last().expect("a call")["fields"]["biz_content"].as_str().expect("a text");
        let business: Value = serde_json::from_str(business).expect("JSON");
        assert_eq!(business["passback_params"], given);
        let order_no = order["order_id"].as_str().expect("a number");
        assert_eq!(world.gateways.pay("hicoin", order_no, &json!({})).await, [way.taken()]);
        assert_eq!(world.api.payment(&payment.id).await["status"], "succeeded");
    }
    let long = json!("x".repeat(513));
    refused(&world, &HICOIN_H5, &[("method.passback_params", long)], &["method.passback_params"]).await;
}

#[tokio::test]
async fn a_payer_who_is_not_named_is_asked_and_is_no_mistake() {
    let world = World::start().await;
    for (way, method) in [
        (DOTWALLET_AUTOPAY, json!({"type": "dotwallet_autopay"})),
        (HICOIN_H5, json!({"type": "hicoin_h5"})),
        (HICOIN_JSAPI, json!({"type": "hicoin_jsapi"})),
        (HICOIN_H5, json!({"type": "hicoin_h5", "openid": "u0000000000000001"})),
    ] {
        let mut order = world.order(&way);
        order["method"] = method;
        let view = world.api.confirm(&world.api.create(&order).await).await;
        let action = &view["next_action"];
        assert_eq!((&action["type"], &action["purpose"]), (&json!("redirect"), &json!("login")), "{view}");
    }
    // A token alone says nothing of who it belongs to.
    refused(&world, &HICOIN_H5, &[("method.openid", json!(null))], &["method.openid"]).await;
}
