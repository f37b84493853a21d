//! Hicoin's messages, byte for byte. Amounts are 10⁻⁸ of a coin, for every coin.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::super::answer;
use super::super::fields::Fields;
use super::super::lenient::Text;
use super::config::BodyEncoding;

/// `biz_content` of `POST /pay/preOrder`, in the document's order. Source: Hicoin H5 payment, section 2.
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

/// `biz_content` of `POST /pay/queryOrder`, and of `POST /mmpaymkttransfers/gettransferinfo`. Sources: Hicoin H5
/// payment, section 4; Hicoin API-Platform, payout.
#[derive(Serialize)]
pub(crate) struct ByNumber<'a> {
    pub(crate) out_trade_no: &'a str,
}

/// `biz_content` of `POST /mmpaymkttransfers/promotion/transfers`. Source: Hicoin API-Platform, payout.
#[derive(Serialize)]
pub(crate) struct Transfer<'a> {
    pub(crate) openid: &'a str,
    pub(crate) body: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) out_trade_no: &'a str,
    pub(crate) total_amount: i64,
    pub(crate) settle_currency: &'a str,
}

/// Every answer. The success value of `code` is not documented, so `data` decides.
#[derive(Deserialize)]
pub(crate) struct Envelope {
    #[serde(default)]
    pub(crate) code: Text,
    #[serde(default)]
    msg: Text,
    #[serde(default)]
    data: Option<Box<RawValue>>,
}

impl Envelope {
    /// `data` as received, where it is an object.
    pub(crate) fn data(&self) -> Option<Fields> {
        answer::data(self.data.as_deref())
    }
}

/// What every token call answers, inside `data` or bare. Source: Hicoin API-Platform, login and tokens.
pub(crate) struct Token {
    pub(crate) access_token: Text,
    pub(crate) expires_in: Text,
    pub(crate) refresh_token: Text,
    pub(crate) openid: Text,
}

/// An answer without a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoToken {
    /// The gateway said no.
    Refused {
        /// `code`.
        code: String,
        /// `msg`.
        said: String,
    },
    /// It is nothing the documents know.
    Unreadable,
}

impl Token {
    /// Reads the answer to a token call.
    ///
    /// # Errors
    /// When there is no token in it.
    pub(crate) fn read(body: &[u8]) -> Result<Self, NoToken> {
        let usable = |token: &Self| token.access_token.filled().is_some();
        let Ok(envelope) = serde_json::from_slice::<Envelope>(body) else { return Err(NoToken::Unreadable) };
        if let Some(data) = envelope.data() {
            return Some(Self::of(&data)).filter(usable).ok_or(NoToken::Unreadable);
        }
        let bare = Fields::from_json(body).ok().map(|fields| Self::of(&fields));
        bare.filter(usable).ok_or_else(|| match envelope.code.owned() {
            Some(code) => NoToken::Refused { code, said: envelope.msg.as_str().to_owned() },
            None => NoToken::Unreadable,
        })
    }

    fn of(fields: &Fields) -> Self {
        let text = |name| fields.get(name).unwrap_or_default().into();
        Self {
            access_token: text("access_token"),
            expires_in: text("expires_in"),
            refresh_token: text("refresh_token"),
            openid: text("openid"),
        }
    }
}

/// `trade_status` of an order. Source: Hicoin H5 payment, section 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TradeStatus {
    /// NOTPAY.
    Open,
    /// SUCCESS.
    Paid,
    /// CLOSED: expired or closed.
    Closed,
    /// UNKNOW, as the document spells it, UNKNOWN, and any word that no document has.
    Unknown,
}

impl TradeStatus {
    /// Reads the word.
    pub(crate) fn read(text: &str) -> Self {
        match text {
            "NOTPAY" => Self::Open,
            "SUCCESS" => Self::Paid,
            "CLOSED" => Self::Closed,
            _ => Self::Unknown,
        }
    }
}

/// `trade_status` of a payout. Source: Hicoin API-Platform, payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransferStatus {
    /// SUCCESS.
    Done,
    /// FAILED, with a `reason`.
    Failed,
    /// Any other word.
    Unknown,
}

impl TransferStatus {
    /// Reads the word.
    pub(crate) fn read(text: &str) -> Self {
        match text {
            "SUCCESS" => Self::Done,
            "FAILED" => Self::Failed,
            _ => Self::Unknown,
        }
    }
}

/// A form of `pairs`.
///
/// # Errors
/// When the pairs cannot be written.
pub(crate) fn form(encoding: BodyEncoding, pairs: &[(&str, &str)]) -> Result<String, String> {
    match encoding {
        BodyEncoding::Percent => serde_urlencoded::to_string(pairs).map_err(|e| e.to_string()),
        BodyEncoding::Raw => {
            let written: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
            Ok(written.join("&"))
        }
    }
}
