//! The codes of BlueOcean, in the `code` envelope, and the words for states that are failures.

use countersign_core::FailureClass::{Final, Query};

use countersign_core::Failure;

use super::super::errors::{self, Row, row};
use super::wire::Told;
pub(super) use crate::gateway::document_codes::TABLE;

/// The longest message of the gateway that is passed on.
const SAID_CHARS_MAX: usize = 200;

/// What a look-up answers when there is nothing of that number.
pub(super) const NOT_FOUND: [&str; 2] = ["40102", "492002"];

/// The order was paid meanwhile, or went back already: which, a query tells.
pub(super) const PAID_OR_BACK: [&str; 2] = ["40101", "40105"];

/// The order is closed or reversed.
pub(super) const CLOSED: [&str; 2] = ["40103", "40104"];

/// All of the order went back already.
pub(super) const REFUNDED: &str = "40105";

/// A refund of this number was asked for before.
pub(super) const REFUND_NUMBER_USED: &str = "493001";

/// `trade_state` and `refund_status` where they end in failure. Source: BlueOcean payment API document 2.1 and 2.5.
#[rustfmt::skip]
pub(super) const STATES: &[Row] = &[
    row("PAYERROR", "payment_error", Final, "The payment service refused the payment.", "支付平台拒绝了该支付。"),
    row("REFUNDCLOSE", "refund_closed", Final, "The refund was closed; the money has not gone back.", "退款已关闭，款项未退回。")
        .hint("Nothing went back under this refund; refund again, or outside the gateway."),
    row("CHANGE", "refund_abnormal", Query, "The money could not go back the way it came. The shop is looking into it.", "款项无法原路退回，商户正在处理。")
        .hint("The payer's card or wallet did not take the money; finish this refund by hand in the gateway's portal."),
];

/// Why a page for WeChat's H5 payment may be refused when nobody's browser confirmed the payment.
pub(super) const NO_PAYER_ADDRESS: &str = "WeChat binds this order to the payer's address, which only a confirm by the payer's browser brings; confirm it from the checkout page, not from the backend.";

/// The failure that a code stands for. The document leaves the reason of several codes to the message beside them, so the
/// merchant's engineer is told it too, unless it repeats one of `secrets`.
pub(super) fn failure<'s>(told: &Told, secrets: impl IntoIterator<Item = &'s str>) -> Failure {
    let mut failure = errors::failure(TABLE, &told.code);
    let repeats = secrets.into_iter().any(|secret| told.message.contains(secret));
    let said: String = told.message.chars().filter(|c| !c.is_control()).take(SAID_CHARS_MAX).collect();
    if let Some(hint) = failure.hint.as_mut().filter(|_| !said.is_empty() && !repeats) {
        hint.push_str(&format!(" BlueOcean says: {said}"));
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::super::rehearsal::{Rehearsal, order};
    use super::*;
    use crate::gateway::errors::assert_sound;
    use crate::gateway::scripted::name;
    use crate::ledger::Claim;
    use countersign_core::FailureClass::{self, Configuration, Payer, Retry};
    use countersign_core::MethodType::BlueoceanAlipayQrcode;

    /// What each published code is, by the document's own advice.
    const CLASSES: &[(FailureClass, &[u32])] = &[
        (Query, &[0, 201, 40101, 40102, 40106, 40600, 492002, 492004, 492005, 499999]),
        (Retry, &[4005, 4006, 40400, 492006, 492007]),
        (
            Configuration,
            &[
                404, 4001, 4002, 4003, 4004, 4007, 40100, 40107, 40109, 40110, 490001, 491001, 491002,
                491003, 492001, 492003,
            ],
        ),
        (Final, &[40103, 40104, 40105, 40108, 40500, 493001]),
        (Payer, &[40111]),
    ];

    #[test]
    fn the_table_is_sound() {
        assert_sound(STATES);
    }

    #[test]
    fn the_gateways_words_reach_the_merchant_without_secrets_and_shortened() {
        let secrets = ["canary"];
        let hint = |code: &str, message: String| {
            failure(&Told { code: code.into(), message }, secrets).hint.unwrap()
        };
        assert!(hint("40500", "余额\n不足".into()).ends_with(". BlueOcean says: 余额不足"));
        assert!(hint("12345", "something new".into()).ends_with(". BlueOcean says: something new"));
        assert!(hint("4004", "the key canary is wrong".into()).ends_with("changed here too."));
        assert!(hint("4004", String::new()).ends_with("changed here too."));
        assert!(hint("0", "长".repeat(999)).chars().count() < 500);
    }

    #[tokio::test]
    async fn every_published_code_has_its_class_in_both_envelopes_as_number_and_as_text() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/codes/jubao_blueocean.json");
        let published: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let published = published["codes"].as_array().unwrap();
        assert_eq!(published.len(), 39);
        for code in published.iter().map(|code| code["code"].as_str().unwrap()).filter(|code| *code != "200")
        {
            let number: u32 = code.parse().unwrap();
            let (class, _) = CLASSES.iter().find(|(_, codes)| codes.contains(&number)).unwrap();
            assert!(TABLE.iter().any(|row| row.gateway_code == code && row.class == *class), "{code}");
            for (envelope, success) in [("code", 200), ("ret", 0)] {
                for text in [code.to_owned(), format!("\"{code}\"")] {
                    let told = Rehearsal::saying(&format!("{{\"{envelope}\":{text}}}")).await;
                    let claim = told.gateway.pay(&order(BlueoceanAlipayQrcode, 10)).await;
                    let expected = if *class == Query { "unknown" } else { "refused" };
                    assert_eq!(name(&claim), expected, "{envelope} {text}");
                    let (Claim::Unknown { failure: Some(failure), .. } | Claim::Refused { failure }) = claim
                    else {
                        assert_eq!(number, success, "only a success without data has no failure");
                        continue;
                    };
                    assert_eq!(failure.gateway_code.as_deref(), Some(code));
                    assert_eq!(failure.class, *class);
                    assert!(!failure.message.en.is_empty() && !failure.message.zh.is_empty());
                    assert!(failure.hint.is_some());
                }
            }
        }
        assert_eq!(CLASSES.iter().map(|(_, codes)| codes.len()).sum::<usize>(), 38);
    }
}
