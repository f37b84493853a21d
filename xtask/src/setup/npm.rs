//! The npm packages of the project's folders, as their lock files say.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::say;
use crate::{project, shell};

/// The folders with a `package-lock.json`.
const FOLDERS: &[&str] = &["wasm", "tests/browser", "tests/package", "samples/express"];

const NODE_MAJOR_MIN: u32 = 20;

/// Installs them where the lock file has changed since the last time.
///
/// # Errors
/// When Node.js is missing or too old, or an installation fails.
pub(super) fn install() -> Result<()> {
    let mut checked_node = false;
    for folder in FOLDERS {
        let folder = project::root().join(folder);
        let lock_file = folder.join("package-lock.json");
        let lock =
            fs::read_to_string(&lock_file).with_context(|| format!("cannot read {}", lock_file.display()))?;
        // The lock as it was when npm had last finished; node_modules without it is half an installation.
        let stamp = folder.join("node_modules/.installed-lock.json");
        if fs::read_to_string(&stamp).is_ok_and(|stamped| stamped == lock) {
            continue;
        }
        if !checked_node {
            require_node()?;
            checked_node = true;
        }
        say(&format!("installing the npm packages of {}", folder.display()));
        let mut npm = Command::new("npm");
        npm.current_dir(&folder).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
        shell::run(&mut npm)?;
        fs::write(&stamp, lock).with_context(|| format!("cannot write {}", stamp.display()))?;
    }
    Ok(())
}

fn require_node() -> Result<()> {
    shell::require("npm")?;
    let version = shell::output(Command::new("node").arg("--version"))?;
    match node_major(&version) {
        Some(major) if major >= NODE_MAJOR_MIN => Ok(()),
        _ => bail!("Node.js {NODE_MAJOR_MIN} or newer is needed, this is {}", version.trim()),
    }
}

fn node_major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_of_node_is_read_from_what_it_prints() {
        assert_eq!(node_major("v20.20.2\n"), Some(20));
        assert_eq!(node_major("20"), None);
        assert_eq!(node_major(""), None);
    }
}
