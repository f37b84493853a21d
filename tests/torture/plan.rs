//! What one customer, their shop and some mischief-maker will do: drawn from the seed, before anything happens.

use countersign_tests::{
    BLUEOCEAN_ALIPAY_QRCODE, BLUEOCEAN_MICROPAY, BLUEOCEAN_WECHAT_JSAPI, BLUEOCEAN_WECHAT_MWEB,
    DOTWALLET_AUTOPAY, DOTWALLET_ORDER, HICOIN_H5, HICOIN_JSAPI, JUBAO_ALIPAY_WAP, JUBAO_CHANNEL,
    JUBAO_WECHAT_H5, Way, bar_code, keys,
};
use serde_json::{Value, json};

use crate::dice::Dice;

/// A payer at DotWallet who has agreed to nothing, so that consent is missing.
pub(crate) const HESITANT_USER: &str = "sandbox-payer-0002";

/// One payment's whole plan.
#[derive(Clone, Debug)]
pub(crate) struct Journey {
    /// The merchant's order number.
    pub(crate) order_id: String,
    pub(crate) way: Way,
    /// Minor units; each payment's own, so that mixed-up money shows.
    pub(crate) amount: i64,
    pub(crate) expires_in_s: i64,
    /// The simulators' two digits for what comes of a bar code.
    outcome: &'static str,
    hesitant: bool,
    /// Whether requests that create carry an `Idempotency-Key`.
    pub(crate) keyed: bool,
    /// How often the same create request is sent at the same time.
    pub(crate) copies: u64,
    pub(crate) confirms_while_creating: bool,
    /// Asks for another amount under the same number as well, which must be refused.
    pub(crate) contradicts_itself: bool,
    /// Who confirms, at the same time.
    pub(crate) presses: Vec<Press>,
    pub(crate) payer: Payer,
    /// Before the payer does anything.
    pub(crate) payer_waits_ms: u64,
    pub(crate) notices: Notices,
    /// What the payer's browser says when it comes back.
    pub(crate) hint: Option<&'static str>,
    /// The shop gives the payment up this long after it was created.
    pub(crate) cancels_after_ms: Option<u64>,
    /// What goes back afterwards, one after the other.
    pub(crate) refunds: Vec<Share>,
    /// How often the shop asks for a look at the gateway.
    pub(crate) syncs: u64,
    pub(crate) forgery: Option<Forgery>,
    /// Whether a true notification is sent again long afterwards.
    pub(crate) replays: bool,
}

/// Who presses "pay" at the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Press {
    Browser,
    Backend,
}

/// What the payer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Payer {
    /// Nothing to do: the money comes with the answer.
    NotNeeded,
    /// Opens the page, or scans the code, and pays there; the gateway notifies at once and insists.
    OnThePage,
    /// The same, pressing the button twice.
    PressesTwice,
    /// Pays in the wallet's app; the gateway's notification is as [`Notices`] say.
    InTheWallet,
    /// Opens the page and presses "cancel".
    GivesUp,
    /// Pays when the payment has expired here.
    TooLate,
    Never,
}

/// How the gateway tells of a payment in the wallet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Notices {
    /// Whether at all; where nobody is told, only asking helps.
    pub(crate) told: bool,
    pub(crate) delay_ms: u64,
    pub(crate) copies: u64,
    pub(crate) together: bool,
}

/// How much of a payment goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// All that is left.
    Rest,
    /// A part, in thousandths.
    Part(i64),
}

/// A notification that no gateway has sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forgery {
    /// Signed with a wrong key.
    WrongKey,
    /// A true one whose amount was changed afterwards.
    AmountChanged,
    /// Without a signature.
    Unsigned,
    /// Rightly signed, of an order that does not exist.
    UnknownOrder,
}

const WAYS: [(u64, Way); 11] = [
    (14, DOTWALLET_AUTOPAY),
    (10, DOTWALLET_ORDER),
    (10, JUBAO_WECHAT_H5),
    (8, JUBAO_ALIPAY_WAP),
    (4, JUBAO_CHANNEL),
    (14, BLUEOCEAN_ALIPAY_QRCODE),
    (5, BLUEOCEAN_WECHAT_JSAPI),
    (5, BLUEOCEAN_WECHAT_MWEB),
    (8, BLUEOCEAN_MICROPAY),
    (16, HICOIN_H5),
    (6, HICOIN_JSAPI),
];

/// Paid, paid later, waiting until it is reversed, not paid, failed later, refused.
const OUTCOMES: [(u64, &str); 6] = [(8, "01"), (5, "02"), (2, "03"), (1, "05"), (1, "06"), (1, "07")];

const FORGERIES: [Forgery; 4] =
    [Forgery::WrongKey, Forgery::AmountChanged, Forgery::Unsigned, Forgery::UnknownOrder];

