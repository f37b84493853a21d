//! The calls of the merchant's server: place an order, ask for an order.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;
use http::Method;
use serde_json::{Value, json};

use super::{Jubao, Terms, sign, status_number};
use crate::gateways::clock;
use crate::gateways::dialect::{
    amount, attach, optional_address, optional_text, readable, refusal, required_text, whole_number,
};
use crate::gateways::endpoint::{Endpoint, Refusal};
use crate::gateways::message::{Fields, Message};
use crate::gateways::number;
use crate::gateways::orders::Order;
use crate::gateways::world::{Gateway, World};

const fn endpoint(name: &'static str) -> Endpoint {
    Endpoint { gateway: Gateway::Jubao, name, envelope, sign: |world, fields| world.jubao.sign(fields) }
}

/// `POST index.php?_m=pay_gateway&_a=apply_pay`
pub(super) async fn apply_pay(world: &Arc<World>, request: Request) -> Response {
    endpoint("apply_pay").serve(world, request, |message| world.jubao.apply_pay(message)).await
}

/// `POST index.php?_m=payment&_a=query`
pub(super) async fn query(world: &Arc<World>, request: Request) -> Response {
    endpoint("query").serve(world, request, |message| world.jubao.query(message)).await
}

/// Any other `_m` and `_a`.
pub(super) async fn no_such_interface(world: &Arc<World>, request: Request) -> Response {
    endpoint("unknown").serve(world, request, |_| Err(refusal(404))).await
}

/// Wraps an answer: `{ret, msg, data}`, where `ret` 0 is success.
fn envelope(_world: &World, answer: Result<Value, Refusal>) -> Value {
    match answer {
        Ok(data) => json!({"ret": 0, "msg": "success", "data": data, "_trace_no": number::hex(16)}),
        Err(Refusal { code, message, data: None }) => json!({"ret": code, "msg": message}),
        Err(Refusal { code, message, data }) => json!({"ret": code, "msg": message, "data": data}),
    }
}

impl Jubao {
    fn apply_pay(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = self.verified(message)?;
        let pay_channel_id = whole_number(fields, "pay_channel_id")?;
        let total_fee = amount(fields, "total_fee")?;
        let open = &self.config.pay_channel_ids;
        if !open.is_empty() && !open.contains(&pay_channel_id) {
            return Err(Refusal::new(492003, "上游厂商不支持此功能: pay_channel_id"));
        }
        // The gateway makes up a number for a merchant that has none.
        let order_no = match optional_text(fields, "out_trade_no")? {
            "" => number::digits(19),
            order_no => order_no.to_owned(),
        };
        let terms = Terms {
            pay_channel_id,
            body: optional_text(fields, "body")?.to_owned(),
            attach: attach(fields)?.to_owned(),
        };
        let order_sn = format!("{}{}", clock::packed(clock::now()), number::digits(6));
        let mut order = Order::new(order_no.clone(), order_sn.clone(), (total_fee, "CNY"), terms);
        order.notify_url = optional_address(fields, "notify_url")?;
        order.return_url = optional_address(fields, "return_url")?;
        self.orders.place(order).map_err(|_| refusal(40500))?;
        let code_url = format!("{}{order_sn}", self.page_url);
        Ok(json!({"out_trade_no": order_no, "order_sn": order_sn, "code_url": code_url}))
    }

    fn query(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = self.verified(message)?;
        let order_sn = required_text(fields, "order_sn")?;
        let order = self.orders.by_gateway_order_no(order_sn).ok_or_else(|| refusal(40102))?;
        let (amount, _) = order.told();
        let paid = order.paid.as_ref();
        // Figures are printed partly as numbers and partly as texts, as in the samples.
        Ok(json!({
            "mch_id": self.config.mch_id,
            "out_trade_no": order.order_no,
            "order_sn": order.gateway_order_no,
            "pay_channel_id": order.terms.pay_channel_id,
            "total_fee": amount.to_string(),
            "status": status_number(order.state),
            "cash_fee": paid.map_or(0, |paid| paid.amount).to_string(),
            "created_at": clock::spaced(order.created_at),
            "finish_time": paid.map_or(String::new(), |paid| clock::spaced(paid.at)),
            "body": order.terms.body,
            "attach": order.terms.attach,
        }))
    }

    /// The message's fields, when they come from the merchant.
    fn verified<'m>(&self, message: &'m Message) -> Result<&'m Fields, Refusal> {
        if message.method != Method::POST {
            return Err(refusal(4007));
        }
        let fields = readable(&message.fields)?;
        if required_text(fields, "mch_id")? != self.config.mch_id {
            return Err(Refusal::new(4002, "无效的mch_id"));
        }
        required_text(fields, "sign")?;
        if sign::verify(fields, self.config.key.expose()) { Ok(fields) } else { Err(refusal(4004)) }
    }

    /// The signature of an answer, when answers are configured to have one.
    fn sign(&self, fields: &Fields) -> Option<String> {
        if self.settings.get().sign_answers { sign::sign(fields, self.config.key.expose()) } else { None }
    }
}
