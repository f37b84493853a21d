//! What the demo's processes are told: addresses, freshly made secrets, and the two configuration files.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context, Result};
use toml::{Table, Value};

use crate::random;

/// The ledger's file, in the demo's folder.
pub(super) const LEDGER: &str = "countersign.db";

/// The file with the key of the merchant's API, in the same folder.
pub(super) const API_KEY: &str = "api_key";

const DOTWALLET_APP_ID: &str = "0123456789abcdef0123456789abcdef";
const JUBAO_MCH_ID: &str = "10000000000001";
const BLUEOCEAN_APPID: &str = "1000001";
const WECHAT_APPID: &str = "wx0000000000000001";
const HICOIN_APP_ID: &str = "a0000000000000000000000000000001";

/// Where the processes listen.
pub(super) struct Addresses {
    pub(super) gateways: SocketAddr,
    pub(super) shop: SocketAddr,
    pub(super) signer: SocketAddr,
}

/// Everything that must stay on the servers' side, made anew for each demo.
pub(super) struct Secrets {
    api_key: String,
    webhook: String,
    dotwallet: String,
    jubao: String,
    blueocean: String,
    wechat: String,
    hicoin_app: String,
    hicoin_mch: String,
    hicoin_access_token: String,
}

impl Secrets {
    /// # Errors
    /// When the system gives no random bytes.
    pub(super) fn generate() -> Result<Self> {
        Ok(Self {
            api_key: format!("sk_sandbox_{}", random::hex(32)?),
            // 64 hexadecimal digits are also the base64 of 48 bytes, as a Standard Webhooks secret must be.
            webhook: format!("whsec_{}", random::hex(32)?),
            dotwallet: random::hex(16)?,
            jubao: random::hex(16)?,
            blueocean: random::hex(16)?,
            wechat: random::hex(16)?,
            hicoin_app: random::hex(16)?,
            hicoin_mch: random::hex(16)?,
            hicoin_access_token: random::hex(16)?,
        })
    }

    /// The variables that the signer's configuration refers to.
    pub(super) fn environment(&self) -> [(&'static str, &str); 8] {
        [
            ("COUNTERSIGN_API_KEY", &self.api_key),
            ("WEBHOOK_SECRET", &self.webhook),
            ("DOTWALLET_SECRET", &self.dotwallet),
            ("JUBAO_KEY", &self.jubao),
            ("BLUEOCEAN_KEY", &self.blueocean),
            ("WECHAT_SECRET", &self.wechat),
            ("HICOIN_APP_SECRET", &self.hicoin_app),
            ("HICOIN_MCH_KEY", &self.hicoin_mch),
        ]
    }

    /// All of them, the payer's access token too, for tests that look where one must not be.
    pub(super) fn by_name(&self) -> BTreeMap<&'static str, &str> {
        let token = ("HICOIN_ACCESS_TOKEN", self.hicoin_access_token.as_str());
        self.environment().into_iter().chain([token]).collect()
    }
}

/// A ledger in a file of this folder.
pub(super) fn file_in(folder: &Path) -> String {
    format!("sqlite:{}", folder.join(LEDGER).display())
}

/// The signer's configuration; its secrets, and the ledger's address, which may hold one, are references to the environment.
pub(super) fn signer(addresses: &Addresses) -> Table {
    let Addresses { gateways, shop, signer } = addresses;
    // Who tries the module in a page of their own has it at an address that nobody knows yet; live signers refuse this.
    let origins = [text("*")];
    let wechat = table([
        ("appid", text(WECHAT_APPID)),
        ("secret", text("env:WECHAT_SECRET")),
        ("api_url", text(format!("http://{gateways}/wechat"))),
    ]);
    let accounts = [
        (
            "wallet",
            table([
                ("gateway", text("dotwallet")),
                ("app_id", text(DOTWALLET_APP_ID)),
                ("secret", text("env:DOTWALLET_SECRET")),
                ("base_url", text(format!("http://{gateways}/dotwallet"))),
            ]),
        ),
        (
            "shop",
            table([
                ("gateway", text("jubao")),
                ("mch_id", text(JUBAO_MCH_ID)),
                ("keys", list([text("env:JUBAO_KEY")])),
                ("base_url", text(format!("http://{gateways}/jubao"))),
                ("currency", text("CNY")),
            ]),
        ),
        (
            "hk",
            table([
                ("gateway", text("blueocean")),
                ("appid", text(BLUEOCEAN_APPID)),
                ("keys", list([text("env:BLUEOCEAN_KEY")])),
                ("base_url", text(format!("http://{gateways}/blueocean"))),
                ("currency", text("HKD")),
                ("wechat_official", wechat),
            ]),
        ),
        (
            "coin",
            table([
                ("gateway", text("hicoin")),
                ("app_id", text(HICOIN_APP_ID)),
                ("app_secret", text("env:HICOIN_APP_SECRET")),
                ("mch_keys", list([text("env:HICOIN_MCH_KEY")])),
                ("oauth_url", text(format!("http://{gateways}/hicoin/oauth/api"))),
                ("payout_url", text(format!("http://{gateways}/hicoin/avenger/api"))),
                ("payment_page_url", text(format!("http://{gateways}/hicoin/hicoinfe/payment"))),
            ]),
        ),
    ];
    Table::from_iter([
        (
            "server".to_owned(),
            table([
                ("listen", text(signer.to_string())),
                ("mode", text("sandbox")),
                ("allowed_origins", list(origins)),
                ("shutdown_timeout_s", Value::Integer(3)),
            ]),
        ),
        ("store".to_owned(), table([("url", text("env:STORE_URL"))])),
        (
            "api_keys".to_owned(),
            list([table([("name", text("demo-shop")), ("key", text("env:COUNTERSIGN_API_KEY"))])]),
        ),
        (
            "webhook".to_owned(),
            table([
                ("url", text(format!("http://{shop}/hooks/payments"))),
                ("secrets", list([text("env:WEBHOOK_SECRET")])),
            ]),
        ),
        ("accounts".to_owned(), table(accounts)),
    ])
}

