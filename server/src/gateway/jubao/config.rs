//! Settings of an account at Jubao.

use serde::Deserialize;
use url::Url;

use crate::secret::Secret;

/// An account's settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JubaoConfig {
    /// The merchant number, digits as text.
    pub(crate) mch_id: String,
    /// The first signs, all verify.
    pub(crate) keys: Vec<Secret>,
    /// The host; the documents name several, so there is no default.
    pub(crate) base_url: Url,
    /// How request bodies are written.
    #[serde(default)]
    pub(crate) body_format: BodyFormat,
}

/// How request bodies are written. The same text of each value is signed and sent.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BodyFormat {
    /// `application/x-www-form-urlencoded`, as the gateway's own SDKs send.
    #[default]
    Form,
    /// `application/json`, as the document says.
    Json,
}

impl JubaoConfig {
    /// The address of a module and an action.
    pub(crate) fn url(&self, module: &str, action: &str) -> Url {
        let mut url = self.base_url.clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}/index.php"));
        url.set_query(Some(&format!("_m={module}&_a={action}")));
        url
    }

    /// The key that signs. `check` of the configuration makes sure there is one.
    pub(crate) fn signing_key(&self) -> &str {
        self.keys.first().map_or("", Secret::expose)
    }
}

/// Settings for tests, with a made-up key.
#[cfg(test)]
pub(crate) fn sample() -> JubaoConfig {
    toml::from_str(
        "mch_id = \"10000000000001\"\nkeys = [\"0123456789abcdef0123456789abcdef\"]\nbase_url = \"https://api.example/\"",
    )
    .expect("a literal table")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_module_and_action_in_the_query() {
        assert_eq!(
            sample().url("pay_gateway", "apply_pay").as_str(),
            "https://api.example/index.php?_m=pay_gateway&_a=apply_pay"
        );
    }
}
