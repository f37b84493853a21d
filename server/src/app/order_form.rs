//! Reading the body of a create request: every field that does not fit is found at once.

use std::collections::BTreeMap;

use countersign_core::{AMOUNT_MAX, Currency, FieldError, Method, MethodType, Money, Receiver};
use serde_json::{Map, Value};
use url::Url;

use crate::gateway::{Account, Draft, Registry};

/// What a merchant asks for, with everything checked.
#[derive(Clone, Debug)]
pub(super) struct OrderForm {
    pub(super) account: String,
    pub(super) order_id: String,
    pub(super) amount: Money,
    pub(super) subject: String,
    pub(super) description: Option<String>,
    pub(super) method: Method,
    pub(super) return_url: Option<String>,
    pub(super) expires_in_s: Option<i64>,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) confirm: bool,
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
pub(super) fn read(body: &Value, accounts: &Registry) -> Result<OrderForm, Vec<FieldError>> {
    let Value::Object(fields) = body else {
        return Err(vec![FieldError::new("", "wrong_type", "the body must be an object")]);
    };
    let mut reader = Reader { found: Vec::new() };
    reader.only(fields, "", &FIELDS);
    let name = reader.text(fields, "", "account", 64);
    let account = name.as_deref().and_then(|name| reader.account(name, accounts));
    let order_id = reader.text(fields, "", "order_id", 64);
    let amount = reader.amount(fields, account);
    let subject = reader.text(fields, "", "subject", 128);
    let description = reader.optional_text(fields, "", "description", 512);
    let method = reader.method(fields, account);
    let return_url = reader.return_url(fields);
    let expires_in_s = reader.whole_number(fields, "expires_in_s", 1, 604_800);
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

struct Reader {
    found: Vec<FieldError>,
}

impl Reader {
    fn misfit(&mut self, field: &str, code: &str, detail: impl Into<String>) {
        self.found.push(FieldError::new(field, code, detail));
    }

    fn only(&mut self, fields: &Map<String, Value>, prefix: &str, known: &[&str]) {
        for name in fields.keys().filter(|name| !known.contains(&name.as_str())) {
            self.misfit(&format!("{prefix}{name}"), "unknown_field", "no such field");
        }
    }

    fn text(&mut self, fields: &Map<String, Value>, prefix: &str, name: &str, max: usize) -> Option<String> {
        let field = format!("{prefix}{name}");
        match fields.get(name) {
            None | Some(Value::Null) => {
                self.misfit(&field, "required", "required");
                None
            }
            Some(value) => self.characters(&field, value, max),
        }
    }

    fn optional_text(
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
    fn characters(&mut self, field: &str, value: &Value, max: usize) -> Option<String> {
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

    fn account<'a>(&mut self, name: &str, accounts: &'a Registry) -> Option<&'a Account> {
        let account = accounts.account(name);
        if account.is_none() {
            self.misfit("account", "unknown_account", "no account of this name is configured");
        }
        account
    }

    fn amount(&mut self, fields: &Map<String, Value>, account: Option<&Account>) -> Option<Money> {
        let amount = match fields.get("amount") {
            None | Some(Value::Null) => {
                self.misfit("amount", "required", "required");
                return None;
            }
            Some(Value::Object(amount)) => amount,
            Some(_) => {
                self.misfit("amount", "wrong_type", "must be an object with value and currency");
                return None;
            }
        };
        self.only(amount, "amount.", &["value", "currency"]);
        let value = self.minor_units(amount, account);
        let currency = self.currency(amount, account);
        Money::new(value?, currency?).ok()
    }

    fn minor_units(&mut self, amount: &Map<String, Value>, account: Option<&Account>) -> Option<i64> {
        let field = "amount.value";
        let value = match amount.get("value") {
            None | Some(Value::Null) => {
                self.misfit(field, "required", "required");
                return None;
            }
            Some(Value::Number(number)) if number.is_f64() => {
                self.misfit(
                    field,
                    "wrong_type",
                    "must be a whole number of minor units, without fraction or exponent",
                );
                return None;
            }
            Some(Value::Number(number)) => number.as_i64(),
            Some(_) => {
                self.misfit(field, "wrong_type", "must be a number");
                return None;
            }
        };
        let value = value.filter(|value| (1..=AMOUNT_MAX).contains(value));
        let Some(value) = value else {
            self.misfit(field, "out_of_range", format!("must be 1 to {AMOUNT_MAX} minor units"));
            return None;
        };
        if let Some(max) = account.and_then(|account| account.max_amount)
            && value > max
        {
            self.misfit(field, "above_limit", format!("the account's largest single amount is {max}"));
            return None;
        }
        Some(value)
    }

    fn currency(&mut self, amount: &Map<String, Value>, account: Option<&Account>) -> Option<Currency> {
        let field = "amount.currency";
        let code = self.text(amount, "amount.", "currency", 10)?;
        let Ok(currency) = Currency::parse(&code) else {
            self.misfit(field, "invalid_currency", "must be 2 to 10 capital letters or digits");
            return None;
        };
        if let Some(account) = account
            && *account.gateway.currency() != currency
        {
            let expected = account.gateway.currency();
            self.misfit(field, "wrong_currency", format!("this account takes {expected}"));
            return None;
        }
        Some(currency)
    }

    fn method(&mut self, fields: &Map<String, Value>, account: Option<&Account>) -> Option<Method> {
        let method = match fields.get("method") {
            None | Some(Value::Null) => {
                self.misfit("method", "required", "required");
                return None;
            }
            Some(Value::Object(method)) => method,
            Some(_) => {
                self.misfit("method", "wrong_type", "must be an object with type");
                return None;
            }
        };
        let text = self.text(method, "method.", "type", 64)?;
        let Some(kind) = MethodType::parse(&text) else {
            self.misfit("method.type", "unknown_method", "no such method");
            return None;
        };
        if let Some(account) = account {
            if kind.gateway() != account.gateway.id() {
                let detail = format!("this account is at {}", account.gateway.id());
                self.misfit("method.type", "wrong_gateway", detail);
                return None;
            }
            if !account.gateway.offers(kind) {
                self.misfit("method.type", "not_supported", "this method is not supported yet");
                return None;
            }
        }
        Some(self.method_fields(kind, method))
    }

    fn method_fields(&mut self, kind: MethodType, method: &Map<String, Value>) -> Method {
        let known = method_fields_of(kind);
        self.only(method, "method.", &[&["type"], known].concat());
        let mut text = |name: &str, max: usize| {
            if known.contains(&name) { self.optional_text(method, "method.", name, max) } else { None }
        };
        let mut read = Method::bare(kind);
        read.user_open_id = text("user_open_id", 128);
        read.op_return = text("op_return", 20_000);
        read.sub_appid = text("sub_appid", 64);
        read.sub_openid = text("sub_openid", 128);
        read.auth_code = text("auth_code", 64);
        read.openid = text("openid", 128);
        read.access_token = text("access_token", 2048);
        read.passback_params = text("passback_params", 512);
        if known.contains(&"receive_addresses") {
            read.receive_addresses = self.receivers(method);
        }
        read
    }

    fn receivers(&mut self, method: &Map<String, Value>) -> Option<Vec<Receiver>> {
        let value = method.get("receive_addresses").filter(|value| !value.is_null())?;
        match serde_json::from_value::<Vec<Receiver>>(value.clone()) {
            Ok(receivers) => Some(receivers),
            Err(_) => {
                let detail = "must be a list of {\"address\": string, \"amount\": whole number}";
                self.misfit("method.receive_addresses", "wrong_type", detail);
                None
            }
        }
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

    fn whole_number(&mut self, fields: &Map<String, Value>, name: &str, min: i64, max: i64) -> Option<i64> {
        let value = fields.get(name).filter(|value| !value.is_null())?;
        match value {
            Value::Number(number) if !number.is_f64() => {
                let fitting = number.as_i64().filter(|n| (min..=max).contains(n));
                if fitting.is_none() {
                    self.misfit(name, "out_of_range", format!("must be {min} to {max}"));
                }
                fitting
            }
            _ => {
                self.misfit(name, "wrong_type", "must be a whole number");
                None
            }
        }
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

    fn flag(&mut self, fields: &Map<String, Value>, name: &str) -> bool {
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

/// The further fields of each method.
fn method_fields_of(kind: MethodType) -> &'static [&'static str] {
    match kind {
        MethodType::DotwalletAutopay => &["user_open_id", "op_return", "receive_addresses"],
        MethodType::DotwalletOrder => &["op_return", "receive_addresses"],
        MethodType::JubaoChannel => &["pay_channel_id"],
        MethodType::BlueoceanWechatJsapi | MethodType::BlueoceanWechatHkJsapi => &["sub_appid", "sub_openid"],
        MethodType::BlueoceanWechatApp => &["sub_appid"],
        MethodType::BlueoceanMicropay => &["auth_code"],
        MethodType::HicoinH5 | MethodType::HicoinJsapi => &["openid", "access_token", "passback_params"],
        _ => &[],
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
