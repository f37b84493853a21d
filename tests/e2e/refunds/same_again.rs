//! The same request again, once or twenty times at once, gives money back once.

use countersign_tests::{BLUEOCEAN_ALIPAY_QRCODE, Payment, Reply, Way, World, keys};
use serde_json::{Value, json};

use super::{BOTH, asked, booked, id, order_no, paid, part, refund, refunds_path};

async fn refund_with_key(world: &World, payment: &Payment, key: &str, body: &Value) -> Reply {
    let request = world.api.merchant_post(&refunds_path(payment), &body.to_string());
    world.api.send(request.header("idempotency-key", key)).await
}

/// The same request twenty times at once.
async fn twenty_at_once(world: &World, payment: &Payment, key: Option<&str>, body: &Value) -> Vec<Reply> {
    let sent = (0..20).map(|_| {
        let (api, path, body) = (world.api.clone(), refunds_path(payment), body.to_string());
        let key = key.map(str::to_owned);
        tokio::spawn(async move {
            let mut request = api.merchant_post(&path, &body);
            if let Some(key) = key {
                request = request.header("idempotency-key", key);
            }
            api.send(request).await
        })
    });
    let mut replies = Vec::new();
    for task in sent.collect::<Vec<_>>() {
        replies.push(task.await.expect("an answer"));
    }
    replies
}

#[tokio::test]
async fn the_merchants_number_gives_the_same_refund_in_its_present_state() {
    let world = World::start().await;
    for way in BOTH {
        let payment = paid(&world, &way).await;
        let mut body = part(&way, 400);
        body["refund_id"] = json!("R1");
        let first = refund(&world, &payment, &body).await.expect(201);
        for _ in 0..3 {
            assert_eq!(refund(&world, &payment, &body).await.expect(200), first);
        }
        for (field, other) in [
            ("amount", json!({"value": 401, "currency": way.currency})),
            ("reason", json!("another")),
            ("amount", Value::Null),
        ] {
            let mut changed = body.clone();
            changed[field] = other;
            refund(&world, &payment, &changed).await.problem(409, "idempotency_key_reused");
        }
        // Another payment may use the number, and this one another number.
        let second = paid(&world, &way).await;
        assert_ne!(id(&refund(&world, &second, &body).await.expect(201)), id(&first));
        body["refund_id"] = json!("R2");
        assert_ne!(id(&refund(&world, &payment, &body).await.expect(201)), id(&first));
        let number = order_no(&payment);
        let expected = [(format!("{number}f1"), 400), (format!("{number}f2"), 400)];
        assert_eq!(booked(&world, &way, &payment).await, expected);
    }
}

#[tokio::test]
async fn an_idempotency_key_replays_the_answer_to_the_byte() {
    let world = World::start().await;
    for way in BOTH {
        let (payment, other) = (paid(&world, &way).await, paid(&world, &way).await);
        let key = format!("key-{}", way.account);
        let first = refund_with_key(&world, &payment, &key, &part(&way, 400)).await;
        first.expect(201);
        // Whatever has happened since.
        refund(&world, &payment, &part(&way, 1)).await.expect(201);
        for _ in 0..3 {
            let again = refund_with_key(&world, &payment, &key, &part(&way, 400)).await;
            assert_eq!((again.status, again.text), (first.status, first.text.clone()));
        }
        let changed = refund_with_key(&world, &payment, &key, &part(&way, 401)).await;
        changed.problem(409, "idempotency_key_reused");
        let elsewhere = refund_with_key(&world, &other, &key, &part(&way, 400)).await;
        elsewhere.problem(409, "idempotency_key_reused");
        assert_eq!(booked(&world, &way, &payment).await.len(), 2);
        assert!(booked(&world, &way, &other).await.is_empty());
    }
}

