//! The whole of it on one machine: simulators of the gateways, the signer, the demo shop, and one address to open.

mod processes;
mod settings;

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde_json::json;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::postgres::Cluster;
use crate::project::{self, Binaries};
use crate::setup::{self, Need};
use crate::wasm;
use processes::Processes;
use settings::{Addresses, Secrets};

const LOOK_INTERVAL: Duration = Duration::from_millis(50);

#[derive(Args)]
pub(crate) struct Options {
    /// Which ports to listen on
    #[arg(long, value_enum, default_value_t = Ports::Usual)]
    ports: Ports,
    /// Folder for configuration, ledger and logs, emptied of an earlier demo's [default: target/demo]
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// What the signer keeps its ledger in
    #[arg(long, value_enum, default_value_t = Store::Sqlite)]
    store: Store,
    /// Takes what was built before instead of building
    #[arg(long)]
    no_build: bool,
    /// For programs: prints addresses and secrets as one line of JSON, and stops when standard input ends
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Ports {
    /// 8787 to 8789, each replaced by a free one where it is taken
    Usual,
    /// Any free ones
    Free,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Store {
    /// A file in the demo's folder
    Sqlite,
    /// A private PostgreSQL that ends with the demo
    Postgres,
}

/// Starts everything and stays until it is told to stop.
///
/// # Errors
/// When something cannot be built or started, or one of the processes ends by itself.
pub(crate) fn run(options: &Options) -> Result<()> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&stop)).context("cannot listen for signals")?;
    }
    let binaries = if options.no_build { Binaries::built()? } else { build()? };
    let folder = match &options.folder {
        Some(folder) => folder.clone(),
        None => project::target_folder()?.join("demo"),
    };
    let _lock = empty(&folder)?;

    let addresses = choose_addresses(options.ports)?;
    let secrets = Secrets::generate()?;
    let cluster = match options.store {
        Store::Sqlite => None,
        Store::Postgres => {
            setup::run(&[Need::Postgres])?;
            Some(Cluster::start()?)
        }
    };
    let store = cluster.as_ref().map_or_else(|| settings::file_in(&folder), |it| it.url().to_owned());
    let mut processes = Processes::new(&folder, &stop);
    start(&mut processes, &binaries, &addresses, &secrets, &store, &folder)?;
    announce(options, &addresses, &secrets, &folder);
    if options.json {
        stop_when_input_ends(&stop);
    }
    while !stop.load(Ordering::Relaxed) {
        processes.check()?;
        thread::sleep(LOOK_INTERVAL);
    }
    processes.stop();
    Ok(())
}

fn build() -> Result<Binaries> {
    setup::run(&[Need::BrowserTarget])?;
    let binaries = Binaries::build()?;
    wasm::build(false)?;
    Ok(binaries)
}

/// Makes the folder and removes an earlier demo's ledger and logs: the simulators begin without orders, so does the
/// ledger. The file given back holds the folder against a second demo.
fn empty(folder: &Path) -> Result<File> {
    let cannot = || format!("cannot write to {}", folder.display());
    fs::create_dir_all(folder).with_context(cannot)?;
    let lock = File::create(folder.join("demo.lock")).with_context(cannot)?;
    if lock.try_lock().is_err() {
        bail!("another demo runs in {}; give this one another --folder", folder.display());
    }
    for entry in fs::read_dir(folder).with_context(cannot)? {
        let path = entry.with_context(cannot)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.ends_with(".log") || name.starts_with(settings::LEDGER) {
            fs::remove_file(&path).with_context(cannot)?;
        }
    }
    Ok(lock)
}

