//! DotWallet's notice of an order: a signed query (or form, or JSON). Automatic payments have none.

use countersign_core::Currency;

use super::config::DotwalletConfig;
use super::sign;
use crate::gateway::fields::Fields;
use crate::gateway::lenient::integer;
use crate::gateway::notification::{Received, Refusal, RefusalKind, VerifiedNotification};
use crate::ledger::PaidClaim;

/// Verifies a notice. Paid means `status` 1 or 9; an order's look-up has the last word.
pub(super) fn verify(
    config: &DotwalletConfig,
    currency: &Currency,
    received: &Received<'_>,
) -> Result<VerifiedNotification, Refusal> {
    let fields = Fields::of(received)?;
    if !sign::verify(fields.pairs(), config.secret.expose()) {
        return Err(Refusal::new(RefusalKind::BadSignature, "sign does not fit the secret"));
    }
    if fields.get("app_id") != Some(config.app_id.as_str()) {
        return Err(Refusal::new(RefusalKind::WrongAccount, "app_id is not the account's"));
    }
    let order_no = fields.filled("merchant_order_sn").ok_or_else(|| Refusal::missing("merchant_order_sn"))?;
    let amount =
        fields.get("order_amount").and_then(integer).ok_or_else(|| Refusal::missing("order_amount"))?;
    let status = fields.get("status").and_then(integer).ok_or_else(|| Refusal::missing("status"))?;
    let paid = matches!(status, 1 | 9).then(|| PaidClaim {
        amount,
        currency: Some(currency.clone()),
        gateway_order_no: fields.filled("order_sn").map(str::to_owned),
        transaction_id: fields.filled("pay_txid").or_else(|| fields.filled("paytxid")).map(str::to_owned),
        paid_at_ms: None,
    });
    Ok(VerifiedNotification::new(order_no.to_owned(), None, paid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::wire;

    fn read(path: &str) -> Result<VerifiedNotification, RefusalKind> {
        let bytes = wire(&format!("dotwallet/{path}"));
        let query = path.ends_with(".query").then(|| String::from_utf8(bytes.clone()).unwrap());
        let body = if query.is_some() { &[][..] } else { &bytes };
        let received = Received { content_type: None, query: query.as_deref(), body };
        verify(&super::super::config::sample(), &Currency::parse("BSV").unwrap(), &received)
            .map_err(|r| r.kind)
    }

    #[test]
    fn reads_the_notice_in_every_encoding() {
        for path in [
            "notice.paid.query",
            "notice.paid.form",
            "notice.paid.json",
            "notice.paid_status_9_chinese.query",
        ] {
            let notice = read(path).unwrap_or_else(|kind| panic!("{path}: {kind:?}"));
            assert!(notice.paid().is_some_and(|p| p.amount == 546 && p.transaction_id.is_some()), "{path}");
        }
        assert!(read("notice.canceled.query").unwrap().paid().is_none());
        assert_eq!(read("notice.forged.query").unwrap_err(), RefusalKind::BadSignature);
    }
}
