//! Hicoin's notification: a signed form, JSON or query; paid is `trade_status` SUCCESS.

use countersign_core::Currency;

use super::config::HicoinConfig;
use super::sign;
use super::wire::TradeStatus;
use crate::gateway::fields::Fields;
use crate::gateway::lenient::integer;
use crate::gateway::notification::{Received, Refusal, RefusalKind, VerifiedNotification};
use crate::ledger::PaidClaim;
use crate::secret::Secret;

/// Verifies a notification over every field that came.
pub(super) fn verify(
    config: &HicoinConfig,
    received: &Received<'_>,
) -> Result<VerifiedNotification, Refusal> {
    let fields = Fields::of(received)?;
    if !sign::verify(fields.pairs(), config.mch_keys.iter().map(Secret::expose)) {
        return Err(Refusal::new(RefusalKind::BadSignature, "sign does not fit any key"));
    }
    if fields.get("app_id") != Some(config.app_id.as_str()) {
        return Err(Refusal::new(RefusalKind::WrongAccount, "app_id is not the account's"));
    }
    let order_no = fields.filled("out_trade_no").ok_or_else(|| Refusal::missing("out_trade_no"))?;
    let amount =
        fields.get("total_amount").and_then(integer).ok_or_else(|| Refusal::missing("total_amount"))?;
    let status = fields
        .get("trade_status")
        .and_then(TradeStatus::parse)
        .ok_or_else(|| Refusal::missing("trade_status"))?;
    let coin = fields.get("settle_currency").and_then(|code| Currency::parse(code).ok());
    let coin = coin.ok_or_else(|| Refusal::missing("settle_currency"))?;
    let payer = fields.filled("openid").ok_or_else(|| Refusal::missing("openid"))?;
    let paid = (status == TradeStatus::Paid).then(|| PaidClaim {
        amount,
        currency: Some(coin),
        gateway_order_no: fields.filled("trade_no").map(str::to_owned),
        transaction_id: None,
        paid_at_ms: None,
    });
    Ok(VerifiedNotification::new(order_no.to_owned(), Some(payer.to_owned()), paid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::wire;

    fn read(path: &str) -> Result<VerifiedNotification, RefusalKind> {
        let bytes = wire(&format!("hicoin/{path}"));
        let query = path.ends_with(".query").then(|| String::from_utf8(bytes.clone()).unwrap());
        let body = if query.is_some() { &[][..] } else { &bytes };
        let received = Received { content_type: None, query: query.as_deref(), body };
        verify(&super::super::config::sample(), &received).map_err(|r| r.kind)
    }

    #[test]
    fn reads_every_encoding() {
        for path in [
            "notify.success.form",
            "notify.success.query",
            "notify.success_chinese_empty_passback.form",
            "notify.success_null_passback.json",
            "notify.success_numbers.json",
            "notify.success_strings.json",
            "notify.success_unknown_field.form",
        ] {
            let notice = read(path).unwrap_or_else(|kind| panic!("{path}: {kind:?}"));
            assert_eq!(notice.paid().map(|p| p.amount), Some(150_000_000), "{path}");
            assert_eq!(notice.payer(), Some("u0000000000000001"), "{path}");
        }
    }

    #[test]
    fn only_success_is_paid() {
        for path in ["notify.closed.form", "notify.notpay.form", "notify.unknow.form"] {
            assert!(read(path).unwrap().paid().is_none(), "{path}");
        }
    }

    #[test]
    fn refuses_what_is_forged_or_for_another_application() {
        assert_eq!(read("notify.forged.form").unwrap_err(), RefusalKind::BadSignature);
        assert_eq!(read("notify.unsigned.form").unwrap_err(), RefusalKind::BadSignature);
        assert_eq!(read("notify.success_other_app_id.form").unwrap_err(), RefusalKind::WrongAccount);
    }
}
