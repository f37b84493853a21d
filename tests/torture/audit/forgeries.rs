//! Forgeries: refused each time, and without a trace.

use super::{Audit, Index, Rule};

pub(super) fn check(index: &Index<'_>, audit: &mut Audit) {
    for forged in &index.books.forgeries {
        let refused = (400..500).contains(&forged.answered) && forged.answered != 429;
        audit.that(refused, Rule::Forgeries, &forged.order_id, || {
            format!("a notification {} was answered {}", forged.what, forged.answered)
        });
    }
    // Nobody has touched these but forgers: they were created, and then they expired or were given up.
    for client in index.books.clients.iter().filter(|client| client.is_bait) {
        let order = (client.account.as_str(), client.order_id.as_str());
        for payment in index.by_order_id.get(&order).into_iter().flatten() {
            let untouched = payment.attempts.is_empty()
                && payment.revision == 2
                && matches!(payment.status.as_str(), "expired" | "canceled");
            audit.that(untouched, Rule::Forgeries, &client.order_id, || {
                let (status, revision) = (&payment.status, payment.revision);
                format!("nobody confirmed it, and it is {status} at revision {revision}: {payment:?}")
            });
        }
    }
}
