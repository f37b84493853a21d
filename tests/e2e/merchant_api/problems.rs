//! What a request that cannot be carried out is answered.

use std::collections::HashSet;

use axum::http::Method;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use countersign_tests::{JUBAO_WECHAT_H5, World, keys};
use serde_json::json;

const PATHS: [(Method, &str); 9] = [
    (Method::POST, "/v1/payments"),
    (Method::GET, "/v1/payments"),
    (Method::GET, "/v1/payments/pay_01JD0000000000000000000000"),
    (Method::POST, "/v1/payments/pay_01JD0000000000000000000000/confirm"),
    (Method::POST, "/v1/payments/pay_01JD0000000000000000000000/sync"),
    (Method::POST, "/v1/payments/pay_01JD0000000000000000000000/cancel"),
    (Method::POST, "/v1/payments/pay_01JD0000000000000000000000/client_secret"),
    (Method::GET, "/v1/events"),
    (Method::POST, "/v1/events/evt_01JD0000000000000000000000/redeliver"),
];

#[tokio::test]
async fn without_a_valid_key_nothing_is_told() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    let half = &keys::API_KEY[..keys::API_KEY.len() - 1];
    let credentials = [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some(format!("Bearer {half}")),
        Some(format!("Bearer {}0", keys::API_KEY)),
        Some(format!("Bearer {}", keys::API_KEY.to_uppercase())),
        Some(format!("Basic {}", keys::API_KEY)),
        Some(keys::API_KEY.to_owned()),
        Some(format!("Bearer {}", payment.secret)),
    ];
    for (method, path) in PATHS {
        for credential in &credentials {
            let mut request =
                world.api.request(method.clone(), path).header(CONTENT_TYPE, "application/json");
            if let Some(credential) = credential {
                request = request.header(AUTHORIZATION, credential);
            }
            let body = if method == Method::POST { "{}" } else { "" };
            world.api.send(request.body(body)).await.problem(401, "unauthorized");
        }
    }
}

