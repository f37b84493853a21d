//! Which payments are open or uncertain.

use countersign_core::PaymentStatus;
use serde::Deserialize;

use super::place::Place;
use crate::clock::{self, UnixMs};
use crate::config::PollingSettings;

/// The longest time that a payment may have.
const EXPIRES_IN_MS_MAX: i64 = 604_800_000;

/// A payment as it is listed.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Listed {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) order_id: String,
    pub(super) status: PaymentStatus,
    pub(super) created_at: String,
    pub(super) expires_at: String,
}

/// What is looked for.
pub(super) struct Wanted {
    account: Option<String>,
    since_ms: Option<UnixMs>,
    /// Payments that ended without money are uncertain when their time was over later than this.
    ended_after_ms: UnixMs,
}

impl Wanted {
    /// Money may still come for payments that ended, as long as the signer itself goes on asking about them.
    pub(super) fn new(
        account: Option<String>,
        since_ms: Option<UnixMs>,
        polling: &PollingSettings,
        now_ms: UnixMs,
    ) -> Self {
        let settling_ms: i64 = polling.settling_s.iter().sum::<i64>() * 1000;
        let ended_after_ms = if since_ms.is_some() { UnixMs::MIN } else { now_ms - settling_ms };
        Self { account, since_ms, ended_after_ms }
    }

    /// All of them.
    ///
    /// # Errors
    /// When the ledger cannot be read, in words.
    pub(super) async fn list(&self, place: &Place) -> Result<Vec<Listed>, String> {
        use PaymentStatus::{Canceled, Expired, Processing, RequiresAction, Review};
        let mut found: Vec<Listed> = Vec::new();
        for status in [Processing, RequiresAction, Review, Expired, Canceled] {
            self.list_with(place, status, &mut found).await?;
        }
        Ok(found)
    }

    async fn list_with(
        &self,
        place: &Place,
        status: PaymentStatus,
        found: &mut Vec<Listed>,
    ) -> Result<(), String> {
        let mut after = None;
        loop {
            let page = place.page(status, self.account.as_deref(), after.take()).await?;
            after = page.data.last().map(|last| last.id.clone());
            // Newest first: behind one that is too old there are only older ones.
            let too_old = page.data.iter().any(|payment| self.is_too_old(status, payment));
            let fitting = page.data.into_iter().filter(|payment| self.fits(status, payment));
            found.extend(fitting);
            if too_old || !page.has_more {
                return Ok(());
            }
        }
    }

    fn fits(&self, status: PaymentStatus, payment: &Listed) -> bool {
        let ended = matches!(status, PaymentStatus::Expired | PaymentStatus::Canceled);
        at(&payment.created_at) >= self.since_ms.unwrap_or(UnixMs::MIN)
            && (!ended || at(&payment.expires_at) > self.ended_after_ms)
    }

    fn is_too_old(&self, status: PaymentStatus, payment: &Listed) -> bool {
        let ended = matches!(status, PaymentStatus::Expired | PaymentStatus::Canceled);
        let created_ms = at(&payment.created_at);
        created_ms < self.since_ms.unwrap_or(UnixMs::MIN)
            || (ended && created_ms < self.ended_after_ms.saturating_sub(EXPIRES_IN_MS_MAX))
    }
}

fn at(text: &str) -> UnixMs {
    // What the ledger wrote is a time; anything else is taken for recent, and so asked about.
    clock::parse_rfc3339(text).unwrap_or(UnixMs::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use PaymentStatus::{Canceled, Expired, Processing};

    fn payment(created_at: &str, expires_at: &str) -> Listed {
        Listed {
            id: "pay_1".into(),
            account: "hk".into(),
            order_id: "A1".into(),
            status: Processing,
            created_at: created_at.into(),
            expires_at: expires_at.into(),
        }
    }

    fn wanted(since: Option<&str>) -> Wanted {
        let polling = PollingSettings { open_s: vec![1], settling_s: vec![60, 3540], notification_wait_s: 1 };
        Wanted::new(None, since.map(at), &polling, at("2026-11-22T12:00:00Z"))
    }

    #[test]
    fn what_ended_is_uncertain_as_long_as_the_signer_asks_about_it() {
        let just = payment("2026-11-22T10:00:00Z", "2026-11-22T11:00:01Z");
        let long_ago = payment("2026-11-21T10:00:00Z", "2026-11-21T11:00:00Z");
        for status in [Expired, Canceled] {
            assert!(wanted(None).fits(status, &just));
            assert!(!wanted(None).fits(status, &long_ago));
            assert!(wanted(Some("2026-11-01T00:00:00Z")).fits(status, &long_ago));
        }
        assert!(wanted(None).fits(Processing, &long_ago), "what is open is open");
    }

    #[test]
    fn what_was_created_before_is_left_out_and_ends_the_list() {
        let (old, new) = (payment("2026-11-20T00:00:00Z", ""), payment("2026-11-21T00:00:00Z", ""));
        let wanted = wanted(Some("2026-11-21T00:00:00Z"));
        assert!(!wanted.fits(Processing, &old) && wanted.is_too_old(Processing, &old));
        assert!(wanted.fits(Processing, &new) && !wanted.is_too_old(Processing, &new));
    }
}
