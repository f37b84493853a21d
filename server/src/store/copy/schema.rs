//! What is to be copied, read from the two databases: a column that a migration adds is copied like the others.

use std::collections::BTreeSet;

use crate::store::StoreError;
use crate::store::db::Db;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Text,
    Blob,
    /// SQLite keeps it as a number.
    Bool,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Its place in the primary key, from 1; 0 when it is not in it.
    pub(super) key: i64,
    /// Whether the database counts it up.
    pub(super) counted: bool,
}

/// A table that both databases have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    /// By name.
    pub(super) columns: Vec<Column>,
    /// The tables that its rows refer to.
    parents: BTreeSet<String>,
}

impl Table {
    /// The columns of the primary key, in its order.
    pub(super) fn key(&self) -> Vec<&Column> {
        let mut key: Vec<&Column> = self.columns.iter().filter(|column| column.key > 0).collect();
        key.sort_by_key(|column| column.key);
        key
    }
}

/// The tables of a ledger, each after those that its rows refer to.
///
/// # Errors
/// When the two databases do not have the same tables and columns.
pub(super) fn tables(source: &mut dyn Db, target: &mut dyn Db) -> Result<Vec<Table>, StoreError> {
    let names = source.rows(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' \
         AND name <> 'copy_progress' ORDER BY name",
        &[],
    )?;
    let mut waiting = Vec::new();
    for mut row in names {
        waiting.push(table(source, target, row.text("name")?)?);
    }
    let mut ordered: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let placed = |name: &String| ordered.iter().any(|table| table.name == *name);
        let next = waiting.iter().position(|table| table.parents.iter().all(placed));
        let next =
            next.ok_or_else(|| StoreError::Failed("tables refer to each other in a circle".to_owned()))?;
        ordered.push(waiting.remove(next));
    }
    Ok(ordered)
}

fn table(source: &mut dyn Db, target: &mut dyn Db, name: String) -> Result<Table, StoreError> {
    let mut keys = Vec::new();
    for mut row in
        source.rows("SELECT name, pk FROM pragma_table_info(?1) ORDER BY name", &[(&name).into()])?
    {
        keys.push((row.text("name")?, row.int("pk")?));
    }
    let mut columns = columns_on_the_server(target, &name)?;
    columns.sort_by(|one, other| one.name.cmp(&other.name));
    let same_names = keys.iter().map(|(name, _)| name).eq(columns.iter().map(|column| &column.name));
    if !same_names {
        return Err(StoreError::Failed(format!("the two databases have other columns in {name}")));
    }
    for (column, (_, key)) in columns.iter_mut().zip(keys) {
        column.key = key;
    }
    let parents = source.rows(
        "SELECT DISTINCT \"table\" AS parent FROM pragma_foreign_key_list(?1) WHERE \"table\" <> ?1",
        &[(&name).into()],
    )?;
    let parents = parents.into_iter().map(|mut row| row.text("parent")).collect::<Result<_, _>>()?;
    let table = Table { name, columns, parents };
    if table.key().is_empty() {
        return Err(StoreError::Failed(format!("the table {} has no primary key", table.name)));
    }
    Ok(table)
}

fn columns_on_the_server(target: &mut dyn Db, table: &str) -> Result<Vec<Column>, StoreError> {
    let rows = target.rows(
        "SELECT CAST(column_name AS TEXT) AS name, CAST(data_type AS TEXT) AS kind, is_identity = 'YES' AS counted \
         FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ?1",
        &[table.into()],
    )?;
    let read = |mut row: crate::store::db::Row| {
        let (name, kind) = (row.text("name")?, row.text("kind")?);
        let kind = match kind.as_str() {
            "bigint" => Kind::Int,
            "text" => Kind::Text,
            "bytea" => Kind::Blob,
            "boolean" => Kind::Bool,
            other => {
                return Err(StoreError::Failed(format!("{table}.{name} is of an unknown kind: {other}")));
            }
        };
        Ok(Column { name, kind, key: 0, counted: row.bool("counted")? })
    };
    rows.into_iter().map(read).collect()
}
