//! The wallet's refusals, with the texts that its documents print.

use serde_json::{Value, json};

use crate::gateways::endpoint::Refusal;

/// Wraps an answer: `{code, msg, data}`, `data` an empty list when there is nothing to say.
///
/// A refusal without text is the later kind of the documents (-101001), which has no `msg` but two other fields.
pub(super) fn envelope(answer: Result<Value, Refusal>) -> Value {
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

/// A refusal of `pay_small_money`.
pub(super) fn micropayment(code: i64) -> Refusal {
    let text = match code {
        10030 => "app_id不能为空",
        10032 => "没有权限",
        10034 => "user_open_id不能为空",
        10035 => "用户不合法",
        10036 => "secret不能为空",
        10037 => "secret不正确",
        10038 => "商户订单号不能为空",
        10039 => "当前订单号已经存在",
        10041 => "用户余额不足",
        10042 => "支付金额不能为空",
        10043 => "支付金额低于最小限制",
        10044 => "支付金额超过限额",
        10045 => "商品名称不能为空",
        10046 => "收款地址不能为空",
        10047 => "收款地址格式不正确",
        10048 => "收款地址金额必须为整数",
        10049 => "收款地址金额总和与支付金额不一致",
        _ => "创建订单失败",
    };
    Refusal::new(code, format!("小额支付错误，{text}，错误码:{code}"))
}

/// A refusal of `search_order`.
pub(super) fn search(code: i64) -> Refusal {
    let text = match code {
        10200 => "app_id不能为空",
        10201 => "没有权限",
        10202 => "secret不能为空",
        10203 => "secret不正确",
        10204 => "商户订单号不能为空",
        _ => "订单不存在",
    };
    Refusal::new(code, format!("订单查询错误，{text}，错误码:{code}"))
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
        assert_eq!(envelope(Err(balance_too_low(0, 700, 113))), sample);
    }

    #[test]
    fn the_answer_to_a_duplicate_is_the_documents_sample() {
        let sample =
            json!({"code": 10039, "msg": "小额支付错误，当前订单号已经存在，错误码:10039", "data": []});
        assert_eq!(envelope(Err(micropayment(10039))), sample);
    }
}
