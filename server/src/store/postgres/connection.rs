//! A connection to PostgreSQL as the tables see it. It belongs to a thread that may wait, never to the runtime's own.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
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
const CONNECT: Duration = Duration::from_secs(3);
/// How long the answer to a statement may take. The server gives up a second earlier; where nothing answers at all, be it
/// a network that is gone or a server that stands still, this ends the wait.
const ANSWER: Duration = Duration::from_secs(6);
/// The same for the beginning of a transaction, which waits for nobody: it finds out whether the server is still there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(2);

/// What every connection is told first: an answered commit is on the disk, whatever the server's default; nobody's
/// locks outlive a lost instance for long; and a statement that hangs is given up.
const SESSION: &str = "SELECT set_config('synchronous_commit', 'on', false) \
     WHERE current_setting('synchronous_commit') = 'off'; \
     SET idle_in_transaction_session_timeout = '2s'; SET tcp_user_timeout = '30s'; \
     SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3; \
     SET statement_timeout = '5s'; SET lock_timeout = '3s'; SET client_min_messages = 'warning'";

/// The same for what goes through a whole ledger, or waits for an instance that does: it lasts as long as it lasts.
const LONG_SESSION: &str = "SET idle_in_transaction_session_timeout = 0; SET statement_timeout = 0; \
     SET lock_timeout = 0; SET client_min_messages = 'warning'";

/// Opens connections.
#[derive(Clone)]
pub(super) struct Opener {
    options: PgConnectOptions,
    /// The server without the password.
    place: Arc<str>,
    runtime: Handle,
}

impl Opener {
    pub(super) fn new(options: PgConnectOptions, runtime: Handle) -> Self {
        let options = options.application_name("countersign").disable_statement_logging();
        let place = format!("{}:{}", options.get_host(), options.get_port()).into();
        Self { options, place, runtime }
    }

    /// Opens one. Not to be called by the runtime's own threads.
    pub(super) fn open(&self) -> Result<Open, StoreError> {
        self.open_session(SESSION, Some(ANSWER))
    }

    /// Opens one for what may take its time.
    pub(super) fn open_long(&self) -> Result<Open, StoreError> {
        self.open_session(LONG_SESSION, None)
    }

    fn open_session(&self, session: &'static str, limit: Option<Duration>) -> Result<Open, StoreError> {
        let connecting = async {
            let mut connection = self.options.connect().await?;
            connection.execute(raw_sql(session)).await?;
            Ok::<_, sqlx::Error>(connection)
        };
        let opened = self.runtime.block_on(async { tokio::time::timeout(CONNECT, connecting).await });
        let unreachable = |why: String| StoreError::Unreachable(format!("{}: {why}", self.place));
        match opened {
            Ok(Ok(connection)) => {
                let runtime = self.runtime.clone();
                Ok(Open { connection, runtime, limit, lost: false, failed: false })
            }
            Ok(Err(error)) => Err(unreachable(not_connected(&error))),
            Err(_) => Err(unreachable("no answer in time".to_owned())),
        }
    }
}

/// A connection that is open.
pub(super) struct Open {
    connection: PgConnection,
    runtime: Handle,
    limit: Option<Duration>,
    /// Whether an answer was not waited for to its end: nothing more is asked then.
    lost: bool,
    /// Whether a statement of this transaction failed. PostgreSQL answers its `COMMIT` without an error, and takes
    /// everything back.
    failed: bool,
}

impl Open {
    /// Begins a transaction.
    pub(super) fn begin(&mut self, sql: &str) -> Result<(), StoreError> {
        let usual = self.limit;
        self.limit = usual.map(|_| SIGN_OF_LIFE);
        let begun = self.batch(sql);
        self.limit = usual;
        self.failed = begun.is_err();
        begun
    }

    /// Whether a statement of this transaction failed: it can only be taken back.
    pub(super) fn has_failed(&self) -> bool {
        self.failed
    }

    /// Runs statements without values, one after the other.
    pub(super) fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        let statements = raw_sql(AssertSqlSafe(sql.to_owned()));
        self.ask(async |connection| connection.execute(statements).await.map(drop))
    }

    /// Waits for an answer, not for ever.
    fn ask<T>(
        &mut self,
        question: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, StoreError> {
        if self.lost {
            return Err(StoreError::Interrupted("the connection to the database was lost".to_owned()));
        }
        let asked = question(&mut self.connection);
        let answer = match self.limit {
            None => Ok(self.runtime.block_on(asked)),
            Some(limit) => self.runtime.block_on(async { tokio::time::timeout(limit, asked).await }),
        };
        let answer = match answer {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => {
                self.lost = !matches!(error, sqlx::Error::Database(_));
                failed(&error)
            }
            Err(_) => {
                self.lost = true;
                StoreError::Interrupted("the database did not answer in time".to_owned())
            }
        };
        self.failed = true;
        Err(answer)
    }
}

impl Db for Open {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    fn run(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let statement = bind(sql, values);
        self.ask(async |connection| connection.execute(statement).await.map(|done| done.rows_affected()))
    }

    fn rows(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        let statement = bind(sql, values);
        let rows = self.ask(async |connection| connection.fetch_all(statement).await)?;
        let Some(first) = rows.first() else { return Ok(Vec::new()) };
        let names = names_of(first);
        rows.iter().map(|row| read(row, &names)).collect()
    }

    fn each(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        take: &mut dyn FnMut(Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut rows = self.connection.fetch(bind(sql, values));
        let mut names = None;
        while let Some(row) = self.runtime.block_on(rows.next()) {
            let row = row.map_err(|error| failed(&error))?;
            let names = names.get_or_insert_with(|| names_of(&row));
            take(read(&row, names)?)?;
        }
        Ok(())
    }
}

fn names_of(row: &PgRow) -> Arc<[Box<str>]> {
    row.columns().iter().map(|column| column.name().into()).collect()
}

fn read(row: &PgRow, names: &Arc<[Box<str>]>) -> Result<Row, StoreError> {
    let cells = (0..names.len()).map(|at| cell(row, at)).collect::<Result<_, _>>()?;
    Ok(Row::new(Arc::clone(names), cells))
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
    cell.map_err(|error| failed(&error))
}

/// What a failed connection is called; without the address, which may hold a password.
fn not_connected(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(refused) => format!("it refuses: {}", refused.message()),
        sqlx::Error::Io(error) => format!("it cannot be reached: {error}"),
        sqlx::Error::Tls(error) => format!("no secure connection: {error}"),
        other => with_sources(other),
    }
}

/// Whether the server asks to do it again, or is gone; everything else is a fault.
fn failed(error: &sqlx::Error) -> StoreError {
    /// Serialisation, deadlock, a name taken meanwhile, a lock not had in time, a server that ends or begins.
    const AGAIN: [&str; 10] =
        ["40001", "40P01", "23505", "55P03", "57P01", "57P02", "57P03", "25P03", "25P04", "57014"];
    /// Connections.
    const CLASS_AGAIN: &str = "08";
    match error {
        sqlx::Error::Database(refused) => {
            let text = refused.message().to_owned();
            match refused.code().as_deref() {
                Some(code) if AGAIN.contains(&code) || code.starts_with(CLASS_AGAIN) => {
                    StoreError::Interrupted(text)
                }
                // Resources, disk full among them; read-only.
                Some(code) if code.starts_with("53") || code == "25006" => StoreError::Unwritable(text),
                Some(code) => StoreError::Failed(format!("{text} ({code})")),
                None => StoreError::Failed(text),
            }
        }
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
            StoreError::Interrupted(with_sources(error))
        }
        _ => StoreError::Failed(with_sources(error)),
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
