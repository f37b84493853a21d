//! Child processes: started, listened to, ended with their owner.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::oneshot;

use crate::{PATIENCE, eventually};

/// How a process ended, and what it said.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Everything on standard output.
    pub stdout: String,
    /// Everything on standard error.
    pub stderr: String,
}

/// A running server process. It is killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    /// Its address from the ready line, `http://host:port`.
    pub url: String,
    child: Child,
    stdout: Output,
    stderr: Output,
}

impl Process {
    /// Starts a server and waits for its line with `<ready><address>`. The environment is `env` alone.
    ///
    /// # Errors
    /// How it ended, when it ended instead.
    ///
    /// # Panics
    /// When neither happened in time.
    pub async fn start(
        binary: &Path,
        arguments: &[&str],
        env: &BTreeMap<String, String>,
        ready: &'static str,
    ) -> Result<Self, Ended> {
        let mut child = spawn(binary, arguments, env, Stdio::null());
        let (told, mut telling) = oneshot::channel();
        let stdout = Output::of(child.stdout.take().expect("standard output is piped"), Some((ready, told)));
        let stderr = Output::of(child.stderr.take().expect("standard error is piped"), None);
        let started = async {
            tokio::select! {
                url = &mut telling => url.ok(),
                _ = child.wait() => None,
            }
        };
        let url = tokio::time::timeout(PATIENCE, started).await.unwrap_or_else(|_| {
            panic!("{} was not ready in time: {}{}", binary.display(), stdout.text(), stderr.text())
        });
        let mut process = Self { url: url.clone().unwrap_or_default(), child, stdout, stderr };
        if url.is_some() { Ok(process) } else { Err(process.wait().await) }
    }

    /// Its process id.
    ///
    /// # Panics
    /// When it has ended.
    pub fn id(&self) -> u32 {
        self.child.id().expect("the process is running")
    }

    /// Everything it has said so far, standard output and standard error.
    pub fn said(&self) -> String {
        format!("{}{}", self.stdout.text(), self.stderr.text())
    }

    /// Asks it to stop, with SIGTERM.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Asks it to stop as a person at the terminal does, with SIGINT.
    pub fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    /// Lets it stand still, with SIGSTOP. Every thread of it does when this returns.
    pub async fn pause(&self) {
        self.signal(Signal::STOP);
        let threads = format!("/proc/{}/task", self.id());
        eventually("every thread stands still", async || {
            let threads = std::fs::read_dir(&threads).expect("it is running");
            let state = |thread: std::io::Result<std::fs::DirEntry>| {
                std::fs::read_to_string(thread.expect("a thread").path().join("stat")).unwrap_or_default()
            };
            threads.map(state).all(|stat| stat.contains(") T ") || stat.is_empty()).then_some(())
        })
        .await;
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let pid = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        kill_process(pid.expect("the process is running"), signal).expect("it is our own child");
    }

    /// Ends it as a power cut would, with SIGKILL.
    pub async fn kill(&mut self) {
        self.kill_at_once();
        self.wait().await;
    }

    /// The same, without waiting for the end.
    pub(crate) fn kill_at_once(&self) {
        self.signal(Signal::KILL);
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it does not come in time.
    pub async fn wait(&mut self) -> Ended {
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("an end in time");
        self.stdout.ended().await;
        self.stderr.ended().await;
        let code = status.expect("it is our own child").code();
        Ended { code, stdout: self.stdout.text(), stderr: self.stderr.text() }
    }
}

/// A failing test shows what its processes said.
impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- {} said:\n{}", self.url, self.said());
        }
    }
}

/// Runs a command to its end. The environment is `env` alone.
///
/// # Panics
/// When it does not end in time.
pub async fn run(binary: &Path, arguments: &[&str], env: &BTreeMap<String, String>) -> Ended {
    run_with_input(binary, arguments, env, b"").await
}

/// The same, with something on its standard input.
///
/// # Panics
/// When it does not end in time.
pub async fn run_with_input(
    binary: &Path,
    arguments: &[&str],
    env: &BTreeMap<String, String>,
    input: &[u8],
) -> Ended {
    let mut child = spawn(binary, arguments, env, Stdio::piped());
    let mut pipe = child.stdin.take().expect("standard input is piped");
    // A program that does not read its input may have ended before.
    let _ = pipe.write_all(input).await;
    drop(pipe);
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output());
    let output = output.await.expect("an end in time").expect("a program that can be run");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ended { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

fn spawn(binary: &Path, arguments: &[&str], env: &BTreeMap<String, String>, stdin: Stdio) -> Child {
    Command::new(binary)
        .args(arguments)
        .env_clear()
        .envs(env)
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("{} cannot be started: {error}", binary.display()))
}

/// What a process says on one of its two outputs.
#[derive(Debug)]
struct Output {
    lines: Arc<Mutex<String>>,
    reader: tokio::task::JoinHandle<()>,
}

impl Output {
    fn of(
        pipe: impl AsyncRead + Unpin + Send + 'static,
        ready: Option<(&'static str, oneshot::Sender<String>)>,
    ) -> Self {
        let lines = Arc::new(Mutex::new(String::new()));
        let reader = tokio::spawn(listen(BufReader::new(pipe), Arc::clone(&lines), ready));
        Self { lines, reader }
    }

    fn text(&self) -> String {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn ended(&mut self) {
        // A reader that was waited for before has nothing more to tell.
        if !self.reader.is_finished() {
            let _ = tokio::time::timeout(PATIENCE, &mut self.reader).await;
        }
    }
}

async fn listen(
    mut pipe: impl AsyncBufRead + Unpin,
    lines: Arc<Mutex<String>>,
    ready: Option<(&'static str, oneshot::Sender<String>)>,
) {
    let (start, mut told) = ready.map_or(("", None), |(start, told)| (start, Some(told)));
    let mut line = Vec::new();
    while pipe.read_until(b'\n', &mut line).await.is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&line).into_owned();
        lines.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
        // PHP says the time before it and closes a bracket behind it.
        if let Some((_, address)) = text.trim_end().split_once(start)
            && let address = address.split(')').next().unwrap_or_default()
            && let Some(told) = told.take_if(|_| !address.is_empty())
        {
            // Nobody waits any more when the start has timed out.
            let _ = told.send(address.to_owned());
        }
        line.clear();
    }
}
