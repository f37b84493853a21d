//! Running other programs, with errors that say which program it was and how to get it.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};

/// Runs a program to its end, its output going where ours goes.
///
/// # Errors
/// When it cannot be started or ends with anything but success.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = line(command);
    let status = command.stdin(Stdio::null()).status().map_err(|error| not_started(command, &error))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Runs a program to its end and gives what it printed.
///
/// # Errors
/// When it cannot be started, fails (its complaint is part of the error), or prints something that is not UTF-8.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let line = line(command);
    let output = command.stdin(Stdio::null()).output().map_err(|error| not_started(command, &error))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("`{line}` failed ({}): {}", output.status, complaint.trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` printed something that is not UTF-8"))
}

/// Where a program is found on the search path.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// A program on the search path, or an error that says how to get it.
pub(crate) fn require(program: &str) -> Result<PathBuf> {
    find(program).ok_or_else(|| anyhow!("`{program}` is not installed: {}", how_to_get(program)))
}

fn not_started(command: &Command, error: &std::io::Error) -> anyhow::Error {
    let program = command.get_program().to_string_lossy();
    match error.kind() {
        ErrorKind::NotFound => anyhow!("`{program}` is not installed: {}", how_to_get(&program)),
        _ => anyhow!("cannot start `{program}`: {error}"),
    }
}

fn how_to_get(program: &str) -> &'static str {
    match program {
        "node" | "npm" => "install Node.js 20 or newer, which brings npm",
        "rustup" => "install Rust with rustup",
        "apt-get" | "dpkg-query" => "this machine is not Debian",
        "sudo" => "run this as root, or install sudo",
        "cc" => "install a C compiler (Debian: gcc)",
        _ => "install it and put it on the PATH",
    }
}

/// A command as one would type it.
fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_program_is_named_with_its_arguments_and_its_complaint() {
        let error =
            output(Command::new("sh").args(["-c", "echo broken pipe organ >&2; exit 3"])).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("sh -c") && text.contains("exit status: 3"), "{text}");
        assert!(text.contains("broken pipe organ"), "{text}");
    }

    #[test]
    fn a_missing_program_is_named_with_the_way_to_get_it() {
        let error = run(&mut Command::new("no-such-program-anywhere")).unwrap_err();
        assert!(error.to_string().contains("`no-such-program-anywhere` is not installed"), "{error}");
        assert!(require("no-such-program-anywhere").is_err());
        assert!(require("sh").is_ok());
    }

    #[test]
    fn what_a_program_prints_is_given_back() {
        assert_eq!(output(Command::new("echo").arg("hello")).unwrap(), "hello\n");
    }
}
