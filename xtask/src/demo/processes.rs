//! The demo's processes: start each, wait for its ready line, keep its log, notice when one dies, stop all.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

const READY_TIMEOUT: Duration = Duration::from_secs(60);
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
const POLL_INTERVAL: Duration = Duration::from_millis(20);
const LOG_LINES_SHOWN: usize = 15;

/// Everything that runs. Dropping it stops everything.
pub(super) struct Processes {
    folder: PathBuf,
    stop: Arc<AtomicBool>,
    running: Vec<Process>,
}

struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Processes {
    /// Nothing yet; logs will be written to this folder, and nothing is waited for once `stop` is set.
    pub(super) fn new(folder: &Path, stop: &Arc<AtomicBool>) -> Self {
        Self { folder: folder.to_owned(), stop: Arc::clone(stop), running: Vec::new() }
    }

    /// Starts a process and waits until it says `NAME is ready on …`, or `are`.
    ///
    /// # Errors
    /// When it does not start, ends, or stays silent for too long; the end of its log is in the message.
    pub(super) fn start(&mut self, name: &'static str, command: &mut Command) -> Result<()> {
        let path = self.folder.join(format!("{name}.log"));
        let open = || OpenOptions::new().create(true).append(true).open(&path);
        let log = open().with_context(|| format!("cannot write {}", path.display()))?;
        let errors = log.try_clone().with_context(|| format!("cannot write {}", path.display()))?;
        // In a group of its own, so that Ctrl-C reaches only us and the order of stopping is ours.
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors).process_group(0);
        let mut child = command.spawn().with_context(|| format!("cannot start {name}"))?;
        let output = child.stdout.take().context("a piped output is there")?;
        let ready = watch(name, output, log);
        let process = Process { name, child, log: path };
        self.running.push(process);
        self.wait(name, &ready)
    }

    fn wait(&self, name: &str, ready: &Receiver<()>) -> Result<()> {
        let deadline = Instant::now() + READY_TIMEOUT;
        loop {
            match ready.recv_timeout(POLL_INTERVAL) {
                Ok(()) => return Ok(()),
                Err(RecvTimeoutError::Disconnected) => {
                    bail!("{name} ended before it was ready{}", self.last().log_end())
                }
                Err(RecvTimeoutError::Timeout) if self.stop.load(Ordering::Relaxed) => {
                    bail!("told to stop while {name} was starting")
                }
                Err(RecvTimeoutError::Timeout) if Instant::now() > deadline => {
                    bail!("{name} is not ready after {READY_TIMEOUT:?}{}", self.last().log_end())
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// # Errors
    /// When one of the processes has ended.
    pub(super) fn check(&mut self) -> Result<()> {
        for process in &mut self.running {
            let status =
                process.child.try_wait().with_context(|| format!("cannot watch {}", process.name))?;
            if let Some(status) = status {
                bail!(
                    "{} ended by itself ({status}), so everything stops{}",
                    process.name,
                    process.log_end()
                );
            }
        }
        Ok(())
    }

    /// Asks all to stop, the last started first, and kills what does not.
    pub(super) fn stop(&mut self) {
        for mut process in self.running.drain(..).rev() {
            process.stop();
        }
    }

    fn last(&self) -> &Process {
        self.running.last().expect("a process was just started")
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Process {
    fn stop(&mut self) {
        // It may have ended already, which is what is wanted.
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let deadline = Instant::now() + STOP_TIMEOUT;
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(POLL_INTERVAL);
        }
        eprintln!("{} does not stop and is killed", self.name);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The last lines of its log, to go below an error.
    fn log_end(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let end = &lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..];
        format!("; the end of {}:\n{}", self.log.display(), end.join("\n"))
    }
}

/// Copies a process's output to its log; the channel tells of the ready line, and closes when the output ends.
fn watch(name: &'static str, output: ChildStdout, mut log: File) -> Receiver<()> {
    let (ready, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut ready = Some(ready);
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            // A full disk must not stop the process that writes.
            let _ = writeln!(log, "{line}");
            if is_ready_line(&line, name) {
                ready.take().map(|ready| ready.send(()));
            }
        }
    });
    receiver
}

fn is_ready_line(line: &str, name: &str) -> bool {
    let words = line.strip_prefix(name).unwrap_or_default();
    [" is ready on ", " are ready on "].iter().any(|beginning| words.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn processes(folder: &tempfile::TempDir) -> Processes {
        Processes::new(folder.path(), &Arc::new(AtomicBool::new(false)))
    }

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_process_is_started_when_it_says_so_and_its_words_are_in_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let mut processes = processes(&folder);
        let script = "echo warming up >&2; echo 'shop is ready on http://127.0.0.1:1'; exec sleep 100";
        processes.start("shop", &mut shell(script)).unwrap();
        processes.check().unwrap();
        processes.stop();
        let log = fs::read_to_string(folder.path().join("shop.log")).unwrap();
        assert!(log.contains("warming up") && log.contains("shop is ready"), "{log}");
    }

    #[test]
    fn a_process_that_ends_before_it_is_ready_is_an_error_with_its_last_words() {
        let folder = tempfile::tempdir().unwrap();
        let mut processes = processes(&folder);
        let error =
            processes.start("shop", &mut shell("echo no api_key >&2; exit 2")).unwrap_err().to_string();
        assert!(error.contains("shop ended before it was ready") && error.contains("no api_key"), "{error}");
    }

    #[test]
    fn a_process_that_is_slow_to_start_is_not_waited_for_when_all_is_to_stop() {
        let folder = tempfile::tempdir().unwrap();
        let mut processes = Processes::new(folder.path(), &Arc::new(AtomicBool::new(true)));
        let error = processes.start("shop", &mut shell("exec sleep 100")).unwrap_err().to_string();
        assert_eq!(error, "told to stop while shop was starting");
    }

    #[test]
    fn a_ready_line_begins_with_the_name_of_the_process() {
        assert!(is_ready_line("gateways are ready on http://127.0.0.1:1", "gateways"));
        assert!(is_ready_line("shop is ready on http://127.0.0.1:1", "shop"));
        assert!(!is_ready_line("the shop is ready on http://127.0.0.1:1", "shop"));
        assert!(!is_ready_line("shop is closed", "shop"));
    }

    #[test]
    fn the_death_of_a_process_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let mut processes = processes(&folder);
        processes.start("shop", &mut shell("echo 'shop is ready on x'; read line; exit 7")).unwrap();
        let deadline = Instant::now() + READY_TIMEOUT;
        let error = loop {
            match processes.check() {
                Err(error) => break error.to_string(),
                Ok(()) => assert!(Instant::now() < deadline, "the end of the process was not noticed"),
            }
        };
        assert!(error.contains("shop ended by itself (exit status: 7)"), "{error}");
    }

    #[test]
    fn stopping_lets_a_process_clean_up() {
        let folder = tempfile::tempdir().unwrap();
        let mut processes = processes(&folder);
        let script =
            "trap 'echo goodbye; exit 0' TERM; echo 'shop is ready on x'; while :; do sleep 0.02; done";
        processes.start("shop", &mut shell(script)).unwrap();
        drop(processes);
        let log = folder.path().join("shop.log");
        let deadline = Instant::now() + READY_TIMEOUT;
        while !fs::read_to_string(&log).unwrap().contains("goodbye") {
            assert!(Instant::now() < deadline, "the process had no time to say goodbye");
        }
    }
}
