//! The digest of a table, computed the same way in both databases.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::rows::select;
use super::schema::Table;
use crate::store::StoreError;
use crate::store::db::{Cell, Db};

/// What a table comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableDigest {
    /// How many rows it has.
    pub(crate) rows: u64,
    /// SHA-256 of all rows in the order of the primary key, hexadecimal.
    pub(crate) sha256: String,
}

/// Reads every row. Each column, in the order of their names, is a byte for its kind, its length in eight bytes, and its
/// bytes; yes and no are the numbers 1 and 0, as SQLite keeps them.
pub(super) fn digest(db: &mut dyn Db, table: &Table) -> Result<TableDigest, StoreError> {
    let mut hash = Sha256::new();
    for column in &table.columns {
        add(&mut hash, b'c', column.name.as_bytes());
    }
    let mut rows = 0;
    let sql = select(table, db.engine(), false);
    db.each(&sql, &[], &mut |row| {
        rows += 1;
        for (_, cell) in row.columns() {
            match cell {
                Cell::Nothing => add(&mut hash, b'n', &[]),
                Cell::Int(number) => add(&mut hash, b'i', &number.to_be_bytes()),
                Cell::Bool(yes) => add(&mut hash, b'i', &i64::from(*yes).to_be_bytes()),
                Cell::Text(text) => add(&mut hash, b't', text.as_bytes()),
                Cell::Blob(bytes) => add(&mut hash, b'b', bytes),
            }
        }
        Ok(())
    })?;
    Ok(TableDigest { rows, sha256: hexadecimal(&hash.finalize()) })
}

fn add(hash: &mut Sha256, kind: u8, bytes: &[u8]) {
    hash.update([kind]);
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

/// Bytes as hexadecimal digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
