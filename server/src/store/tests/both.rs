//! A ledger of its own for each test: a file, or a schema on the server that `COUNTERSIGN_TEST_POSTGRES` names.

use std::str::FromStr as _;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};

use crate::id;
use crate::store::Store;

/// Connections of each ledger.
const CONNECTIONS: usize = 4;

/// Where the ledger of a test is.
pub(super) struct Ledger {
    pub(super) url: String,
    _dir: Option<tempfile::TempDir>,
}

impl Ledger {
    /// In a file of its own.
    pub(super) fn in_a_file() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { url: format!("sqlite:{}", dir.path().join("ledger.db").display()), _dir: Some(dir) }
    }

    /// In a schema of its own.
    pub(super) async fn on_a_server() -> Self {
        let server = std::env::var("COUNTERSIGN_TEST_POSTGRES");
        let server = server.expect("COUNTERSIGN_TEST_POSTGRES names a server; `cargo xtask test` starts one");
        let schema = format!("ledger_{}", id::suffix(0).to_ascii_lowercase());
        let mut connection = PgConnectOptions::from_str(&server).unwrap().connect().await.unwrap();
        connection.execute(AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).await.unwrap();
        let separator = if server.contains('?') { '&' } else { '?' };
        Self { url: format!("{server}{separator}options=-csearch_path%3D{schema}"), _dir: None }
    }

    /// Opens it, or opens it again; a process that had a file has let it go.
    pub(super) async fn open(&self) -> Store {
        Store::open(&self.url, CONNECTIONS, true).await.unwrap()
    }
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
