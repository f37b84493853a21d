//! Tortures the signer: load, `kill -9`, faults on all sides, and then an audit to the last unit.
//!
//! The torture itself is a program of its own, in `tests/torture`; this builds everything and starts it.

use std::process::Command;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::postgres::Cluster;
use crate::project::{self, Binaries};
use crate::setup::{self, Need};
use crate::shell;

const PACKAGE: &str = "countersign-tests";
const PROGRAM: &str = "torture";

/// Kills in the runs that are part of `cargo xtask test`.
const ROUNDS_BRIEFLY: [(u64, Store); 2] = [(40, Store::Sqlite), (20, Store::PostgresTwo)];

#[derive(Args)]
pub(crate) struct Options {
    /// How often the signer is killed
    #[arg(long, default_value_t = 200)]
    rounds: u64,
    /// Does what another run did, though not at the same moments [default: something new]
    #[arg(long)]
    seed: Option<u64>,
    /// How many payments begin in a round
    #[arg(long, default_value_t = 3)]
    journeys: u64,
    /// Where the ledger is
    #[arg(long, value_enum, default_value_t = Store::Sqlite)]
    store: Store,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Store {
    /// A SQLite file of one signer
    Sqlite,
    /// A PostgreSQL database of one signer
    Postgres,
    /// A PostgreSQL database of two signers, of which one or both are killed
    PostgresTwo,
}

impl Store {
    /// The word by which the tests know it.
    const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::PostgresTwo => "postgres-two",
        }
    }
}

/// Builds everything and tortures the signer.
///
/// # Errors
/// When something cannot be built, or the audit finds anything.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.store == Store::Sqlite {
        return torture(&Binaries::build()?, options, None);
    }
    setup::run(&[Need::Postgres])?;
    torture(&Binaries::build()?, options, Some(&Cluster::start()?))
}

/// Two short runs, with new seeds each time: on a file, and with two signers on a server.
///
/// # Errors
/// As [`run`].
pub(crate) fn briefly(binaries: &Binaries, cluster: &Cluster) -> Result<()> {
    for (rounds, store) in ROUNDS_BRIEFLY {
        torture(binaries, &Options { rounds, seed: None, journeys: 3, store }, Some(cluster))?;
    }
    Ok(())
}

fn torture(binaries: &Binaries, options: &Options, cluster: Option<&Cluster>) -> Result<()> {
    shell::run(project::cargo().args(["build", "--locked", "--package", PACKAGE, "--bin", PROGRAM]))?;
    let mut program = Command::new(project::target_folder()?.join("debug").join(PROGRAM));
    program.args(options.arguments()).env("COUNTERSIGN_TEST_STORE", options.store.name());
    if let Some(cluster) = cluster {
        cluster.tell(&mut program);
    }
    shell::run(binaries.tell(&mut program))
}

impl Options {
    fn arguments(&self) -> Vec<String> {
        let Self { rounds, seed, journeys, .. } = self;
        let mut arguments = vec![format!("--rounds={rounds}"), format!("--journeys={journeys}")];
        arguments.extend(seed.map(|seed| format!("--seed={seed}")));
        arguments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_passed_on_and_none_is_made_up() {
        let options = Options { rounds: 5, seed: Some(7), journeys: 2, store: Store::Sqlite };
        assert_eq!(options.arguments(), ["--rounds=5", "--journeys=2", "--seed=7"]);
        let options = Options { seed: None, ..options };
        assert_eq!(options.arguments(), ["--rounds=5", "--journeys=2"]);
    }
}
