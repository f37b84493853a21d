//! Checks the rules of the architecture: which crate and room may name which, who owns what, and how files look.
//!
//! Each rule is a function from what is in the work tree to the places that break it, so that its tests are strings.

mod arrows;
mod contradictions;
mod crates;
mod files;
mod owners;
mod source;

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::project::{self, BROWSER_TARGET};
use source::Source;

/// Folders in which no file is ours.
const SKIPPED_FOLDERS: &[&str] = &[".git", ".venv", "target", "node_modules", "dist"];

/// A file of the work tree.
struct TextFile {
    /// From the repository's root, with `/` between the parts.
    path: String,
    text: String,
}

/// A place that breaks a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    path: String,
    /// 0 when it is about the file as a whole.
    line: usize,
    rule: String,
}

impl Violation {
    fn of_file(path: &str, rule: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: 0, rule: rule.into() }
    }

    fn at(path: &str, line: usize, rule: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, rule: rule.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(formatter, "{}: {}", self.path, self.rule),
            line => write!(formatter, "{}:{line}: {}", self.path, self.rule),
        }
    }
}

/// Checks every rule and prints what breaks one.
///
/// # Errors
/// When a rule is broken, or the work tree cannot be read.
pub(crate) fn run() -> Result<()> {
    let mut files = Vec::new();
    collect(project::root(), "", &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut violations = Vec::new();
    let sources = sources(&files, &mut violations);

    violations.extend(crates::edges(&project::metadata(None)?));
    violations.extend(crates::hashes_in_browser_crates(&project::metadata(Some(BROWSER_TARGET))?)?);
    violations.extend(crates::declared_in_members(&files));
    violations.extend(arrows::check(&sources));
    violations.extend(owners::check(&sources));
    violations.extend(files::check(&files));
    violations.extend(contradictions::check(&files));

    violations.sort();
    violations.dedup();
    for violation in &violations {
        println!("{violation}");
    }
    if !violations.is_empty() {
        bail!("{} places break a rule", violations.len());
    }
    println!("{} files keep to the rules", files.len());
    Ok(())
}

fn sources(files: &[TextFile], violations: &mut Vec<Violation>) -> Vec<Source> {
    let mut sources = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".rs")) {
        match Source::read(&file.path, &file.text) {
            Ok(source) => sources.push(source),
            Err(error) => violations.push(Violation::of_file(&file.path, format!("is not Rust: {error}"))),
        }
    }
    sources
}

/// Reads the text files under `folder`; what is not text (pictures, fonts) has no rule here.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<TextFile>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot list {}", folder.display()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if entry.path().is_dir() {
            if !SKIPPED_FOLDERS.contains(&name.as_str()) {
                collect(&entry.path(), &format!("{path}/"), files)?;
            }
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            files.push(TextFile { path, text });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_reads_as_file_line_rule() {
        assert_eq!(
            Violation::at("server/src/main.rs", 7, "is odd").to_string(),
            "server/src/main.rs:7: is odd"
        );
        assert_eq!(Violation::of_file("www/pay.js", "is long").to_string(), "www/pay.js: is long");
    }

    #[test]
    fn a_file_that_is_not_rust_is_a_violation_by_itself() {
        let files = [TextFile { path: "core/src/broken.rs".into(), text: "fn open( {".into() }];
        let mut violations = Vec::new();
        assert!(sources(&files, &mut violations).is_empty());
        assert!(violations[0].rule.starts_with("is not Rust"), "{violations:?}");
    }
}
