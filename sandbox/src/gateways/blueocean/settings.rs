//! What a test can steer of BlueOcean.

use serde::{Deserialize, Serialize};

use crate::gateways::orders::RefundStatus;

/// The switches. Amounts are in cents.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// A discount by the wallet: `pay_amount` and `cash_fee` are smaller than `total_fee` by it.
    pub(super) discount: i64,
    /// Currency in which the payer pays; `null` is the order's.
    pub(super) cash_fee_type: Option<String>,
    /// Whether an Alipay order can be given back in parts. The text of 2018 says no, a sample of 2021 shows one.
    pub(super) alipay_partial_refunds: bool,
    /// What an order that was given back in part is called.
    pub(super) partial_refund_state: PartlyRefunded,
    /// Where a new refund stands at once.
    pub(super) refund_status: RefundStatus,
    /// Answer refunds without the envelope, as the samples do.
    pub(super) bare_refunds: bool,
    pub(super) refund_period_over: bool,
    /// What refunds are taken from; `null` is as much as is needed.
    pub(super) merchant_balance: Option<i64>,
    /// Host and port that must lead to a `wechat.mweb` page; `null` is any, even none.
    pub(super) mweb_referer_host: Option<String>,
    /// Whether `wechat.mweb` needs the payer's address, as the text of 2021 says.
    pub(super) mweb_ip_required: bool,
    /// Notify of payments by bar code too.
    pub(super) micropay_notifies: bool,
}

/// `trade_state` of an order that was given back in part.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum PartlyRefunded {
    Refund,
    Success,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            discount: 0,
            cash_fee_type: None,
            alipay_partial_refunds: true,
            partial_refund_state: PartlyRefunded::Refund,
            refund_status: RefundStatus::Succeeded,
            bare_refunds: false,
            refund_period_over: false,
            merchant_balance: None,
            mweb_referer_host: None,
            mweb_ip_required: false,
            micropay_notifies: false,
        }
    }
}