impl Journey {
    /// The `number`th journey under a seed.
    pub(crate) fn of(seed: u64, number: u64) -> Self {
        let mut dice = Dice::of(seed, "journey", number);
        let way = dice.weighed(&WAYS);
        let payer = payer(&mut dice, &way);
        let amount = 600 + i64::try_from(dice.between(0, 9_000)).expect("small");
        let confirms_while_creating = dice.chance(20);
        let (refundable, forgery) =
            (matches!(way.gateway, "blueocean" | "hicoin"), dice.chance(25).then(|| dice.pick(&FORGERIES)));
        Self {
            order_id: format!("T{number:07}"),
            way,
            amount,
            expires_in_s: expires_in_s(&mut dice, payer),
            outcome: dice.weighed(&OUTCOMES),
            hesitant: dice.chance(10),
            keyed: dice.chance(60),
            copies: dice.weighed(&[(6, 1), (3, 2), (1, 4)]),
            confirms_while_creating,
            contradicts_itself: dice.chance(5),
            presses: presses(&mut dice, confirms_while_creating),
            payer,
            payer_waits_ms: dice.weighed(&[(4, 0), (3, 50), (2, 300), (1, 1_000)]),
            notices: Notices {
                told: way.gateway == "jubao" || payer == Payer::TooLate || dice.chance(80),
                delay_ms: dice.weighed(&[(4, 0), (3, 200), (2, 1_000), (1, 3_000)]),
                copies: dice.weighed(&[(5, 1), (3, 2), (1, 5)]),
                together: dice.chance(50),
            },
            hint: dice.chance(40).then(|| dice.pick(&["ok", "cancel", "fail", "unknown"])),
            cancels_after_ms: dice.chance(12).then(|| dice.between(0, 1_500)),
            refunds: if refundable && dice.chance(35) { shares(&mut dice) } else { Vec::new() },
            syncs: dice.weighed(&[(6, 0), (3, 1), (1, 3)]),
            forgery,
            replays: dice.chance(15),
        }
    }

    /// Nobody ever confirms it: whatever happens to it besides expiring is somebody's forgery.
    pub(crate) fn is_bait(&self) -> bool {
        self.presses.is_empty() && !self.confirms_while_creating
    }

    /// The create request.
    pub(crate) fn order(&self) -> Value {
        let mut order = self.way.order(&self.order_id);
        order["amount"]["value"] = json!(self.amount);
        order["expires_in_s"] = json!(self.expires_in_s);
        order["confirm"] = json!(self.confirms_while_creating);
        match self.way.method {
            "blueocean_micropay" => {
                order["method"]["auth_code"] = json!(bar_code(&self.order_id, self.outcome));
            }
            "dotwallet_autopay" => {
                let user = if self.hesitant { HESITANT_USER } else { keys::DOTWALLET_USER };
                order["method"]["user_open_id"] = json!(user);
            }
            _ => {}
        }
        order
    }
}

fn payer(dice: &mut Dice, way: &Way) -> Payer {
    let has_page = matches!(way.shows, Some("redirect" | "qr_code" | "hicoin_h5"));
    // BlueOcean closes what expires here, so that nobody can pay it too late.
    let may_be_late = matches!(way.gateway, "dotwallet" | "jubao" | "hicoin");
    match way.shows {
        None => Payer::NotNeeded,
        Some(_) if has_page => dice.weighed(&[
            (35, Payer::OnThePage),
            (6, Payer::PressesTwice),
            (30, Payer::InTheWallet),
            (8, Payer::GivesUp),
            (if may_be_late { 8 } else { 0 }, Payer::TooLate),
            (13, Payer::Never),
        ]),
        Some(_) => dice.weighed(&[(8, Payer::InTheWallet), (2, Payer::Never)]),
    }
}

fn expires_in_s(dice: &mut Dice, payer: Payer) -> i64 {
    let seconds = match payer {
        Payer::Never | Payer::TooLate => dice.between(2, 5),
        _ => dice.between(8, 14),
    };
    i64::try_from(seconds).expect("small")
}

fn presses(dice: &mut Dice, confirms_while_creating: bool) -> Vec<Press> {
    const BOTH: [Press; 2] = [Press::Browser, Press::Backend];
    let times = if confirms_while_creating {
        dice.weighed(&[(6, 0), (4, 1)])
    } else {
        dice.weighed(&[(1, 0), (12, 1), (5, 2), (2, 4)])
    };
    (0..times).map(|_| dice.pick(&BOTH)).collect()
}

fn shares(dice: &mut Dice) -> Vec<Share> {
    let part = |dice: &mut Dice| Share::Part(i64::try_from(dice.between(100, 400)).expect("small"));
    match dice.between(0, 3) {
        0 => vec![Share::Rest],
        1 => vec![part(dice)],
        2 => vec![part(dice), part(dice)],
        _ => vec![part(dice), Share::Rest],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_seed_plans_the_same_again() {
        let plan = |seed| (0..50).map(|n| format!("{:?}", Journey::of(seed, n))).collect::<Vec<_>>();
        assert_eq!(plan(1), plan(1));
        assert_ne!(plan(1), plan(2));
    }

    #[test]
    fn every_way_payer_and_forgery_is_planned_for() {
        let journeys: Vec<Journey> = (0..2_000).map(|number| Journey::of(3, number)).collect();
        let methods: HashSet<_> = journeys.iter().map(|journey| journey.way.method).collect();
        assert_eq!(methods.len(), WAYS.len());
        let payers: HashSet<_> = journeys.iter().map(|journey| format!("{:?}", journey.payer)).collect();
        assert_eq!(payers.len(), 7, "{payers:?}");
        for forgery in FORGERIES {
            assert!(journeys.iter().any(|journey| journey.forgery == Some(forgery)), "{forgery:?}");
        }
        assert!(journeys.iter().any(|journey| journey.is_bait() && journey.forgery.is_some()));
        assert!(journeys.iter().any(|journey| journey.refunds.len() == 2));
    }
}
