//! Questions that several journeys ask of an answer.

use jiff::Timestamp;
use serde_json::Value;

/// The names of an object's members, sorted.
pub(crate) fn names(object: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = object
        .as_object()
        .unwrap_or_else(|| panic!("no object: {object}"))
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names
}

/// An RFC 3339 time in UTC.
pub(crate) fn time(value: &Value) -> Timestamp {
    let text = value.as_str().unwrap_or_else(|| panic!("no time: {value}"));
    assert!(text.ends_with('Z'), "not in UTC: {text}");
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Asserts that two times are less than this many seconds apart.
pub(crate) fn near(one: Timestamp, other: Timestamp, seconds: i64) {
    assert!((one.as_second() - other.as_second()).abs() <= seconds, "{one} and {other}");
}

/// Whether a gateway took the place of an answer: 4xx with its failure text.
pub(crate) fn refused(status: &Value, body: &Value, failure_text: &str) {
    let status = status.as_u64().expect("a status");
    assert!((400..500).contains(&status), "{status} {body}");
    assert_eq!(body, failure_text);
}

/// A failure as its payer sees it, of the failure as its merchant does, who is also told where to look.
pub(crate) fn without_hint(failure: &Value) -> Value {
    let mut shown = failure.as_object().unwrap_or_else(|| panic!("no failure: {failure}")).clone();
    let hint = shown.remove("hint");
    assert!(hint.as_ref().and_then(Value::as_str).is_some_and(|hint| !hint.is_empty()), "{failure}");
    Value::Object(shown)
}

/// Asserts that a failure says why, in both languages, and has this class.
pub(crate) fn failure(failure: &Value, class: &str) {
    assert_eq!(failure["class"], class, "{failure}");
    assert_eq!(names(failure), ["class", "code", "gateway_code", "message"]);
    assert_eq!(names(&failure["message"]), ["en", "zh"]);
    let text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    assert!(text(&failure["code"]) && text(&failure["message"]["en"]) && text(&failure["message"]["zh"]));
    let chinese = failure["message"]["zh"].as_str().expect("a text");
    assert!(chinese.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter)), "{chinese}");
}
