//! The calls of the merchant's server: place an order, ask for an order.

use axum::extract::Request;
use axum::response::Response;
use http::Method;
use serde_json::{Value, json};

use super::{Jubao, Terms, sign, status_number};
use crate::gateways::clock;
use crate::gateways::endpoint::{Endpoint, Refusal};
use crate::gateways::message::{Fields, Malformed, Message, printed};
use crate::gateways::number;
use crate::gateways::orders::Order;
use crate::gateways::page::web_address;
use crate::gateways::world::{Gateway, World};

/// Length of `attach` by the document.
const ATTACH_CHARS_MAX: usize = 128;

const fn endpoint(name: &'static str) -> Endpoint {
    Endpoint { gateway: Gateway::Jubao, name, envelope }
}

/// `POST index.php?_m=pay_gateway&_a=apply_pay`
pub(super) async fn apply_pay(world: &World, request: Request) -> Response {
    endpoint("apply_pay").serve(world, request, |message| world.jubao.apply_pay(message)).await
}

/// `POST index.php?_m=payment&_a=query`
pub(super) async fn query(world: &World, request: Request) -> Response {
    endpoint("query").serve(world, request, |message| world.jubao.query(message)).await
}

/// Any other `_m` and `_a`.
pub(super) async fn no_such_interface(world: &World, request: Request) -> Response {
    endpoint("unknown").serve(world, request, |_| Err(Refusal::new(404, "接口地址错误"))).await
}

/// Wraps an answer: `{ret, msg, data}`, where `ret` 0 is success.
fn envelope(answer: Result<Value, Refusal>) -> Value {
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
        let total_fee = whole_number(fields, "total_fee")?;
        if !self.config.pay_channel_ids.contains(&pay_channel_id) {
            return Err(Refusal::new(492003, "上游厂商不支持此功能: pay_channel_id"));
        }
        if total_fee < 1 {
            return Err(Refusal::new(492001, "参数格式不符合指定要求: total_fee"));
        }
        let attach = optional_text(fields, "attach")?;
        if attach.chars().count() > ATTACH_CHARS_MAX {
            return Err(Refusal::new(491002, "参数长度不能超过限定长度: attach"));
        }
        // The gateway makes up a number for a merchant that has none.
        let order_no = match optional_text(fields, "out_trade_no")? {
            "" => number::digits(19),
            order_no => order_no.to_owned(),
        };
        let terms = Terms {
            pay_channel_id,
            body: optional_text(fields, "body")?.to_owned(),
            attach: attach.to_owned(),
        };
        let order_sn = format!("{}{}", clock::packed(clock::now()), number::digits(6));
        let mut order = Order::new(order_no.clone(), order_sn.clone(), (total_fee, "CNY"), terms);
        order.notify_url = optional_address(fields, "notify_url")?;
        order.return_url = optional_address(fields, "return_url")?;
        self.orders.place(order).map_err(|_| Refusal::new(40500, "订单号重复"))?;
        let code_url = format!("{}{order_sn}", self.page_url);
        Ok(self.signed(json!({"out_trade_no": order_no, "order_sn": order_sn, "code_url": code_url})))
    }

    fn query(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = self.verified(message)?;
        let order_sn = required_text(fields, "order_sn")?;
        let order =
            self.orders.by_gateway_order_no(order_sn).ok_or_else(|| Refusal::new(40102, "订单不存在"))?;
        let (amount, _) = order.told();
        let paid = order.paid.as_ref();
        // Figures are printed partly as numbers and partly as texts, as in the samples.
        Ok(self.signed(json!({
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
        })))
    }

    /// The message's fields, when they come from the merchant.
    fn verified<'m>(&self, message: &'m Message) -> Result<&'m Fields, Refusal> {
        if message.method != Method::POST {
            return Err(Refusal::new(4007, "请求方式错误"));
        }
        let fields = message.fields.as_ref().map_err(|reason| match reason {
            Malformed::NotUtf8 => Refusal::new(40110, "编码格式错误"),
            Malformed::TooLarge => Refusal::new(491002, "参数长度不能超过限定长度"),
            Malformed::NotJsonObject | Malformed::NeitherFormNorJson => {
                Refusal::new(4001, "请求数据格式错误")
            }
        })?;
        if required_text(fields, "mch_id")? != self.config.mch_id {
            return Err(Refusal::new(4002, "无效的mch_id"));
        }
        required_text(fields, "sign")?;
        if sign::verify(fields, self.config.key.expose()) {
            Ok(fields)
        } else {
            Err(Refusal::new(4004, "签名错误"))
        }
    }

    /// The answer's data, with its signature when answers are configured to have one.
    fn signed(&self, mut data: Value) -> Value {
        if self.config.sign_answers
            && let Some(members) = data.as_object_mut()
        {
            let fields = members.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            members.insert("sign".into(), sign::sign(&fields, self.config.key.expose()).into());
        }
        data
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
        None => Err(missing(name)),
        Some(Value::String(text)) if text.is_empty() => Err(missing(name)),
        Some(Value::String(text)) => Ok(text),
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

/// A whole number: the table says int, the samples write it as a text of digits.
fn whole_number(fields: &Fields, name: &str) -> Result<i64, Refusal> {
    let text = match fields.get(name) {
        None => return Err(missing(name)),
        Some(value @ (Value::String(_) | Value::Number(_))) => printed(value).unwrap_or_default(),
        Some(_) => return Err(ill_formed(name)),
    };
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| ill_formed(name))
}
