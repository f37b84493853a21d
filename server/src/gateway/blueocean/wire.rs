//! BlueOcean's messages, byte for byte. Amounts are cents; answers write numbers now as numbers, now as text.
//!
//! Nothing empty is sent, since kept and dropped empties sign differently.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::super::answer;
use super::super::fields::Fields;
use super::super::lenient::{Text, integer};
use crate::clock::{self, UnixMs};

/// `POST /payment/pay`. Source: BlueOcean payment API document 2.1, "支付".
#[derive(Serialize)]
pub(super) struct Pay<'a> {
    pub(super) appid: &'a str,
    pub(super) payment: &'static str,
    pub(super) total_fee: i64,
    pub(super) out_trade_no: &'a str,
    pub(super) notify_url: &'a str,
    pub(super) body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) wallet: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sub_appid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sub_openid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) h5_redirect_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) spbill_create_ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<&'a str>,
}

/// `POST /order/query`, `/order/close` and `/order/reverse`; `sn` wins over `out_trade_no`, so one of them is sent.
/// Source: BlueOcean payment API document 2.3.
#[derive(Serialize)]
pub(super) struct AboutOrder<'a> {
    pub(super) appid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) out_trade_no: Option<&'a str>,
}

/// `POST /payment/refund`. Source: BlueOcean payment API document 2.2.
#[derive(Serialize)]
pub(super) struct Refund<'a> {
    #[serde(flatten)]
    pub(super) order: AboutOrder<'a>,
    pub(super) out_refund_no: &'a str,
    pub(super) refund_fee: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refund_desc: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) password: Option<&'a str>,
}

/// `POST /order/refundquery`. Source: BlueOcean payment API document 2.2.1.
#[derive(Serialize)]
pub(super) struct AboutRefund<'a> {
    pub(super) appid: &'a str,
    pub(super) customer_refund_no: &'a str,
}

/// `code` 200 is success; under `ret`, from the other dialect, 0 is. Source: 聚宝 Pay document 1.6 and 1.7.
#[derive(Deserialize)]
struct Envelope {
    code: Option<Text>,
    ret: Option<Text>,
    #[serde(default)]
    message: Text,
    #[serde(default)]
    msg: Text,
    #[serde(default)]
    data: Option<Box<RawValue>>,
}

/// What an answer comes to before its data are looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Every envelope that is there says success, or there is none.
    Success,
    /// What the gateway says of the failure.
    Failed(Told),
    /// One envelope says success and the other one does not.
    Contradictory,
}

/// A failure in the gateway's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) code: String,
    pub(super) message: String,
}

impl Told {
    /// Whether the code is one of these.
    pub(super) fn is_one_of(&self, codes: &[&str]) -> bool {
        codes.contains(&self.code.as_str())
    }
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) verdict: Verdict,
    pub(super) data: Option<Data>,
}

impl Answer {
    /// Reads an answer in either envelope or, as the samples of refunds are printed, in none.
    pub(super) fn read(body: &[u8]) -> Result<Self, serde_json::Error> {
        let envelope: Envelope = serde_json::from_slice(body)?;
        let is = |word: &Text, success| word.integer() == Some(success);
        let message = envelope.message.filled().or(envelope.msg.filled()).unwrap_or_default();
        let failed = |word: Text| {
            Verdict::Failed(Told { code: word.as_str().to_owned(), message: message.to_owned() })
        };
        let verdict = match (envelope.code, envelope.ret) {
            (None, None) => {
                let data = Fields::from_json(body).ok().map(Data);
                return Ok(Self { verdict: Verdict::Success, data });
            }
            (Some(code), None) if is(&code, 200) => Verdict::Success,
            (None, Some(ret)) if is(&ret, 0) => Verdict::Success,
            (Some(code), None) => failed(code),
            (None, Some(ret)) => failed(ret),
            (Some(code), Some(ret)) => match (is(&code, 200), is(&ret, 0)) {
                (true, true) => Verdict::Success,
                (false, false) => failed(code),
                _ => Verdict::Contradictory,
            },
        };
        Ok(Self { verdict, data: answer::data(envelope.data.as_deref()).map(Data) })
    }
}

/// The fields of an answer's data or of a notification, as received.
#[derive(Debug)]
pub(super) struct Data(pub(super) Fields);

