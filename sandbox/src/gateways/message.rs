//! A message as it arrived: its bytes, and its fields in the order and with the types in which they were sent.

use std::fmt;

use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use http::{Method, header};
use percent_encoding::percent_decode;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::multipart;

/// Larger bodies are cut off; the gateways' messages are far below it.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// One request to an endpoint.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) method: Method,
    pub(crate) content_type: String,
    pub(crate) encoding: Encoding,
    pub(crate) body: Bytes,
    /// The body's fields, or why it has none that can be read.
    pub(crate) fields: Result<Fields, Malformed>,
}

/// How the body says it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Form,
    Multipart,
    Json,
    /// There is no body: the fields are those of the address.
    Query,
    Other,
}

/// Why a body has no fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    TooLarge,
    NotUtf8,
    NotJsonObject,
    NeitherFormNorJson,
}

impl Message {
    /// Reads a request to its end.
    pub(crate) async fn read(request: Request) -> Self {
        if request.method() == Method::GET {
            return Self::of_query(request.uri().query().unwrap_or_default());
        }
        let (head, body) = request.into_parts();
        let content_type = head
            .headers
            .get(header::CONTENT_TYPE)
            .map_or("", |value| value.to_str().unwrap_or(""))
            .to_owned();
        let encoding = Encoding::of(&content_type);
        let (body, fields) = match to_bytes(body, BODY_BYTES_MAX).await {
            Ok(body) => {
                let fields = parse(encoding, &content_type, &body);
                (body, fields)
            }
            Err(_) => (Bytes::new(), Err(Malformed::TooLarge)),
        };
        Self { method: head.method, content_type, encoding, body, fields }
    }

    /// A request that has no body: its address says everything.
    pub(crate) fn of_query(query: &str) -> Self {
        Self {
            method: Method::GET,
            content_type: String::new(),
            encoding: Encoding::Query,
            body: query.to_owned().into(),
            fields: Fields::from_form(query),
        }
    }
}

impl Encoding {
    fn of(content_type: &str) -> Self {
        let essence = content_type.split(';').next().unwrap_or("").trim();
        if essence.eq_ignore_ascii_case("application/json") {
            Self::Json
        } else if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            Self::Form
        } else if essence.eq_ignore_ascii_case("multipart/form-data") {
            Self::Multipart
        } else {
            Self::Other
        }
    }
}

fn parse(encoding: Encoding, content_type: &str, body: &[u8]) -> Result<Fields, Malformed> {
    let text = std::str::from_utf8(body).map_err(|_| Malformed::NotUtf8)?;
    match encoding {
        Encoding::Form | Encoding::Query => Fields::from_form(text),
        Encoding::Multipart => multipart::fields(content_type, text),
        Encoding::Json => serde_json::from_str(text).map_err(|_| Malformed::NotJsonObject),
        Encoding::Other => Err(Malformed::NeitherFormNorJson),
    }
}

/// Names and values in the order received. A name that is repeated keeps its last value, as PHP reads it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Vec<(String, Value)>);

impl Fields {
    /// Reads `a=b&c=d`.
    pub(crate) fn from_form(text: &str) -> Result<Self, Malformed> {
        let mut fields = Self::default();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            fields.put(form_decode(name)?, Value::String(form_decode(value)?));
        }
        Ok(fields)
    }

    /// The value of a field; an absent one and JSON `null` are the same.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
            .filter(|value| !value.is_null())
    }

    /// The value of a field that is a text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(String, Value)> {
        self.0.iter()
    }

    /// Every value as PHP would print it, for signing; `None` when one is a list or an object.
    pub(crate) fn printed(&self) -> Option<Vec<(String, String)>> {
        self.0.iter().map(|(name, value)| Some((name.clone(), printed(value)?))).collect()
    }

    pub(crate) fn put(&mut self, name: String, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }
}

impl FromIterator<(String, Value)> for Fields {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl From<&[(String, String)]> for Fields {
    fn from(pairs: &[(String, String)]) -> Self {
        pairs.iter().map(|(name, value)| (name.clone(), Value::String(value.clone()))).collect()
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Fields::default();
                while let Some((name, value)) = map.next_entry()? {
                    fields.put(name, value);
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// A value as PHP prints it when it is joined to a text.
pub(crate) fn printed(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.is_f64() => number.as_f64().map(|float| float.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(true) => Some("1".into()),
        Value::Bool(false) | Value::Null => Some(String::new()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// Decodes one name or value of a form or query.
pub(crate) fn form_decode(text: &str) -> Result<String, Malformed> {
    let spaced = text.replace('+', " ");
    percent_decode(spaced.as_bytes()).decode_utf8().map(Into::into).map_err(|_| Malformed::NotUtf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_fields_keep_their_order_and_the_last_of_a_repeated_name() {
        let fields: Fields = serde_json::from_str(r#"{"b":1,"a":"x","b":2}"#).unwrap();
        let names: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(names, ["b=2", "a=\"x\""]);
    }

    #[test]
    fn form_values_are_decoded_once() {
        let fields = Fields::from_form("a=%E6%B5%8B+%2B%2526&b=&c").unwrap();
        assert_eq!(fields.text("a"), Some("测 +%26"));
        assert_eq!((fields.text("b"), fields.text("c")), (Some(""), Some("")));
    }

    #[test]
    fn a_form_that_is_not_utf8_is_refused() {
        assert_eq!(Fields::from_form("a=%ff").unwrap_err(), Malformed::NotUtf8);
    }

    #[test]
    fn values_print_as_in_php() {
        let fields: Fields =
            serde_json::from_str(r#"{"a":true,"b":false,"c":null,"d":1.0,"e":1.50,"f":10,"g":"1.50"}"#)
                .unwrap();
        let printed: Vec<_> = fields.printed().unwrap().into_iter().map(|(_, text)| text).collect();
        assert_eq!(printed, ["1", "", "", "1", "1.5", "10", "1.50"]);
    }
}
