//! How an attempt to finish a payment in this page ended.

use countersign_core::PaymentStatus;

/// The closed set of outcomes. Only [`Outcome::Succeeded`] means paid, and only the signer's word leads there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Paid.
    Succeeded,
    /// Refused; the view's `failure` says why. Also when the payer came back without consent.
    Failed,
    /// Not paid in time.
    Expired,
    /// Given up before it was paid.
    Canceled,
    /// The money went back.
    Refunded,
    /// A person has to look at it.
    Review,
    /// The browser is on its way to another page.
    Redirecting,
    /// The caller gave up waiting; the payment itself goes on.
    Aborted,
    /// This page cannot perform the next action, or there is nothing to be done in a page at all.
    Unsupported,
    /// The method does not work where this page is open; somewhere else it does.
    WrongEnvironment,
    /// The client secret does not open this payment, or no longer.
    Unauthorized,
    /// Nothing final was learnt in the time there was to learn it; following may be taken up again.
    Pending,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: &'static [Self] = &[
        Self::Succeeded,
        Self::Failed,
        Self::Expired,
        Self::Canceled,
        Self::Refunded,
        Self::Review,
        Self::Redirecting,
        Self::Aborted,
        Self::Unsupported,
        Self::WrongEnvironment,
        Self::Unauthorized,
        Self::Pending,
    ];

    /// The word for it at the module's edge.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Canceled => "canceled",
            Self::Refunded => "refunded",
            Self::Review => "review",
            Self::Redirecting => "redirecting",
            Self::Aborted => "aborted",
            Self::Unsupported => "unsupported",
            Self::WrongEnvironment => "wrong_environment",
            Self::Unauthorized => "unauthorized",
            Self::Pending => "pending",
        }
    }

    /// The outcome that a status is by itself; nothing for a status that is still to change.
    pub const fn of(status: PaymentStatus) -> Option<Self> {
        match status {
            PaymentStatus::Succeeded => Some(Self::Succeeded),
            PaymentStatus::Failed => Some(Self::Failed),
            PaymentStatus::Expired => Some(Self::Expired),
            PaymentStatus::Canceled => Some(Self::Canceled),
            PaymentStatus::Refunded => Some(Self::Refunded),
            PaymentStatus::Review => Some(Self::Review),
            PaymentStatus::Created | PaymentStatus::RequiresAction | PaymentStatus::Processing => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_settled_statuses_are_outcomes_and_keep_their_word() {
        for status in PaymentStatus::ALL {
            let outcome = Outcome::of(*status);
            assert_eq!(outcome.is_some(), status.is_settled(), "{status}");
            if let Some(outcome) = outcome {
                assert_eq!(outcome.as_str(), status.as_str());
            }
        }
    }
}
