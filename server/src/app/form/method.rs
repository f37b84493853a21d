//! Reading the method with its further fields.

use countersign_core::{Method, MethodType, Receiver};
use serde_json::{Map, Value};

use super::reader::Reader;
use crate::gateway::Account;

impl Reader {
    /// A method that must be there and that the account's gateway offers.
    pub(super) fn method(
        &mut self,
        fields: &Map<String, Value>,
        account: Option<&Account>,
    ) -> Option<Method> {
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
        if known.contains(&"pay_channel_id") {
            read.pay_channel_id = self.whole_number(method, "method.", "pay_channel_id", 1..=999_999);
        }
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
    use serde_json::json;

    fn read(method: Value) -> (Option<i64>, Vec<(String, String)>) {
        let mut reader = Reader::default();
        let fields = json!({ "method": method });
        let read = reader.method(fields.as_object().unwrap(), None);
        let found = reader.found.into_iter().map(|error| (error.field, error.code)).collect();
        (read.and_then(|method| method.pay_channel_id), found)
    }

    #[test]
    fn a_channel_is_a_whole_number_and_belongs_to_one_method_only() {
        let channel = |number: Value| read(json!({"type": "jubao_channel", "pay_channel_id": number}));
        assert_eq!(channel(json!(304)), (Some(304), vec![]));
        assert_eq!(channel(json!(999_999)), (Some(999_999), vec![]));
        let field = "method.pay_channel_id".to_owned();
        for number in [json!(0), json!(-1), json!(1_000_000)] {
            assert_eq!(channel(number), (None, vec![(field.clone(), "out_of_range".to_owned())]));
        }
        for number in [json!("304"), json!(304.5), json!(true), json!([304])] {
            assert_eq!(channel(number), (None, vec![(field.clone(), "wrong_type".to_owned())]));
        }
        let other = read(json!({"type": "jubao_wechat_h5", "pay_channel_id": 201}));
        assert_eq!(other, (None, vec![(field, "unknown_field".to_owned())]));
    }
}
