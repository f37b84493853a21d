//! Every way to pay, with what is different between them, so that one test can run through all.

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
    /// `next_action.type` of an order that waits for its payer; `None` where the money comes with the answer.
    pub shows: Option<&'static str>,
    /// Whether the payer pays somewhere else and the gateway then notifies.
    pub notifies: bool,
    /// Whether an order can be asked for by our number, so that a lost answer can be made good.
    pub finds_by_our_number: bool,
    /// Whether the query brings what the payer needs, when the answer that had it was lost.
    pub shows_again: bool,
    /// Whether answers carry a signature of their own.
    pub signs_answers: bool,
    /// A published code of a definite refusal that the merchant must mend.
    pub configuration_code: i64,
    /// A published code of a definite refusal that another try may mend; `None` where no document has one.
    pub retry_code: Option<i64>,
    /// What the gateway is told when a notification is taken.
    pub success_text: &'static str,
    /// What the gateway is told when a notification is refused.
    pub failure_text: &'static str,
}

/// DotWallet, automatic.
pub const DOTWALLET_AUTOPAY: Way = Way {
    method: "dotwallet_autopay",
    account: "wallet",
    gateway: "dotwallet",
    currency: "BSV",
    submit: "pay_small_money",
    query: "search_order",
    shows: None,
    notifies: false,
    finds_by_our_number: true,
    shows_again: true,
    signs_answers: false,
    configuration_code: 10037,
    retry_code: Some(10040),
    success_text: r#"{"code":0,"msg":"Success","data":[]}"#,
    failure_text: r#"{"code":-1,"msg":"fail","data":[]}"#,
};

/// DotWallet, one order on a page of the wallet.
pub const DOTWALLET_ORDER: Way = Way {
    method: "dotwallet_order",
    submit: "create_order",
    shows: Some("redirect"),
    notifies: true,
    configuration_code: 10106,
    retry_code: Some(10108),
    ..DOTWALLET_AUTOPAY
};

/// Jubao, WeChat.
pub const JUBAO_WECHAT_H5: Way = Way {
    method: "jubao_wechat_h5",
    account: "shop",
    gateway: "jubao",
    currency: "CNY",
    submit: "apply_pay",
    query: "query",
    shows: Some("redirect"),
    notifies: true,
    finds_by_our_number: false,
    shows_again: false,
    signs_answers: true,
    configuration_code: 4004,
    retry_code: Some(4006),
    success_text: "SUCCESS",
    failure_text: "FAIL",
};

/// Jubao, Alipay.
pub const JUBAO_ALIPAY_WAP: Way = Way { method: "jubao_alipay_wap", ..JUBAO_WECHAT_H5 };

/// Jubao, another channel.
pub const JUBAO_CHANNEL: Way = Way { method: "jubao_channel", ..JUBAO_WECHAT_H5 };

/// BlueOcean, Alipay by QR code.
pub const BLUEOCEAN_ALIPAY_QRCODE: Way = Way {
    method: "blueocean_alipay_qrcode",
    account: "hk",
    gateway: "blueocean",
    currency: "HKD",
    submit: "pay",
    query: "query",
    shows: Some("qr_code"),
    notifies: true,
    finds_by_our_number: true,
    shows_again: true,
    signs_answers: true,
    configuration_code: 4004,
    retry_code: Some(40400),
    success_text: "SUCCESS",
    failure_text: "FAIL",
};

/// BlueOcean, inside WeChat.
pub const BLUEOCEAN_WECHAT_JSAPI: Way =
    Way { method: "blueocean_wechat_jsapi", shows: Some("wechat_jsapi"), ..BLUEOCEAN_ALIPAY_QRCODE };

/// BlueOcean, inside WeChat with the Hong Kong wallet.
pub const BLUEOCEAN_WECHAT_HK_JSAPI: Way =
    Way { method: "blueocean_wechat_hk_jsapi", shows: Some("wechat_hk_jsapi"), ..BLUEOCEAN_ALIPAY_QRCODE };

/// BlueOcean, WeChat from a phone browser.
pub const BLUEOCEAN_WECHAT_MWEB: Way = blueocean_page("blueocean_wechat_mweb");

/// BlueOcean, the bar code at a till.
pub const BLUEOCEAN_MICROPAY: Way =
    Way { method: "blueocean_micropay", shows: None, notifies: false, ..BLUEOCEAN_ALIPAY_QRCODE };

/// Hicoin, H5.
pub const HICOIN_H5: Way = Way {
    method: "hicoin_h5",
    account: "coin",
    gateway: "hicoin",
    currency: "USDT",
    submit: "preOrder",
    query: "queryOrder",
    shows: Some("hicoin_h5"),
    notifies: true,
    finds_by_our_number: true,
    shows_again: true,
    signs_answers: true,
    configuration_code: 110_043,
    retry_code: None,
    success_text: "SUCCESS",
    failure_text: "FAIL",
};

/// Hicoin, ordered as JSAPI.
pub const HICOIN_JSAPI: Way = Way { method: "hicoin_jsapi", ..HICOIN_H5 };

