//! Settings of an account at Hicoin.

use serde::Deserialize;
use url::Url;

use crate::secret::Secret;

/// An account's settings. White-label merchants have hosts of their own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HicoinConfig {
    /// The application.
    pub(crate) app_id: String,
    /// The application's secret (AppSecret, SecretKey): tokens and payouts.
    pub(crate) app_secret: Secret,
    /// Payment keys (支付密钥, mch_key): the first signs, all verify.
    pub(crate) mch_keys: Vec<Secret>,
    /// Orders, queries, login.
    #[serde(default = "oauth_url")]
    pub(crate) oauth_url: Url,
    /// Base token, payout.
    #[serde(default = "payout_url")]
    pub(crate) payout_url: Url,
    /// Where the payer pays.
    #[serde(default = "payment_page_url")]
    pub(crate) payment_page_url: Url,
    /// The token that queries carry first.
    #[serde(default)]
    pub(crate) query_token: QueryToken,
    /// How values stand in the form that is posted.
    #[serde(default)]
    pub(crate) body_encoding: BodyEncoding,
}

/// The token that queries carry first, the other one after it: the documents and a shipped client disagree.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum QueryToken {
    /// The application's own, as the document says.
    #[default]
    Base,
    /// The payer's.
    User,
}

/// How values stand in the form that is posted.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BodyEncoding {
    /// Percent-encoded, as forms are.
    #[default]
    Percent,
    /// As they are, for a host that does not decode: the one published client sends them so.
    Raw,
}

impl HicoinConfig {
    /// The key that signs. `check` of the configuration makes sure there is one.
    pub(crate) fn signing_key(&self) -> &str {
        self.mch_keys.first().map_or("", Secret::expose)
    }
}

/// `path` below `base`.
pub(crate) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let prefix = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{prefix}{path}"));
    url
}

fn oauth_url() -> Url {
    Url::parse("https://oauth.hicoin.vip/api").expect("a literal URL")
}

fn payout_url() -> Url {
    Url::parse("https://avenger.hicoin.vip/api").expect("a literal URL")
}

fn payment_page_url() -> Url {
    Url::parse("https://api.hicoin.vip/hicoinfe/payment").expect("a literal URL")
}

/// Settings for tests, with made-up keys.
#[cfg(test)]
pub(crate) fn sample() -> HicoinConfig {
    toml::from_str(
        "app_id = \"a0000000000000000000000000000001\"\napp_secret = \"5a6b7c8d9e0f11223344556677889900\"\nmch_keys = [\"9f8e7d6c5b4a39281706f5e4d3c2b1a0\"]",
    )
    .expect("a literal table")
}
