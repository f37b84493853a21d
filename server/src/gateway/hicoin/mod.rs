//! Hicoin: USDT and house coins, paid on a page inside the Hicoin application.

mod calls;
mod config;
mod errors;
mod notify;
mod sign;
mod token;
mod wire;

#[cfg_attr(doc, doc = include_str!("docs.md"))]
mod docs {}

use async_trait::async_trait;
use countersign_core::{Currency, FieldError, GatewayId, MethodType};

pub(crate) use config::HicoinConfig;
#[cfg(test)]
pub(crate) use config::sample;

use self::token::BaseToken;
use super::notification::{Acknowledgement, Received, Refusal, VerifiedNotification};
use super::order::{Draft, Order, Sought};
use super::{Gateway, rules};
use crate::ledger::Claim;
use crate::upstream::Upstream;

/// An account at Hicoin.
pub(crate) struct Hicoin {
    config: HicoinConfig,
    currency: Currency,
    upstream: Upstream,
    base_token: BaseToken,
}

impl Hicoin {
    /// An account with these settings.
    pub(crate) fn new(config: HicoinConfig, currency: Currency, upstream: Upstream) -> Self {
        Self { config, currency, upstream, base_token: BaseToken::default() }
    }
}

#[async_trait]
impl Gateway for Hicoin {
    fn id(&self) -> GatewayId {
        GatewayId::Hicoin
    }

    fn currency(&self) -> &Currency {
        &self.currency
    }

    fn offers(&self, method: MethodType) -> bool {
        method == MethodType::HicoinH5
    }

    fn has_query(&self, _method: MethodType) -> bool {
        true
    }

    fn check(&self, draft: &Draft<'_>) -> Vec<FieldError> {
        let mut found = Vec::new();
        rules::order_number(&mut found, draft.order_id, 32, "", "Hicoin");
        rules::length(&mut found, "subject", draft.subject, 32, "Hicoin");
        rules::length(&mut found, "description", draft.description.unwrap_or_default(), 64, "Hicoin");
        rules::required(&mut found, "return_url", draft.return_url, "Hicoin sends the payer back there");
        let method = draft.method;
        let why = "from your own login at Hicoin; the signer's login is not built yet";
        rules::required(&mut found, "method.openid", method.openid.as_deref(), why);
        rules::required(&mut found, "method.access_token", method.access_token.as_deref(), why);
        found
    }

    async fn submit(&self, order: &Order) -> Claim {
        self.pre_order(order).await
    }

    async fn query(&self, sought: &Sought) -> Claim {
        self.query_order(sought).await
    }

    fn verify(&self, received: &Received<'_>) -> Result<VerifiedNotification, Refusal> {
        notify::verify(&self.config, received)
    }

    fn acknowledgement(&self, taken: bool) -> Acknowledgement {
        Acknowledgement::text(if taken { "SUCCESS" } else { "FAIL" })
    }
}
