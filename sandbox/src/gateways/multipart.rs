//! Reading `multipart/form-data`, as PHP's curl sends a list of fields.

use serde_json::Value;

use super::message::{Fields, Malformed};

/// Reads a body whose parts are plain fields.
pub(crate) fn fields(content_type: &str, body: &str) -> Result<Fields, Malformed> {
    let boundary = boundary(content_type).ok_or(Malformed::NeitherFormNorJson)?;
    // The first delimiter stands at the very beginning, all others behind a line break.
    let body = format!("\r\n{body}");
    let delimiter = format!("\r\n--{boundary}");
    let mut parts = body.split(&delimiter);
    let mut fields = Fields::default();
    parts.next();
    for part in parts {
        if part.starts_with("--") {
            return Ok(fields);
        }
        let (head, value) = part.split_once("\r\n\r\n").ok_or(Malformed::NeitherFormNorJson)?;
        let name = field_name(head).ok_or(Malformed::NeitherFormNorJson)?;
        fields.put(name.to_owned(), Value::String(value.to_owned()));
    }
    // Without the closing delimiter the body was cut off.
    Err(Malformed::NeitherFormNorJson)
}

fn boundary(content_type: &str) -> Option<&str> {
    let parameters = content_type.split(';').skip(1).map(str::trim);
    let mut found = parameters.filter_map(|parameter| parameter.strip_prefix("boundary="));
    found.next().map(|boundary| boundary.trim_matches('"')).filter(|boundary| !boundary.is_empty())
}

fn field_name(head: &str) -> Option<&str> {
    let disposition =
        head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    let (_, name) = disposition.split_once("name=\"")?;
    name.split_once('"').map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=----x1";

    #[test]
    fn parts_are_fields_with_their_line_breaks() {
        let body = "------x1\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\n测试\r\n商品\r\n\
                    ------x1\r\nContent-Disposition: form-data; name=\"attach\"\r\n\r\n\r\n------x1--\r\n";
        let fields = fields(TYPE, body).unwrap();
        assert_eq!((fields.text("body"), fields.text("attach")), (Some("测试\r\n商品"), Some("")));
    }

    #[test]
    fn a_body_that_was_cut_off_or_has_no_boundary_is_refused() {
        let cut = "------x1\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\nx";
        assert!(fields(TYPE, cut).is_err());
        assert!(fields("multipart/form-data", "------x1--").is_err());
    }
}
