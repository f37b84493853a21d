//! The calls of the merchant's server: pay, and ask for an order. JSON only.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::Method;
use serde_json::Value;

use super::answer::{Figures, envelope};
use super::{BlueOcean, Terms, channel, sign};
use crate::gateways::clock;
use crate::gateways::endpoint::{Endpoint, Refusal};
use crate::gateways::message::{Encoding, Fields, Malformed, Message, printed};
use crate::gateways::number;
use crate::gateways::orders::Order;
use crate::gateways::page::web_address;
use crate::gateways::world::{Gateway, World};

/// Length of `attach` by the document.
const ATTACH_CHARS_MAX: usize = 128;

const fn endpoint(name: &'static str) -> Endpoint {
    Endpoint { gateway: Gateway::BlueOcean, name, envelope }
}

/// `POST payment/pay`
pub(super) async fn pay(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("pay").serve(&world, request, |message| world.blueocean.pay(message)).await
}

/// `POST order/query`
pub(super) async fn query(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("query").serve(&world, request, |message| world.blueocean.query(message)).await
}

/// Any other path.
pub(super) async fn no_such_interface(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("unknown").serve(&world, request, |_| Err(Refusal::new(404, "接口地址错误"))).await
}

impl BlueOcean {
    fn pay(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = self.verified(message)?;
        let payment = required_text(fields, "payment")?;
        let total_fee = required_amount(fields, "total_fee")?;
        let channel = channel::find(payment).ok_or_else(|| Refusal::new(492003, "上游厂商不支持此功能"))?;
        let attach = optional_text(fields, "attach")?;
        if attach.chars().count() > ATTACH_CHARS_MAX {
            return Err(Refusal::new(491002, "参数长度不能超过限定长度: attach"));
        }
        let sn = format!("11{}{}", clock::packed(clock::now()), number::digits(12));
        let order_no = match optional_text(fields, "out_trade_no")? {
            "" => sn.clone(),
            order_no => order_no.to_owned(),
        };
        let terms = Terms {
            id: number::digits(7),
            channel,
            body: optional_text(fields, "body")?.to_owned(),
            attach: attach.to_owned(),
            wallet: optional_text(fields, "wallet")?.to_owned(),
            discount: 0,
        };
        let mut order = Order::new(order_no, sn, (total_fee, &self.config.currency), terms);
        order.notify_url = optional_address(fields, "notify_url")?;
        order.return_url = optional_address(fields, "h5_redirect_url")?;
        let answer = self.describe(&order, Figures::Numbers);
        self.orders.place(order).map_err(|_| Refusal::new(40106, "订单号重复"))?;
        Ok(answer)
    }

    fn query(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = self.verified(message)?;
        // `sn` wins over `out_trade_no`.
        let order = match (optional_text(fields, "sn")?, optional_text(fields, "out_trade_no")?) {
            ("", "") => return Err(missing("sn")),
            ("", order_no) => self.orders.by_order_no(order_no),
            (sn, _) => self.orders.by_gateway_order_no(sn),
        };
        let order = order.ok_or_else(|| Refusal::new(40102, "订单不存在"))?;
        Ok(self.describe(&order, Figures::Texts))
    }

    /// The message's fields, when they come from the merchant.
    fn verified<'m>(&self, message: &'m Message) -> Result<&'m Fields, Refusal> {
        if message.method != Method::POST {
            return Err(Refusal::new(4007, "请求方式错误，请使用POST方式"));
        }
        if message.encoding != Encoding::Json {
            return Err(Refusal::new(4001, "请求数据格式错误，请使用JSON数据格式"));
        }
        let fields = message.fields.as_ref().map_err(|reason| match reason {
            Malformed::NotUtf8 => Refusal::new(40110, "编码格式错误，请使用UTF8编码格式"),
            Malformed::TooLarge => Refusal::new(491002, "参数长度不能超过限定长度"),
            Malformed::NotJsonObject | Malformed::NeitherFormNorJson => {
                Refusal::new(4001, "请求数据格式错误，请使用JSON数据格式")
            }
        })?;
        let appid = fields.get("appid").and_then(printed).filter(|appid| !appid.is_empty());
        if appid.ok_or_else(|| missing("appid"))? != self.config.appid {
            return Err(Refusal::new(4002, "无效AppId"));
        }
        required_text(fields, "sign")?;
        if sign::verify(fields, self.config.key.expose()) {
            Ok(fields)
        } else {
            Err(Refusal::new(4004, "签名错误"))
        }
    }
}

fn missing(name: &str) -> Refusal {
    Refusal::new(4003, format!("缺少参数: {name}"))
}

fn ill_formed(name: &str) -> Refusal {
    Refusal::new(492001, format!("参数格式不符合指定要求: {name}"))
}

fn required_text<'f>(fields: &'f Fields, name: &str) -> Result<&'f str, Refusal> {
    match fields.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        None | Some(Value::String(_)) => Err(missing(name)),
        Some(_) => Err(ill_formed(name)),
    }
}

fn optional_text<'f>(fields: &'f Fields, name: &str) -> Result<&'f str, Refusal> {
    match fields.get(name) {
        None => Ok(""),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(ill_formed(name)),
    }
}

fn optional_address(fields: &Fields, name: &str) -> Result<Option<String>, Refusal> {
    match optional_text(fields, name)? {
        "" => Ok(None),
        text => web_address(text).map(|_| Some(text.to_owned())).ok_or_else(|| ill_formed(name)),
    }
}

/// A positive whole number of cents; samples write it as a number and as a text.
fn required_amount(fields: &Fields, name: &str) -> Result<i64, Refusal> {
    let text = match fields.get(name) {
        None => return Err(missing(name)),
        Some(value @ (Value::String(_) | Value::Number(_))) => printed(value).unwrap_or_default(),
        Some(_) => return Err(ill_formed(name)),
    };
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|amount| digits && *amount > 0).ok_or_else(|| ill_formed(name))
}