/// The configuration of simulators and shop, with the same secrets as the signer has.
pub(super) fn sandbox(addresses: &Addresses, secrets: &Secrets, repository: &Path) -> Table {
    let Addresses { gateways: simulators, signer, .. } = addresses;
    let folder = |path: &str| text(repository.join(path).display().to_string());
    let hicoin = table([
        ("app_id", text(HICOIN_APP_ID)),
        ("app_secret", text(&secrets.hicoin_app)),
        ("mch_key", text(&secrets.hicoin_mch)),
        ("access_token", text(&secrets.hicoin_access_token)),
        ("callback_url", text(format!("http://{signer}/v1/notifications/coin"))),
    ]);
    let gateways = table([
        ("dotwallet", table([("app_id", text(DOTWALLET_APP_ID)), ("secret", text(&secrets.dotwallet))])),
        ("jubao", table([("mch_id", text(JUBAO_MCH_ID)), ("key", text(&secrets.jubao))])),
        ("blueocean", table([("appid", text(BLUEOCEAN_APPID)), ("key", text(&secrets.blueocean))])),
        ("hicoin", hicoin),
        ("wechat", table([("appid", text(WECHAT_APPID)), ("secret", text(&secrets.wechat))])),
    ]);
    let merchant = table([("wechat_sub_appid", text(WECHAT_APPID))]);
    let shop = table([
        ("signer_url", text(format!("http://{signer}"))),
        ("api_key", text(&secrets.api_key)),
        ("webhook_secret", text(&secrets.webhook)),
        ("www_dir", folder("www")),
        ("package_dir", folder("wasm/dist")),
        ("jweixin_url", text(format!("http://{simulators}/wechat/jweixin.js"))),
        ("simulators_url", text(format!("http://{simulators}"))),
        ("merchant", merchant),
        ("payer", table([("hicoin_access_token", text(&secrets.hicoin_access_token))])),
    ]);
    Table::from_iter([("gateways".to_owned(), gateways), ("shop".to_owned(), shop)])
}

/// Writes a configuration file that nobody else on the machine can read.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn write(path: &Path, settings: &Table) -> Result<()> {
    write_private(path, &settings.to_string())
}

/// Writes the key of the merchant's API, for backends other than the demo shop's.
pub(super) fn write_api_key(path: &Path, secrets: &Secrets) -> Result<()> {
    write_private(path, &secrets.api_key)
}

fn write_private(path: &Path, text: &str) -> Result<()> {
    let open = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path);
    open.and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", path.display()))
}

fn table<const COUNT: usize>(entries: [(&str, Value); COUNT]) -> Value {
    Value::Table(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn list<const COUNT: usize>(values: [Value; COUNT]) -> Value {
    Value::Array(values.into())
}

fn text(text: impl Into<String>) -> Value {
    Value::String(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses() -> Addresses {
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Addresses { gateways: address(8788), shop: address(8789), signer: address(8787) }
    }

    #[test]
    fn the_signers_file_refers_to_secrets_and_holds_none() {
        let secrets = Secrets::generate().unwrap();
        let file = signer(&addresses()).to_string();
        for (name, secret) in secrets.environment() {
            assert!(file.contains(&format!("env:{name}")), "{name} is not referred to");
            assert!(!file.contains(secret), "{name} is in the file");
        }
    }

    #[test]
    fn simulators_and_shop_get_the_same_secrets_as_the_signer() {
        let secrets = Secrets::generate().unwrap();
        let file = sandbox(&addresses(), &secrets, Path::new("/repository")).to_string();
        for (name, secret) in secrets.by_name() {
            assert!(file.contains(secret), "{name} is missing");
        }
    }

    #[test]
    fn secrets_are_new_each_time_and_all_different() {
        let (one, other) = (Secrets::generate().unwrap(), Secrets::generate().unwrap());
        let mut all: Vec<&str> = one.by_name().into_values().chain(other.by_name().into_values()).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 18);
    }

    #[test]
    fn the_files_are_toml_that_reads_back_the_same() {
        let written = signer(&addresses());
        let read: Table = written.to_string().parse().unwrap();
        assert_eq!(read, written);
    }
}
