//! The settings as types. Unknown keys are errors, and every error names its key.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderName;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use toml::{Table, Value};
use url::Url;

use super::ConfigError;
use super::accounts::{self, AccountSettings};
use crate::secret::Secret;
use crate::telemetry::LogFormat;
use crate::upstream::UpstreamSettings;

/// Everything that can be set.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Address, mode and limits.
    pub(crate) server: ServerSettings,
    /// Where the ledger is.
    pub(crate) store: StoreSettings,
    /// Defaults of payments.
    pub(crate) payments: PaymentSettings,
    /// Limits of calls to gateways.
    pub(crate) upstream: UpstreamSettings,
    /// When gateways are asked again.
    pub(crate) polling: PollingSettings,
    /// Where events go.
    pub(crate) webhook: WebhookSettings,
    /// Limits on callers.
    pub(crate) rate_limits: RateLimits,
    /// How logs are written.
    pub(crate) log: LogSettings,
    /// The merchant backend's keys.
    pub(crate) api_keys: Vec<ApiKey>,
    /// Accounts by name.
    pub(crate) accounts: BTreeMap<String, AccountSettings>,
}

/// `[server]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServerSettings {
    /// Address and port.
    pub(crate) listen: SocketAddr,
    /// What gateways and browsers reach.
    pub(crate) public_url: Option<Url>,
    /// Origins of checkout pages.
    pub(crate) allowed_origins: Vec<String>,
    /// Live or sandbox.
    pub(crate) mode: Mode,
    /// How long work in flight may take at the end.
    pub(crate) shutdown_timeout_s: u64,
    /// Largest request body.
    pub(crate) body_bytes_max: usize,
    /// Connections at one time.
    pub(crate) connections_max: usize,
    /// Until headers must be there.
    pub(crate) header_timeout_s: u64,
    /// The header in which a proxy in front says the payer's address.
    #[serde(default, deserialize_with = "header_name")]
    pub(crate) client_address_header: Option<HeaderName>,
}

fn header_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<HeaderName>, D::Error> {
    let name = String::deserialize(deserializer)?;
    HeaderName::try_from(name).map(Some).map_err(|_| D::Error::custom("not the name of a header"))
}

/// Whether money moves.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// Real gateways.
    Live,
    /// Simulators: http gateways and local webhooks are allowed.
    Sandbox,
}

/// `[store]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoreSettings {
    /// `sqlite:PATH` or `postgres://…`, which may hold a password.
    pub(crate) url: Secret,
    /// Connections to PostgreSQL.
    pub(crate) connections: usize,
}

/// `[payments]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PaymentSettings {
    /// When a payment does not say.
    pub(crate) expires_in_s: i64,
    /// The same for payments at a till, whose payer stands there and waits.
    pub(crate) micropay_expires_in_s: i64,
}

/// `[polling]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PollingSettings {
    /// While the payer may be waiting.
    pub(crate) open_s: Vec<i64>,
    /// Afterwards.
    pub(crate) settling_s: Vec<i64>,
    /// How long a notification's answer waits for the confirming query.
    pub(crate) notification_wait_s: u64,
}

/// `[webhook]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookSettings {
    /// Where events are sent.
    pub(crate) url: Option<Url>,
    /// The first signs, all are sent as signatures.
    pub(crate) secrets: Vec<Secret>,
    /// Until the whole answer must be there.
    pub(crate) timeout_s: u64,
    /// Between deliveries that failed.
    pub(crate) schedule_s: Vec<i64>,
}

/// `[rate_limits]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RateLimits {
    /// Checkout API, each payment.
    pub(crate) checkout_per_s: u32,
    /// On top, at once.
    pub(crate) checkout_burst: u32,
}

/// `[log]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogSettings {
    /// Pretty or JSON.
    pub(crate) format: LogFormat,
    /// A filter.
    pub(crate) level: String,
}

/// One `[[api_keys]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiKey {
    /// For logs, and the owner of idempotency keys.
    pub(crate) name: String,
    /// The bearer token.
    pub(crate) key: Secret,
}

/// Reads every section of the merged and resolved table.
pub(crate) fn parse(file: &str, mut table: Table) -> Result<Settings, ConfigError> {
    let server: ServerSettings = section(file, &mut table, "server")?;
    let settings = Settings {
        store: section(file, &mut table, "store")?,
        payments: section(file, &mut table, "payments")?,
        upstream: section(file, &mut table, "upstream")?,
        polling: section(file, &mut table, "polling")?,
        webhook: section(file, &mut table, "webhook")?,
        rate_limits: section(file, &mut table, "rate_limits")?,
        log: section(file, &mut table, "log")?,
        api_keys: match table.remove("api_keys") {
            Some(value) => deserialize(file, "api_keys", value)?,
            None => Vec::new(),
        },
        accounts: accounts::parse(file, table.remove("accounts"), server.mode)?,
        server,
    };
    if let Some(key) = table.keys().next() {
        return Err(ConfigError::new(file, key, "unknown key"));
    }
    check(file, &settings)?;
    Ok(settings)
}

/// Reads `[store]` alone.
pub(crate) fn store(file: &str, mut table: Table) -> Result<StoreSettings, ConfigError> {
    let store: StoreSettings = section(file, &mut table, "store")?;
    check_store(file, &store)?;
    Ok(store)
}

