//! Tokens by the documents' OAuth: the payer's for a code, the same renewed, and the merchant's own.

use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use super::Hicoin;
use super::api::{IP_NOT_ALLOWED, bad, posted_form, required};
use super::tokens::Bearer;
use crate::gateways::clock;
use crate::gateways::endpoint::Refusal;
use crate::gateways::grants::Grant;
use crate::gateways::message::{Fields, Message};

impl Hicoin {
    /// A base token: it stands for the merchant.
    pub(super) fn base_token(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = self.asked_for(message, "client_credential")?;
        self.check_secret(fields)?;
        let settings = self.settings.get();
        if !settings.ip_allowed {
            return Err(Refusal::new(IP_NOT_ALLOWED, "ip is not in the white list"));
        }
        let access_token = self.tokens.give_base(settings.base_token_lifetime_s, clock::now());
        Ok(json!({"access_token": access_token, "expires_in": settings.base_token_lifetime_s.to_string()}))
    }

    /// A payer's token, for the code that the payer has brought back.
    pub(super) fn user_token(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = self.asked_for(message, "authorization_code")?;
        self.check_secret(fields)?;
        let lifetime_s = self.settings.get().user_token_lifetime_s;
        let token = self.tokens.users.redeem(required(fields, "code")?, lifetime_s, clock::now());
        token
            .map(|token| described(&token, lifetime_s))
            .ok_or_else(|| bad("code is unknown, used or expired"))
    }

    /// The next token of a payer.
    pub(super) fn refresh_token(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = self.asked_for(message, "refresh_token")?;
        let lifetime_s = self.settings.get().user_token_lifetime_s;
        let token = self.tokens.users.refresh(required(fields, "refresh_token")?, lifetime_s, clock::now());
        token
            .map(|token| described(&token, lifetime_s))
            .ok_or_else(|| bad("refresh_token is unknown or expired"))
    }

    /// Who a payer is. Unsigned, as the one public client sends it.
    pub(super) fn user_info(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = message.fields.as_ref().map_err(|_| bad("query"))?;
        if required(fields, "app_id")? != self.config.app_id {
            return Err(bad("app_id"));
        }
        let openid = required(fields, "openid")?;
        if self.bearer(fields)? != (Bearer::Payer { openid: openid.to_owned() }) {
            return Err(bad("access_token is not this user's"));
        }
        Ok(json!({
            "nickname": "payer",
            "mobile_number": "",
            "country_code": "86",
            "email": "payer@payer.example",
            "origin": "sandbox",
            "role": "1",
        }))
    }

    /// The fields of a request for a token of this kind.
    fn asked_for<'m>(&self, message: &'m Message, grant_type: &str) -> Result<&'m Fields, Refusal> {
        let fields = posted_form(message)?;
        if required(fields, "app_id")? != self.config.app_id {
            return Err(bad("app_id"));
        }
        if required(fields, "grant_type")? != grant_type {
            return Err(bad("grant_type"));
        }
        Ok(fields)
    }

    fn check_secret(&self, fields: &Fields) -> Result<(), Refusal> {
        let secret = required(fields, "secret")?.as_bytes();
        let same = secret.ct_eq(self.config.app_secret.expose().as_bytes());
        if same.into() { Ok(()) } else { Err(bad("secret")) }
    }
}

fn described(token: &Grant, lifetime_s: i64) -> Value {
    json!({
        "access_token": token.access_token,
        "expires_in": lifetime_s.to_string(),
        "refresh_token": token.refresh_token,
        "openid": token.user,
        "scope": "snsapi_base",
    })
}
