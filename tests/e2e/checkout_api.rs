//! What a payer's browser can do with its one payment, and what it cannot.

use std::time::{Duration, Instant};

use axum::http::Method;
use axum::http::header::AUTHORIZATION;
use countersign_tests::{ALL, HICOIN_H5, JUBAO_WECHAT_H5, Payment, Reply, World};
use serde_json::{Value, json};

use crate::judge::names;

const ORIGIN: &str = "https://shop.example";

fn path(payment: &Payment) -> String {
    format!("/v1/checkout/{}", payment.id)
}

async fn watch(world: &World, payment: &Payment, after_revision: &Value, wait_s: u32) -> (Value, Duration) {
    let path = format!("{}?after_revision={after_revision}&wait_s={wait_s}", path(payment));
    let started = Instant::now();
    let view = world.api.checkout_get(&path, &payment.secret).await.expect(200);
    (view, started.elapsed())
}

#[tokio::test]
async fn the_payers_view_has_these_fields_and_no_other() {
    const FIELDS: [&str; 12] = [
        "amount",
        "expires_at",
        "failure",
        "id",
        "livemode",
        "method",
        "next_action",
        "order_id",
        "return_url",
        "revision",
        "status",
        "subject",
    ];
    let world = World::start().await;
    world.fill_wallet().await;
    for way in ALL {
        let payment = world.api.create(&world.order(&way)).await;
        let created = world.api.checkout_get(&path(&payment), &payment.secret).await.expect(200);
        let confirmed = world.api.confirm(&payment).await;
        let returned_path = format!("{}/returned", path(&payment));
        let returned = world
            .api
            .checkout_post(&returned_path, &payment.secret, &json!({"result": "ok"}))
            .await
            .expect(200);
        for view in [&created, &confirmed, &returned] {
            assert_eq!(names(view), FIELDS);
            assert_eq!(view["method"], json!({"type": way.method}), "nothing but the type");
            for name in ["id", "order_id", "amount", "subject", "return_url", "expires_at", "livemode"] {
                assert_eq!(view[name], payment.body[name], "{name}");
            }
        }
        let known = world.api.payment(&payment.id).await;
        for name in ["status", "revision", "next_action", "failure"] {
            assert_eq!(returned[name], known[name], "{name}");
        }
    }
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_payment_are_refused_alike() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    let other = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    let unknown = Payment { id: "pay_01JD0000000000000000000000".into(), ..payment.clone() };
    let no_id = Payment { id: "nothing".into(), ..payment.clone() };
    let mut cut = payment.secret.clone();
    cut.pop();
    let wrong = format!("{}{}", cut, if payment.secret.ends_with('A') { 'B' } else { 'A' });
    let mut answers = Vec::new();
    for (payment, secret) in [
        (&payment, other.secret.as_str()),
        (&payment, wrong.as_str()),
        (&payment, cut.as_str()),
        (&payment, "cs_"),
        (&payment, countersign_tests::keys::API_KEY),
        (&unknown, payment.secret.as_str()),
        (&no_id, payment.secret.as_str()),
    ] {
        for (method, verb) in [(Method::GET, ""), (Method::POST, "/confirm"), (Method::POST, "/returned")] {
            let reply = match method {
                Method::GET => world.api.checkout_get(&path(payment), secret).await,
                _ => world.api.checkout_post(&format!("{}{verb}", path(payment)), secret, &json!({})).await,
            };
            let mut problem = reply.problem(401, "unauthorized");
            problem.as_object_mut().expect("a problem").remove("request_id");
            let mut headers: Vec<String> =
                reply.headers.keys().filter(|name| *name != "date").map(ToString::to_string).collect();
            headers.sort();
            answers.push((problem.to_string(), headers));
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "all alike: {answers:?}");
    // Nothing at all in the header is the same.
    let reply = world.api.send(world.api.request(Method::GET, &path(&payment))).await;
    reply.problem(401, "unauthorized");
    assert!(world.gateways.journal("jubao", "apply_pay").await.is_empty());
    assert_eq!(world.api.payment(&payment.id).await["revision"], 1);
}

#[tokio::test]
async fn a_secret_opens_nothing_of_the_merchants() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    for (method, path) in [
        (Method::GET, format!("/v1/payments/{}", payment.id)),
        (Method::POST, format!("/v1/payments/{}/cancel", payment.id)),
        (Method::GET, "/v1/payments".to_owned()),
        (Method::GET, "/v1/events".to_owned()),
    ] {
        let request =
            world.api.request(method, &path).header(AUTHORIZATION, format!("Bearer {}", payment.secret));
        world
            .api
            .send(request.header("content-type", "application/json").body("{}"))
            .await
            .problem(401, "unauthorized");
    }
}

