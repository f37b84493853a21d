//! What a machine needs: looks what is missing, installs that, and says what it does. Quiet when nothing is missing.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::project::{self, BROWSER_TARGET};
use crate::shell;

/// One thing that a command of this project needs on the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Rust's standard library for the browser.
    BrowserTarget,
    /// Chromium with its driver, and a font with Chinese characters.
    Browser,
    /// The npm packages in `wasm/` and `tests/browser/`.
    NpmPackages,
}

/// All there is to install.
pub(crate) const EVERYTHING: &[Need] = &[Need::BrowserTarget, Need::Browser, Need::NpmPackages];

/// The Debian packages: the browser, its driver for the unit tests, and the smallest font that shows Chinese in screenshots.
const DEBIAN_PACKAGES: &[&str] = &["chromium", "chromium-driver", "fonts-wqy-microhei"];

/// The folders with a `package-lock.json`.
const NPM_FOLDERS: &[&str] = &["wasm", "tests/browser"];

const NODE_MAJOR_MIN: u32 = 20;

/// Installs what of `needs` is missing.
///
/// # Errors
/// When a tool to install with is missing, or an installation fails.
pub(crate) fn run(needs: &[Need]) -> Result<()> {
    shell::require("cc")?;
    for need in needs {
        match need {
            Need::BrowserTarget => browser_target()?,
            Need::Browser => browser()?,
            Need::NpmPackages => npm_packages()?,
        }
    }
    Ok(())
}

fn browser_target() -> Result<()> {
    let mut rustc = Command::new("rustc");
    rustc.current_dir(project::root()).args(["--print", "target-libdir", "--target", BROWSER_TARGET]);
    if Path::new(shell::output(&mut rustc)?.trim()).is_dir() {
        return Ok(());
    }
    say(&format!("adding the Rust target {BROWSER_TARGET}"));
    shell::require("rustup").with_context(|| format!("Rust lacks the target {BROWSER_TARGET}"))?;
    shell::run(Command::new("rustup").current_dir(project::root()).args(["target", "add", BROWSER_TARGET]))
}

fn browser() -> Result<()> {
    if shell::find("dpkg-query").is_none() {
        for program in ["chromium", "chromedriver"] {
            shell::require(program).context("the browser tests need Chromium and its driver")?;
        }
        return Ok(());
    }
    let missing = missing_debian_packages(&dpkg_status()?);
    if missing.is_empty() {
        return Ok(());
    }
    say(&format!("installing the Debian packages {}", missing.join(", ")));
    // Package lists may be missing or too old, which only shows in the attempt.
    if apt_get(&install_arguments(&missing)).is_err() {
        say("trying again with fresh package lists");
        apt_get(&["update".to_owned()])?;
        apt_get(&install_arguments(&missing))?;
    }
    Ok(())
}

/// One line `package status` for each package dpkg knows; it complains of the others, which is no error here.
fn dpkg_status() -> Result<String> {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat=${Package} ${db:Status-Status}\n"]).args(DEBIAN_PACKAGES);
    let output = query.output().context("cannot start `dpkg-query`")?;
    String::from_utf8(output.stdout).context("dpkg-query printed something that is not UTF-8")
}

fn missing_debian_packages(status: &str) -> Vec<&'static str> {
    let installed = |package: &&str| status.lines().any(|line| line == format!("{package} installed"));
    DEBIAN_PACKAGES.iter().copied().filter(|package| !installed(package)).collect()
}

fn install_arguments(packages: &[&str]) -> Vec<String> {
    let options = ["install", "--yes", "--no-install-recommends"];
    options.iter().chain(packages).map(|&word| word.to_owned()).collect()
}

fn apt_get(arguments: &[String]) -> Result<()> {
    let mut command = if rustix::process::geteuid().is_root() {
        Command::new("apt-get")
    } else {
        let packages = DEBIAN_PACKAGES.join(" ");
        shell::require("sudo").with_context(|| format!("as root: apt-get install {packages}"))?;
        let mut command = Command::new("sudo");
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        command
    };
    // Another installation may be running, so wait for its lock.
    command.env("DEBIAN_FRONTEND", "noninteractive").args([
        "-qq",
        "-o",
        "DPkg::Lock::Timeout=600",
        "-o",
        "Dpkg::Use-Pty=0",
    ]);
    shell::run(command.args(arguments))
}

fn npm_packages() -> Result<()> {
    let mut checked_node = false;
    for folder in NPM_FOLDERS {
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

fn say(what: &str) {
    eprintln!("set-up: {what}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_counts_as_installed_only_when_dpkg_says_so() {
        let status = "chromium installed\nchromium-driver config-files\n";
        assert_eq!(missing_debian_packages(status), ["chromium-driver", "fonts-wqy-microhei"]);
        assert_eq!(missing_debian_packages(""), DEBIAN_PACKAGES);
    }

    #[test]
    fn nothing_is_missing_when_every_package_is_installed() {
        let status: String = DEBIAN_PACKAGES.iter().map(|package| format!("{package} installed\n")).collect();
        assert!(missing_debian_packages(&status).is_empty());
    }

    #[test]
    fn the_major_version_of_node_is_read_from_what_it_prints() {
        assert_eq!(node_major("v20.20.2\n"), Some(20));
        assert_eq!(node_major("20"), None);
        assert_eq!(node_major(""), None);
    }
}
