//! Start-up and end: the ledger, the accounts, the workers, the listener, in this order, and back.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use url::Url;

use crate::app::{App, Parts};
use crate::config::{AccountSettings, GatewaySettings, Mode, Report, Settings};
use crate::gateway::blueocean::Blueocean;
use crate::gateway::dotwallet::Dotwallet;
use crate::gateway::hicoin::Hicoin;
use crate::gateway::jubao::Jubao;
use crate::gateway::{Account, Gateway, Registry};
use crate::http::{Edge, Limits, Metrics, RateLimit, Readiness, router, serve as serve_http};
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
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(message) => return refuse(&message, 1),
    };
    let ended = runtime.block_on(run(settings));
    // Work that hangs, in a database that does not answer, must not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    match ended {
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
    let store = match &settings.webhook.url {
        Some(url) => store.with_endpoint(url, clock::now_ms()).await.map_err(|e| e.to_string())?,
        None => store,
    };
    let mut signals = Signals::new()?;
    let listen = settings.server.listen;
    let listener = TcpListener::bind(listen).await.map_err(|e| format!("cannot listen on {listen}: {e}"))?;
    let address = listener.local_addr().map_err(|e| format!("cannot listen on {listen}: {e}"))?;

    store.announce(&format!("http://{address}"));
    let app = App::new(parts(&settings, store.clone(), address).await?);
    let metrics = Metrics::default();
    let dispatcher = dispatcher(&settings, store, metrics.clone())?;
    app.catch_up_with_clock().await.map_err(|e| e.to_string())?;
    let (stop, stopping) = watch::channel(false);
    let clock_watch = tokio::spawn(app.clone().watch_clock(stopping.clone()));
    let reconciler = tokio::spawn(app.clone().reconcile(stopping.clone()));
    let deliveries = dispatcher.map(|dispatcher| tokio::spawn(dispatcher.run(stopping.clone())));

    let limits = Limits {
        connections_max: settings.server.connections_max,
        header_timeout: Duration::from_secs(settings.server.header_timeout_s),
        drain_timeout: Duration::from_secs(settings.server.shutdown_timeout_s),
    };
    let edge = edge(&settings, app.clone(), metrics);
    let serving = tokio::spawn(serve_http(listener, router(edge), limits, stopping));
    print(&format!("countersign is ready on http://{address}\n"));

    signals.told_to_stop().await;
    tracing::info!("stopping");
    // Receivers that are gone have stopped already.
    let _ = stop.send(true);
    app.stop_watching();
    let ended = async {
        let _ = serving.await;
        let _ = clock_watch.await;
        let _ = reconciler.await;
        if let Some(deliveries) = deliveries {
            let _ = deliveries.await;
        }
        app.drain().await;
    };
    let cut_off = "work still in flight was cut off; it is taken up again at the next start";
    tokio::select! {
        ended = tokio::time::timeout(limits.drain_timeout, ended) => {
            if ended.is_err() {
                tracing::warn!("{cut_off}");
            }
            Ok(())
        }
        () = signals.told_to_stop() => Err(format!("told to stop at once: {cut_off}")),
    }
}

/// Opens the ledger that the settings name.
pub(crate) async fn open_ledger(settings: &Settings) -> Result<Store, StoreError> {
    let deliver = settings.webhook.url.is_some();
    Store::open(settings.store.url.expose(), settings.store.connections, deliver).await
}

/// The signals that ask a process to end: the first one to finish what is in flight, the second one to leave it.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> Result<Self, String> {
        let terminate = signal(SignalKind::terminate()).map_err(|e| e.to_string())?;
        let interrupt = signal(SignalKind::interrupt()).map_err(|e| e.to_string())?;
        Ok(Self { terminate, interrupt })
    }

    async fn told_to_stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
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
        webhook_url: settings.webhook.url.clone(),
        payments: settings.payments.clone(),
        polling: settings.polling.clone(),
        submit_timeout_ms: i64::try_from(longest_s).unwrap_or(60) * 1000,
        own_key,
    })
}

fn edge(settings: &Settings, app: App, metrics: Metrics) -> Edge {
    Edge {
        app,
        api_keys: settings.api_keys.clone().into(),
        allowed_origins: settings.server.allowed_origins.clone().into(),
        rate_limit: RateLimit::new(&settings.rate_limits),
        metrics,
        readiness: Readiness::default(),
        body_bytes_max: settings.server.body_bytes_max,
        client_address_header: settings.server.client_address_header.clone(),
        body_timeout: Duration::from_secs(settings.server.header_timeout_s),
    }
}

fn dispatcher(settings: &Settings, store: Store, metrics: Metrics) -> Result<Option<Dispatcher>, String> {
    let Some(url) = settings.webhook.url.clone() else { return Ok(None) };
    let guarded = settings.server.mode == Mode::Live;
    let count = Box::new(move |outcome| metrics.webhook(outcome));
    Dispatcher::new(store, url, &settings.webhook, guarded, count)
        .map(Some)
        .map_err(|e| format!("webhooks: {e}"))
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
