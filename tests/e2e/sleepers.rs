//! A signer that stands still, as under a frozen virtual machine: between writing down what it is about to send and sending
//! it, it goes on when others have long taken that up; in the middle of a transaction, it keeps nobody else from work.

use countersign_tests::{
    Api, BLUEOCEAN_ALIPAY_QRCODE, DOTWALLET_AUTOPAY, HeldBack, Payment, Process, Settings, Store, Way, Wire,
    World, eventually,
};
use serde_json::{Value, json};

/// A world, and a second signer in it that stands still at the commit which it asked for.
struct Sleeper {
    // Before the wire and the database: nobody is to connect any more when those go.
    signer: Process,
    wire: Wire,
    held_back: HeldBack,
    world: World,
}

impl Sleeper {
    /// Who will stand still when it has written down `words`, or has the commit of that still before it.
    async fn over(words: &'static str, held_back: HeldBack) -> Self {
        Self::with(words, held_back, |_| {}).await
    }

    async fn with(words: &'static str, held_back: HeldBack, change: impl FnOnce(&mut Settings)) -> Self {
        let world = World::on(Store::Postgres, |settings| {
            // What is held is free again before the sleeper would find that its ledger was silent for too long.
            settings.set("upstream.timeout_s", 1);
            change(settings);
        })
        .await;
        let mut settings = world.settings.clone();
        let url = settings.text_at("store.url");
        let wire = Wire::stretch(&url, words, held_back).await;
        settings.set("store.url", wire.url.as_str());
        settings.set("server.public_url", world.api.url.as_str());
        let signer = world.start_another(&settings).await.expect("it starts");
        Self { signer, wire, held_back, world }
    }

    /// Asks the sleeper for something, and lets it fall asleep over it.
    async fn falls_asleep_over(&self, path: String, body: Value) -> tokio::task::JoinHandle<Value> {
        let api = Api::new(&self.signer.url);
        let asking = tokio::spawn(async move { api.post(&path, &body).await.json() });
        self.wire.until_held().await;
        self.signer.pause().await;
        if self.held_back == HeldBack::Answer {
            self.wire.let_go();
        }
        asking
    }

    /// Ends the sleeper and its way to the database, before that is dropped.
    async fn end(mut self) {
        self.signer.kill().await;
        self.wire.cut().await;
    }

    async fn calls(&self, way: &Way, call: &str) -> usize {
        self.world.gateways.journal(way.gateway, call).await.len()
    }
}

/// The one who slept may find first that its ledger did not answer in time.
fn gave_up(told: &Value) -> bool {
    told["code"] == "not_ready"
}

async fn paid(world: &World, way: &Way) -> Payment {
    let payment = world.api.create(&world.order(way)).await;
    world.api.confirm(&payment).await;
    let order_no = payment.body["order_id"].as_str().expect("a number");
    world.gateways.pay(way.gateway, order_no, &json!({})).await;
    world.api.until_status(&payment.id, "succeeded").await;
    payment
}

#[tokio::test]
async fn a_refund_that_another_signer_has_brought_to_its_end_is_not_sent_late() {
    let way = BLUEOCEAN_ALIPAY_QRCODE;
    let sleeper = Sleeper::over("INSERT INTO refunds", HeldBack::Answer).await;
    let world = &sleeper.world;
    let payment = paid(world, &way).await;
    let path = format!("/v1/payments/{}/refunds", payment.id);
    world.gateways.fault(way.gateway, json!({"endpoint": "refund", "fault": "code", "code": 40107})).await;
    let asking = sleeper.falls_asleep_over(path.clone(), json!({"refund_id": "one"})).await;

    let ended = eventually("the refund is taken up by the other one", async || {
        let refunds = world.api.get(&path).await.expect(200);
        (refunds["data"][0]["status"] == "failed").then(|| refunds["data"][0].clone())
    })
    .await;
    assert_eq!(sleeper.calls(&way, "refund").await, 1, "sent once, and refused");
    world.gateways.clear_faults(way.gateway).await;
    sleeper.signer.resume();
    let told = asking.await.expect("it is answered");
    assert!(gave_up(&told) || (told["status"] == "failed" && told["id"] == ended["id"]), "{told}");
    assert_eq!(sleeper.calls(&way, "refund").await, 1, "and not again by the one who slept");
    assert_eq!(world.api.payment(&payment.id).await["status"], "succeeded");
    sleeper.end().await;
}

#[tokio::test]
async fn an_order_that_a_person_has_decided_about_is_not_sent_late() {
    let way = DOTWALLET_AUTOPAY;
    let sleeper = Sleeper::with("INSERT INTO attempts", HeldBack::Answer, |settings| {
        settings.set("polling.settling_s", vec![1, 1]);
    })
    .await;
    let world = &sleeper.world;
    world.fill_wallet().await;
    let mut order = world.order(&way);
    order["expires_in_s"] = json!(2);
    let payment = world.api.create(&order).await;
    let asking = sleeper.falls_asleep_over(format!("/v1/payments/{}/confirm", payment.id), json!({})).await;

    world.api.until_status(&payment.id, "review").await;
    let decision = json!({"outcome": "unpaid", "note": "the wallet shows nothing"});
    world.api.post(&format!("/v1/payments/{}/resolve", payment.id), &decision).await.expect(200);
    sleeper.signer.resume();
    let told = asking.await.expect("it is answered");
    assert!(gave_up(&told) || told["status"] == "canceled", "{told}");
    assert_eq!(sleeper.calls(&way, "pay_small_money").await, 0, "nobody is charged");
    assert_eq!(world.api.payment(&payment.id).await["status"], "canceled");
    sleeper.end().await;
}

#[tokio::test]
async fn who_slept_only_for_a_moment_sends_what_it_wrote_down() {
    let way = BLUEOCEAN_ALIPAY_QRCODE;
    let sleeper = Sleeper::over("INSERT INTO attempts", HeldBack::Answer).await;
    let world = &sleeper.world;
    let payment = world.api.create(&world.order(&way)).await;
    let asking = sleeper.falls_asleep_over(format!("/v1/payments/{}/confirm", payment.id), json!({})).await;
    sleeper.signer.resume();
    assert_eq!(asking.await.expect("it is answered")["status"], "requires_action");
    assert_eq!(sleeper.calls(&way, "pay").await, 1);
    sleeper.end().await;
}

#[tokio::test]
async fn who_sleeps_in_the_middle_of_a_transaction_keeps_nobody_from_work() {
    let way = BLUEOCEAN_ALIPAY_QRCODE;
    let sleeper = Sleeper::over("INSERT INTO attempts", HeldBack::Commit).await;
    let world = &sleeper.world;
    let payment = world.api.create(&world.order(&way)).await;
    let asking = sleeper.falls_asleep_over(format!("/v1/payments/{}/confirm", payment.id), json!({})).await;

    let other = world.api.create(&world.order(&way)).await;
    assert_eq!(world.api.confirm(&other).await["status"], "requires_action");
    assert_eq!(world.api.confirm(&payment).await["status"], "requires_action", "the same payment, too");
    world.api.get("/readyz").await.expect(200);
    world.start_another(&world.settings).await.expect("a third one starts");
    sleeper.wire.let_go();
    sleeper.signer.resume();
    let told = asking.await.expect("it is answered");
    assert!(gave_up(&told) || told["status"] == "requires_action", "{told}");
    assert_eq!(sleeper.calls(&way, "pay").await, 2, "each is ordered once");
    sleeper.end().await;
}
