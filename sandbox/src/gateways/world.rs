//! Everything the simulators remember, and what all four of them can be asked to do.

use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::blueocean::BlueOcean;
use super::clock;
use super::config::Config;
use super::dotwallet::DotWallet;
use super::dress::Dress;
use super::fault::Faults;
use super::hicoin::Hicoin;
use super::journal::Journal;
use super::jubao::Jubao;
use super::ledger::Ledger;
use super::notification::{Courier, Delivery, Notice};
use super::orders::{Deviation, State};
use super::overheard::Overheard;
use super::switches::{Steered, Switches};
use super::wechat::WeChat;

/// The four gateways and the app that some of them pay in, by the names of their path prefixes.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Gateway {
    DotWallet,
    Jubao,
    BlueOcean,
    Hicoin,
    WeChat,
}

/// What the control interface and the pages need of a gateway.
pub(crate) trait Simulator: Send + Sync {
    /// Its orders.
    fn ledger(&self) -> &dyn Ledger;
    /// Endpoints at which a fault can be ordered.
    fn endpoints(&self) -> &'static [&'static str];
    /// The notification of an order's state; `None` when the order is unknown, has nowhere to send it, or the gateway
    /// tells no such state.
    fn notice(&self, order_no: &str, wording: &Wording) -> Option<Notice>;
    /// A transaction number as the wallet behind this gateway would give it.
    fn transaction_id(&self) -> String;
    /// How its messages are written.
    fn dress(&self) -> &Switches<Dress>;
    /// What a test can steer of its behaviour.
    fn settings(&self) -> &dyn Steered;
}

/// How a notification is to be worded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wording {
    /// Other figures than the order's.
    pub(crate) deviation: Deviation,
    /// Sign with a key that is not the merchant's.
    pub(crate) forged: bool,
    /// Tell another state than "paid".
    pub(crate) state: Option<State>,
}

impl Wording {
    /// The key to sign with.
    pub(crate) fn key(&self, key: &str) -> String {
        if self.forged { format!("{key}-forged") } else { key.to_owned() }
    }

    /// The state to tell.
    pub(crate) fn state(&self) -> State {
        self.state.unwrap_or(State::Paid)
    }
}

/// The state of the whole process.
pub(crate) struct World {
    pub(crate) journal: Journal,
    pub(crate) overheard: Overheard,
    pub(crate) faults: Faults,
    pub(crate) dotwallet: DotWallet,
    pub(crate) jubao: Jubao,
    pub(crate) blueocean: BlueOcean,
    pub(crate) hicoin: Hicoin,
    pub(crate) wechat: WeChat,
    courier: Courier,
}

impl World {
    /// An empty world; `url` is the address listened on.
    pub(crate) fn new(config: Config, url: &str) -> io::Result<Self> {
        let url =
            config.public_url.as_ref().map_or(url, |public| public.as_str().trim_end_matches('/')).to_owned();
        Ok(Self {
            journal: Journal::default(),
            overheard: Overheard::default(),
            faults: Faults::default(),
            courier: Courier::new(&config.notifications)?,
            dotwallet: DotWallet::new(config.dotwallet),
            jubao: Jubao::new(config.jubao, &url),
            blueocean: BlueOcean::new(config.blueocean, &config.wechat, &url),
            hicoin: Hicoin::new(config.hicoin),
            wechat: WeChat::new(config.wechat, &url),
        })
    }

    pub(crate) fn simulator(&self, gateway: Gateway) -> &dyn Simulator {
        match gateway {
            Gateway::DotWallet => &self.dotwallet,
            Gateway::Jubao => &self.jubao,
            Gateway::BlueOcean => &self.blueocean,
            Gateway::Hicoin => &self.hicoin,
            Gateway::WeChat => &self.wechat,
        }
    }

    /// Books what a payer has paid on a page, and tells the merchant; whether the order could still be paid.
    pub(crate) async fn pay_on_page(self: &Arc<Self>, gateway: Gateway, order_no: &str) -> bool {
        let simulator = self.simulator(gateway);
        let paid = simulator.ledger().pay(order_no, simulator.transaction_id()).is_ok();
        if paid {
            self.overheard.payment(gateway, order_no);
            self.announce(gateway, order_no).await;
        }
        paid
    }

    /// Sends the notification for an order that was just paid, and keeps at it in the background.
    pub(crate) async fn announce(self: &Arc<Self>, gateway: Gateway, order_no: &str) {
        if let Some(notice) = self.simulator(gateway).notice(order_no, &Wording::default()) {
            self.deliver(gateway, order_no, &notice, true).await;
        }
    }

    /// Sends a notification once and notes the reply; with `insist`, one that was not acknowledged is sent again in the
    /// background, as often as configured.
    pub(crate) async fn deliver(
        self: &Arc<Self>,
        gateway: Gateway,
        order_no: &str,
        notice: &Notice,
        insist: bool,
    ) -> Delivery {
        let delivery = self.send_once(gateway, order_no, notice).await;
        if insist && !delivery.acknowledged {
            let (world, order_no, notice) = (Arc::clone(self), order_no.to_owned(), notice.clone());
            tokio::spawn(async move {
                for wait in world.courier.waits() {
                    tokio::time::sleep(wait).await;
                    if world.send_once(gateway, &order_no, &notice).await.acknowledged {
                        return;
                    }
                }
                tracing::warn!(?gateway, order_no, "a notification was never acknowledged");
            });
        }
        delivery
    }

    async fn send_once(&self, gateway: Gateway, order_no: &str, notice: &Notice) -> Delivery {
        let began = clock::now();
        let delivery = self.courier.send(notice).await;
        self.overheard.notification(began, gateway, order_no, (delivery.status, delivery.acknowledged));
        tracing::info!(?gateway, order_no, status = delivery.status, "notification sent");
        self.simulator(gateway).ledger().note_delivery(order_no, delivery.clone());
        delivery
    }
}
