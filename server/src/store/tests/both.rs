//! A ledger of its own for each test: a file, or a schema on the server that `COUNTERSIGN_TEST_POSTGRES` names.

use std::path::Path;
use std::str::FromStr as _;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};

use crate::id;
use crate::store::Store;

/// Connections of each ledger.
const CONNECTIONS: usize = 4;

/// Where the ledger of a test is.
pub(crate) struct Ledger {
    pub(crate) url: String,
    _dir: Option<tempfile::TempDir>,
}

impl Ledger {
    /// In a file of its own.
    pub(crate) fn in_a_file() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { url: format!("sqlite:{}", dir.path().join("ledger.db").display()), _dir: Some(dir) }
    }

    /// In a file that lasts no longer than the machine runs, for tests in which only processes die: nothing waits for
    /// a disk.
    pub(crate) fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        Self { url: format!("sqlite:{}", dir.path().join("ledger.db").display()), _dir: Some(dir) }
    }

    /// In a schema of its own.
    pub(crate) async fn on_a_server() -> Self {
        let (server, schema) = (server(), format!("ledger_{}", id::suffix(0).to_ascii_lowercase()));
        let create = format!("CREATE SCHEMA {schema}");
        connect(&server).await.execute(AssertSqlSafe(create)).await.unwrap();
        let separator = if server.contains('?') { '&' } else { '?' };
        Self { url: format!("{server}{separator}options=-csearch_path%3D{schema}"), _dir: None }
    }

    /// In a database of its own, made with these options.
    pub(super) async fn in_a_database(options: &str) -> Self {
        let (server, name) = (server(), format!("ledger_{}", id::suffix(0).to_ascii_lowercase()));
        let create = format!("CREATE DATABASE {name} {options}");
        connect(&server).await.execute(AssertSqlSafe(create)).await.unwrap();
        let mut url = url::Url::parse(&server).unwrap();
        url.set_path(&name);
        Self { url: url.into(), _dir: None }
    }

    /// Throws such a database away.
    pub(super) async fn drop_database(self) {
        let url = url::Url::parse(&self.url).unwrap();
        let drop = format!("DROP DATABASE {} WITH (FORCE)", url.path().trim_start_matches('/'));
        connect(&server()).await.execute(AssertSqlSafe(drop)).await.unwrap();
    }

    /// Opens it, or opens it again; a process that had a file has let it go.
    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.url, CONNECTIONS, true).await.unwrap()
    }
}

/// What an onlooker sees of it, by a connection of their own: nothing but what is committed.
impl Ledger {
    /// Whether an order or a refund of this number was written down.
    pub(crate) async fn has_number(&self, number: &str) -> bool {
        let number = number.replace('\'', "''");
        let sql = format!(
            "SELECT CAST(COUNT(*) AS BIGINT) FROM (SELECT order_no AS number FROM attempts UNION ALL \
             SELECT refund_no FROM refunds) AS numbers WHERE number = '{number}'"
        );
        self.look(&sql).await.is_some_and(|count| count > 0)
    }

    /// How many events have not arrived.
    pub(crate) async fn undelivered(&self) -> i64 {
        let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM events WHERE delivered_at IS NULL";
        self.look(sql).await.unwrap_or(0)
    }

    /// Throws everything away, so that another test can begin in the same schema.
    pub(crate) async fn empty(&self) {
        const TABLES: [&str; 8] = [
            "facts",
            "attempts",
            "events",
            "refunds",
            "logins",
            "idempotency",
            "payments",
            "webhook_endpoints",
        ];
        let sql: String = TABLES.iter().map(|table| format!("DELETE FROM {table}; ")).collect();
        connect(&self.url).await.execute(AssertSqlSafe(sql)).await.unwrap();
    }

    async fn look(&self, sql: &str) -> Option<i64> {
        if let Some(path) = self.url.strip_prefix("sqlite:") {
            let connection = rusqlite::Connection::open(path).unwrap();
            connection.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
            return connection.query_row(sql, [], |row| row.get(0)).unwrap();
        }
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
            .fetch_one(&mut connect(&self.url).await)
            .await
            .unwrap()
    }
}

/// The server that tests may use.
fn server() -> String {
    let server = std::env::var("COUNTERSIGN_TEST_POSTGRES");
    server.expect("COUNTERSIGN_TEST_POSTGRES names a server; `cargo xtask test` starts one")
}

async fn connect(url: &str) -> PgConnection {
    PgConnectOptions::from_str(url).unwrap().connect().await.unwrap()
}

/// When something is to be done next.
pub(crate) async fn next_due_ms(store: &Store) -> Option<i64> {
    let sql = "SELECT MIN(at) AS at FROM (SELECT next_check_at AS at FROM payments UNION ALL \
               SELECT next_attempt_at FROM events) AS due";
    let found = store.read(move |db| db.row(sql, &[])?.map(|mut row| row.maybe_int("at")).transpose());
    found.await.unwrap().flatten()
}

/// Makes a test for each engine of functions that take a ledger.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod on_a_file {
            use super::super::both::Ledger;
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    super::$name(Ledger::in_a_file()).await;
                }
            )*
        }

        mod on_a_server {
            use super::super::both::Ledger;
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    super::$name(Ledger::on_a_server().await).await;
                }
            )*
        }
    };
}
pub(super) use on_both;
