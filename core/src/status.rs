//! The status of a payment and the moves it may make.

use crate::closed::closed_set;

closed_set! {
    /// Where a payment stands.
    PaymentStatus {
        /// Known here, not yet sent to a gateway. No money.
        Created = "created",
        /// The payer must do the next action. No money.
        RequiresAction = "requires_action",
        /// Sent, outcome not yet known. Maybe money.
        Processing = "processing",
        /// Paid, on the verified word of the gateway for the right account, order, amount and currency, or by the
        /// merchant's decision about a payment in review.
        Succeeded = "succeeded",
        /// The gateway definitely refused. No money.
        Failed = "failed",
        /// Not paid in time. No money so far.
        Expired = "expired",
        /// Given up before it was paid. No money so far.
        Canceled = "canceled",
        /// The gateway says the money went back.
        Refunded = "refunded",
        /// Something that no machine may settle. Maybe money.
        Review = "review",
    }
}

impl PaymentStatus {
    /// Whether a payer who waits for this payment has nothing more to wait for.
    pub const fn is_settled(self) -> bool {
        !matches!(self, Self::Created | Self::RequiresAction | Self::Processing)
    }

    /// Whether the signer keeps asking the gateway about a payment in this status.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::RequiresAction | Self::Processing)
    }

    /// Whether a payment may go from this status to `next`.
    ///
    /// `succeeded` is left for `refunded` only and `refunded` never; money that was found late may still
    /// turn `failed`, `expired`, `canceled` or `review` into what the gateway proved.
    pub const fn may_become(self, next: Self) -> bool {
        use PaymentStatus::{Canceled, Created, Expired, Failed, Processing, Refunded, RequiresAction};
        use PaymentStatus::{Review, Succeeded};
        match self {
            Created => !matches!(next, Created),
            RequiresAction | Processing => !matches!(next, Created),
            Succeeded => matches!(next, Refunded),
            Failed => matches!(next, Processing | RequiresAction | Succeeded | Expired | Refunded | Review),
            Expired => matches!(next, Succeeded | Refunded | Review),
            Canceled => matches!(next, Refunded | Review),
            Review => matches!(next, Succeeded | Failed | Expired | Canceled | Refunded),
            Refunded => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PaymentStatus::{self, *};

    #[test]
    fn reads_its_own_words_and_no_other() {
        for status in PaymentStatus::ALL {
            assert_eq!(PaymentStatus::parse(status.as_str()), Some(*status));
        }
        assert_eq!(PaymentStatus::parse("paid"), None);
        assert_eq!(PaymentStatus::parse("Succeeded"), None);
    }

    #[test]
    fn succeeded_is_left_for_refunded_only() {
        for next in PaymentStatus::ALL {
            assert_eq!(Succeeded.may_become(*next), *next == Refunded, "{next}");
            assert!(!Refunded.may_become(*next), "{next}");
        }
    }

    #[test]
    fn nothing_becomes_created_again() {
        for status in PaymentStatus::ALL {
            assert!(!status.may_become(Created), "{status}");
        }
    }
}
