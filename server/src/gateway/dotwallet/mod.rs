//! DotWallet, the "openapi" generation: automatic payments in BSV.

mod calls;
mod config;
mod errors;
mod notify;
mod sign;
mod wire;

#[cfg_attr(doc, doc = include_str!("docs.md"))]
mod docs {}

use async_trait::async_trait;
use countersign_core::{Currency, FieldError, GatewayId, MethodType};

pub(crate) use config::DotwalletConfig;
#[cfg(test)]
pub(crate) use config::sample;

use super::notification::{Acknowledgement, Received, Refusal, VerifiedNotification};
use super::order::{Draft, Order, Sought};
use super::{Gateway, rules};
use crate::ledger::Claim;
use crate::upstream::Upstream;

/// An account at DotWallet.
pub(crate) struct Dotwallet {
    config: DotwalletConfig,
    currency: Currency,
    upstream: Upstream,
}

impl Dotwallet {
    /// An account with these settings.
    pub(crate) fn new(config: DotwalletConfig, currency: Currency, upstream: Upstream) -> Self {
        Self { config, currency, upstream }
    }
}

#[async_trait]
impl Gateway for Dotwallet {
    fn id(&self) -> GatewayId {
        GatewayId::Dotwallet
    }

    fn currency(&self) -> &Currency {
        &self.currency
    }

    fn offers(&self, method: MethodType) -> bool {
        method == MethodType::DotwalletAutopay
    }

    fn has_query(&self, method: MethodType) -> bool {
        method == MethodType::DotwalletOrder
    }

    fn check(&self, draft: &Draft<'_>) -> Vec<FieldError> {
        let mut found = Vec::new();
        rules::order_number(&mut found, draft.order_id, 64, "-_.", "DotWallet");
        let why = "the payer's id at DotWallet, from your own login; the signer's login is not built yet";
        rules::required(&mut found, "method.user_open_id", draft.method.user_open_id.as_deref(), why);
        check_op_return(&mut found, draft.method.op_return.as_deref());
        check_receivers(&mut found, draft);
        found
    }

    async fn submit(&self, order: &Order) -> Claim {
        self.pay_small_money(order).await
    }

    async fn query(&self, sought: &Sought) -> Claim {
        self.search_order(&sought.order).await
    }

    fn verify(&self, received: &Received<'_>) -> Result<VerifiedNotification, Refusal> {
        notify::verify(&self.config, &self.currency, received)
    }

    fn acknowledgement(&self, taken: bool) -> Acknowledgement {
        let media_type = "application/json";
        let success = r#"{"code":0,"msg":"Success","data":[]}"#;
        let body = if taken { success } else { r#"{"code":-1,"msg":"fail","data":[]}"# };
        Acknowledgement { media_type, body }
    }
}

/// `opreturn` is hex only; DotWallet's documents explain it in four ways, of which a script is the one that works.
fn check_op_return(found: &mut Vec<FieldError>, op_return: Option<&str>) {
    let Some(hex) = op_return else { return };
    let is_hex = !hex.is_empty() && hex.len() % 2 == 0 && hex.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_hex {
        let detail = "hex of a data script, e.g. `006a` and what follows";
        found.push(FieldError::new("method.op_return", "invalid_hex", detail));
    }
}

fn check_receivers(found: &mut Vec<FieldError>, draft: &Draft<'_>) {
    let Some(receivers) = &draft.method.receive_addresses else { return };
    let field = "method.receive_addresses";
    if receivers.is_empty() {
        found.push(FieldError::new(field, "required", "at least one address, or leave the field out"));
        return;
    }
    for (i, receiver) in receivers.iter().enumerate() {
        let shape = (25..=62).contains(&receiver.address.len())
            && receiver.address.bytes().all(|b| b.is_ascii_alphanumeric());
        if !shape {
            let detail = "25 to 62 letters and digits";
            found.push(FieldError::new(format!("{field}[{i}].address"), "invalid_address", detail));
        }
        if receiver.amount < 1 {
            let detail = "at least 1 satoshi";
            found.push(FieldError::new(format!("{field}[{i}].amount"), "out_of_range", detail));
        }
    }
    let Some(amount) = draft.amount else { return };
    let sum = receivers.iter().try_fold(0_i64, |sum, r| sum.checked_add(r.amount));
    if sum != Some(amount.value()) {
        let detail = format!("the amounts must add up to amount.value, {}", amount.value());
        found.push(FieldError::new(field, "sum_mismatch", detail));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_core::{Method, Money, Receiver};

    fn found(change: impl FnOnce(&mut Method)) -> Vec<String> {
        let bsv = Currency::parse("BSV").unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let limits =
            crate::upstream::UpstreamSettings { connect_timeout_s: 1, timeout_s: 1, answer_bytes_max: 1 };
        let gateway = Dotwallet::new(sample(), bsv.clone(), Upstream::new(&limits).unwrap());
        let mut method = Method::bare(MethodType::DotwalletAutopay);
        method.user_open_id = Some("u".into());
        change(&mut method);
        let amount = Money::new(700, bsv).unwrap();
        let draft = Draft {
            order_id: "d20240101-0001",
            amount: Some(&amount),
            subject: "Tea",
            description: None,
            method: &method,
            return_url: None,
        };
        gateway.check(&draft).into_iter().map(|e| format!("{} {}", e.field, e.code)).collect()
    }

    #[test]
    fn checks_every_field_rule_at_once() {
        assert!(found(|_| {}).is_empty());
        let broken = found(|m| {
            m.user_open_id = None;
            m.op_return = Some("0x6a".into());
            m.receive_addresses = Some(vec![Receiver { address: "1Bitcoin".into(), amount: 0 }]);
        });
        assert_eq!(
            broken,
            [
                "method.user_open_id required",
                "method.op_return invalid_hex",
                "method.receive_addresses[0].address invalid_address",
                "method.receive_addresses[0].amount out_of_range",
                "method.receive_addresses sum_mismatch",
            ]
        );
    }

    #[test]
    fn the_parts_of_a_split_payment_add_up() {
        let split = |amount| {
            found(|m| {
                let address = "1BitcoinEaterAddressDontSendf59kuE".into();
                m.receive_addresses = Some(vec![Receiver { address, amount }]);
            })
        };
        assert!(split(700).is_empty());
        assert_eq!(split(699), ["method.receive_addresses sum_mismatch"]);
        assert_eq!(split(i64::MAX), ["method.receive_addresses sum_mismatch"]);
    }
}
