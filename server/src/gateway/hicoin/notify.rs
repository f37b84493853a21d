//! Hicoin's notification: a signed form, JSON or query; paid is `trade_status` SUCCESS.
//!
//! Source: Hicoin H5 payment, section 5. How it is encoded is not stated, so every way is read.

use super::config::HicoinConfig;
use super::sign;
use super::wire::TradeStatus;
use crate::gateway::fields::Fields;
use crate::gateway::lenient::{currency, integer};
use crate::gateway::notification::{Received, Refusal, RefusalKind, VerifiedNotification};
use crate::ledger::PaidClaim;
use crate::secret::Secret;

/// The fields that what is learnt depends on.
const RELIED_ON: &[&str] =
    &["app_id", "openid", "out_trade_no", "settle_currency", "total_amount", "trade_no", "trade_status"];

/// Verifies a notification over every field that came. `passback_params` is the merchant's own and decides nothing.
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
    let payer = fields.filled("openid").ok_or_else(|| Refusal::missing("openid"))?;
    let status = fields.filled("trade_status").ok_or_else(|| Refusal::missing("trade_status"))?;
    let paid = match TradeStatus::read(status) {
        TradeStatus::Paid if !is_ambiguous(&fields) => Some(read_paid(&fields)?),
        _ => None,
    };
    Ok(VerifiedNotification::new(order_no.to_owned(), Some(payer.to_owned()), paid))
}

fn read_paid(fields: &Fields) -> Result<PaidClaim, Refusal> {
    let amount =
        fields.get("total_amount").and_then(integer).ok_or_else(|| Refusal::missing("total_amount"))?;
    let coin = fields.filled("settle_currency").ok_or_else(|| Refusal::missing("settle_currency"))?;
    Ok(PaidClaim {
        amount,
        currency: Some(currency(coin)),
        gateway_order_no: fields.filled("trade_no").map(str::to_owned),
        transaction_id: None,
        paid_at_ms: None,
        other_payer: false,
    })
}

/// The signature joins raw values with `&`, so one that holds `&total_amount=` could have been cut out of another true
/// message. Such a notification is no more than a reason to ask.
fn is_ambiguous(fields: &Fields) -> bool {
    let hides = |value: &str, name: &&str| value.contains(&format!("&{name}="));
    fields.pairs().iter().any(|(_, value)| RELIED_ON.iter().any(|name| hides(value, name)))
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
            "notify.success_common_parameters.form",
            "notify.success_jsapi.form",
            "notify.success_lower_case_sign.form",
            "notify.success_other_passback.form",
            "notify.success_passback_chinese.form",
            "notify.success_passback_chinese.json",
            "notify.success_passback_chinese.query",
            "notify.success_passback_json_text.form",
            "notify.success_without_passback.form",
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
        for path in [
            "notify.closed.form",
            "notify.notpay.form",
            "notify.unknow.form",
            "notify.unknown.form",
            "notify.unknown_status.form",
        ] {
            assert!(read(path).unwrap().paid().is_none(), "{path}");
        }
    }

    #[test]
    fn refuses_what_is_forged_or_for_another_application() {
        assert_eq!(read("notify.forged.form").unwrap_err(), RefusalKind::BadSignature);
        assert_eq!(read("notify.forged_app_secret.form").unwrap_err(), RefusalKind::BadSignature);
        assert_eq!(read("notify.unsigned.form").unwrap_err(), RefusalKind::BadSignature);
        assert_eq!(read("notify.success_other_app_id.form").unwrap_err(), RefusalKind::WrongAccount);
    }

    #[test]
    fn another_amount_or_coin_is_told_as_it_is() {
        let paid = |path: &str| read(path).unwrap().paid().cloned().unwrap();
        assert_eq!(paid("notify.success_other_amount.form").amount, 1);
        let coin = paid("notify.success_other_currency.form").currency.unwrap();
        assert_eq!(coin.as_str(), "ETH");
        assert_eq!(read("notify.success_other_openid.form").unwrap().payer(), Some("u0000000000000002"));
    }

    #[test]
    fn a_message_cut_out_of_another_true_one_is_only_a_reason_to_ask() {
        let key = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";
        let body = |pairs: &[(&str, &str)], sign: &str| {
            let form = serde_urlencoded::to_string(pairs).unwrap();
            format!("{form}&sign={sign}").into_bytes()
        };
        let told = |body: &[u8]| {
            let received = Received { content_type: None, query: None, body };
            verify(&super::super::config::sample(), &received).map(|n| n.paid().is_some())
        };
        // The payer wrote the subject of a cheap order, paid it, and cuts its notification anew.
        let cheap = [
            ("app_id", "a0000000000000000000000000000001"),
            ("openid", "u0000000000000001"),
            ("out_trade_no", "CHEAP"),
            ("settle_currency", "USDT"),
            ("subject", "tea&total_amount=999999999999&total_amount_of=tea"),
            ("total_amount", "1"),
            ("trade_status", "SUCCESS"),
        ];
        let owned: Vec<(String, String)> =
            cheap.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let sign = sign::sign(&owned, key);
        let mut cut = cheap;
        cut[4].1 = "tea";
        cut[5].1 = "999999999999";
        let cut = [&cut[..6], &[("total_amount_of", "tea&total_amount=1")], &cut[6..]].concat();
        assert_eq!(told(&body(&cut, &sign)), Ok(false));
        assert_eq!(told(&body(&cheap, &sign)), Ok(false));
    }
}
