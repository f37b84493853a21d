//! Whom an access token stands for: a payer, or the merchant's server.

use std::sync::Mutex;

use jiff::Timestamp;
use serde::Deserialize;

use crate::gateways::grants::{Grants, Worth, after};
use crate::gateways::number;
use crate::gateways::orders::locked;

/// Older base tokens are forgotten; a merchant needs one at a time.
const BASE_TOKENS_MAX: usize = 1_000;

/// Whom a token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bearer {
    Payer { openid: String },
    Merchant,
}

/// Which tokens a test wants void.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Expiring {
    Base,
    User,
    Refresh,
    All,
}

/// All tokens given out.
#[derive(Default)]
pub(super) struct Tokens {
    pub(super) users: Grants,
    base: Mutex<Vec<(String, Timestamp)>>,
}

impl Tokens {
    /// A new base token; older ones keep working until they expire.
    pub(super) fn give_base(&self, lifetime_s: i64, now: Timestamp) -> String {
        let token = number::nonce(40);
        let mut base = locked(&self.base);
        if base.len() == BASE_TOKENS_MAX {
            base.remove(0);
        }
        base.push((token.clone(), after(now, lifetime_s)));
        token
    }

    /// Whom a token stands for now.
    pub(super) fn bearer(&self, token: &str, now: Timestamp) -> Option<Bearer> {
        if locked(&self.base).iter().any(|(base, end)| base == token && now < *end) {
            return Some(Bearer::Merchant);
        }
        match self.users.worth(token, now) {
            Worth::Good { user, .. } => Some(Bearer::Payer { openid: user }),
            Worth::Unknown | Worth::Expired => None,
        }
    }

    /// Makes tokens void before their time.
    pub(super) fn expire(&self, which: Expiring, now: Timestamp) {
        let all = which == Expiring::All;
        if all || which == Expiring::Base {
            locked(&self.base).clear();
        }
        self.users.expire((all || which == Expiring::User, all || which == Expiring::Refresh), now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_base_token_ends_by_itself_or_when_a_test_says_so() {
        let tokens = Tokens::default();
        let base = tokens.give_base(7_200, NOW);
        assert_eq!(tokens.bearer(&base, NOW), Some(Bearer::Merchant));
        assert_eq!(tokens.bearer(&base, after(NOW, 7_200)), None);
        tokens.expire(Expiring::User, NOW);
        assert_eq!(tokens.bearer(&base, NOW), Some(Bearer::Merchant));
        tokens.expire(Expiring::Base, NOW);
        assert_eq!(tokens.bearer(&base, NOW), None);
    }
}
