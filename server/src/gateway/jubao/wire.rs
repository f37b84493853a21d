//! Jubao's messages, byte for byte. Amounts are fen, as text of digits.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::answer;
use super::super::fields::Fields;
use super::super::lenient::Text;

/// Every answer. Jubao's own envelope is `ret`/`msg`; `code` is BlueOcean's, which its documents mix in.
#[derive(Deserialize)]
pub(crate) struct Envelope {
    ret: Option<Text>,
    code: Option<Text>,
    #[serde(default)]
    msg: Text,
    #[serde(default)]
    message: Text,
    #[serde(default)]
    data: Option<Box<RawValue>>,
}

/// What an envelope says before its data is looked at.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// `ret` is 0, or `code` is 200; where both are there, both.
    Success,
    /// The code of a refusal, and its words.
    Code {
        /// As it was written.
        code: String,
        /// For display, and to tell a repeated order number from other payment errors.
        text: String,
    },
    /// Neither.
    Unreadable,
}

impl Envelope {
    /// Success or a code. 0 is success in `ret` and "general error" in `code`.
    pub(crate) fn verdict(&self) -> Verdict {
        let ret_fails = self.ret.as_ref().filter(|ret| ret.integer() != Some(0));
        let code_fails = self.code.as_ref().filter(|code| code.integer() != Some(200));
        match (ret_fails.or(code_fails), self.ret.is_some() || self.code.is_some()) {
            (Some(code), _) => {
                let text = self.msg.filled().or(self.message.filled()).unwrap_or_default();
                Verdict::Code { code: code.as_str().to_owned(), text: text.to_owned() }
            }
            (None, true) => Verdict::Success,
            (None, false) => Verdict::Unreadable,
        }
    }

    /// `data` as received, where it is an object.
    pub(crate) fn data(&self) -> Option<Fields> {
        answer::data(self.data.as_deref())
    }
}

/// The state of an order. Source: 聚宝 Pay document, "订单支付状态 status 说明".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// 1.
    Unpaid,
    /// 2.
    Paid,
    /// 3.
    Refunded,
    /// 4.
    Closed,
}

impl Status {
    /// Reads the number; an unknown one is no state.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "1" => Some(Self::Unpaid),
            "2" => Some(Self::Paid),
            "3" => Some(Self::Refunded),
            "4" => Some(Self::Closed),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(json: &str) -> Verdict {
        serde_json::from_str::<Envelope>(json).unwrap().verdict()
    }

    fn code(code: &str, text: &str) -> Verdict {
        Verdict::Code { code: code.into(), text: text.into() }
    }

    #[test]
    fn zero_is_success_in_one_envelope_and_an_error_in_the_other() {
        assert_eq!(verdict(r#"{"ret":0,"msg":"success"}"#), Verdict::Success);
        assert_eq!(verdict(r#"{"ret":"0"}"#), Verdict::Success);
        assert_eq!(verdict(r#"{"code":200}"#), Verdict::Success);
        assert_eq!(verdict(r#"{"code":0}"#), code("0", ""));
        assert_eq!(verdict(r#"{"ret":200,"msg":7}"#), code("200", "7"));
        assert_eq!(verdict(r#"{"ret":0,"code":4004,"message":"no"}"#), code("4004", "no"));
        assert_eq!(verdict(r#"{"ret":[],"msg":{}}"#), code("", ""));
        assert_eq!(verdict(r#"{"msg":"success"}"#), Verdict::Unreadable);
    }
}
