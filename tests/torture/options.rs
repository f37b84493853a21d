//! The command line.

use clap::Parser;
use countersign_tests::Store;

/// Kills the signer again and again under load, among gateways and a shop that fail, and audits everybody's books.
#[derive(Clone, Debug, Parser)]
#[command(name = "torture")]
pub(crate) struct Options {
    /// How often the signer is killed
    #[arg(long, default_value_t = 200)]
    pub(crate) rounds: u64,
    /// Determines what is done (not when); a new one each time when left out
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// How many payments begin in a round
    #[arg(long, default_value_t = 3)]
    pub(crate) journeys: u64,
    /// After so many seconds in which nothing moves, what is not at rest will never be
    #[arg(long, default_value_t = 90)]
    pub(crate) settle: u64,
}

impl Options {
    /// How the same is done again.
    pub(crate) fn command(&self, seed: u64) -> String {
        let Self { rounds, journeys, .. } = self;
        let store = Store::chosen().name();
        format!("cargo xtask torture --store {store} --rounds {rounds} --journeys {journeys} --seed {seed}")
    }
}
