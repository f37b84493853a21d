//! BlueOcean (蓝海支付), the second dialect inside the Jubao document: Alipay by QR code.

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

pub(crate) use config::BlueoceanConfig;
#[cfg(test)]
pub(crate) use config::sample;

use super::notification::{Acknowledgement, Received, Refusal, VerifiedNotification};
use super::order::{Draft, Order, Sought};
use super::{Gateway, rules};
use crate::ledger::Claim;
use crate::upstream::Upstream;

/// An account at BlueOcean.
pub(crate) struct Blueocean {
    config: BlueoceanConfig,
    currency: Currency,
    upstream: Upstream,
}

impl Blueocean {
    /// An account with these settings.
    pub(crate) fn new(config: BlueoceanConfig, currency: Currency, upstream: Upstream) -> Self {
        Self { config, currency, upstream }
    }
}

/// The name of a method on the wire.
fn payment_name(method: MethodType) -> Option<&'static str> {
    match method {
        MethodType::BlueoceanAlipayQrcode => Some("alipay.qrcode"),
        _ => None,
    }
}

#[async_trait]
impl Gateway for Blueocean {
    fn id(&self) -> GatewayId {
        GatewayId::Blueocean
    }

    fn currency(&self) -> &Currency {
        &self.currency
    }

    fn offers(&self, method: MethodType) -> bool {
        payment_name(method).is_some()
    }

    fn has_query(&self, _method: MethodType) -> bool {
        true
    }

    fn check(&self, draft: &Draft<'_>) -> Vec<FieldError> {
        let mut found = Vec::new();
        rules::order_number(&mut found, draft.order_id, 64, "-_.", "BlueOcean");
        found
    }

    async fn submit(&self, order: &Order) -> Claim {
        self.pay(order).await
    }

    async fn query(&self, sought: &Sought) -> Claim {
        self.query_order(sought).await
    }

    fn verify(&self, received: &Received<'_>) -> Result<VerifiedNotification, Refusal> {
        notify::verify(&self.config, &self.currency, received)
    }

    fn acknowledgement(&self, taken: bool) -> Acknowledgement {
        Acknowledgement::text(if taken { "SUCCESS" } else { "FAIL" })
    }
}
