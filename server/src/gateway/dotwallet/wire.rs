//! DotWallet's messages, byte for byte. Amounts are satoshi, as integers.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::super::lenient::Text;

/// `POST /openapi/pay_small_money`. Source: DotWallet, micropayment, step 2.
#[derive(Serialize)]
pub(crate) struct PaySmallMoney<'a> {
    pub(crate) app_id: &'a str,
    pub(crate) secret: &'a str,
    pub(crate) merchant_order_sn: &'a str,
    pub(crate) pre_amount: i64,
    pub(crate) user_open_id: &'a str,
    pub(crate) item_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) opreturn: Option<&'a str>,
    /// A string that holds a JSON array of `{address, amount}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) receive_address: Option<String>,
}

/// `POST /openapi/search_order/`. Source: DotWallet open platform, order query.
#[derive(Serialize)]
pub(crate) struct SearchOrder<'a> {
    pub(crate) app_id: &'a str,
    pub(crate) secret: &'a str,
    pub(crate) merchant_order_sn: &'a str,
}

/// Every answer: `code` 0 is success; `data` is an object, a list, a text or missing.
#[derive(Deserialize)]
pub(crate) struct Envelope {
    #[serde(default)]
    pub(crate) code: Text,
    #[serde(default)]
    data: Option<Box<RawValue>>,
}

impl Envelope {
    /// `data` where it is an object of the expected shape.
    pub(crate) fn data<T: for<'de> Deserialize<'de>>(&self) -> Option<T> {
        self.data.as_ref().and_then(|raw| serde_json::from_str(raw.get()).ok())
    }
}

/// `data` of a successful automatic payment.
#[derive(Deserialize)]
pub(crate) struct Charged {
    #[serde(default)]
    pub(crate) order_sn: Text,
    /// The documents' name; sample pages read `paytxid`.
    #[serde(default, alias = "paytxid")]
    pub(crate) pay_txid: Text,
}

/// `data` of an order look-up. `status`: 0 waiting, 9 paid, -1 failed.
#[derive(Deserialize)]
pub(crate) struct FoundOrder {
    #[serde(default)]
    pub(crate) merchant_order_sn: Text,
    #[serde(default)]
    pub(crate) amount: Text,
    #[serde(default)]
    pub(crate) order_sn: Text,
    #[serde(default)]
    pub(crate) status: Text,
    #[serde(default)]
    pub(crate) pay_time: Text,
    #[serde(default, alias = "paytxid")]
    pub(crate) pay_txid: Text,
}
