//! A private PostgreSQL cluster in a temporary folder: no service, no root, and nothing left behind.

mod account;
mod installation;

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use tempfile::TempDir;

use crate::setup::{self, Need};
use crate::{random, shell};
use account::Account;
pub(crate) use installation::{Installation, MAJOR_MIN};

/// The variable by which tests learn of a server that they may make databases on.
pub(crate) const VARIABLE: &str = "COUNTERSIGN_TEST_POSTGRES";

/// The role of tests and its database: it owns that and those it makes, and is otherwise nobody, like a signer's role in
/// earnest.
const ROLE: &str = "countersign";

const READY_TIMEOUT: Duration = Duration::from_secs(60);
const STOP_TIMEOUT: Duration = Duration::from_secs(30);
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Another program may take a free port before the server does.
const PORTS_TRIED_MAX: usize = 5;

/// What the server says when another program took the port first.
const PORT_TAKEN: &str = "Address already in use";

/// How its folder's name begins.
const FOLDER_PREFIX: &str = "countersign-postgres-";

const SETTINGS: &str = "
# Power cuts are not what is tested here, and without waiting for the disk everything is several times quicker. What was
# committed survives the death of any process all the same, the server's included: the system still holds it.
fsync = off
# Eight journeys at once, two signers each, ten connections each, and the tests' own.
max_connections = 400
# Thousands of small databases come and go; their log need not be kept long.
max_wal_size = 256MB
# Compiling statements costs more than running them once.
jit = off
timezone = 'UTC'
lc_messages = 'C'
";

/// On the socket, which lies in a folder that only its owner may enter, everybody is welcome. Any account of the machine
/// reaches the port, so that takes the password; it is sent as it is, because hashing it on both sides costs the unoptimized
/// signers of the tests more than all they do with the connection.
const WHO_MAY: &str = "
local  all  all                trust
host   all  all  127.0.0.1/32  password
";

/// A running server. It stops when this is dropped, or when this process ends, in whatever way.
pub(crate) struct Cluster {
    url: String,
    keeper: Child,
    folder: TempDir,
}

impl Cluster {
    /// Makes a cluster and starts it.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, or the server does not start; its log is in the message.
    pub(crate) fn start() -> Result<Self> {
        let installation = Installation::find()?.with_context(|| {
            format!("PostgreSQL {MAJOR_MIN} or newer is not installed: `cargo xtask setup` does that")
        })?;
        let mut tried = 1;
        loop {
            match Self::start_on(&installation, free_port()?) {
                Err(error) if tried < PORTS_TRIED_MAX && error.to_string().contains(PORT_TAKEN) => tried += 1,
                outcome => return outcome,
            }
        }
    }

    fn start_on(installation: &Installation, port: u16) -> Result<Self> {
        let account = Account::choose()?;
        let folder = tempfile::Builder::new().prefix(FOLDER_PREFIX).tempdir();
        let folder = folder.context("cannot make a temporary folder")?;
        account.give(folder.path())?;
        initialize(installation, account, folder.path())?;
        let password = random::hex(16)?;
        let url = format!("postgres://{ROLE}:{password}@127.0.0.1:{port}/{ROLE}");
        let keeper = keep(installation, account, folder.path(), port)?;
        let cluster = Self { url, keeper, folder };
        wait_until_ready(cluster.folder.path())?;
        cluster.create_role(installation, account, port, &password)?;
        Ok(cluster)
    }

    /// A database on it, whose owner may make further ones, and schemas in it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Tells a program that is about to start where it is.
    pub(crate) fn tell<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env(VARIABLE, &self.url)
    }

    fn create_role(&self, from: &Installation, account: Account, port: u16, password: &str) -> Result<()> {
        let mut psql = Command::new(from.program("psql"));
        psql.args(["--quiet", "--no-psqlrc", "--username=postgres", "--dbname=postgres", "--host"]);
        psql.arg(self.folder.path()).arg(format!("--port={port}"));
        psql.arg(format!("--command=CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'"));
        psql.arg(format!("--command=CREATE DATABASE {ROLE} OWNER {ROLE}"));
        account.run(psql.current_dir(self.folder.path()).env_clear());
        shell::output(&mut psql).context("cannot make the role of the tests")?;
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        stop(&mut self.keeper);
    }
}

/// Runs a cluster until this is stopped, for tests that are run by hand.
///
/// # Errors
/// When it cannot be installed or does not start.
pub(crate) fn run() -> Result<()> {
    setup::run(&[Need::Postgres])?;
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&stop)).context("cannot listen for signals")?;
    }
    let cluster = Cluster::start()?;
    println!("export {VARIABLE}={}", cluster.url());
    eprintln!("Ctrl-C stops it and removes everything.");
    while !stop.load(Ordering::Relaxed) {
        thread::sleep(POLL_INTERVAL);
    }
    Ok(())
}

fn initialize(installation: &Installation, account: Account, folder: &Path) -> Result<()> {
    let mut initdb = Command::new(installation.program("initdb"));
    initdb.args(["--username=postgres", "--auth=reject", "--encoding=UTF8", "--no-sync"]);
    initdb.args(collation(installation.major)).arg("--pgdata").arg(folder.join("data"));
    account.run(initdb.current_dir(folder).env_clear());
    shell::output(&mut initdb).with_context(|| {
        format!("cannot make a cluster in {}; TMPDIR chooses another place", folder.display())
    })?;
    let data = folder.join("data");
    let file = data.join("postgresql.conf");
    let usual = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    fs::write(&file, usual + SETTINGS).with_context(|| format!("cannot write {}", file.display()))?;
    let file = data.join("pg_hba.conf");
    fs::write(&file, WHO_MAY).with_context(|| format!("cannot write {}", file.display()))
}

