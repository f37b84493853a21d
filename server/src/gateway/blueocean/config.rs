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
    /// `HK` or `CN`: which wallet is asked to pay, where the method does not say it; left out when not set.
    pub(crate) wallet: Option<Wallet>,
    /// Whether Alipay refunds in parts. The document of 2018 denies it, the one of 2021 prints it.
    #[serde(default = "yes")]
    pub(crate) alipay_partial_refunds: bool,
    /// The refund password of the portal, where one is set there.
    pub(crate) refund_password: Option<Secret>,
    /// The official account under which pages call the Hong Kong wallet.
    pub(crate) wechat_official: Option<WechatOfficial>,
}

/// An official account of WeChat: what `wx.config` needs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WechatOfficial {
    /// Its number, `wx…`.
    pub(crate) appid: String,
    /// Its AppSecret.
    pub(crate) secret: Secret,
    /// Where its tickets come from.
    #[serde(default = "wechat_url")]
    pub(crate) api_url: Url,
    /// The checkout page as the browser shows it in `location.href`, for requests that do not say it.
    pub(crate) page_url: Option<String>,
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
        below(&self.base_url, path)
    }

    /// The key that signs. `check` of the configuration makes sure there is one.
    pub(crate) fn signing_key(&self) -> &str {
        self.keys.first().map_or("", Secret::expose)
    }

    /// Every address, by its key, for the checks that all addresses undergo.
    pub(crate) fn urls(&self) -> Vec<(&'static str, &Url)> {
        let official = self.wechat_official.as_ref();
        let ticket_url = official.map(|official| ("wechat_official.api_url", &official.api_url));
        [Some(("base_url", &self.base_url)), ticket_url].into_iter().flatten().collect()
    }
}

/// `path` below `base`, whose own path stays in front.
pub(super) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let prefix = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{prefix}{path}"));
    url
}

fn base_url() -> Url {
    Url::parse("https://api.hk.blueoceanpay.com").expect("a literal URL")
}

fn wechat_url() -> Url {
    Url::parse("https://api.weixin.qq.com").expect("a literal URL")
}

const fn yes() -> bool {
    true
}

/// Settings for tests, with a made-up key.
#[cfg(test)]
pub(crate) fn sample() -> BlueoceanConfig {
    toml::from_str("appid = \"1000001\"\nkeys = [\"AbCdEfGh0123456789IjKlMnOpQrStUv\"]")
        .expect("a literal table")
}

/// An official account for tests, at `api_url`.
#[cfg(test)]
pub(super) fn sample_official(api_url: &Url) -> WechatOfficial {
    WechatOfficial {
        appid: "wx0000000000000001".into(),
        secret: Secret::new("wx_test_secret_0001".into()),
        api_url: api_url.clone(),
        page_url: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_has_its_default() {
        let config = sample();
        assert_eq!(config.url("/order/query").as_str(), "https://api.hk.blueoceanpay.com/order/query");
        assert!(config.alipay_partial_refunds && config.refund_password.is_none() && config.wallet.is_none());
        assert!(config.wechat_official.is_none() && config.urls().len() == 1);
    }

    #[test]
    fn the_official_account_is_a_table_of_its_own() {
        let text = "appid = \"1\"\nkeys = [\"k\"]\n[wechat_official]\nappid = \"wx1\"\nsecret = \"s\"";
        let config: BlueoceanConfig = toml::from_str(text).unwrap();
        let urls: Vec<String> = config.urls().iter().map(|(_, url)| url.to_string()).collect();
        assert_eq!(urls, ["https://api.hk.blueoceanpay.com/", "https://api.weixin.qq.com/"]);
        assert!(toml::from_str::<BlueoceanConfig>(&format!("{text}\ntoken = \"x\"")).is_err());
    }
}
