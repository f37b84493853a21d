//! Settings of an account at Jubao.

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};
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
    /// What requests say of the characters in their signature.
    #[serde(default)]
    pub(crate) version: Version,
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

/// The field `version` of requests, which chooses how the signed text becomes bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Version {
    /// `version=2`: the UTF-8 bytes as they are, as the gateway asks of callers that are not PHP.
    #[default]
    Two,
    /// No such field: the bytes are encoded once more. For accounts whose gateway does not take the field.
    Absent,
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;
        impl Visitor<'_> for Written {
            type Value = Version;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("2 or `none`")
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Version, E> {
                self.visit_str(&number.to_string())
            }

            // The environment has text only.
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Version, E> {
                match text {
                    "2" => Ok(Version::Two),
                    "none" => Ok(Version::Absent),
                    _ => Err(E::custom("must be 2 or `none`")),
                }
            }
        }
        deserializer.deserialize_any(Written)
    }
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
    fn version_is_two_or_none_as_number_or_text() {
        let read = |version: &str| {
            let text =
                format!("mch_id = \"1\"\nkeys = [\"k\"]\nbase_url = \"https://api.example\"\n{version}");
            toml::from_str::<JubaoConfig>(&text).map(|config| config.version)
        };
        assert_eq!(read("").unwrap(), Version::Two);
        assert_eq!(read("version = 2").unwrap(), Version::Two);
        assert_eq!(read("version = \"2\"").unwrap(), Version::Two);
        assert_eq!(read("version = \"none\"").unwrap(), Version::Absent);
        for odd in ["version = 1", "version = \"\"", "version = 2.0", "version = true"] {
            assert!(read(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn names_module_and_action_in_the_query() {
        assert_eq!(
            sample().url("pay_gateway", "apply_pay").as_str(),
            "https://api.example/index.php?_m=pay_gateway&_a=apply_pay"
        );
    }
}
