//! Checks everything: each step under a heading with its time, a summary at the end, and a last line `N passed, 0 failed`.

mod steps;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;

use crate::setup;
use steps::{STEPS, Step, Workshop};

#[derive(Args)]
pub(crate) struct Options {
    /// Runs only this step (may be given several times)
    #[arg(long, value_name = "STEP", value_parser = steps::names())]
    only: Vec<String>,
    /// Goes on after a step that failed
    #[arg(long)]
    keep_going: bool,
}

struct Outcome {
    step: &'static Step,
    passed: bool,
    took: Duration,
}

/// Sets the machine up and runs the steps.
///
/// # Errors
/// When the set-up or any step fails.
pub(crate) fn run(options: &Options) -> Result<()> {
    let started = Instant::now();
    let chosen: Vec<&Step> = STEPS.iter().filter(|step| options.chooses(step)).collect();
    setup::run(&steps::needs(&chosen))?;
    let mut workshop = Workshop::new()?;
    let mut outcomes = Vec::new();
    for step in chosen {
        let outcome = run_step(step, &mut workshop);
        let stop = !outcome.passed && !options.keep_going;
        outcomes.push(outcome);
        if stop {
            break;
        }
    }
    let failed = outcomes.iter().filter(|outcome| !outcome.passed).count();
    println!("\n{}", summary(&outcomes, started.elapsed()));
    if failed > 0 {
        bail!("{failed} of {} steps failed", outcomes.len());
    }
    Ok(())
}

impl Options {
    fn chooses(&self, step: &Step) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == step.name)
    }
}

fn run_step(step: &'static Step, workshop: &mut Workshop) -> Outcome {
    println!("\n=== {}: {} ===", step.name, step.about);
    let started = Instant::now();
    let result = (step.run)(workshop);
    let took = started.elapsed();
    match &result {
        Ok(()) => println!("--- {} passed in {}", step.name, seconds(took)),
        Err(error) => println!("--- {} FAILED in {}: {error:#}", step.name, seconds(took)),
    }
    Outcome { step, passed: result.is_ok(), took }
}

/// A line per step that ran, and the closing line that counts them.
fn summary(outcomes: &[Outcome], took: Duration) -> String {
    let mut text = String::new();
    for outcome in outcomes {
        let verdict = if outcome.passed { "passed" } else { "FAILED" };
        writeln!(text, "{verdict}  {:>8}  {}", seconds(outcome.took), outcome.step.name)
            .expect("writing to a String cannot fail");
    }
    let passed = outcomes.iter().filter(|outcome| outcome.passed).count();
    let failed = outcomes.len() - passed;
    writeln!(text, "all in {}", seconds(took)).expect("writing to a String cannot fail");
    text + &format!("{passed} passed, {failed} failed")
}

fn seconds(duration: Duration) -> String {
    format!("{}.{} s", duration.as_secs(), duration.subsec_millis() / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(index: usize, passed: bool) -> Outcome {
        Outcome { step: &STEPS[index], passed, took: Duration::from_millis(1234) }
    }

    #[test]
    fn the_last_line_counts_the_steps_that_passed_and_failed() {
        let text = summary(&[outcome(0, true), outcome(1, false), outcome(2, true)], Duration::from_secs(4));
        assert_eq!(text.lines().last(), Some("2 passed, 1 failed"));
        assert!(text.starts_with("passed     1.2 s  "), "{text}");
        assert!(text.contains("FAILED     1.2 s  "), "{text}");
    }

    #[test]
    fn without_a_choice_every_step_runs_and_with_one_only_that() {
        let all = Options { only: vec![], keep_going: false };
        assert!(STEPS.iter().all(|step| all.chooses(step)));
        let one = Options { only: vec!["tidy".to_owned()], keep_going: false };
        let chosen: Vec<_> = STEPS.iter().filter(|step| one.chooses(step)).map(|step| step.name).collect();
        assert_eq!(chosen, ["tidy"]);
    }
}
