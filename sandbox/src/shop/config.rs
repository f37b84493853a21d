//! The `[shop]` section of the configuration file.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;
use url::Url;

use super::error::StartError;

/// Settings of the demo shop.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShopConfig {
    /// Where the signer is reached, by this backend and by the payer's browser.
    #[serde(default = "default_signer_url")]
    pub signer_url: String,
    /// The merchant's key at the signer, `[[api_keys]]` there.
    pub api_key: Secret,
    /// What the signer signs its webhooks with, `whsec_…`.
    pub webhook_secret: Secret,
    /// The shop as a payer's browser reaches it; left out, the address that it listens on.
    #[serde(default)]
    pub public_url: Option<String>,
    /// The folder with the shop's pages.
    #[serde(default = "default_www_dir")]
    pub www_dir: PathBuf,
    /// The folder with the built npm package of the browser module, served under `/checkout/`.
    #[serde(default = "default_package_dir")]
    pub package_dir: PathBuf,
    /// Where WeChat's own page script is loaded from, which its Hong Kong wallet needs; pages may then run scripts
    /// of that origin. Left out, nothing is loaded and only the shop's own scripts run.
    #[serde(default)]
    pub jweixin_url: Option<String>,
    /// Where the simulators of the gateways are, which tell the page's "what just happened" what they heard. A real
    /// shop leaves it out.
    #[serde(default)]
    pub simulators_url: Option<String>,
    /// Names of the accounts in the signer's configuration.
    #[serde(default)]
    pub accounts: Accounts,
    /// How the gateways know the shop.
    #[serde(default)]
    pub merchant: Merchant,
    /// Whom the shop's own session takes the visitor to be.
    #[serde(default)]
    pub payer: Payer,
}

/// The merchant's accounts, by the names that they have at the signer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Accounts {
    /// The account for DotWallet.
    pub dotwallet: String,
    /// The account for Jubao.
    pub jubao: String,
    /// The account for BlueOcean.
    pub blueocean: String,
    /// The account for Hicoin.
    pub hicoin: String,
}

impl Default for Accounts {
    fn default() -> Self {
        Self {
            dotwallet: "wallet".into(),
            jubao: "shop".into(),
            blueocean: "hk".into(),
            hicoin: "coin".into(),
        }
    }
}

/// What some methods have to be told of the merchant. The defaults are the sandbox's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Merchant {
    /// The shop's official account at WeChat, for payments inside WeChat.
    pub wechat_sub_appid: String,
    /// The shop's native application at WeChat.
    pub wechat_app_sub_appid: String,
    /// The channel that `jubao_channel` uses unless the visitor says another.
    pub jubao_channel_id: u32,
    /// The shop's BSV address, when a payment is split.
    pub shop_address: String,
    /// The tea farmers' BSV address, when a payment is split.
    pub farmers_address: String,
}

impl Default for Merchant {
    /// Nobody holds the key of either address, so what a careless test pays there is gone.
    fn default() -> Self {
        Self {
            wechat_sub_appid: "wx0000000000000001".into(),
            wechat_app_sub_appid: "wx0000000000000002".into(),
            jubao_channel_id: 101,
            shop_address: "1BitcoinEaterAddressDontSendf59kuE".into(),
            farmers_address: "1CounterpartyXXXXXXXXXXXXXXXUWLpVr".into(),
        }
    }
}

/// Who is paying, as the shop knows it from its own login. Never taken from a request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Payer {
    /// The payer's `user_open_id` at DotWallet.
    pub dotwallet_user_open_id: String,
    /// The payer's `openid` at Hicoin.
    pub hicoin_openid: String,
    /// The payer's own access token at Hicoin.
    pub hicoin_access_token: Secret,
    /// The payer's `openid` in the shop's official account at WeChat.
    pub wechat_sub_openid: String,
}

impl Default for Payer {
    fn default() -> Self {
        Self {
            dotwallet_user_open_id: "sandbox-payer-0001".into(),
            hicoin_openid: "u0000000000000001".into(),
            hicoin_access_token: Secret("sandbox-user-token-0001".into()),
            wechat_sub_openid: "oSANDBOX00000000000000000001".into(),
        }
    }
}

/// A text that must not show up in a log or an error; printing it prints a mask.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the one place that has to send it or compute with it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The shop's own address without a slash at its end, which return URLs are built on.
pub(super) fn public_url(given: Option<String>, listening_on: SocketAddr) -> Result<String, StartError> {
    let text = given.unwrap_or_else(|| format!("http://{listening_on}"));
    let url = web_address("shop.public_url", &text)?;
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Reads an `http` or `https` address; `key` names the setting in the message.
pub(super) fn web_address(key: &'static str, text: &str) -> Result<Url, StartError> {
    let wrong = |reason: &str| StartError::Address { key, reason: reason.to_owned() };
    let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        other => Err(wrong(&format!("expected http or https, found {other}"))),
    }
}

fn default_signer_url() -> String {
    "http://127.0.0.1:8787".into()
}

fn default_www_dir() -> PathBuf {
    "www".into()
}

fn default_package_dir() -> PathBuf {
    "wasm/dist".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_secrets_are_enough_to_open_the_shop() {
        let config: ShopConfig =
            toml::from_str("api_key = 'key-1'\nwebhook_secret = 'whsec_AAAA'").expect("a complete section");
        assert_eq!(config.accounts.blueocean, "hk");
        assert_eq!(config.payer.dotwallet_user_open_id, "sandbox-payer-0001");
        assert_eq!(config.merchant.jubao_channel_id, 101);
    }

    #[test]
    fn a_misspelt_key_is_refused_by_name() {
        let error =
            toml::from_str::<ShopConfig>("api_key = 'k'\nwebhook_secret = 'whsec_AAAA'\nsigner_ulr = 'x'")
                .expect_err("an unknown key");
        assert!(error.to_string().contains("signer_ulr"), "{error}");
    }

    #[test]
    fn printing_the_settings_prints_no_secret() {
        let config: ShopConfig =
            toml::from_str("api_key = 'planted-key'\nwebhook_secret = 'whsec_planted'").expect("a section");
        let printed = format!("{config:?}");
        for planted in ["planted-key", "whsec_planted", "sandbox-user-token-0001"] {
            assert!(!printed.contains(planted), "{printed}");
        }
    }

    #[test]
    fn the_shop_is_where_it_listens_unless_told_otherwise() {
        let address = "127.0.0.1:8789".parse().expect("an address");
        assert_eq!(public_url(None, address).expect("usable"), "http://127.0.0.1:8789");
        assert_eq!(
            public_url(Some("https://tea.example/".into()), address).expect("usable"),
            "https://tea.example"
        );
        assert!(public_url(Some("ftp://tea.example".into()), address).is_err());
    }
}
