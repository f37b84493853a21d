//! Jubao Pay (聚宝 Pay): WeChat H5, Alipay WAP and other channels by number, through a page of the gateway.

mod calls;
mod config;
#[cfg(test)]
mod contradictions;
mod errors;
mod mistakes;
mod notify;
mod sign;
mod wire;

#[cfg_attr(doc, doc = include_str!("../../../../docs/gateways/jubao.md"))]
mod docs {}

use async_trait::async_trait;
use countersign_core::{Currency, FieldError, GatewayId, Method, MethodType};

pub(crate) use config::JubaoConfig;
#[cfg(test)]
pub(crate) use config::sample;
pub(crate) use mistakes::SIGNING;

use super::errors::Row;
use super::notification::{Acknowledgement, Received, Refusal, VerifiedNotification};
use super::order::{Draft, Order, Sought};
use super::{Gateway, rules};
use crate::ledger::Claim;
use crate::upstream::Upstream;

/// Every published code.
pub(crate) const CODES: &[Row] = errors::TABLE;

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

/// The channel number of a method, as it is sent.
fn channel(method: &Method) -> Option<String> {
    match method.kind {
        MethodType::JubaoAlipayWap => Some("101".to_owned()),
        MethodType::JubaoWechatH5 => Some("201".to_owned()),
        MethodType::JubaoChannel => method.pay_channel_id.map(|number| number.to_string()),
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
        method.gateway() == GatewayId::Jubao
    }

    fn has_query(&self, _method: MethodType) -> bool {
        true
    }

    fn finds_by_order_no(&self, _method: MethodType) -> bool {
        false
    }

    fn check(&self, draft: &Draft<'_>) -> Vec<FieldError> {
        let mut found = Vec::new();
        rules::order_number(&mut found, draft.order_id, 64, "-_.", "Jubao");
        if channel(draft.method).is_none() {
            let why = "the number of the channel, as Jubao gave it to the merchant";
            found.push(FieldError::new("method.pay_channel_id", "required", why));
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::scripted::upstream;

    #[test]
    fn a_channel_needs_its_number_and_a_named_method_none() {
        let gateway = Jubao::new(sample(), Currency::parse("CNY").unwrap(), upstream());
        let found = |kind, number| {
            let mut method = Method::bare(kind);
            method.pay_channel_id = number;
            let draft = Draft {
                order_id: "T20240101000001",
                amount: None,
                subject: "茶",
                description: None,
                method: &method,
                return_url: None,
            };
            gateway.check(&draft).into_iter().map(|error| error.field).collect::<Vec<String>>()
        };
        assert_eq!(found(MethodType::JubaoChannel, None), ["method.pay_channel_id"]);
        assert_eq!(found(MethodType::JubaoChannel, Some(304)), [""; 0]);
        assert_eq!(found(MethodType::JubaoWechatH5, None), [""; 0]);
        for kind in MethodType::ALL {
            assert_eq!(gateway.offers(*kind), kind.gateway() == GatewayId::Jubao, "{kind}");
        }
    }
}
