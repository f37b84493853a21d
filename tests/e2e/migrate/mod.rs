//! A ledger moves from SQLite to PostgreSQL, and the signer goes on where it was.

mod by_hand;
mod going_on;
mod killed;

use std::collections::BTreeMap;
use std::process::Stdio;

use countersign_tests::{Ended, JUBAO_WECHAT_H5, PATIENCE, Payment, Store, World, run, signer};
use serde_json::json;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// A signer on a ledger in a file, whatever the other tests run on, and an empty place on a server.
struct Move {
    world: World,
    target: Target,
    folder: TempDir,
}

impl Move {
    async fn prepare() -> Self {
        let (folder, target) = (tempfile::tempdir().expect("a temporary folder"), Target::create().await);
        let ledger = format!("sqlite:{}", folder.path().join("before.db").display());
        let world = World::on(Store::Sqlite, |settings| settings.set("store.url", ledger)).await;
        Self { world, target, folder }
    }

    fn file(&self) -> String {
        self.world.dir().join("countersign.toml").to_str().expect("a readable name").to_owned()
    }

    /// Where the signer's address comes from: not the command line, where everybody sees it.
    fn environment(&self) -> BTreeMap<String, String> {
        [("NEW_DATABASE_URL".to_owned(), self.target.url.clone())].into()
    }

    async fn migrate(&self) -> Ended {
        let arguments = ["migrate", "--config", &self.file(), "--to", "env:NEW_DATABASE_URL"];
        run(&signer(), &arguments, &self.environment()).await
    }

    /// Begins, and is killed as soon as it says this; `false` when it came to its end before.
    async fn migrate_until(&self, says: &str) -> bool {
        let mut child = tokio::process::Command::new(signer())
            .args(["migrate", "--config", &self.file(), "--to", "env:NEW_DATABASE_URL"])
            .env_clear()
            .envs(self.environment())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the command starts");
        let mut lines = BufReader::new(child.stderr.take().expect("it is piped")).lines();
        let heard = async {
            while let Some(line) = lines.next_line().await.expect("its output can be read") {
                if line.starts_with(says) {
                    return true;
                }
            }
            false
        };
        let heard = tokio::time::timeout(PATIENCE, heard).await.expect("it says something in time");
        child.kill().await.expect("it is our own child");
        heard
    }

    /// Lets the signer use the new ledger from now on.
    async fn start_on_the_server(&mut self) {
        self.world.settings.set("store.url", self.target.url.as_str());
        self.world.start_signer().await;
    }

    /// How a start on the server ends that must not succeed.
    async fn start_refused(&self, url: &str) -> String {
        let mut settings = self.world.settings.clone();
        settings.set("store.url", url);
        settings.set("server.listen", "127.0.0.1:0");
        let text = std::fs::read_to_string(self.file()).expect("the configuration is there");
        let ended = self.world.start_another(&settings).await.expect_err("a signer started");
        std::fs::write(self.file(), text).expect("the folder can be written");
        assert_eq!(ended.code, Some(1), "{ended:?}");
        ended.stderr
    }

    fn file_url(&self) -> String {
        format!("sqlite:{}", self.folder.path().join("before.db").display())
    }
}

/// A schema of a test's own on the server that `COUNTERSIGN_TEST_POSTGRES` names.
struct Target {
    url: String,
    schema: String,
}

impl Target {
    async fn create() -> Self {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let since_epoch = std::time::UNIX_EPOCH.elapsed().expect("the clock is right").as_nanos();
        let schema = format!("move_{}_{since_epoch}_{count}", std::process::id());
        let server = server();
        connect(&server)
            .await
            .execute(AssertSqlSafe(format!("CREATE SCHEMA {schema}")))
            .await
            .expect("a schema");
        let separator = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{separator}options=-csearch_path%3D{schema}");
        Self { url, schema }
    }

    async fn run(&self, sql: &str) {
        let statement = AssertSqlSafe(sql.to_owned());
        connect(&self.url).await.execute(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    async fn number(&self, sql: &str) -> i64 {
        let statement = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()));
        statement
            .fetch_one(&mut connect(&self.url).await)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        let statement = format!("DROP SCHEMA {} CASCADE", self.schema);
        // The test's own runtime is busy with ending the test.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime can be made").block_on(async {
                // What is left over harms nobody.
                let _ = connect(&server()).await.execute(AssertSqlSafe(statement)).await;
            });
        });
        let _ = dropping.join();
    }
}

/// A test that cannot run fails.
fn server() -> String {
    std::env::var("COUNTERSIGN_TEST_POSTGRES").expect("COUNTERSIGN_TEST_POSTGRES names a server")
}

async fn connect(url: &str) -> PgConnection {
    // An error means that it was installed before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    PgConnection::connect(url).await.expect("the server of COUNTERSIGN_TEST_POSTGRES answers")
}

async fn confirmed(world: &World) -> Payment {
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    world.api.confirm(&payment).await;
    payment
}

async fn paid(world: &World) -> Payment {
    let payment = confirmed(world).await;
    let order_no = payment.body["order_id"].as_str().expect("a number");
    world.gateways.pay("jubao", order_no, &json!({})).await;
    world.api.until_status(&payment.id, "succeeded").await;
    payment
}
