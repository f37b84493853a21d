//! A connection to PostgreSQL as the tables see it. It belongs to a thread that may wait, never to the runtime's own.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgRow};
use sqlx::query::Query;
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions as _, Executor as _, Postgres, Row as _, TypeInfo as _,
    raw_sql,
};
use tokio::runtime::Handle;

use crate::store::StoreError;
use crate::store::db::{Cell, Db, Engine, Row, Value};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);

/// What every connection is told first: an answered commit is on the disk, whatever the server's default; nobody's
/// locks outlive a lost instance for long; and a statement that hangs is given up.
const SESSION: &str = "SELECT set_config('synchronous_commit', 'on', false) \
     WHERE current_setting('synchronous_commit') = 'off'; \
     SET idle_in_transaction_session_timeout = '30s'; SET statement_timeout = '20s'; SET lock_timeout = '10s'; \
     SET client_min_messages = 'warning'";

/// Opens connections.
#[derive(Clone)]
pub(super) struct Opener {
    options: PgConnectOptions,
    runtime: Handle,
}

impl Opener {
    pub(super) fn new(options: PgConnectOptions, runtime: Handle) -> Self {
        let options = options.application_name("countersign").disable_statement_logging();
        Self { options, runtime }
    }

    /// Opens one. Not to be called by the runtime's own threads.
    pub(super) fn open(&self) -> Result<Open, StoreError> {
        let too_long = || StoreError::Interrupted("the database did not answer in time".to_owned());
        let connecting = async {
            let mut connection = self.options.connect().await.map_err(not_connected)?;
            connection.execute(raw_sql(SESSION)).await.map_err(not_connected)?;
            Ok::<_, StoreError>(connection)
        };
        let opened = self.runtime.block_on(async { tokio::time::timeout(CONNECT, connecting).await });
        let connection = opened.map_err(|_| too_long())??;
        Ok(Open { connection, runtime: self.runtime.clone() })
    }
}

/// A connection that is open.
pub(super) struct Open {
    connection: PgConnection,
    runtime: Handle,
}

impl Open {
    /// Runs statements without values, one after the other.
    pub(super) fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        let statements = raw_sql(AssertSqlSafe(sql.to_owned()));
        self.runtime.block_on(self.connection.execute(statements)).map(drop).map_err(failed)
    }
}

impl Db for Open {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    fn run(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let statement = bind(sql, values);
        let done = self.runtime.block_on(self.connection.execute(statement)).map_err(failed)?;
        Ok(done.rows_affected())
    }

    fn rows(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        let statement = bind(sql, values);
        let rows = self.runtime.block_on(self.connection.fetch_all(statement)).map_err(failed)?;
        let Some(first) = rows.first() else { return Ok(Vec::new()) };
        let names: Arc<[Box<str>]> = first.columns().iter().map(|column| column.name().into()).collect();
        let read = |row: &PgRow| {
            let cells = (0..names.len()).map(|at| cell(row, at)).collect::<Result<_, _>>()?;
            Ok(Row::new(Arc::clone(&names), cells))
        };
        rows.iter().map(read).collect()
    }
}

/// The tables number their values `?1`; PostgreSQL says `$1`.
fn bind<'q>(sql: &str, values: &'q [Value<'_>]) -> Query<'q, Postgres, PgArguments> {
    let mut statement = sqlx::query(AssertSqlSafe(sql.replace('?', "$")));
    for value in values {
        statement = match value {
            Value::Int(value) => statement.bind(*value),
            Value::Text(value) => statement.bind(value.as_deref()),
            Value::Blob(value) => statement.bind(*value),
            Value::Bool(value) => statement.bind(*value),
        };
    }
    statement
}

fn cell(row: &PgRow, at: usize) -> Result<Cell, StoreError> {
    let nothing = Cell::Nothing;
    let cell = match row.column(at).type_info().name() {
        "INT8" => row.try_get::<Option<i64>, _>(at).map(|value| value.map_or(nothing, Cell::Int)),
        "INT4" => {
            row.try_get::<Option<i32>, _>(at).map(|value| value.map_or(nothing, |v| Cell::Int(v.into())))
        }
        "BOOL" => row.try_get::<Option<bool>, _>(at).map(|value| value.map_or(nothing, Cell::Bool)),
        "TEXT" => row.try_get::<Option<String>, _>(at).map(|value| value.map_or(nothing, Cell::Text)),
        "BYTEA" => row.try_get::<Option<Vec<u8>>, _>(at).map(|value| value.map_or(nothing, Cell::Blob)),
        other => return Err(StoreError::Failed(format!("a column of type {other} cannot be read"))),
    };
    cell.map_err(failed)
}

/// What a failed connection is called; without the address, which may hold a password.
fn not_connected(error: sqlx::Error) -> StoreError {
    StoreError::Interrupted(match &error {
        sqlx::Error::Database(refused) => format!("the database refuses: {}", refused.message()),
        sqlx::Error::Io(error) => format!("the database cannot be reached: {error}"),
        sqlx::Error::Tls(error) => format!("no secure connection to the database: {error}"),
        other => with_sources(other),
    })
}

/// Whether the server asks to do it again, or is gone; everything else is a fault.
fn failed(error: sqlx::Error) -> StoreError {
    /// Serialisation, deadlock, a name taken meanwhile, a lock not had in time, a server that ends or begins.
    const AGAIN: [&str; 9] =
        ["40001", "40P01", "23505", "55P03", "57P01", "57P02", "57P03", "25P03", "57014"];
    /// Connections, resources (disk full among them), read-only.
    const CLASS_AGAIN: &str = "08";
    match &error {
        sqlx::Error::Database(refused) => {
            let text = refused.message().to_owned();
            match refused.code().as_deref() {
                Some(code) if AGAIN.contains(&code) || code.starts_with(CLASS_AGAIN) => {
                    StoreError::Interrupted(text)
                }
                Some(code) if code.starts_with("53") || code == "25006" => StoreError::Unwritable(text),
                Some(code) => StoreError::Failed(format!("{text} ({code})")),
                None => StoreError::Failed(text),
            }
        }
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
            StoreError::Interrupted(with_sources(&error))
        }
        _ => StoreError::Failed(with_sources(&error)),
    }
}

fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {source}");
        next = source.source();
    }
    text
}
