//! Giving money back at Hicoin: a payout to the payer, since there is no refund call.
//!
//! Whether the same number can be sent twice is not documented, so a payout is sent once; whatever is not a definite
//! answer is asked about, and never sent again.
//!
//! Source: Hicoin API-Platform, payout.

use super::errors::{TABLE, base_token_refused, payer_not_known, transfer_failed};
use super::token::TokenError;
use super::wire::{ByNumber, Transfer, TransferStatus};
use super::{BodyEncoding, Hicoin, RefundOrder};
use crate::gateway::errors;
use crate::gateway::fields::Fields;
use crate::gateway::lenient::integer;
use crate::ledger::RefundClaim;
use crate::upstream::UpstreamError;

/// As long as an order's `body`.
const BODY_CHARS_MAX: usize = 64;

const SUBJECT: &str = "refund";

impl Hicoin {
    /// Pays back. The answer says only that the payout was taken, so it is asked about at once.
    pub(super) async fn pay_out(&self, refund: &RefundOrder) -> RefundClaim {
        let Some(openid) = refund.payer_id.as_deref().filter(|id| !id.is_empty()) else {
            return RefundClaim::Refused { failure: payer_not_known() };
        };
        // A refused token could not be told from a refused payout, so it gets a new one.
        let token = match self.base_token.fresh(&self.config, &self.upstream).await {
            Ok(held) => held.token,
            Err(TokenError::Refused { code, .. }) => {
                return RefundClaim::Refused { failure: base_token_refused(&code) };
            }
            Err(TokenError::Unavailable(_)) => return RefundClaim::NotSent,
        };
        let body = self.words(refund);
        let message = Transfer {
            openid,
            body: &body,
            subject: SUBJECT,
            out_trade_no: &refund.refund_no,
            total_amount: refund.amount,
            settle_currency: refund.sought.order.amount.currency().as_str(),
        };
        let place = self.payouts("/mmpaymkttransfers/promotion/transfers");
        let answer = match self.call(&place, token.expose(), &message).await {
            Ok(answer) => answer,
            Err(UpstreamError::NotSent(_)) => return RefundClaim::NotSent,
            Err(UpstreamError::OutcomeUnknown(reason)) => return unknown(&reason),
        };
        let Some(trade_no) = answer.filled("trade_no") else {
            return errors::refund_claim(errors::failure(TABLE, &answer.code));
        };
        if answer.get("out_trade_no") != Some(refund.refund_no.as_str()) {
            return unknown("the answer is for another payout");
        }
        match self.transfer_info(refund).await {
            ended @ (RefundClaim::Succeeded { .. } | RefundClaim::Refused { .. }) => ended,
            _ => RefundClaim::Accepted { gateway_refund_no: Some(trade_no.to_owned()) },
        }
    }

    /// Asks what became of a payout, by our number.
    pub(super) async fn transfer_info(&self, refund: &RefundOrder) -> RefundClaim {
        let message = ByNumber { out_trade_no: &refund.refund_no };
        let place = self.payouts("/mmpaymkttransfers/gettransferinfo");
        match self.ask_with_base(&place, &message).await {
            Err(error) => unknown(&error.to_string()),
            Ok(Err(error)) => unknown(&error.to_string()),
            Ok(Ok(answer)) => match answer.data {
                Some(data) if data.filled("trade_status").is_some() => read_transfer(refund, &data),
                _ => unknown(&format!("the query of the payout answered code {}", answer.code)),
            },
        }
    }

    /// The merchant's words where a form carries them, cut to what fits.
    fn words(&self, refund: &RefundOrder) -> String {
        let given = refund.reason.clone().filter(|reason| !reason.is_empty());
        let words = given.unwrap_or_else(|| format!("refund of {}", refund.sought.order.order_no));
        let words = match self.config.body_encoding {
            BodyEncoding::Percent => words,
            BodyEncoding::Raw => words.replace(['&', '+', '%'], " "),
        };
        words.chars().take(BODY_CHARS_MAX).collect()
    }
}

