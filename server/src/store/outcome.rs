//! What came of asking.

use countersign_core::Currency;

use super::Record;

/// What came of creating a payment.
#[derive(Debug)]
pub(crate) enum Created {
    /// It is new.
    New(Record),
    /// The same request created it before.
    Existing(Record),
    /// Another request used the order number.
    OrderIdReused,
    /// The day's limit would be exceeded.
    OverDailyLimit,
}

/// What came of adding a fact.
#[derive(Clone, Debug)]
pub(crate) struct Added {
    /// The payment as it is now.
    pub(crate) record: Record,
    /// `false` when it had moved on since the decision.
    pub(crate) added: bool,
}

/// What came of beginning an attempt.
#[derive(Debug)]
pub(crate) enum Begun {
    /// It is durable and may be sent.
    Started(Record),
    /// The payment is not in a state to be submitted; this is how it stands.
    NotNow(Record),
}

/// What came of beginning a refund.
#[derive(Debug)]
pub(crate) enum BegunRefund {
    /// The one of this number is durable and may be sent.
    Started(Record, i64),
    /// The same request began the one of this number before.
    Existing(Record, i64),
    /// Another request used the merchant's number.
    RefundIdReused,
    /// There is nothing to give back; this is how the payment stands.
    NotPaid(Record),
    /// It was paid in a currency that the gateway's call does not take.
    OtherCurrency(Currency),
    /// All that is left may have gone back with a refund that is in review.
    InDoubt,
    /// Another refund is under way.
    UnderWay,
    /// More than is left.
    TooMuch {
        /// What is left, minor units.
        left: i64,
    },
    /// Less than the whole, which is all that the gateway refunds.
    WholeOnly {
        /// The whole, minor units.
        whole: i64,
    },
}

/// The answer that an idempotency key replays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredAnswer {
    pub(crate) fingerprint: [u8; 32],
    pub(crate) http_status: u16,
    pub(crate) body: String,
}

/// What came of reserving an idempotency key.
#[derive(Debug)]
pub(crate) enum Reserved {
    /// It is ours to answer.
    Mine {
        /// Whether somebody had it who never answered.
        taken_over: bool,
    },
    /// It has an answer.
    Answered(StoredAnswer),
    /// Another request used it.
    ByAnother,
    /// The same request is being answered right now.
    InProgress,
}

/// What came of doing something under an idempotency key.
#[derive(Debug)]
pub(crate) enum UnderKey<T> {
    /// It was done, and is ours to answer.
    Done {
        outcome: T,
        /// Whether somebody began it who never answered.
        taken_over: bool,
    },
    /// It was done before; this is the answer.
    Answered(StoredAnswer),
    /// Another request used the key.
    ByAnother,
    /// The same request is being answered right now.
    InProgress,
}
