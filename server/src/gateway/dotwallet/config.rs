//! Settings of an account at DotWallet.

use serde::Deserialize;
use url::Url;

use crate::secret::Secret;

/// An account's settings; the path defaults are those of the seeds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DotwalletConfig {
    /// The application, 32 hex characters as a rule.
    pub(crate) app_id: String,
    /// The application's secret. It is sent in the body of calls, over TLS.
    pub(crate) secret: Secret,
    /// The host; paths are appended.
    #[serde(default = "base_url")]
    pub(crate) base_url: Url,
    /// Automatic payment.
    #[serde(default = "pay_small_money_path")]
    pub(crate) pay_small_money_path: String,
    /// Order look-up.
    #[serde(default = "search_order_path")]
    pub(crate) search_order_path: String,
    /// Consent page.
    #[serde(default = "set_pay_config_path")]
    pub(crate) set_pay_config_path: String,
    /// How bodies are written.
    #[serde(default)]
    pub(crate) body_format: BodyFormat,
}

/// How request bodies are written.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BodyFormat {
    /// `application/json`, what most shipped clients send.
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

impl DotwalletConfig {
    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> Url {
        let mut url = self.base_url.clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}/{}", path.trim_start_matches('/')));
        url
    }
}

fn base_url() -> Url {
    Url::parse("https://www.ddpurse.com").expect("a literal URL")
}

fn pay_small_money_path() -> String {
    "/openapi/pay_small_money".to_owned()
}

fn search_order_path() -> String {
    "/openapi/search_order/".to_owned()
}

fn set_pay_config_path() -> String {
    "/openapi/set_pay_config".to_owned()
}

/// Settings for tests, with a made-up secret.
#[cfg(test)]
pub(crate) fn sample() -> DotwalletConfig {
    toml::from_str("app_id = \"0123456789abcdef0123456789abcdef\"\nsecret = \"dw_test_secret_0001\"")
        .expect("a literal table")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appends_paths_to_a_base_that_has_one() {
        let mut config = sample();
        assert_eq!(config.url("/openapi/x").as_str(), "https://www.ddpurse.com/openapi/x");
        config.base_url = Url::parse("http://127.0.0.1:1/dotwallet/").unwrap();
        assert_eq!(
            config.url("/openapi/search_order/").as_str(),
            "http://127.0.0.1:1/dotwallet/openapi/search_order/"
        );
    }
}
