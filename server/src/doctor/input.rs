//! What a person hands in: a JSON object of fields, or a notification as it was captured somewhere.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::gateway::Fields;

/// More than any request of a gateway.
const BYTES_MAX: u64 = 1_048_576;

/// Reads a file; `-` is the standard input.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let name = file.display();
    let read = if file == Path::new("-") {
        io::stdin().lock().take(BYTES_MAX + 1).read_to_end(&mut bytes)
    } else {
        File::open(file).and_then(|opened| opened.take(BYTES_MAX + 1).read_to_end(&mut bytes))
    };
    match read {
        Err(error) => Err(format!("{name}: {error}")),
        Ok(_) if bytes.len() as u64 > BYTES_MAX => Err(format!("{name}: larger than {BYTES_MAX} bytes")),
        Ok(_) => Ok(bytes),
    }
}

/// The fields that are to be signed, in the order of the object; numbers keep their text.
pub(super) fn object(bytes: &[u8]) -> Result<Fields, String> {
    filled(Fields::from_json(trimmed(bytes))?)
}

/// The fields of a notification: a form, a JSON object, a query with or without `?`, or a whole address.
///
/// An answer of a gateway will do too: where the object itself has no `sign` and its `data` has one, `data` it is.
pub(super) fn notification(bytes: &[u8]) -> Result<Fields, String> {
    let bytes = trimmed(bytes);
    if bytes.starts_with(b"{") {
        let fields = Fields::from_json(bytes)?;
        let data = fields.get("data").filter(|data| fields.get("sign").is_none() && data.starts_with('{'));
        let inner = data.and_then(|data| Fields::from_json(data.as_bytes()).ok());
        return filled(inner.filter(|inner| inner.get("sign").is_some()).unwrap_or(fields));
    }
    let query = query(bytes);
    if !query.contains(&b'=') {
        return Err("neither a form, a JSON object nor a query".to_owned());
    }
    filled(Fields::from_form(query)?)
}

/// What stands behind the `?` of an address or a path; anything else is a query or form already.
fn query(bytes: &[u8]) -> &[u8] {
    let is_address = [&b"http://"[..], b"https://", b"/", b"?"].iter().any(|start| bytes.starts_with(start));
    if !is_address {
        return bytes;
    }
    let behind = bytes.iter().position(|byte| *byte == b'?').map_or(&b""[..], |at| &bytes[at + 1..]);
    let end = behind.iter().position(|byte| *byte == b'#').unwrap_or(behind.len());
    &behind[..end]
}

fn trimmed(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii()
}

fn filled(fields: Fields) -> Result<Fields, String> {
    if fields.pairs().is_empty() { Err("there are no fields".to_owned()) } else { Ok(fields) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_notification_is_read_from_every_capture() {
        let expected = Fields::from_form(b"a=1+2&sign=x%3Fy").unwrap();
        for capture in [
            "a=1+2&sign=x%3Fy\n",
            "?a=1+2&sign=x%3Fy",
            "https://shop.example/done?a=1+2&sign=x%3Fy#top",
            "/v1/notifications/shop?a=1+2&sign=x%3Fy",
            "\u{feff}{\"a\": \"1 2\", \"sign\": \"x?y\"}\r\n",
            "{\"code\": 200, \"data\": {\"a\": \"1 2\", \"sign\": \"x?y\"}}",
        ] {
            assert_eq!(notification(capture.as_bytes()).as_ref(), Ok(&expected), "{capture}");
        }
        let form = notification(b"notify_url=https://shop.example/n?x=1&sign=2").unwrap();
        assert_eq!(form.get("notify_url"), Some("https://shop.example/n?x=1"));
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for capture in
            ["", "hello", "[1]", "{", "{}", "https://shop.example/done", "a=1&a=2", "{\"a\":1,\"a\":1}"]
        {
            assert!(notification(capture.as_bytes()).is_err(), "{capture}");
        }
        assert!(object(b"a=1").is_err());
        assert!(object(b"{\"a\":1,\"a\":2}").unwrap_err().contains("repeated"));
    }
}
