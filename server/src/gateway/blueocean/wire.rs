//! BlueOcean's messages, byte for byte. Amounts are cents; answers write numbers now as numbers, now as text.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::super::answer;
use super::super::fields::Fields;
use super::super::lenient::Text;

/// `POST /payment/pay`. Source: 聚宝 Pay document 2.1, "支付宝二维码示例"; BlueOcean payment API document.
///
/// Nothing empty is sent, since kept and dropped empties sign differently.
#[derive(Serialize)]
pub(crate) struct Pay<'a> {
    pub(crate) appid: &'a str,
    pub(crate) payment: &'a str,
    pub(crate) total_fee: i64,
    pub(crate) out_trade_no: &'a str,
    pub(crate) notify_url: &'a str,
    pub(crate) body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) wallet: Option<&'a str>,
    pub(crate) sign: String,
}

/// `POST /order/query`; `sn` wins over `out_trade_no`, so one of them is sent.
#[derive(Serialize)]
pub(crate) struct Query<'a> {
    pub(crate) appid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) out_trade_no: Option<&'a str>,
    pub(crate) sign: String,
}

/// Every answer: `code` 200 is success. A `ret` beside it, from the other dialect, must be 0.
#[derive(Deserialize)]
pub(crate) struct Envelope {
    #[serde(default)]
    pub(crate) code: Text,
    ret: Option<Text>,
    #[serde(default)]
    data: Option<Box<RawValue>>,
}

impl Envelope {
    /// Whether every envelope that is there says success.
    pub(crate) fn succeeded(&self) -> bool {
        self.code.integer() == Some(200) && self.ret.as_ref().is_none_or(|ret| ret.integer() == Some(0))
    }

    /// `data` as received, where it is an object.
    pub(crate) fn data(&self) -> Option<Fields> {
        answer::data(self.data.as_deref())
    }
}

/// `trade_state`. Source: 聚宝 Pay document 2.1 and BlueOcean payment API document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TradeState {
    /// NOTPAY and USERPAYING.
    Open,
    /// SUCCESS.
    Paid,
    /// REFUND.
    Refunded,
    /// CLOSED and REVOKED.
    Closed,
    /// PAYERROR.
    Failed,
}

impl TradeState {
    /// Reads the word; an unknown one is no state.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "NOTPAY" | "USERPAYING" => Some(Self::Open),
            "SUCCESS" => Some(Self::Paid),
            "REFUND" => Some(Self::Refunded),
            "CLOSED" | "REVOKED" => Some(Self::Closed),
            "PAYERROR" => Some(Self::Failed),
            _ => None,
        }
    }
}
