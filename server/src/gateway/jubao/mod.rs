//! Jubao Pay (聚宝 Pay): WeChat H5, Alipay WAP and other channels by number, through a page of the gateway.

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

pub(crate) use config::JubaoConfig;
#[cfg(test)]
pub(crate) use config::sample;

use super::notification::{Acknowledgement, Received, Refusal, VerifiedNotification};
use super::order::{Draft, Order, Sought};
use super::{Gateway, rules};
use crate::ledger::Claim;
use crate::upstream::Upstream;

/// An account at Jubao.
pub(crate) struct Jubao {
    config: JubaoConfig,
    currency: Currency,
    upstream: Upstream,
}

impl Jubao {
    /// An account with these settings.
    pub(crate) fn new(config: JubaoConfig, currency: Currency, upstream: Upstream) -> Self {
        Self { config, currency, upstream }
    }
}

/// The channel number of a method.
fn channel(method: MethodType) -> Option<&'static str> {
    match method {
        MethodType::JubaoAlipayWap => Some("101"),
        MethodType::JubaoWechatH5 => Some("201"),
        _ => None,
    }
}

#[async_trait]
impl Gateway for Jubao {
    fn id(&self) -> GatewayId {
        GatewayId::Jubao
    }

    fn currency(&self) -> &Currency {
        &self.currency
    }

    fn offers(&self, method: MethodType) -> bool {
        channel(method).is_some()
    }

    fn has_query(&self, _method: MethodType) -> bool {
        true
    }

    fn check(&self, draft: &Draft<'_>) -> Vec<FieldError> {
        let mut found = Vec::new();
        rules::order_number(&mut found, draft.order_id, 64, "-_.", "Jubao");
        found
    }

    async fn submit(&self, order: &Order) -> Claim {
        self.apply_pay(order).await
    }

    async fn query(&self, sought: &Sought) -> Claim {
        self.query_payment(sought).await
    }

    fn verify(&self, received: &Received<'_>) -> Result<VerifiedNotification, Refusal> {
        notify::verify(&self.config, &self.currency, received)
    }

    fn acknowledgement(&self, taken: bool) -> Acknowledgement {
        Acknowledgement::text(if taken { "SUCCESS" } else { "FAIL" })
    }
}
