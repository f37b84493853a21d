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