/// Our number, and payer, amount and coin as they were sent, where the answer has them.
fn read_transfer(refund: &RefundOrder, data: &Fields) -> RefundClaim {
    let coin = refund.sought.order.amount.currency().as_str();
    let same = |name: &str, ours: &str| data.filled(name).is_none_or(|theirs| theirs == ours);
    let ours = data.get("out_trade_no") == Some(refund.refund_no.as_str())
        && same("openid", refund.payer_id.as_deref().unwrap_or_default())
        && same("settle_currency", coin);
    if !ours {
        return unknown("the query answered for another payout");
    }
    let amount = data.get("total_amount").and_then(integer);
    let status = data.get("trade_status").map(TransferStatus::read);
    match (status, amount) {
        (Some(TransferStatus::Done), Some(amount)) if amount == refund.amount => {
            RefundClaim::Succeeded { gateway_refund_no: data.filled("trade_no").map(str::to_owned) }
        }
        (Some(TransferStatus::Failed), amount) if amount.is_none_or(|amount| amount == refund.amount) => {
            RefundClaim::Refused { failure: transfer_failed(data.get("reason").unwrap_or_default()) }
        }
        (Some(TransferStatus::Done | TransferStatus::Failed), _) => {
            unknown("the query answered for another amount")
        }
        _ => unknown("the query of the payout answered no definite status"),
    }
}

