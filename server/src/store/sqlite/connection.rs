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

    fn each(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        take: &mut dyn FnMut(Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.0.prepare_cached(sql)?;
        let names: Arc<[Box<str>]> = statement.column_names().map(Box::from).collect();
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            let cells = (0..names.len()).map(|at| cell(row, at)).collect::<Result<_, _>>()?;
            take(Row::new(Arc::clone(&names), cells))?;
        }
        Ok(())
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
        /// A write that the system refused, to the file or to the index of its log. Unlike a failed sync it leaves no
        /// doubt: SQLite takes back what it began.
        const REFUSED: [i32; 2] = [rusqlite::ffi::SQLITE_IOERR_WRITE, rusqlite::ffi::SQLITE_IOERR_SHMSIZE];
        let text = error.to_string();
        match error.sqlite_error() {
            Some(e) if e.code == ErrorCode::DiskFull => {
                Self::Unwritable(format!("there is no room on the disk ({text})"))
            }
            Some(e) if REFUSED.contains(&e.extended_code) => {
                Self::Unwritable(format!("the disk is full, read-only or broken ({text})"))
            }
            Some(e) if e.code == ErrorCode::ReadOnly => Self::Unwritable(format!("it is read-only ({text})")),
            Some(e) if e.code == ErrorCode::CannotOpen => Self::Unwritable(format!(
                "the signer must be able to write this file and its folder ({text})"
            )),
            // Another program has the file for a moment: a backup, a person with a shell.
            Some(e) if matches!(e.code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Interrupted(text)
            }
            _ => Self::Failed(text),
        }
    }
}
