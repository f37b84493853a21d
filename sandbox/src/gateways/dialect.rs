//! What Jubao and BlueOcean have in common, being two dialects of one document: the table of codes, and how fields of
//! a message are read.

use serde_json::Value;

use super::endpoint::Refusal;
use super::message::{Fields, Malformed, printed};
use super::page::web_address;

/// Length of `attach` by the document.
const ATTACH_CHARS_MAX: usize = 128;

/// A refusal by the document's table, with the text that stands there.
pub(crate) fn refusal(code: i64) -> Refusal {
    let text = match code {
        404 => "接口地址错误",
        4001 => "请求数据格式错误，请使用JSON数据格式",
        4002 => "无效AppId",
        4004 => "签名错误",
        4007 => "请求方式错误，请使用POST方式",
        40100 => "无效请求",
        40101 => "订单已支付",
        40102 => "订单不存在",
        40103 => "订单已关闭",
        40104 => "订单已撤销",
        40105 => "订单已退款",
        40106 | 40500 => "订单号重复",
        40107 => "余额不足",
        40108 => "订单超过退款期限",
        40110 => "编码格式错误，请使用UTF8编码格式",
        40111 => "每个二维码只可以用一次",
        491002 => "参数长度不能超过限定长度",
        492002 => "数据不存在",
        492003 => "上游厂商不支持此功能",
        493001 => "退款单号重复",
        _ => "未知错误",
    };
    Refusal::new(code, text)
}

/// A field that every call needs is not there.
pub(crate) fn missing(name: &str) -> Refusal {
    Refusal::new(4003, format!("缺少参数: {name}"))
}

/// A field that this way to pay needs is not there.
pub(crate) fn missing_here(name: &str) -> Refusal {
    Refusal::new(40109, format!("缺少参数: {name}"))
}

pub(crate) fn ill_formed(name: &str) -> Refusal {
    Refusal::new(492001, format!("参数格式不符合指定要求: {name}"))
}

/// The fields of a message, when its body can be read.
pub(crate) fn readable(fields: &Result<Fields, Malformed>) -> Result<&Fields, Refusal> {
    fields.as_ref().map_err(|reason| {
        refusal(match reason {
            Malformed::NotUtf8 => 40110,
            Malformed::TooLarge => 491002,
            Malformed::NotJsonObject | Malformed::NeitherFormNorJson => 4001,
        })
    })
}

pub(crate) fn required_text<'f>(fields: &'f Fields, name: &str) -> Result<&'f str, Refusal> {
    match fields.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        None | Some(Value::String(_)) => Err(missing(name)),
        Some(_) => Err(ill_formed(name)),
    }
}

pub(crate) fn optional_text<'f>(fields: &'f Fields, name: &str) -> Result<&'f str, Refusal> {
    match fields.get(name) {
        None => Ok(""),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(ill_formed(name)),
    }
}

pub(crate) fn optional_address(fields: &Fields, name: &str) -> Result<Option<String>, Refusal> {
    match optional_text(fields, name)? {
        "" => Ok(None),
        text => web_address(text).map(|_| Some(text.to_owned())).ok_or_else(|| ill_formed(name)),
    }
}

/// What the merchant wants back in the notification.
pub(crate) fn attach(fields: &Fields) -> Result<&str, Refusal> {
    let attach = optional_text(fields, "attach")?;
    if attach.chars().count() > ATTACH_CHARS_MAX {
        return Err(Refusal::new(491002, "参数长度不能超过限定长度: attach"));
    }
    Ok(attach)
}

/// A whole number: the tables say int, the samples write it as a number and as a text of digits.
pub(crate) fn whole_number(fields: &Fields, name: &str) -> Result<i64, Refusal> {
    let text = match fields.get(name) {
        None => return Err(missing(name)),
        Some(value @ (Value::String(_) | Value::Number(_))) => printed(value).unwrap_or_default(),
        Some(_) => return Err(ill_formed(name)),
    };
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| ill_formed(name))
}

/// A whole number above zero.
pub(crate) fn amount(fields: &Fields, name: &str) -> Result<i64, Refusal> {
    whole_number(fields, name).and_then(|amount| if amount > 0 { Ok(amount) } else { Err(ill_formed(name)) })
}
