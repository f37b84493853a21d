//! What `countersign check` prints: the settings in force with every secret masked, and warnings.

use toml::{Table, Value};

use super::secrets::is_secret;
use super::settings::{Mode, Settings};

/// The settings in force, fit to be shown, and what should be looked at.
#[derive(Debug)]
pub(crate) struct Report {
    /// TOML with masked secrets.
    pub(crate) shown: String,
    /// One sentence each.
    pub(crate) warnings: Vec<String>,
}

/// Masks what was written and looks for what is allowed but unwise.
pub(crate) fn report(written: &Table, literal: &[String], settings: &Settings) -> Report {
    let mut shown = written.clone();
    mask("", &mut shown);
    mask_address(&mut shown);
    let mut warnings: Vec<String> = literal
        .iter()
        .map(|path| format!("{path}: the secret is written literally; use env:NAME or file:PATH"))
        .collect();
    let server = &settings.server;
    if server.mode == Mode::Sandbox {
        warnings.push("server.mode: sandbox mode, every payment is livemode: false".to_owned());
    }
    if server.mode == Mode::Live && server.public_url.as_ref().is_some_and(|url| url.scheme() != "https") {
        warnings
            .push("server.public_url: not https, gateways and browsers send secrets in the clear".to_owned());
    }
    if server.allowed_origins.is_empty() {
        warnings.push("server.allowed_origins: empty, no checkout page on another origin can pay".to_owned());
    }
    if settings.accounts.is_empty() {
        warnings.push("accounts: there is none, no payment can be created".to_owned());
    }
    if settings.webhook.url.is_none() {
        warnings.push("webhook.url: not set, events are only to be had from GET /v1/events".to_owned());
    }
    for (name, account) in &settings.accounts {
        if account.trust_notifications {
            warnings.push(format!(
                "accounts.{name}.trust_notifications: a stolen key alone can mark orders as paid"
            ));
        }
    }
    Report { shown: toml::to_string(&shown).unwrap_or_default(), warnings }
}

fn mask(path: &str, table: &mut Table) {
    for (key, value) in table.iter_mut() {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let secret = is_secret(&path, key, value);
        mask_value(&path, value, secret);
    }
}

/// A user, a password or a token in the webhook's address.
fn mask_address(table: &mut Table) {
    let Some(Value::String(text)) = table.get_mut("webhook").and_then(|webhook| webhook.get_mut("url"))
    else {
        return;
    };
    let Ok(mut url) = url::Url::parse(text) else { return };
    if url.password().is_some() || !url.username().is_empty() || url.query().is_some() {
        // An http address takes all of these.
        let _ = url.set_username("").and_then(|()| url.set_password(None));
        url.set_query(None);
        *text = format!("{url} (and more, not shown)");
    }
}

/// References stay readable; anything else that is a secret becomes stars.
fn mask_value(path: &str, value: &mut Value, secret: bool) {
    match value {
        Value::Table(table) => mask(path, table),
        Value::Array(items) => items.iter_mut().for_each(|item| mask_value(path, item, secret)),
        Value::String(text) if secret && !text.starts_with("env:") && !text.starts_with("file:") => {
            *text = "********".to_owned();
        }
        _ => {}
    }
}
