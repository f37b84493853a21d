//! The same fields as people misread them before they sign or verify.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::json_text;
use crate::gateway::Field;

/// Fields as somebody may have had them.
pub(super) struct Misreading {
    /// What was done to them.
    pub(super) what: String,
    /// What came of it.
    pub(super) fields: Vec<Field>,
}

/// What is done to a value: how it is called, and the texts that may come of it.
type Change = (&'static str, fn(&str) -> Vec<String>);

/// PHP's `rawurlencode`.
const RAW: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// JavaScript's `encodeURIComponent`.
const COMPONENT: AsciiSet = RAW.remove(b'!').remove(b'*').remove(b'\'').remove(b'(').remove(b')');

const CHANGES: &[Change] = &[
    ("empty values were written as null or undefined", |value| {
        if value.is_empty() { ["null", "undefined"].map(str::to_owned).into() } else { Vec::new() }
    }),
    ("values were percent-encoded when they were signed, or decoded once too often since", |value| {
        let raw = utf8_percent_encode(value, &RAW).to_string();
        let form = raw.replace("%20", "+");
        let lower =
            raw.split('%').enumerate().map(|(i, part)| lower_hex(i, part)).collect::<Vec<_>>().join("%");
        let whole = vec![utf8_percent_encode(value, &COMPONENT).to_string(), raw, form, lower];
        [whole, one_at_a_time(value, ' ', "%20")].concat()
    }),
    ("+ and space were confused", |value| {
        let whole = vec![value.replace('+', " "), value.replace(' ', "+")];
        [whole, one_at_a_time(value, ' ', "+")].concat()
    }),
    ("values were signed decoded, and verified still percent-encoded", |value| {
        let spaced = value.replace('+', " ");
        [value, &spaced].map(|text| percent_decode_str(text).decode_utf8_lossy().into_owned()).into()
    }),
    ("a value was cut at its first =", |value| {
        value.split_once('=').map(|(before, _)| before.to_owned()).into_iter().collect()
    }),
    ("a whole number was written as a float", |value| {
        if is_digits(value) { vec![format!("{value}.0"), format!("{value}.00")] } else { Vec::new() }
    }),
    ("a float was written as a whole number", |value| {
        [".0", ".00"].iter().filter_map(|end| value.strip_suffix(end)).map(str::to_owned).collect()
    }),
    ("a time was in milliseconds, not seconds, or the other way round", |value| match value.len() {
        10 if is_digits(value) => vec![format!("{value}000")],
        13 if is_digits(value) => vec![value[..10].to_owned()],
        _ => Vec::new(),
    }),
    ("the text was encoded as UTF-8 once more than it should be", |value| {
        vec![value.bytes().map(char::from).collect()]
    }),
    ("the text was encoded as UTF-8 once less than it should be", |value| {
        let bytes: Option<Vec<u8>> = value.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
        bytes.and_then(|bytes| String::from_utf8(bytes).ok()).into_iter().collect()
    }),
    ("JSON text was parsed and printed again", |value| {
        if !json_text::is_json(value) {
            return Vec::new();
        }
        let compact = json_text::respaced(value, "", "");
        let php = json_text::slashes_escaped(&json_text::ascii_escaped(&compact));
        let sorted = json_text::sorted(value);
        let spaced = [&compact, &sorted].map(|text| json_text::respaced(text, " ", " "));
        [vec![compact, php, sorted], spaced.into()].concat()
    }),
    ("JSON text was signed with \\uXXXX or \\/ escapes that are not in it", |value| {
        if !json_text::is_json(value) {
            return Vec::new();
        }
        let ascii = json_text::ascii_escaped(value);
        vec![json_text::slashes_escaped(value), json_text::slashes_escaped(&ascii), ascii]
    }),
    ("the escapes inside of JSON text were resolved", |value| {
        if json_text::is_json(value) { vec![json_text::unescaped(value)] } else { Vec::new() }
    }),
    ("JSON text was signed with the escapes of the JSON around it", |value| {
        if !json_text::is_json(value) {
            return Vec::new();
        }
        let nested = json_text::nested(value);
        let ascii = json_text::ascii_escaped(&nested);
        vec![json_text::slashes_escaped(&nested), json_text::slashes_escaped(&ascii), ascii, nested]
    }),
    ("& was written &amp;, or the other way round", |value| {
        vec![value.replace('&', "&amp;"), value.replace("&amp;", "&")]
    }),
    ("spaces or line breaks at the ends of a value were cut, or line breaks changed", |value| {
        vec![value.trim().to_owned(), value.replace("\r\n", "\n"), value.replace('\n', "\r\n")]
    }),
    ("true and false were written as 1 and empty, as PHP does", |value| match value {
        "true" => vec!["1".to_owned()],
        "false" => vec![String::new()],
        _ => Vec::new(),
    }),
    ("null was not left empty", |value| if value == "null" { vec![String::new()] } else { Vec::new() }),
];

/// Every misreading of `fields` that changes them, likelier ones first. `documented` are the names a notification has.
pub(super) fn of(fields: &[Field], documented: &[&str]) -> Vec<Misreading> {
    let mut all = Vec::new();
    let filled = |field: &&Field| !field.1.is_empty() || is_sign(field);
    push(
        &mut all,
        "empty values were left out".to_owned(),
        fields,
        fields.iter().filter(filled).cloned().collect(),
    );
    lost_empties(&mut all, fields, documented);
    for change in CHANGES {
        changed_everywhere(&mut all, fields, change);
        changed_once(&mut all, fields, change);
    }
    let lower = fields.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
    push(&mut all, "names were lower-cased".to_owned(), fields, lower);
    other_orders(&mut all, fields, documented);
    for (i, (name, _)) in fields.iter().enumerate().filter(|(_, field)| !is_sign(field)) {
        let left = [&fields[..i], &fields[i + 1..]].concat();
        push(&mut all, not_signed(&format!("`{name}`")), fields, left);
    }
    all
}

/// Two fields that were not signed.
pub(super) fn two_left_out(fields: &[Field]) -> Vec<Misreading> {
    let mut all = Vec::new();
    for (i, (first, _)) in fields.iter().enumerate() {
        for (j, (second, _)) in fields.iter().enumerate().skip(i + 1) {
            let left = [&fields[..i], &fields[i + 1..j], &fields[j + 1..]].concat();
            push(&mut all, not_signed(&format!("`{first}` and `{second}`")), fields, left);
        }
    }
    all
}

fn not_signed(names: &str) -> String {
    format!("{names} not signed: added on the way, or left out by the signer")
}

fn push(all: &mut Vec<Misreading>, what: String, before: &[Field], fields: Vec<Field>) {
    if fields != before {
        all.push(Misreading { what, fields });
    }
}

/// Documented fields that did not arrive, signed as empty.
fn lost_empties(all: &mut Vec<Misreading>, fields: &[Field], documented: &[&str]) {
    let missing: Vec<Field> = documented
        .iter()
        .filter(|name| !fields.iter().any(|field| field.0 == **name))
        .map(|name| ((*name).to_owned(), String::new()))
        .collect();
    push(all, "fields that were empty got lost on the way".to_owned(), fields, [fields, &missing].concat());
    for lost in &missing {
        let what = format!("`{}` was empty and got lost on the way", lost.0);
        push(all, what, fields, [fields, std::slice::from_ref(lost)].concat());
    }
}

/// The nth text that `change` makes of each value, in all values at once.
fn changed_everywhere(all: &mut Vec<Misreading>, fields: &[Field], (what, change): &Change) {
    let made: Vec<Vec<String>> =
        fields.iter().map(|field| if is_sign(field) { Vec::new() } else { change(&field.1) }).collect();
    for nth in 0..made.iter().map(Vec::len).max().unwrap_or_default() {
        let texts = fields
            .iter()
            .zip(&made)
            .map(|((name, value), made)| (name.clone(), made.get(nth).unwrap_or(value).clone()));
        push(all, (*what).to_owned(), fields, texts.collect());
    }
}

/// `change` in one value only.
fn changed_once(all: &mut Vec<Misreading>, fields: &[Field], (what, change): &Change) {
    for (i, field) in fields.iter().enumerate().filter(|(_, field)| !is_sign(field)) {
        for text in change(&field.1) {
            let mut changed = fields.to_vec();
            changed[i].1 = text;
            push(all, format!("{what} (`{}`)", field.0), fields, changed);
        }
    }
}

fn other_orders(all: &mut Vec<Misreading>, fields: &[Field], documented: &[&str]) {
    let place =
        |field: &Field| documented.iter().position(|name| field.0 == *name).unwrap_or(documented.len());
    let mut listed = fields.to_vec();
    listed.sort_by_key(place);
    let backwards = listed.iter().rev().cloned().collect();
    let mut sorted = fields.to_vec();
    sorted.sort();
    let reversed: Vec<Field> = sorted.iter().rev().cloned().collect();
    push(all, "the fields were sorted by name before they were signed".to_owned(), fields, sorted);
    push(all, "the fields were in reverse order of their names".to_owned(), fields, reversed);
    push(all, "the fields were in reverse order".to_owned(), fields, fields.iter().rev().cloned().collect());
    push(all, "the fields were in the order of the document's list".to_owned(), fields, listed);
    push(all, "the fields were in reverse of the document's list".to_owned(), fields, backwards);
}

/// `value` with one of its `from` replaced, for each of them.
fn one_at_a_time(value: &str, from: char, to: &str) -> Vec<String> {
    let places = value.match_indices(from).take(16);
    places.map(|(at, found)| format!("{}{to}{}", &value[..at], &value[at + found.len()..])).collect()
}

fn is_sign(field: &Field) -> bool {
    field.0 == "sign"
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The two digits behind a %, in lower case.
fn lower_hex(i: usize, part: &str) -> String {
    match part.split_at_checked(2) {
        Some((digits, rest)) if i > 0 => format!("{}{rest}", digits.to_ascii_lowercase()),
        _ => part.to_owned(),
    }
}
