//! The torture: load, `kill -9` and faults on all sides, and then an audit of everybody's books, to the last unit.
//!
//! The simulators of the gateways and the shop live through every kill and keep books of their own. Clients retry as real
//! ones do and remember what was acknowledged to them. When all has come to rest, nothing may be missing, nothing may be
//! there twice, and the shop must have heard of everything.

mod audit;
mod books;
mod calm;
mod dice;
mod flights;
mod journey;
mod options;
mod plan;
mod report;
mod shop;
mod stage;
mod storm;
mod story;
mod wallets;
mod weather;

use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Parser as _;
use countersign_tests::Store;
use options::Options;
use storm::Storm;

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a machine that can run the signer can run this");
    if runtime.block_on(torture(&options)) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether everything held.
async fn torture(options: &Options) -> bool {
    let seed = options.seed.unwrap_or_else(seed_of_this_moment);
    let store = Store::chosen().name();
    println!("seed {seed}: {} kills, {} payments a round, on {store}", options.rounds, options.journeys);
    let mut storm = Storm::gather(seed, options).await;
    storm.rage(seed, options).await;
    let raged = storm.began.elapsed();
    storm.abate().await;
    println!("{:>5} s  the storm is over", storm.began.elapsed().as_secs());
    let patience = Duration::from_secs(options.settle);
    let (settled, _) = calm::settle(&storm, patience).await;
    calm::look_at_what_is_left(&storm).await;
    let (again, restless) = calm::settle(&storm, patience).await;
    storm.read_journal().await;
    let books = calm::collect(&storm).await;
    let verdict = audit::audit(&books);
    report::findings(&storm, &books, &verdict);
    if let Some(restless) = &restless {
        println!("\nFOUND: it did not come to rest in {} s: {restless:?}", options.settle);
    }
    let held = verdict.findings.is_empty() && restless.is_none();
    if !held {
        report::keep(&storm, seed);
    }
    report::summary(&storm, &books, &verdict, (raged, settled + again), (seed, options));
    held
}

fn seed_of_this_moment() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    now.as_secs() % 1_000_000
}
