//! A submission, and where the payer confirmed it.

use std::net::IpAddr;

use countersign_core::{AttemptId, Environment};
use serde::{Deserialize, Serialize};

use crate::clock::UnixMs;

/// One submission to the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// Its name.
    pub(crate) id: AttemptId,
    /// 1 for the first.
    pub(crate) number: i64,
    /// The order number sent to the gateway.
    pub(crate) order_no: String,
    /// When it was written down.
    pub(crate) created_at_ms: UnixMs,
    /// Whether the gateway may still take money for it.
    pub(crate) live: bool,
    /// Where the payer confirmed it.
    pub(crate) circumstances: Circumstances,
}

/// Where a payment is confirmed; nothing is known of it when the merchant's backend confirms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Circumstances {
    /// The application that shows the page.
    pub(crate) environment: Option<Environment>,
    /// The payer's address, for gateways that bind an order to it.
    pub(crate) payer_address: Option<IpAddr>,
    /// The page without its fragment, for a bridge whose signature covers it.
    pub(crate) page_url: Option<String>,
}