#[tokio::test]
async fn watching_answers_at_once_when_there_is_something_newer() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    let confirmed = world.api.confirm(&payment).await;
    let (view, took) = watch(&world, &payment, &json!(1), 30).await;
    assert_eq!(view, confirmed);
    assert!(took < Duration::from_secs(5), "{took:?}");
    // Without a wait it is answered at once, newer or not.
    let (view, took) = watch(&world, &payment, &confirmed["revision"], 0).await;
    assert_eq!(view, confirmed);
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn watching_answers_when_something_changes() {
    let world = World::start().await;
    let order = world.order(&JUBAO_WECHAT_H5);
    let payment = world.api.create(&order).await;
    let confirmed = world.api.confirm(&payment).await;
    let mut revision = confirmed["revision"].clone();
    let change = async {
        world.gateways.pay("jubao", order["order_id"].as_str().expect("a number"), &json!({})).await;
    };
    let watching = async {
        loop {
            let (view, took) = watch(&world, &payment, &revision, 30).await;
            assert!(took < Duration::from_secs(20), "{took:?}");
            assert!(view["revision"].as_i64() > revision.as_i64(), "{view}");
            revision = view["revision"].clone();
            if view["status"] == "succeeded" {
                break;
            }
        }
    };
    tokio::join!(watching, change);
}

#[tokio::test]
async fn watching_answers_unchanged_after_the_wait() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    let (view, took) = watch(&world, &payment, &json!(1), 2).await;
    assert_eq!(view["revision"], 1);
    assert!(took >= Duration::from_millis(1900) && took < Duration::from_secs(10), "{took:?}");
    for query in
        ["wait_s=31&after_revision=1", "wait_s=-1&after_revision=1", "wait_s=long", "after_revision=x"]
    {
        let reply = world.api.checkout_get(&format!("{}?{query}", path(&payment)), &payment.secret).await;
        reply.problem(422, "invalid_request");
    }
}

async fn with_origin(world: &World, payment: &Payment, origin: &str) -> Reply {
    let request = world.api.request(Method::GET, &path(payment)).header("origin", origin);
    world.api.send(request.header(AUTHORIZATION, format!("Bearer {}", payment.secret))).await
}

#[tokio::test]
async fn only_pages_of_allowed_origins_may_read_the_answers() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    let allowed = with_origin(&world, &payment, ORIGIN).await;
    allowed.expect(200);
    assert_eq!(allowed.header("access-control-allow-origin"), ORIGIN);
    assert!(allowed.header("vary").to_lowercase().contains("origin"));
    assert!(allowed.header("access-control-allow-credentials").is_empty(), "no cookies are used");
    for origin in [
        "https://evil.example",
        "http://shop.example",
        "https://shop.example:8443",
        "null",
        "https://shop.example.evil",
    ] {
        let refused = with_origin(&world, &payment, origin).await;
        refused.problem(403, "origin_not_allowed");
        assert!(refused.header("access-control-allow-origin").is_empty(), "{origin}");
    }
    // An allowed page can read what went wrong, too.
    let wrong = Payment { secret: "cs_wrong".into(), ..payment };
    let refused = with_origin(&world, &wrong, ORIGIN).await;
    refused.problem(401, "unauthorized");
    assert_eq!(refused.header("access-control-allow-origin"), ORIGIN);
}

#[tokio::test]
async fn a_preflight_tells_what_a_page_may_send() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    let preflight = async |origin: &str, verb: &str| {
        let request = world.api.request(Method::OPTIONS, &format!("{}{verb}", path(&payment)));
        let request = request.header("origin", origin).header("access-control-request-method", "POST");
        world.api.send(request.header("access-control-request-headers", "authorization,content-type")).await
    };
    for verb in ["", "/confirm", "/returned"] {
        let told = preflight(ORIGIN, verb).await;
        assert!(told.status.is_success(), "{}", told.status);
        assert_eq!(told.header("access-control-allow-origin"), ORIGIN);
        let headers = told.header("access-control-allow-headers").to_lowercase();
        assert!(headers.contains("authorization") && headers.contains("content-type"), "{headers}");
        let methods = told.header("access-control-allow-methods").to_uppercase();
        assert!(methods.contains("GET") && methods.contains("POST"), "{methods}");
        let refused = preflight("https://evil.example", verb).await;
        assert!(refused.header("access-control-allow-origin").is_empty());
    }
    // The merchant's side is for backends.
    let request = world.api.request(Method::OPTIONS, "/v1/payments").header("origin", ORIGIN);
    let reply = world.api.send(request.header("access-control-request-method", "POST")).await;
    assert!(reply.header("access-control-allow-origin").is_empty());
}

