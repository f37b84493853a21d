//! What a login gives a merchant: a code that is good once, and a user's token for it, which can be renewed.

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

use super::number;
use super::orders::locked;

/// Lifetime of a refresh token: DotWallet's document says 30 days, Hicoin's says nothing.
const REFRESH_TOKEN_LIFETIME_S: i64 = 30 * 24 * 3600;

/// A user's token.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    pub(crate) user: String,
    /// `None` is for ever.
    ends: Option<Timestamp>,
    refresh_ends: Timestamp,
}

/// What a token is worth now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Worth {
    Unknown,
    Expired,
    /// It stands for this user, for so many seconds more.
    Good {
        user: String,
        seconds_left: i64,
    },
}

/// All codes and tokens given out.
#[derive(Default)]
pub(crate) struct Grants(Mutex<Known>);

#[derive(Default)]
struct Known {
    codes: Vec<(String, String, Timestamp)>,
    grants: Vec<Grant>,
}

/// A moment so many seconds later.
pub(crate) fn after(now: Timestamp, seconds: i64) -> Timestamp {
    now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

impl Grants {
    /// Makes a user known by one token and no other.
    pub(crate) fn set(&self, user: &str, access_token: &str, ends: Option<Timestamp>) {
        let mut known = locked(&self.0);
        known.grants.retain(|grant| grant.user != user);
        known.grants.push(Grant {
            access_token: access_token.to_owned(),
            refresh_token: String::new(),
            user: user.to_owned(),
            ends,
            refresh_ends: Timestamp::MIN,
        });
    }

    /// Whether a user has ever been given a token.
    pub(crate) fn knows(&self, user: &str) -> bool {
        locked(&self.0).grants.iter().any(|grant| grant.user == user)
    }

    /// A code that stands for a user, once.
    pub(crate) fn give_code(&self, user: &str, lifetime_s: i64, now: Timestamp) -> String {
        let code = number::nonce(32);
        locked(&self.0).codes.push((code.clone(), user.to_owned(), after(now, lifetime_s)));
        code
    }

    /// A token for a code, which is used up by that.
    pub(crate) fn redeem(&self, code: &str, lifetime_s: i64, now: Timestamp) -> Option<Grant> {
        let mut known = locked(&self.0);
        let place = known.codes.iter().position(|(given, ..)| given == code)?;
        let (_, user, ends) = known.codes.remove(place);
        if ends <= now { None } else { Some(known.give(user, lifetime_s, now)) }
    }

    /// A new token for a refresh token; both that and the old access token are void from now on.
    pub(crate) fn refresh(&self, refresh_token: &str, lifetime_s: i64, now: Timestamp) -> Option<Grant> {
        let mut known = locked(&self.0);
        let is_it = |grant: &Grant| {
            !refresh_token.is_empty() && grant.refresh_token == refresh_token && now < grant.refresh_ends
        };
        let place = known.grants.iter().position(is_it)?;
        let user = known.grants.remove(place).user;
        Some(known.give(user, lifetime_s, now))
    }

    /// What a token is worth now.
    pub(crate) fn worth(&self, access_token: &str, now: Timestamp) -> Worth {
        let known = locked(&self.0);
        match known.grants.iter().find(|grant| grant.access_token == access_token) {
            None => Worth::Unknown,
            Some(Grant { ends: Some(end), .. }) if *end <= now => Worth::Expired,
            Some(grant) => Worth::Good {
                user: grant.user.clone(),
                seconds_left: grant.ends.map_or(i64::MAX, |end| end.duration_since(now).as_secs()),
            },
        }
    }

    /// Makes access tokens, refresh tokens or both void before their time.
    pub(crate) fn expire(&self, (access, refresh): (bool, bool), now: Timestamp) {
        for grant in &mut locked(&self.0).grants {
            if access {
                grant.ends = Some(now);
            }
            if refresh {
                grant.refresh_ends = now;
            }
        }
    }
}

impl Known {
    fn give(&mut self, user: String, lifetime_s: i64, now: Timestamp) -> Grant {
        let grant = Grant {
            access_token: number::nonce(40),
            refresh_token: number::nonce(40),
            user,
            ends: Some(after(now, lifetime_s)),
            refresh_ends: after(now, REFRESH_TOKEN_LIFETIME_S),
        };
        self.grants.push(grant.clone());
        grant
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn good(user: &str, seconds_left: i64) -> Worth {
        Worth::Good { user: user.into(), seconds_left }
    }

    #[test]
    fn a_replaced_token_is_void() {
        let grants = Grants::default();
        grants.set("u1", "old", None);
        grants.set("u1", "new", None);
        assert_eq!(grants.worth("old", NOW), Worth::Unknown);
        assert_eq!(grants.worth("new", NOW), good("u1", i64::MAX));
    }

    #[test]
    fn a_code_is_good_once_and_for_a_while() {
        let grants = Grants::default();
        let code = grants.give_code("u1", 300, NOW);
        let token = grants.redeem(&code, 60, NOW).unwrap().access_token;
        assert_eq!(grants.worth(&token, NOW), good("u1", 60));
        assert_eq!(grants.worth(&token, after(NOW, 60)), Worth::Expired);
        assert!(grants.redeem(&code, 60, NOW).is_none());
        let late = grants.give_code("u1", 300, NOW);
        assert!(grants.redeem(&late, 60, after(NOW, 300)).is_none());
    }

    #[test]
    fn a_renewed_token_replaces_the_one_before() {
        let grants = Grants::default();
        let first = grants.redeem(&grants.give_code("u1", 300, NOW), 60, NOW).unwrap();
        let second = grants.refresh(&first.refresh_token, 60, after(NOW, 61)).unwrap();
        assert_eq!(grants.worth(&first.access_token, NOW), Worth::Unknown);
        assert_eq!(grants.worth(&second.access_token, after(NOW, 62)), good("u1", 59));
        assert!(grants.refresh(&first.refresh_token, 60, NOW).is_none());
        grants.expire((true, true), NOW);
        assert!(grants.refresh(&second.refresh_token, 60, NOW).is_none());
        assert_eq!(grants.worth(&second.access_token, NOW), Worth::Expired);
        assert!(grants.refresh("", 60, NOW).is_none());
    }
}
