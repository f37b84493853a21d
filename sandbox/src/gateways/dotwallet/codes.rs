//! The wallet's refusals, with the texts that its documents print.

use serde_json::{Value, json};

use crate::gateways::endpoint::Refusal;
use crate::gateways::world::World;

/// Wraps an answer: `{code, msg, data}`, `data` an empty list when there is nothing to say.
///
/// A refusal without text is the later kind of the documents (-101001), which has no `msg` but two other fields.
pub(super) fn envelope(_world: &World, answer: Result<Value, Refusal>) -> Value {
    wrapped(answer)
}

fn wrapped(answer: Result<Value, Refusal>) -> Value {
    match answer {
        Ok(data) => json!({"code": 0, "msg": "", "data": data}),
        Err(Refusal { code, message, data: Some(data) }) if message.is_empty() => {
            json!({"code": code, "next_do": "todo", "show_kind": 1, "data": data})
        }
        Err(Refusal { code, message, data }) => {
            json!({"code": code, "msg": message, "data": data.unwrap_or_else(|| json!([]))})
        }
    }
}

/// A refusal by the document's table.
pub(super) fn refusal(code: i64) -> Refusal {
    Refusal::new(code, format!("{}，{}，错误码:{code}", subject(code), reason(code)))
}

const fn subject(code: i64) -> &'static str {
    match code {
        10030..=10049 => "小额支付错误",
        10100..=10199 => "下单错误",
        10200..=10299 => "订单查询错误",
        10300..=10399 => "刷新授权错误",
        _ => "授权登录错误",
    }
}

const fn reason(code: i64) -> &'static str {
    match code {
        10010 | 10030 | 10100 | 10200 | 10300 => "app_id不能为空",
        10011 | 10031 | 10110 => "redirect_uri不能为空",
        10012 | 10032 | 10101 | 10201 | 10301 => "没有权限",
        10003 | 10013 | 10033 => "redirect_uri 不合法",
        10014 | 10036 | 10202 => "secret不能为空",
        10015 | 10037 | 10203 => "secret不正确",
        10016 => "code不能为空",
        10017 => "code不合法",
        10018 => "用户没有授权",
        10019 => "生成token失败",
        10020 => "access_token不能为空",
        10021 => "获取用户信息失败",
        10034 => "user_open_id不能为空",
        10035 => "用户不合法",
        10038 | 10102 | 10204 => "商户订单号不能为空",
        10039 | 10107 => "当前订单号已经存在",
        10041 => "用户余额不足",
        10042 => "支付金额不能为空",
        10043 => "支付金额低于最小限制",
        10044 => "支付金额超过限额",
        10045 | 10103 => "商品名称不能为空",
        10046 => "收款地址不能为空",
        10047 => "收款地址格式不正确",
        10048 => "收款地址金额必须为整数",
        10049 => "收款地址金额总和与支付金额不一致",
        10104 => "订单金额不能为空或不是整数",
        10105 => "nonce_str不能为空或不是整数",
        10106 => "签名不能为空或不正确",
        10109 => "nonce_str不能为空",
        10205 => "订单不存在",
        10302 => "refresh_token不能为空",
        10303 => "刷新失败",
        _ => "创建订单失败",
    }
}

/// The autopay wallet holds less than amount and miner fee.
pub(super) fn balance_too_low(balance: i64, amount: i64, fee: i64) -> Refusal {
    let text =
        format!("balance={balance},amount={amount},fee={fee},{balance} < {}", amount.saturating_add(fee));
    Refusal { code: -101001, message: String::new(), data: Some(json!(text)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_to_a_low_balance_is_the_documents_sample() {
        let sample = json!({"code": -101001, "next_do": "todo", "show_kind": 1, "data": "balance=0,amount=700,fee=113,0 < 813"});
        assert_eq!(wrapped(Err(balance_too_low(0, 700, 113))), sample);
    }

    #[test]
    fn the_answer_to_a_duplicate_is_the_documents_sample() {
        let sample =
            json!({"code": 10039, "msg": "小额支付错误，当前订单号已经存在，错误码:10039", "data": []});
        assert_eq!(wrapped(Err(refusal(10039))), sample);
    }
}
