//! What the gateway says of an order.

use serde_json::{Map, Value, json};

use super::channel::HandsOut;
use super::settings::PartlyRefunded;
use super::{BlueOcean, Terms};
use crate::gateways::clock;
use crate::gateways::number;
use crate::gateways::orders::{Order, State};

/// Which of the samples' two habits of printing figures an answer follows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Figures {
    /// As in the sample of `alipay.qrcode`: amounts and times are numbers, `appid` is a text.
    Numbers,
    /// As in the later samples: amounts and times are texts, `appid` is a number.
    Texts,
}

impl BlueOcean {
    pub(super) fn describe(&self, order: &Order<Terms>, figures: Figures) -> Value {
        Value::Object(self.members(order, figures))
    }

    /// The members that every answer about an order has, and those that its channel hands out.
    pub(super) fn members(&self, order: &Order<Terms>, figures: Figures) -> Map<String, Value> {
        let (amount, currency) = order.told();
        let (terms, paid) = (&order.terms, order.paid.as_ref());
        let figure = |number: i64| match figures {
            Figures::Numbers => json!(number),
            Figures::Texts => json!(number.to_string()),
        };
        // Nothing is a number everywhere in the samples, whatever stands around it.
        let figure_or_nothing = |number: i64| if number == 0 { json!(0) } else { figure(number) };
        let appid = match (figures, self.config.appid.parse::<u64>()) {
            (Figures::Texts, Ok(number)) => json!(number),
            _ => json!(self.config.appid),
        };
        let mut data: Map<String, Value> = [
            ("appid", appid),
            ("attach", json!(terms.attach)),
            ("bank_type", json!(if paid.is_some() { "CFT" } else { "" })),
            ("body", json!(terms.body)),
            ("cash_fee", json!(paid.map_or(0, |paid| paid.amount - terms.discount).to_string())),
            ("cash_fee_type", json!(paid.map_or(String::new(), |paid| self.cash_currency(&paid.currency)))),
            ("create_time", figure(order.created_at.as_second())),
            ("detail", json!("")),
            ("discount", figure(terms.discount)),
            ("fee_type", json!(currency)),
            ("id", json!(terms.id)),
            ("is_subscribe", json!("N")),
            ("mch_name", json!("Sandbox")),
            ("nonce_str", json!(number::nonce(10))),
            ("out_trade_no", json!(order.order_no)),
            ("pay_amount", figure(amount - terms.discount)),
            ("provider", json!(terms.provider)),
            ("qrcode", json!("")),
            ("refundable", figure_or_nothing(order.refundable())),
            ("sn", json!(order.gateway_order_no)),
            ("time_end", paid.map_or(json!(0), |paid| json!(clock::packed(paid.at)))),
            ("total_fee", figure(amount)),
            ("total_refund_fee", figure_or_nothing(order.refunded())),
            ("trade_state", json!(self.trade_state(order))),
            ("trade_type", json!(terms.channel.trade_type)),
            ("transaction_id", json!(paid.map_or("", |paid| &paid.transaction_id))),
            ("wallet", json!(terms.wallet)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect();
        data.extend(self.special_members(order));
        data
    }

    fn special_members(&self, order: &Order<Terms>) -> Vec<(String, Value)> {
        let terms = &order.terms;
        let address = || json!(format!("{}{}", self.qr_page_url, order.gateway_order_no));
        let mut members: Vec<_> = match terms.channel.hands_out {
            HandsOut::QrCode => vec![("qrcode", address())],
            HandsOut::Page if terms.channel.payment == "unionpay.link" => {
                vec![("qrcode", address()), ("adapter", json!("chinaums")), ("is_print", json!("0"))]
            }
            HandsOut::Page => vec![("qrcode", address())],
            HandsOut::WeChatPage => vec![("mweb_url", address())],
            HandsOut::WeChatBridge => vec![("openid", json!(terms.openid))],
            HandsOut::AlipayApp | HandsOut::WeChatApp | HandsOut::Nothing => Vec::new(),
        };
        members.extend(terms.handed_out.iter().map(|(name, text)| (*name, json!(text))));
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// The currency in which the payer has paid.
    pub(super) fn cash_currency(&self, currency: &str) -> String {
        self.settings.get().cash_fee_type.unwrap_or_else(|| currency.to_owned())
    }

    fn trade_state(&self, order: &Order<Terms>) -> &'static str {
        let partly = self.settings.get().partial_refund_state;
        match order.state {
            State::Unpaid if order.terms.till.is_some() => "USERPAYING",
            State::Unpaid => order.terms.channel.first_state,
            State::Paid if order.refunded() > 0 && partly == PartlyRefunded::Refund => "REFUND",
            State::Paid => "SUCCESS",
            State::Closed => "CLOSED",
            State::Refunded => "REFUND",
            State::Revoked => "REVOKED",
            State::Failed => "PAYERROR",
        }
    }
}
