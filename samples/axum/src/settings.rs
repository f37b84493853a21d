//! Everything that differs between machines comes from the environment; nothing secret is in a file.

use anyhow::{Context, Result};

/// What the shop is told. It is never printed: two of these are secrets.
pub(crate) struct Settings {
    /// The signer, as this backend reaches it.
    pub(crate) signer_url: String,
    /// The signer, as the payer's browser reaches it.
    pub(crate) signer_public_url: String,
    pub(crate) api_key: String,
    pub(crate) webhook_secret: String,
    /// This shop, as the payer's browser reaches it.
    pub(crate) public_url: String,
    pub(crate) account: String,
    pub(crate) method: String,
    pub(crate) database: String,
    pub(crate) port: u16,
    pub(crate) page_dir: String,
    /// The folder `dist` of the npm package `@countersign/checkout`.
    pub(crate) checkout_dir: String,
}

impl Settings {
    /// # Errors
    /// Names the variable that is missing or cannot be read.
    pub(crate) fn from_environment() -> Result<Self> {
        let signer_url = address("COUNTERSIGN_URL")?;
        Ok(Self {
            signer_public_url: address("COUNTERSIGN_PUBLIC_URL").unwrap_or_else(|_| signer_url.clone()),
            signer_url,
            api_key: required("COUNTERSIGN_API_KEY")?,
            webhook_secret: required("WEBHOOK_SECRET")?,
            public_url: address("PUBLIC_URL")?,
            account: or("ACCOUNT", "hk"),
            method: or("METHOD", "blueocean_alipay_qrcode"),
            database: or("DATABASE", "orders.db"),
            port: or("PORT", "8790").parse().context("PORT is not a port")?,
            page_dir: or("PAGE_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/../page")),
            checkout_dir: or("CHECKOUT_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/../../wasm/dist")),
        })
    }
}

fn required(name: &str) -> Result<String> {
    std::env::var(name).with_context(|| format!("the environment variable {name} is missing"))
}

fn address(name: &str) -> Result<String> {
    Ok(required(name)?.trim_end_matches('/').to_owned())
}

fn or(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}
