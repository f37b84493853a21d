//! The codes of Jubao: its document prints BlueOcean's table, and the numbers come in the `ret` envelope.
//!
//! 40500 is "payment error" in the table, and in the document's own sample the answer to an order number that is known
//! already. The first is a refusal. The second is none: whatever is known under that number may be this very order, sent
//! twice on its way, and may be paid. Only the words tell them apart.

use countersign_core::Failure;

pub(super) use crate::gateway::document_codes::TABLE;
use crate::gateway::errors;

/// The query found nothing.
pub(super) const NO_SUCH_ORDER: &str = "40102";

const PAYMENT_ERROR: &str = "40500";
const DUPLICATE: &str = "40106";

/// What an answer's code and words stand for.
pub(super) fn failure(code: &str, text: &str) -> Failure {
    if code == PAYMENT_ERROR && names_a_repeated_number(text) {
        return Failure { gateway_code: Some(code.to_owned()), ..errors::failure(TABLE, DUPLICATE) };
    }
    errors::failure(TABLE, code)
}

fn names_a_repeated_number(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["重复", "已存在", "duplicate", "already exist"].iter().any(|words| lower.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_core::FailureClass::{Final, Query};

    #[test]
    fn a_repeated_number_is_an_unknown_outcome_and_other_payment_errors_are_refusals() {
        for text in ["订单号重复", "商户订单号已存在", "Duplicate order", "out_trade_no already exists"]
        {
            let failure = failure("40500", text);
            assert_eq!((failure.code.as_str(), failure.class), ("duplicate_order", Query), "{text}");
            assert_eq!(failure.gateway_code.as_deref(), Some("40500"));
        }
        for text in ["支付错误", "", "通道不存在"] {
            assert_eq!(failure("40500", text).class, Final, "{text}");
        }
        assert_eq!(failure("40100", "订单号重复").code, "invalid_request");
    }
}