#[tokio::test]
async fn either_of_two_keys_is_taken() {
    let world = World::with(|settings| {
        settings.env.insert("COUNTERSIGN__API_KEYS__1__NAME".into(), "next".into());
        settings
            .env
            .insert("COUNTERSIGN__API_KEYS__1__KEY".into(), "journey-next-key-0011223344556677".into());
    })
    .await;
    for key in [keys::API_KEY, "journey-next-key-0011223344556677"] {
        let request = world.api.request(Method::GET, "/v1/payments");
        world.api.send(request.header(AUTHORIZATION, format!("Bearer {key}"))).await.expect(200);
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let world = World::start().await;
    for id in [
        "pay_01JD0000000000000000000000",
        "pay_",
        "1",
        "pay_01JD0000000000000000000000x",
        "%00",
        "%FF",
        "..%2F..",
    ] {
        world.api.get(&format!("/v1/payments/{id}")).await.problem(404, "not_found");
        for verb in ["confirm", "sync", "cancel", "client_secret"] {
            world.api.post(&format!("/v1/payments/{id}/{verb}"), &json!({})).await.problem(404, "not_found");
        }
    }
    world
        .api
        .post("/v1/events/evt_01JD0000000000000000000000/redeliver", &json!({}))
        .await
        .problem(404, "not_found");
    world.api.get("/v2/payments").await.problem(404, "not_found");
    world.api.get("/").await.problem(404, "not_found");
}

#[tokio::test]
async fn a_path_with_another_method_is_answered_405() {
    let world = World::start().await;
    for (method, path) in [
        (Method::DELETE, "/v1/payments"),
        (Method::PUT, "/v1/payments/pay_01JD0000000000000000000000"),
        (Method::GET, "/v1/payments/pay_01JD0000000000000000000000/confirm"),
        (Method::POST, "/v1/events"),
        (Method::POST, "/healthz"),
    ] {
        let request =
            world.api.request(method, path).header(AUTHORIZATION, format!("Bearer {}", keys::API_KEY));
        let reply = world.api.send(request).await;
        assert_eq!(reply.status, 405, "{path}");
        assert_eq!(reply.header("content-type"), "application/problem+json");
        assert_eq!(reply.json()["request_id"], reply.header("x-request-id"));
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_or_of_another_type_or_no_json_is_refused() {
    let world = World::start().await;
    let order = world.order(&JUBAO_WECHAT_H5).to_string();
    let create = |body: &str| world.api.merchant_post("/v1/payments", body);
    let large = order.replace("Two boxes", &"x".repeat(100_000));
    world.api.send(create(&large)).await.problem(413, "body_too_large");
    for content_type in
        ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "text/json", ""]
    {
        let request = world.api.request(Method::POST, "/v1/payments");
        let request = request.header(AUTHORIZATION, format!("Bearer {}", keys::API_KEY));
        let request = request.header(CONTENT_TYPE, content_type).body(order.clone());
        world.api.send(request).await.problem(415, "unsupported_media_type");
    }
    for text in ["", "{", "{\"account\": }", "account=shop", "{} {}", "{\"a\":1,}", "\u{feff}{}", "'{}'"] {
        world.api.send(create(text)).await.problem(400, "invalid_json");
    }
    let not_utf8 = world.api.request(Method::POST, "/v1/payments");
    let not_utf8 = not_utf8.header(AUTHORIZATION, format!("Bearer {}", keys::API_KEY));
    let not_utf8 = not_utf8.header(CONTENT_TYPE, "application/json").body(b"{\"account\":\"\xff\"}".to_vec());
    world.api.send(not_utf8).await.problem(400, "invalid_json");
    let charset = world.api.request(Method::POST, "/v1/payments");
    let charset = charset.header(AUTHORIZATION, format!("Bearer {}", keys::API_KEY));
    let charset = charset.header(CONTENT_TYPE, "application/json; charset=utf-8").body(order);
    world.api.send(charset).await.expect(201);
}

#[tokio::test]
async fn a_name_that_comes_twice_is_not_read_two_ways() {
    let world = World::start().await;
    let twice = r#"{"account":"shop","order_id":"B1","amount":{"value":1,"value":1000,"currency":"CNY"},
        "subject":"Tea","method":{"type":"jubao_wechat_h5"}}"#;
    let reply = world.api.send(world.api.merchant_post("/v1/payments", twice)).await;
    // Either refused, or what is answered is what is charged.
    if reply.status == 201 {
        let payment = countersign_tests::Payment::of(reply.json());
        world.api.confirm(&payment).await;
        let booked = world.gateways.order("jubao", "B1").await;
        assert_eq!(booked["amount"], payment.body["amount"]["value"]);
    } else {
        assert!(reply.status == 400 || reply.status == 422, "{}", reply.text);
    }
}

#[tokio::test]
async fn every_answer_carries_a_request_id_of_its_own() {
    let world = World::start().await;
    let mut seen = HashSet::new();
    for path in ["/v1/payments", "/v1/nothing", "/healthz", "/readyz", "/metrics", "/v1/events"] {
        let reply = world.api.get(path).await;
        let id = reply.header("x-request-id").to_owned();
        assert!(!id.is_empty(), "{path}");
        assert!(seen.insert(id), "{path}");
    }
    let reply = world.api.notify("shop", "x=y").await;
    assert!(!reply.header("x-request-id").is_empty(), "gateways get one, too");
}

#[tokio::test]
async fn the_process_tells_that_it_is_there_and_can_serve() {
    let world = World::start().await;
    for path in ["/healthz", "/readyz"] {
        world.api.send(world.api.request(Method::GET, path)).await.expect(200);
    }
    let metrics = world.api.send(world.api.request(Method::GET, "/metrics")).await;
    assert_eq!(metrics.status, 200);
    assert!(metrics.header("content-type").starts_with("text/plain"));
    assert!(metrics.text.lines().any(|line| line.starts_with("# TYPE ")), "{}", metrics.text);
}
