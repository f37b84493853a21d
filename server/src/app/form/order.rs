//! What a merchant asks to be paid.

use std::collections::BTreeMap;

use countersign_core::{FieldError, Method, Money};
use serde_json::{Map, Value};
use url::Url;

use super::reader::Reader;
use crate::gateway::{Account, Draft, Registry};

/// What a merchant asks for, with everything checked.
#[derive(Clone, Debug)]
pub(in crate::app) struct OrderForm {
    pub(in crate::app) account: String,
    pub(in crate::app) order_id: String,
    pub(in crate::app) amount: Money,
    pub(in crate::app) subject: String,
    pub(in crate::app) description: Option<String>,
    pub(in crate::app) method: Method,
    pub(in crate::app) return_url: Option<String>,
    pub(in crate::app) expires_in_s: Option<i64>,
    pub(in crate::app) metadata: BTreeMap<String, String>,
    pub(in crate::app) confirm: bool,
}

const FIELDS: [&str; 10] = [
    "account",
    "order_id",
    "amount",
    "subject",
    "description",
    "method",
    "return_url",
    "expires_in_s",
    "metadata",
    "confirm",
];

/// Reads `body`.
///
/// # Errors
/// Every misfit, each with its field.
pub(in crate::app) fn read(body: &Value, accounts: &Registry) -> Result<OrderForm, Vec<FieldError>> {
    let Value::Object(fields) = body else {
        return Err(vec![FieldError::new("", "wrong_type", "the body must be an object")]);
    };
    let mut reader = Reader::default();
    reader.only(fields, "", &FIELDS);
    let name = reader.text(fields, "", "account", 64);
    let account = name.as_deref().and_then(|name| reader.account(name, accounts));
    // How long a number may be is the gateway's rule; this bound only keeps it an order number.
    let order_id = reader.text(fields, "", "order_id", 255);
    let amount = reader.amount(fields, account);
    let subject = reader.text(fields, "", "subject", 128);
    let description = reader.optional_text(fields, "", "description", 512);
    let method = reader.method(fields, account);
    let return_url = reader.return_url(fields);
    let expires_in_s = reader.whole_number(fields, "", "expires_in_s", 1..=604_800);
    let metadata = reader.metadata(fields);
    let confirm = reader.flag(fields, "confirm");
    let mut found = reader.found;
    if let (Some(account), Some(method)) = (account, &method) {
        let draft = Draft {
            order_id: order_id.as_deref().unwrap_or("0"),
            amount: amount.as_ref(),
            subject: subject.as_deref().unwrap_or_default(),
            description: description.as_deref(),
            method,
            return_url: return_url.as_deref(),
        };
        let known: Vec<String> = found.iter().map(|e| e.field.clone()).collect();
        found.extend(account.gateway.check(&draft).into_iter().filter(|e| !known.contains(&e.field)));
    }
    match (name, order_id, amount, subject, method) {
        (Some(account), Some(order_id), Some(amount), Some(subject), Some(method)) if found.is_empty() => {
            Ok(OrderForm {
                account,
                order_id,
                amount,
                subject,
                description,
                method,
                return_url,
                expires_in_s,
                metadata,
                confirm,
            })
        }
        _ => Err(found),
    }
}

impl Reader {
    fn account<'a>(&mut self, name: &str, accounts: &'a Registry) -> Option<&'a Account> {
        let account = accounts.account(name);
        if account.is_none() {
            self.misfit("account", "unknown_account", "no account of this name is configured");
        }
        account
    }

    fn return_url(&mut self, fields: &Map<String, Value>) -> Option<String> {
        let text = self.optional_text(fields, "", "return_url", 1024)?;
        let web =
            Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if !web {
            self.misfit("return_url", "invalid_url", "must be an absolute http or https address");
            return None;
        }
        Some(text)
    }

    fn metadata(&mut self, fields: &Map<String, Value>) -> BTreeMap<String, String> {
        let mut read = BTreeMap::new();
        let metadata = match fields.get("metadata") {
            None | Some(Value::Null) => return read,
            Some(Value::Object(metadata)) => metadata,
            Some(_) => {
                self.misfit("metadata", "wrong_type", "must be an object of strings");
                return read;
            }
        };
        if metadata.len() > 50 {
            self.misfit("metadata", "too_many", "at most 50 keys");
        }
        for (key, value) in metadata {
            let field = format!("metadata.{key}");
            if key.is_empty() || key.chars().count() > 40 {
                self.misfit(&field, "too_long", "a key has 1 to 40 characters");
            }
            match value {
                Value::String(text) if text.chars().count() <= 500 => {
                    read.insert(key.clone(), text.clone());
                }
                Value::String(_) => self.misfit(&field, "too_long", "at most 500 characters"),
                _ => self.misfit(&field, "wrong_type", "must be a string"),
            }
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,40}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 6, |inner| {
            let name =
                prop_oneof![prop::sample::select(FIELDS.to_vec()).prop_map(str::to_owned), "[a-z]{1,8}"];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(name, inner, 0..8)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    #[test]
    fn names_every_field_that_is_missing() {
        let fields = |body: Value| -> Vec<String> {
            read(&body, &Registry::default()).unwrap_err().into_iter().map(|e| e.field).collect()
        };
        assert_eq!(fields(json!({})), ["account", "order_id", "amount", "subject", "method"]);
        assert_eq!(fields(json!([])), [""]);
    }

    proptest! {
        #[test]
        fn no_body_panics_and_none_fits_without_an_account(body in any_json()) {
            prop_assert!(read(&body, &Registry::default()).is_err());
        }
    }
}
