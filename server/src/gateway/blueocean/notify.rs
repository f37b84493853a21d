//! BlueOcean's notification: a signed form (or JSON) without a state. That it came means that the order was paid; a
//! query says whether it still is.

use countersign_core::Currency;

use super::config::BlueoceanConfig;
use super::sign;
use crate::clock;
use crate::gateway::fields::Fields;
use crate::gateway::lenient::integer;
use crate::gateway::notification::{Received, Refusal, RefusalKind, VerifiedNotification};
use crate::ledger::PaidClaim;
use crate::secret::Secret;

/// Verifies a notification over every field that came.
pub(super) fn verify(
    config: &BlueoceanConfig,
    account_currency: &Currency,
    received: &Received<'_>,
) -> Result<VerifiedNotification, Refusal> {
    let fields = Fields::of(received)?;
    if !sign::verify(fields.pairs(), config.keys.iter().map(Secret::expose)) {
        return Err(Refusal::new(RefusalKind::BadSignature, "sign does not fit any key"));
    }
    if fields.get("appid") != Some(config.appid.as_str()) {
        return Err(Refusal::new(RefusalKind::WrongAccount, "appid is not the account's"));
    }
    let order_no = fields.filled("out_trade_no").ok_or_else(|| Refusal::missing("out_trade_no"))?;
    let amount = fields.get("total_fee").and_then(integer).ok_or_else(|| Refusal::missing("total_fee"))?;
    let currency = match fields.filled("fee_type") {
        None => account_currency.clone(),
        Some(code) => Currency::parse(code).map_err(|_| Refusal::missing("fee_type"))?,
    };
    let paid = PaidClaim {
        amount,
        currency: Some(currency),
        gateway_order_no: fields.filled("sn").map(str::to_owned),
        transaction_id: fields.filled("transaction_id").map(str::to_owned),
        paid_at_ms: fields.get("time_end").and_then(clock::gateway_time_ms),
    };
    Ok(VerifiedNotification::new(order_no.to_owned(), None, Some(paid)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::wire;

    fn read(path: &str) -> Result<VerifiedNotification, RefusalKind> {
        let body = wire(&format!("blueocean/{path}"));
        let received = Received { content_type: None, query: None, body: &body };
        verify(&super::super::config::sample(), &Currency::parse("HKD").unwrap(), &received)
            .map_err(|r| r.kind)
    }

    #[test]
    fn reads_form_and_json_with_empties_kept_or_dropped() {
        for path in [
            "notify.paid.form",
            "notify.paid.json",
            "notify.paid_empty_kept.form",
            "notify.paid_empty_dropped.form",
            "notify.paid_unknown_field.form",
        ] {
            let notice = read(path).unwrap_or_else(|kind| panic!("{path}: {kind:?}"));
            let paid = notice.paid().unwrap_or_else(|| panic!("{path} says paid"));
            assert!(paid.amount == 20 && paid.paid_at_ms.is_some(), "{path}");
            assert_eq!(paid.currency.as_ref().map(Currency::as_str), Some("HKD"), "{path}");
        }
    }

    #[test]
    fn keeps_another_amount_or_currency_for_the_ledger_to_judge() {
        assert_ne!(read("notify.paid_other_amount.form").unwrap().paid().unwrap().amount, 20);
        let other = read("notify.paid_other_currency.form").unwrap();
        assert_ne!(other.paid().unwrap().currency.as_ref().map(Currency::as_str), Some("HKD"));
    }

    #[test]
    fn refuses_what_is_forged_or_for_another_application() {
        assert_eq!(read("notify.forged.form").unwrap_err(), RefusalKind::BadSignature);
        assert_eq!(read("notify.unsigned.form").unwrap_err(), RefusalKind::BadSignature);
        assert_eq!(read("notify.paid_other_appid.form").unwrap_err(), RefusalKind::WrongAccount);
    }
}
