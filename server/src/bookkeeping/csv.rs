//! Records as CSV (RFC 4180) and as JSON lines, from the same fields.

use std::io::{self, Write};

use serde_json::Value;

/// What stands in a column.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Field {
    /// Words that somebody else may have chosen.
    Text(Option<String>),
    /// A whole number.
    Number(Option<i128>),
    /// A decimal that this program wrote.
    Decimal(Option<String>),
    /// Yes or no.
    Flag(Option<bool>),
    /// A value of several parts.
    Json(Value),
}

impl Field {
    /// A text that is always there.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(Some(text.into()))
    }

    /// A number that is always there.
    pub(super) fn number(number: impl Into<i128>) -> Self {
        Self::Number(Some(number.into()))
    }
}

/// A record: columns with their names, the same ones in every record.
pub(super) type Fields = Vec<(&'static str, Field)>;

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum RecordFormat {
    /// A line of names, then a line for each record
    Csv,
    /// A JSON object on a line for each record
    Jsonl,
}

impl RecordFormat {
    /// What comes before the first record.
    pub(super) fn head(self, names: &[&str], out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Csv => write!(out, "{}\r\n", names.join(",")),
            Self::Jsonl => Ok(()),
        }
    }

    /// One record.
    pub(super) fn record(self, fields: &Fields, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Csv => csv_record(fields, out),
            Self::Jsonl => json_line(fields, out),
        }
    }
}

fn csv_record(fields: &Fields, out: &mut dyn Write) -> io::Result<()> {
    for (i, (_, field)) in fields.iter().enumerate() {
        if i > 0 {
            out.write_all(b",")?;
        }
        match field {
            Field::Text(None) | Field::Number(None) | Field::Decimal(None) | Field::Flag(None) => {}
            Field::Text(Some(text)) => quoted(&guarded(text), out)?,
            Field::Number(Some(number)) => write!(out, "{number}")?,
            Field::Decimal(Some(decimal)) => out.write_all(decimal.as_bytes())?,
            Field::Flag(Some(flag)) => write!(out, "{flag}")?,
            Field::Json(value) => quoted(&value.to_string(), out)?,
        }
    }
    out.write_all(b"\r\n")
}

/// A text that a spreadsheet would take for a formula gets an apostrophe before it: the payer's and the merchant's words
/// must not compute anything in the accountant's.
fn guarded(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula { format!("'{text}") } else { text.to_owned() }
}

fn quoted(text: &str, out: &mut dyn Write) -> io::Result<()> {
    if text.contains(['"', ',', '\r', '\n']) {
        write!(out, "\"{}\"", text.replace('"', "\"\""))
    } else {
        out.write_all(text.as_bytes())
    }
}

fn json_line(fields: &Fields, out: &mut dyn Write) -> io::Result<()> {
    for (i, (name, field)) in fields.iter().enumerate() {
        write!(out, "{}\"{name}\":", if i == 0 { '{' } else { ',' })?;
        match field {
            Field::Text(None) | Field::Number(None) | Field::Decimal(None) | Field::Flag(None) => {
                out.write_all(b"null")?;
            }
            Field::Text(Some(text)) | Field::Decimal(Some(text)) => {
                serde_json::to_writer(&mut *out, text).map_err(io::Error::from)?;
            }
            Field::Number(Some(number)) => write!(out, "{number}")?,
            Field::Flag(Some(flag)) => write!(out, "{flag}")?,
            Field::Json(value) => write!(out, "{value}")?,
        }
    }
    out.write_all(b"}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(format: RecordFormat, field: Field) -> String {
        let mut out = Vec::new();
        format.record(&vec![("a", field), ("b", Field::Number(None))], &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn csv_quotes_what_needs_it_and_doubles_quotes() {
        for (text, cell) in [
            ("tea", "tea"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("a \"b\"", "\"a \"\"b\"\"\""),
            ("a\r\nb", "\"a\r\nb\""),
            ("乌龙", "乌龙"),
        ] {
            assert_eq!(written(RecordFormat::Csv, Field::text(text)), format!("{cell},\r\n"));
        }
    }

    #[test]
    fn no_text_is_a_formula_in_csv_and_json_keeps_it_as_it_is() {
        for text in ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"] {
            let line = written(RecordFormat::Csv, Field::text(text));
            assert!(line.trim_start_matches('"').starts_with('\''), "{line}");
            let line = written(RecordFormat::Jsonl, Field::text(text));
            let read: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(read["a"], text);
        }
        assert_eq!(written(RecordFormat::Csv, Field::number(-5)), "-5,\r\n");
        assert_eq!(written(RecordFormat::Csv, Field::Decimal(Some("-0.05".into()))), "-0.05,\r\n");
    }

    #[test]
    fn json_lines_have_numbers_flags_and_parts_of_their_own_kind() {
        assert_eq!(written(RecordFormat::Jsonl, Field::number(7)), "{\"a\":7,\"b\":null}\n");
        assert_eq!(written(RecordFormat::Jsonl, Field::Flag(Some(true))), "{\"a\":true,\"b\":null}\n");
        let parts = Field::Json(serde_json::json!({"cart": "7\n7"}));
        assert_eq!(written(RecordFormat::Jsonl, parts.clone()), "{\"a\":{\"cart\":\"7\\n7\"},\"b\":null}\n");
        assert_eq!(written(RecordFormat::Csv, parts), "\"{\"\"cart\"\":\"\"7\\n7\"\"}\",\r\n");
    }

    #[test]
    fn the_names_are_the_first_line_of_csv() {
        let mut out = Vec::new();
        RecordFormat::Csv.head(&["a", "b"], &mut out).unwrap();
        RecordFormat::Jsonl.head(&["a", "b"], &mut out).unwrap();
        assert_eq!(out, b"a,b\r\n");
    }
}
