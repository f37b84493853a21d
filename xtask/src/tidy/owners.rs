//! What has one owner: the browser boundary, the environment, the clock, SQL, HTTP status codes.

use super::Violation;
use super::source::Source;

/// Something that only its owners may use.
struct Owned {
    what: &'static str,
    /// Any of these sequences of words and marks is a use of it.
    patterns: &'static [&'static [&'static str]],
    /// Beginnings of the paths in which the rule holds.
    within: &'static [&'static str],
    /// Beginnings of the paths that may use it.
    owners: &'static [&'static str],
}

const OWNED: &[Owned] = &[
    Owned {
        what: "the browser boundary `#[wasm_bindgen]`",
        patterns: &[&["#", "[", "wasm_bindgen"]],
        within: &[""],
        owners: &["wasm/src/lib.rs", "wasm/ui/src/lib.rs"],
    },
    Owned {
        what: "the environment",
        patterns: &[&["env", ":", ":", "var"], &["env", ":", ":", "var_os"], &["env", ":", ":", "vars"]],
        within: &["core/", "wasm/", "server/"],
        owners: &["server/src/main.rs"],
    },
    Owned {
        what: "the system clock",
        patterns: &[
            &["SystemTime", ":", ":", "now"],
            &["Timestamp", ":", ":", "now"],
            &["Zoned", ":", ":", "now"],
            &["Date", ":", ":", "now"],
        ],
        within: &["core/", "wasm/flow/", "server/"],
        owners: &["server/src/clock.rs"],
    },
    Owned {
        what: "an HTTP status code",
        patterns: &[&["StatusCode", ":", ":"]],
        within: &["core/", "server/"],
        owners: &["server/src/http/", "server/src/upstream.rs", "server/src/webhook/"],
    },
];

/// Where SQL is written.
const STORE: &str = "server/src/store/";

/// Words that, in this order in one string, make a statement of it.
const STATEMENTS: &[&[&str]] = &[
    &["select ", " from "],
    &["insert ", "into "],
    &["update ", " set "],
    &["delete ", "from "],
    &["create ", "table "],
    &["create ", "index "],
    &["pragma "],
    &["begin immediate"],
];

/// Uses outside of their owners.
pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for source in sources {
        for owned in OWNED {
            if !begins_with_any(&source.path, owned.within) || begins_with_any(&source.path, owned.owners) {
                continue;
            }
            let lines = owned.patterns.iter().flat_map(|pattern| source.lines_with(pattern));
            violations.extend(lines.map(|line| {
                let rule = format!("{} belongs to {}", owned.what, owned.owners.join(", "));
                Violation::at(&source.path, line, rule)
            }));
        }
        if source.path.starts_with("server/") && !source.path.starts_with(STORE) {
            let statements = source.strings().filter(|(text, _)| is_statement(text));
            violations.extend(
                statements
                    .map(|(_, line)| Violation::at(&source.path, line, format!("SQL belongs to {STORE}"))),
            );
        }
    }
    violations
}

fn begins_with_any(path: &str, beginnings: &[&str]) -> bool {
    beginnings.iter().any(|beginning| path.starts_with(beginning))
}

/// Whether a string literal begins as SQL does and goes on like it.
fn is_statement(literal: &str) -> bool {
    let text = literal.trim_start_matches(['r', '#', '"', '\\', 'n', ' ', '\n']).to_lowercase();
    STATEMENTS.iter().any(|words| {
        let mut rest = text.as_str();
        let mut words = words.iter();
        let first = words.next().expect("every statement begins with a word");
        rest.starts_with(first)
            && words.all(|word| {
                let found = rest.find(word);
                rest = found.map_or(rest, |at| &rest[at..]);
                found.is_some()
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<String> {
        let source = Source::read(path, text).unwrap();
        check(&[source]).into_iter().map(|violation| violation.rule).collect()
    }

    #[test]
    fn the_browser_boundary_is_drawn_in_one_file_of_each_module() {
        let text = "#[wasm_bindgen]\npub fn open() {}";
        assert_eq!(rules("wasm/src/lib.rs", text), [""; 0]);
        assert_eq!(rules("wasm/src/browser.rs", text).len(), 1);
        assert_eq!(rules("core/src/money.rs", "#[wasm_bindgen(js_name = \"x\")] pub fn f() {}").len(), 1);
        assert_eq!(rules("wasm/ui/src/panel.rs", "#[wasm_bindgen_test] fn f() {}"), [""; 0]);
    }

    #[test]
    fn only_main_reads_the_environment() {
        let text = "fn f() { let home = std::env::var(\"HOME\"); let path = env::var_os(\"PATH\"); }";
        assert_eq!(rules("server/src/config/mod.rs", text).len(), 2);
        assert_eq!(rules("server/src/main.rs", text), [""; 0]);
        assert_eq!(rules("sandbox/src/main.rs", text), [""; 0]);
    }

    #[test]
    fn only_the_clock_reads_the_clock() {
        let text = "fn f() { jiff::Timestamp::now(); std::time::SystemTime::now(); }";
        assert_eq!(rules("server/src/app/create_payment.rs", text).len(), 2);
        assert_eq!(rules("server/src/clock.rs", text), [""; 0]);
        assert_eq!(rules("sandbox/src/order.rs", text), [""; 0]);
    }

    #[test]
    fn status_codes_are_chosen_in_http() {
        let text = "fn f() -> StatusCode { StatusCode::CONFLICT }";
        assert_eq!(rules("server/src/app/cancel_payment.rs", text).len(), 1);
        assert_eq!(rules("server/src/http/problem.rs", text), [""; 0]);
    }

    #[test]
    fn sql_is_written_in_the_store() {
        for statement in [
            "\"SELECT id FROM payments\"",
            "\"insert or ignore into facts values (?1)\"",
            "r#\"\n  UPDATE payments SET status = ?1\"#",
            "\"DELETE FROM outbox\"",
            "\"PRAGMA journal_mode = WAL\"",
            "\"CREATE UNIQUE INDEX live ON attempts (payment)\"",
        ] {
            let text = format!("fn f() {{ run({statement}); }}");
            assert_eq!(rules("server/src/app/reconcile.rs", &text).len(), 1, "{statement}");
            assert_eq!(rules("server/src/store/sqlite.rs", &text), [""; 0]);
        }
    }

    #[test]
    fn a_sentence_that_begins_like_sql_is_let_through() {
        let text =
            "fn f() { log(\"update the balance\"); log(\"select a method\"); log(\"create a payment\"); }";
        assert_eq!(rules("server/src/app/reconcile.rs", text), [""; 0]);
    }
}
