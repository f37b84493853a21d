//! Settings of an account at DotWallet.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::secret::Secret;

/// An account's settings; the path defaults are those of the documents, except where every client agrees on others.
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
    /// Consent page.
    #[serde(default = "set_pay_config_path")]
    pub(crate) set_pay_config_path: String,
    /// Order creation.
    #[serde(default = "create_order_path")]
    pub(crate) create_order_path: String,
    /// Order look-up.
    #[serde(default = "search_order_path")]
    pub(crate) search_order_path: String,
    /// Pay page on a computer.
    #[serde(default = "desktop_order_path")]
    pub(crate) desktop_order_path: String,
    /// Pay page on a phone.
    #[serde(default = "wallet_order_path")]
    pub(crate) wallet_order_path: String,
    /// Login page.
    #[serde(default = "get_code_path")]
    pub(crate) get_code_path: String,
    /// A login's code becomes tokens.
    #[serde(default = "access_token_path")]
    pub(crate) access_token_path: String,
    /// Tokens that end are renewed.
    #[serde(default = "refresh_access_token_path")]
    pub(crate) refresh_access_token_path: String,
    /// Who logged in, and what they allowed.
    #[serde(default = "get_user_info_path")]
    pub(crate) get_user_info_path: String,
    /// How bodies are written.
    #[serde(default)]
    pub(crate) body_format: BodyFormat,
    /// What `op_return` may hold.
    #[serde(default)]
    pub(crate) op_return: OpReturn,
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

/// What `op_return` may hold. DotWallet's documents explain it in four ways.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OpReturn {
    /// The hex of a data script, `006a…`: the latest explanation, and what shipped clients send.
    #[default]
    Script,
    /// Any text; it goes to DotWallet unchanged.
    AsGiven,
}

impl DotwalletConfig {
    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> Url {
        let mut url = self.base_url.clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}/{}", path.trim_start_matches('/')));
        url
    }

    /// The address of a path with a query of texts, percent-encoded.
    pub(crate) fn url_with(&self, path: &str, query: &impl Serialize) -> Url {
        let mut url = self.url(path);
        url.set_query(Some(&serde_urlencoded::to_string(query).expect("named texts are a query")));
        url
    }
}

fn base_url() -> Url {
    Url::parse("https://www.ddpurse.com").expect("a literal URL")
}

fn pay_small_money_path() -> String {
    "/openapi/pay_small_money".to_owned()
}

fn set_pay_config_path() -> String {
    "/openapi/set_pay_config".to_owned()
}

fn create_order_path() -> String {
    "/openapi/create_order".to_owned()
}

fn search_order_path() -> String {
    "/openapi/search_order/".to_owned()
}

fn desktop_order_path() -> String {
    "/desktop/open/order".to_owned()
}

fn wallet_order_path() -> String {
    "/wallet/open/order".to_owned()
}

fn get_code_path() -> String {
    "/openapi/get_code".to_owned()
}

fn access_token_path() -> String {
    "/openapi/access_token".to_owned()
}

fn refresh_access_token_path() -> String {
    "/openapi/refresh_access_token".to_owned()
}

fn get_user_info_path() -> String {
    "/openapi/get_user_info".to_owned()
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
        assert_eq!(
            config.url_with("/openapi/x", &[("a", "b=c&d"), ("e", "f g")]).as_str(),
            "http://127.0.0.1:1/dotwallet/openapi/x?a=b%3Dc%26d&e=f+g"
        );
    }

    #[test]
    fn every_path_and_choice_can_be_set() {
        let text = r#"
            app_id = "a"
            secret = "s"
            base_url = "https://www.dotwallet.com"
            pay_small_money_path = "/1"
            set_pay_config_path = "/2"
            create_order_path = "/openapi/apply_order"
            search_order_path = "/platform/openapi/search_order/"
            desktop_order_path = "/desktop/open/pay"
            wallet_order_path = "/wallet/open/pay"
            get_code_path = "/3"
            access_token_path = "/platform/openapi/access_token"
            refresh_access_token_path = "/platform/openapi/refresh_access_token"
            get_user_info_path = "/4"
            body_format = "form"
            op_return = "as_given"
        "#;
        let config: DotwalletConfig = toml::from_str(text).unwrap();
        assert_eq!((config.body_format, config.op_return), (BodyFormat::Form, OpReturn::AsGiven));
        assert_eq!(config.create_order_path, "/openapi/apply_order");
        assert!(toml::from_str::<DotwalletConfig>(&text.replace("as_given", "text")).is_err());
    }
}
