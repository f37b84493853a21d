//! DotWallet's notice of an order: a signed query (or form, or JSON). Automatic payments have none.
//!
//! The same signed fields stand in the address to which the payer returns. Anybody can open that address again, so the
//! signer never reads it: it is the page's reason to ask, and this notice itself counts only once a look-up agrees.

use countersign_core::Currency;

use super::config::DotwalletConfig;
use super::sign;
use crate::gateway::fields::Fields;
use crate::gateway::lenient::integer;
use crate::gateway::notification::{Received, Refusal, RefusalKind, VerifiedNotification};
use crate::ledger::PaidClaim;
use crate::secret;

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
    let nonce = fields.get("nonce_str").ok_or_else(|| Refusal::missing("nonce_str"))?;
    if !secret::same(&sign::nonce_str(order_no, config.secret.expose()), nonce) {
        let reason = "nonce_str is not the one this order was sent with";
        return Err(Refusal::new(RefusalKind::UnknownOrder, reason));
    }
    let amount =
        fields.get("order_amount").and_then(integer).ok_or_else(|| Refusal::missing("order_amount"))?;
    let status = fields.get("status").and_then(integer).ok_or_else(|| Refusal::missing("status"))?;
    let paid = matches!(status, 1 | 9).then(|| PaidClaim {
        amount,
        currency: Some(currency.clone()),
        gateway_order_no: fields.filled("order_sn").map(str::to_owned),
        transaction_id: fields.filled("pay_txid").or_else(|| fields.filled("paytxid")).map(str::to_owned),
        paid_at_ms: None,
        other_payer: false,
    });
    Ok(VerifiedNotification::new(order_no.to_owned(), None, paid))
}

/// A notice of `tests/vectors/wire` as this signer would get it: with the nonce that it sends, signed anew.
#[cfg(test)]
pub(crate) fn sample_notice(path: &str) -> Vec<u8> {
    let config = super::sample();
    let bytes = crate::vectors::wire(&format!("dotwallet/{path}"));
    let received = Received { content_type: None, query: None, body: &bytes };
    let mut pairs = Fields::of(&received).expect("the sample is readable").pairs().to_vec();
    pairs.retain(|(name, _)| name != "sign");
    let order_no = pairs.iter().find(|(name, _)| name == "merchant_order_sn").expect("an order").1.clone();
    for (name, value) in &mut pairs {
        if name == "nonce_str" {
            *value = sign::nonce_str(&order_no, config.secret.expose());
        }
    }
    pairs.push(("sign".to_owned(), sign::sign(&pairs, config.secret.expose())));
    if bytes.starts_with(b"{") {
        let text = |text: &String| serde_json::Value::from(text.as_str());
        let members: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{}:{}", text(name), text(value))).collect();
        return format!("{{{}}}", members.join(",")).into_bytes();
    }
    serde_urlencoded::to_string(&pairs).expect("pairs of texts").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::wire;

    fn read(bytes: &[u8], as_query: bool) -> Result<VerifiedNotification, RefusalKind> {
        let query = as_query.then(|| String::from_utf8(bytes.to_vec()).unwrap());
        let body = if as_query { &[][..] } else { bytes };
        let received = Received { content_type: None, query: query.as_deref(), body };
        verify(&super::super::sample(), &Currency::parse("BSV").unwrap(), &received).map_err(|r| r.kind)
    }

    fn read_sample(path: &str) -> Result<VerifiedNotification, RefusalKind> {
        read(&sample_notice(path), path.ends_with(".query"))
    }

    fn read_wire(path: &str) -> Result<VerifiedNotification, RefusalKind> {
        read(&wire(&format!("dotwallet/{path}")), path.ends_with(".query"))
    }

    #[test]
    fn reads_the_notice_in_every_encoding() {
        for path in [
            "notice.paid.query",
            "notice.paid.form",
            "notice.paid.json",
            "notice.paid_strings.json",
            "notice.paid_status_9_chinese.query",
            "notice.paid_refund_address.query",
            "notice.paid_split.query",
            "notice.paid_unknown_field.query",
        ] {
            let notice = read_sample(path).unwrap_or_else(|kind| panic!("{path}: {kind:?}"));
            assert!(notice.paid().is_some_and(|p| p.amount == 546 && p.transaction_id.is_some()), "{path}");
            assert_eq!(notice.order_no(), "d20240101-0001");
        }
        let without = read_sample("notice.paid_without_txid.query").unwrap();
        assert_eq!(without.paid().unwrap().transaction_id, None);
        assert_eq!(read_sample("notice.paid_other_amount.query").unwrap().paid().unwrap().amount, 1);
    }

    #[test]
    fn anything_but_one_and_nine_is_not_paid() {
        for path in ["canceled", "failed", "open", "unknown_status"] {
            let notice = read_sample(&format!("notice.{path}.query")).unwrap();
            assert!(notice.paid().is_none(), "{path}");
        }
    }

    #[test]
    fn whatever_is_not_signed_for_this_account_and_order_is_refused() {
        for (path, kind) in [
            ("notice.forged.query", RefusalKind::BadSignature),
            ("notice.unsigned.query", RefusalKind::BadSignature),
            ("return.forged_status.query", RefusalKind::BadSignature),
            ("return.status_twice.query", RefusalKind::Malformed),
            ("return.bare.query", RefusalKind::Malformed),
            ("notice.paid_other_app_id.query", RefusalKind::WrongAccount),
            ("return.paid_without_nonce.query", RefusalKind::Malformed),
        ] {
            assert_eq!(read_wire(path).unwrap_err(), kind, "{path}");
        }
    }

    /// The samples carry nonces that this signer did not send: rightly signed, and for no order of it.
    #[test]
    fn a_nonce_that_was_not_sent_is_refused_though_the_signature_fits() {
        for path in ["notice.paid.query", "notice.paid_other_nonce.query", "notice.paid_other_order.query"] {
            assert_eq!(read_wire(path).unwrap_err(), RefusalKind::UnknownOrder, "{path}");
        }
        // The signature does not see the letter case of the order number; the nonce does.
        let text = String::from_utf8(sample_notice("notice.paid.query")).unwrap();
        let other = text.replace("d20240101-0001", "D20240101-0001");
        assert_eq!(read(other.as_bytes(), true).unwrap_err(), RefusalKind::UnknownOrder);
    }
}
