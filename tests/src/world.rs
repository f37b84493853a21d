//! The signer, the simulators, a merchant: everything a journey needs, and nothing shared with another test.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use axum::http::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::store::Ledger;
use crate::{
    Api, Balancer, Control, Ended, Kept, Merchant, Process, Settings, SimulatorSettings, Store, Way, binary,
    eventually, keys,
};

/// Everything that runs for one test. It ends when this is dropped.
///
/// On a store that signers share there may be two of them behind one address; whatever is done to the signer is done to
/// both, at the same moment.
#[derive(Debug)]
pub struct World {
    /// The signer's HTTP interface.
    pub api: Api,
    /// The simulators.
    pub gateways: Control,
    /// Where webhooks arrive.
    pub merchant: Merchant,
    /// What the signer is configured with; changes count from the next start.
    pub settings: Settings,
    store: Store,
    signers: Vec<Process>,
    balancer: Option<Balancer>,
    said_before: String,
    orders: AtomicU32,
    // After the signers, so that nobody uses it any more when it goes.
    ledger: Ledger,
    dir: TempDir,
}

impl World {
    /// Starts everything with the usual settings.
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// Starts everything, the signer with changed settings.
    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::with_simulators(|_| {}, change).await
    }

    /// Starts everything with this store, whatever the run is about, the signer with changed settings.
    pub async fn on(store: Store, change: impl FnOnce(&mut Settings)) -> Self {
        Self::build(store, |_| {}, change).await
    }

    /// Starts everything, simulators and signer with changed settings.
    pub async fn with_simulators(
        change_simulators: impl FnOnce(&mut SimulatorSettings),
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        Self::build(Store::chosen(), change_simulators, change).await
    }

    async fn build(
        store: Store,
        change_simulators: impl FnOnce(&mut SimulatorSettings),
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut simulators = SimulatorSettings::default();
        change_simulators(&mut simulators);
        let (gateways, merchant, ledger) = tokio::join!(
            Control::start(dir.path(), &simulators),
            Merchant::open(),
            Ledger::create(store, dir.path())
        );
        let mut settings = Settings::new(&gateways.url, &merchant.url, &ledger.url());
        let balancer = if store.instances() > 1 { Some(Balancer::open().await) } else { None };
        if let Some(balancer) = &balancer {
            settings.set("server.public_url", balancer.url.as_str());
        }
        change(&mut settings);
        let signers = start_signers(dir.path(), &settings, store.instances()).await;
        let signers = signers.unwrap_or_else(|ended| panic!("the signer did not start: {ended:?}"));
        let api = Api::new(balancer.as_ref().map_or(&signers[0].url, |balancer| &balancer.url));
        let world = Self {
            api,
            gateways,
            merchant,
            settings,
            store,
            signers,
            balancer,
            said_before: String::new(),
            orders: AtomicU32::new(0),
            ledger,
            dir,
        };
        world.lead_to_signers();
        world.set_callback().await;
        world
    }

    /// Where this world's ledger is.
    pub fn store(&self) -> Store {
        self.store
    }

    /// Everything in the ledger, part by part.
    ///
    /// # Panics
    /// When there is no ledger.
    pub async fn kept(&self) -> Vec<Kept> {
        let kept = self.ledger.kept().await;
        assert!(kept.iter().any(|part| !part.bytes.is_empty()), "there is a ledger");
        kept
    }

    /// Cuts the signer off from its ledger in this moment, where that is reached by connections; gives how many there were.
    pub async fn cut_connections(&self) -> usize {
        self.ledger.cut_connections().await
    }

    /// Tells Hicoin's portal where notifications go.
    pub async fn set_callback(&self) {
        self.gateways.put_callback(&format!("{}/v1/notifications/coin", self.api.url)).await;
    }

    /// Lets the DotWallet user have money and agree, so that an automatic payment goes through.
    pub async fn fill_wallet(&self) {
        let account = json!({
            "balance": 100_000_000, "single_limit": 10_000_000, "total_limit": 100_000_000, "consented": true,
        });
        self.gateways.put_user(keys::DOTWALLET_USER, account).await;
    }

    /// An order number that this world has not used.
    pub fn order_id(&self) -> String {
        format!("A{:07}", self.orders.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// A create request with a new order number.
    pub fn order(&self, way: &Way) -> serde_json::Value {
        way.order(&self.order_id())
    }

    /// The signers that run.
    pub fn signers(&mut self) -> &mut [Process] {
        &mut self.signers
    }

    /// Everything the signer has said, before restarts too.
    pub fn said(&self) -> String {
        let now: String = self.signers.iter().map(Process::said).collect();
        format!("{}{now}", self.said_before)
    }

    /// What each signer counts.
    pub async fn metrics(&self) -> Vec<String> {
        let mut metrics = Vec::new();
        for signer in &self.signers {
            let api = Api::new(&signer.url);
            metrics.push(api.send(api.request(Method::GET, "/metrics")).await.text);
        }
        metrics
    }

    /// Ends the signer as a power cut would.
    pub async fn kill_signer(&mut self) {
        let mut signers = self.running();
        for signer in &signers {
            signer.kill_at_once();
        }
        for signer in &mut signers {
            signer.wait().await;
            self.said_before.push_str(&signer.said());
        }
    }

    /// Ends one of the signers as a power cut would, and starts another in its place. The others go on.
    ///
    /// # Panics
    /// When there is only one signer, whose address must stay what it is, or no such one.
    pub async fn replace_signer(&mut self, nth: usize) {
        let balancer = self.balancer.as_ref().expect("several signers stand behind one address");
        let mut killed = self.signers.remove(nth);
        killed.kill_at_once();
        let left: Vec<_> = self.signers.iter().map(address_of).collect();
        balancer.lead_to(left);
        killed.wait().await;
        self.said_before.push_str(&killed.said());
        let started = self.start_another(&self.settings).await;
        self.signers.insert(nth, started.unwrap_or_else(|ended| panic!("it did not start: {ended:?}")));
        self.lead_to_signers();
    }

    /// Asks the signer to stop and waits for its end. Of two it is the worse end, and what both have said.
    pub async fn stop_signer(&mut self) -> Ended {
        let mut signers = self.running();
        for signer in &signers {
            signer.terminate();
        }
        let mut all = Ended { code: Some(0), stdout: String::new(), stderr: String::new() };
        for signer in &mut signers {
            let ended = signer.wait().await;
            self.said_before.push_str(&signer.said());
            all.code = if all.code == Some(0) { ended.code } else { all.code };
            all.stdout.push_str(&ended.stdout);
            all.stderr.push_str(&ended.stderr);
        }
        all
    }

    fn running(&mut self) -> Vec<Process> {
        assert!(!self.signers.is_empty(), "the signer is running");
        std::mem::take(&mut self.signers)
    }

    /// Starts the signer again, on the same ledger and the same address: notification addresses stay what they were.
    pub async fn start_signer(&mut self) {
        if self.balancer.is_none() {
            let listen = self.api.url.trim_start_matches("http://").to_owned();
            self.settings.set("server.listen", listen);
        }
        let (dir, settings, count) = (self.dir.path(), &self.settings, self.store.instances());
        // Another test's connection may hold the port for a moment.
        let signers =
            eventually("the signer starts again", async || match start_signers(dir, settings, count).await {
                Ok(signers) => Some(signers),
                Err(ended) if ended.stderr.contains("cannot listen") => None,
                Err(ended) => panic!("the signer did not start again: {ended:?}"),
            })
            .await;
        self.signers = signers;
        self.lead_to_signers();
    }

    fn lead_to_signers(&self) {
        if let Some(balancer) = &self.balancer {
            balancer.lead_to(self.signers.iter().map(address_of).collect());
        }
    }

    /// A second signer with other settings but on the same ledger: it may run or not.
    ///
    /// # Errors
    /// How it ended, when it did.
    pub async fn start_another(&self, settings: &Settings) -> Result<Process, Ended> {
        let mut started = start_signers(self.dir.path(), settings, 1).await?;
        Ok(started.remove(0))
    }

    /// The folder with configuration and, where it is a file, ledger.
    pub fn dir(&self) -> PathBuf {
        self.dir.path().to_owned()
    }
}

fn address_of(signer: &Process) -> SocketAddr {
    signer.url.trim_start_matches("http://").parse().expect("an address")
}

/// Starts so many at the same moment, or tells how the first of those ended that did not start.
async fn start_signers(dir: &Path, settings: &Settings, count: usize) -> Result<Vec<Process>, Ended> {
    let file = dir.join("countersign.toml");
    std::fs::write(&file, settings.text()).expect("the temporary folder can be written");
    let starting: Vec<_> = (0..count)
        .map(|_| {
            let (file, env) = (file.to_str().expect("a readable name").to_owned(), settings.env.clone());
            tokio::spawn(async move {
                let arguments = ["serve", "--config", &file];
                Process::start(&binary::signer(), &arguments, &env, "countersign is ready on ").await
            })
        })
        .collect();
    let mut started = Vec::new();
    for starting in starting {
        started.push(starting.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())));
    }
    started.into_iter().collect()
}