fn choose_addresses(ports: Ports) -> Result<Addresses> {
    let usual = |port| if ports == Ports::Usual { port } else { 0 };
    // All three are held together, so that no two get the same free port.
    let listeners = [listen(usual(8788))?, listen(usual(8789))?, listen(usual(8787))?];
    let [gateways, shop, signer] = listeners.each_ref().map(TcpListener::local_addr);
    let cannot = "the system does not tell a port";
    Ok(Addresses {
        gateways: gateways.context(cannot)?,
        shop: shop.context(cannot)?,
        signer: signer.context(cannot)?,
    })
}

/// This port, or a free one when it is taken.
fn listen(port: u16) -> Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port))
        .or_else(|_| TcpListener::bind(("127.0.0.1", 0)))
        .context("there is no free port")
}

fn start(
    processes: &mut Processes,
    binaries: &Binaries,
    addresses: &Addresses,
    secrets: &Secrets,
    store: &str,
    folder: &Path,
) -> Result<()> {
    let signer_file = folder.join("countersign.toml");
    let sandbox_file = folder.join("sandbox.toml");
    settings::write(&signer_file, &settings::signer(addresses))?;
    settings::write_api_key(&folder.join(settings::API_KEY), secrets)?;
    settings::write(&sandbox_file, &settings::sandbox(addresses, secrets, project::root()))?;

    let mut gateways = Command::new(&binaries.sandbox);
    gateways.args(["gateways", "--listen", &addresses.gateways.to_string(), "--config"]).arg(&sandbox_file);
    processes.start("gateways", &mut gateways)?;

    let mut shop = Command::new(&binaries.sandbox);
    shop.args(["shop", "--listen", &addresses.shop.to_string(), "--config"]).arg(&sandbox_file);
    processes.start("shop", &mut shop)?;

    let mut signer = Command::new(&binaries.signer);
    signer.args(["serve", "--config"]).arg(&signer_file);
    signer.envs(secrets.environment()).env("STORE_URL", store);
    processes.start("countersign", &mut signer)
}

fn announce(options: &Options, addresses: &Addresses, secrets: &Secrets, folder: &Path) {
    if options.json {
        let line = json!({
            "shop": format!("http://{}", addresses.shop),
            "signer": format!("http://{}", addresses.signer),
            "gateways": format!("http://{}", addresses.gateways),
            "folder": folder,
            "secrets": secrets.by_name(),
        });
        println!("{line}");
        return;
    }
    println!("\nOpen the demo shop:  http://{}\n", addresses.shop);
    println!(
        "The signer is on http://{}, the simulated gateways on http://{}.",
        addresses.signer, addresses.gateways
    );
    println!("Logs, configuration and ledger are in {}.", folder.display());
    println!(
        "A backend of your own may call the signer with the key in {}.",
        folder.join(settings::API_KEY).display()
    );
    println!("Ctrl-C stops everything.");
}

/// A program that started the demo may die without a word; its end of the pipe closes all the same.
fn stop_when_input_ends(stop: &Arc<AtomicBool>) {
    let stop = Arc::clone(stop);
    thread::spawn(move || {
        let mut ignored = [0; 64];
        while matches!(io::stdin().read(&mut ignored), Ok(count) if count > 0) {}
        stop.store(true, Ordering::Relaxed);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_replaced_by_a_free_one() {
        let taken = listen(0).unwrap();
        let port = taken.local_addr().unwrap().port();
        let other = listen(port).unwrap().local_addr().unwrap().port();
        assert_ne!(port, other);
    }

    #[test]
    fn a_new_demo_removes_ledger_and_logs_of_the_last_one_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["shop.log", "countersign.db", "countersign.db-wal", "notes.txt"] {
            fs::write(folder.path().join(name), "old").unwrap();
        }
        let _lock = empty(folder.path()).unwrap();
        let mut left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["demo.lock", "notes.txt"]);
    }

    #[test]
    fn two_demos_do_not_share_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let lock = empty(folder.path()).unwrap();
        assert!(empty(folder.path()).unwrap_err().to_string().contains("another demo runs"));
        drop(lock);
        assert!(empty(folder.path()).is_ok());
    }
}
