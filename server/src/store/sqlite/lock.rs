//! The lock file beside the database: it keeps a second process out, and says where the first one is. The database itself is
//! locked, too, whatever other name it goes by.

use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// Held as long as it lives; a second process cannot take it.
pub(super) struct Lock {
    file: File,
    /// Kept open: to close it would end SQLite's own locks, which are this process's and not a descriptor's.
    _database: File,
}

impl Lock {
    /// Takes the lock, and makes the database's file where it is missing. Only this user may read either.
    pub(super) fn take(database: &Path) -> Result<Self, StoreError> {
        let file_of_ledger = private_file(database)?;
        let unreadable = |e| StoreError::Unwritable(format!("{}: {e}", database.display()));
        // By whichever symbolic link it is named, it has one lock file.
        let mut path = database.canonicalize().map_err(unreadable)?.into_os_string();
        path.push(".lock");
        let mut file = private_file(&PathBuf::from(path))?;
        if file.try_lock().is_ok() {
            // Under another name, as hard links give it, it has another lock file.
            if file_of_ledger.try_lock().is_err() {
                return Err(StoreError::InUse { ledger: database.display().to_string(), by: None });
            }
            // What is written there is a process that has ended.
            let _ = file.set_len(0);
            return Ok(Self { file, _database: file_of_ledger });
        }
        let mut address = String::new();
        let said = file.read_to_string(&mut address).is_ok_and(|read| read > 0);
        let by = said.then(|| address.trim().to_owned());
        Err(StoreError::InUse { ledger: database.display().to_string(), by })
    }

    /// Writes down where the signer is.
    pub(super) fn announce(&self, address: &str) {
        let mut file = &self.file;
        // It only helps commands to find the signer: where it fails, they say that they did not.
        let _ =
            file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(address.as_bytes()));
    }
}

/// Opens a file that only this user may read, made when missing.
fn private_file(path: &Path) -> Result<File, StoreError> {
    let mut options = File::options();
    options.create(true).truncate(false).read(true).write(true).mode(0o600);
    options.open(path).map_err(|e| {
        let needed = "the signer must be able to write this file and its folder";
        StoreError::Unwritable(format!("{}: {e}; {needed}", path.display()))
    })
}
