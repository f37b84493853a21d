//! A PostgreSQL database of a test's own.
//!
//! A database and not a schema, though a schema is made in no time: advisory locks, notifications and what is to be seen of
//! other sessions would be shared by tests that know nothing of each other.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::UNIX_EPOCH;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use url::Url;

use crate::Kept;

const VARIABLE: &str = "COUNTERSIGN_TEST_POSTGRES";

/// A database that is dropped with this.
#[derive(Debug)]
pub struct Database {
    name: String,
    url: String,
}

impl Database {
    /// An empty one on the server that `COUNTERSIGN_TEST_POSTGRES` names.
    ///
    /// # Panics
    /// When there is no server, or its role may not make databases.
    pub async fn create() -> Self {
        let name = new_name();
        let mut url = server();
        let mut connection = connect(url.as_str()).await;
        let statement = format!("CREATE DATABASE {name}");
        connection.execute(AssertSqlSafe(statement)).await.expect("the role may make databases");
        url.set_path(&name);
        Self { name, url: url.into() }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A connection to it, for a test that looks where no interface leads.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn connect(&self) -> PgConnection {
        connect(&self.url).await
    }

    /// Ends all connections to it but the one for this; gives how many there were.
    pub(crate) async fn cut_connections(&self) -> usize {
        let mut connection = self.connect().await;
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
            WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()";
        let cut: Vec<bool> =
            sqlx::query_scalar(cut).fetch_all(&mut connection).await.expect("they are our own connections");
        cut.len()
    }

    /// Every row of every table as text; letters and digits stand there as they are, in columns of bytes too.
    pub(crate) async fn kept(&self) -> Vec<Kept> {
        let mut connection = self.connect().await;
        connection.execute("SET bytea_output = 'escape'").await.expect("a known setting");
        let tables = "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables \
            WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
        let tables: Vec<String> =
            sqlx::query_scalar(tables).fetch_all(&mut connection).await.expect("tables can be listed");
        let mut kept = Vec::new();
        for place in tables {
            let rows = AssertSqlSafe(format!("SELECT t::text FROM {place} t"));
            let rows: Vec<String> =
                sqlx::query_scalar(rows).fetch_all(&mut connection).await.expect("a table can be read");
            kept.push(Kept { place, bytes: rows.join("\n").into_bytes() });
        }
        kept
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let name = self.name.clone();
        // The test's own runtime is busy with ending the test. On a thread of its own it takes a few milliseconds.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime can be made").block_on(drop_database(&name));
        });
        if dropping.join().is_err() && !std::thread::panicking() {
            panic!("the database {} could not be dropped", self.name);
        }
    }
}

/// Ends whoever is still connected. Only the server's own vacuum may not be ended by us: it makes room by itself, within the
/// seconds for which the plain statement waits.
async fn drop_database(name: &str) {
    let mut connection = connect(server().as_str()).await;
    let at_once = AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"));
    if connection.execute(at_once).await.is_err() {
        let patiently = AssertSqlSafe(format!("DROP DATABASE {name}"));
        connection.execute(patiently).await.expect("it is our own database");
    }
}

/// A test that cannot run fails: there is no skipping.
fn server() -> Url {
    let text = std::env::var(VARIABLE).unwrap_or_else(|_| {
        panic!("{VARIABLE} names no server: `cargo xtask postgres` starts one and says what to set")
    });
    text.parse().unwrap_or_else(|error| panic!("{VARIABLE} is no address: {error}"))
}

async fn connect(url: &str) -> PgConnection {
    // An error means that it was installed before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    PgConnection::connect(url).await.expect("the server of COUNTERSIGN_TEST_POSTGRES answers")
}

/// A name that no test has, in this run or another on the same server.
fn new_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let since_epoch = UNIX_EPOCH.elapsed().expect("the clock is right").as_nanos();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("journey_{}_{since_epoch}_{count}", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn exists(name: &str) -> bool {
        let mut connection = connect(server().as_str()).await;
        let found = sqlx::query_scalar("SELECT count(*) FROM pg_database WHERE datname = $1").bind(name);
        let found: i64 = found.fetch_one(&mut connection).await.unwrap();
        found == 1
    }

    #[tokio::test]
    async fn a_database_is_dropped_with_its_test_though_somebody_is_still_connected() {
        let database = Database::create().await;
        let name = database.name.clone();
        let mut left_open = database.connect().await;
        left_open.execute("CREATE TABLE t (a TEXT)").await.unwrap();
        assert!(exists(&name).await);
        drop(database);
        assert!(!exists(&name).await);
    }

    #[tokio::test]
    async fn what_is_kept_is_shown_row_by_row_with_bytes_as_letters() {
        let database = Database::create().await;
        let mut connection = database.connect().await;
        connection.execute("CREATE TABLE boxes (a TEXT, b BYTEA)").await.unwrap();
        connection.execute("INSERT INTO boxes VALUES ('tea', 'secret'::bytea), ('cup', NULL)").await.unwrap();
        let kept = database.kept().await;
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].place, "public.boxes");
        assert_eq!(kept[0].bytes, b"(tea,secret)\n(cup,)");
    }
}
