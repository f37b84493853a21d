//! Hicoin's published codes: one number and two texts of its authorise page. Any other code leaves the outcome unknown,
//! and a query decides.
//!
//! The wallet product of the same company prints four more numbers. Whether they mean the same here is not published, so
//! their rows have the class of an unknown code and differ from it only in the advice.
//!
//! Source: Hicoin API-Platform, questions (110043) and authorise (the texts).

use countersign_core::FailureClass::{Configuration, Final, Payer, Query};
use countersign_core::{Failure, FailureClass, Text};

use crate::gateway::errors::{Row, failure, row};

const ASKING: &str = "The outcome is not known yet. We are asking the payment service.";
const ASKING_ZH: &str = "结果尚未确定，正在向支付平台查询。";

/// The texts stand where codes do: the page shows them without a number.
#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    row("110043", "merchant_balance_too_low", Configuration, "The shop's account at the payment service holds too little at the moment.", "商户业务账户余额不足。")
        .hint("Payouts come out of the business account, and what payers paid waits 24 hours in the unsettled account. Move funds from the balance account to the business account in the portal; then refund again: this refund was not paid out."),
    row("请在APP中访问此页面", "outside_app", Payer, "Please open the shop inside the wallet's app.", "请在钱包 APP 内打开此页面。")
        .hint("The authorise page shows this text in any other browser, and inside the app when oauth_url is not the host of the merchant's own app. The signer never sees it: the payer simply does not come back."),
    row("无效的redirect_uri", "redirect_uri_not_allowed", Configuration, "The shop's login settings are wrong.", "商户的授权域名设置有误。")
        .hint("Register the scheme and host of server.public_url as the application's authorised domain in the portal, without a path or port. The page shows this text to the payer; the signer never sees it."),
    row("100004", "invalid_request", Query, ASKING, ASKING_ZH)
        .hint("In the company's wallet product this number is a bad parameter, e.g. an expired access_token or an unknown order. Whether it is here is not published, so the signer asks what became of the order."),
    row("100005", "bad_signature", Query, ASKING, ASKING_ZH)
        .hint("In the company's wallet product this number is a bad sign: compare mch_keys (payments) and app_secret (payouts) with the portal. Whether it is here is not published, so the signer asks what became of the order."),
    row("100007", "address_not_allowed", Query, ASKING, ASKING_ZH)
        .hint("In the company's wallet product this number is an address that is not on the allow-list: register the signer's in the portal. Whether it is here is not published, so the signer asks what became of the order."),
    row("110088", "duplicate_order", Query, ASKING, ASKING_ZH)
        .hint("In the company's wallet product this number is a duplicate submit. Do nothing: the signer asks what became of the first one."),
];

/// The login gave no token: nothing was ordered, so the payer may simply try again.
pub(super) fn login_refused(code: &str, said: &str) -> Failure {
    if TABLE.iter().any(|row| !row.gateway_code.is_ascii() && row.gateway_code == said) {
        return failure(TABLE, said);
    }
    let advice = "The code or refresh_token was used before or is too old. If no login works, compare app_id and \
                  app_secret with the portal, and register the signer's address in the portal's allow-list.";
    refusal(
        ("login_refused", Some(code)),
        Payer,
        ("The login was not accepted. Please try again.", "登录未被接受，请重试。"),
        advice,
    )
}

/// Nothing was paid out: the application has no token to do it with.
pub(super) fn base_token_refused(code: &str) -> Failure {
    let advice = "The application's own token was refused, so nothing was sent. Compare app_id and app_secret with the \
                  portal, and register the signer's address in the portal's allow-list; then refund again.";
    refusal(("base_token_refused", Some(code)), Configuration, NOT_REFUNDED, advice)
}

/// Nothing was paid out: nobody is known to pay it to.
pub(super) fn payer_not_known() -> Failure {
    let advice = "The payment is bound to no openid, so there is nobody to pay back to. Nothing was sent.";
    refusal(("payer_not_known", None), Final, NOT_REFUNDED, advice)
}

/// The gateway says that a payout failed. Its own words go to the merchant, never to the payer.
pub(super) fn transfer_failed(reason: &str) -> Failure {
    const CHARS_MAX: usize = 120;
    let reason: String = reason.chars().filter(|c| !c.is_control()).take(CHARS_MAX).collect();
    let reason = if reason.is_empty() { "none was given".to_owned() } else { format!("`{reason}`") };
    let advice = format!(
        "The payout failed and no money left; Hicoin's reason: {reason}. When it is mended, refund again; that is a \
         payout of its own."
    );
    refusal(("transfer_failed", None), Configuration, NOT_REFUNDED, &advice)
}

const NOT_REFUNDED: (&str, &str) =
    ("The refund was not paid out. Please contact the shop.", "退款未能打款，请联系商户。");

fn refusal(
    (code, gateway_code): (&str, Option<&str>),
    class: FailureClass,
    (en, zh): (&str, &str),
    hint: &str,
) -> Failure {
    Failure {
        code: code.to_owned(),
        gateway_code: gateway_code.map(str::to_owned),
        message: Text { en: en.to_owned(), zh: zh.to_owned() },
        class,
        hint: Some(hint.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        crate::gateway::errors::assert_sound(TABLE);
    }

    #[test]
    fn every_printed_code_and_text_has_its_row() {
        let printed = include_str!("../../../../tests/vectors/codes/hicoin.json");
        let printed: serde_json::Value = serde_json::from_str(printed).unwrap();
        for code in printed["codes"].as_array().unwrap() {
            let number = code["code"].as_str().filter(|code| !code.is_empty());
            let wanted = number.or(code["zh"].as_str()).unwrap();
            assert!(TABLE.iter().any(|row| row.gateway_code == wanted), "{wanted}");
        }
    }

    #[test]
    fn only_what_is_published_for_this_product_is_definite() {
        for row in TABLE {
            let published = row.gateway_code == "110043" || !row.gateway_code.is_ascii();
            assert_eq!(row.class != Query, published, "{}", row.gateway_code);
        }
        assert_eq!(failure(TABLE, "119999").class, Query);
        assert_eq!(failure(TABLE, "0").class, Query);
    }

    #[test]
    fn a_text_of_the_authorise_page_is_known_when_an_answer_brings_it() {
        assert_eq!(login_refused("1", "无效的redirect_uri").code, "redirect_uri_not_allowed");
        assert_eq!(login_refused("100004", "bad parameter").code, "login_refused");
    }

    #[test]
    fn the_gateways_words_are_bounded_and_never_for_the_payer() {
        let failure = transfer_failed(&format!("{}\u{0}\n", "余额不足".repeat(1000)));
        let hint = failure.hint.unwrap();
        assert!(hint.chars().count() < 300 && !hint.contains('\n'), "{hint}");
        assert!(!failure.message.zh.contains("余额不足"));
        assert!(transfer_failed("").hint.unwrap().contains("none was given"));
    }
}
