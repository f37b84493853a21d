//! The use cases as stories: what happened before, what is asked for when the process dies, what happens after, and how
//! the payment may stand in the end.

use countersign_core::PaymentStatus::{self, *};

use super::acts::{Act, Step};
use super::books::{Carriage, OnOrder};
use super::gateway::Kind;

/// One story: the process dies during `act`.
pub(super) struct Story {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) before: &'static [Step],
    pub(super) act: Act,
    pub(super) after: &'static [Step],
    /// How the payment may stand when nothing becomes due any more.
    pub(super) ends: &'static [PaymentStatus],
}

const CREATE: Act = Act::Create { key: false, confirm: false };
const CREATED: Step = Step::Do(CREATE);
const CONFIRMED: Step = Step::Do(Act::Confirm);
const KEYED: Act = Act::Create { key: true, confirm: false };
const SUBMITTED: Act = Act::Create { key: true, confirm: true };
const PAID: &[Step] = &[CREATED, CONFIRMED, Step::Pays(1), Step::Do(Act::Sync)];
const NOTIFIED: Step = Step::Do(Act::NotifyPaid { attempt: 1 });

/// Creating and submitting.
pub(super) const SUBMITTING: &[Story] = &[
    story("a payment is created", Kind::ByOurNumber, &[], CREATE, &[], &[Expired]),
    story("a payment is created under a key", Kind::ByOurNumber, &[], KEYED, &[], &[Expired]),
    story(
        "a payment is created and submitted",
        Kind::ByOurNumber,
        &[],
        SUBMITTED,
        &[Step::Pays(1), NOTIFIED],
        &[Succeeded, Expired],
    ),
    story(
        "a payment is created, submitted and refused",
        Kind::ByOurNumber,
        &[Step::Next(OnOrder::RefusesForNow)],
        SUBMITTED,
        &[],
        &[Failed, Expired],
    ),
    story(
        "the page confirms",
        Kind::ByOurNumber,
        &[CREATED],
        Act::ConfirmInBrowser,
        &[Step::Pays(1)],
        &[Succeeded, Expired],
    ),
    story(
        "the backend confirms, and the answer is lost",
        Kind::ByOurNumber,
        &[CREATED, Step::Carried(Carriage::AnswerLost)],
        Act::Confirm,
        &[Step::Pays(1)],
        &[Succeeded, Expired],
    ),
    story(
        "the backend confirms, and nothing leaves",
        Kind::ByOurNumber,
        &[CREATED, Step::Carried(Carriage::NeverLeft)],
        Act::Confirm,
        &[Step::Seconds(10), Step::Pays(1)],
        &[Succeeded, Expired],
    ),
    story(
        "the page confirms where only a notification tells",
        Kind::ByItsNumber,
        &[CREATED],
        Act::ConfirmInBrowser,
        &[Step::Pays(1), NOTIFIED],
        &[Succeeded, Review],
    ),
    story(
        "the page confirms where only a notification tells, and the answer is lost",
        Kind::ByItsNumber,
        &[CREATED, Step::Carried(Carriage::AnswerLost)],
        Act::ConfirmInBrowser,
        &[Step::Pays(1), NOTIFIED],
        &[Succeeded, Review],
    ),
    story(
        "the wallet is charged",
        Kind::Wallet,
        &[CREATED, CONFIRMED],
        Act::ComeBack,
        &[],
        &[Succeeded, Expired, Review],
    ),
    story(
        "the wallet wants consent first",
        Kind::Wallet,
        &[Step::Next(OnOrder::WantsConsent), CREATED, CONFIRMED],
        Act::ComeBack,
        &[CONFIRMED],
        &[Succeeded, Expired, Review],
    ),
    story(
        "a bar code is charged at once",
        Kind::Till,
        &[CREATED, Step::Next(OnOrder::Pays)],
        Act::Confirm,
        &[],
        &[Succeeded, Expired, Refunded],
    ),
    story(
        "a second attempt follows a refusal",
        Kind::ByOurNumber,
        &[Step::Next(OnOrder::RefusesForNow), CREATED, CONFIRMED],
        Act::Confirm,
        &[Step::Pays(2), Step::Do(Act::NotifyPaid { attempt: 2 })],
        &[Succeeded, Expired],
    ),
];

/// Asking the gateway.
pub(super) const ASKING: &[Story] = &[
    story(
        "a bar code is paid at the last moment",
        Kind::Till,
        &[CREATED, CONFIRMED, Step::Seconds(59), Step::Pays(1)],
        Act::Check,
        &[],
        &[Succeeded, Refunded],
    ),
    story(
        "the worker finds it paid",
        Kind::ByOurNumber,
        &[CREATED, CONFIRMED, Step::Pays(1)],
        Act::Check,
        &[],
        &[Succeeded],
    ),
    story(
        "the worker sends again what never left",
        Kind::ByOurNumber,
        &[CREATED, Step::Carried(Carriage::NeverLeft), CONFIRMED],
        Act::Check,
        &[Step::Pays(1)],
        &[Succeeded, Expired],
    ),
    story(
        "nobody can tell what became of a charge",
        Kind::Wallet,
        &[
            CREATED,
            CONFIRMED,
            Step::Carried(Carriage::AnswerLost),
            Step::Silent(true),
            Step::Do(Act::ComeBack),
        ],
        Act::Check,
        &[],
        &[Review],
    ),
    story(
        "the merchant has it looked up",
        Kind::ByOurNumber,
        &[CREATED, CONFIRMED, Step::Pays(1)],
        Act::Sync,
        &[],
        &[Succeeded],
    ),
];

