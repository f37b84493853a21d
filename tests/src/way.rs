//! The five ways to pay that every gateway's tests run through, with what is different between them.

use serde_json::{Value, json};

use crate::keys;

/// A method, and what its gateway is like.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// `method.type`.
    pub method: &'static str,
    /// The signer's account.
    pub account: &'static str,
    /// Its gateway.
    pub gateway: &'static str,
    /// The account's currency.
    pub currency: &'static str,
    /// The simulators' name of the call that places an order.
    pub submit: &'static str,
    /// The simulators' name of the call that asks for one.
    pub query: &'static str,
    /// Whether the payer pays somewhere else and the gateway then notifies.
    pub notifies: bool,
    /// Whether an order can be asked for by our number, so that a lost answer can be made good.
    pub finds_by_our_number: bool,
    /// Whether answers carry a signature of their own.
    pub signs_answers: bool,
    /// A published code of a definite refusal that the merchant must mend.
    pub configuration_code: i64,
    /// A published code of a definite refusal that another try may mend; `None` where no document has one.
    pub retry_code: Option<i64>,
    /// What the gateway is told when a notification is refused.
    pub failure_text: &'static str,
}

/// The answer to a notification that was taken, at every gateway of these that notifies.
const FAIL: &str = "FAIL";

/// DotWallet, automatic.
pub const DOTWALLET_AUTOPAY: Way = Way {
    method: "dotwallet_autopay",
    account: "wallet",
    gateway: "dotwallet",
    currency: "BSV",
    submit: "pay_small_money",
    query: "search_order",
    notifies: false,
    finds_by_our_number: true,
    signs_answers: false,
    configuration_code: 10037,
    retry_code: Some(10040),
    failure_text: r#"{"code":-1,"msg":"fail","data":[]}"#,
};

/// Jubao, WeChat.
pub const JUBAO_WECHAT_H5: Way = Way {
    method: "jubao_wechat_h5",
    account: "shop",
    gateway: "jubao",
    currency: "CNY",
    submit: "apply_pay",
    query: "query",
    notifies: true,
    finds_by_our_number: false,
    signs_answers: true,
    configuration_code: 4004,
    retry_code: Some(4006),
    failure_text: FAIL,
};

/// Jubao, Alipay.
pub const JUBAO_ALIPAY_WAP: Way = Way { method: "jubao_alipay_wap", ..JUBAO_WECHAT_H5 };

/// BlueOcean, Alipay by QR code.
pub const BLUEOCEAN_ALIPAY_QRCODE: Way = Way {
    method: "blueocean_alipay_qrcode",
    account: "hk",
    gateway: "blueocean",
    currency: "HKD",
    submit: "pay",
    query: "query",
    notifies: true,
    finds_by_our_number: true,
    signs_answers: true,
    configuration_code: 4004,
    retry_code: Some(40400),
    failure_text: FAIL,
};

/// Hicoin, H5.
pub const HICOIN_H5: Way = Way {
    method: "hicoin_h5",
    account: "coin",
    gateway: "hicoin",
    currency: "USDT",
    submit: "preOrder",
    query: "queryOrder",
    notifies: true,
    finds_by_our_number: true,
    signs_answers: true,
    configuration_code: 110_043,
    retry_code: None,
    failure_text: FAIL,
};

/// All five.
pub const ALL: [Way; 5] =
    [DOTWALLET_AUTOPAY, JUBAO_WECHAT_H5, JUBAO_ALIPAY_WAP, BLUEOCEAN_ALIPAY_QRCODE, HICOIN_H5];

impl Way {
    /// A create request with this order number.
    pub fn order(&self, order_id: &str) -> Value {
        json!({
            "account": self.account,
            "order_id": order_id,
            "amount": {"value": 1000, "currency": self.currency},
            "subject": "乌龙茶 & tea",
            "description": "Two boxes of oolong",
            "method": self.method(),
            "return_url": format!("https://shop.example/done?order={order_id}&from=pay"),
            "metadata": {"cart": "77"},
        })
    }

    /// The method with the fields it needs.
    pub fn method(&self) -> Value {
        match self.gateway {
            "dotwallet" => json!({"type": self.method, "user_open_id": keys::DOTWALLET_USER}),
            "hicoin" => json!({
                "type": self.method,
                "openid": keys::HICOIN_OPENID,
                "access_token": keys::HICOIN_ACCESS_TOKEN,
            }),
            _ => json!({"type": self.method}),
        }
    }
}
