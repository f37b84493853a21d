//! Refunds: asking for one, and finding out what became of it. A refund number works once (493001), so sending a refund
//! again under its number cannot pay twice.

use countersign_core::FailureClass;

use super::calls::reason;
use super::errors::{NOT_FOUND, REFUND_NUMBER_USED, REFUNDED, STATES};
use super::wire::{AboutRefund, Answer, Data, Refund, RefundStatus, Told, TradeState, Verdict};
use super::{Blueocean, RefundOrder};
use crate::gateway::errors;
use crate::ledger::RefundClaim;
use crate::secret::Secret;
use crate::upstream::UpstreamError;

impl Blueocean {
    /// Asks for a refund.
    pub(super) async fn send_refund(&self, refund: &RefundOrder) -> RefundClaim {
        let message = Refund {
            order: self.about(&refund.sought),
            out_refund_no: &refund.refund_no,
            refund_fee: refund.amount,
            refund_desc: refund.reason.as_deref().filter(|reason| !reason.is_empty()),
            password: self.config.refund_password.as_ref().map(Secret::expose),
        };
        match self.call("/payment/refund", &message).await {
            // The older document takes no number of ours and answers with one of the gateway's.
            Ok(Answer { verdict: Verdict::Success, data: Some(data) }) => self.read_refund(refund, &data),
            Ok(Answer { verdict: Verdict::Failed(told), .. }) => self.refused(refund, &told).await,
            Ok(answer) => unknown(reason(&answer)),
            Err(UpstreamError::NotSent(_)) => RefundClaim::NotSent,
            Err(UpstreamError::OutcomeUnknown(reason)) => unknown(reason),
        }
    }

    /// A code instead of a refund. "Refunded" and "number used" may mean this very refund, so it is looked for first.
    async fn refused(&self, refund: &RefundOrder, told: &Told) -> RefundClaim {
        let failure = self.failure(&refund.sought.order, told);
        if told.is_one_of(&[REFUND_NUMBER_USED, REFUNDED]) {
            return match self.look_for_refund(refund).await {
                // Two words that contradict each other: what is looked up may lag behind. It is asked about again.
                RefundClaim::NotFound => RefundClaim::Unknown {
                    reason: format!("the gateway answers code {}, and knows of no refund", told.code),
                    failure: Some(failure),
                },
                found => found,
            };
        }
        if failure.class == FailureClass::Retry {
            // Nothing is lost by asking first: a refund that is not there is sent again under the same number.
            let reason = format!("{}, code {}", failure.code, told.code);
            return RefundClaim::Unknown { reason, failure: Some(failure) };
        }
        errors::refund_claim(failure)
    }

    /// What became of a refund, by its number; where that is not known, by how much of the order went back.
    pub(super) async fn look_for_refund(&self, refund: &RefundOrder) -> RefundClaim {
        let message = AboutRefund { appid: &self.config.appid, customer_refund_no: &refund.refund_no };
        match self.call("/order/refundquery", &message).await {
            Ok(Answer { verdict: Verdict::Success, data: Some(data) }) => {
                match data.out_refund_no() == Some(refund.refund_no.as_str()) {
                    true => self.read_refund(refund, &data),
                    false => unknown("the answer is for another refund"),
                }
            }
            Ok(Answer { verdict: Verdict::Failed(told), .. }) if told.is_one_of(&NOT_FOUND) => {
                self.look_at_sum(refund).await
            }
            Ok(answer) => unknown(reason(&answer)),
            Err(error) => unknown(error.to_string()),
        }
    }

    async fn look_at_sum(&self, refund: &RefundOrder) -> RefundClaim {
        let order = &refund.sought.order;
        let whole = order.amount.value();
        let back = match self.call("/order/query", &self.about(&refund.sought)).await {
            Ok(Answer { verdict: Verdict::Success, data: Some(data) }) if self.is_ours(order, &data) => {
                let state = data.trade_state().and_then(TradeState::parse);
                // Without a sum, a refunded order is one of which all went back.
                data.total_refund_fee().or_else(|| (state == Some(TradeState::Refunded)).then_some(whole))
            }
            _ => None,
        };
        match back {
            Some(back) if back == refund.refunded_before => RefundClaim::NotFound,
            Some(back) if back == refund.refunded_before.saturating_add(refund.amount) => {
                RefundClaim::Succeeded { gateway_refund_no: None }
            }
            Some(_) => unknown("another sum went back than this refund would make"),
            None => unknown("the gateway does not know the refund, and not how much went back"),
        }
    }

