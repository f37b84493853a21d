//! The configurations of the two processes, and the made-up keys in them.

use std::collections::BTreeMap;

use toml::{Table, Value};

/// Made-up keys. None is anybody's, and each is easy to find wherever it should not be.
pub mod keys {
    /// The merchant backend's key at the signer.
    pub const API_KEY: &str = "journey-api-key-5d0c1f6a7be94302";
    /// Signs webhooks: 32 bytes.
    pub const WEBHOOK_SECRET: &str = "whsec_am91cm5leS13ZWJob29rLXNlY3JldC0wMDAwMDAwMDE=";
    /// Another one, for rotation.
    pub const WEBHOOK_SECRET_NEXT: &str = "whsec_am91cm5leS13ZWJob29rLXNlY3JldC0wMDAwMDAwMDI=";
    /// DotWallet's secret.
    pub const DOTWALLET_SECRET: &str = "journey-dotwallet-secret-81c2";
    /// Jubao's key.
    pub const JUBAO_KEY: &str = "journey-jubao-key-77e1d90b";
    /// BlueOcean's key.
    pub const BLUEOCEAN_KEY: &str = "journey-blueocean-key-04bfa2";
    /// Hicoin's application secret.
    pub const HICOIN_APP_SECRET: &str = "journey-hicoin-app-secret-6a3e";
    /// Hicoin's payment key.
    pub const HICOIN_MCH_KEY: &str = "journey-hicoin-mch-key-90d4";
    /// The payer's token at Hicoin.
    pub const HICOIN_ACCESS_TOKEN: &str = "journey-payer-token-2c48e1f07b";
    /// The payer at Hicoin.
    pub const HICOIN_OPENID: &str = "u0000000000000001";
    /// The payer at DotWallet.
    pub const DOTWALLET_USER: &str = "sandbox-payer-0001";
    /// Our number at DotWallet.
    pub const DOTWALLET_APP_ID: &str = "0123456789abcdef0123456789abcdef";
    /// Our number at Jubao.
    pub const JUBAO_MCH_ID: &str = "10000000000001";
    /// Our number at BlueOcean.
    pub const BLUEOCEAN_APPID: &str = "1000001";
    /// Our number at Hicoin.
    pub const HICOIN_APP_ID: &str = "a0000000000000000000000000000001";
    /// Our application at WeChat.
    pub const WECHAT_APPID: &str = "wx0000000000000002";
    /// The payer in it.
    pub const WECHAT_OPENID: &str = "oJOURNEYopenid00000000000001";
}

/// The signer's configuration file and the environment it is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    table: Table,
    /// The signer's environment; secrets come from here.
    pub env: BTreeMap<String, String>,
}

impl Settings {
    /// Sandbox mode, quick polling and quick redelivery, the four accounts, every secret from the environment.
    pub fn new(gateways: &str, webhook: &str, store: &str) -> Self {
        let text = format!(
            r#"
            [server]
            listen = "127.0.0.1:0"
            mode = "sandbox"
            allowed_origins = ["https://shop.example"]
            shutdown_timeout_s = 5
            [store]
            url = "{store}"
            [upstream]
            connect_timeout_s = 1
            timeout_s = 2
            [polling]
            open_s = [1]
            settling_s = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
            notification_wait_s = 2
            [webhook]
            url = "{webhook}"
            secrets = ["env:WEBHOOK_SECRET"]
            schedule_s = [1, 1, 1, 1, 1, 1]
            [log]
            level = "info"
            [[api_keys]]
            name = "shop-backend"
            key = "env:COUNTERSIGN_API_KEY"
            [accounts.wallet]
            gateway = "dotwallet"
            app_id = "{dotwallet_app_id}"
            secret = "env:DOTWALLET_SECRET"
            base_url = "{gateways}/dotwallet"
            [accounts.shop]
            gateway = "jubao"
            mch_id = "{jubao_mch_id}"
            keys = ["env:JUBAO_KEY"]
            base_url = "{gateways}/jubao"
            currency = "CNY"
            [accounts.hk]
            gateway = "blueocean"
            appid = "{blueocean_appid}"
            keys = ["env:BLUEOCEAN_KEY"]
            base_url = "{gateways}/blueocean"
            currency = "HKD"
            [accounts.coin]
            gateway = "hicoin"
            app_id = "{hicoin_app_id}"
            app_secret = "env:HICOIN_APP_SECRET"
            mch_keys = ["env:HICOIN_MCH_KEY"]
            oauth_url = "{gateways}/hicoin/oauth/api"
            payout_url = "{gateways}/hicoin/avenger/api"
            payment_page_url = "{gateways}/hicoin/hicoinfe/payment"
            "#,
            dotwallet_app_id = keys::DOTWALLET_APP_ID,
            jubao_mch_id = keys::JUBAO_MCH_ID,
            blueocean_appid = keys::BLUEOCEAN_APPID,
            hicoin_app_id = keys::HICOIN_APP_ID,
        );
        let env = [
            ("COUNTERSIGN_API_KEY", keys::API_KEY),
            ("WEBHOOK_SECRET", keys::WEBHOOK_SECRET),
            ("DOTWALLET_SECRET", keys::DOTWALLET_SECRET),
            ("JUBAO_KEY", keys::JUBAO_KEY),
            ("BLUEOCEAN_KEY", keys::BLUEOCEAN_KEY),
            ("HICOIN_APP_SECRET", keys::HICOIN_APP_SECRET),
            ("HICOIN_MCH_KEY", keys::HICOIN_MCH_KEY),
        ];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Self { table: text.parse().expect("the template is TOML"), env }
    }