/// A language's own order of letters, as most installations have it: text that must be ordered by its bytes has to say so.
fn collation(major: u32) -> &'static [&'static str] {
    match major {
        ..15 => &["--no-locale"],
        _ => &["--no-locale", "--locale-provider=icu", "--icu-locale=en"],
    }
}

/// Starts the server in the care of a shell that outlives neither it nor us.
fn keep(installation: &Installation, account: Account, folder: &Path, port: u16) -> Result<Child> {
    let mut keeper = Command::new("/bin/sh");
    keeper.args(["-c", include_str!("keeper.sh"), "keeper"]).arg(folder);
    keeper.arg(installation.program("postgres")).arg("-D").arg(folder.join("data"));
    keeper.args(["-c", "listen_addresses=127.0.0.1", "-p", &port.to_string(), "-k"]).arg(folder);
    // In a group of its own, so that Ctrl-C reaches only us, and the server stops when we have.
    keeper.current_dir(folder).process_group(0);
    keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    account.run(&mut keeper);
    keeper.spawn().context("cannot start /bin/sh")
}

fn wait_until_ready(folder: &Path) -> Result<()> {
    let deadline = Instant::now() + READY_TIMEOUT;
    loop {
        // Looked for first, so that the log is whole when it is there.
        let ended = folder.join("ended").exists();
        let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
        if log.contains("ready to accept connections") {
            return Ok(());
        }
        if ended {
            bail!("PostgreSQL did not start: {}", log.trim());
        }
        if Instant::now() > deadline {
            bail!("PostgreSQL is not ready after {READY_TIMEOUT:?}: {}", log.trim());
        }
        thread::sleep(POLL_INTERVAL);
    }
}

/// Lets go of the keeper, which stops the server and removes the folder, and waits for that.
fn stop(keeper: &mut Child) {
    drop(keeper.stdin.take());
    let deadline = Instant::now() + STOP_TIMEOUT;
    while Instant::now() < deadline {
        if !matches!(keeper.try_wait(), Ok(None)) {
            return;
        }
        thread::sleep(POLL_INTERVAL);
    }
    eprintln!("PostgreSQL does not stop and is killed");
    // Both may have ended in this moment, which is what is wanted.
    let _ = kill_process_group(Pid::from_child(keeper), Signal::KILL);
    let _ = keeper.wait();
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("there is no free port")?;
    Ok(listener.local_addr().context("the system does not tell a port")?.port())
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    /// What a program prints that is told of the cluster.
    fn asked(cluster: &Cluster, statement: &str) -> Result<String> {
        let psql = Installation::find().unwrap().unwrap().program("psql");
        shell::output(Command::new(psql).args([cluster.url(), "--no-psqlrc", "-Atqc", statement]))
    }

    fn port(cluster: &Cluster) -> u16 {
        let after_host = cluster.url().rsplit(':').next().unwrap();
        after_host.split('/').next().unwrap().parse().unwrap()
    }

    fn eventually(what: &str, holds: impl Fn() -> bool) {
        let deadline = Instant::now() + STOP_TIMEOUT;
        while !holds() {
            assert!(Instant::now() < deadline, "did not happen in time: {what}");
            thread::sleep(POLL_INTERVAL);
        }
    }

    #[test]
    fn a_cluster_answers_keeps_databases_and_leaves_nothing_behind() {
        let cluster = Cluster::start().unwrap();
        let (folder, port) = (cluster.folder.path().to_owned(), port(&cluster));
        assert_eq!(asked(&cluster, "CREATE SCHEMA one").unwrap(), "");
        assert_eq!(asked(&cluster, "CREATE DATABASE one").unwrap(), "");
        assert_eq!(asked(&cluster, "DROP DATABASE one WITH (FORCE)").unwrap(), "");
        let safe = "SELECT current_setting('synchronous_commit'), current_setting('full_page_writes')";
        assert_eq!(asked(&cluster, safe).unwrap(), "on|on\n");
        drop(cluster);
        assert!(!folder.exists());
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    }

    #[test]
    fn the_role_of_tests_may_do_no_more_than_make_databases() {
        let cluster = Cluster::start().unwrap();
        let rights = "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user";
        assert_eq!(asked(&cluster, rights).unwrap(), "f|t|f\n");
    }

    #[test]
    fn nobody_comes_in_without_the_password() {
        let mut cluster = Cluster::start().unwrap();
        cluster.url = format!("postgres://{ROLE}:wrong@127.0.0.1:{}/{ROLE}", port(&cluster));
        let refused = asked(&cluster, "SELECT 1").unwrap_err().to_string();
        assert!(refused.contains("password authentication failed"), "{refused}");
    }

    #[test]
    fn a_server_whose_owner_was_killed_stops_and_takes_its_folder_along() {
        let mut cluster = Cluster::start().unwrap();
        let (folder, port) = (cluster.folder.path().to_owned(), port(&cluster));
        // All that is seen of the owner's death is the end of this pipe.
        drop(cluster.keeper.stdin.take());
        eventually("the folder is removed", || !folder.exists());
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    }

    #[test]
    fn two_clusters_do_not_meet() {
        let (one, other) = (Cluster::start().unwrap(), Cluster::start().unwrap());
        assert_ne!(port(&one), port(&other));
        asked(&one, "CREATE DATABASE only_here").unwrap();
        let there = "SELECT count(*) FROM pg_database WHERE datname = 'only_here'";
        assert_eq!(asked(&other, there).unwrap(), "0\n");
    }

    #[test]
    fn a_taken_port_is_said_to_be_taken() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let installation = Installation::find().unwrap().unwrap();
        let error = Cluster::start_on(&installation, taken.local_addr().unwrap().port()).err().unwrap();
        assert!(error.to_string().contains(PORT_TAKEN), "{error:#}");
    }
}
