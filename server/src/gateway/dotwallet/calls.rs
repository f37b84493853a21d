//! The calls to DotWallet, and what their answers mean.

use countersign_core::{FailureClass, NextAction};
use serde::Serialize;

use super::config::BodyFormat;
use super::errors::{NOT_FOUND, TABLE, asks_before_consent};
use super::wire::{Charged, Envelope, FoundOrder, PaySmallMoney, SearchOrder};
use super::{Dotwallet, Order};
use crate::clock;
use crate::gateway::{answer, errors};
use crate::ledger::{Claim, PaidClaim};
use crate::upstream::{Content, UpstreamError};

impl Dotwallet {
    /// Charges the payer at once, within the limits they set.
    pub(super) async fn pay_small_money(&self, order: &Order) -> Claim {
        let receive_address = match order.method.receive_addresses.as_ref().map(serde_json::to_string) {
            None => None,
            Some(Ok(text)) => Some(text),
            Some(Err(error)) => return Claim::Unknown { reason: error.to_string(), failure: None },
        };
        let message = PaySmallMoney {
            app_id: &self.config.app_id,
            secret: self.config.secret.expose(),
            merchant_order_sn: &order.order_no,
            pre_amount: order.amount.value(),
            user_open_id: order.method.user_open_id.as_deref().unwrap_or_default(),
            item_name: &order.subject,
            opreturn: order.method.op_return.as_deref(),
            receive_address,
        };
        match self.call(&self.config.pay_small_money_path, &message).await {
            Ok(answer) => self.read_charge(order, &answer).await,
            Err(UpstreamError::NotSent(_)) => Claim::NotSent,
            Err(UpstreamError::OutcomeUnknown(reason)) => Claim::Unknown { reason, failure: None },
        }
    }

    async fn read_charge(&self, order: &Order, answer: &Envelope) -> Claim {
        if answer.code.integer() == Some(0) {
            return match answer.data::<Charged>() {
                Some(charged) if charged.order_sn.filled().is_some() => Claim::Paid(PaidClaim {
                    amount: order.amount.value(),
                    currency: None,
                    gateway_order_no: charged.order_sn.owned(),
                    transaction_id: charged.pay_txid.owned(),
                    paid_at_ms: None,
                }),
                _ => Claim::Unknown { reason: "code 0 without an order_sn".into(), failure: None },
            };
        }
        let failure = errors::failure(TABLE, answer.code.as_str());
        if failure.class != FailureClass::Reauthorize {
            return errors::claim(failure);
        }
        let consent = Claim::ConsentNeeded { failure, next_action: self.set_pay_config(order) };
        if asks_before_consent(answer.code.as_str()) {
            // Nothing published defines these codes: only the look-up may say that nothing was charged.
            return match self.search_order(order).await {
                Claim::NotFound => consent,
                other => other,
            };
        }
        consent
    }

    /// The page where the payer sets limits and tops up.
    fn set_pay_config(&self, order: &Order) -> NextAction {
        NextAction::DotwalletSetPayConfig {
            page_url: self.config.url(&self.config.set_pay_config_path).into(),
            app_id: self.config.app_id.clone(),
            redirect_uri: order.consent_return_url.clone(),
        }
    }

    /// Looks an order up by the merchant's number. Whether DotWallet finds automatic payments this way is not
    /// documented, so only "paid" and "failed" are taken as its word.
    pub(super) async fn search_order(&self, order: &Order) -> Claim {
        let message = SearchOrder {
            app_id: &self.config.app_id,
            secret: self.config.secret.expose(),
            merchant_order_sn: &order.order_no,
        };
        let answer = match self.call(&self.config.search_order_path, &message).await {
            Ok(answer) => answer,
            Err(error) => return Claim::Unknown { reason: error.to_string(), failure: None },
        };
        match answer.code.integer() {
            Some(0) => match answer.data::<FoundOrder>() {
                Some(found) if found.merchant_order_sn.as_str() == order.order_no => read_found(&found),
                _ => {
                    Claim::Unknown { reason: "the look-up answered for another order".into(), failure: None }
                }
            },
            Some(NOT_FOUND) => Claim::NotFound,
            _ => Claim::Unknown {
                reason: format!("the look-up answered code {}", answer.code.as_str()),
                failure: None,
            },
        }
    }

    async fn call(&self, path: &str, message: &impl Serialize) -> Result<Envelope, UpstreamError> {
        let content = self.content(message).map_err(UpstreamError::NotSent)?;
        let answer = self.upstream.post(&self.config.url(path), content).await?;
        answer::envelope(&answer)
    }

