//! DotWallet's messages, byte for byte. Amounts are satoshi, as integers.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use super::super::lenient::Text;

/// `POST /openapi/pay_small_money`. Source: DotWallet micropayment, step 2.
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

/// What an order says. Source: DotWallet open platform, order creation.
pub(crate) struct OrderFields<'a> {
    pub(crate) app_id: &'a str,
    pub(crate) merchant_order_sn: &'a str,
    pub(crate) item_name: &'a str,
    pub(crate) order_amount: i64,
    pub(crate) nonce_str: &'a str,
    pub(crate) notice_uri: Option<&'a str>,
    pub(crate) redirect_uri: Option<&'a str>,
    pub(crate) opreturn: Option<&'a str>,
    /// A string that holds a JSON array of `{address, amount}`.
    pub(crate) receive_address: Option<&'a str>,
}

/// `POST /openapi/create_order`: the fields once more, as a list in the order in which they are signed and sent.
/// Source: DotWallet open platform, order signing.
pub(crate) struct CreateOrder<'a>(Vec<(&'static str, Value<'a>)>);

/// What a field of an order holds. Its text is signed; a number is sent as a number.
#[derive(Serialize)]
#[serde(untagged)]
enum Value<'a> {
    Text(&'a str),
    Signature(String),
    Whole(i64),
}

impl<'a> CreateOrder<'a> {
    /// The message, with what `sign` makes of its fields behind them. A field that is not given is left out, since
    /// DotWallet refuses an empty one.
    pub(crate) fn signed(fields: &OrderFields<'a>, sign: impl FnOnce(&[(String, String)]) -> String) -> Self {
        let mut list = vec![
            ("app_id", Value::Text(fields.app_id)),
            ("merchant_order_sn", Value::Text(fields.merchant_order_sn)),
            ("item_name", Value::Text(fields.item_name)),
            ("order_amount", Value::Whole(fields.order_amount)),
            ("nonce_str", Value::Text(fields.nonce_str)),
        ];
        let optional = [
            ("notice_uri", fields.notice_uri),
            ("redirect_uri", fields.redirect_uri),
            ("opreturn", fields.opreturn),
            ("receive_address", fields.receive_address),
        ];
        let given = |(name, value): (_, Option<&'a str>)| {
            value.filter(|text| !text.is_empty()).map(|text| (name, Value::Text(text)))
        };
        list.extend(optional.into_iter().filter_map(given));
        let pairs: Vec<_> = list.iter().map(|(name, value)| ((*name).to_owned(), value.text())).collect();
        list.push(("sign", Value::Signature(sign(&pairs))));
        Self(list)
    }
}

impl Value<'_> {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => (*text).to_owned(),
            Self::Signature(text) => text.clone(),
            Self::Whole(number) => number.to_string(),
        }
    }
}

impl Serialize for CreateOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// `POST /openapi/search_order/`. Source: DotWallet open platform, order query.
#[derive(Serialize)]
pub(crate) struct SearchOrder<'a> {
    pub(crate) app_id: &'a str,
    pub(crate) secret: &'a str,
    pub(crate) merchant_order_sn: &'a str,
}

/// `POST /openapi/access_token`. Source: DotWallet open platform, user authorisation.
#[derive(Serialize)]
pub(crate) struct AccessToken<'a> {
    pub(crate) app_id: &'a str,
    pub(crate) secret: &'a str,
    pub(crate) code: &'a str,
}

/// `GET /openapi/get_code`, in the browser.
#[derive(Serialize)]
pub(crate) struct GetCode<'a> {
    pub(crate) app_id: &'a str,
    pub(crate) redirect_uri: &'a str,
}

/// `GET /openapi/refresh_access_token`.
#[derive(Serialize)]
pub(crate) struct RefreshAccessToken<'a> {
    pub(crate) app_id: &'a str,
    pub(crate) refresh_token: &'a str,
}

/// `GET /openapi/get_user_info`.
#[derive(Serialize)]
pub(crate) struct GetUserInfo<'a> {
    pub(crate) access_token: &'a str,
}

/// The pay page, in the browser.
#[derive(Serialize)]
pub(crate) struct PayPage<'a> {
    pub(crate) order_sn: &'a str,
}

/// Every answer: `code` 0 is success; `msg` may be missing; `data` is an object, a list, a text or missing.
#[derive(Deserialize)]
pub(crate) struct Envelope {
    #[serde(default)]
    pub(crate) code: Text,
    #[serde(default)]
    pub(crate) msg: Text,
    #[serde(default)]
    data: Option<Box<RawValue>>,
}

impl Envelope {
    /// `data` where it is an object of the expected shape.
    pub(crate) fn data<T: for<'de> Deserialize<'de>>(&self) -> Option<T> {
        self.data.as_ref().and_then(|raw| serde_json::from_str(raw.get()).ok())
    }

    /// Whether the call succeeded; `data` must say the rest.
    pub(crate) fn succeeded(&self) -> bool {
        self.code.integer() == Some(0)
    }
}

/// `data` of a successful automatic payment.
#[derive(Deserialize)]
pub(crate) struct Charged {
    #[serde(default)]
    pub(crate) order_sn: Text,
    /// The documents' name.
    #[serde(default)]
    pay_txid: Text,
    /// The name in sample pages; either or both may come.
    #[serde(default)]
    paytxid: Text,
}

impl Charged {
    /// The transaction's number where there is one.
    pub(crate) fn transaction_id(&self) -> Option<String> {
        self.pay_txid.owned().or_else(|| self.paytxid.owned())
    }
}

/// `data` of a created order.
#[derive(Deserialize)]
pub(crate) struct Created {
    #[serde(default)]
    pub(crate) order_sn: Text,
}

/// What a look-up says of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OrderState {
    /// 0.
    Waiting,
    /// 9.
    Paid,
    /// -1.
    Failed,
}

/// `data` of an order look-up. Times are UTC+8, without a zone.
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
    #[serde(default)]
    pay_txid: Text,
    #[serde(default)]
    paytxid: Text,
}

impl FoundOrder {
    /// Where the order stands; an unknown number is no state, and 1 means "paid" in notices only.
    pub(crate) fn state(&self) -> Option<OrderState> {
        match self.status.integer()? {
            0 => Some(OrderState::Waiting),
            9 => Some(OrderState::Paid),
            -1 => Some(OrderState::Failed),
            _ => None,
        }
    }

    /// The transaction's number where there is one.
    pub(crate) fn transaction_id(&self) -> Option<String> {
        self.pay_txid.owned().or_else(|| self.paytxid.owned())
    }
}

/// `data` of `access_token` and `refresh_access_token`.
#[derive(Deserialize)]
pub(crate) struct IssuedTokens {
    #[serde(default)]
    pub(crate) access_token: Text,
    /// Seconds; 7200 as documented.
    #[serde(default)]
    pub(crate) expires_in: Text,
    #[serde(default)]
    pub(crate) refresh_token: Text,
}

/// `data` of `get_user_info`. Source: DotWallet open platform, user authorisation.
#[derive(Deserialize)]
pub(crate) struct UserInfo {
    #[serde(default)]
    pub(crate) user_open_id: Text,
    #[serde(default)]
    pay_status: Text,
    /// The largest single payment.
    #[serde(default)]
    pub(crate) pre_amount: Text,
    /// The cumulative limit.
    #[serde(default)]
    pub(crate) total_amount: Text,
}

impl UserInfo {
    /// Whether automatic payments are switched on: anything but the documented 1 is no consent.
    pub(crate) fn consents(&self) -> bool {
        self.pay_status.integer() == Some(1)
    }
}
