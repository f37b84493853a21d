//! The steps of `cargo xtask test`, in their order: what is quick and cheap comes first.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::postgres::Cluster;
use crate::project::{self, BROWSER_TARGET, Binaries};
use crate::setup::{self, Need};
use crate::{shell, tidy, torture, wasm};

/// One thing to check.
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    needs: &'static [Need],
    pub(super) run: fn(&mut Workshop) -> Result<()>,
}

pub(super) const STEPS: &[Step] = &[
    Step { name: "format", about: "cargo fmt", needs: &[], run: format },
    Step { name: "tidy", about: "the rules of the architecture", needs: &[], run: |_| tidy::run() },
    Step { name: "lint", about: "clippy on the native crates", needs: &[], run: lint },
    Step {
        name: "lint-browser",
        about: "clippy on the browser crates",
        needs: &[Need::BrowserTarget],
        run: lint_browser,
    },
    Step {
        name: "unit",
        about: "tests of the native crates",
        needs: &[Need::Postgres, Need::Tracing],
        run: unit,
    },
    Step {
        name: "unit-browser",
        about: "tests of the browser crates in Chromium",
        needs: &[Need::BrowserTarget, Need::Browser],
        run: unit_browser,
    },
    Step {
        name: "package",
        about: "the npm package: its code and its types",
        needs: &[Need::BrowserTarget, Need::Browser, Need::NpmPackages],
        run: package,
    },
    Step {
        name: "consumers",
        about: "the packed release in merchants' projects: bundlers, frameworks, a plain page, its size",
        needs: &[Need::BrowserTarget, Need::Browser, Need::NpmPackages],
        run: consumers,
    },
    Step {
        name: "journeys",
        about: "whole journeys over HTTP against the built binaries, on SQLite",
        needs: JOURNEY_NEEDS,
        run: |workshop| journeys(workshop, "sqlite"),
    },
    Step {
        name: "journeys-postgres",
        about: "the same on PostgreSQL",
        needs: JOURNEY_NEEDS,
        run: |workshop| journeys(workshop, "postgres"),
    },
    Step {
        name: "journeys-postgres-two",
        about: "the same on PostgreSQL, with two signers taking turns at every request",
        needs: JOURNEY_NEEDS,
        run: |workshop| journeys(workshop, "postgres-two"),
    },
    Step {
        name: "samples",
        about: "the sample backends, each through the same journeys",
        needs: &[Need::BrowserTarget, Need::Browser, Need::NpmPackages, Need::Samples],
        run: samples,
    },
    Step {
        name: "torture",
        about: "kill -9 under load among faults on all sides, and an audit of everybody's books",
        needs: &[Need::Postgres],
        run: |workshop| torture::briefly(&workshop.binaries()?, workshop.cluster()?),
    },
    Step {
        name: "browser",
        about: "whole journeys in Chromium on the demo shop",
        needs: &[Need::BrowserTarget, Need::Browser, Need::NpmPackages],
        run: browser,
    },
];

/// The journeys on SQLite bring a ledger over to PostgreSQL, so that is needed for all of them.
const JOURNEY_NEEDS: &[Need] = &[Need::BrowserTarget, Need::Postgres, Need::Tracing];

/// The crates that only exist for the browser.
const BROWSER_CRATES: &[&str] = &["countersign-browser", "countersign-wasm", "countersign-ui"];

/// Run through the built binaries, so not among the unit tests.
const JOURNEYS: &str = "countersign-tests";

/// The sample that is a crate.
const SAMPLE: &str = "countersign-sample-axum";

/// This crate. It shares few dependencies with the others, and tested along with them it would have to be built twice.
const COMMANDS: &str = "xtask";

/// What steps make for later ones, so that it is made once, and only if a chosen step needs it.
pub(super) struct Workshop {
    /// This program, asked for before a step builds it anew in its place.
    xtask: PathBuf,
    binaries: Option<Binaries>,
    /// Stops with the last step, or with us.
    cluster: Option<Cluster>,
    has_package: bool,
}

impl Workshop {
    /// # Errors
    /// When the system does not tell where this program is.
    pub(super) fn new() -> Result<Self> {
        let xtask = std::env::current_exe().context("cannot find this program itself")?;
        Ok(Self { xtask, binaries: None, cluster: None, has_package: false })
    }

    fn binaries(&mut self) -> Result<Binaries> {
        match &self.binaries {
            Some(binaries) => Ok(binaries.clone()),
            None => Ok(self.binaries.insert(Binaries::build()?).clone()),
        }
    }

    fn cluster(&mut self) -> Result<&Cluster> {
        match self.cluster.take() {
            Some(cluster) => Ok(self.cluster.insert(cluster)),
            None => Ok(self.cluster.insert(Cluster::start()?)),
        }
    }

    fn package(&mut self) -> Result<()> {
        if !self.has_package {
            wasm::build(false)?;
            self.has_package = true;
        }
        Ok(())
    }
}

/// The names that `--only` takes.
pub(super) fn names() -> Vec<&'static str> {
    STEPS.iter().map(|step| step.name).collect()
}

