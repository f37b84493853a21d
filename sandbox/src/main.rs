//! Command line of the sandbox: one command per process that a demo needs.

use std::error::Error;
use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use countersign_sandbox::{config, gateways, shop};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// Simulators of the four gateways, and the demo shop. No money moves here.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the simulators of all four gateways on one port.
    Gateways {
        /// Address to listen on; port 0 picks a free one.
        #[arg(long, default_value = "127.0.0.1:8788")]
        listen: SocketAddr,
        /// TOML file with `[gateways.…]` sections; everything has a default.
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Runs the demo shop: a merchant's backend and its pages.
    Shop {
        /// Address to listen on; port 0 picks a free one.
        #[arg(long, default_value = "127.0.0.1:8789")]
        listen: SocketAddr,
        /// TOML file with a `[shop]` section.
        #[arg(long)]
        config: PathBuf,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();
    match run(Arguments::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), Box<dyn Error>> {
    match command {
        Command::Gateways { listen, config } => run_gateways(listen, config).await,
        Command::Shop { listen, config } => run_shop(listen, &config).await,
    }
}

async fn run_gateways(listen: SocketAddr, file: Option<PathBuf>) -> Result<(), Box<dyn Error>> {
    let config = config::File::read(file.as_deref())?.gateways;
    let running = gateways::start(config, bind(listen).await?).await?;
    say(format_args!("gateways are ready on {}", running.url));
    asked_to_stop().await?;
    running.stop().await;
    Ok(())
}

async fn run_shop(listen: SocketAddr, file: &Path) -> Result<(), Box<dyn Error>> {
    let config = config::File::read(Some(file))?.shop;
    let config = config.ok_or_else(|| format!("{}: there is no [shop] section", file.display()))?;
    let running = shop::start(config, bind(listen).await?).await?;
    say(format_args!("shop is ready on {}", running.url));
    asked_to_stop().await?;
    running.stop().await?;
    Ok(())
}

async fn bind(listen: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(listen).await.map_err(|error| format!("cannot listen on {listen}: {error}"))
}

/// Prints the line that tells whoever started this process that it can be used.
fn say(line: std::fmt::Arguments<'_>) {
    // The reader may have gone; that is no reason to die.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Waits for SIGTERM or SIGINT.
async fn asked_to_stop() -> std::io::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    Ok(())
}
