//! A PostgreSQL server of a test's own, which it may stop, hang and restart. It needs no root, and takes none.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use countersign_tests::{Ended, eventually, run};
use tempfile::TempDir;

/// The password of the made-up user.
pub(super) const PASSWORD: &str = "journey-database-password-3b1f";

/// A server in a temporary folder. It ends when this is dropped.
pub(super) struct Cluster {
    dir: TempDir,
    port: u16,
}

impl Cluster {
    /// Makes and starts one.
    pub(super) async fn start() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        if is_root() {
            let owner = std::os::unix::fs::chown(dir.path(), Some(id_of("-u")), Some(id_of("-g")));
            owner.expect("the folder is given to postgres");
        }
        let mut cluster = Self { dir, port: free_port() };
        let password = cluster.dir.path().join("password");
        std::fs::write(&password, PASSWORD).expect("the temporary folder can be written");
        let readable = std::fs::set_permissions(&password, std::fs::Permissions::from_mode(0o644));
        readable.expect("our own file");
        let (data, password) = (cluster.data(), password.display().to_string());
        cluster
            .program(
                "initdb",
                &[
                    "-D",
                    &data,
                    "-U",
                    "journey",
                    "-A",
                    "scram-sha-256",
                    "--pwfile",
                    &password,
                    "-N",
                    "--locale=C",
                    "-E",
                    "UTF8",
                ],
            )
            .await;
        let mut tries = 0..20;
        while !cluster.try_begin().await {
            assert!(tries.next().is_some(), "{}", cluster.log());
            // Somebody else took the port that was free a moment ago.
            cluster.port = free_port();
        }
        cluster
    }

    /// Starts the server again, where it was.
    pub(super) async fn begin(&self) {
        eventually("the server starts", async || self.try_begin().await.then_some(())).await;
    }

    /// Starts the server, unless somebody has its port.
    async fn try_begin(&self) -> bool {
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories='' -c shared_buffers=16MB",
            self.port
        );
        let (data, log) = (self.data(), self.dir.path().join("server.log").display().to_string());
        let words = ["start", "-w", "-t", "25", "-D", &data, "-l", &log, "-o", &options];
        let ended = run_as_its_user("pg_ctl", &words).await;
        let taken = self.log().contains("Address already in use");
        assert!(ended.code == Some(0) || taken, "{ended:?} {}", self.log());
        ended.code == Some(0)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("server.log")).unwrap_or_default()
    }

    /// Ends the server as a power cut would.
    pub(super) async fn cut(&self) {
        self.program("pg_ctl", &["stop", "-m", "immediate", "-w", "-D", &self.data()]).await;
    }

    /// Asks the server something.
    pub(super) async fn tell(&self, sql: &str) -> String {
        let url = self.url();
        self.program("psql", &["-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-d", &url, "-c", sql]).await
    }

    /// Where it is, password and all.
    pub(super) fn url(&self) -> String {
        format!("postgres://journey:{PASSWORD}@127.0.0.1:{}/postgres", self.port)
    }

    /// Its address without anything secret.
    pub(super) fn place(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Lets the whole server stand still, or go on: connections stay open, and nobody answers.
    pub(super) fn stand_still(&self, still: bool) {
        let first = std::fs::read_to_string(self.dir.path().join("data/postmaster.pid")).expect("it runs");
        let first: u32 = first.lines().next().and_then(|line| line.parse().ok()).expect("its number");
        let signal = if still { "-STOP" } else { "-CONT" };
        let send = |to: u32| Command::new("/bin/kill").args([signal, &to.to_string()]).output();
        // First the one that makes the others, so that there are no more of them; one may have ended meanwhile.
        let sent = send(first).expect("kill can be run");
        assert!(sent.status.success() || !still, "{sent:?}");
        for child in children(first) {
            send(child).expect("kill can be run");
        }
    }

    fn data(&self) -> String {
        self.dir.path().join("data").display().to_string()
    }

    async fn program(&self, name: &str, arguments: &[&str]) -> String {
        let ended = run_as_its_user(name, arguments).await;
        assert_eq!(ended.code, Some(0), "{name}: {ended:?} {}", self.log());
        ended.stdout
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.data();
        if !Path::new(&data).join("postmaster.pid").is_file() {
            return;
        }
        self.stand_still(false);
        let (program, words) =
            as_its_user(&binaries().join("pg_ctl"), &["stop", "-m", "immediate", "-D", &data]);
        // Where it has ended by itself there is nothing left to end.
        let _ = Command::new(program).args(words).output();
    }
}

async fn run_as_its_user(name: &str, arguments: &[&str]) -> Ended {
    let (program, words) = as_its_user(&binaries().join(name), arguments);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    run(program.as_ref(), &words, &BTreeMap::new()).await
}

fn free_port() -> u16 {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    free.local_addr().expect("it is bound").port()
}

/// A server refuses to be root's.
fn as_its_user(program: &Path, arguments: &[&str]) -> (String, Vec<String>) {
    let program = program.display().to_string();
    let arguments = arguments.iter().map(|word| (*word).to_owned());
    if !is_root() {
        return (program, arguments.collect());
    }
    let user = ["--reuid=postgres", "--regid=postgres", "--clear-groups"].map(str::to_owned);
    ("/usr/bin/setpriv".to_owned(), user.into_iter().chain([program]).chain(arguments).collect())
}

fn is_root() -> bool {
    number("/usr/bin/id", &["-u"]) == 0
}

fn id_of(which: &str) -> u32 {
    number("/usr/bin/id", &[which, "postgres"])
}

fn number(program: &str, arguments: &[&str]) -> u32 {
    let output = Command::new(program).args(arguments).output().expect("id can be run");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number")
}

fn children(of: u32) -> Vec<u32> {
    let text = std::fs::read_to_string(format!("/proc/{of}/task/{of}/children")).unwrap_or_default();
    text.split_whitespace().filter_map(|number| number.parse().ok()).collect()
}

/// Where Debian has the programs of the newest version.
fn binaries() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .expect("PostgreSQL is not there: `cargo xtask setup` installs it");
    let mut versions: Vec<PathBuf> = versions.flatten().map(|version| version.path().join("bin")).collect();
    versions.retain(|bin| bin.join("initdb").is_file());
    versions.sort();
    versions.pop().expect("PostgreSQL is not there: `cargo xtask setup` installs it")
}
