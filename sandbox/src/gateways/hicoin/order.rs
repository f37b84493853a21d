//! Orders: `pay/preOrder` and `pay/queryOrder`.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::api::{DUPLICATE, NONCE_CHARS, bad, business, limited, optional, positive, required};
use super::tokens::Bearer;
use super::{Hicoin, Terms};
use crate::gateways::clock;
use crate::gateways::endpoint::Refusal;
use crate::gateways::message::{Fields, Message};
use crate::gateways::number;
use crate::gateways::orders::{Order, State as OrderState};
use crate::gateways::page::web_address;

const ORDER_NO_CHARS_MAX: usize = 32;
pub(super) const SUBJECT_CHARS_MAX: usize = 32;
pub(super) const BODY_CHARS_MAX: usize = 64;
const TIMEOUT_MAX_S: i64 = 30 * 24 * 3600;

impl Hicoin {
    pub(super) fn pre_order(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = self.verified(message, self.config.mch_key.expose())?;
        let biz = business(fields)?;
        let openid = required(&biz, "openid")?;
        // A pre-order is made in the payer's name: only with the payer's own token.
        if self.bearer(fields)? != (Bearer::Payer { openid: openid.to_owned() }) {
            return Err(bad("access_token is not this user's"));
        }
        let order_no = order_no(&biz)?;
        let total_amount = positive(&biz, "total_amount")?;
        let settle_currency = self.coin(&biz)?;
        let trade_timeout_express = positive(&biz, "trade_timeout_express")?;
        if trade_timeout_express > TIMEOUT_MAX_S {
            return Err(bad("trade_timeout_express"));
        }
        let return_url = required(&biz, "return_url")?;
        web_address(return_url).ok_or_else(|| bad("return_url"))?;
        let terms = Terms {
            openid: openid.to_owned(),
            subject: limited(&biz, "subject", SUBJECT_CHARS_MAX)?.to_owned(),
            body: limited(&biz, "body", BODY_CHARS_MAX)?.to_owned(),
            trade_type: trade_type(&biz)?.to_owned(),
            trade_timeout_express,
            passback_params: optional(&biz, "passback_params")?.to_owned(),
        };
        let mut order =
            Order::new(order_no.to_owned(), number::digits(22), (total_amount, settle_currency), terms);
        order.return_url = Some(return_url.to_owned());
        order.expires_at = Some(order.created_at + SignedDuration::from_secs(trade_timeout_express));
        let answer = json!({
            "out_trade_no": order.order_no,
            "trade_no": order.gateway_order_no,
            "trade_type": order.terms.trade_type,
            "nonce_str": number::nonce(NONCE_CHARS),
        });
        self.orders.place(order).map_err(|_| Refusal::new(DUPLICATE, "out_trade_no: duplicate submit"))?;
        Ok(answer)
    }

    pub(super) fn query_order(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = self.verified(message, self.config.mch_key.expose())?;
        let biz = business(fields)?;
        let bearer = self.bearer(fields)?;
        let order = self.orders.by_order_no(required(&biz, "out_trade_no")?);
        // A payer's token opens that payer's orders only.
        let order = order.filter(|order| match &bearer {
            Bearer::Merchant => true,
            Bearer::Payer { openid } => *openid == order.terms.openid,
        });
        let order = order.ok_or_else(|| bad("out_trade_no: no such order"))?;
        let (amount, currency) = order.told();
        Ok(json!({
            "out_trade_no": order.order_no,
            "trade_no": order.gateway_order_no,
            "trade_type": order.terms.trade_type,
            "trade_status": trade_status(order.state),
            "total_amount": amount,
            "settle_currency": currency,
            "settle_trans_amount": order.paid.as_ref().map_or(0, |paid| paid.amount),
            "subject": order.terms.subject,
            "body": order.terms.body,
            "trade_time": clock::spaced(order.created_at),
            "timeout_express": order.terms.trade_timeout_express.to_string(),
            "openid": order.terms.openid,
            "nonce_str": number::nonce(NONCE_CHARS),
        }))
    }

    /// A coin that can be settled.
    pub(super) fn coin<'f>(&self, biz: &'f Fields) -> Result<&'f str, Refusal> {
        let coin = required(biz, "settle_currency")?;
        let known = self.config.settle_currencies.iter().any(|known| known == coin);
        if known { Ok(coin) } else { Err(bad("settle_currency")) }
    }
}

/// The merchant's number of an order or a payout.
pub(super) fn order_no(biz: &Fields) -> Result<&str, Refusal> {
    let order_no = required(biz, "out_trade_no")?;
    if order_no.len() > ORDER_NO_CHARS_MAX || !order_no.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(bad("out_trade_no"));
    }
    Ok(order_no)
}

fn trade_type(fields: &Fields) -> Result<&str, Refusal> {
    match required(fields, "trade_type")? {
        known @ ("H5" | "JSAPI") => Ok(known),
        _ => Err(bad("trade_type")),
    }
}

/// The order states by the document's words. A refund is a payout of its own and leaves the order paid.
pub(super) const fn trade_status(state: OrderState) -> &'static str {
    match state {
        OrderState::Unpaid => "NOTPAY",
        OrderState::Paid | OrderState::Refunded => "SUCCESS",
        OrderState::Closed | OrderState::Revoked => "CLOSED",
        OrderState::Failed => "UNKNOW",
    }
}
