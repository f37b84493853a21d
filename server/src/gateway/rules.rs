//! Rules on fields that more than one gateway has, as findings in the merchant's words.

use countersign_core::FieldError;

/// Letters, digits and `extra` only, 1 to `max` of them.
pub(crate) fn order_number(found: &mut Vec<FieldError>, order_id: &str, max: usize, extra: &str, who: &str) {
    let fits = |c: char| c.is_ascii_alphanumeric() || extra.contains(c);
    if order_id.chars().count() > max {
        let detail = format!("at most {max} characters at {who}");
        found.push(FieldError::new("order_id", "too_long", detail));
    }
    if order_id.is_empty() || !order_id.chars().all(fits) {
        let spelled: Vec<String> = extra.chars().map(|c| format!("`{c}`")).collect();
        let allowed = match spelled.is_empty() {
            true => "letters and digits".to_owned(),
            false => format!("letters, digits and {}", spelled.join(" ")),
        };
        let detail = format!("only {allowed} at {who}");
        found.push(FieldError::new("order_id", "invalid_characters", detail));
    }
}

/// At most `max` characters.
pub(crate) fn length(found: &mut Vec<FieldError>, field: &str, text: &str, max: usize, who: &str) {
    if text.chars().count() > max {
        found.push(FieldError::new(field, "too_long", format!("at most {max} characters at {who}")));
    }
}

/// Must be given.
pub(crate) fn required(found: &mut Vec<FieldError>, field: &str, value: Option<&str>, why: &str) {
    if value.is_none_or(str::is_empty) {
        found.push(FieldError::new(field, "required", why));
    }
}
