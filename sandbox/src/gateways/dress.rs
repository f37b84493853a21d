//! The dress of a gateway's messages: what the documents leave open or contradict each other about.
//!
//! A message means the same in every dress; a merchant has to understand all of them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::config::Charset;
use super::message::Fields;
use super::notification::{Carriage, Notice, Reply};

/// Members whose value is a figure, written as a number in one sample and as a text in another.
const FIGURES: [&str; 23] = [
    "amount",
    "appid",
    "cash_fee",
    "cash_refund_fee",
    "create_time",
    "discount",
    "expire_time",
    "expires_in",
    "fee",
    "order_amount",
    "pay_amount",
    "pay_channel_id",
    "pay_status",
    "pre_amount",
    "refund_fee",
    "refundable",
    "settle_trans_amount",
    "status",
    "timeout_express",
    "total_amount",
    "total_fee",
    "total_refund_fee",
    "trade_timeout_express",
];

/// Members that say where an order stands.
const STATES: [&str; 3] = ["status", "trade_state", "trade_status"];

/// Members that no document names, added to try out a reader; one sorts before all others, one is not ASCII.
const UNKNOWN: [(&str, &str); 2] = [("Zeta", "9"), ("new_field", "价格 1.50")];

/// How messages are written. The default is what the documents say, or their samples.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dress {
    numbers: FigureStyle,
    empties: Empties,
    sign_case: SignCase,
    /// Add members that no document names; they are signed like the others.
    unknown_fields: bool,
    /// Leave `sign` out of answers.
    unsigned_answers: bool,
    envelope: Envelope,
    /// Hicoin's value of `code` in a good answer, which no document says; `null` leaves the documents' guess.
    success_code: Option<String>,
    notification: Option<Carriage>,
    /// How a Jubao notification's text is read before hashing; `null` is as configured.
    pub(crate) notification_charset: Option<Charset>,
    transaction: Transaction,
    alipay_app: AlipayApp,
    /// What answers say of every order's state instead of the truth: a number or a word.
    state: Option<Value>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum FigureStyle {
    #[default]
    Documented,
    Texts,
    Numbers,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Empties {
    /// Sent, and signed as the gateway's rule says.
    #[default]
    Kept,
    /// Sent, and dropped before signing.
    DroppedBeforeSigning,
    /// Not sent at all.
    LeftOut,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum SignCase {
    #[default]
    Documented,
    Upper,
    Lower,
    Mixed,
}

/// The two envelopes of the dialects.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Envelope {
    #[default]
    Documented,
    Ret,
    Code,
    Both,
}

/// The name of DotWallet's transaction number.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Transaction {
    #[default]
    PayTxid,
    Paytxid,
}

/// `data.app` of `alipay.app`, which is no JSON in the document's sample.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum AlipayApp {
    #[default]
    Text,
    Object,
    LeftOut,
    /// As in the sample: the quotes inside are not escaped, so the whole answer is no JSON.
    Broken,
}

impl Dress {
    /// Dresses and signs an answer's data. A list or a text is nobody's message and stays as it is.
    pub(crate) fn answer(&self, data: Value, sign: impl FnOnce(&Fields) -> Option<String>) -> Value {
        let Value::Object(mut members) = data else { return data };
        self.name_transaction(&mut members);
        if self.alipay_app == AlipayApp::LeftOut && members.contains_key("app_format") {
            members.remove("app");
        }
        if self.empties == Empties::LeftOut {
            members.retain(|_, value| value != "");
        }
        if let Some(told) = &self.state {
            let states = members.iter_mut().filter(|(name, _)| STATES.contains(&name.as_str()));
            states.for_each(|(_, state)| state.clone_from(told));
        }
        if self.unknown_fields {
            members.extend(UNKNOWN.map(|(name, value)| (name.to_owned(), json!(value))));
        }
        for (name, value) in &mut members {
            self.figure(name, value);
        }
        let signed = self.signed_part(members.clone().into_iter().collect());
        if !self.unsigned_answers
            && let Some(sign) = sign(&signed)
        {
            members.insert("sign".into(), self.sign_in_case(&sign).into());
        }
        if self.alipay_app == AlipayApp::Object && members.contains_key("app_format") {
            let object = members.get("app").and_then(Value::as_str).map(serde_json::from_str::<Value>);
            if let Some(Ok(object)) = object {
                members.insert("app".into(), object);
            }
        }
        Value::Object(members)
    }

