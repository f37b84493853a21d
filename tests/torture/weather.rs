//! What goes wrong around the signer in one round: drawn from the seed, before anything happens.

use serde_json::{Value, json};

use crate::dice::Dice;

/// One round's plan.
#[derive(Clone, Debug)]
pub(crate) struct Weather {
    /// What happens to requests at the simulators.
    pub(crate) faults: Vec<Fault>,
    /// How the shop takes webhooks.
    pub(crate) mood: Mood,
    /// The signer is killed after so many answers, however fast the machine is,
    pub(crate) kill_after_answers: u64,
    /// and then so much later.
    pub(crate) kill_after_ms: u64,
    /// Which of several signers alone is killed; all of them when it is none of theirs.
    pub(crate) only: u64,
    /// Which of the signers stands still meanwhile.
    pub(crate) nap: Option<Nap>,
}

/// A signer that stands still, as under a frozen virtual machine, and goes on with what it was doing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nap {
    pub(crate) who: u64,
    /// Where there is but one signer, the next kill ends it.
    pub(crate) ms: u64,
}

/// One fault at one endpoint of one gateway.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub(crate) gateway: &'static str,
    endpoint: &'static str,
    pub(crate) kind: &'static str,
    code: Option<i64>,
    times: u64,
}

/// Of a hundred webhooks, how many the shop does not take, by what it does instead.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mood {
    pub(crate) fails: u64,
    pub(crate) is_busy: u64,
    pub(crate) hangs: u64,
    pub(crate) redirects: u64,
}

/// The calls of each gateway that the signer makes, with the codes that its documents have for "no" there.
const ENDPOINTS: [(u64, &str, &str, &[i64]); 16] = [
    (10, "dotwallet", "pay_small_money", &[10_040, 10_037]),
    (8, "dotwallet", "create_order", &[10_108, 10_106]),
    (10, "dotwallet", "search_order", &[]),
    (12, "jubao", "apply_pay", &[4_006, 4_004]),
    (12, "jubao", "query", &[]),
    (14, "blueocean", "pay", &[40_400, 4_004]),
    (12, "blueocean", "query", &[]),
    (4, "blueocean", "close", &[]),
    (3, "blueocean", "reverse", &[]),
    (6, "blueocean", "refund", &[]),
    (3, "blueocean", "refundquery", &[]),
    (12, "hicoin", "preOrder", &[110_043]),
    (10, "hicoin", "queryOrder", &[]),
    (5, "hicoin", "transfers", &[]),
    (3, "hicoin", "gettransferinfo", &[]),
    (1, "hicoin", "access_token", &[]),
];

const KINDS: [(u64, &str); 11] = [
    (12, "drop_after"),
    (8, "drop_before"),
    (8, "hang_after"),
    (5, "hang"),
    (10, "status_500_after"),
    (6, "status_500_before"),
    (8, "garbage_after"),
    (8, "bad_sign"),
    (8, "code"),
    (6, "code_after"),
    (6, "notify_before_answer"),
];

/// No document has it, so nobody may call it a refusal.
const UNKNOWN_CODE: i64 = 99_999;

impl Weather {
    /// The `number`th round under a seed.
    pub(crate) fn of(seed: u64, number: u64) -> Self {
        let mut dice = Dice::of(seed, "round", number);
        let faults = (0..dice.between(0, 5)).map(|_| Fault::any(&mut dice)).collect();
        let stormy = dice.chance(30);
        let mood = if stormy {
            Mood { fails: 25, is_busy: 10, hangs: 4, redirects: 6 }
        } else {
            Mood { fails: 4, is_busy: 2, hangs: 1, redirects: 1 }
        };
        let most = dice.weighed(&[(3, 0), (3, 6), (3, 20), (1, 60)]);
        let kill_after_answers = dice.between(0, most);
        let most_ms = dice.weighed(&[(3, 10), (3, 50), (2, 150), (1, 500)]);
        let kill_after_ms = dice.between(1, most_ms);
        let only = dice.between(0, 2);
        // Longer than a submission is held, too: others have taken up then what the sleeper was about to send.
        let longest_ms = dice.weighed(&[(3, 500), (3, 3_000), (4, 9_000)]);
        let nap = Nap { who: dice.between(0, 1), ms: dice.between(100, longest_ms) };
        let nap = dice.chance(20).then_some(nap);
        Self { faults, mood, kill_after_answers, kill_after_ms, only, nap }
    }
}

impl Fault {
    fn any(dice: &mut Dice) -> Self {
        let places: Vec<_> = ENDPOINTS.iter().map(|(weight, ..)| *weight).zip(0_usize..).collect();
        let (_, gateway, endpoint, refusals) = ENDPOINTS[dice.weighed(&places)];
        let kind = loop {
            let kind = dice.weighed(&KINDS);
            let fits = match kind {
                // DotWallet signs no answers.
                "bad_sign" => gateway != "dotwallet",
                // The payer pays before the answer: only where an order is placed that a payer pays.
                "notify_before_answer" => {
                    matches!(endpoint, "create_order" | "apply_pay" | "pay" | "preOrder")
                }
                _ => true,
            };
            if fits {
                break kind;
            }
        };
        let code = match kind {
            "code" if !refusals.is_empty() && dice.chance(60) => Some(dice.pick(refusals)),
            // A gateway that books and says "try again": the order has no payer before it is shown again.
            "code_after" if endpoint == "create_order" && dice.chance(50) => Some(10_108),
            "code" | "code_after" => Some(UNKNOWN_CODE),
            _ => None,
        };
        Self { gateway, endpoint, kind, code, times: dice.weighed(&[(7, 1), (2, 2), (1, 4)]) }
    }

    /// As the simulators are told.
    pub(crate) fn order(&self) -> Value {
        let mut order = json!({"endpoint": self.endpoint, "fault": self.kind, "times": self.times});
        if let Some(code) = self.code {
            order["code"] = json!(code);
            order["message"] = json!("torture");
        }
        order
    }

    /// How often it was ordered.
    pub(crate) const fn times(&self) -> u64 {
        self.times
    }
}

/// Whether a gateway's code is a definite no: the ones that these faults use, and the simulators' own.
pub(crate) fn is_definite(code: &str) -> bool {
    code != UNKNOWN_CODE.to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_kind_of_fault_and_every_endpoint_has_its_turn() {
        let all: Vec<Fault> = (0..1_000).flat_map(|round| Weather::of(5, round).faults).collect();
        let kinds: HashSet<_> = all.iter().map(|fault| fault.kind).collect();
        assert_eq!(kinds.len(), KINDS.len());
        let places: HashSet<_> = all.iter().map(|fault| (fault.gateway, fault.endpoint)).collect();
        assert_eq!(places.len(), ENDPOINTS.len());
        assert!(all.iter().all(|fault| fault.code.is_some() == fault.kind.starts_with("code")));
    }

    #[test]
    fn kills_come_from_at_once_to_some_hundred_milliseconds_later() {
        let waits: Vec<u64> = (0..500).map(|round| Weather::of(5, round).kill_after_ms).collect();
        assert!(waits.iter().any(|wait| *wait < 10) && waits.iter().any(|wait| *wait > 300), "{waits:?}");
    }
}
