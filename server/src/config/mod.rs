//! Settings: the compiled-in defaults, the file, the environment, in this order. One struct a concern.

mod accounts;
mod error;
mod layers;
mod masked;
mod secrets;
mod settings;

pub(crate) use accounts::{AccountSettings, GatewaySettings};
pub(crate) use error::ConfigError;
pub(crate) use masked::Report;
pub(crate) use settings::{
    ApiKey, Mode, PaymentSettings, PollingSettings, RateLimits, Settings, WebhookSettings,
};

use std::collections::BTreeMap;
use std::path::Path;

use crate::secret::Secret;

/// Environment variables, read once in `main`.
pub(crate) type Environment = BTreeMap<String, String>;

/// Reads the settings in `file`.
///
/// # Errors
/// A [`ConfigError`] that names file, key and reason.
pub(crate) fn load(file: &Path, environment: &Environment) -> Result<(Settings, Report), ConfigError> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|e| ConfigError::new(&name, "", e.to_string()))?;
    read(&name, &text, environment)
}

/// Reads the accounts in `file` and nothing else: what they sign does not hang on the rest.
///
/// # Errors
/// A [`ConfigError`] that names file, key and reason.
pub(crate) fn load_accounts(
    file: &Path,
    environment: &Environment,
) -> Result<BTreeMap<String, AccountSettings>, ConfigError> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|e| ConfigError::new(&name, "", e.to_string()))?;
    read_accounts(&name, &text, environment)
}

/// Reads the accounts in `text`, which came from the file called `name`.
pub(crate) fn read_accounts(
    name: &str,
    text: &str,
    environment: &Environment,
) -> Result<BTreeMap<String, AccountSettings>, ConfigError> {
    let mut written = layers::merge(name, text, environment)?;
    written.retain(|section, _| section == "accounts");
    secrets::resolve(name, &mut written, environment)?;
    // Which addresses are allowed is no matter here.
    accounts::parse(name, written.remove("accounts"), Mode::Sandbox)
}

/// Reads from `file` where the ledger is and what the accounts are called, and nothing else: who only reads the ledger
/// needs no gateway's secrets.
///
/// # Errors
/// A [`ConfigError`] that names file, key and reason.
pub(crate) fn load_store(
    file: &Path,
    environment: &Environment,
) -> Result<(Secret, Vec<String>), ConfigError> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|e| ConfigError::new(&name, "", e.to_string()))?;
    let mut written = layers::merge(&name, &text, environment)?;
    let accounts = written.get("accounts").and_then(toml::Value::as_table);
    let accounts = accounts.map(|table| table.keys().cloned().collect()).unwrap_or_default();
    written.retain(|section, _| section == "store");
    secrets::resolve(&name, &mut written, environment)?;
    Ok((settings::store(&name, written)?.url, accounts))
}

/// Reads a secret that stands in an argument of the command line.
///
/// # Errors
/// A [`ConfigError`] that names the argument and the reason.
pub(crate) fn secret_argument(
    argument: &str,
    text: &str,
    environment: &Environment,
) -> Result<Secret, ConfigError> {
    secrets::argument(argument, text, environment).map(Secret::new)
}

/// Reads the settings in `text`, which came from the file called `name`.
pub(crate) fn read(
    name: &str,
    text: &str,
    environment: &Environment,
) -> Result<(Settings, Report), ConfigError> {
    let written = layers::merge(name, text, environment)?;
    let mut resolved = written.clone();
    let literal = secrets::resolve(name, &mut resolved, environment)?;
    let settings = settings::parse(name, resolved)?;
    let report = masked::report(&written, &literal, &settings);
    Ok((settings, report))
}

#[cfg(test)]
mod tests;
