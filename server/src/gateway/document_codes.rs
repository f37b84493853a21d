//! The response codes that the Jubao document prints. They are BlueOcean's own; Jubao answers the same numbers.
//!
//! Source: 聚宝 Pay document, 1.6 响应码说明.

use countersign_core::FailureClass::{Configuration, Final, Payer, Query, Retry};

use super::errors::{Row, row};

/// Every published code but 200, which is success, and 0 of the `ret` envelope, which is success too.
#[rustfmt::skip]
pub(crate) const TABLE: &[Row] = &[
    row("0", "general_error", Query, "The payment service reported a general error. We are asking for the outcome.", "支付平台返回通用错误，正在查询结果。"),
    row("201", "outcome_unknown", Query, "The outcome is not known yet. We are asking the payment service.", "支付结果未知，正在查询。"),
    row("404", "no_such_endpoint", Configuration, "The shop's payment settings are wrong.", "商户的支付接口地址有误。"),
    row("4001", "bad_format", Configuration, "The shop's request was malformed.", "商户请求格式有误。"),
    row("4002", "bad_credentials", Configuration, "The shop's credentials are wrong.", "商户号无效。"),
    row("4003", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求缺少参数。"),
    row("4004", "bad_signature", Configuration, "The shop's signature was refused.", "商户签名有误。"),
    row("4005", "communication_error", Retry, "The payment service could not be reached. Please try again.", "支付平台通讯出错，请重试。"),
    row("4006", "busy", Retry, "The payment service is busy. Please try again.", "支付平台繁忙，请重试。"),
    row("4007", "bad_method", Configuration, "The shop's request was malformed.", "商户请求方式有误。"),
    row("40100", "invalid_request", Configuration, "The shop's request was refused.", "商户请求无效。"),
    row("40101", "already_paid", Query, "This order seems to be paid already. We are asking the payment service.", "该订单可能已支付，正在查询。"),
    row("40102", "no_such_order", Query, "The payment service does not know this order yet.", "支付平台尚无该订单。"),
    row("40103", "order_closed", Final, "This order is closed.", "订单已关闭。"),
    row("40104", "order_reversed", Final, "This order was reversed.", "订单已撤销。"),
    row("40105", "order_refunded", Final, "This order was refunded.", "订单已退款。"),
    row("40106", "duplicate_order", Query, "This order number is known already. We are asking what became of it.", "订单号重复，正在查询结果。"),
    row("40107", "merchant_balance_too_low", Configuration, "The shop cannot take this payment at the moment.", "商户账户余额不足。"),
    row("40108", "refund_period_over", Final, "The refund period is over.", "订单超过退款期限。"),
    row("40109", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求缺少参数。"),
    row("40110", "bad_encoding", Configuration, "The shop's request was not UTF-8.", "商户请求编码有误。"),
    row("40111", "code_used", Payer, "This payment code was used before. Please show a new one.", "付款码已使用，请刷新后重试。"),
    row("40400", "busy", Retry, "The payment service is busy. Please try again.", "系统繁忙，请重试。"),
    row("40500", "payment_error", Final, "The payment service refused the payment.", "支付平台拒绝了该支付。"),
    row("40600", "unknown_error", Query, "The outcome is not known yet. We are asking the payment service.", "未知错误，正在查询结果。"),
    row("490001", "bad_time", Configuration, "The shop's request was malformed.", "商户请求的时间参数有误。"),
    row("491001", "bad_json", Configuration, "The shop's request was malformed.", "商户请求不是合法的 JSON。"),
    row("491002", "too_long", Configuration, "A field of the shop's request is too long.", "商户请求的参数过长。"),
    row("491003", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求的参数为空。"),
    row("492001", "bad_format", Configuration, "The shop's request was malformed.", "商户请求的参数格式有误。"),
    row("492002", "no_such_data", Query, "The payment service does not know this order yet.", "支付平台尚无该数据。"),
    row("492003", "not_supported_upstream", Configuration, "This way of paying is not available at this shop.", "商户未开通该支付方式。"),
    row("492004", "upstream_timeout", Query, "The outcome is not known yet. We are asking the payment service.", "上游请求超时，正在查询结果。"),
    row("492005", "upstream_empty", Query, "The outcome is not known yet. We are asking the payment service.", "上游响应为空，正在查询结果。"),
    row("492006", "rate_error", Retry, "The exchange rate could not be had. Please try again.", "汇率接口出错，请重试。"),
    row("492007", "rate_unreadable", Retry, "The exchange rate could not be had. Please try again.", "汇率接口响应无法解析，请重试。"),
    row("493001", "refund_number_used", Final, "This refund number was used before.", "退款单号重复。"),
    row("499999", "unknown_error", Query, "The outcome is not known yet. We are asking the payment service.", "未知错误，正在查询结果。"),
];

#[cfg(test)]
mod tests {
    use super::super::errors::{assert_sound, failure};
    use super::*;

    #[test]
    fn the_table_is_sound_and_unknown_codes_are_unknown_outcomes() {
        assert_sound(TABLE);
        assert_eq!(failure(TABLE, "12345").class, Query);
        assert_eq!(failure(TABLE, "492004").class, Query);
        assert_eq!(failure(TABLE, "40500").class, Final);
    }
}
