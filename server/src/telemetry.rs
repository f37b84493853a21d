//! Logs: a sentence with fields, on standard error, pretty or as JSON lines.

use std::io::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;
use tracing_subscriber::EnvFilter;

/// How often the same trouble is told.
const SELDOM: Duration = Duration::from_secs(10);

/// How logs are written.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    /// For people.
    Pretty,
    /// For machines, an object a line.
    Json,
}

/// Starts logging; `level` is a filter such as `info` or `countersign=debug,warn`.
pub(crate) fn start(format: LogFormat, level: &str) {
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // A second start (in tests) keeps the first.
    let _ = match format {
        LogFormat::Pretty => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
}

/// Lets the same trouble be told once in a while, however often somebody meets it.
pub(crate) struct Seldom(Mutex<Option<Instant>>);

impl Seldom {
    /// Nothing was told yet.
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Whether it is to be told now.
    pub(crate) fn is_due(&self) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| last.elapsed() >= SELDOM);
        if due {
            *last = Some(Instant::now());
        }
        due
    }
}

/// Ends the process at once with one clear line.
pub(crate) fn stop_at_once(message: &str, code: i32) -> ! {
    // Where there is no one to read it, the exit code still tells.
    let _ = writeln!(std::io::stderr(), "countersign: {message}");
    std::process::exit(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_trouble_is_told_once_in_a_while() {
        let said = Seldom::new();
        assert!(said.is_due());
        assert!((0..1000).all(|_| !said.is_due()));
    }
}
