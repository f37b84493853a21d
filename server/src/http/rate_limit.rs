//! A limit for each payment on the checkout API.

use std::num::NonZeroU32;
use std::sync::Arc;

use countersign_core::PaymentId;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config::RateLimits;

/// How many payments are remembered before those at rest are forgotten.
const REMEMBERED_MAX: usize = 10_000;

/// Counts requests by payment.
#[derive(Clone)]
pub(crate) struct RateLimit(Arc<DefaultKeyedRateLimiter<PaymentId>>);

impl RateLimit {
    /// With these limits.
    pub(crate) fn new(limits: &RateLimits) -> Self {
        let at_least_one = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(at_least_one(limits.checkout_per_s))
            .allow_burst(at_least_one(limits.checkout_burst));
        Self(Arc::new(RateLimiter::keyed(quota)))
    }

    /// Counts a request; the error is the seconds until another one fits.
    pub(super) fn check(&self, payment: &PaymentId) -> Result<(), u64> {
        if self.0.len() > REMEMBERED_MAX {
            self.0.retain_recent();
        }
        self.0.check_key(payment).map_err(|not_until| {
            not_until.wait_time_from(DefaultClock::default().now()).as_secs().saturating_add(1)
        })
    }
}
