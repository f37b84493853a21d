//! DotWallet's published codes, with their signs: `-10039` is not `10039`.
//!
//! Source: DotWallet open platform, error codes; micropayment page (-101001); the group -101001, -10039, -10044 as
//! shipped clients test it.

use countersign_core::Failure;
use countersign_core::FailureClass::{Configuration, Query, Reauthorize, Retry};

use crate::gateway::errors::{Row, failure, row};

/// `search_order` found nothing.
pub(super) const NOT_FOUND: i64 = 10205;

/// The codes of automatic payments.
#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    row("10030", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。"),
    row("10032", "no_permission", Configuration, "The shop may not take payments at DotWallet.", "商户没有打点钱包的收款权限。"),
    row("10033", "redirect_uri_not_allowed", Configuration, "The shop's return address is not registered at DotWallet.", "商户的回调地址未在打点钱包登记。"),
    row("10034", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。"),
    row("10035", "payer_unknown", Configuration, "DotWallet does not know this user.", "打点钱包不认识该用户。"),
    row("10036", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。"),
    row("10037", "bad_credentials", Configuration, "The shop's credentials at DotWallet are wrong.", "商户在打点钱包的密钥有误。"),
    row("10038", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。"),
    row("10039", "duplicate_order", Query, "This order number is known already. We are asking what became of it.", "该订单号已存在，正在查询结果。"),
    row("10040", "order_not_created", Retry, "DotWallet could not create the order. Please try again.", "打点钱包未能创建订单，请重试。"),
    row("10041", "insufficient_funds", Reauthorize, "Your balance for automatic payments is too low.", "您的自动支付余额不足。"),
    row("10042", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。"),
    row("10043", "amount_too_small", Configuration, "The amount is below DotWallet's minimum.", "金额低于打点钱包的下限。"),
    row("10044", "limit_exceeded", Reauthorize, "The amount is above the limit you set for automatic payments.", "金额超过您设置的自动支付限额。"),
    row("10045", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。"),
    row("10046", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。"),
    row("10047", "invalid_address", Configuration, "A receiving address of the shop is malformed.", "商户的收款地址格式有误。"),
    row("10048", "invalid_address", Configuration, "A receiving amount of the shop is malformed.", "商户的收款金额格式有误。"),
    row("10049", "sum_mismatch", Configuration, "The receiving amounts do not add up.", "收款金额合计与订单金额不符。"),
    row("-101001", "insufficient_funds", Reauthorize, "Your balance for automatic payments is too low.", "您的自动支付余额不足。"),
    row("-10039", "insufficient_funds_or_limit", Reauthorize, "Your balance or limit for automatic payments is too low.", "您的自动支付余额或限额不足。"),
    row("-10044", "insufficient_funds_or_limit", Reauthorize, "Your balance or limit for automatic payments is too low.", "您的自动支付余额或限额不足。"),
];

/// Whether a code that asks for consent must be looked up first, because no document defines it.
pub(super) fn asks_before_consent(gateway_code: &str) -> bool {
    matches!(gateway_code, "-10039" | "-10044")
}

/// The order look-up says that the order failed.
pub(super) fn order_failed() -> Failure {
    let mut failed = failure(TABLE, "10040");
    failed.code = "order_failed".to_owned();
    failed.gateway_code = Some("-1".to_owned());
    failed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::errors::assert_sound;

    #[test]
    fn the_table_is_sound_and_signs_matter() {
        assert_sound(TABLE);
        assert_eq!(failure(TABLE, "10039").class, Query);
        assert_eq!(failure(TABLE, "-10039").class, Reauthorize);
        assert_eq!(failure(TABLE, "99999").class, Query);
    }
}