#[tokio::test]
async fn every_origin_may_be_allowed_in_sandbox_mode() {
    let world = World::with(|settings| settings.set("server.allowed_origins", vec!["*"])).await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    with_origin(&world, &payment, "http://localhost:5173").await.expect(200);
}

#[tokio::test]
async fn one_payments_flood_is_limited_and_no_others() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    let other = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    // Each signer counts what it serves.
    let flood: Vec<_> = (0..150 * world.store().instances())
        .map(|_| {
            let (api, payment) = (world.api.clone(), payment.clone());
            tokio::spawn(async move { api.checkout_get(&path(&payment), &payment.secret).await })
        })
        .collect();
    let (mut served, mut limited) = (0, 0);
    for request in flood {
        let reply = request.await.expect("an answer");
        if reply.status == 429 {
            limited += 1;
            reply.problem(429, "rate_limited");
            let retry_after: u32 = reply.header("retry-after").parse().expect("seconds");
            assert!((1..=60).contains(&retry_after));
        } else {
            served += 1;
            reply.expect(200);
        }
    }
    assert!(served >= 60 && limited > 0, "{served} served, {limited} limited");
    world.api.checkout_get(&path(&other), &other.secret).await.expect(200);
    world.api.payment(&payment.id).await;
    // It is over by itself.
    countersign_tests::eventually("the payment is served again", async || {
        (world.api.checkout_get(&path(&payment), &payment.secret).await.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn coming_back_is_a_hint_and_never_a_proof() {
    let world = World::with(|settings| settings.set("polling.open_s", vec![600])).await;
    let order = world.order(&JUBAO_WECHAT_H5);
    let payment = world.api.create(&order).await;
    let returned = format!("{}/returned", path(&payment));
    let view =
        world.api.checkout_post(&returned, &payment.secret, &json!({"result": "ok"})).await.expect(200);
    assert_eq!((&view["status"], &view["revision"]), (&json!("created"), &json!(1)));
    let confirmed = world.api.confirm(&payment).await;
    for result in ["ok", "cancel", "fail", "unknown"] {
        let asked = world.gateways.journal("jubao", "query").await.len();
        let view =
            world.api.checkout_post(&returned, &payment.secret, &json!({"result": result})).await.expect(200);
        assert_eq!(view, confirmed, "{result}");
        assert_eq!(world.gateways.journal("jubao", "query").await.len(), asked + 1, "the gateway was asked");
    }
    for body in [json!({"result": "paid"}), json!({"result": 1}), json!({"status": "succeeded"})] {
        world.api.checkout_post(&returned, &payment.secret, &body).await.problem(422, "invalid_request");
    }
    // What the gateway then says does count, whatever the browser claims.
    world
        .gateways
        .pay("jubao", order["order_id"].as_str().expect("a number"), &json!({"notify": false}))
        .await;
    let view =
        world.api.checkout_post(&returned, &payment.secret, &json!({"result": "cancel"})).await.expect(200);
    assert_eq!(view["status"], "succeeded");
}

#[tokio::test]
async fn confirming_takes_an_environment_of_the_known_ones() {
    let world = World::start().await;
    let confirm = |payment: &Payment| format!("{}/confirm", path(payment));
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    for body in
        [json!({"environment": "fridge"}), json!({"environment": 1}), json!({"colour": "red"}), json!([])]
    {
        let reply = world.api.checkout_post(&confirm(&payment), &payment.secret, &body).await;
        reply.problem(422, "invalid_request");
    }
    assert!(world.gateways.journal("jubao", "apply_pay").await.is_empty());
    for environment in ["wechat", "alipay", "unionpay", "mobile", "desktop"] {
        let payment = world.api.create(&world.order(&HICOIN_H5)).await;
        let body = json!({"environment": environment});
        let view = world.api.checkout_post(&confirm(&payment), &payment.secret, &body).await.expect(200);
        assert_eq!(view["status"], "requires_action");
    }
}

#[tokio::test]
async fn answers_for_the_browser_are_not_kept_by_caches() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    let reply = world.api.checkout_get(&path(&payment), &payment.secret).await;
    assert!(reply.header("cache-control").contains("no-store"));
    assert!(!world.api.payment(&payment.id).await.to_string().contains(&payment.secret));
}