    /// The whole answer as text, in the envelope of the dress.
    pub(crate) fn body(&self, mut envelope: Value, good: bool) -> String {
        if let Some(members) = envelope.as_object_mut() {
            self.wrap(members, good);
        }
        let text = envelope.to_string();
        let app = envelope.pointer("/data/app").and_then(Value::as_str);
        match app {
            Some(app)
                if self.alipay_app == AlipayApp::Broken && envelope.pointer("/data/app_format").is_some() =>
            {
                text.replacen(&json!(app).to_string(), &format!("\"{app}\""), 1)
            }
            _ => text,
        }
    }

    /// Dresses and signs a notification.
    pub(crate) fn notice(
        &self,
        url: String,
        mut fields: Vec<(String, String)>,
        (documented, expects): (Carriage, Reply),
        sign: impl FnOnce(&Fields) -> Option<String>,
    ) -> Option<Notice> {
        if self.transaction == Transaction::Paytxid {
            fields
                .iter_mut()
                .filter(|(name, _)| name == "pay_txid")
                .for_each(|(name, _)| *name = "paytxid".into());
        }
        if self.empties == Empties::LeftOut {
            fields.retain(|(_, value)| !value.is_empty());
        }
        if self.unknown_fields {
            fields.extend(UNKNOWN.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        let sign = sign(&self.signed_part(Fields::from(&fields[..])))?;
        fields.push(("sign".into(), self.sign_in_case(&sign)));
        let fields = fields.into_iter().map(|(name, text)| {
            let value = if self.numbers == FigureStyle::Numbers { number(&name, &text) } else { None };
            (name, value.unwrap_or_else(|| text.into()))
        });
        Some(Notice {
            url,
            fields: fields.collect(),
            carriage: self.notification.unwrap_or(documented),
            expects,
        })
    }

    fn name_transaction(&self, members: &mut Map<String, Value>) {
        if self.transaction == Transaction::Paytxid
            && let Some(number) = members.remove("pay_txid")
        {
            members.insert("paytxid".into(), number);
        }
    }

    fn figure(&self, name: &str, value: &mut Value) {
        let changed = match (self.numbers, &*value) {
            (FigureStyle::Texts, Value::Number(figure)) => Some(json!(figure.to_string())),
            (FigureStyle::Numbers, Value::String(text)) => number(name, text),
            _ => None,
        };
        if let Some(changed) = changed {
            *value = changed;
        }
    }

    fn signed_part(&self, fields: Fields) -> Fields {
        if self.empties == Empties::DroppedBeforeSigning {
            fields.iter().filter(|(_, value)| value != "").cloned().collect()
        } else {
            fields
        }
    }

    fn sign_in_case(&self, sign: &str) -> String {
        match self.sign_case {
            SignCase::Documented => sign.to_owned(),
            SignCase::Upper => sign.to_ascii_uppercase(),
            SignCase::Lower => sign.to_ascii_lowercase(),
            SignCase::Mixed => sign
                .char_indices()
                .map(
                    |(at, digit)| {
                        if at % 2 == 0 { digit.to_ascii_lowercase() } else { digit.to_ascii_uppercase() }
                    },
                )
                .collect(),
        }
    }

    fn wrap(&self, members: &mut Map<String, Value>, good: bool) {
        if let (Some(code), true) = (&self.success_code, good) {
            members.insert("code".into(), json!(code));
        }
        let other = |value: &Value, success: i64| if good { json!(success) } else { value.clone() };
        let (ret, code) = match (members.get("ret").cloned(), members.get("code").cloned()) {
            (Some(ret), _) => (ret.clone(), other(&ret, 200)),
            (None, Some(code)) => (other(&code, 0), code),
            (None, None) => return,
        };
        let text = members.get("msg").or_else(|| members.get("message")).cloned().unwrap_or_default();
        if self.envelope != Envelope::Documented {
            ["ret", "msg", "code", "message"].iter().for_each(|name| drop(members.remove(*name)));
        }
        if matches!(self.envelope, Envelope::Ret | Envelope::Both) {
            members.extend([("ret".to_owned(), ret), ("msg".to_owned(), text.clone())]);
        }
        if matches!(self.envelope, Envelope::Code | Envelope::Both) {
            members.extend([("code".to_owned(), code), ("message".to_owned(), text)]);
        }
        for name in ["ret", "code"] {
            if let Some(value) = members.get_mut(name) {
                self.figure("status", value);
            }
        }
    }
}

fn number(name: &str, text: &str) -> Option<Value> {
    if FIGURES.contains(&name) { text.parse::<i64>().ok().map(Value::from) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dress(switches: Value) -> Dress {
        let mut all = serde_json::to_value(Dress::default()).unwrap();
        all.as_object_mut().unwrap().extend(switches.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    fn names(fields: &Fields) -> Option<String> {
        Some(fields.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(","))
    }

    #[test]
    fn figures_become_texts_and_numbers_and_other_digits_stay_what_they_are() {
        let data = json!({"total_fee": "10", "discount": 0, "sn": "11", "sign": ""});
        let texts = dress(json!({"numbers": "texts"})).answer(data.clone(), |_| None);
        assert_eq!(texts, json!({"total_fee": "10", "discount": "0", "sn": "11", "sign": ""}));
        let numbers = dress(json!({"numbers": "numbers"})).answer(data, |_| None);
        assert_eq!(numbers, json!({"total_fee": 10, "discount": 0, "sn": "11", "sign": ""}));
    }

    #[test]
    fn any_state_can_be_told() {
        let data = json!({"trade_state": "NOTPAY", "sn": "1"});
        let told = dress(json!({"state": "PAYERROR"}))
            .answer(data, |fields| fields.text("trade_state").map(str::to_owned));
        assert_eq!(told, json!({"trade_state": "PAYERROR", "sn": "1", "sign": "PAYERROR"}));
    }

    #[test]
    fn empties_are_kept_dropped_before_signing_or_not_sent() {
        let data = json!({"a": "1", "b": ""});
        let signed = |switches| dress(switches).answer(data.clone(), names);
        assert_eq!(signed(json!({})), json!({"a": "1", "b": "", "sign": "a,b"}));
        assert_eq!(
            signed(json!({"empties": "dropped_before_signing"})),
            json!({"a": "1", "b": "", "sign": "a"})
        );
        assert_eq!(signed(json!({"empties": "left_out"})), json!({"a": "1", "sign": "a"}));
    }

    #[test]
    fn a_sign_can_be_written_in_any_case_or_not_at_all() {
        let sign = |switches| dress(switches).answer(json!({}), |_| Some("AB12cd".into()));
        assert_eq!(sign(json!({"sign_case": "mixed"})), json!({"sign": "aB12cD"}));
        assert_eq!(sign(json!({"sign_case": "lower"})), json!({"sign": "ab12cd"}));
        assert_eq!(sign(json!({"unsigned_answers": true})), json!({}));
    }

    #[test]
    fn an_answer_can_come_in_either_envelope_or_both() {
        let body = |switches, envelope: Value| -> Value {
            let good = envelope["code"] == 200;
            serde_json::from_str(&dress(switches).body(envelope, good)).unwrap()
        };
        let good = json!({"code": 200, "message": "success"});
        assert_eq!(body(json!({"envelope": "ret"}), good.clone()), json!({"ret": 0, "msg": "success"}));
        let both = json!({"ret": 0, "msg": "success", "code": 200, "message": "success"});
        assert_eq!(body(json!({"envelope": "both"}), good), both);
        // 0 is a general error under `code`, and stays one.
        let bad = json!({"code": 0, "message": "no"});
        assert_eq!(body(json!({"envelope": "ret"}), bad), json!({"ret": 0, "msg": "no"}));
        let bad = json!({"ret": 40500, "msg": "no"});
        assert_eq!(body(json!({"envelope": "code"}), bad), json!({"code": 40500, "message": "no"}));
        assert_eq!(
            body(json!({"numbers": "texts"}), json!({"code": 0, "msg": ""})),
            json!({"code": "0", "msg": ""})
        );
    }

    #[test]
    fn the_broken_sample_is_no_json() {
        let envelope = json!({"data": {"app": "{\"a\":\"b\"}", "app_format": "a=b"}});
        let text = dress(json!({"alipay_app": "broken"})).body(envelope, true);
        assert!(text.contains(r#""app":"{"a":"b"}""#), "{text}");
    }
}
