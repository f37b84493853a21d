//! Bar codes that a till reads from the payer's phone, and what comes of each.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::gateways::orders::locked;

/// Codes with this beginning say in their last two digits what comes of them; the digits between are free.
const SCRIPTED: &str = "13460000";
const CODE_CHARS: usize = 18;

/// Queries until an outcome that is not known at once is.
const QUERIES: u32 = 2;

/// What comes of a code.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    pub(super) outcome: Outcome,
    /// Which query answers the outcome, where it is not known at once.
    #[serde(default = "queries")]
    pub(super) queries: u32,
}

const fn queries() -> u32 {
    QUERIES
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Paid,
    /// 201, the payer types a password, and then it is paid.
    PaidLater,
    /// 201, and nothing comes until the merchant takes the order back.
    Waiting,
    /// `PAYERROR` at once.
    Failed,
    /// 201, and then `PAYERROR`.
    FailedLater,
    /// Answered with 200 and `NOTPAY`, as in the document's sample.
    Unpaid,
    /// Refused with 40500, nothing booked.
    Refused,
    /// Refused with 40111, as if it had been used before.
    Used,
}

/// The codes that tests have planned, and those that were used.
#[derive(Default)]
pub(super) struct BarCodes(Mutex<Known>);

#[derive(Default)]
struct Known {
    planned: HashMap<String, Plan>,
    used: HashSet<String>,
}

impl BarCodes {
    pub(super) fn plan(&self, code: &str, plan: Plan) {
        locked(&self.0).planned.insert(code.to_owned(), plan);
    }

    /// What will come of a code; each can be used once.
    pub(super) fn outcome(&self, code: &str) -> Plan {
        let known = locked(&self.0);
        if known.used.contains(code) {
            return Plan { outcome: Outcome::Used, queries: 0 };
        }
        known.planned.get(code).copied().unwrap_or_else(|| by_digits(code))
    }

    pub(super) fn use_up(&self, code: &str) {
        locked(&self.0).used.insert(code.to_owned());
    }
}

fn by_digits(code: &str) -> Plan {
    let last =
        code.strip_prefix(SCRIPTED).filter(|_| code.len() == CODE_CHARS).map_or("01", |rest| &rest[8..]);
    let outcome = match last {
        "02" => Outcome::PaidLater,
        "03" => Outcome::Waiting,
        "04" => Outcome::Failed,
        "05" => Outcome::Unpaid,
        "06" => Outcome::FailedLater,
        "07" => Outcome::Refused,
        "08" => Outcome::Used,
        _ => Outcome::Paid,
    };
    Plan { outcome, queries: QUERIES }
}

/// Whose code it is, by its first two digits; `None` when it is no code of a wallet.
pub(super) fn provider(code: &str) -> Option<&'static str> {
    let digits = (16..=24).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
    match code.get(..2).and_then(|first| first.parse().ok()).filter(|_| digits)? {
        10u8..=15 => Some("wechat"),
        25..=30 => Some("alipay"),
        62 => Some("unionpay"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_says_what_comes_of_it_unless_a_test_planned_otherwise() {
        let codes = BarCodes::default();
        assert_eq!(codes.outcome("134600000000000003").outcome, Outcome::Waiting);
        assert_eq!(codes.outcome("134600009876543205").outcome, Outcome::Unpaid);
        assert_eq!(codes.outcome("134602370743606195").outcome, Outcome::Paid);
        codes.plan("134600000000000003", Plan { outcome: Outcome::FailedLater, queries: 5 });
        assert_eq!(codes.outcome("134600000000000003").queries, 5);
        codes.use_up("134600000000000003");
        assert_eq!(codes.outcome("134600000000000003").outcome, Outcome::Used);
    }

    #[test]
    fn a_wallet_is_known_by_the_first_digits() {
        assert_eq!(provider("134519771100657507"), Some("wechat"));
        assert_eq!(provider("288271620985824610"), Some("alipay"));
        assert_eq!(provider("6220000000000000001"), Some("unionpay"));
        for code in ["994519771100657507", "13451977110065750x", "1345", "", "１３"] {
            assert_eq!(provider(code), None, "{code}");
        }
    }
}
