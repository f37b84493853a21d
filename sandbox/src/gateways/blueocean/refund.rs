//! Giving money back: `payment/refund` and `order/refundquery`.

use serde_json::{Map, Value, json};

use super::answer::Figures;
use super::settle::stands;
use super::{BlueOcean, Terms};
use crate::gateways::clock;
use crate::gateways::dialect::{amount, missing_here, optional_text, refusal};
use crate::gateways::endpoint::Refusal;
use crate::gateways::message::{Fields, Message};
use crate::gateways::number;
use crate::gateways::orders::{Immovable, Order, Refund, RefundStatus, State};

impl BlueOcean {
    pub(super) fn refund(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = self.verified(message)?;
        let order = self.meant(fields)?;
        let refund_no = match optional_text(fields, "out_refund_no")? {
            "" => format!("11{}{}", clock::packed(clock::now()), number::digits(12)),
            refund_no => refund_no.to_owned(),
        };
        if self.order_of_refund(&refund_no).is_some() {
            return Err(refusal(493001));
        }
        let refund = Refund {
            refund_no: refund_no.clone(),
            gateway_refund_no: number::digits(28),
            amount: self.amount_back(fields, &order)?,
            status: self.settings.get().refund_status,
            reason: optional_text(fields, "refund_desc")?.to_owned(),
            at: clock::now(),
        };
        let changed = self.orders.change(&order.order_no, |order| {
            order.refund(refund.clone())?;
            Ok(order.clone())
        });
        let order = changed.map_err(|reason| match reason {
            Immovable::Unknown => refusal(40102),
            Immovable::Stands(state) => stands(state),
            Immovable::Amount => too_much(),
        })?;
        let mut data = self.members(&order, Figures::Texts);
        data.extend(refund_members(&refund));
        // The sample's order counts as given back whatever becomes of the refund.
        data.insert("trade_state".into(), json!("REFUND"));
        data.insert("refund_time".into(), json!(refund.at.as_second().to_string()));
        Ok(Value::Object(data))
    }

    pub(super) fn refund_query(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = self.verified(message)?;
        let refund_no = match optional_text(fields, "customer_refund_no")? {
            "" => return Err(missing_here("customer_refund_no")),
            refund_no => refund_no,
        };
        let order = self.order_of_refund(refund_no).ok_or_else(|| refusal(492002))?;
        let refund = order.refunds.iter().find(|refund| refund.refund_no == refund_no);
        let refund = refund.ok_or_else(|| refusal(492002))?;
        let all = self.members(&order, Figures::Texts);
        let mut data: Map<String, Value> = all
            .into_iter()
            .filter(|(name, _)| MEMBERS_OF_ORDER.contains(&name.as_str()))
            .chain(refund_members(refund))
            .collect();
        data.insert("adapter".into(), json!("sandbox"));
        data.insert("refund_time".into(), json!(clock::spaced(refund.at)));
        Ok(Value::Object(data))
    }

    fn order_of_refund(&self, refund_no: &str) -> Option<Order<Terms>> {
        self.orders.find(|order| order.refunds.iter().any(|refund| refund.refund_no == refund_no))
    }

    /// How much is to go back, when the order and the wallet allow it.
    fn amount_back(&self, fields: &Fields, order: &Order<Terms>) -> Result<i64, Refusal> {
        match order.state {
            State::Paid => {}
            State::Unpaid => return Err(Refusal::new(40100, "无效请求: 订单未支付")),
            state => return Err(stands(state)),
        }
        let settings = self.settings.get();
        if settings.refund_period_over {
            return Err(refusal(40108));
        }
        let left = order.refundable();
        let back = match fields.get("refund_fee") {
            None => left,
            Some(_) => amount(fields, "refund_fee")?,
        };
        if !(1..=left).contains(&back) {
            return Err(too_much());
        }
        let is_part = back != order.told().0;
        if is_part && order.terms.provider == "alipay" && !settings.alipay_partial_refunds {
            return Err(refusal(492003));
        }
        if settings.merchant_balance.is_some_and(|balance| balance < back) {
            return Err(refusal(40107));
        }
        Ok(back)
    }
}

/// What the query of a refund says of the order.
const MEMBERS_OF_ORDER: [&str; 13] = [
    "appid",
    "cash_fee",
    "cash_fee_type",
    "discount",
    "fee_type",
    "mch_name",
    "nonce_str",
    "out_trade_no",
    "pay_amount",
    "provider",
    "sn",
    "total_fee",
    "wallet",
];

fn refund_members(refund: &Refund) -> [(String, Value); 4] {
    [
        ("out_refund_no", json!(refund.refund_no)),
        ("refund_desc", json!(refund.reason)),
        ("refund_fee", json!(refund.amount.to_string())),
        ("refund_status", json!(status_word(refund.status))),
    ]
    .map(|(name, value)| (name.to_owned(), value))
}

const fn status_word(status: RefundStatus) -> &'static str {
    match status {
        RefundStatus::Succeeded => "SUCCESS",
        RefundStatus::Processing => "PROCESSING",
        RefundStatus::Closed => "REFUNDCLOSE",
        RefundStatus::Abnormal => "CHANGE",
    }
}

fn too_much() -> Refusal {
    Refusal::new(40100, "无效请求: 退款金额大于可退金额")
}
