//! One signer, the simulators, a merchant: everything a journey needs, and nothing shared with another test.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::json;
use tempfile::TempDir;

use crate::{
    Api, Control, Ended, Merchant, Process, Settings, SimulatorSettings, Way, binary, eventually, keys,
};

/// Everything that runs for one test. It ends when this is dropped.
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
    signer: Option<Process>,
    said_before: String,
    orders: AtomicU32,
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

    /// Starts everything, simulators and signer with changed settings.
    pub async fn with_simulators(
        change_simulators: impl FnOnce(&mut SimulatorSettings),
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut simulators = SimulatorSettings::default();
        change_simulators(&mut simulators);
        let (gateways, merchant) = tokio::join!(Control::start(dir.path(), &simulators), Merchant::open());
        let mut settings = Settings::new(&gateways.url, &merchant.url, &dir.path().join("ledger.db"));
        change(&mut settings);
        let signer = start_signer(dir.path(), &settings).await;
        let signer = signer.unwrap_or_else(|ended| panic!("the signer did not start: {ended:?}"));
        let api = Api::new(&signer.url);
        let world = Self {
            api,
            gateways,
            merchant,
            settings,
            signer: Some(signer),
            said_before: String::new(),
            orders: AtomicU32::new(0),
            dir,
        };
        world.set_callback().await;
        world
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

    /// The signer.
    ///
    /// # Panics
    /// When it is not running.
    pub fn signer(&mut self) -> &mut Process {
        self.signer.as_mut().expect("the signer is running")
    }

    /// Everything the signer has said, before restarts too.
    pub fn said(&self) -> String {
        format!("{}{}", self.said_before, self.signer.as_ref().map_or_else(String::new, Process::said))
    }

    /// Ends the signer as a power cut would.
    pub async fn kill_signer(&mut self) {
        let mut signer = self.signer.take().expect("the signer is running");
        signer.kill().await;
        self.said_before.push_str(&signer.said());
    }

    /// Asks the signer to stop and waits for its end.
    pub async fn stop_signer(&mut self) -> Ended {
        let mut signer = self.signer.take().expect("the signer is running");
        signer.terminate();
        let ended = signer.wait().await;
        self.said_before.push_str(&signer.said());
        ended
    }

    /// Starts the signer again, on the same ledger and the same address: notification addresses stay what they were.
    pub async fn start_signer(&mut self) {
        let listen = self.api.url.trim_start_matches("http://").to_owned();
        self.settings.set("server.listen", listen);
        let (dir, settings) = (self.dir.path(), &self.settings);
        // Another test's connection may hold the port for a moment.
        let signer =
            eventually("the signer starts again", async || match start_signer(dir, settings).await {
                Ok(signer) => Some(signer),
                Err(ended) if ended.stderr.contains("cannot listen") => None,
                Err(ended) => panic!("the signer did not start again: {ended:?}"),
            })
            .await;
        self.signer = Some(signer);
    }

    /// A second signer with other settings but in the same folder: it may run or not.
    ///
    /// # Errors
    /// How it ended, when it did.
    pub async fn start_another(&self, settings: &Settings) -> Result<Process, Ended> {
        start_signer(self.dir.path(), settings).await
    }

    /// The folder with configuration and ledger.
    pub fn dir(&self) -> PathBuf {
        self.dir.path().to_owned()
    }
}

async fn start_signer(dir: &Path, settings: &Settings) -> Result<Process, Ended> {
    let file = dir.join("countersign.toml");
    std::fs::write(&file, settings.text()).expect("the temporary folder can be written");
    let file = file.to_str().expect("a temporary folder has a readable name");
    let arguments = ["serve", "--config", file];
    Process::start(&binary::signer(), &arguments, &settings.env, "countersign is ready on ").await
}
