//! Start-up and end: the ledger, the accounts, the workers, the listener, in this order, and back.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use url::Url;

use crate::app::{App, Parts};
use crate::config::{AccountSettings, GatewaySettings, Mode, Report, Settings};
use crate::gateway::blueocean::Blueocean;
use crate::gateway::dotwallet::Dotwallet;
use crate::gateway::hicoin::Hicoin;
use crate::gateway::jubao::Jubao;
use crate::gateway::{Account, Gateway, Registry};
use crate::http::{Edge, Limits, Metrics, RateLimit, router, serve as serve_http};
use crate::sealed::Sealer;
use crate::store::{Store, StoreError};
use crate::upstream::Upstream;
use crate::webhook::Dispatcher;
use crate::{clock, print, refuse, telemetry};

/// Runs the signer until it is told to stop.
pub(crate) fn serve(settings: Settings, report: &Report) -> ExitCode {
    telemetry::start(settings.log.format, &settings.log.level);
    for warning in &report.warnings {
        tracing::warn!("{warning}");
    }
    match runtime().and_then(|runtime| runtime.block_on(run(settings))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => refuse(&message, 1),
    }
}

/// What asynchronous work and TLS run on.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, String> {
    // Nothing else installs one; a second call keeps the first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| format!("the runtime could not be started: {error}"))
}

async fn run(settings: Settings) -> Result<(), String> {
    let store = open_ledger(&settings).await.map_err(|e| e.to_string())?;
    store.recover(clock::now_ms()).await.map_err(|e| e.to_string())?;
    let listen = settings.server.listen;
    let listener = TcpListener::bind(listen).await.map_err(|e| format!("cannot listen on {listen}: {e}"))?;
    let address = listener.local_addr().map_err(|e| format!("cannot listen on {listen}: {e}"))?;

    store.announce(&format!("http://{address}"));
    let app = App::new(parts(&settings, store.clone(), address).await?);
    let guarded = settings.server.mode == Mode::Live;
    let dispatcher =
        Dispatcher::new(store, &settings.webhook, guarded).map_err(|e| format!("webhooks: {e}"))?;
    let (stop, stopping) = watch::channel(false);
    let reconciler = tokio::spawn(app.clone().reconcile(stopping.clone()));
    let deliveries = dispatcher.map(|dispatcher| tokio::spawn(dispatcher.run(stopping.clone())));

    let limits = Limits {
        connections_max: settings.server.connections_max,
        header_timeout: Duration::from_secs(settings.server.header_timeout_s),
        drain_timeout: Duration::from_secs(settings.server.shutdown_timeout_s),
    };
    let edge = edge(&settings, app.clone());
    let serving = tokio::spawn(serve_http(listener, router(edge), limits, stopping));
    print(&format!("countersign is ready on http://{address}\n"));

    told_to_stop().await?;
    tracing::info!("stopping");
    // Receivers that are gone have stopped already.
    let _ = stop.send(true);
    app.stop_watching();
    let ended = async {
        let _ = serving.await;
        let _ = reconciler.await;
        if let Some(deliveries) = deliveries {
            let _ = deliveries.await;
        }
        app.drain().await;
    };
    if tokio::time::timeout(limits.drain_timeout, ended).await.is_err() {
        tracing::warn!("work still in flight was cut off; it is taken up again at the next start");
    }
    Ok(())
}

/// Opens the ledger that the settings name.
pub(crate) async fn open_ledger(settings: &Settings) -> Result<Store, StoreError> {
    let deliver = settings.webhook.url.is_some();
    Store::open(settings.store.url.expose(), settings.store.connections, deliver).await
}

async fn told_to_stop() -> Result<(), String> {
    let mut terminate = signal(SignalKind::terminate()).map_err(|e| e.to_string())?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|e| e.to_string())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// What the use cases are given: `address` is where the signer listens, and what browsers reach unless the settings say
/// otherwise.
pub(crate) async fn parts(
    settings: &Settings,
    store: Store,
    address: std::net::SocketAddr,
) -> Result<Parts, String> {
    let public_url = match &settings.server.public_url {
        Some(url) => url.clone(),
        None => Url::parse(&format!("http://{address}")).map_err(|e| e.to_string())?,
    };
    let own_key = store.own_key().await.map_err(|e| e.to_string())?;
    let origin = settings.server.allowed_origins.iter().find(|origin| *origin != "*");
    let upstream = &settings.upstream;
    let longest_s = upstream.connect_timeout_s + 2 * upstream.timeout_s + 2;
    Ok(Parts {
        shared_ledger: store.is_shared(),
        store,
        accounts: accounts(settings)?,
        fallback_return_url: origin.cloned().unwrap_or_else(|| public_url.to_string()),
        public_url,
        livemode: settings.server.mode == Mode::Live,
        payments: settings.payments.clone(),
        polling: settings.polling.clone(),
        submit_timeout_ms: i64::try_from(longest_s).unwrap_or(60) * 1000,
        own_key,
    })
}

fn edge(settings: &Settings, app: App) -> Edge {
    Edge {
        app,
        api_keys: settings.api_keys.clone().into(),
        allowed_origins: settings.server.allowed_origins.clone().into(),
        rate_limit: RateLimit::new(&settings.rate_limits),
        metrics: Metrics::default(),
        body_bytes_max: settings.server.body_bytes_max,
        client_address_header: settings.server.client_address_header.clone(),
        body_timeout: Duration::from_secs(settings.server.header_timeout_s),
    }
}

fn accounts(settings: &Settings) -> Result<Registry, String> {
    let upstream = Upstream::new(&settings.upstream).map_err(|e| format!("upstream: {e}"))?;
    let mut registry = Registry::default();
    for (name, account) in &settings.accounts {
        registry.insert(name.clone(), open_account(account, &upstream));
    }
    Ok(registry)
}

fn open_account(settings: &AccountSettings, upstream: &Upstream) -> Account {
    let (currency, upstream) = (settings.currency.clone(), upstream.clone());
    let (sealer, gateway): (Sealer, Arc<dyn Gateway>) = match settings.gateway.clone() {
        GatewaySettings::Dotwallet(config) => {
            (Sealer::new([&config.secret]), Arc::new(Dotwallet::new(config, currency, upstream)))
        }
        GatewaySettings::Jubao(config) => {
            (Sealer::new(&config.keys), Arc::new(Jubao::new(config, currency, upstream)))
        }
        GatewaySettings::Blueocean(config) => {
            (Sealer::new(&config.keys), Arc::new(Blueocean::new(config, currency, upstream)))
        }
        GatewaySettings::Hicoin(config) => {
            (Sealer::new([&config.app_secret]), Arc::new(Hicoin::new(config, currency, upstream)))
        }
    };
    Account {
        gateway,
        sealer,
        trust_notifications: settings.trust_notifications,
        max_amount: settings.max_amount,
        daily_limit: settings.daily_limit,
    }
}
