//! Where PostgreSQL's programs are on this machine, the newest of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::shell;

/// The oldest version whose SQL the project uses: `DROP DATABASE … WITH (FORCE)` came with it.
pub(crate) const MAJOR_MIN: u32 = 13;

/// Debian keeps each version in a folder of its own there, outside of the search path.
const DEBIAN_FOLDER: &str = "/usr/lib/postgresql";

/// What a private cluster takes.
const PROGRAMS: &[&str] = &["initdb", "postgres", "psql"];

/// A folder with PostgreSQL's programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Installation {
    /// Its major version.
    pub(crate) major: u32,
    folder: PathBuf,
}

impl Installation {
    /// The newest one that is new enough.
    ///
    /// # Errors
    /// When a `postgres` that is there cannot say its version.
    pub(crate) fn find() -> Result<Option<Self>> {
        let mut found = Vec::new();
        for folder in folders(Path::new(DEBIAN_FOLDER)) {
            let said = shell::output(Command::new(folder.join("postgres")).arg("--version"))?;
            found.extend(major(&said).map(|major| Self { major, folder }));
        }
        Ok(newest(found))
    }

    /// One of its programs.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Every folder that has all programs, Debian's and those on the search path.
fn folders(debian: &Path) -> Vec<PathBuf> {
    let versions = fs::read_dir(debian).into_iter().flatten().flatten();
    let debian = versions.map(|version| version.path().join("bin"));
    // A link on the search path leads to the folder where the rest is.
    let linked = shell::find("initdb").and_then(|program| program.canonicalize().ok());
    let linked = linked.as_deref().and_then(Path::parent).map(Path::to_owned);
    let complete = |folder: &PathBuf| PROGRAMS.iter().all(|program| folder.join(program).is_file());
    debian.chain(linked).filter(complete).collect()
}

fn newest(found: Vec<Installation>) -> Option<Installation> {
    found.into_iter().filter(|one| one.major >= MAJOR_MIN).max_by_key(|one| one.major)
}

/// The major version in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, `… 18beta2` or `… 17devel`.
fn major(said: &str) -> Option<u32> {
    let version = said.split_once("(PostgreSQL) ")?.1;
    let digits = version.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(version.len());
    version[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installation(major: u32) -> Installation {
        Installation { major, folder: PathBuf::from(format!("/usr/lib/postgresql/{major}/bin")) }
    }

    #[test]
    fn the_major_version_is_read_from_what_postgres_prints() {
        assert_eq!(major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta2\n"), Some(18));
        assert_eq!(major("postgres (PostgreSQL) 9.6.24\n"), Some(9));
        assert_eq!(major("postgres 15"), None);
    }

    #[test]
    fn the_newest_version_counts_by_number_and_not_by_letters() {
        let all = vec![installation(15), installation(100), installation(17)];
        assert_eq!(newest(all), Some(installation(100)));
    }

    #[test]
    fn a_version_that_is_too_old_is_as_good_as_none() {
        assert_eq!(newest(vec![installation(MAJOR_MIN - 1), installation(9)]), None);
        assert_eq!(newest(vec![installation(MAJOR_MIN)]), Some(installation(MAJOR_MIN)));
    }

    #[test]
    fn a_folder_counts_when_every_program_is_in_it() {
        let debian = tempfile::tempdir().unwrap();
        for (version, programs) in [("15", PROGRAMS), ("16", &["psql"] as &[&str])] {
            let bin = debian.path().join(version).join("bin");
            fs::create_dir_all(&bin).unwrap();
            for program in programs {
                fs::write(bin.join(program), "").unwrap();
            }
        }
        let found = folders(debian.path());
        assert!(found.contains(&debian.path().join("15/bin")), "{found:?}");
        assert!(!found.contains(&debian.path().join("16/bin")), "{found:?}");
    }
}
