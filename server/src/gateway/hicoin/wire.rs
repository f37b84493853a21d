//! Hicoin's messages, byte for byte. Amounts are 10⁻⁸ of a coin, for every coin.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::super::answer;
use super::super::fields::Fields;
use super::super::lenient::Text;

/// `biz_content` of `POST /pay/preOrder`, in the document's order. Source: Hicoin, H5 payment, section 2.
#[derive(Serialize)]
pub(crate) struct PreOrder<'a> {
    pub(crate) openid: &'a str,
    pub(crate) body: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) out_trade_no: &'a str,
    pub(crate) total_amount: i64,
    pub(crate) settle_currency: &'a str,
    pub(crate) trade_type: &'a str,
    pub(crate) trade_timeout_express: u32,
    pub(crate) return_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) passback_params: Option<&'a str>,
}

/// `biz_content` of `POST /pay/queryOrder`. Source: Hicoin, H5 payment, section 4.
#[derive(Serialize)]
pub(crate) struct QueryOrder<'a> {
    pub(crate) out_trade_no: &'a str,
}

/// Every answer. The success value of `code` is not documented, so `data` decides.
#[derive(Deserialize)]
pub(crate) struct Envelope {
    #[serde(default)]
    pub(crate) code: Text,
    #[serde(default)]
    data: Option<Box<RawValue>>,
}

impl Envelope {
    /// `data` as received, where it is an object.
    pub(crate) fn data(&self) -> Option<Fields> {
        answer::data(self.data.as_deref())
    }
}

/// A token's answer, inside `data` or bare.
#[derive(Deserialize)]
pub(crate) struct Token {
    #[serde(default)]
    pub(crate) access_token: Text,
    #[serde(default)]
    pub(crate) expires_in: Text,
}

/// `trade_status`. Source: Hicoin, H5 payment, section 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TradeStatus {
    /// NOTPAY.
    Open,
    /// SUCCESS.
    Paid,
    /// CLOSED: expired or closed.
    Closed,
    /// UNKNOW, as the document spells it, and UNKNOWN.
    Unknown,
}

impl TradeStatus {
    /// Reads the word; another one is no status.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "NOTPAY" => Some(Self::Open),
            "SUCCESS" => Some(Self::Paid),
            "CLOSED" => Some(Self::Closed),
            "UNKNOW" | "UNKNOWN" => Some(Self::Unknown),
            _ => None,
        }
    }
}
