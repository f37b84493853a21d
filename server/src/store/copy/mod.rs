//! Copying a ledger from SQLite to PostgreSQL: resumable, and compared to the last byte before it counts.
//!
//! The signer must be stopped. An unfinished copy is no ledger: no signer starts on it. When everything is there and the
//! same, the file is marked first and the copy last, so that at no moment both can be used.

mod digest;
mod marks;
mod rows;
mod schema;

pub(crate) use digest::TableDigest;

use std::path::Path;

use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;

use self::digest::{digest, hexadecimal};
use self::marks::{Marks, Stage};
use self::rows::Progress;
use self::schema::Table;
use super::db::Db;
use super::tables::signer;
use super::{StoreError, ledger, postgres, sqlite};
use crate::clock::UnixMs;
use crate::id;

/// As many rows as one transaction carries.
const BATCH_ROWS: usize = 500;

/// What is being done right now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A copy begins.
    Begun,
    /// One that was interrupted goes on.
    GoesOn,
    /// One that was interrupted, or was different, begins anew: the ledger was used since, or the copy was changed.
    Anew,
    /// So many rows of a table are there.
    Rows { table: String, done: u64, of: u64 },
    /// A table is compared.
    Comparing { table: String },
    /// Everything is the same, and the file is marked: no signer will start on it.
    Left,
}

/// A table on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CopiedTable {
    pub(crate) name: String,
    pub(crate) before: TableDigest,
    pub(crate) after: TableDigest,
}

/// What came of copying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Copied {
    /// Everything is there and the same; a signer may start on it.
    Complete(Vec<CopiedTable>),
    /// Something is different; no signer may start on it. The next copy begins anew.
    Differs(Vec<CopiedTable>),
    /// It was complete before.
    Before,
}

/// Copies the ledger in the file `from` to the database at `to`, and tells of every step; an error of `tell` ends it there.
/// Not to be called by the runtime's own threads.
///
/// # Errors
/// When a signer has the file, the database has other data, or either fails.
pub(crate) fn copy_ledger(
    from: &Path,
    to: &str,
    runtime: &Handle,
    now_ms: UnixMs,
    tell: &mut dyn FnMut(Step) -> Result<(), StoreError>,
) -> Result<Copied, StoreError> {
    copy_in_batches(from, to, runtime, now_ms, BATCH_ROWS, tell)
}

/// The same with so many rows in a transaction.
pub(super) fn copy_in_batches(
    from: &Path,
    to: &str,
    runtime: &Handle,
    now_ms: UnixMs,
    batch_rows: usize,
    tell: &mut dyn FnMut(Step) -> Result<(), StoreError>,
) -> Result<Copied, StoreError> {
    let mut source = sqlite::open_to_empty(from)?;
    let mut target = postgres::open_to_fill(to, runtime)?;
    Copying { source: &mut *source, target: &mut *target, batch_rows, tell }.run(now_ms)
}

/// Checks that a file is still the ledger and was not left for a copy; a copy that was begun of it must begin anew.
pub(super) fn use_again(db: &mut dyn Db) -> Result<(), StoreError> {
    match marks::read(db)? {
        None => Ok(()),
        Some(Marks { stage: Stage::Complete, .. }) => Err(StoreError::Unusable(
            "this ledger was moved to PostgreSQL by `countersign migrate`: store.url must name that database"
                .to_owned(),
        )),
        Some(_) => marks::forget_token(db),
    }
}

/// Checks that a database is no unfinished copy.
pub(super) fn refuse_unfinished(db: &mut dyn Db) -> Result<(), StoreError> {
    match marks::read(db)? {
        None | Some(Marks { stage: Stage::Complete, .. }) => Ok(()),
        Some(_) => Err(StoreError::Unusable(
            "the ledger there is an unfinished copy: run `countersign migrate` again to finish it".to_owned(),
        )),
    }
}

/// Two ledgers, the one being copied into the other.
struct Copying<'a> {
    source: &'a mut dyn Db,
    target: &'a mut dyn Db,
    batch_rows: usize,
    tell: &'a mut dyn FnMut(Step) -> Result<(), StoreError>,
}

