//! "Paid" notifications as the gateways' documents have them, rightly signed, for changes that no simulator would make.

use countersign_tests::{
    Fields, Payment, Way, World, blueocean_sign, dotwallet_sign, hicoin_sign, jubao_sign, keys,
};
use serde_json::Value;

/// A confirmed payment, and what its gateway's notifications say of it.
pub(super) struct Open {
    pub(super) payment: Payment,
    pub(super) order_no: String,
    /// The gateway's own number.
    number: String,
    /// The nonce that DotWallet echoes.
    nonce: String,
}

/// Creates a payment and confirms it.
pub(super) async fn open_payment(world: &World, way: &Way) -> Open {
    let order = world.order(way);
    let payment = world.api.create(&order).await;
    world.api.confirm(&payment).await;
    let order_no = order["order_id"].as_str().expect("an order number").to_owned();
    let booked = world.gateways.order(way.gateway, &order_no).await;
    let number = booked["gateway_order_no"].as_str().expect("a number").to_owned();
    let sent = world.gateways.journal(way.gateway, way.submit).await;
    let nonce = sent.last().and_then(|entry| entry["fields"]["nonce_str"].as_str());
    let nonce = nonce.unwrap_or("1704067200000").to_owned();
    Open { payment, order_no, number, nonce }
}

/// A notification's fields in the order in which they are sent.
#[derive(Clone)]
pub(super) struct Message(Vec<(String, String)>);

impl Message {
    /// Sets a field in its place, or behind the others.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, place)) => value.clone_into(place),
            None => self.0.push((name.to_owned(), value.to_owned())),
        }
    }

    pub(super) fn leave_out(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }

    /// As a form or a query.
    pub(super) fn form(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }

    /// As a JSON object of texts.
    pub(super) fn json(&self) -> String {
        let members: serde_json::Map<String, Value> =
            self.0.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        Value::Object(members).to_string()
    }
}

/// A "paid" notification as the gateway's document has it, changed and then rightly signed.
pub(super) fn notification(way: &Way, open: &Open, change: impl FnOnce(&mut Message)) -> Message {
    let Open { order_no, number, nonce, .. } = open;
    let documented: &[(&str, &str)] = match way.gateway {
        "dotwallet" => &[
            ("app_id", keys::DOTWALLET_APP_ID),
            ("order_sn", number),
            ("merchant_order_sn", order_no),
            ("item_name", "tea"),
            ("receive_address", ""),
            ("user_refund_address", ""),
            ("order_amount", "1000"),
            ("pay_txid", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
            ("status", "9"),
            ("nonce_str", nonce),
        ],
        "jubao" => &[
            ("mch_id", keys::JUBAO_MCH_ID),
            ("out_trade_no", order_no),
            ("order_sn", number),
            ("pay_channel_id", "201"),
            ("body", "tea"),
            ("total_fee", "1000"),
            ("status", "2"),
            ("attach", ""),
            ("cash_fee", "1000"),
            ("finish_time", "2026-11-22 08:00:05"),
            ("nonce_str", "O2r8GjZ46e"),
        ],
        "blueocean" => &[
            ("bank_type", "CFT"),
            ("cash_fee", "1000"),
            ("cash_fee_type", "HKD"),
            ("fee_type", "HKD"),
            ("out_trade_no", order_no),
            ("transaction_id", "4200000000"),
            ("time_end", "20261122080005"),
            ("total_fee", "1000"),
            ("trade_type", "NATIVE"),
            ("appid", keys::BLUEOCEAN_APPID),
            ("nonce_str", "O2r8GjZ46e"),
            ("sn", number),
            ("version", "1.0"),
        ],
        _ => &[
            ("app_id", keys::HICOIN_APP_ID),
            ("trade_status", "SUCCESS"),
            ("trade_no", number),
            ("out_trade_no", order_no),
            ("openid", keys::HICOIN_OPENID),
            ("trade_type", "H5"),
            ("total_amount", "1000"),
            ("settle_currency", "USDT"),
            ("passback_params", ""),
            ("body", "tea"),
            ("subject", "tea"),
            ("nonce_str", "N0000000000000000000000000000003"),
        ],
    };
    let pairs = documented.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let mut message = Message(pairs.collect());
    change(&mut message);
    let key = match way.gateway {
        "dotwallet" => keys::DOTWALLET_SECRET,
        "jubao" => keys::JUBAO_KEY,
        "blueocean" => keys::BLUEOCEAN_KEY,
        _ => keys::HICOIN_MCH_KEY,
    };
    signed(way, message, key)
}

/// The message with the gateway's signature under `key`.
pub(super) fn signed(way: &Way, mut message: Message, key: &str) -> Message {
    let fields: Fields = message.0.iter().cloned().collect();
    let sign = match way.gateway {
        "dotwallet" => {
            let pairs: Vec<(&str, &str)> =
                message.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            dotwallet_sign(&pairs, key)
        }
        "jubao" => jubao_sign(&fields, key),
        "blueocean" => blueocean_sign(&fields, key),
        _ => hicoin_sign(&fields, key),
    };
    message.set("sign", &sign);
    message
}
