//! What a visitor may choose beside the method. Nothing here names a price, a payer or an address.

use serde::Deserialize;

use super::error::ShopError;
use super::methods::{Ask, Method};

/// The part of an order that the browser decides; left out, it is the shop's usual way.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Options {
    pub(super) identity: Identity,
    pub(super) op_return: bool,
    pub(super) split: bool,
    pub(super) pay_channel_id: Option<u32>,
    pub(super) auth_code: Option<String>,
}

/// How the payer becomes known to the gateway.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Identity {
    /// The shop's session knows who they are.
    #[default]
    Session,
    /// The signer sends them to the gateway's own login.
    Gateway,
}

impl Options {
    /// Refuses what does not belong to this method, and an order at the till without a bar code.
    pub(super) fn check(&self, method: &Method) -> Result<(), ShopError> {
        let given = [
            (Ask::Identity, self.identity == Identity::Gateway, "identity"),
            (Ask::OpReturn, self.op_return, "op_return"),
            (Ask::Split, self.split, "split"),
            (Ask::PayChannelId, self.pay_channel_id.is_some(), "pay_channel_id"),
            (Ask::AuthCode, self.auth_code.is_some(), "auth_code"),
        ];
        for (ask, is_given, name) in given {
            if is_given && !method.asks.contains(&ask) {
                return Err(malformed("invalid_request", format!("{} takes no {name}", method.type_name)));
            }
        }
        if method.asks.contains(&Ask::AuthCode) && self.auth_code.as_ref().is_none_or(String::is_empty) {
            return Err(malformed("no_auth_code", "there is no bar code".to_owned()));
        }
        Ok(())
    }
}

fn malformed(code: &'static str, detail: String) -> ShopError {
    ShopError::Malformed { code, detail }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::methods::method;
    use super::*;

    fn check(type_name: &str, options: Value) -> Result<(), ShopError> {
        let options: Options = serde_json::from_value(options).expect("known fields");
        options.check(method(type_name).expect("a way to pay"))
    }

    #[test]
    fn each_option_fits_where_it_is_asked_for_and_nowhere_else() {
        let all = json!({"identity": "gateway", "op_return": true, "split": true});
        assert!(check("dotwallet_autopay", all.clone()).is_ok());
        assert!(check("dotwallet_order", all).is_err());
        assert!(check("jubao_channel", json!({"pay_channel_id": 304})).is_ok());
        assert!(check("jubao_wechat_h5", json!({"pay_channel_id": 304})).is_err());
        assert!(check("hicoin_h5", json!({"identity": "gateway"})).is_ok());
        assert!(check("hicoin_h5", json!({"identity": "session"})).is_ok());
        assert!(check("jubao_wechat_h5", json!({})).is_ok());
    }

    #[test]
    fn the_till_needs_a_bar_code() {
        assert!(check("blueocean_micropay", json!({"auth_code": "134602370743606195"})).is_ok());
        assert!(check("blueocean_micropay", json!({"auth_code": ""})).is_err());
        assert!(check("blueocean_micropay", json!({})).is_err());
    }
}