    /// Sets the key at a dotted path.
    pub fn set(&mut self, path: &str, value: impl Into<Value>) {
        set(&mut self.table, path, value.into());
    }

    /// The text at a dotted path.
    ///
    /// # Panics
    /// When there is none.
    pub fn text_at(&self, path: &str) -> String {
        let (section, key) = path.split_once('.').expect("a section and a key");
        self.table[section][key].as_str().expect("a text").to_owned()
    }

    /// Leaves out the key `key` of `section`.
    ///
    /// # Panics
    /// When there is no such section.
    pub fn leave_out(&mut self, section: &str, key: &str) {
        self.table[section].as_table_mut().expect("a section").remove(key);
    }

    /// The file's text.
    pub fn text(&self) -> String {
        self.table.to_string()
    }
}

/// The simulators' configuration: the same keys, and one delivery for each notification.
#[derive(Clone, Debug)]
pub struct SimulatorSettings {
    table: Table,
}

impl SimulatorSettings {
    /// Sets the key at a dotted path below `gateways`.
    pub fn set(&mut self, path: &str, value: impl Into<Value>) {
        set(&mut self.table, &format!("gateways.{path}"), value.into());
    }

    /// The file's text.
    pub(crate) fn text(&self) -> String {
        self.table.to_string()
    }
}

impl Default for SimulatorSettings {
    fn default() -> Self {
        let mut settings = Self { table: Table::new() };
        for (path, value) in [
            ("dotwallet.app_id", keys::DOTWALLET_APP_ID),
            ("dotwallet.secret", keys::DOTWALLET_SECRET),
            ("dotwallet.user_open_id", keys::DOTWALLET_USER),
            ("jubao.mch_id", keys::JUBAO_MCH_ID),
            ("jubao.key", keys::JUBAO_KEY),
            ("blueocean.appid", keys::BLUEOCEAN_APPID),
            ("blueocean.key", keys::BLUEOCEAN_KEY),
            ("hicoin.app_id", keys::HICOIN_APP_ID),
            ("hicoin.app_secret", keys::HICOIN_APP_SECRET),
            ("hicoin.mch_key", keys::HICOIN_MCH_KEY),
            ("hicoin.openid", keys::HICOIN_OPENID),
            ("hicoin.access_token", keys::HICOIN_ACCESS_TOKEN),
        ] {
            settings.set(path, value);
        }
        settings.set("notifications.attempts_max", 1);
        settings
    }
}

/// Sets the key at a dotted path; a section that is not there is made.
fn set(table: &mut Table, path: &str, value: Value) {
    let (sections, key) = path.rsplit_once('.').unwrap_or(("", path));
    let mut table = table;
    for section in sections.split('.').filter(|section| !section.is_empty()) {
        let inner = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
        table = inner.as_table_mut().unwrap_or_else(|| panic!("{path} goes through no table"));
    }
    table.insert(key.to_owned(), value);
}