impl Copying<'_> {
    fn run(&mut self, now_ms: UnixMs) -> Result<Copied, StoreError> {
        refuse_other_encodings(self.target)?;
        let tables = schema::tables(self.source, self.target)?;
        let marks = self.prepare_source(now_ms)?;
        if !self.prepare_target(&marks, &tables)? {
            return Ok(Copied::Before);
        }
        for table in &tables {
            self.copy_table(table)?;
        }
        for table in &tables {
            count_on(self.source, self.target, table)?;
        }
        let compared = self.compare(&tables)?;
        if compared.iter().any(|table| table.before != table.after) {
            marks::set_stage(self.target, Stage::Differs)?;
            return Ok(Copied::Differs(compared));
        }
        marks::set_stage(self.source, Stage::Complete)?;
        (self.tell)(Step::Left)?;
        marks::set_stage(self.target, Stage::Complete)?;
        Ok(Copied::Complete(compared))
    }

    /// Takes back what a signer had in hand when it ended, as at a start, and writes down that a copy begins or goes on.
    fn prepare_source(&mut self, now_ms: UnixMs) -> Result<Marks, StoreError> {
        self.source.run("BEGIN IMMEDIATE", &[])?;
        let own_key = signer::own_key(self.source)?;
        let ledger = hexadecimal(&Sha256::digest([b"countersign ledger ".as_slice(), &own_key].concat()));
        let marks = match marks::read(self.source)? {
            Some(marks) if marks.ledger == ledger && marks.token.is_some() => marks,
            _ => {
                ledger::take_back(self.source, now_ms)?;
                let token = id::nonce(32);
                marks::begin(self.source, &ledger, &token)?;
                Marks { ledger, token: Some(token), stage: Stage::Copying }
            }
        };
        self.source.run("COMMIT", &[])?;
        Ok(marks)
    }

    /// Makes sure that the target has nothing but the beginning of this copy. `false` when the copy is complete.
    fn prepare_target(&mut self, source: &Marks, tables: &[Table]) -> Result<bool, StoreError> {
        self.target.run("BEGIN", &[])?;
        self.target.hold_name("countersign copies")?;
        let token = source.token.as_deref().unwrap_or_default();
        let (going_on, step) = match marks::read(self.target)? {
            None if source.stage == Stage::Complete => {
                let reason = "this ledger was moved to another database by `countersign migrate`";
                return Err(StoreError::Unusable(reason.to_owned()));
            }
            None => {
                refuse_other_data(self.target, tables)?;
                marks::begin(self.target, &source.ledger, token)?;
                (true, Step::Begun)
            }
            Some(found) if found.ledger != source.ledger => {
                let reason = "the database has, or had, a copy of another ledger: give an empty one";
                return Err(StoreError::Unusable(reason.to_owned()));
            }
            Some(found) if found.stage == Stage::Complete && found.token == source.token => {
                (false, Step::GoesOn)
            }
            Some(found) if found.stage == Stage::Complete => {
                let reason = "the database has a complete copy of this ledger, which was used since: give an empty one";
                return Err(StoreError::Unusable(reason.to_owned()));
            }
            Some(found) if found.stage == Stage::Copying && found.token == source.token => {
                (true, Step::GoesOn)
            }
            Some(_) => {
                let names: Vec<String> = tables.iter().map(|table| format!("\"{}\"", table.name)).collect();
                self.target.run(&format!("TRUNCATE {}", names.join(", ")), &[])?;
                marks::begin(self.target, &source.ledger, token)?;
                (true, Step::Anew)
            }
        };
        self.target.run("COMMIT", &[])?;
        if going_on {
            (self.tell)(step)?;
        }
        Ok(going_on)
    }

    fn copy_table(&mut self, table: &Table) -> Result<(), StoreError> {
        let of = count(self.source, table)?;
        let step = |done| Step::Rows { table: table.name.clone(), done, of };
        (self.tell)(step(Progress::read(self.target, table)?.rows))?;
        let tell = &mut *self.tell;
        let mut told = |progress: &Progress| tell(step(progress.rows));
        let progress = rows::copy(table, self.source, self.target, self.batch_rows, &mut told)?;
        (self.tell)(step(progress.rows))
    }

    fn compare(&mut self, tables: &[Table]) -> Result<Vec<CopiedTable>, StoreError> {
        let mut compared = Vec::new();
        for table in tables {
            (self.tell)(Step::Comparing { table: table.name.clone() })?;
            let (before, after) = (digest(self.source, table)?, digest(self.target, table)?);
            compared.push(CopiedTable { name: table.name.clone(), before, after });
        }
        Ok(compared)
    }
}

/// What a text is in the one it must be in the other.
fn refuse_other_encodings(target: &mut dyn Db) -> Result<(), StoreError> {
    let row = target.row("SELECT CAST(current_setting('server_encoding') AS TEXT) AS encoding", &[])?;
    match row.map(|mut row| row.text("encoding")).transpose()?.as_deref() {
        Some("UTF8") => Ok(()),
        other => {
            let encoding = other.unwrap_or("unknown");
            Err(StoreError::Unusable(format!("the database's encoding is {encoding} and must be UTF8")))
        }
    }
}

/// A database that has anything in these tables has another ledger.
fn refuse_other_data(target: &mut dyn Db, tables: &[Table]) -> Result<(), StoreError> {
    for table in tables {
        let rows = count(target, table)?;
        if rows > 0 {
            let name = &table.name;
            let reason =
                format!("the database has a ledger of its own ({rows} rows in {name}): give an empty one");
            return Err(StoreError::Unusable(reason));
        }
    }
    Ok(())
}

fn count(db: &mut dyn Db, table: &Table) -> Result<u64, StoreError> {
    let row = db.row(&format!("SELECT COUNT(*) AS rows FROM \"{}\"", table.name), &[])?;
    let rows = row.map(|mut row| row.int("rows")).transpose()?.unwrap_or(0);
    Ok(rows.unsigned_abs())
}

/// Lets the target count on where the source has come to: a number that was given once is not given again.
fn count_on(source: &mut dyn Db, target: &mut dyn Db, table: &Table) -> Result<(), StoreError> {
    for column in table.columns.iter().filter(|column| column.counted) {
        let highest =
            format!("SELECT COALESCE(MAX(\"{}\"), 0) AS number FROM \"{}\"", column.name, table.name);
        // Some numbers were those of rows that are gone.
        let given = "SELECT seq AS number FROM sqlite_sequence WHERE name = ?1";
        let numbers = [source.row(&highest, &[])?, source.row(given, &[(&table.name).into()])?];
        let mut last = 0;
        for mut row in numbers.into_iter().flatten() {
            last = last.max(row.int("number")?);
        }
        target.run(
            "SELECT setval(pg_get_serial_sequence(?1, ?2), GREATEST(?3, 1), ?3 > 0)",
            &[(&table.name).into(), (&column.name).into(), last.into()],
        )?;
    }
    Ok(())
}
