//! How files look: their length, their names, the same names in every gateway's folder, reasons for silenced lints.

use std::collections::{BTreeMap, BTreeSet};

use super::{TextFile, Violation};

const LINES_MAX: usize = 400;

/// A file may be longer when one of its first three lines begins so and says why.
const EXCUSE: &str = "Long because ";

/// Names that say nothing of what is inside.
const EMPTY_NAMES: &[&str] = &["utils", "util", "common", "helpers", "helper", "manager", "misc"];

const GATEWAYS: &str = "server/src/gateway/";

/// Files that every gateway's folder has, so that whoever knows one knows all. Beside them stands what only one has.
const EVERYWHERE: &[&str] =
    &["calls.rs", "config.rs", "contradictions.rs", "errors.rs", "mod.rs", "notify.rs", "sign.rs", "wire.rs"];

/// Files that break a rule about files.
pub(super) fn check(files: &[TextFile]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in files.iter().filter(|file| is_code(&file.path)) {
        let lines = lines_without_tests(&file.text);
        if lines > LINES_MAX && !has_excuse(&file.text) {
            let rule = format!("has {lines} lines without its tests, and {LINES_MAX} are the most");
            violations.push(Violation::of_file(&file.path, rule));
        }
        if let Some(name) = empty_name(&file.path) {
            violations.push(Violation::of_file(&file.path, format!("`{name}` does not say what is inside")));
        }
        violations.extend(allowed_lints(file));
    }
    violations.extend(uneven_gateways(files));
    violations
}

fn is_code(path: &str) -> bool {
    [".rs", ".js", ".mjs", ".ts", ".css"].iter().any(|ending| path.ends_with(ending))
}

/// The lines above the tests module, which stands at the foot of a Rust file.
fn lines_without_tests(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let is_start = |pair: &[&str]| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ");
    lines.windows(2).position(is_start).unwrap_or(lines.len())
}

fn has_excuse(text: &str) -> bool {
    text.lines().take(3).any(|line| line.trim_start_matches(['/', '!', '*', ' ']).starts_with(EXCUSE))
}

fn empty_name(path: &str) -> Option<&str> {
    let mut parts = path.split('/').map(|part| part.split('.').next().unwrap_or(part));
    parts.find(|part| EMPTY_NAMES.contains(part))
}

/// `#[allow]` stays when its reason is gone; `#[expect]` does not.
fn allowed_lints(file: &TextFile) -> Vec<Violation> {
    let is_attribute = |line: &str| line.starts_with("#[allow(") || line.starts_with("#![allow(");
    let lines = file.text.lines().enumerate().filter(|(_, line)| is_attribute(line.trim_start()));
    let rule = "silence a lint with #[expect(lint, reason = \"…\")]";
    lines.map(|(index, _)| Violation::at(&file.path, index + 1, rule)).collect()
}

/// Gateways whose folder lacks a file that every one has.
fn uneven_gateways(files: &[TextFile]) -> Vec<Violation> {
    let mut folders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for file in files {
        if let Some((gateway, name)) =
            file.path.strip_prefix(GATEWAYS).and_then(|inside| inside.split_once('/'))
        {
            folders.entry(gateway).or_default().insert(name);
        }
    }
    let mut violations = Vec::new();
    for (gateway, names) in &folders {
        for name in EVERYWHERE.iter().filter(|name| !names.contains(*name)) {
            let rule = format!("lacks the file `{name}` that every gateway's folder has");
            violations.push(Violation::of_file(&format!("{GATEWAYS}{gateway}"), rule));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> TextFile {
        TextFile { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_long_file_is_caught_and_its_tests_do_not_count() {
        let long = "let a = 1;\n".repeat(LINES_MAX + 1);
        let tested = format!("{}#[cfg(test)]\nmod tests {{\n{long}}}\n", "let a = 1;\n".repeat(LINES_MAX));
        let violations = check(&[file("core/src/a.rs", &long), file("core/src/b.rs", &tested)]);
        assert_eq!(
            violations,
            [Violation::of_file("core/src/a.rs", "has 401 lines without its tests, and 400 are the most")]
        );
    }

    #[test]
    fn a_long_file_may_say_at_its_top_why() {
        let long = "let a = 1;\n".repeat(LINES_MAX + 1);
        let text = format!(
            "//! The table of codes.\n//!\n//! Long because every published code has its row.\n{long}"
        );
        assert_eq!(check(&[file("core/src/a.rs", &text)]), []);
        let late = format!("{long}//! Long because of this.\n");
        assert_eq!(check(&[file("core/src/a.rs", &late)]).len(), 1);
    }

    #[test]
    fn names_that_say_nothing_are_caught_as_files_and_as_folders() {
        let files = [
            file("server/src/utils.rs", ""),
            file("wasm/js/helpers/x.js", ""),
            file("core/src/money.rs", ""),
        ];
        assert_eq!(check(&files).len(), 2);
    }

    #[test]
    fn a_lint_is_not_allowed_but_expected() {
        let text = "#[expect(dead_code, reason = \"x\")]\n    #[allow(dead_code)]\nfn f() {}\n";
        assert_eq!(check(&[file("core/src/a.rs", text)])[0].line, 2);
    }

    #[test]
    fn a_gateway_that_lacks_a_file_of_all_is_caught() {
        let names = EVERYWHERE.iter().filter(|name| **name != "sign.rs");
        let files: Vec<TextFile> = names
            .chain(&["token.rs"])
            .map(|name| file(&format!("{GATEWAYS}hicoin/{name}"), ""))
            .chain([file(&format!("{GATEWAYS}mod.rs"), "")])
            .collect();
        let rule = "lacks the file `sign.rs` that every gateway's folder has";
        assert_eq!(check(&files), [Violation::of_file("server/src/gateway/hicoin", rule)]);
    }
}
