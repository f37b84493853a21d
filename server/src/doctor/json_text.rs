//! A value that is JSON text is signed as that text; these are the other texts people make of it.

use serde_json::Value;

/// Whether `text` is a JSON object or list.
pub(super) fn is_json(text: &str) -> bool {
    text.starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Without spaces between its tokens, or with those that some languages print.
pub(super) fn respaced(text: &str, after_comma: &str, after_colon: &str) -> String {
    outside_strings(text, |c, out| match c {
        ',' => out.extend([",", after_comma]),
        ':' => out.extend([":", after_colon]),
        c if c.is_ascii_whitespace() => {}
        c => out.push(c),
    })
}

/// Parsed and printed again, which sorts the names.
pub(super) fn sorted(text: &str) -> String {
    let value: Result<Value, _> = serde_json::from_str(text);
    value.map_or_else(|_| text.to_owned(), |value| value.to_string())
}

/// Characters beyond ASCII as `\uXXXX`.
pub(super) fn ascii_escaped(text: &str) -> String {
    let mut units = [0; 2];
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            c.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        }
    }
    out
}

/// Slashes as `\/`, as PHP prints them.
pub(super) fn slashes_escaped(text: &str) -> String {
    text.replace('/', "\\/")
}

/// With `\/` and `\uXXXX` resolved where the text stays JSON.
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = match rest.as_bytes().get(1) {
            Some(b'/') => 2,
            Some(b'u') => 6 * (1 + usize::from(is_high_surrogate(rest))),
            _ => 0,
        };
        let resolved =
            rest.get(..taken).and_then(|escape| serde_json::from_str(&format!("\"{escape}\"")).ok());
        match resolved.filter(|text: &String| taken > 0 && !text.contains(['"', '\\'])) {
            Some(text) => out.push_str(&text),
            None => out.push_str(rest.get(..2).unwrap_or(rest)),
        }
        rest = rest.get(if taken > 0 { taken } else { 2 }..).unwrap_or_default();
    }
    out + rest
}

/// As it stands inside another JSON text.
pub(super) fn nested(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn is_high_surrogate(escape: &str) -> bool {
    matches!(escape.get(2..4).map(str::to_ascii_lowercase).as_deref(), Some("d8" | "d9" | "da" | "db"))
}

/// Lets `change` write the characters that stand outside of strings.
fn outside_strings(text: &str, change: impl Fn(char, &mut String)) -> String {
    let (mut out, mut inside, mut escaped) = (String::new(), false, false);
    for c in text.chars() {
        if inside || c == '"' {
            out.push(c);
            let ends = c == '"' && !escaped;
            inside = if ends { !inside } else { inside };
            escaped = c == '\\' && !escaped;
        } else {
            change(c, &mut out);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_value_is_printed_in_every_way() {
        let text = r#"{"b": [1,2], "a":"x:, \"y\"\/测\u8bd5\ud83d\ude00\n"}"#;
        assert!(is_json(text) && !is_json("{") && !is_json("12"));
        assert_eq!(respaced(text, "", ""), r#"{"b":[1,2],"a":"x:, \"y\"\/测\u8bd5\ud83d\ude00\n"}"#);
        assert_eq!(respaced(r#"{"a":1,"b":2}"#, " ", " "), r#"{"a": 1, "b": 2}"#);
        assert_eq!(unescaped(text), r#"{"b": [1,2], "a":"x:, \"y\"/测试😀\n"}"#);
        assert_eq!(sorted(r#"{"b":1, "a":"\/"}"#), r#"{"a":"/","b":1}"#);
        assert_eq!(ascii_escaped("测😀a"), r"\u6d4b\ud83d\ude00a");
        assert_eq!(nested("{\"a\"}"), "{\\\"a\\\"}");
        assert_eq!(unescaped("\\"), "\\");
    }
}