    /// What a refund's fields say. Without a status it was taken, no more.
    fn read_refund(&self, refund: &RefundOrder, data: &Data) -> RefundClaim {
        let currency = self.currency.as_str();
        let ours = self.is_ours(&refund.sought.order, data);
        let as_asked = data.refund_fee() == Some(refund.amount)
            && [data.fee_type(), data.refund_fee_type()].iter().flatten().all(|code| *code == currency);
        if !ours {
            return unknown("the answer is for another order");
        }
        if !as_asked {
            return unknown("the answer is for another amount or currency");
        }
        let other_no = data.out_refund_no().filter(|no| *no != refund.refund_no);
        let gateway_refund_no = data.refund_id().or(other_no).map(str::to_owned);
        let Some(status) = data.refund_status() else { return RefundClaim::Accepted { gateway_refund_no } };
        match RefundStatus::parse(status) {
            Some(RefundStatus::Succeeded) => RefundClaim::Succeeded { gateway_refund_no },
            Some(RefundStatus::Open) => RefundClaim::Accepted { gateway_refund_no },
            Some(RefundStatus::Closed | RefundStatus::Abnormal) => {
                errors::refund_claim(errors::failure(STATES, status))
            }
            None => unknown("the answer has a refund status the document does not know"),
        }
    }
}

fn unknown(reason: impl Into<String>) -> RefundClaim {
    RefundClaim::Unknown { reason: reason.into(), failure: None }
}

#[cfg(test)]
mod tests {
    use super::super::rehearsal::{Rehearsal, SN, json, refund};
    use super::*;

    const PATHS: [&str; 3] = ["/payment/refund", "/order/refundquery", "/order/query"];

    fn name(claim: &RefundClaim) -> String {
        serde_json::to_value(claim).unwrap()["refund"].as_str().unwrap().to_owned()
    }

    #[tokio::test]
    async fn sends_the_documented_fields_with_the_documented_signature() {
        let told = Rehearsal::with("payment.unknown_code.json").await;
        let mut order = refund(10, 0);
        told.gateway.send_refund(&order).await;
        assert_eq!(told.sent_json(), json("payment.refund.request.json"));
        order.sought.gateway_order_no = Some(SN.into());
        told.gateway.send_refund(&order).await;
        assert_eq!(told.sent_json(), json("payment.refund.request_whole_sn.json"));
        (order.amount, order.reason) = (4, Some("少发一件".into()));
        told.gateway.send_refund(&order).await;
        assert_eq!(told.sent_json(), json("payment.refund.request_partial.json"));
        told.gateway.look_for_refund(&order).await;
        assert_eq!(told.sent_json(), json("order.refundquery.request.json"));
        assert_eq!(told.paths()[2..], [PATHS[0], PATHS[1]]);

        let scripted = crate::gateway::scripted::Scripted::answering(Vec::new()).await;
        let told = Rehearsal::set(scripted, |config| {
            config.refund_password = Some(Secret::new("sandbox-refund-password".into()));
        });
        told.gateway.send_refund(&order).await;
        assert_eq!(told.sent_json(), json("payment.refund.request_password.json"));
    }

    #[tokio::test]
    async fn every_answer_to_a_refund_has_its_meaning() {
        for (amount, expected, files) in [
            (
                10,
                "succeeded",
                "success success_bare success_unknown_field success_unsigned success_other_refund_no \
                 success_own_refund_no",
            ),
            (
                4,
                "succeeded",
                "success_numbers success_numbers_bare success_partial success_partial_bare success_state_success",
            ),
            (4, "accepted", "processing processing_bare success_table_fields"),
            (10, "accepted", "empty_refund_status without_refund_status"),
            (4, "refused", "refundclose refundclose_bare"),
            (
                10,
                "refused",
                "bad_sign closed failure_data_text merchant_balance missing_field not_supported past_period reversed",
            ),
            (4, "unknown", "change change_bare"),
            (
                10,
                "unknown",
                "busy code_200_without_data general_error_zero no_such_order success_forged_sign \
                 success_forged_sign_bare success_other_amount success_other_appid success_other_currency \
                 success_other_order success_partial unknown_code unknown_refund_status upstream_empty \
                 upstream_timeout",
            ),
        ] {
            for file in files.split_whitespace() {
                let told = Rehearsal::with(&format!("payment.refund.{file}.json")).await;
                let claim = told.gateway.send_refund(&refund(amount, 0)).await;
                assert_eq!(name(&claim), expected, "{file}");
                assert_eq!(told.paths(), [PATHS[0]], "{file}");
            }
        }
    }

