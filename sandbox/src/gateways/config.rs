//! Whom the simulated gateways know: one merchant application at each of the four, and the payers.

use serde::{Deserialize, Serialize};
use url::Url;

/// Configuration of the simulators. Every part has a default that is obviously fake.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What browsers and QR codes are told as the simulators' address; by default the address listened on.
    pub public_url: Option<Url>,
    /// How notifications are sent.
    pub notifications: Notifications,
    /// DotWallet, old "openapi".
    pub dotwallet: DotWallet,
    /// Jubao.
    pub jubao: Jubao,
    /// BlueOcean.
    pub blueocean: BlueOcean,
    /// Hicoin.
    pub hicoin: Hicoin,
    /// The WeChat app.
    pub wechat: WeChat,
}

/// How notifications are sent, and sent again. The gateways publish no schedule.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notifications {
    /// How often one notification is sent at most until it is acknowledged.
    pub attempts_max: u32,
    /// Wait before the second attempt; doubles with each further one.
    pub backoff_ms: u64,
    /// How long one attempt may take.
    pub timeout_ms: u64,
}

impl Default for Notifications {
    fn default() -> Self {
        Self { attempts_max: 3, backoff_ms: 500, timeout_ms: 10_000 }
    }
}

/// The application that DotWallet knows.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DotWallet {
    /// Application id.
    pub app_id: String,
    /// Application secret, sent in the body by the merchant's server.
    pub secret: Secret,
    /// Registered callback domain, `host` or `host:port`; any is accepted when it is not set.
    pub callback_domain: Option<String>,
    /// Who is signed in to the wallet on the consent page.
    pub user_open_id: String,
    /// Miner fee of one payment.
    pub fee_satoshi: i64,
    /// Least amount of one payment; the real floor is not published.
    pub amount_min_satoshi: i64,
    /// Whether `search_order` finds automatic payments too, which the documents leave open.
    pub search_finds_autopay: bool,
    /// The merchant's default wallet, which orders without `receive_address` pay to; also shown as a user's address.
    pub default_address: String,
}

impl Default for DotWallet {
    fn default() -> Self {
        Self {
            app_id: "0123456789abcdef0123456789abcdef".into(),
            secret: "sandbox-dotwallet-secret".into(),
            callback_domain: None,
            user_open_id: "sandbox-payer-0001".into(),
            fee_satoshi: 113,
            amount_min_satoshi: 1,
            search_finds_autopay: true,
            default_address: "1BitcoinEaterAddressDontSendf59kuE".into(),
        }
    }
}

/// The merchant that Jubao knows.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Jubao {
    /// Merchant number.
    pub mch_id: String,
    /// Signature key.
    pub key: Secret,
    /// Channels that are open for the merchant; none named means all.
    pub pay_channel_ids: Vec<i64>,
    /// How the text of notifications is read before hashing; the documents leave it open.
    pub notification_charset: Charset,
    /// Whether answers carry `data.sign`; the document's table has it, its samples do not.
    pub sign_answers: bool,
}

impl Default for Jubao {
    fn default() -> Self {
        Self {
            mch_id: "10000000000001".into(),
            key: "sandbox-jubao-key".into(),
            pay_channel_ids: Vec::new(),
            notification_charset: Charset::Utf8Encode,
            sign_answers: false,
        }
    }
}

/// The two readings of a text without `version` in the Jubao signature.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Charset {
    /// The document's PHP: every byte is taken for a Latin-1 letter and encoded again.
    Utf8Encode,
    /// The Java kit: the text's bytes as they are.
    Plain,
}

/// The merchant that BlueOcean knows.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BlueOcean {
    /// Merchant number.
    pub appid: String,
    /// Signature key.
    pub key: Secret,
    /// `fee_type` of orders.
    pub currency: String,
    /// Where the text of QR codes points; the order's `sn` is appended. By default the simulator's own page.
    pub qr_page_url: Option<Url>,
}

impl Default for BlueOcean {
    fn default() -> Self {
        Self {
            appid: "1000001".into(),
            key: "sandbox-blueocean-key".into(),
            currency: "HKD".into(),
            qr_page_url: None,
        }
    }
}

/// The application and the payer that Hicoin knows.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hicoin {
    /// Application id.
    pub app_id: String,
    /// Application secret, "SecretKey" in the documents.
    pub app_secret: Secret,
    /// Payment key, "mch_key" in the documents.
    pub mch_key: Secret,
    /// The portal's callback address: the only place where a notification address can be set.
    pub callback_url: Option<Url>,
    /// The payer.
    pub openid: String,
    /// The payer's access token.
    pub access_token: Secret,
    /// Coins that can be settled.
    pub settle_currencies: Vec<String>,
}

impl Default for Hicoin {
    fn default() -> Self {
        Self {
            app_id: "a0000000000000000000000000000001".into(),
            app_secret: "sandbox-hicoin-app-secret".into(),
            mch_key: "sandbox-hicoin-mch-key".into(),
            callback_url: None,
            openid: "u0000000000000001".into(),
            access_token: "sandbox-user-token-0001".into(),
            settle_currencies: vec!["USDT".into(), "BTC".into(), "ETH".into()],
        }
    }
}

/// The official account that WeChat knows, and the key that its payments are signed with.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WeChat {
    /// Number of the official account.
    pub appid: String,
    /// Its secret, for the ticket that pages are signed with.
    pub secret: Secret,
    /// The gateway's own key at WeChat; a merchant never sees it.
    pub key: Secret,
}

impl Default for WeChat {
    fn default() -> Self {
        Self {
            appid: "wx0000000000000001".into(),
            secret: "sandbox-wechat-secret".into(),
            key: "sandbox-wechat-key".into(),
        }
    }
}

/// A text that must not be printed.
#[derive(Clone, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for signing and comparing only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printing_the_configuration_shows_no_secret() {
        let printed = format!("{:?}", Config::default());
        for secret in
            ["sandbox-dotwallet-secret", "sandbox-jubao-key", "sandbox-hicoin-mch-key", "sandbox-user-token"]
        {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}
