//! A gateway that answers what a test has it answer, and the orders that the wire files know.

use std::net::IpAddr;

use countersign_core::{Currency, MethodType};

use super::config::{BlueoceanConfig, Wallet, sample};
use super::{Blueocean, sign};
use crate::gateway::fields::Fields;
use crate::gateway::order::{Order, RefundOrder, Sought};
use crate::gateway::scripted::{self, Scripted, upstream};
use crate::vectors::wire;

/// The order number of every wire file.
pub(super) const ORDER_NO: &str = "B20240101000001";
/// Its number at the gateway.
pub(super) const SN: &str = "1120240101000000000000001";

/// A gateway with its account.
pub(super) struct Rehearsal {
    pub(super) gateway: Blueocean,
    scripted: Scripted,
}

impl Rehearsal {
    /// Every path answers this wire file.
    pub(super) async fn with(file: &str) -> Self {
        Self::set(Scripted::answering(wire(&format!("blueocean/{file}"))).await, |_| {})
    }

    /// Every path answers this text.
    pub(super) async fn saying(text: &str) -> Self {
        Self::set(Scripted::answering(text.as_bytes().to_vec()).await, |_| {})
    }

    /// Each path answers its wire file; any other path is not found.
    pub(super) async fn with_each<const N: usize>(files: [(&'static str, &str); N]) -> Self {
        let answers = files.map(|(path, file)| (path, wire(&format!("blueocean/{file}"))));
        Self::set(Scripted::by_path(answers.into()).await, |_| {})
    }

    /// The same with other settings.
    pub(super) fn set(scripted: Scripted, change: impl FnOnce(&mut BlueoceanConfig)) -> Self {
        let mut config = sample();
        (config.base_url, config.wallet) = (scripted.url.clone(), Some(Wallet::Mainland));
        change(&mut config);
        let currency = Currency::parse("HKD").unwrap();
        Self { gateway: Blueocean::new(config, currency, upstream()), scripted }
    }

    /// Paths in the order in which they were called.
    pub(super) fn paths(&self) -> Vec<String> {
        self.scripted.seen().into_iter().map(|(path, _)| path).collect()
    }

    /// The fields that were sent in the last call.
    pub(super) fn sent(&self) -> Fields {
        let (_, body) = self.scripted.seen().pop().unwrap();
        Fields::from_json(body.as_bytes()).unwrap()
    }

    /// The JSON that was sent in the last call.
    pub(super) fn sent_json(&self) -> serde_json::Value {
        serde_json::from_str(&self.scripted.seen().pop().unwrap().1).unwrap()
    }
}

/// A successful answer about ten cents' worth of an order, with `more` fields in place of the usual ones, signed.
pub(super) fn answer(more: &serde_json::Value) -> String {
    let mut data = serde_json::json!({
        "appid": "1000001", "out_trade_no": ORDER_NO, "sn": SN, "trade_state": "NOTPAY", "total_fee": 10,
        "fee_type": "HKD", "qrcode": "https://qr.example/1",
    });
    for (name, value) in more.as_object().unwrap() {
        data[name] = value.clone();
    }
    let signed = sign::signed_json(&data, sample().signing_key()).unwrap();
    format!(r#"{{"code":200,"message":"success","data":{}}}"#, String::from_utf8(signed).unwrap())
}

/// A JSON wire file.
pub(super) fn json(file: &str) -> serde_json::Value {
    serde_json::from_slice(&wire(&format!("blueocean/{file}"))).unwrap()
}

/// An order of the wire files.
pub(super) fn order(kind: MethodType, value: i64) -> Order {
    let mut order = scripted::order(kind, ORDER_NO, value, "HKD");
    order.return_url = Some("https://shop.example/done?order=A20261122001&lang=zh".into());
    match kind {
        MethodType::BlueoceanWechatJsapi | MethodType::BlueoceanWechatHkJsapi => {
            order.method.sub_appid = Some("wx0000000000000001".into());
            order.method.sub_openid = Some("oTESTopenid0000000000000001".into());
        }
        MethodType::BlueoceanWechatApp => order.method.sub_appid = Some("wx0000000000000001".into()),
        MethodType::BlueoceanMicropay => order.method.auth_code = Some("134600000000000001".into()),
        _ => {}
    }
    order.circumstances.payer_address = Some(IpAddr::from([203, 0, 113, 7]));
    order
}

/// The same order, sought by our number.
pub(super) fn sought(kind: MethodType, value: i64) -> Sought {
    Sought { order: order(kind, value), gateway_order_no: None }
}

/// A refund of some of ten cents.
pub(super) fn refund(amount: i64, refunded_before: i64) -> RefundOrder {
    RefundOrder {
        sought: sought(MethodType::BlueoceanAlipayQrcode, 10),
        refund_no: format!("{ORDER_NO}f1"),
        amount,
        reason: None,
        refunded_before,
        payer_id: None,
    }
}