/// The merchant or the clock ends it.
pub(super) const GIVING_UP: &[Story] = &[
    story(
        "a bar code waits for a password, and time is up",
        Kind::Till,
        &[CREATED, CONFIRMED, Step::Seconds(55)],
        Act::Check,
        &[],
        &[Expired],
    ),
    story(
        "the time of an order is up, and it is closed",
        Kind::ByOurNumber,
        &[CREATED, CONFIRMED, Step::Seconds(899)],
        Act::Check,
        &[Step::Pays(1)],
        &[Succeeded, Expired],
    ),
    story(
        "the time of a payment that was never sent is up",
        Kind::ByOurNumber,
        &[CREATED, Step::Seconds(899)],
        Act::Check,
        &[],
        &[Expired],
    ),
    story(
        "a payment that was never sent is given up",
        Kind::ByOurNumber,
        &[CREATED],
        Act::Cancel,
        &[],
        &[Canceled],
    ),
    story(
        "an order is given up and closed",
        Kind::ByOurNumber,
        &[CREATED, CONFIRMED],
        Act::Cancel,
        &[Step::Pays(1)],
        &[Canceled, Expired],
    ),
    story(
        "an order is given up while it is paid",
        Kind::ByOurNumber,
        &[CREATED, CONFIRMED, Step::Pays(1)],
        Act::Cancel,
        &[],
        &[Succeeded],
    ),
    story(
        "an order that nobody can close is given up, and paid afterwards",
        Kind::ByItsNumber,
        &[CREATED, CONFIRMED],
        Act::Cancel,
        &[Step::Pays(1), NOTIFIED],
        &[Review],
    ),
];

/// The gateway tells, and the merchant is told.
pub(super) const HEARING: &[Story] = &[
    story(
        "the gateway says that it was paid",
        Kind::ByOurNumber,
        &[CREATED, CONFIRMED, Step::Pays(1)],
        Act::NotifyPaid { attempt: 1 },
        &[],
        &[Succeeded],
    ),
    story(
        "the gateway says so twice",
        Kind::ByOurNumber,
        &[CREATED, CONFIRMED, Step::Pays(1), NOTIFIED],
        Act::NotifyPaid { attempt: 1 },
        &[],
        &[Succeeded],
    ),
    story(
        "the gateway says so and cannot be asked any more",
        Kind::ByOurNumber,
        &[CREATED, CONFIRMED, Step::Pays(1), Step::Silent(true)],
        Act::NotifyPaid { attempt: 1 },
        &[],
        &[Review],
    ),
    story(
        "the gateway says so of a payment that had expired",
        Kind::ByItsNumber,
        &[CREATED, CONFIRMED, Step::Seconds(5000), Step::Pays(1)],
        Act::NotifyPaid { attempt: 1 },
        &[],
        &[Succeeded],
    ),
    story(
        "an earlier order turns out to be paid",
        Kind::ByItsNumber,
        &[Step::Next(OnOrder::SaysItRefuses), CREATED, CONFIRMED, CONFIRMED, Step::Pays(1)],
        Act::NotifyPaid { attempt: 1 },
        &[],
        &[Succeeded],
    ),
    story(
        "the merchant decides what nobody could tell",
        Kind::ByOurNumber,
        &[CREATED, CONFIRMED, Step::Pays(1), Step::Silent(true), NOTIFIED, Step::Seconds(9000)],
        Act::Resolve,
        &[],
        &[Succeeded],
    ),
    story("the merchant hears of it", Kind::ByOurNumber, PAID, Act::Deliver, &[], &[Succeeded]),
];

/// Refunds.
pub(super) const GIVING_BACK: &[Story] = &[
    story(
        "money goes back",
        Kind::ByOurNumber,
        PAID,
        Act::Refund { key: false, amount: None },
        &[],
        &[Refunded],
    ),
    story(
        "a part goes back under a key",
        Kind::ByOurNumber,
        PAID,
        Act::Refund { key: true, amount: Some(400) },
        &[],
        &[Succeeded],
    ),
    story(
        "money goes back, and the answer is lost",
        Kind::ByOurNumber,
        &[CREATED, CONFIRMED, Step::Pays(1), Step::Do(Act::Sync), Step::Carried(Carriage::AnswerLost)],
        Act::Refund { key: true, amount: None },
        &[],
        &[Refunded],
    ),
    story(
        "money goes back at the second sending",
        Kind::ByOurNumber,
        &[
            CREATED,
            CONFIRMED,
            Step::Pays(1),
            Step::Do(Act::Sync),
            Step::Carried(Carriage::NeverLeft),
            Step::Do(Act::Refund { key: true, amount: None }),
            Step::Seconds(1),
        ],
        Act::Sync,
        &[],
        &[Refunded],
    ),
];

const fn story(
    name: &'static str,
    kind: Kind,
    before: &'static [Step],
    act: Act,
    after: &'static [Step],
    ends: &'static [PaymentStatus],
) -> Story {
    Story { name, kind, before, act, after, ends }
}
