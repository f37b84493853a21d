//! The doctor's output: one labelled line each, whatever the values hold, and no secret in any of them.

/// What stands where a secret stood.
pub(super) const STARS: &str = "********";

/// Lines that are being written.
#[derive(Default)]
pub(super) struct Sheet(String);

impl Sheet {
    /// Adds `label: value`; control characters are shown escaped, so that one value stays one line.
    pub(super) fn line(&mut self, label: &str, value: &str) {
        self.0.push_str(label);
        self.0.push_str(": ");
        for c in value.chars() {
            match c {
                '\n' => self.0.push_str("\\n"),
                '\r' => self.0.push_str("\\r"),
                '\t' => self.0.push_str("\\t"),
                c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                    self.0.push_str(&format!("\\u{:04x}", u32::from(c)));
                }
                c => self.0.push(c),
            }
        }
        self.0.push('\n');
    }

    /// The text.
    pub(super) fn text(self) -> String {
        self.0
    }
}

/// What must never be shown.
pub(super) struct Mask(Vec<String>);

impl Mask {
    /// Hides each of these texts, in any letter case.
    pub(super) fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let mut secrets: Vec<String> =
            secrets.into_iter().filter(|s| !s.is_empty()).map(|s| s.to_ascii_lowercase()).collect();
        // A secret that holds another goes first, or its rest would stay.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self(secrets)
    }

    /// `text` with stars for every secret.
    pub(super) fn hide(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| {
            let lower = text.to_ascii_lowercase();
            let mut shown = String::with_capacity(text.len());
            let mut from = 0;
            for (at, found) in lower.match_indices(secret.as_str()) {
                shown.push_str(&text[from..at]);
                shown.push_str(STARS);
                from = at + found.len();
            }
            shown + &text[from..]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_with_line_breaks_stays_one_line() {
        let mut sheet = Sheet::default();
        sheet.line("canonical", "a\r\nb\tc\u{85}d\u{2028}e测");
        assert_eq!(sheet.text(), "canonical: a\\r\\nb\\tc\\u0085d\\u2028e测\n");
    }

    #[test]
    fn a_secret_is_hidden_in_any_case_and_inside_of_others() {
        let mask = Mask::new(["abc".to_owned(), "xABCy".to_owned(), String::new()]);
        assert_eq!(mask.hide("1ABC2xabcy3é"), format!("1{STARS}2{STARS}3é"));
    }
}
