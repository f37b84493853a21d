//! Which store a run of the tests is about, chosen for all of them together.

use std::path::{Path, PathBuf};

use crate::Database;

const VARIABLE: &str = "COUNTERSIGN_TEST_STORE";

/// Where ledgers are kept, and by how many signers at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// A file of one signer.
    Sqlite,
    /// A database of one signer.
    Postgres,
    /// A database of two signers that take turns at every connection.
    PostgresTwo,
}

impl Store {
    /// What `COUNTERSIGN_TEST_STORE` names; SQLite when it names nothing.
    ///
    /// # Panics
    /// When it names something else.
    pub fn chosen() -> Self {
        match std::env::var(VARIABLE).as_deref() {
            Err(_) | Ok("" | "sqlite") => Self::Sqlite,
            Ok("postgres") => Self::Postgres,
            Ok("postgres-two") => Self::PostgresTwo,
            Ok(other) => panic!("{VARIABLE} is sqlite, postgres or postgres-two, and not {other}"),
        }
    }

    /// The word that chooses it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::PostgresTwo => "postgres-two",
        }
    }

    /// How many signers serve one ledger.
    pub const fn instances(self) -> usize {
        match self {
            Self::Sqlite | Self::Postgres => 1,
            Self::PostgresTwo => 2,
        }
    }

    /// Whether further signers may join.
    pub const fn is_shared(self) -> bool {
        matches!(self, Self::Postgres | Self::PostgresTwo)
    }
}

/// A ledger that is one test's own.
#[derive(Debug)]
pub(crate) enum Ledger {
    /// In this file.
    Sqlite(PathBuf),
    /// In this database.
    Postgres(Database),
}

/// A part of a ledger, and everything in it as bytes.
#[derive(Debug)]
pub struct Kept {
    /// A file or a table.
    pub place: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

impl Ledger {
    /// An empty one; a file would lie in this folder.
    pub(crate) async fn create(store: Store, folder: &Path) -> Self {
        match store {
            Store::Sqlite => Self::Sqlite(folder.join("ledger.db")),
            Store::Postgres | Store::PostgresTwo => Self::Postgres(Database::create().await),
        }
    }

    /// The signer's `store.url`.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(file) => format!("sqlite:{}", file.display()),
            Self::Postgres(database) => database.url().to_owned(),
        }
    }

    /// Ends all connections to it, where there are any; gives how many there were.
    pub(crate) async fn cut_connections(&self) -> usize {
        match self {
            Self::Sqlite(_) => 0,
            Self::Postgres(database) => database.cut_connections().await,
        }
    }

    /// Everything it holds, part by part.
    pub(crate) async fn kept(&self) -> Vec<Kept> {
        match self {
            Self::Sqlite(file) => files_of(file),
            Self::Postgres(database) => database.kept().await,
        }
    }
}

/// The ledger's file and those that SQLite keeps beside it.
fn files_of(ledger: &Path) -> Vec<Kept> {
    let name = ledger.file_name().expect("a file has a name").to_string_lossy();
    let folder = ledger.parent().expect("a file lies in a folder");
    let files = std::fs::read_dir(folder).expect("the folder can be read");
    let files = files.map(|entry| entry.expect("an entry").path());
    let files = files.filter(|path| {
        path.file_name().is_some_and(|other| other.to_string_lossy().starts_with(name.as_ref()))
    });
    files
        .map(|path| Kept {
            place: path.display().to_string(),
            bytes: std::fs::read(&path).expect("the file can be read"),
        })
        .collect()
}
