//! Automatic payments, and how DotWallet is called.

use countersign_core::FailureClass;
use serde::Serialize;

use super::config::BodyFormat;
use super::errors::{self, asks_before_consent};
use super::wire::{Charged, Envelope, PaySmallMoney};
use super::{Dotwallet, Order};
use crate::gateway::answer;
use crate::gateway::errors::claim;
use crate::ledger::{Claim, PaidClaim};
use crate::upstream::{Content, UpstreamError};

impl Dotwallet {
    /// Charges the payer at once, within the limits they set.
    pub(super) async fn pay_small_money(&self, order: &Order) -> Claim {
        let message = PaySmallMoney {
            app_id: &self.config.app_id,
            secret: self.config.secret.expose(),
            merchant_order_sn: &order.order_no,
            pre_amount: order.amount.value(),
            user_open_id: order.method.user_open_id.as_deref().unwrap_or_default(),
            item_name: &order.subject,
            opreturn: order.method.op_return.as_deref(),
            receive_address: super::receive_address(order),
        };
        match self.call(&self.config.pay_small_money_path, &message).await {
            Ok(answer) => self.read_charge(order, &answer).await,
            Err(UpstreamError::NotSent(_)) => Claim::NotSent,
            Err(UpstreamError::OutcomeUnknown(reason)) => Claim::Unknown { reason, failure: None },
        }
    }

    async fn read_charge(&self, order: &Order, answer: &Envelope) -> Claim {
        if answer.succeeded() {
            return match answer.data::<Charged>() {
                Some(charged) if charged.order_sn.filled().is_some() => Claim::Paid(PaidClaim {
                    amount: order.amount.value(),
                    currency: None,
                    gateway_order_no: charged.order_sn.owned(),
                    transaction_id: charged.transaction_id(),
                    paid_at_ms: None,
                    other_payer: false,
                }),
                _ => Claim::Unknown { reason: "code 0 without an order_sn".into(), failure: None },
            };
        }
        let failure = errors::failure(answer, &self.config.secret);
        if failure.class != FailureClass::Reauthorize {
            return claim(failure);
        }
        let next_action = self.set_pay_config(&order.consent_return_url);
        let consent = Claim::ConsentNeeded { failure, next_action };
        if asks_before_consent(answer.code.as_str()) {
            // Nothing published defines the code here: only the look-up may say that nothing was charged.
            return match self.search_order(order).await {
                Claim::NotFound => consent,
                other => other,
            };
        }
        consent
    }

    /// Posts `message` in the account's format.
    pub(super) async fn call(&self, path: &str, message: &impl Serialize) -> Result<Envelope, UpstreamError> {
        let content = self.content(message).map_err(UpstreamError::NotSent)?;
        let answer = self.upstream.post(&self.config.url(path), content).await?;
        answer::envelope(&answer)
    }

