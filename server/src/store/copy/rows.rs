//! Copying a table: a stream of rows on one side, transactions of many rows on the other.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::marks;
use super::schema::{Kind, Table};
use crate::store::StoreError;
use crate::store::db::{Cell, Db, Engine, Row, Value};

/// As many bytes as one transaction carries, about.
const BATCH_BYTES: usize = 4 << 20;
/// As many values as a statement of PostgreSQL takes.
const VALUES_MAX: usize = 60_000;

/// How far a table has come; written in the same transaction as its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// The primary key of the last row.
    after: Option<Vec<Json>>,
    /// How many rows are there.
    pub(super) rows: u64,
    pub(super) done: bool,
}

impl Progress {
    /// As it is written down.
    pub(super) fn read(target: &mut dyn Db, table: &Table) -> Result<Self, StoreError> {
        match marks::value(target, &name(table))? {
            Some(json) => Ok(serde_json::from_str(&json)?),
            None => Ok(Self::default()),
        }
    }
}

fn name(table: &Table) -> String {
    format!("table {}", table.name)
}

/// Copies the rows of a table that are not there yet, so many in a transaction, and tells of each transaction.
pub(super) fn copy(
    table: &Table,
    source: &mut dyn Db,
    target: &mut dyn Db,
    batch_rows: usize,
    tell: &mut dyn FnMut(&Progress) -> Result<(), StoreError>,
) -> Result<Progress, StoreError> {
    let progress = Progress::read(target, table)?;
    if progress.done {
        return Ok(progress);
    }
    let after = progress.after.clone();
    let mut filling = Filling { table, target, progress, rows: Vec::new(), bytes: 0 };
    let rows_max = batch_rows.min(VALUES_MAX / table.columns.len()).max(1);
    let sql = select(table, Engine::Sqlite, after.is_some());
    let values = after.iter().flatten().map(key_value).collect::<Result<Vec<_>, _>>()?;
    source.each(&sql, &values, &mut |row| {
        filling.bytes += row.columns().map(|(_, cell)| size(cell)).sum::<usize>();
        filling.rows.push(row);
        if filling.rows.len() >= rows_max || filling.bytes >= BATCH_BYTES {
            filling.commit(false)?;
            tell(&filling.progress)?;
        }
        Ok(())
    })?;
    filling.commit(true)?;
    Ok(filling.progress)
}

/// Reads a table in the order of its primary key, which is the same in both databases.
pub(super) fn select(table: &Table, engine: Engine, after: bool) -> String {
    let quoted = |name: &str| format!("\"{name}\"");
    let columns: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
    let key_columns = table.key();
    let key: Vec<String> = key_columns.iter().map(|column| quoted(&column.name)).collect();
    let order = key_columns.iter().map(|column| match (engine, column.kind) {
        // The bytes' order, whatever the database's own.
        (Engine::Postgres, Kind::Text) => format!("{} COLLATE \"C\"", quoted(&column.name)),
        _ => quoted(&column.name),
    });
    let order: Vec<String> = order.collect();
    let places: Vec<String> = (1..=key.len()).map(|number| format!("?{number}")).collect();
    let condition = match after {
        true => format!(" WHERE ({}) > ({})", key.join(", "), places.join(", ")),
        false => String::new(),
    };
    format!("SELECT {} FROM \"{}\"{condition} ORDER BY {}", columns.join(", "), table.name, order.join(", "))
}

/// Rows on their way.
struct Filling<'a> {
    table: &'a Table,
    target: &'a mut dyn Db,
    progress: Progress,
    rows: Vec<Row>,
    bytes: usize,
}

impl Filling<'_> {
    /// Writes what is there, and how far that is, in one transaction.
    fn commit(&mut self, done: bool) -> Result<(), StoreError> {
        if let Some(last) = self.rows.last() {
            self.progress.after = Some(key_of(self.table, last)?);
        }
        self.progress.rows += self.rows.len() as u64;
        self.progress.done = done;
        self.target.run("BEGIN", &[])?;
        if !self.rows.is_empty() {
            let mut values = Vec::with_capacity(self.rows.len() * self.table.columns.len());
            for row in &self.rows {
                for (column, (_, cell)) in self.table.columns.iter().zip(row.columns()) {
                    values.push(
                        value(cell, column.kind).map_err(|why| at(self.table, row, &column.name, why))?,
                    );
                }
            }
            self.target.run(&insert(self.table, self.rows.len()), &values)?;
        }
        marks::set(self.target, &name(self.table), &serde_json::to_string(&self.progress)?)?;
        self.target.run("COMMIT", &[])?;
        self.rows.clear();
        self.bytes = 0;
        Ok(())
    }
}

fn insert(table: &Table, rows: usize) -> String {
    let columns: Vec<String> = table.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let mut sql = format!("INSERT INTO \"{}\" ({}) VALUES ", table.name, columns.join(", "));
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns.len() {
            let comma = if column == 0 { "" } else { ", " };
            // Writing to a string cannot fail.
            let _ = write!(sql, "{comma}?{}", row * columns.len() + column + 1);
        }
        sql.push(')');
    }
    sql
}

/// A cell of SQLite as PostgreSQL takes it, or why it cannot.
fn value(cell: &Cell, kind: Kind) -> Result<Value<'_>, &'static str> {
    Ok(match (kind, cell) {
        (Kind::Int, Cell::Nothing) => Value::Int(None),
        (Kind::Int, Cell::Int(number)) => (*number).into(),
        (Kind::Text, Cell::Nothing) => Value::Text(None),
        (Kind::Text, Cell::Text(text)) if text.contains('\0') => {
            return Err("a text with the character U+0000, which PostgreSQL cannot keep");
        }
        (Kind::Text, Cell::Text(text)) => text.into(),
        (Kind::Blob, Cell::Nothing) => Value::Blob(None),
        (Kind::Blob, Cell::Blob(bytes)) => bytes.as_slice().into(),
        (Kind::Bool, Cell::Int(number)) => (*number != 0).into(),
        _ => return Err("a value of another kind than its column"),
    })
}

fn at(table: &Table, row: &Row, column: &str, why: &str) -> StoreError {
    let key = key_of(table, row).map(|key| Json::Array(key).to_string()).unwrap_or_default();
    StoreError::Unusable(format!("{}, row {key}, column {column}: {why}", table.name))
}

fn key_of(table: &Table, row: &Row) -> Result<Vec<Json>, StoreError> {
    let cell = |name: &str| row.columns().find(|(known, _)| *known == name).map(|(_, cell)| cell);
    let key = table.key().into_iter().map(|column| match cell(&column.name) {
        Some(Cell::Int(number)) => Ok(Json::from(*number)),
        Some(Cell::Text(text)) => Ok(Json::from(text.as_str())),
        _ => Err(StoreError::Failed(format!("a primary key of {} is unreadable", table.name))),
    });
    key.collect()
}

fn key_value(json: &Json) -> Result<Value<'_>, StoreError> {
    match json {
        Json::Number(number) => Ok(number.as_i64().into()),
        Json::String(text) => Ok(text.into()),
        _ => Err(StoreError::Failed("what is written down of a copy is unreadable".to_owned())),
    }
}

fn size(cell: &Cell) -> usize {
    match cell {
        Cell::Text(text) => text.len(),
        Cell::Blob(bytes) => bytes.len(),
        Cell::Nothing | Cell::Int(_) | Cell::Bool(_) => 8,
    }
}