    fn content(&self, message: &impl Serialize) -> Result<Content, String> {
        match self.config.body_format {
            BodyFormat::Json => serde_json::to_vec(message)
                .map(|bytes| Content { media_type: "application/json", bytes })
                .map_err(|e| e.to_string()),
            BodyFormat::Form => serde_urlencoded::to_string(message)
                .map(|text| Content { media_type: "application/x-www-form-urlencoded", bytes: text.into() })
                .map_err(|e| e.to_string()),
        }
    }
}

fn read_found(found: &FoundOrder) -> Claim {
    match (found.status.integer(), found.amount.integer()) {
        (Some(9), Some(amount)) => Claim::Paid(PaidClaim {
            amount,
            currency: None,
            gateway_order_no: found.order_sn.owned(),
            transaction_id: found.pay_txid.owned(),
            paid_at_ms: clock::gateway_time_ms(found.pay_time.as_str()),
        }),
        (Some(-1), _) => Claim::Refused { failure: super::errors::order_failed() },
        _ => Claim::Unknown {
            reason: format!("the order has status {}", found.status.as_str()),
            failure: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::scripted::{Scripted, name, order, upstream};
    use crate::vectors::wire;
    use countersign_core::{Currency, MethodType, Receiver};

    async fn asked(file: &str, search: bool) -> (Claim, Vec<(String, String)>) {
        let scripted = Scripted::answering(wire(&format!("dotwallet/{file}"))).await;
        let mut config = super::super::config::sample();
        config.base_url = scripted.url.clone();
        let gateway = Dotwallet::new(config, Currency::parse("BSV").unwrap(), upstream());
        let mut order = order(MethodType::DotwalletAutopay, "d20240101-0001", 700, "BSV");
        order.subject = "一个苹果".into();
        order.method.user_open_id = Some("sandbox-payer-0001".into());
        order.method.op_return = Some("006a0568656c6c6f".into());
        let address = "1BitcoinEaterAddressDontSendf59kuE".into();
        order.method.receive_addresses = Some(vec![Receiver { address, amount: 700 }]);
        let claim =
            if search { gateway.search_order(&order).await } else { gateway.pay_small_money(&order).await };
        (claim, scripted.seen())
    }

    #[tokio::test]
    async fn sends_the_documented_fields_to_the_byte() {
        let (_, seen) = asked("pay_small_money.success.json", false).await;
        assert_eq!(seen[0].0, "/openapi/pay_small_money");
        let (sent, documented): (serde_json::Value, serde_json::Value) = (
            serde_json::from_str(&seen[0].1).unwrap(),
            serde_json::from_slice(&wire("dotwallet/pay_small_money.request.json")).unwrap(),
        );
        assert_eq!(sent, documented);
        let (_, seen) = asked("search_order.paid.json", true).await;
        assert_eq!(seen[0].0, "/openapi/search_order/");
    }

    #[tokio::test]
    async fn every_answer_to_a_charge_has_its_meaning() {
        for (file, expected) in [
            ("pay_small_money.success.json", "paid"),
            ("pay_small_money.success_code_string.json", "paid"),
            ("pay_small_money.success_paytxid.json", "paid"),
            ("pay_small_money.code_0_without_data.json", "unknown"),
            ("pay_small_money.duplicate.json", "unknown"),
            ("pay_small_money.duplicate_zh.json", "unknown"),
            ("pay_small_money.unknown_code.json", "unknown"),
            ("pay_small_money.low_balance.json", "consent_needed"),
            ("pay_small_money.over_limit.json", "consent_needed"),
            ("pay_small_money.user_lacks_funds.json", "consent_needed"),
            ("pay_small_money.wrong_secret.json", "refused"),
            // Looked up before anybody is sent to consent, and the look-up answers the same code here.
            ("pay_small_money.negative_10039.json", "unknown"),
        ] {
            let (claim, seen) = asked(file, false).await;
            assert_eq!(name(&claim), expected, "{file}");
            assert_eq!(seen.len(), if file.contains("negative") { 2 } else { 1 }, "{file}");
        }
    }

    #[tokio::test]
    async fn a_look_up_is_believed_when_it_says_paid_or_failed() {
        for (file, expected) in [
            ("search_order.paid.json", "paid"),
            ("search_order.failed.json", "refused"),
            ("search_order.not_found.json", "not_found"),
            ("search_order.waiting.json", "unknown"),
        ] {
            let (claim, _) = asked(file, true).await;
            assert_eq!(name(&claim), expected, "{file}");
        }
        let (Claim::Paid(paid), _) = asked("search_order.paid.json", true).await else { panic!("not paid") };
        assert_eq!((paid.amount, paid.paid_at_ms), (546, Some(1_704_067_205_000)));
    }
}