fn section<T: DeserializeOwned>(file: &str, table: &mut Table, key: &str) -> Result<T, ConfigError> {
    let value = table.remove(key).unwrap_or_else(|| Value::Table(Table::new()));
    deserialize(file, key, value)
}

/// Reads a value; the error names the key below `path`, and shows no value.
pub(crate) fn deserialize<T: DeserializeOwned>(
    file: &str,
    path: &str,
    value: Value,
) -> Result<T, ConfigError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let inner = error.path().to_string();
        let key = match inner.as_str() {
            "." => path.to_owned(),
            deeper if deeper.starts_with('[') => format!("{path}{deeper}"),
            deeper => format!("{path}.{deeper}"),
        };
        ConfigError::new(file, key, without_value(error.inner().message()))
    })
}

/// What is expected, without what was found: that may be a secret in the wrong place.
fn without_value(message: &str) -> String {
    match (
        message.starts_with("invalid type") || message.starts_with("invalid value"),
        message.rfind(", expected "),
    ) {
        (true, Some(at)) => format!("invalid type{}", &message[at..]),
        (true, None) => "invalid type".to_owned(),
        // Names stand in backticks, values in quotation marks.
        (false, _) => message.split('"').next().unwrap_or_default().trim_end_matches([':', ' ']).to_owned(),
    }
}

fn check(file: &str, settings: &Settings) -> Result<(), ConfigError> {
    let error = |key: &str, reason: &str| Err(ConfigError::new(file, key, reason));
    let server = &settings.server;
    let live = server.mode == Mode::Live;
    match &server.public_url {
        None if live => return error("server.public_url", "required in live mode"),
        Some(url) if url.host_str().is_none() || !matches!(url.scheme(), "http" | "https") => {
            return error("server.public_url", "must be an http or https address");
        }
        _ => {}
    }
    for (i, origin) in server.allowed_origins.iter().enumerate() {
        let key = format!("server.allowed_origins[{i}]");
        if origin == "*" && live {
            return error(&key, "\"*\" is refused outside sandbox mode");
        }
        let exact = Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == *origin);
        if origin != "*" && !exact {
            return error(
                &key,
                "must be an origin: scheme, host and port, without a path or slash at the end",
            );
        }
    }
    for (key, seconds) in [
        ("payments.expires_in_s", settings.payments.expires_in_s),
        ("payments.micropay_expires_in_s", settings.payments.micropay_expires_in_s),
    ] {
        if !(1..=604_800).contains(&seconds) {
            return error(key, "must be 1 to 604800");
        }
    }
    for (key, list) in [
        ("polling.open_s", &settings.polling.open_s),
        ("polling.settling_s", &settings.polling.settling_s),
        ("webhook.schedule_s", &settings.webhook.schedule_s),
    ] {
        if list.is_empty() || list.iter().any(|s| *s < 1) {
            return error(key, "must be a list of seconds, each at least 1");
        }
    }
    if settings.rate_limits.checkout_per_s == 0 || settings.rate_limits.checkout_burst == 0 {
        return error("rate_limits", "must be at least 1");
    }
    check_store(file, &settings.store)?;
    if settings.api_keys.is_empty() {
        return error("api_keys", "at least one is required");
    }
    check_webhook(file, &settings.webhook, live)
}

fn check_store(file: &str, store: &StoreSettings) -> Result<(), ConfigError> {
    let error = |key: &str, reason: &str| Err(ConfigError::new(file, key, reason));
    let url = store.url.expose();
    let is_file = url.strip_prefix("sqlite:").is_some_and(|path| !path.is_empty());
    let is_server = url.starts_with("postgres://") || url.starts_with("postgresql://");
    if !is_file && (!is_server || Url::parse(url).is_err()) {
        return error("store.url", "must be sqlite: and a file, or an address of PostgreSQL (postgres://…)");
    }
    if !(2..=100).contains(&store.connections) {
        return error("store.connections", "must be 2 to 100");
    }
    Ok(())
}

fn check_webhook(file: &str, webhook: &WebhookSettings, live: bool) -> Result<(), ConfigError> {
    let error = |key: &str, reason: &str| Err(ConfigError::new(file, key, reason));
    if !(1..=30).contains(&webhook.timeout_s) {
        return error("webhook.timeout_s", "must be 1 to 30");
    }
    if webhook.schedule_s.len() > 50 || webhook.schedule_s.iter().any(|seconds| *seconds > 604_800) {
        return error("webhook.schedule_s", "must be at most 50 pauses, each at most 604800");
    }
    if let Some(url) = &webhook.url {
        if url.host().is_none() || !matches!(url.scheme(), "http" | "https") {
            return error("webhook.url", "must be an http or https address");
        }
        if webhook.secrets.is_empty() {
            return error("webhook.secrets", "at least one is required with webhook.url");
        }
        if live && url.scheme() != "https" {
            return error("webhook.url", "must be https in live mode");
        }
        if live && crate::address::is_private_literal(url) {
            return error(
                "webhook.url",
                "private, loopback and link-local addresses are refused in live mode",
            );
        }
    }
    if webhook.secrets.len() > 10 {
        return error("webhook.secrets", "must be at most 10");
    }
    for (i, secret) in webhook.secrets.iter().enumerate() {
        let bytes = secret.expose().strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok());
        if !bytes.is_some_and(|bytes| (24..=64).contains(&bytes.len())) {
            return error(
                &format!("webhook.secrets[{i}]"),
                "must be whsec_ and the base64 of 24 to 64 bytes",
            );
        }
    }
    Ok(())
}
