//! DotWallet's published codes, with their signs: `-10039` is not `10039`.
//!
//! Source: DotWallet open platform, error codes; DotWallet micropayment (10003, 10039, -101001); the group -101001,
//! -10039, -10044 as shipped clients test it.

use countersign_core::Failure;
use countersign_core::FailureClass::{Configuration, Query, Reauthorize, Retry};

use super::wire::Envelope;
use crate::gateway::errors::{self, Row, row};
use crate::secret::Secret;

/// `search_order` found nothing.
pub(super) const NOT_FOUND: i64 = 10205;

/// The longest text of the gateway's that is passed on, in characters.
const SAID_MAX: usize = 120;

/// Every code, call by call: no code is used by two of them.
#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    // Pages: the login page and the consent page check the return address alike.
    row("10003", "redirect_uri_not_allowed", Configuration, "The shop's return address is not registered at DotWallet.", "商户的回调地址未在打点钱包登记。"),

    // Login: get_code, access_token, get_user_info.
    row("10010", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。"),
    row("10011", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。"),
    row("10012", "no_permission", Configuration, "The shop may not offer this login at DotWallet.", "商户没有打点钱包的登录权限。"),
    row("10013", "redirect_uri_not_allowed", Configuration, "The shop's return address is not registered at DotWallet.", "商户的回调地址未在打点钱包登记。"),
    row("10014", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。"),
    row("10015", "bad_credentials", Configuration, "The shop's credentials at DotWallet are wrong.", "商户在打点钱包的密钥有误。"),
    row("10016", "code_invalid", Reauthorize, "The login could not be finished. Please log in again.", "登录未能完成，请重新登录。"),
    row("10017", "code_invalid", Reauthorize, "This login is no longer valid. Please log in again.", "本次登录已失效，请重新登录。")
        .hint("A login's code works once and for five minutes; the signer asks the payer to log in again."),
    row("10018", "payer_not_authorised", Reauthorize, "You have not allowed this shop to know your DotWallet account.", "您尚未授权该商户使用您的打点钱包账户。"),
    row("10019", "token_not_made", Retry, "DotWallet could not finish the login. Please try again.", "打点钱包未能完成登录，请重试。")
        .hint("DotWallet's side of the login failed; the signer asks the payer to log in again."),
    row("10020", "token_invalid", Reauthorize, "Your login at DotWallet has ended. Please log in again.", "您在打点钱包的登录已过期，请重新登录。"),
    row("10021", "token_invalid", Reauthorize, "Your login at DotWallet has ended. Please log in again.", "您在打点钱包的登录已过期，请重新登录。"),

    // Automatic payments: set_pay_config, pay_small_money.
    row("10030", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。"),
    row("10031", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。"),
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

    // Orders: create_order.
    row("10100", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。"),
    row("10101", "no_permission", Configuration, "The shop may not take payments at DotWallet.", "商户没有打点钱包的收款权限。"),
    row("10102", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。"),
    row("10103", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。"),
    row("10104", "amount_malformed", Configuration, "DotWallet did not take the amount.", "打点钱包不接受该金额。"),
    row("10105", "invalid_request", Configuration, "The shop's request was malformed.", "商户请求格式有误。"),
    row("10106", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。"),
    row("10107", "duplicate_order", Query, "This order number is known already. We are asking what became of it.", "该订单号已存在，正在查询结果。"),
    row("10108", "order_not_created", Retry, "DotWallet could not create the order. Please try again.", "打点钱包未能创建订单，请重试。")
        .hint("Confirm the payment again; the signer uses a new order number. No code is published for a wrong signature: if this stays, check the account's secret."),
    row("10109", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。"),
    row("10110", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。")
        .hint("DotWallet wants a return address for this application: give the payment a `return_url`."),

    // Order look-up: search_order. A look-up that is refused says nothing of the order.
    row("10200", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。"),
    row("10201", "no_permission", Configuration, "The shop may not look orders up at DotWallet.", "商户没有打点钱包的订单查询权限。"),
    row("10202", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。"),
    row("10203", "bad_credentials", Configuration, "The shop's credentials at DotWallet are wrong.", "商户在打点钱包的密钥有误。"),
    row("10204", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。"),
    row("10205", "no_such_order", Query, "DotWallet does not know this order yet. We keep asking.", "打点钱包尚无该订单，正在继续查询。"),

    // Renewing a login: refresh_access_token.
    row("10300", "missing_field", Configuration, "The shop's request was incomplete.", "商户请求不完整。"),
    row("10301", "no_permission", Configuration, "The shop may not offer this login at DotWallet.", "商户没有打点钱包的登录权限。"),
    row("10302", "token_invalid", Reauthorize, "Your login at DotWallet has ended. Please log in again.", "您在打点钱包的登录已过期，请重新登录。"),
    row("10303", "token_invalid", Reauthorize, "Your login at DotWallet has ended. Please log in again.", "您在打点钱包的登录已过期，请重新登录。"),
];

/// What is learnt otherwise than from a code.
#[rustfmt::skip]
const WITHOUT_A_CODE: &[Row] = &[
    row("pay_status", "consent_missing", Reauthorize, "You have not switched automatic payments on for this shop.", "您尚未为该商户开通自动支付。"),
    row("pre_amount", "limit_exceeded", Reauthorize, "The amount is above the limit you set for automatic payments.", "金额超过您设置的自动支付限额。"),
    row("status", "order_failed", Retry, "The order was not paid at DotWallet. Please try again.", "该订单未在打点钱包完成支付，请重试。")
        .hint("DotWallet says that the order failed or was given up; confirming again places it under a new number."),
];

/// The failure that a refusing answer stands for. Where no row says more, the gateway's own words go to the merchant.
pub(super) fn failure(answer: &Envelope, secret: &Secret) -> Failure {
    let mut failure = errors::failure(TABLE, answer.code.as_str());
    if let (Some(said), Some(hint)) = (said(answer, secret), failure.hint.as_mut())
        && !TABLE.iter().any(|row| row.gateway_code == answer.code.as_str())
    {
        hint.push_str(&format!(" DotWallet says: {said}"));
    }
    failure
}

/// `msg`, shortened, unless it repeats the secret that the call carried.
fn said(answer: &Envelope, secret: &Secret) -> Option<String> {
    let msg = answer.msg.filled().filter(|msg| !msg.contains(secret.expose()))?;
    Some(msg.chars().filter(|c| !c.is_control()).take(SAID_MAX).collect())
}

/// Whether a code that asks for consent must be looked up first, because no document says of it, for this call, that
/// nothing was charged.
pub(super) fn asks_before_consent(gateway_code: &str) -> bool {
    !matches!(gateway_code, "10041" | "10044" | "-101001")
}

/// `get_user_info` says that automatic payments are not switched on.
pub(super) fn consent_missing() -> Failure {
    without_code("pay_status")
}

/// `get_user_info` says a limit that the amount is above.
pub(super) fn limit_exceeded() -> Failure {
    without_code("pre_amount")
}

/// The order look-up says that the order failed.
pub(super) fn order_failed() -> Failure {
    Failure { gateway_code: Some("-1".to_owned()), ..without_code("status") }
}

fn without_code(field: &str) -> Failure {
    Failure { gateway_code: None, ..errors::failure(WITHOUT_A_CODE, field) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::errors::assert_sound;
    use crate::vectors::wire;

    #[test]
    fn every_published_code_has_its_row_and_no_other() {
        assert_sound(TABLE);
        assert_sound(WITHOUT_A_CODE);
        let list: serde_json::Value = serde_json::from_slice(&wire("../codes/dotwallet.json")).unwrap();
        let code = |entry: &serde_json::Value| entry["code"].as_str().unwrap().to_owned();
        let mut published: Vec<String> = list["codes"].as_array().unwrap().iter().map(code).collect();
        let mut ours: Vec<String> = TABLE.iter().map(|row| row.gateway_code.to_owned()).collect();
        published.sort();
        ours.sort();
        assert_eq!(ours, published);
    }

    #[test]
    fn signs_matter_and_an_unknown_code_is_no_success() {
        let class = |code| errors::failure(TABLE, code).class;
        assert_eq!((class("10039"), class("-10039")), (Query, Reauthorize));
        assert_eq!((class("10044"), class("-10044")), (Reauthorize, Reauthorize));
        assert_eq!((class("10107"), class("99999"), class("")), (Query, Query, Query));
        assert!(asks_before_consent("-10039") && asks_before_consent("10021"));
        assert!(!asks_before_consent("10041"));
    }

    #[test]
    fn the_gateways_own_words_are_passed_on_only_where_no_row_says_more() {
        let secret = Secret::new("dw_test_secret_0001".into());
        let hint = |text: &str| {
            let answer: Envelope = serde_json::from_str(text).unwrap();
            failure(&answer, &secret).hint.unwrap()
        };
        assert!(
            hint(r#"{"code": 19999, "msg": "something new"}"#).ends_with("DotWallet says: something new")
        );
        assert!(!hint(r#"{"code": 10037, "msg": "secret wrong"}"#).contains("secret wrong"));
        for silent in
            [r#"{"code": 19999}"#, r#"{"code": 19999, "msg": []}"#, r#"{"code": 19999, "msg": null}"#]
        {
            assert!(!hint(silent).contains("says"), "{silent}");
        }
        let leaking = r#"{"code": 19999, "msg": "bad secret dw_test_secret_0001"}"#;
        assert!(!hint(leaking).contains("dw_test_secret"));
        let long = format!(r#"{{"code": 19999, "msg": "{}\n"}}"#, "长".repeat(500));
        assert!(hint(&long).ends_with(&format!(" {}", "长".repeat(SAID_MAX))));
    }
}
