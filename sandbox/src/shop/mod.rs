//! The demo shop: the merchant's side of a payment, small enough to read as an example.
//!
//! A merchant's backend has five duties. It decides the price ([`catalog`]) and who pays ([`payment_method`]), writes
//! its order down ([`orders`]), creates the payment with its API key ([`place_order`], [`signer`]), believes only
//! signed webhooks ([`webhooks`]), and keeps every secret away from the browser. Refunds and giving up are beside it
//! ([`manage_order`]). The page in `www/` and the built browser module are served with it ([`site`]).

mod api;
mod catalog;
mod config;
mod error;
mod follow;
mod happenings;
mod manage_order;
mod methods;
mod options;
mod order;
mod orders;
mod payment_method;
mod place_order;
mod refund;
mod session;
mod signer;
mod signer_error;
mod simulators;
mod site;
#[cfg(test)]
mod tests;
mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;

pub use self::config::{Accounts, Merchant, Payer, Secret, ShopConfig};
pub use self::error::StartError;
use self::follow::Followers;
use self::orders::Orders;
use self::session::SessionCookie;
use self::signer::Signer;

const STOP_GRACE: Duration = Duration::from_secs(3);

/// What every request of the shop works with.
struct Shop {
    accounts: Accounts,
    merchant: Merchant,
    payer: Payer,
    public_url: String,
    session_cookie: SessionCookie,
    jweixin_url: Option<Url>,
    signer: Signer,
    webhook: standardwebhooks::Webhook,
    orders: Arc<Orders>,
    followers: Followers,
}

/// A shop that is serving; dropping it stops the shop.
pub struct Running {
    /// Where it listens, `http://host:port`.
    pub url: String,
    stop: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
    _listening: Option<simulators::Listening>,
}

/// Opens the shop on a listener that is already bound.
///
/// # Errors
///
/// Names the setting that cannot be used, before the first request is taken.
pub async fn start(config: ShopConfig, listener: TcpListener) -> Result<Running, StartError> {
    let address = listener.local_addr().map_err(StartError::Listener)?;
    let orders = Arc::new(Orders::default());
    let log = Arc::clone(&orders);
    let log = Box::new(move |order_id: &str, line| log.note(order_id, line));
    let signer = Signer::new(&config.signer_url, config.api_key, log)?;
    let jweixin_url =
        config.jweixin_url.map(|url| config::web_address("shop.jweixin_url", &url)).transpose()?;
    let origins = site::Origins::new(signer.origin(), jweixin_url.as_ref());
    let site = site::Site::new(&config.www_dir, &config.package_dir, &origins)?;
    let webhook = webhooks::verifier(&config.webhook_secret)?;
    let public_url = config::public_url(config.public_url, address)?;
    let shop = Arc::new(Shop {
        accounts: config.accounts,
        merchant: config.merchant,
        payer: config.payer,
        session_cookie: SessionCookie::new(&public_url),
        public_url,
        jweixin_url,
        signer,
        webhook,
        orders: Arc::clone(&orders),
        followers: Followers::default(),
    });

    let simulators_url =
        config.simulators_url.map(|url| config::web_address("shop.simulators_url", &url)).transpose()?;
    let listening = simulators_url.map(|url| simulators::listen(Arc::clone(&shop), &url)).transpose();
    let listening = listening.map_err(|error| StartError::Client(error.to_string()))?;

    let (stop, stopped) = oneshot::channel();
    let router = site.around(api::routes(&shop).merge(webhooks::routes()).with_state(shop));
    let served = tokio::spawn(async move {
        // A dropped sender counts as "stop", too: the shop never outlives the one who started it.
        let stopped = async move {
            drop(stopped.await);
            // Pages that follow their orders would keep the shop open.
            orders.close();
        };
        axum::serve(listener, router).with_graceful_shutdown(stopped).await
    });
    Ok(Running { url: format!("http://{address}"), stop, served, _listening: listening })
}

impl Running {
    /// Takes no further request, gives those in flight a moment, and closes.
    ///
    /// # Errors
    ///
    /// What ended the serving, if it was not this call.
    pub async fn stop(mut self) -> std::io::Result<()> {
        drop(self.stop);
        match tokio::time::timeout(STOP_GRACE, &mut self.served).await {
            Ok(ended) => ended.map_err(std::io::Error::other)?,
            Err(_) => {
                self.served.abort();
                Ok(())
            }
        }
    }
}
