//! Settings of an account at BlueOcean.

use serde::Deserialize;
use url::Url;

use crate::secret::Secret;

/// An account's settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BlueoceanConfig {
    /// The application number, digits as text.
    pub(crate) appid: String,
    /// The first signs, all verify.
    pub(crate) keys: Vec<Secret>,
    /// The host of the region.
    #[serde(default = "base_url")]
    pub(crate) base_url: Url,
    /// `HK` or `CN`: which Alipay wallet; left out when not set.
    pub(crate) wallet: Option<Wallet>,
}

/// Which wallet is asked to pay.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub(crate) enum Wallet {
    /// Mainland China.
    #[serde(rename = "CN")]
    Mainland,
    /// Hong Kong.
    #[serde(rename = "HK")]
    HongKong,
}

impl Wallet {
    /// As it is sent.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Mainland => "CN",
            Self::HongKong => "HK",
        }
    }
}

impl BlueoceanConfig {
    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> Url {
        let mut url = self.base_url.clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}{path}"));
        url
    }

    /// The key that signs. `check` of the configuration makes sure there is one.
    pub(crate) fn signing_key(&self) -> &str {
        self.keys.first().map_or("", Secret::expose)
    }
}

fn base_url() -> Url {
    Url::parse("https://api.hk.blueoceanpay.com").expect("a literal URL")
}

/// Settings for tests, with a made-up key.
#[cfg(test)]
pub(crate) fn sample() -> BlueoceanConfig {
    toml::from_str("appid = \"1000001\"\nkeys = [\"AbCdEfGh0123456789IjKlMnOpQrStUv\"]")
        .expect("a literal table")
}
