//! DotWallet, the "openapi" generation: automatic payments and orders in BSV.

mod calls;
mod check;
mod config;
#[cfg(test)]
mod contradictions;
mod errors;
mod login;
mod mistakes;
mod notify;
mod order;
mod sign;
mod wire;

#[cfg_attr(doc, doc = include_str!("../../../../docs/gateways/dotwallet.md"))]
mod docs {}

use async_trait::async_trait;
use countersign_core::{Currency, FieldError, GatewayId, Method, MethodType, Money};
use url::Url;

pub(crate) use config::DotwalletConfig;
pub(crate) use mistakes::SIGNING;
#[cfg(test)]
pub(crate) use {config::sample, notify::sample_notice};

use super::errors::Row;
use super::notification::{Acknowledgement, Received, Refusal, VerifiedNotification};
use super::order::{Draft, Order, Sought};
use super::{Detour, Gateway, LoggedIn, LoginError, Tokens};
use crate::ledger::{Claim, Payer};
use crate::upstream::Upstream;

/// Every published code.
pub(crate) const CODES: &[Row] = errors::TABLE;

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
        method.gateway() == GatewayId::Dotwallet
    }

    fn has_query(&self, method: MethodType) -> bool {
        method == MethodType::DotwalletOrder
    }

    fn check(&self, draft: &Draft<'_>) -> Vec<FieldError> {
        check::check(self.config.op_return, draft)
    }

    async fn submit(&self, order: &Order) -> Claim {
        match order.method.kind {
            MethodType::DotwalletOrder => self.create_order(order).await,
            _ => self.pay_small_money(order).await,
        }
    }

    async fn query(&self, sought: &Sought) -> Claim {
        self.search_order(&sought.order).await
    }

    fn login_page(&self, method: &Method, callback: &Url, nonce: &str) -> Option<String> {
        self.get_code_page(method, callback, nonce)
    }

    async fn login(&self, code: &str) -> Result<LoggedIn, LoginError> {
        self.exchange_code(code).await
    }

    async fn read_payer(&self, tokens: &Tokens) -> Result<LoggedIn, LoginError> {
        self.read_again(tokens).await
    }

    fn detour(&self, amount: &Money, return_url: &str, payer: &Payer) -> Option<Detour> {
        self.consent_detour(amount, return_url, payer)
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

/// `receive_address`: a text that holds a JSON array. Absent, the application's own wallet receives.
fn receive_address(order: &Order) -> Option<String> {
    let receivers = order.method.receive_addresses.as_ref()?;
    Some(serde_json::to_string(receivers).expect("texts and numbers are JSON"))
}

#[cfg(test)]
mod tests {
    use super::super::order::Refunds;
    use super::super::scripted::upstream;
    use super::*;
    use crate::vectors::wire;

    #[test]
    fn answers_a_notice_as_documented() {
        let gateway = Dotwallet::new(sample(), Currency::parse("BSV").unwrap(), upstream());
        for (taken, file) in [(true, "success"), (false, "failure")] {
            let answer = gateway.acknowledgement(taken);
            let json = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap();
            assert_eq!(
                json(answer.body.as_bytes()),
                json(&wire(&format!("dotwallet/notice.reply.{file}.json")))
            );
            assert_eq!(answer.media_type, "application/json");
        }
    }

    #[test]
    fn offers_its_two_methods_and_is_asked_about_orders_only() {
        let gateway = Dotwallet::new(sample(), Currency::parse("BSV").unwrap(), upstream());
        for method in MethodType::ALL {
            let ours = matches!(method, MethodType::DotwalletAutopay | MethodType::DotwalletOrder);
            assert_eq!(gateway.offers(*method), ours, "{method}");
            assert_eq!(gateway.has_query(*method), *method == MethodType::DotwalletOrder, "{method}");
            assert_eq!(gateway.refunds(*method), Refunds::No);
        }
    }
}
