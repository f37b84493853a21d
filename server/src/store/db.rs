//! What the tables need of a database: statements with values in, rows out. Both engines take the same SQL.
//!
//! A statement numbers its values `?1`, `?2`; what the two engines spell differently comes from [`Engine`].

use std::borrow::Cow;
use std::sync::Arc;

use super::StoreError;

/// The database behind a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    /// One process; one transaction at a time.
    Sqlite,
    /// Several instances; rows are locked.
    Postgres,
}

impl Engine {
    /// Ends a `SELECT` whose rows are about to be changed.
    pub(super) const fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE",
        }
    }

    /// Ends a `SELECT` that takes work which nobody else has taken.
    pub(super) const fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }
}

/// A connection inside a transaction.
pub(super) trait Db {
    /// Which dialect it speaks.
    fn engine(&self) -> Engine;

    /// Runs a statement; gives how many rows it changed.
    fn run(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError>;

    /// Runs a statement; gives its rows.
    fn rows(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError>;

    /// Runs a statement; hands over row after row, for results that no memory would hold.
    fn each(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        take: &mut dyn FnMut(Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.rows(sql, values)?.into_iter().try_for_each(take)
    }
}

impl dyn Db + '_ {
    /// The first row, if any.
    pub(super) fn row(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, values)?.into_iter().next())
    }

    /// Waits until nobody else's transaction holds this name, and holds it to the end of this one.
    pub(super) fn hold_name(&mut self, name: &str) -> Result<(), StoreError> {
        match self.engine() {
            Engine::Sqlite => Ok(()),
            Engine::Postgres => {
                self.run("SELECT pg_advisory_xact_lock(hashtextextended(?1, 0))", &[name.into()]).map(drop)
            }
        }
    }
}

/// A value for a statement. Nothing has a type, too: PostgreSQL asks for it.
#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    Int(Option<i64>),
    Text(Option<Cow<'a, str>>),
    Blob(Option<&'a [u8]>),
    Bool(bool),
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<String> for Value<'_> {
    fn from(value: String) -> Self {
        Self::Text(Some(Cow::Owned(without_nul(&value).into_owned())))
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(Some(without_nul(value)))
    }
}

/// PostgreSQL's texts cannot hold U+0000, and so no ledger's do: whatever strangers send is kept and looked for with the
/// replacement character instead. JSON writes it as an escape, which stays.
fn without_nul(text: &str) -> Cow<'_, str> {
    match text.contains('\0') {
        true => Cow::Owned(text.replace('\0', "\u{fffd}")),
        false => Cow::Borrowed(text),
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::from(value.as_str())
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(value: Option<&'a str>) -> Self {
        Self::Text(value.map(without_nul))
    }
}

impl<'a> From<&'a Option<String>> for Value<'a> {
    fn from(value: &'a Option<String>) -> Self {
        Self::from(value.as_deref())
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Blob(Some(value))
    }
}

impl<'a> From<&'a Option<Vec<u8>>> for Value<'a> {
    fn from(value: &'a Option<Vec<u8>>) -> Self {
        Self::Blob(value.as_deref())
    }
}

/// What stands in one column of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Nothing,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
    Bool(bool),
}

/// One row, read by the names of its columns.
#[derive(Debug)]
pub(super) struct Row {
    names: Arc<[Box<str>]>,
    cells: Vec<Cell>,
}

impl Row {
    /// Puts a row together.
    pub(super) fn new(names: Arc<[Box<str>]>, cells: Vec<Cell>) -> Self {
        Self { names, cells }
    }

    /// The columns with their names, in order.
    pub(super) fn columns(&self) -> impl Iterator<Item = (&str, &Cell)> {
        self.names.iter().map(|name| &**name).zip(&self.cells)
    }

    fn take(&mut self, name: &str) -> Result<Cell, StoreError> {
        let at = self.names.iter().position(|known| &**known == name);
        let cell = at.and_then(|at| self.cells.get_mut(at));
        let cell = cell.ok_or_else(|| StoreError::Failed(format!("a row has no column {name}")))?;
        Ok(std::mem::replace(cell, Cell::Nothing))
    }

    /// A whole number.
    pub(super) fn int(&mut self, name: &str) -> Result<i64, StoreError> {
        self.maybe_int(name)?.ok_or_else(|| missing(name))
    }

    /// A whole number, or nothing.
    pub(super) fn maybe_int(&mut self, name: &str) -> Result<Option<i64>, StoreError> {
        match self.take(name)? {
            Cell::Nothing => Ok(None),
            Cell::Int(value) => Ok(Some(value)),
            Cell::Bool(value) => Ok(Some(i64::from(value))),
            Cell::Text(_) | Cell::Blob(_) => Err(missing(name)),
        }
    }

    /// Yes or no; SQLite keeps it as a number.
    pub(super) fn bool(&mut self, name: &str) -> Result<bool, StoreError> {
        Ok(self.int(name)? != 0)
    }

    /// A text.
    pub(super) fn text(&mut self, name: &str) -> Result<String, StoreError> {
        self.maybe_text(name)?.ok_or_else(|| missing(name))
    }

    /// A text, or nothing.
    pub(super) fn maybe_text(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        match self.take(name)? {
            Cell::Nothing => Ok(None),
            Cell::Text(value) => Ok(Some(value)),
            Cell::Int(_) | Cell::Blob(_) | Cell::Bool(_) => Err(missing(name)),
        }
    }

    /// Bytes.
    pub(super) fn blob(&mut self, name: &str) -> Result<Vec<u8>, StoreError> {
        self.maybe_blob(name)?.ok_or_else(|| missing(name))
    }

    /// Bytes, or nothing.
    pub(super) fn maybe_blob(&mut self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.take(name)? {
            Cell::Nothing => Ok(None),
            Cell::Blob(value) => Ok(Some(value)),
            Cell::Int(_) | Cell::Text(_) | Cell::Bool(_) => Err(missing(name)),
        }
    }
}

fn missing(name: &str) -> StoreError {
    StoreError::Failed(format!("a stored value is unreadable: {name}"))
}
