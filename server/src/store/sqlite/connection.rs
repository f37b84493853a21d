//! A connection to SQLite as the tables see it.

use std::sync::Arc;

use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
use rusqlite::{Connection, ErrorCode, Row as SqliteRow, ToSql, params_from_iter};

use crate::store::StoreError;
use crate::store::db::{Cell, Db, Engine, Row, Value};

/// A connection, while somebody uses it.
pub(super) struct Borrowed<'a>(pub(super) &'a Connection);

impl Db for Borrowed<'_> {
    fn engine(&self) -> Engine {
        Engine::Sqlite
    }

    fn run(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let changed = self.0.prepare_cached(sql)?.execute(params_from_iter(values))?;
        Ok(changed as u64)
    }

    fn rows(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        let mut statement = self.0.prepare_cached(sql)?;
        let names: Arc<[Box<str>]> = statement.column_names().map(Box::from).collect();
        let rows = statement.query_map(params_from_iter(values), |row| {
            let cells = (0..names.len()).map(|at| cell(row, at)).collect::<Result<_, _>>()?;
            Ok(Row::new(Arc::clone(&names), cells))
        })?;
        rows.map(|row| row.map_err(StoreError::from)).collect()
    }
}

fn cell(row: &SqliteRow<'_>, at: usize) -> Result<Cell, rusqlite::Error> {
    Ok(match row.get_ref(at)? {
        ValueRef::Null => Cell::Nothing,
        ValueRef::Integer(value) => Cell::Int(value),
        ValueRef::Text(_) => Cell::Text(row.get(at)?),
        ValueRef::Blob(bytes) => Cell::Blob(bytes.to_vec()),
        ValueRef::Real(_) => {
            return Err(rusqlite::Error::InvalidColumnType(
                at,
                "a fraction".into(),
                rusqlite::types::Type::Real,
            ));
        }
    })
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let nothing = || ToSqlOutput::Owned(Owned::Null);
        Ok(match self {
            Self::Int(value) => value.map_or_else(nothing, |value| ToSqlOutput::Owned(Owned::Integer(value))),
            Self::Bool(value) => ToSqlOutput::Owned(Owned::Integer(i64::from(*value))),
            Self::Text(value) => value
                .as_deref()
                .map_or_else(nothing, |value| ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes()))),
            Self::Blob(value) => {
                value.map_or_else(nothing, |value| ToSqlOutput::Borrowed(ValueRef::Blob(value)))
            }
        })
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        /// A write that the system refused. Unlike a failed sync it leaves no doubt: SQLite takes back what it began.
        const IOERR_WRITE: i32 = rusqlite::ffi::SQLITE_IOERR_WRITE;
        let text = error.to_string();
        match error.sqlite_error() {
            Some(e) if e.code == ErrorCode::DiskFull || e.extended_code == IOERR_WRITE => {
                Self::Unwritable(format!("no room on the disk, or it fails ({text})"))
            }
            Some(e) if e.code == ErrorCode::ReadOnly => Self::Unwritable(format!("it is read-only ({text})")),
            // Another program has the file for a moment: a backup, a person with a shell.
            Some(e) if matches!(e.code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Interrupted(text)
            }
            _ => Self::Failed(text),
        }
    }
}
