//! What the sample backends run on: a Python of their own with the packages of their lock file, and PHP with SQLite.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{debian, say};
use crate::{project, shell};

const PYTHON_PACKAGES: &[&str] = &["python3", "python3-venv"];
const PHP_PACKAGES: &[&str] = &["php-cli", "php-sqlite3", "php-curl"];

/// What a Python must have to make another one.
const CAN_MAKE_PYTHON: &str = "import ensurepip, venv";

/// What PHP must have for the sample.
const CAN_RUN_PHP: &str = "exit(extension_loaded('pdo_sqlite') && extension_loaded('curl') ? 0 : 1);";

const LOCK: &str = "samples/fastapi/requirements.txt";

/// Installs what of it is missing.
///
/// # Errors
/// When an installation fails, or there is no way to install.
pub(super) fn install() -> Result<()> {
    php()?;
    python_with_packages()
}

/// The samples' Python. It lies in the target folder, so that it goes with it.
///
/// # Errors
/// When cargo does not tell its target folder.
pub(crate) fn python() -> Result<PathBuf> {
    Ok(folder()?.join("bin/python"))
}

fn folder() -> Result<PathBuf> {
    Ok(project::target_folder()?.join("samples/python"))
}

fn php() -> Result<()> {
    provided("php", &["-r", CAN_RUN_PHP], PHP_PACKAGES, "PHP 8 with the extensions pdo_sqlite and curl")
}

/// Makes it anew where the lock file has changed since the last time.
fn python_with_packages() -> Result<()> {
    let lock_file = project::root().join(LOCK);
    let lock =
        fs::read_to_string(&lock_file).with_context(|| format!("cannot read {}", lock_file.display()))?;
    let folder = folder()?;
    // The lock as it was when pip had last finished; a folder without it is half an installation.
    let stamp = folder.join("installed-requirements.txt");
    if fs::read_to_string(&stamp).is_ok_and(|stamped| stamped == lock) {
        return Ok(());
    }
    provided("python3", &["-c", CAN_MAKE_PYTHON], PYTHON_PACKAGES, "Python 3.11 with venv")?;
    say(&format!("making a Python for the samples in {}", folder.display()));
    shell::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = Command::new(python()?);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]);
    shell::run(pip.arg("--requirement").arg(&lock_file))?;
    fs::write(&stamp, lock).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Whether a program is there and can do what it must, else Debian's packages for it, else a word on what is missing.
fn provided(program: &str, probe: &[&str], packages: &[&'static str], what: &str) -> Result<()> {
    if can(program, probe) {
        return Ok(());
    }
    if debian::is_here() {
        debian::install(&debian::missing(packages)?)?;
    }
    if !can(program, probe) {
        bail!("the samples need {what}: put `{program}` on the PATH");
    }
    Ok(())
}

fn can(program: &str, probe: &[&str]) -> bool {
    let output = Command::new(program).args(probe).output();
    output.is_ok_and(|output| output.status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_counts_when_it_is_there_and_can_do_what_it_must() {
        assert!(can("sh", &["-c", "exit 0"]));
        assert!(!can("sh", &["-c", "exit 1"]));
        assert!(!can("no-such-program-anywhere", &[]));
    }

    #[test]
    fn the_lock_file_is_where_it_is_looked_for_and_pins_every_package_by_hash() {
        let lock = fs::read_to_string(project::root().join(LOCK)).unwrap();
        let pinned = lock.lines().filter(|line| line.contains("==")).count();
        assert!(pinned > 5 && lock.matches("--hash=sha256:").count() >= pinned, "{lock}");
    }
}
