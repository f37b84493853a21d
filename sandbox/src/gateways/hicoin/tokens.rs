//! Access tokens: a payer's own, and the base token of the merchant's server.

use std::collections::HashMap;
use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

use crate::gateways::number;
use crate::gateways::orders::locked;

/// Lifetime of a base token.
pub(super) const BASE_TOKEN_LIFETIME_S: i64 = 7_200;

/// Older base tokens are forgotten; a merchant needs one at a time.
const BASE_TOKENS_MAX: usize = 1_000;

/// Whom a token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bearer {
    Payer { openid: String },
    Merchant,
}

/// All tokens given out.
#[derive(Default)]
pub(super) struct Tokens(Mutex<Known>);

#[derive(Default)]
struct Known {
    users: HashMap<String, String>,
    base: Vec<(String, Timestamp)>,
}

impl Tokens {
    pub(super) fn set_user(&self, openid: &str, access_token: &str) {
        locked(&self.0).users.insert(openid.to_owned(), access_token.to_owned());
    }

    /// A new base token; older ones keep working until they expire.
    pub(super) fn give_base(&self, now: Timestamp) -> String {
        let token = number::nonce(40);
        let mut known = locked(&self.0);
        if known.base.len() == BASE_TOKENS_MAX {
            known.base.remove(0);
        }
        known.base.push((token.clone(), now + SignedDuration::from_secs(BASE_TOKEN_LIFETIME_S)));
        token
    }

    /// Whom a token stands for now.
    pub(super) fn bearer(&self, token: &str, now: Timestamp) -> Option<Bearer> {
        let known = locked(&self.0);
        if known.base.iter().any(|(base, end)| base == token && now < *end) {
            return Some(Bearer::Merchant);
        }
        let (openid, _) = known.users.iter().find(|(_, user_token)| *user_token == token)?;
        Some(Bearer::Payer { openid: openid.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_token_ends_and_a_replaced_user_token_is_void() {
        let (tokens, now) = (Tokens::default(), Timestamp::UNIX_EPOCH);
        let base = tokens.give_base(now);
        assert_eq!(tokens.bearer(&base, now), Some(Bearer::Merchant));
        assert_eq!(tokens.bearer(&base, now + SignedDuration::from_secs(BASE_TOKEN_LIFETIME_S)), None);
        tokens.set_user("u1", "old");
        tokens.set_user("u1", "new");
        assert_eq!(tokens.bearer("old", now), None);
        assert_eq!(tokens.bearer("new", now), Some(Bearer::Payer { openid: "u1".into() }));
    }
}
