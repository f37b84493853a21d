//! Jubao's notification: a signed form (or JSON); paid is `status` 2.

use countersign_core::Currency;

use super::config::JubaoConfig;
use super::sign;
use super::wire::Status;
use crate::clock;
use crate::gateway::fields::Fields;
use crate::gateway::lenient::integer;
use crate::gateway::notification::{Received, Refusal, RefusalKind, VerifiedNotification};
use crate::ledger::PaidClaim;
use crate::secret::Secret;

/// Verifies a notification over every field that came.
pub(super) fn verify(
    config: &JubaoConfig,
    currency: &Currency,
    received: &Received<'_>,
) -> Result<VerifiedNotification, Refusal> {
    let fields = Fields::of(received)?;
    if !sign::verify(fields.pairs(), config.keys.iter().map(Secret::expose)) {
        return Err(Refusal::new(RefusalKind::BadSignature, "sign does not fit any key"));
    }
    if fields.get("mch_id") != Some(config.mch_id.as_str()) {
        return Err(Refusal::new(RefusalKind::WrongAccount, "mch_id is not the account's"));
    }
    let order_no = fields.filled("out_trade_no").ok_or_else(|| Refusal::missing("out_trade_no"))?;
    let status = fields.filled("status").ok_or_else(|| Refusal::missing("status"))?;
    let order_sn = fields.filled("order_sn").map(str::to_owned);
    // Another state, known or not, is a reason to ask.
    let paid = if Status::parse(status) == Some(Status::Paid) {
        let amount =
            fields.get("total_fee").and_then(integer).ok_or_else(|| Refusal::missing("total_fee"))?;
        Some(PaidClaim {
            amount,
            currency: Some(currency.clone()),
            gateway_order_no: order_sn.clone(),
            transaction_id: None,
            paid_at_ms: fields.get("finish_time").and_then(clock::gateway_time_ms),
            other_payer: false,
        })
    } else {
        None
    };
    Ok(VerifiedNotification::new(order_no.to_owned(), None, paid).with_gateway_order_no(order_sn))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::wire;

    fn read(path: &str) -> Result<VerifiedNotification, RefusalKind> {
        let body = wire(&format!("jubao/{path}"));
        let received = Received { content_type: None, query: None, body: &body };
        verify(&super::super::config::sample(), &Currency::parse("CNY").unwrap(), &received)
            .map_err(|r| r.kind)
    }

    #[test]
    fn reads_form_and_json_in_both_readings_of_chinese() {
        for path in [
            "notify.paid.form",
            "notify.paid.json",
            "notify.paid_chinese_plain.form",
            "notify.paid_chinese_double_encoded.form",
            "notify.paid_chinese_version_2.form",
            "notify.paid_304.form",
            "notify.paid_less_cash.form",
            "notify.paid_lower_case_sign.form",
            "notify.paid_odd_characters.form",
            "notify.paid_strings.json",
            "notify.paid_unknown_field.form",
        ] {
            let notice = read(path).unwrap_or_else(|kind| panic!("{path}: {kind:?}"));
            let paid = notice.paid().unwrap_or_else(|| panic!("{path} says paid"));
            assert!(
                paid.amount == 10 && paid.paid_at_ms.is_some() && paid.gateway_order_no.is_some(),
                "{path}"
            );
        }
    }

    #[test]
    fn only_status_two_is_paid() {
        for path in [
            "notify.unpaid.form",
            "notify.unpaid.json",
            "notify.refunded.form",
            "notify.refunded.json",
            "notify.refunded_chinese_plain.form",
            "notify.refunded_chinese_double_encoded.form",
            "notify.closed.form",
            "notify.closed.json",
            "notify.unknown_status.form",
        ] {
            let notice = read(path).unwrap_or_else(|kind| panic!("{path}: {kind:?}"));
            assert!(notice.paid().is_none(), "{path}");
            assert_eq!(notice.gateway_order_no(), Some("20240101000000000001"), "{path}");
        }
    }

    #[test]
    fn refuses_what_is_forged_or_for_another_merchant() {
        assert_eq!(read("notify.forged.form").unwrap_err(), RefusalKind::BadSignature);
        assert_eq!(read("notify.unsigned.form").unwrap_err(), RefusalKind::BadSignature);
        assert_eq!(read("notify.paid_other_merchant.form").unwrap_err(), RefusalKind::WrongAccount);
    }
}