/// One way for each shape of call and answer.
pub const SHAPES: [Way; 7] = [
    DOTWALLET_AUTOPAY,
    DOTWALLET_ORDER,
    JUBAO_WECHAT_H5,
    BLUEOCEAN_ALIPAY_QRCODE,
    BLUEOCEAN_WECHAT_JSAPI,
    BLUEOCEAN_MICROPAY,
    HICOIN_H5,
];

/// Every method there is.
pub const ALL: [Way; 19] = [
    DOTWALLET_AUTOPAY,
    DOTWALLET_ORDER,
    JUBAO_WECHAT_H5,
    JUBAO_ALIPAY_WAP,
    JUBAO_CHANNEL,
    BLUEOCEAN_ALIPAY_QRCODE,
    blueocean_qr("blueocean_wechat_qrcode"),
    blueocean_qr("blueocean_mixed_qrcode"),
    blueocean_qr("blueocean_unionpay_qrcode"),
    blueocean_page("blueocean_alipay_wap"),
    blueocean_page("blueocean_unionpay_link"),
    BLUEOCEAN_WECHAT_MWEB,
    BLUEOCEAN_WECHAT_JSAPI,
    BLUEOCEAN_WECHAT_HK_JSAPI,
    blueocean_app("blueocean_alipay_app"),
    blueocean_app("blueocean_wechat_app"),
    BLUEOCEAN_MICROPAY,
    HICOIN_H5,
    HICOIN_JSAPI,
];

const fn blueocean_qr(method: &'static str) -> Way {
    Way { method, ..BLUEOCEAN_ALIPAY_QRCODE }
}

const fn blueocean_page(method: &'static str) -> Way {
    Way { method, shows: Some("redirect"), ..BLUEOCEAN_ALIPAY_QRCODE }
}

const fn blueocean_app(method: &'static str) -> Way {
    Way { method, shows: Some("native_app"), ..BLUEOCEAN_ALIPAY_QRCODE }
}

impl Way {
    /// The way of this method.
    ///
    /// # Panics
    /// When there is none.
    pub fn of(method: &str) -> Self {
        let found = ALL.iter().find(|way| way.method == method);
        *found.unwrap_or_else(|| panic!("no way {method}"))
    }

    /// Every way at this gateway.
    pub fn at(gateway: &str) -> impl Iterator<Item = Self> {
        ALL.into_iter().filter(move |way| way.gateway == gateway)
    }

    /// What the payer's page says when it confirms: where it is, for methods that work in one place only.
    pub fn confirmation(&self) -> Value {
        match self.shows {
            Some("wechat_jsapi" | "wechat_hk_jsapi") => json!({"environment": "wechat"}),
            _ => json!({}),
        }
    }

    /// What a payment by it comes to when it is confirmed and nothing goes wrong.
    pub const fn status_when_confirmed(&self) -> &'static str {
        match self.shows {
            Some(_) => "requires_action",
            None => "succeeded",
        }
    }

    /// How long a payment lasts that does not say it: who stands at a till does not wait long.
    pub fn lasts_s(&self) -> i64 {
        if self.method == "blueocean_micropay" { 60 } else { 900 }
    }

    /// The signer's reply to a notification that it took, as the simulators tell it.
    pub fn taken(&self) -> Value {
        json!({"status": 200, "body": self.success_text})
    }

    /// A create request with this order number.
    pub fn order(&self, order_id: &str) -> Value {
        json!({
            "account": self.account,
            "order_id": order_id,
            "amount": {"value": 1000, "currency": self.currency},
            "subject": "乌龙茶 & tea",
            "description": "Two boxes of oolong",
            "method": self.method(order_id),
            "return_url": format!("https://shop.example/done?order={order_id}&from=pay"),
            "metadata": {"cart": "77"},
        })
    }

    /// The method with the fields it needs, for the order of this number.
    pub fn method(&self, order_id: &str) -> Value {
        let mut method = json!({"type": self.method});
        let further: &[(&str, Value)] = &match self.method {
            "dotwallet_autopay" => vec![("user_open_id", json!(keys::DOTWALLET_USER))],
            "jubao_channel" => vec![("pay_channel_id", json!(304))],
            "blueocean_wechat_jsapi" => {
                vec![("sub_appid", json!(keys::WECHAT_APPID)), ("sub_openid", json!(keys::WECHAT_OPENID))]
            }
            "blueocean_wechat_app" => vec![("sub_appid", json!(keys::WECHAT_APPID))],
            "blueocean_micropay" => vec![("auth_code", json!(bar_code(order_id, "01")))],
            "hicoin_h5" | "hicoin_jsapi" => vec![
                ("openid", json!(keys::HICOIN_OPENID)),
                ("access_token", json!(keys::HICOIN_ACCESS_TOKEN)),
            ],
            _ => vec![],
        };
        for (name, value) in further {
            method[name] = value.clone();
        }
        method
    }
}

/// A bar code that is this order's own, with the simulators' digits for what comes of it.
pub fn bar_code(order_id: &str, outcome: &str) -> String {
    let digits: String = order_id.chars().filter(char::is_ascii_digit).collect();
    let own = &digits[digits.len().saturating_sub(8)..];
    format!("13460000{own:0>8}{outcome}")
}
