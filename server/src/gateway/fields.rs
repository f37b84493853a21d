//! Named values in the order in which they were received, for verifying over all of them.

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use url::form_urlencoded;

use super::notification::{Received, Refusal, RefusalKind};

/// More fields than any gateway sends.
const FIELDS_MAX: usize = 128;

/// Names and values as text, in received order, without a repeated name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a notification: JSON or form by its content type, else by its first byte; the query when there
    /// is no body.
    ///
    /// # Errors
    /// [`RefusalKind::Malformed`] when it is neither, names a field twice or has too many.
    pub(crate) fn of(received: &Received<'_>) -> Result<Self, Refusal> {
        let body = received.body.trim_ascii();
        let said_form = received.content_type.is_some_and(|t| t.contains("form-urlencoded"));
        let fields = if body.is_empty() {
            Self::from_form(received.query.unwrap_or_default().as_bytes())
        } else if !body.starts_with(b"{") {
            Self::from_form(body)
        } else if said_form {
            // Some clients send JSON under the form's name; only one of the two readings is signed.
            let form = Self::from_form(body).ok().filter(|form| form.get("sign").is_some());
            form.map_or_else(|| Self::from_json(body), Ok)
        } else {
            Self::from_json(body)
        };
        match fields {
            Ok(fields) if !fields.0.is_empty() => Ok(fields),
            Ok(_) => Err(Refusal::new(RefusalKind::Malformed, "there are no fields")),
            Err(reason) => Err(Refusal::new(RefusalKind::Malformed, reason)),
        }
    }

    /// Reads `application/x-www-form-urlencoded`.
    ///
    /// # Errors
    /// When a name is repeated or there are too many.
    pub(crate) fn from_form(bytes: &[u8]) -> Result<Self, String> {
        let mut fields = Self::default();
        for (name, value) in form_urlencoded::parse(bytes) {
            fields.push(name.into_owned(), value.into_owned())?;
        }
        Ok(fields)
    }

    /// Reads a JSON object. Numbers keep the text in which they were written; `null` is the empty text;
    /// objects and lists keep their JSON text.
    ///
    /// # Errors
    /// When it is not an object, a name is repeated or there are too many.
    pub(crate) fn from_json(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|e| format!("not a JSON object with distinct names: {e}"))
    }

    fn push(&mut self, name: String, value: String) -> Result<(), String> {
        if self.0.len() >= FIELDS_MAX {
            return Err(format!("more than {FIELDS_MAX} fields"));
        }
        if self.get(&name).is_some() {
            return Err("a name is repeated".to_owned());
        }
        self.0.push((name, value));
        Ok(())
    }

    /// The value of `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The value of `name` where it is not empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|v| !v.is_empty())
    }

    /// Every field in received order.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

impl<'de> serde::Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Fields::default();
                while let Some((name, raw)) = map.next_entry::<String, Box<RawValue>>()? {
                    let value = text_of(raw.get()).map_err(A::Error::custom)?;
                    fields.push(name, value).map_err(A::Error::custom)?;
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// The text of a JSON value: a string's characters, a number as it was written.
fn text_of(raw: &str) -> Result<String, serde_json::Error> {
    match raw.as_bytes().first() {
        Some(b'"') => serde_json::from_str(raw),
        Some(b'n') => Ok(String::new()),
        _ => Ok(raw.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn json(text: &str) -> Result<Fields, String> {
        Fields::from_json(text.as_bytes())
    }

    #[test]
    fn keeps_order_and_the_text_of_numbers() {
        let fields =
            json(r#"{"b":10,"a":"1.50","c":1.50,"d":null,"e":true,"f":"\u6d4b\"","g":{"x": 1}}"#).unwrap();
        let expected = [("b", "10"), ("a", "1.50"), ("c", "1.50"), ("d", ""), ("e", "true"), ("f", "测\"")];
        for (got, want) in fields.pairs().iter().zip(expected) {
            assert_eq!((got.0.as_str(), got.1.as_str()), want);
        }
        assert_eq!(fields.get("g"), Some(r#"{"x": 1}"#));
    }

    #[test]
    fn refuses_a_repeated_name() {
        assert!(json(r#"{"a":"1","a":"1"}"#).is_err());
        assert!(Fields::from_form(b"a=1&a=1").is_err());
    }

    #[test]
    fn refuses_floods_and_other_shapes() {
        let many: Vec<String> = (0..200).map(|i| format!("f{i}=1")).collect();
        assert!(Fields::from_form(many.join("&").as_bytes()).is_err());
        for text in ["[]", "1", "\"a\"", "{", "{\"a\":}", "{\"a\":1} x"] {
            assert!(json(text).is_err(), "{text}");
        }
    }

    #[test]
    fn reads_a_form_even_when_a_value_looks_like_json() {
        let received = |content_type, body: &'static [u8]| Received { content_type, query: None, body };
        let named_form = Some("application/x-www-form-urlencoded");
        let json = Fields::of(&received(named_form, b"{\"sign\":\"00\"}")).unwrap();
        assert_eq!(json.get("sign"), Some("00"));
        let odd = Fields::of(&received(named_form, b"{=1&sign=2")).unwrap();
        assert_eq!(odd.get("{"), Some("1"));
        let form =
            Fields::of(&received(Some("application/x-www-form-urlencoded"), b"body=%7B&x=1+2")).unwrap();
        assert_eq!((form.get("body"), form.get("x")), (Some("{"), Some("1 2")));
        let sniffed = Fields::of(&received(Some("text/plain"), b" {\"a\":1}")).unwrap();
        assert_eq!(sniffed.get("a"), Some("1"));
        assert!(Fields::of(&received(None, b"")).is_err());
    }

    proptest! {
        #[test]
        fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), content_type in "\\PC{0,20}") {
            let received = Received { content_type: Some(&content_type), query: Some("a=%ff"), body: &bytes };
            let _ = Fields::of(&received);
            let _ = Fields::from_json(&bytes);
        }
    }
}