#[tokio::test]
async fn a_key_survives_a_power_cut() {
    let mut world = World::start().await;
    for way in BOTH {
        let payment = paid(&world, &way).await;
        let mut body = part(&way, 400);
        body["refund_id"] = json!("R1");
        let first = refund_with_key(&world, &payment, way.account, &body).await;
        world.kill_signer().await;
        world.start_signer().await;
        let again = refund_with_key(&world, &payment, way.account, &body).await;
        assert_eq!((again.status, &again.text), (first.status, &first.text));
        assert_eq!(refund(&world, &payment, &body).await.expect(200), first.json());
        assert_eq!(booked(&world, &way, &payment).await.len(), 1);
    }
}

#[tokio::test]
async fn twenty_requests_at_once_give_back_once() {
    let world = World::start().await;
    for way in BOTH {
        for (key, refund_id) in [(Some("k1"), None), (None, Some("R1")), (Some("k2"), Some("R2"))] {
            let payment = paid(&world, &way).await;
            let mut body = part(&way, 300);
            if let Some(refund_id) = refund_id {
                body["refund_id"] = json!(refund_id);
            }
            let key = key.map(|key| format!("{key}-{}", way.account));
            let before = asked(&world, &way).await;
            let replies = twenty_at_once(&world, &payment, key.as_deref(), &body).await;
            let first = id(&replies[0].json()).to_owned();
            for reply in &replies {
                assert!(reply.status.is_success(), "{}: {}", reply.status, reply.text);
                assert_eq!(id(&reply.json()), first);
            }
            assert_eq!(asked(&world, &way).await - before, 1);
            assert_eq!(booked(&world, &way, &payment).await, [(format!("{}f1", order_no(&payment)), 300)]);
            assert_eq!(world.api.payment(&payment.id).await["amount_refunded"]["value"], 300);
        }
    }
}

#[tokio::test]
async fn twenty_different_requests_never_give_back_more_than_was_paid() {
    let world = World::start().await;
    for way in BOTH {
        let payment = paid(&world, &way).await;
        let replies = twenty_at_once(&world, &payment, None, &part(&way, 300)).await;
        let made = replies.iter().filter(|reply| reply.status == 201).count();
        assert!((1..=3).contains(&made), "{made}");
        for refused in replies.iter().filter(|reply| reply.status != 201) {
            match refused.status.as_u16() {
                409 => drop(refused.problem(409, "not_refundable")),
                _ => assert_eq!(refused.misfits(), ["amount.value"]),
            }
        }
        let sum: i64 = booked(&world, &way, &payment).await.iter().map(|(_, amount)| amount).sum();
        assert_eq!(world.api.payment(&payment.id).await["amount_refunded"]["value"], sum);
        assert!(sum <= 900, "{sum}");
        let whole = paid(&world, &way).await;
        let replies = twenty_at_once(&world, &whole, None, &json!({})).await;
        assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
        assert_eq!(booked(&world, &way, &whole).await, [(format!("{}f1", order_no(&whole)), 1000)]);
        assert_eq!(world.api.payment(&whole.id).await["status"], "refunded");
    }
}

#[tokio::test]
async fn a_key_is_the_merchants_own_and_one_of_a_payment_is_none_of_a_refund() {
    let world = World::start().await;
    let way: Way = BLUEOCEAN_ALIPAY_QRCODE;
    let order = world.order(&way);
    let request = world.api.merchant_post("/v1/payments", &order.to_string());
    let payment = Payment::of(world.api.send(request.header("idempotency-key", "same")).await.expect(201));
    world.api.confirm(&payment).await;
    world.gateways.pay("blueocean", order_no(&payment), &json!({})).await;
    world.api.until_status(&payment.id, "succeeded").await;
    let reply = refund_with_key(&world, &payment, "same", &json!({})).await;
    reply.problem(409, "idempotency_key_reused");
    assert!(booked(&world, &way, &payment).await.is_empty());
    assert!(!reply.text.contains(keys::API_KEY));
}
