//! What a person must look at, and what the merchant decided about it. Times are RFC 3339 UTC.

use serde::{Deserialize, Serialize};

use crate::closed::closed_set;
use crate::money::Money;

closed_set! {
    /// Why no machine may settle a payment.
    ReviewReason {
        /// Another amount was paid.
        AmountDiffers = "amount_differs",
        /// It was paid in another currency.
        CurrencyDiffers = "currency_differs",
        /// Somebody else paid than the payer the order is bound to.
        OtherPayer = "other_payer",
        /// It was paid although the merchant had given it up.
        PaidAfterCancel = "paid_after_cancel",
        /// A notification said "paid", and the gateway says that the order was closed unpaid.
        ClosedButPaid = "closed_but_paid",
        /// It was paid more than once.
        PaidTwice = "paid_twice",
        /// Money went back of which nobody had said that it was paid.
        RefundedUnpaid = "refunded_unpaid",
        /// Nobody can tell what became of a refund.
        RefundUnresolved = "refund_unresolved",
        /// Nobody can tell whether it was paid.
        Unresolved = "unresolved",
    }
}

closed_set! {
    /// What the merchant decided.
    ResolutionOutcome {
        /// It counts as paid.
        Paid = "paid",
        /// It counts as given up.
        Unpaid = "unpaid",
    }
}

closed_set! {
    /// Who told of money.
    SeenBy {
        /// The answer to the order.
        Response = "response",
        /// The answer to a query.
        Query = "query",
        /// A notification.
        Notification = "notification",
    }
}

/// Why a person must look at a payment, and the money that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Why.
    pub reason: ReviewReason,
    /// Money that the gateway told of, oldest first; empty when nobody told of any.
    pub seen: Vec<SeenMoney>,
}

/// Money that the gateway told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenMoney {
    /// The order number that was sent to the gateway.
    pub order_no: Option<String>,
    /// The gateway's own number for it.
    pub gateway_order_no: Option<String>,
    /// The number of the transaction behind it.
    pub transaction_id: Option<String>,
    /// How much; `null` where the gateway told no amount.
    pub amount: Option<Money>,
    /// When the signer learnt of it.
    pub at: String,
    /// Who told; `notification` is a word that no query has confirmed.
    pub source: SeenBy,
}

/// The merchant's decision about a payment in review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// What it counts as.
    pub outcome: ResolutionOutcome,
    /// What was accepted; `null` when it counts as unpaid.
    pub amount: Option<Money>,
    /// The merchant's words.
    pub note: Option<String>,
    /// When.
    pub at: String,
}
