//! `[accounts.NAME]`: what all accounts share here, what each gateway needs in its own folder.

use std::collections::BTreeMap;

use countersign_core::{Currency, GatewayId};
use serde::Deserialize;
use toml::{Table, Value};
use url::Url;

use super::ConfigError;
use super::settings::{Mode, deserialize};
use crate::gateway::blueocean::BlueoceanConfig;
use crate::gateway::dotwallet::DotwalletConfig;
use crate::gateway::hicoin::HicoinConfig;
use crate::gateway::jubao::JubaoConfig;
use crate::secret::Secret;

/// One account.
#[derive(Clone, Debug)]
pub(crate) struct AccountSettings {
    /// Its currency.
    pub(crate) currency: Currency,
    /// No confirming query after a verified notification.
    pub(crate) trust_notifications: bool,
    /// Largest single amount, minor units.
    pub(crate) max_amount: Option<i64>,
    /// Largest sum of a UTC day, minor units.
    pub(crate) daily_limit: Option<i64>,
    /// The gateway's own settings.
    pub(crate) gateway: GatewaySettings,
}

/// The settings of one gateway.
#[derive(Clone, Debug)]
pub(crate) enum GatewaySettings {
    /// DotWallet.
    Dotwallet(DotwalletConfig),
    /// Jubao.
    Jubao(JubaoConfig),
    /// BlueOcean.
    Blueocean(BlueoceanConfig),
    /// Hicoin.
    Hicoin(HicoinConfig),
}

/// What every account may have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shared {
    gateway: String,
    currency: Option<Currency>,
    #[serde(default)]
    trust_notifications: bool,
    max_amount: Option<i64>,
    daily_limit: Option<i64>,
}

/// Reads `[accounts]`.
pub(crate) fn parse(
    file: &str,
    accounts: Option<Value>,
    mode: Mode,
) -> Result<BTreeMap<String, AccountSettings>, ConfigError> {
    let Some(accounts) = accounts else { return Ok(BTreeMap::new()) };
    let tables: BTreeMap<String, Table> = deserialize(file, "accounts", accounts)?;
    tables
        .into_iter()
        .map(|(name, table)| account(file, &name, table, mode).map(|account| (name, account)))
        .collect()
}

fn account(file: &str, name: &str, mut table: Table, mode: Mode) -> Result<AccountSettings, ConfigError> {
    let path = format!("accounts.{name}");
    let named = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !named {
        return Err(ConfigError::new(file, path, "an account's name is letters, digits, - and _"));
    }
    let mut shared = Table::new();
    for key in ["gateway", "currency", "trust_notifications", "max_amount", "daily_limit"] {
        if let Some(value) = table.remove(key) {
            shared.insert(key.to_owned(), value);
        }
    }
    let shared: Shared = deserialize(file, &path, Value::Table(shared))?;
    for (key, limit) in [("max_amount", shared.max_amount), ("daily_limit", shared.daily_limit)] {
        if limit.is_some_and(|limit| limit < 1) {
            return Err(ConfigError::new(file, format!("{path}.{key}"), "must be at least 1"));
        }
    }
    let Some(gateway) = GatewayId::parse(&shared.gateway) else {
        let reason = "must be dotwallet, jubao, blueocean or hicoin";
        return Err(ConfigError::new(file, format!("{path}.gateway"), reason));
    };
    let (gateway, code) = match gateway {
        GatewayId::Dotwallet => {
            (GatewaySettings::Dotwallet(deserialize(file, &path, Value::Table(table))?), "BSV")
        }
        GatewayId::Jubao => (GatewaySettings::Jubao(deserialize(file, &path, Value::Table(table))?), "CNY"),
        GatewayId::Blueocean => {
            (GatewaySettings::Blueocean(deserialize(file, &path, Value::Table(table))?), "HKD")
        }
        GatewayId::Hicoin => {
            (GatewaySettings::Hicoin(deserialize(file, &path, Value::Table(table))?), "USDT")
        }
    };
    check(file, &path, &gateway, mode)?;
    let currency = match shared.currency {
        Some(currency) => currency,
        None => Currency::parse(code).expect("the gateways' own currencies are codes"),
    };
    Ok(AccountSettings {
        currency,
        trust_notifications: shared.trust_notifications,
        max_amount: shared.max_amount,
        daily_limit: shared.daily_limit,
        gateway,
    })
}

fn check(file: &str, path: &str, gateway: &GatewaySettings, mode: Mode) -> Result<(), ConfigError> {
    let Identity { urls, id, keys } = identity(gateway);
    for (key, url) in urls {
        let scheme_fits = url.scheme() == "https" || (mode == Mode::Sandbox && url.scheme() == "http");
        if !url.username().is_empty() || url.password().is_some() {
            let reason = "must not carry a user name or password";
            return Err(ConfigError::new(file, format!("{path}.{key}"), reason));
        }
        if !scheme_fits || url.cannot_be_a_base() {
            let reason = "must be https (http in sandbox mode only)";
            return Err(ConfigError::new(file, format!("{path}.{key}"), reason));
        }
    }
    if id.1.is_empty() {
        return Err(ConfigError::new(file, format!("{path}.{}", id.0), "must not be empty"));
    }
    match keys {
        Some((key, [])) => Err(ConfigError::new(file, format!("{path}.{key}"), "at least one is required")),
        _ => Ok(()),
    }
}

/// What every gateway has under its own names: addresses, the merchant's number, keys.
struct Identity<'a> {
    urls: Vec<(&'static str, &'a Url)>,
    id: (&'static str, &'a str),
    keys: Option<(&'static str, &'a [Secret])>,
}

fn identity(gateway: &GatewaySettings) -> Identity<'_> {
    match gateway {
        GatewaySettings::Dotwallet(c) => {
            Identity { urls: vec![("base_url", &c.base_url)], id: ("app_id", &c.app_id), keys: None }
        }
        GatewaySettings::Jubao(c) => Identity {
            urls: vec![("base_url", &c.base_url)],
            id: ("mch_id", &c.mch_id),
            keys: Some(("keys", &c.keys)),
        },
        GatewaySettings::Blueocean(c) => {
            Identity { urls: c.urls(), id: ("appid", &c.appid), keys: Some(("keys", &c.keys)) }
        }
        GatewaySettings::Hicoin(c) => Identity {
            urls: vec![
                ("oauth_url", &c.oauth_url),
                ("payout_url", &c.payout_url),
                ("payment_page_url", &c.payment_page_url),
            ],
            id: ("app_id", &c.app_id),
            keys: Some(("mch_keys", &c.mch_keys)),
        },
    }
}
