//! Every contradiction of the gateways' documents is explained in `docs/gateways`, and has a test named after it or the
//! reason why none is possible.

use super::{TextFile, Violation};

/// A document's rows: their letter, how many there are, and the gateways it is about.
const DOCUMENTS: &[(char, u32, &[&str])] =
    &[('A', 23, &["dotwallet"]), ('B', 29, &["jubao", "blueocean"]), ('C', 23, &["hicoin"])];

/// Rows that nobody explains or nobody tests.
pub(super) fn check(files: &[TextFile]) -> Vec<Violation> {
    let text = |path: &str| files.iter().find(|file| file.path == path).map_or("", |file| file.text.as_str());
    let mut violations = Vec::new();
    for (letter, count, gateways) in DOCUMENTS {
        let pages: Vec<String> = gateways.iter().map(|g| format!("docs/gateways/{g}.md")).collect();
        let tests: Vec<String> =
            gateways.iter().map(|g| format!("server/src/gateway/{g}/contradictions.rs")).collect();
        for number in 1..=*count {
            let name = format!("{letter}{number}");
            let explains = |line: &&str| numbers(line).any(|n| n == name);
            let explained: Vec<&str> =
                pages.iter().flat_map(|page| text(page).lines()).filter(explains).collect();
            let test = format!("fn {}{number}_", letter.to_ascii_lowercase());
            let tested = tests.iter().any(|path| text(path).contains(&test));
            if explained.is_empty() {
                let rule = format!("does not explain {name}");
                violations.push(Violation::of_file(&pages.join(" or "), rule));
            } else if !tested && !explained.iter().any(|line| line.contains("No test:")) {
                let rule = format!("has no test `{test}…`, and no \"No test:\" in its row says why");
                violations.push(Violation::of_file(&tests.join(" or "), rule));
            }
        }
    }
    violations
}

/// The numbers in the first cell of a table's row.
fn numbers(line: &str) -> impl Iterator<Item = &str> {
    let cell = line.strip_prefix("| ").and_then(|row| row.split(" |").next()).unwrap_or_default();
    cell.split(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: String) -> TextFile {
        TextFile { path: path.to_owned(), text }
    }

    fn page(letter: char, count: u32) -> String {
        (1..=count).map(|n| format!("| {letter}{n} | conflict | No test: a label only. |\n")).collect()
    }

    fn whole() -> Vec<TextFile> {
        vec![
            file("docs/gateways/dotwallet.md", page('A', 23)),
            file("docs/gateways/jubao.md", page('B', 10)),
            file("docs/gateways/blueocean.md", page('B', 29)),
            file("docs/gateways/hicoin.md", page('C', 23)),
        ]
    }

    #[test]
    fn a_row_needs_an_explanation_and_a_test_or_the_reason_for_none() {
        assert_eq!(check(&whole()), []);
        let mut files = whole();
        files[0].text = files[0]
            .text
            .replace("| A8 | conflict | No test: a label only. |", "| A8 | conflict | read both |");
        assert_eq!(check(&files).len(), 1);
        let tests = "#[test]\nfn a8_pay_txid_and_paytxid_are_one() {}\n";
        files.push(file("server/src/gateway/dotwallet/contradictions.rs", tests.to_owned()));
        assert_eq!(check(&files), []);
        files[3].text = page('C', 22);
        assert_eq!(check(&files), [Violation::of_file("docs/gateways/hicoin.md", "does not explain C23")]);
    }
}