impl Data {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.filled(name)
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.text(name).and_then(integer)
    }

    /// The account, a number or text.
    pub(super) fn appid(&self) -> Option<&str> {
        self.text("appid")
    }

    /// Our order number; the document's table calls it the merchant's id.
    pub(super) fn out_trade_no(&self) -> Option<&str> {
        self.text("out_trade_no")
    }

    /// The gateway's order number.
    pub(super) fn sn(&self) -> Option<&str> {
        self.text("sn")
    }

    /// The word for the order's state.
    pub(super) fn trade_state(&self) -> Option<&str> {
        self.text("trade_state")
    }

    /// What was ordered, in cents, whatever the payer paid after discounts and in other currencies.
    pub(super) fn total_fee(&self) -> Option<i64> {
        self.number("total_fee")
    }

    /// The currency of `total_fee`.
    pub(super) fn fee_type(&self) -> Option<&str> {
        self.text("fee_type")
    }

    /// What went back so far, in cents.
    pub(super) fn total_refund_fee(&self) -> Option<i64> {
        self.number("total_refund_fee")
    }

    /// The wallet's number of the transaction.
    pub(super) fn transaction_id(&self) -> Option<&str> {
        self.text("transaction_id")
    }

    /// When it was paid: Unix seconds or digits of a local time, a number or text; 0 is not paid.
    pub(super) fn time_end_ms(&self) -> Option<UnixMs> {
        self.text("time_end").and_then(clock::gateway_time_ms)
    }

    /// The text of a QR code, and the address of a page where the way to pay has one.
    pub(super) fn qrcode(&self) -> Option<&str> {
        self.text("qrcode")
    }

    /// The address of WeChat's page for browsers outside of WeChat.
    pub(super) fn mweb_url(&self) -> Option<&str> {
        self.text("mweb_url")
    }

    /// JSON for WeChat's bridge.
    pub(super) fn jsapi(&self) -> Option<&str> {
        self.text("jsapi")
    }

    /// JSON for a native application's SDK.
    pub(super) fn app(&self) -> Option<&str> {
        self.text("app")
    }

    /// The order string of Alipay's SDK.
    pub(super) fn app_format(&self) -> Option<&str> {
        self.text("app_format")
    }

    /// Our number of the refund.
    pub(super) fn out_refund_no(&self) -> Option<&str> {
        self.text("out_refund_no")
    }

    /// The wallet's number of the refund.
    pub(super) fn refund_id(&self) -> Option<&str> {
        self.text("refund_id")
    }

    /// What goes back under this refund, in cents.
    pub(super) fn refund_fee(&self) -> Option<i64> {
        self.number("refund_fee")
    }

    /// The currency of `refund_fee`.
    pub(super) fn refund_fee_type(&self) -> Option<&str> {
        self.text("refund_fee_type")
    }

    /// The word for the refund's state.
    pub(super) fn refund_status(&self) -> Option<&str> {
        self.text("refund_status")
    }
}

/// `trade_state`. Source: BlueOcean payment API document 2.1; 聚宝 Pay document 2.1 leaves USERPAYING out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TradeState {
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
    pub(super) fn parse(text: &str) -> Option<Self> {
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

/// `refund_status`. Source: BlueOcean payment API document 2.5, where the heading calls it `trade_state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RefundStatus {
    /// SUCCESS.
    Succeeded,
    /// PROCESSING.
    Open,
    /// REFUNDCLOSE.
    Closed,
    /// CHANGE: the money could not go back the way it came.
    Abnormal,
}

impl RefundStatus {
    /// Reads the word; an unknown one is no status.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "SUCCESS" => Some(Self::Succeeded),
            "PROCESSING" => Some(Self::Open),
            "REFUNDCLOSE" => Some(Self::Closed),
            "CHANGE" => Some(Self::Abnormal),
            _ => None,
        }
    }
}

/// The answer of the official account's `/cgi-bin/token`. Source: WeChat official accounts document, "Get access token".
#[derive(Deserialize)]
pub(super) struct OfficialToken {
    #[serde(default)]
    pub(super) errcode: Text,
    #[serde(default)]
    pub(super) access_token: Text,
}

/// The answer of `/cgi-bin/ticket/getticket`. Source: WeChat JS-SDK document, appendix on `jsapi_ticket`.
#[derive(Deserialize)]
pub(super) struct OfficialTicket {
    #[serde(default)]
    pub(super) errcode: Text,
    #[serde(default)]
    pub(super) ticket: Text,
    #[serde(default)]
    pub(super) expires_in: Text,
}