fn unknown(reason: &str) -> RefundClaim {
    RefundClaim::Unknown { reason: reason.to_owned(), failure: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::Sought;
    use crate::gateway::hicoin::{sample_at, sample_order, sign};
    use crate::gateway::scripted::Scripted;
    use crate::vectors::wire;
    use countersign_core::FailureClass;

    const TOKEN: (&str, &str) = ("/cgi-bin/access_token", "base_access_token.success.json");
    const TRANSFERS: &str = "/mmpaymkttransfers/promotion/transfers";
    const INFO: &str = "/mmpaymkttransfers/gettransferinfo";
    const SECRET: &str = "5a6b7c8d9e0f11223344556677889900";

    fn refund() -> RefundOrder {
        RefundOrder {
            sought: Sought { order: sample_order(), gateway_order_no: Some("1000000000000000000001".into()) },
            refund_no: "H20240101000001f1".into(),
            amount: 150_000_000,
            reason: None,
            refunded_before: 0,
            payer_id: Some("u0000000000000001".into()),
        }
    }

    async fn scripted(answers: &[(&'static str, &str)]) -> Scripted {
        let read = |(path, file): &(&'static str, &str)| (*path, wire(&format!("hicoin/{file}")));
        Scripted::by_path(answers.iter().map(read).collect()).await
    }

    async fn paid_out(transfers: &str, info: &str) -> (RefundClaim, Scripted) {
        let scripted = scripted(&[TOKEN, (TRANSFERS, transfers), (INFO, info)]).await;
        (sample_at(&scripted.url).pay_out(&refund()).await, scripted)
    }

    fn name(claim: &RefundClaim) -> String {
        serde_json::to_value(claim).unwrap()["refund"].as_str().unwrap().to_owned()
    }

    fn succeeded() -> RefundClaim {
        RefundClaim::Succeeded { gateway_refund_no: Some("2000000000000000000001".into()) }
    }

    #[tokio::test]
    async fn sends_what_it_signed_with_the_application_secret() {
        let (claim, scripted) = paid_out("transfers.success.json", "gettransferinfo.success.json").await;
        assert_eq!(claim, succeeded());
        let seen = scripted.seen();
        let paths: Vec<&str> = seen.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, [TOKEN.0, TRANSFERS, INFO]);
        for (sent, file) in [(1, "transfers.request.form"), (2, "gettransferinfo.request.form")] {
            let sent = Fields::from_form(seen[sent].1.as_bytes()).unwrap();
            assert!(sign::verify(sent.pairs(), [SECRET]), "{file}");
            let documented = Fields::from_form(&wire(&format!("hicoin/{file}"))).unwrap();
            assert_eq!(sent.pairs().len(), documented.pairs().len());
            for (name, value) in documented.pairs().iter().filter(|(n, _)| n != "nonce_str" && n != "sign") {
                assert_eq!(sent.get(name), Some(value.as_str()), "{file}: {name}");
            }
        }
    }

    #[tokio::test]
    async fn every_answer_to_a_payout_has_its_meaning() {
        for (file, expected) in [
            ("transfers.success.json", "accepted"),
            ("transfers.success_code_number.json", "accepted"),
            ("transfers.success_lower_case_sign.json", "accepted"),
            ("transfers.success_trade_no_number.json", "accepted"),
            ("transfers.success_unknown_field.json", "accepted"),
            ("transfers.success_unsigned.json", "accepted"),
            ("transfers.success_forged_sign.json", "unknown"),
            ("transfers.success_forged_mch_key.json", "unknown"),
            ("transfers.success_other_order.json", "unknown"),
            ("transfers.success_without_trade_no.json", "unknown"),
            ("transfers.code_0_without_data.json", "unknown"),
            ("transfers.merchant_balance.json", "refused"),
            ("transfers.merchant_balance_code_number.json", "refused"),
            ("transfers.merchant_balance_data_text.json", "refused"),
            ("transfers.merchant_balance_without_data.json", "refused"),
            ("transfers.bad_sign.json", "unknown"),
            ("transfers.duplicate_110088.json", "unknown"),
            ("transfers.failure_without_data.json", "unknown"),
            ("transfers.unknown_code.json", "unknown"),
        ] {
            let (claim, _) = paid_out(file, "gettransferinfo.unknown_status.json").await;
            assert_eq!(name(&claim), expected, "{file}");
        }
    }

    #[tokio::test]
    async fn too_little_in_the_business_account_comes_with_advice() {
        let (claim, _) = paid_out("transfers.merchant_balance.json", "gettransferinfo.success.json").await;
        let RefundClaim::Refused { failure } = claim else { panic!("{claim:?}") };
        assert_eq!(failure.code, "merchant_balance_too_low");
        assert_eq!(
            (failure.gateway_code.as_deref(), failure.class),
            (Some("110043"), FailureClass::Configuration)
        );
        assert!(failure.hint.unwrap().contains("24 hours"));
    }

    #[tokio::test]
    async fn every_answer_about_a_payout_has_its_meaning() {
        for (file, expected) in [
            ("gettransferinfo.success.json", "succeeded"),
            ("gettransferinfo.success_strings.json", "succeeded"),
            ("gettransferinfo.success_null_reason.json", "succeeded"),
            ("gettransferinfo.success_without_reason.json", "succeeded"),
            ("gettransferinfo.success_unknown_field.json", "succeeded"),
            ("gettransferinfo.success_unsigned.json", "succeeded"),
            ("gettransferinfo.success_lower_case_sign.json", "succeeded"),
            ("gettransferinfo.success_forged_sign.json", "unknown"),
            ("gettransferinfo.success_forged_mch_key.json", "unknown"),
            ("gettransferinfo.success_other_amount.json", "unknown"),
            ("gettransferinfo.success_other_currency.json", "unknown"),
            ("gettransferinfo.success_other_openid.json", "unknown"),
            ("gettransferinfo.success_other_order.json", "unknown"),
            ("gettransferinfo.success_partial.json", "unknown"),
            ("gettransferinfo.failed.json", "refused"),
            ("gettransferinfo.failed_unsigned.json", "refused"),
            ("gettransferinfo.failed_empty_reason.json", "refused"),
            ("gettransferinfo.failed_without_reason.json", "refused"),
            ("gettransferinfo.failed_forged_sign.json", "unknown"),
            ("gettransferinfo.unknown_status.json", "unknown"),
            ("gettransferinfo.without_status.json", "unknown"),
            ("gettransferinfo.failure.json", "unknown"),
            ("gettransferinfo.failure_without_data.json", "unknown"),
            ("gettransferinfo.unknown_code.json", "unknown"),
            ("gettransferinfo.code_0_without_data.json", "unknown"),
        ] {
            let scripted = scripted(&[TOKEN, (INFO, file)]).await;
            let claim = sample_at(&scripted.url).transfer_info(&refund()).await;
            assert_eq!(name(&claim), expected, "{file}");
        }
    }

    #[tokio::test]
    async fn a_failed_payout_says_why_to_the_merchant_only() {
        let (claim, _) = paid_out("transfers.success.json", "gettransferinfo.failed.json").await;
        let RefundClaim::Refused { failure } = claim else { panic!("{claim:?}") };
        assert_eq!((failure.code.as_str(), failure.class), ("transfer_failed", FailureClass::Configuration));
        assert!(failure.hint.unwrap().contains("商户余额不足"));
        assert!(!failure.message.zh.contains("商户余额不足"));
    }

    #[tokio::test]
    async fn a_part_is_paid_out_in_the_merchants_words() {
        let scripted = scripted(&[
            TOKEN,
            (TRANSFERS, "transfers.success.json"),
            (INFO, "gettransferinfo.success_partial.json"),
        ])
        .await;
        let part = RefundOrder {
            amount: 50_000_000,
            reason: Some(format!("退款：少发一件{}", "！".repeat(64))),
            ..refund()
        };
        assert_eq!(sample_at(&scripted.url).pay_out(&part).await, succeeded());
        let sent = Fields::from_form(scripted.seen()[1].1.as_bytes()).unwrap();
        let biz: serde_json::Value = serde_json::from_str(sent.get("biz_content").unwrap()).unwrap();
        assert_eq!(biz["total_amount"], 50_000_000);
        let body = biz["body"].as_str().unwrap();
        assert!(body.starts_with("退款：少发一件！") && body.chars().count() == 64, "{body}");
    }

    #[tokio::test]
    async fn nothing_is_sent_without_a_token_or_a_payer() {
        let refused = scripted(&[(TOKEN.0, "base_access_token.failure_address_not_allowed.json")]).await;
        let claim = sample_at(&refused.url).pay_out(&refund()).await;
        let RefundClaim::Refused { failure } = claim else { panic!("{claim:?}") };
        assert_eq!(
            (failure.code.as_str(), failure.gateway_code.as_deref()),
            ("base_token_refused", Some("100007"))
        );
        let silent = scripted(&[]).await;
        assert_eq!(sample_at(&silent.url).pay_out(&refund()).await, RefundClaim::NotSent);
        let nobody = RefundOrder { payer_id: None, ..refund() };
        assert_eq!(name(&sample_at(&silent.url).pay_out(&nobody).await), "refused");
        for scripted in [refused, silent] {
            assert!(scripted.seen().iter().all(|(path, _)| path == TOKEN.0));
        }
    }

    #[tokio::test]
    async fn a_payout_carries_a_new_token_and_the_question_renews_a_refused_one() {
        let second = (TOKEN.0, "base_access_token.success_renewed.json");
        let scripted = scripted(&[
            TOKEN,
            second,
            (TRANSFERS, "transfers.success.json"),
            (INFO, "gettransferinfo.failure.json"),
            (INFO, "gettransferinfo.success.json"),
        ])
        .await;
        let hicoin = sample_at(&scripted.url);
        assert_eq!(name(&hicoin.transfer_info(&refund()).await), "unknown");
        assert_eq!(hicoin.pay_out(&refund()).await, succeeded());
        let seen = scripted.seen();
        let paths: Vec<&str> = seen.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, [TOKEN.0, INFO, TOKEN.0, TRANSFERS, INFO]);
        let sent = Fields::from_form(seen[3].1.as_bytes()).unwrap();
        assert_eq!(sent.get("access_token"), Some("sandbox-base-token-0002"));
    }
}
