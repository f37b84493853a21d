//! Reading fields of a JSON object: every one that does not fit is found at once.

use std::ops::RangeInclusive;

use countersign_core::FieldError;
use serde_json::{Map, Value};

/// Collects what does not fit while it reads.
#[derive(Default)]
pub(super) struct Reader {
    /// Every misfit so far.
    pub(super) found: Vec<FieldError>,
}

impl Reader {
    /// Notes a misfit.
    pub(super) fn misfit(&mut self, field: &str, code: &str, detail: impl Into<String>) {
        self.found.push(FieldError::new(field, code, detail));
    }

    /// No other fields than these.
    pub(super) fn only(&mut self, fields: &Map<String, Value>, prefix: &str, known: &[&str]) {
        for name in fields.keys().filter(|name| !known.contains(&name.as_str())) {
            self.misfit(&format!("{prefix}{name}"), "unknown_field", "no such field");
        }
    }

    /// A text that must be there.
    pub(super) fn text(
        &mut self,
        fields: &Map<String, Value>,
        prefix: &str,
        name: &str,
        max: usize,
    ) -> Option<String> {
        let field = format!("{prefix}{name}");
        match fields.get(name) {
            None | Some(Value::Null) => {
                self.misfit(&field, "required", "required");
                None
            }
            Some(value) => self.characters(&field, value, max),
        }
    }

    /// A text that may be left out.
    pub(super) fn optional_text(
        &mut self,
        fields: &Map<String, Value>,
        prefix: &str,
        name: &str,
        max: usize,
    ) -> Option<String> {
        match fields.get(name) {
            None | Some(Value::Null) => None,
            Some(value) => self.characters(&format!("{prefix}{name}"), value, max),
        }
    }

    /// 1 to `max` characters, none of them a control character.
    pub(super) fn characters(&mut self, field: &str, value: &Value, max: usize) -> Option<String> {
        let Value::String(text) = value else {
            self.misfit(field, "wrong_type", "must be a string");
            return None;
        };
        if text.is_empty() {
            self.misfit(field, "required", "must not be empty");
        } else if text.chars().count() > max {
            self.misfit(field, "too_long", format!("at most {max} characters"));
        } else if text.chars().any(char::is_control) {
            self.misfit(field, "invalid_characters", "no control characters");
        } else {
            return Some(text.clone());
        }
        None
    }

    /// A whole number that may be left out.
    pub(super) fn whole_number(
        &mut self,
        fields: &Map<String, Value>,
        prefix: &str,
        name: &str,
        range: RangeInclusive<i64>,
    ) -> Option<i64> {
        let value = fields.get(name).filter(|value| !value.is_null())?;
        let (field, min, max) = (format!("{prefix}{name}"), range.start(), range.end());
        match value {
            Value::Number(number) if !number.is_f64() => {
                let fitting = number.as_i64().filter(|n| range.contains(n));
                if fitting.is_none() {
                    self.misfit(&field, "out_of_range", format!("must be {min} to {max}"));
                }
                fitting
            }
            _ => {
                self.misfit(&field, "wrong_type", "must be a whole number");
                None
            }
        }
    }

    /// `false` when left out.
    pub(super) fn flag(&mut self, fields: &Map<String, Value>, name: &str) -> bool {
        match fields.get(name) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.misfit(name, "wrong_type", "must be true or false");
                false
            }
        }
    }
}
