//! The payer: waits for something to pay, and pays it, or does not.

use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

use axum::http::Method;
use serde_json::{Value, json};

use super::{Known, Trip};
use crate::books::text;
use crate::flights::Flight;
use crate::plan::{Payer, Press};

/// How long a payer looks at a page that shows nothing to pay.
const PATIENCE: Duration = Duration::from_secs(6);
/// How often a payer presses the button again after "no".
const PRESSES_AGAIN: u32 = 2;

impl Trip {
    /// Follows the payment in the browser until there is something to pay, and does what this payer does.
    pub(super) async fn pay(&self, known: &Known) {
        let deadline = Instant::now() + PATIENCE;
        let (mut revision, mut again) = (0, 0);
        while Instant::now() < deadline {
            let Some(view) = self.follow(known, revision).await else { return };
            revision = view["revision"].as_i64().unwrap_or(revision);
            let action = text(&view["next_action"]["type"]);
            let refused_for_now = view["status"] == "failed" && view["failure"]["class"] == "retry";
            match text(&view["status"]).as_str() {
                _ if action == "dotwallet_set_pay_config" || refused_for_now => {
                    again += 1;
                    if again > PRESSES_AGAIN {
                        return;
                    }
                    self.press(known, Press::Browser).await;
                }
                "requires_action" if !action.is_empty() => {
                    return self.settle(known, &view["next_action"]).await;
                }
                // Somebody whose long poll was cut off would otherwise ask without a pause.
                "created" | "processing" | "requires_action" => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                _ => return,
            }
        }
    }

    /// The payer's view, as soon as it is newer than `revision`, or after a second. Whoever is cut off asks again without
    /// waiting: the signer seldom lives for a second.
    async fn follow(&self, known: &Known, revision: i64) -> Option<Value> {
        let first = AtomicI32::new(1);
        let answer = self
            .stage
            .insist(Flight::Look, &self.story, |api| {
                let wait_s = first.swap(0, Ordering::Relaxed);
                let path = format!("/v1/checkout/{}?after_revision={revision}&wait_s={wait_s}", known.id);
                api.request(Method::GET, &path).bearer_auth(&known.secret)
            })
            .await?;
        self.shown(&answer.reply, answer.asked_at, &[])
    }

    async fn settle(&self, known: &Known, action: &Value) {
        let plan = &self.story.plan;
        match (plan.payer, page(action)) {
            (Payer::OnThePage | Payer::PressesTwice, Some(page)) => {
                self.press_on_page(&page, "pay").await;
                if plan.payer == Payer::PressesTwice {
                    self.press_on_page(&page, "pay").await;
                }
            }
            (Payer::GivesUp, Some(page)) => self.press_on_page(&page, "cancel").await,
            (Payer::TooLate, _) => {
                let lasts = u64::try_from(plan.expires_in_s).unwrap_or(0);
                tokio::time::sleep(Duration::from_millis(lasts * 1_000 + 1_200)).await;
                self.pay_in_wallet(known).await;
            }
            (Payer::InTheWallet, _) => self.pay_in_wallet(known).await,
            (payer, _) => self.story.note(format!("{payer:?} has nothing to do with {action}")),
        }
    }

    /// The gateway books, notifies, and sends the payer back.
    async fn press_on_page(&self, page: &str, decision: &str) {
        let _ticket = self.stage.flights.begin(Flight::Pay);
        let reply = self.stage.browser.press(page, &format!("decision={decision}&password=1")).await;
        self.story.note(format!("pressed {decision} at {page}: {}", reply.status));
    }

    /// The payer pays in an app; when and how often the gateway tells is another matter.
    async fn pay_in_wallet(&self, known: &Known) {
        let (plan, gateways) = (&self.story.plan, &self.stage.gateways);
        let Some(order_no) = self.order_no(known).await else { return };
        let path = format!("/{}/orders/{order_no}/pay", plan.way.gateway);
        let book = json!({"as_payer": true, "notify": false});
        let reply = gateways.try_ask(Method::POST, &path, &book).await;
        self.story.note(format!("the payer pays {order_no} in the wallet: {}", reply.status));
        if !reply.status.is_success() || !plan.notices.told {
            return;
        }
        tokio::time::sleep(Duration::from_millis(plan.notices.delay_ms)).await;
        let _ticket = self.stage.flights.begin(Flight::Pay);
        let tell = json!({"times": plan.notices.copies, "together": plan.notices.together});
        let reply = gateways.try_ask(Method::POST, &path, &tell).await;
        self.story.note(format!("the gateway tells of {order_no}: {}", reply.text));
    }

    /// The number under which the payer sees the order.
    pub(super) async fn order_no(&self, known: &Known) -> Option<String> {
        let payment = self.look(known).await?;
        let last = payment["attempts"].as_array()?.last()?;
        Some(text(&last["order_no"]))
    }
}

/// The page behind a next action, where a browser or a wallet can open one.
fn page(action: &Value) -> Option<String> {
    let part = |name: &str| text(&action[name]);
    match action["type"].as_str()? {
        "redirect" => Some(part("url")),
        "qr_code" => Some(part("text")),
        "hicoin_h5" => Some(format!(
            "{}?appId={}&nonceStr={}&package={}&signType={}&timeStamp={}&paySign={}",
            part("page_url"),
            part("app_id"),
            part("nonce_str"),
            part("package"),
            part("sign_type"),
            part("time_stamp"),
            part("pay_sign")
        )),
        _ => None,
    }
}
