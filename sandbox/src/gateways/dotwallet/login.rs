//! Tokens for a login's code, and what they tell of the user.

use serde_json::{Value, json};

use super::DotWallet;
use super::api::{fields, required};
use super::codes::refusal;
use crate::gateways::clock;
use crate::gateways::endpoint::Refusal;
use crate::gateways::grants::{Grant, Worth};
use crate::gateways::message::Message;

impl DotWallet {
    pub(super) fn access_token(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = fields(message);
        self.check_app(&fields, (10010, 10012))?;
        self.check_secret(&fields, (10014, 10015))?;
        let code = required(&fields, "code", 10016)?;
        let lifetime_s = self.settings.get().token_lifetime_s;
        let grant = self.grants.redeem(code, lifetime_s, clock::now()).ok_or_else(|| refusal(10017))?;
        Ok(described(&grant, lifetime_s))
    }

    /// The next token; this call carries no secret.
    pub(super) fn refresh_token(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = fields(message);
        self.check_app(&fields, (10300, 10301))?;
        let refresh_token = required(&fields, "refresh_token", 10302)?;
        let lifetime_s = self.settings.get().token_lifetime_s;
        let grant = self.grants.refresh(refresh_token, lifetime_s, clock::now());
        Ok(described(&grant.ok_or_else(|| refusal(10303))?, lifetime_s))
    }

    /// Who the user is, and how far automatic payments go.
    pub(super) fn user_info(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = fields(message);
        let token = required(&fields, "access_token", 10020)?;
        let Worth::Good { user, .. } = self.grants.worth(token, clock::now()) else {
            return Err(refusal(10021));
        };
        let account = self.account(&user).unwrap_or_default();
        let limit = |limit: i64| if account.consented { limit } else { 0 };
        Ok(json!({
            "user_open_id": user,
            "user_name": "payer",
            "user_avatar": "",
            "user_address": self.config.default_address,
            "pay_status": i64::from(account.consented),
            "pre_amount": limit(account.single_limit),
            "total_amount": limit(account.total_limit),
        }))
    }

    pub(super) fn check_token(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = fields(message);
        let token = required(&fields, "access_token", 10020)?;
        let (status, expire_time) = match self.grants.worth(token, clock::now()) {
            Worth::Unknown => (0, 0),
            Worth::Expired => (-1, 0),
            Worth::Good { seconds_left, .. } => (1, seconds_left),
        };
        Ok(json!({"status": status, "expire_time": expire_time}))
    }
}

fn described(grant: &Grant, lifetime_s: i64) -> Value {
    json!({
        "access_token": grant.access_token,
        "expires_in": lifetime_s,
        "refresh_token": grant.refresh_token,
    })
}