    #[tokio::test]
    async fn a_state_that_is_a_failure_says_so() {
        for (file, code, gateway_code) in [
            ("payment.refund.refundclose.json", "refund_closed", "REFUNDCLOSE"),
            ("payment.refund.change.json", "refund_abnormal", "CHANGE"),
            ("payment.refund.busy.json", "busy", "40400"),
        ] {
            let told = Rehearsal::with(file).await;
            let claim = told.gateway.send_refund(&refund(4, 0)).await;
            let (RefundClaim::Refused { failure } | RefundClaim::Unknown { failure: Some(failure), .. }) =
                claim
            else {
                panic!("{file}: {claim:?}")
            };
            assert_eq!((failure.code.as_str(), failure.gateway_code.as_deref()), (code, Some(gateway_code)));
        }
    }

    #[tokio::test]
    async fn the_wallets_number_of_the_refund_is_kept() {
        let told = Rehearsal::with("payment.refund.success_table_fields.json").await;
        let claim = told.gateway.send_refund(&refund(4, 0)).await;
        let gateway_refund_no = Some("50000000000000000000000000001".to_owned());
        assert_eq!(claim, RefundClaim::Accepted { gateway_refund_no });
    }

    async fn looked_for(file: &str, query: &str, amount: i64, before: i64) -> (String, usize) {
        let told = Rehearsal::with_each([
            (PATHS[1], &*format!("order.refundquery.{file}.json")),
            (PATHS[2], &*format!("order.query.{query}.json")),
        ])
        .await;
        let claim = told.gateway.look_for_refund(&refund(amount, before)).await;
        (name(&claim), told.paths().len())
    }

    #[tokio::test]
    async fn a_refund_is_found_by_its_number() {
        for (amount, expected, files) in [
            (10, "succeeded", "success success_bare success_unsigned"),
            (4, "succeeded", "success_numbers success_numbers_bare success_partial success_partial_bare"),
            (4, "accepted", "processing processing_bare"),
            (10, "accepted", "without_refund_status"),
            (4, "refused", "refundclose refundclose_bare"),
            (4, "unknown", "change change_bare"),
            (
                10,
                "unknown",
                "busy success_forged_sign success_forged_sign_bare success_other_amount success_other_order \
                 success_other_refund_no success_partial unknown_code unknown_refund_status upstream_timeout",
            ),
        ] {
            for file in files.split_whitespace() {
                assert_eq!(looked_for(file, "success", amount, 0).await, (expected.to_owned(), 1), "{file}");
            }
        }
    }

    #[tokio::test]
    async fn one_that_is_not_known_is_judged_by_how_much_went_back() {
        for file in ["no_such_data", "no_such_order"] {
            for (query, amount, before, expected) in [
                ("success_refundable", 4, 0, "not_found"),
                ("partially_refunded", 6, 4, "not_found"),
                ("partially_refunded", 4, 0, "succeeded"),
                ("partially_refunded_state_success", 4, 0, "succeeded"),
                ("refund", 10, 0, "succeeded"),
                ("refund", 6, 4, "succeeded"),
                ("partially_refunded", 5, 0, "unknown"),
                ("refund", 4, 0, "unknown"),
                ("refund_without_total_refund_fee", 10, 0, "succeeded"),
                ("refund_without_total_refund_fee", 4, 0, "unknown"),
                ("success_other_order", 4, 0, "unknown"),
                ("success_forged_sign", 4, 0, "unknown"),
                ("upstream_timeout", 4, 0, "unknown"),
            ] {
                let told = looked_for(file, query, amount, before).await;
                assert_eq!(told, (expected.to_owned(), 2), "{file} {query} {amount} {before}");
            }
        }
    }

    #[tokio::test]
    async fn a_number_that_is_used_and_an_order_that_is_refunded_are_looked_into() {
        for (answer, refunds, query, expected) in [
            ("duplicate_refund_no", "success", "refund", "succeeded"),
            ("duplicate_refund_no_code_string", "success", "refund", "succeeded"),
            ("duplicate_refund_no", "processing", "refund", "unknown"),
            ("duplicate_refund_no", "no_such_data", "refund", "succeeded"),
            ("duplicate_refund_no", "no_such_data", "success_refundable", "unknown"),
            ("already_refunded", "success", "refund", "succeeded"),
            ("already_refunded", "no_such_data", "success_refundable", "unknown"),
            ("already_refunded", "upstream_timeout", "refund", "unknown"),
        ] {
            let told = Rehearsal::with_each([
                (PATHS[0], &*format!("payment.refund.{answer}.json")),
                (PATHS[1], &*format!("order.refundquery.{refunds}.json")),
                (PATHS[2], &*format!("order.query.{query}.json")),
            ])
            .await;
            let claim = told.gateway.send_refund(&refund(10, 0)).await;
            assert_eq!(name(&claim), expected, "{answer} {refunds} {query}");
        }
    }
}