/// What the machine must have for these steps, each need once.
pub(super) fn needs(steps: &[&Step]) -> Vec<Need> {
    let mut needs = Vec::new();
    for need in steps.iter().flat_map(|step| step.needs) {
        if !needs.contains(need) {
            needs.push(*need);
        }
    }
    needs
}

fn format(_: &mut Workshop) -> Result<()> {
    shell::run(project::cargo().args(["fmt", "--all", "--check"]))
}

fn lint(_: &mut Workshop) -> Result<()> {
    let mut clippy = project::cargo();
    clippy.args(["clippy", "--quiet", "--locked", "--workspace", "--all-targets"]);
    exclude(&mut clippy, BROWSER_CRATES);
    shell::run(clippy.args(["--", "-D", "warnings"]))
}

fn lint_browser(_: &mut Workshop) -> Result<()> {
    let mut clippy = project::cargo();
    clippy.args(["clippy", "--quiet", "--locked", "--all-targets", "--target", BROWSER_TARGET]);
    choose(&mut clippy, BROWSER_CRATES);
    shell::run(clippy.args(["--", "-D", "warnings"]))
}

fn unit(workshop: &mut Workshop) -> Result<()> {
    let cluster = workshop.cluster()?;
    let mut test = project::cargo();
    test.args(["test", "--locked", "--workspace"]);
    exclude(&mut test, BROWSER_CRATES);
    exclude(&mut test, &[JOURNEYS, COMMANDS]);
    shell::run(cluster.tell(&mut test))?;
    shell::run(project::cargo().args(["test", "--locked", "--package", COMMANDS]))
}

fn unit_browser(_: &mut Workshop) -> Result<()> {
    let mut test = project::cargo();
    test.args(["test", "--locked", "--target", BROWSER_TARGET]);
    choose(&mut test, BROWSER_CRATES);
    shell::run(&mut test)
}

fn package(workshop: &mut Workshop) -> Result<()> {
    workshop.package()?;
    shell::run(Command::new("npm").current_dir(project::root().join("wasm")).args(["test"]))
}

/// Built beside the package that the other steps use, which is not minified.
fn consumers(_: &mut Workshop) -> Result<()> {
    let release = project::target_folder()?.join("npm/release");
    wasm::release_into(&release)?;
    let mut npm = Command::new("npm");
    npm.current_dir(project::root().join("tests/package")).args(["test"]);
    shell::run(npm.env("COUNTERSIGN_RELEASE", release))
}

/// What chooses its own store, or has none, runs once.
const OWN_STORE: &[&str] = &["doctor::", "migrate::", "process::"];

/// Journeys wait for clocks more than they compute, so more of them run at once than there are cores.
const JOURNEYS_AT_ONCE: &str = "8";

fn journeys(workshop: &mut Workshop, store: &str) -> Result<()> {
    let binaries = workshop.binaries()?;
    let cluster = workshop.cluster()?;
    let mut test = project::cargo();
    test.args(["test", "--locked", "--package", JOURNEYS]).env("RUST_TEST_THREADS", JOURNEYS_AT_ONCE);
    test.env("COUNTERSIGN_TEST_STORE", store);
    if store != "sqlite" {
        test.arg("--").args(OWN_STORE.iter().map(|name| format!("--skip={name}")));
    }
    shell::run(cluster.tell(binaries.tell(&mut test)))
}

/// Shops and signers start all the time here, so again more at once than there are cores.
fn samples(workshop: &mut Workshop) -> Result<()> {
    let binaries = workshop.binaries()?;
    workshop.package()?;
    shell::run(project::cargo().args(["build", "--locked", "--package", SAMPLE]))?;
    let mut test = project::cargo();
    test.args(["test", "--locked", "--package", JOURNEYS, "--test", "samples"]);
    test.env("RUST_TEST_THREADS", JOURNEYS_AT_ONCE).env("COUNTERSIGN_TEST_STORE", "sqlite");
    test.env("COUNTERSIGN_SAMPLES_PYTHON", setup::samples_python()?);
    test.env("COUNTERSIGN_SAMPLE_AXUM_BIN", project::target_folder()?.join("debug").join(SAMPLE));
    shell::run(binaries.tell(&mut test))
}

fn browser(workshop: &mut Workshop) -> Result<()> {
    let binaries = workshop.binaries()?;
    workshop.package()?;
    let mut npm = Command::new("npm");
    npm.current_dir(project::root().join("tests/browser")).args(["test"]);
    npm.env("COUNTERSIGN_XTASK", &workshop.xtask);
    shell::run(binaries.tell(&mut npm))
}

fn choose(cargo: &mut Command, packages: &[&str]) {
    for package in packages {
        cargo.args(["--package", package]);
    }
}

fn exclude(cargo: &mut Command, packages: &[&str]) {
    for package in packages {
        cargo.args(["--exclude", package]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::EVERYTHING;

    #[test]
    fn every_step_has_a_name_of_its_own() {
        let mut names = names();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STEPS.len());
    }

    #[test]
    fn the_needs_of_several_steps_are_listed_once() {
        let steps: Vec<&Step> = STEPS.iter().collect();
        let all = needs(&steps);
        assert_eq!(all.len(), EVERYTHING.len());
        assert!(EVERYTHING.iter().all(|need| all.contains(need)), "{all:?}");
        assert_eq!(needs(&[]), []);
    }
}
