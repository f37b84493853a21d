//! Debian's packages, by `dpkg-query` and `apt-get`.

use std::process::Command;

use anyhow::{Context, Result};

use super::say;
use crate::shell;

/// Read by Debian's `pg_createcluster` when the server's package is configured; the folder may not be there before.
const NO_CLUSTER_FOLDER: &str = "/etc/postgresql-common/createcluster.d";
const NO_CLUSTER_FILE: &str = "/etc/postgresql-common/createcluster.d/no-main-cluster.conf";

/// Whether this machine has Debian's packages at all.
pub(super) fn is_here() -> bool {
    shell::find("dpkg-query").is_some()
}

/// Which of these packages are not installed.
pub(super) fn missing(packages: &[&'static str]) -> Result<Vec<&'static str>> {
    Ok(missing_in(&status(packages)?, packages))
}

/// Installs packages, and says so; quiet when there are none.
///
/// # Errors
/// When the installation fails, or we are neither root nor may become it.
pub(super) fn install(packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    say(&format!("installing the Debian packages {}", packages.join(", ")));
    // Package lists may be missing or too old, which only shows in the attempt.
    if apt_get(&install_arguments(packages)).is_err() {
        say("trying again with fresh package lists");
        apt_get(&["update".to_owned()])?;
        apt_get(&install_arguments(packages))?;
    }
    Ok(())
}

/// Installs the server without the cluster that its package makes and starts as a service: the tests make their own. A
/// later installation by the machine's owner is not affected, so the setting goes again.
///
/// # Errors
/// As [`install`].
pub(super) fn install_postgres() -> Result<()> {
    say(&format!("keeping Debian from starting PostgreSQL as a service, by {NO_CLUSTER_FILE} for this time"));
    let write =
        format!("mkdir -p {NO_CLUSTER_FOLDER} && echo create_main_cluster = false >{NO_CLUSTER_FILE}");
    shell::run(as_root("sh")?.args(["-c", &write]))?;
    let installed = install(&["postgresql"]);
    let removed = shell::run(as_root("rm")?.args(["-f", NO_CLUSTER_FILE]));
    installed.and(removed)
}

/// One line `package status` for each package dpkg knows; it complains of the others, which is no error here.
fn status(packages: &[&str]) -> Result<String> {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat=${Package} ${db:Status-Status}\n"]).args(packages);
    let output = query.output().context("cannot start `dpkg-query`")?;
    String::from_utf8(output.stdout).context("dpkg-query printed something that is not UTF-8")
}

fn missing_in(status: &str, packages: &[&'static str]) -> Vec<&'static str> {
    let installed = |package: &&str| status.lines().any(|line| line == format!("{package} installed"));
    packages.iter().copied().filter(|package| !installed(package)).collect()
}

fn install_arguments(packages: &[&str]) -> Vec<String> {
    let options = ["install", "--yes", "--no-install-recommends"];
    options.iter().chain(packages).map(|&word| word.to_owned()).collect()
}

fn apt_get(arguments: &[String]) -> Result<()> {
    let mut command =
        as_root("apt-get").with_context(|| format!("as root: apt-get {}", arguments.join(" ")))?;
    // Another installation may be running, so wait for its lock.
    command.args(["-qq", "-o", "DPkg::Lock::Timeout=600", "-o", "Dpkg::Use-Pty=0"]);
    shell::run(command.args(arguments))
}

/// A program run as root, which asks nothing.
fn as_root(program: &str) -> Result<Command> {
    if rustix::process::geteuid().is_root() {
        let mut command = Command::new(program);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        return Ok(command);
    }
    shell::require("sudo")?;
    let mut command = Command::new("sudo");
    command.args(["DEBIAN_FRONTEND=noninteractive", program]);
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKAGES: &[&str] = &["chromium", "chromium-driver", "strace"];

    #[test]
    fn a_package_counts_as_installed_only_when_dpkg_says_so() {
        let status = "chromium installed\nchromium-driver config-files\n";
        assert_eq!(missing_in(status, PACKAGES), ["chromium-driver", "strace"]);
        assert_eq!(missing_in("", PACKAGES), PACKAGES);
    }

    #[test]
    fn nothing_is_missing_when_every_package_is_installed() {
        let status: String = PACKAGES.iter().map(|package| format!("{package} installed\n")).collect();
        assert!(missing_in(&status, PACKAGES).is_empty());
    }

    #[test]
    fn what_apt_get_is_told_names_every_package_and_nothing_that_is_only_recommended() {
        let told = install_arguments(&["strace", "faketime"]);
        assert_eq!(told, ["install", "--yes", "--no-install-recommends", "strace", "faketime"]);
    }
}
