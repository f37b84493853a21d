//! BlueOcean's notification: a signed form (or JSON) without a state. That it came means that the order was paid; a
//! query says whether it still is. Should it ever carry a state, that one counts.

use countersign_core::Currency;

use super::config::BlueoceanConfig;
use super::sign;
use super::wire::{Data, TradeState};
use crate::gateway::fields::Fields;
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
    let data = Data(fields);
    if data.appid() != Some(config.appid.as_str()) {
        return Err(Refusal::new(RefusalKind::WrongAccount, "appid is not the account's"));
    }
    let order_no = data.out_trade_no().ok_or_else(|| Refusal::missing("out_trade_no"))?.to_owned();
    if data.trade_state().is_some_and(|word| TradeState::parse(word) != Some(TradeState::Paid)) {
        return Ok(VerifiedNotification::new(order_no, None, None));
    }
    let amount = data.total_fee().ok_or_else(|| Refusal::missing("total_fee"))?;
    let currency = match data.fee_type() {
        None => account_currency.clone(),
        Some(code) => Currency::parse(code).map_err(|_| Refusal::missing("fee_type"))?,
    };
    let paid = PaidClaim {
        amount,
        currency: Some(currency),
        gateway_order_no: data.sn().map(str::to_owned),
        transaction_id: data.transaction_id().map(str::to_owned),
        paid_at_ms: data.time_end_ms(),
        other_payer: false,
    };
    Ok(VerifiedNotification::new(order_no, None, Some(paid)))
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
            "notify.paid_strings.json",
            "notify.paid_lower_case_sign.form",
            "notify.paid_attach_chinese.form",
            "notify.paid_unix_time.form",
            "notify.paid_version_2.form",
            "notify.paid_discount.form",
            "notify.paid_app.form",
            "notify.paid_link.form",
            "notify.paid_micropay.form",
            "notify.paid_mweb.form",
            "notify.paid_native.form",
            "notify.paid_wappay.form",
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