    /// Gets a path with a query.
    pub(super) async fn get(&self, path: &str, query: &impl Serialize) -> Result<Envelope, UpstreamError> {
        let answer = self.upstream.get(&self.config.url_with(path, query)).await?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::scripted::{Scripted, name, order, upstream};
    use crate::vectors::wire;
    use countersign_core::{Currency, MethodType, Receiver};

    fn gateway(scripted: &Scripted, form: bool) -> Dotwallet {
        let mut config = super::super::sample();
        config.base_url = scripted.url.clone();
        config.body_format = if form { BodyFormat::Form } else { BodyFormat::Json };
        Dotwallet::new(config, Currency::parse("BSV").unwrap(), upstream())
    }

    fn payment() -> Order {
        let mut order = order(MethodType::DotwalletAutopay, "d20240101-0001", 700, "BSV");
        order.subject = "一个苹果".into();
        order.method.user_open_id = Some("sandbox-payer-0001".into());
        order
    }

    async fn charged(file: &str) -> (Claim, Vec<(String, String)>) {
        let scripted = Scripted::answering(wire(&format!("dotwallet/{file}"))).await;
        (gateway(&scripted, false).pay_small_money(&payment()).await, scripted.seen())
    }

    #[tokio::test]
    async fn sends_the_documented_fields_to_the_byte() {
        let address = |address: &str, amount| Receiver { address: address.into(), amount };
        let mut whole = payment();
        whole.method.op_return = Some("006a0568656c6c6f".into());
        whole.method.receive_addresses = Some(vec![address("1BitcoinEaterAddressDontSendf59kuE", 700)]);
        let mut split = payment();
        split.method.receive_addresses = Some(vec![
            address("1BitcoinEaterAddressDontSendf59kuE", 300),
            address("1CounterpartyXXXXXXXXXXXXXXXUWLpVr", 400),
        ]);
        for (order, documented) in
            [(whole, "request"), (split, "request_split"), (payment(), "request_without_optionals")]
        {
            let scripted = Scripted::answering(wire("dotwallet/pay_small_money.success.json")).await;
            gateway(&scripted, false).pay_small_money(&order).await;
            gateway(&scripted, true).pay_small_money(&order).await;
            let documented: serde_json::Map<String, serde_json::Value> =
                serde_json::from_slice(&wire(&format!("dotwallet/pay_small_money.{documented}.json")))
                    .unwrap();
            let (path, json) = &scripted.seen()[0];
            assert_eq!(path, "/openapi/pay_small_money");
            assert_eq!(
                serde_json::from_str::<serde_json::Value>(json).unwrap(),
                serde_json::Value::Object(documented.clone())
            );
            let form: Vec<(String, String)> = serde_urlencoded::from_str(&scripted.seen()[1].1).unwrap();
            assert_eq!(form.len(), documented.len());
            for (name, value) in form {
                let expected =
                    documented[&name].as_str().map_or_else(|| documented[&name].to_string(), str::to_owned);
                assert_eq!(value, expected, "{name}");
            }
        }
    }

    #[tokio::test]
    async fn every_answer_to_a_charge_has_its_meaning() {
        for (file, expected) in [
            ("success", "paid"),
            ("success_both_txids", "paid"),
            ("success_code_string", "paid"),
            ("success_order_sn_number", "paid"),
            ("success_paytxid", "paid"),
            ("success_unknown_field", "paid"),
            ("success_without_msg", "paid"),
            ("success_without_txid", "paid"),
            ("success_without_order_sn", "unknown"),
            ("code_0_without_data", "unknown"),
            ("code_0_data_text", "unknown"),
            ("duplicate", "unknown"),
            ("duplicate_code_string", "unknown"),
            ("duplicate_zh", "unknown"),
            ("unknown_code", "unknown"),
            ("low_balance", "consent_needed"),
            ("low_balance_code_string", "consent_needed"),
            ("low_balance_data_missing", "consent_needed"),
            ("low_balance_unreadable_data", "consent_needed"),
            ("over_limit", "consent_needed"),
            ("user_lacks_funds", "consent_needed"),
            ("address_amount_not_an_integer", "refused"),
            ("address_empty", "refused"),
            ("address_malformed", "refused"),
            ("amounts_do_not_add_up", "refused"),
            ("failure_data_list", "refused"),
            ("failure_data_missing", "refused"),
            ("failure_data_text", "refused"),
            ("failure_msg_missing", "refused"),
            ("no_permission", "refused"),
            ("not_created", "refused"),
            ("under_minimum", "refused"),
            ("user_invalid", "refused"),
            ("wrong_secret", "refused"),
            // Looked up before anybody is sent to consent, and the look-up answers the same code here.
            ("negative_10039", "unknown"),
            ("negative_10044", "unknown"),
            ("negative_10044_data_text", "unknown"),
        ] {
            let (claim, seen) = charged(&format!("pay_small_money.{file}.json")).await;
            assert_eq!(name(&claim), expected, "{file}");
            assert_eq!(seen.len(), if file.contains("negative") { 2 } else { 1 }, "{file}");
        }
    }

    #[tokio::test]
    async fn an_undefined_code_leads_to_consent_only_when_the_look_up_finds_no_charge() {
        for (found, expected) in [
            ("not_found", "consent_needed"),
            ("paid", "paid"),
            ("waiting", "unknown"),
            ("unknown_code", "unknown"),
        ] {
            let scripted = Scripted::by_path(vec![
                ("pay_small_money", wire("dotwallet/pay_small_money.negative_10039.json")),
                ("search_order", wire(&format!("dotwallet/search_order.{found}.json"))),
            ])
            .await;
            let claim = gateway(&scripted, false).pay_small_money(&payment()).await;
            assert_eq!(name(&claim), expected, "{found}");
        }
    }

    #[tokio::test]
    async fn an_answer_that_is_no_answer_leaves_the_outcome_open() {
        for body in [&b"<html>502</html>"[..], b"", b"[]", b"{\"code\":0", b"null"] {
            let scripted = Scripted::answering(body.to_vec()).await;
            let claim = gateway(&scripted, false).pay_small_money(&payment()).await;
            assert_eq!(name(&claim), "unknown", "{body:?}");
        }
    }
}
