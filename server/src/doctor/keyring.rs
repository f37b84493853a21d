//! The keys an account has, and what other keys a signature may have been made with by mistake, each by its place.

use std::collections::BTreeMap;

use super::With;
use super::sheet::Mask;
use crate::config::{AccountSettings, GatewaySettings};
use crate::gateway::{Scheme, blueocean, dotwallet, hicoin, jubao};
use crate::secret::Secret;

/// Every gateway's rule.
const SCHEMES: [&Scheme; 4] = [&dotwallet::SIGNING, &jubao::SIGNING, &blueocean::SIGNING, &hicoin::SIGNING];

/// A key and where it stands; the place is shown, the key never.
pub(super) struct Key<'a> {
    pub(super) place: String,
    pub(super) text: &'a str,
}

/// What one account signs with.
pub(super) struct Keyring<'a> {
    /// How it signs.
    pub(super) scheme: &'static Scheme,
    /// How others sign.
    pub(super) other_schemes: Vec<&'static Scheme>,
    /// Its id at the gateway.
    pub(super) account_id: &'a str,
    /// The first signs, all verify.
    pub(super) keys: Vec<Key<'a>>,
    /// Keys that it must not have been, and may have been.
    pub(super) others: Vec<Key<'a>>,
    mask: Mask,
}

impl<'a> Keyring<'a> {
    /// The keys of the account `name`.
    ///
    /// # Errors
    /// When there is no such account, or it has no two kinds of keys to choose from.
    pub(super) fn of(
        accounts: &'a BTreeMap<String, AccountSettings>,
        name: &str,
        with: Option<With>,
    ) -> Result<Self, String> {
        let account = accounts.get(name).ok_or_else(|| no_such_account(accounts, name))?;
        let (scheme, account_id, own) = secrets(&account.gateway);
        let is_hicoin = matches!(account.gateway, GatewaySettings::Hicoin(_));
        if with.is_some() && !is_hicoin {
            return Err(format!("--with: account `{name}` has one kind of key only; this is for Hicoin"));
        }
        let unfit = |place: &str| is_hicoin && (place == "app_secret") != (with == Some(With::AppSecret));
        let (mut others, keys): (Vec<Key<'_>>, Vec<Key<'_>>) =
            own.into_iter().partition(|key| unfit(&key.place));
        for (of, other) in accounts.iter().filter(|(of, _)| *of != name) {
            let (_, _, theirs) = secrets(&other.gateway);
            others.extend(
                theirs
                    .into_iter()
                    .map(|key| Key { place: format!("{} of account `{of}`", key.place), text: key.text }),
            );
        }
        let mask = mask(keys.iter().chain(&others).map(|key| key.text));
        others.push(Key { place: "an empty key".to_owned(), text: "" });
        others.extend(
            scheme.sample_keys.iter().map(|(text, document)| Key {
                place: format!("the sample key that {document} prints"),
                text,
            }),
        );
        let other_schemes = SCHEMES.into_iter().filter(|other| !std::ptr::eq(*other, scheme)).collect();
        Ok(Self { scheme, other_schemes, account_id, keys, others, mask })
    }

    /// `text` without any secret of any account.
    pub(super) fn hide(&self, text: &str) -> String {
        self.mask.hide(text)
    }
}

/// The rule, the account's id and every secret with its place.
fn secrets(gateway: &GatewaySettings) -> (&'static Scheme, &str, Vec<Key<'_>>) {
    match gateway {
        GatewaySettings::Dotwallet(c) => (&dotwallet::SIGNING, &c.app_id, vec![one("secret", &c.secret)]),
        GatewaySettings::Jubao(c) => (&jubao::SIGNING, &c.mch_id, listed("keys", &c.keys)),
        GatewaySettings::Blueocean(c) => (&blueocean::SIGNING, &c.appid, listed("keys", &c.keys)),
        GatewaySettings::Hicoin(c) => {
            let mut keys = listed("mch_keys", &c.mch_keys);
            keys.push(one("app_secret", &c.app_secret));
            (&hicoin::SIGNING, &c.app_id, keys)
        }
    }
}

fn one<'a>(place: &str, secret: &'a Secret) -> Key<'a> {
    Key { place: place.to_owned(), text: secret.expose() }
}

fn listed<'a>(place: &str, secrets: &'a [Secret]) -> Vec<Key<'a>> {
    let numbered = secrets.iter().enumerate();
    numbered.map(|(i, secret)| Key { place: format!("{place}[{i}]"), text: secret.expose() }).collect()
}

/// Hides the secrets and what a rule puts in their place.
fn mask<'k>(secrets: impl Iterator<Item = &'k str>) -> Mask {
    Mask::new(secrets.flat_map(|secret| {
        SCHEMES.map(|scheme| (scheme.key_in_text)(secret)).into_iter().chain([secret.to_owned()])
    }))
}

fn no_such_account(accounts: &BTreeMap<String, AccountSettings>, name: &str) -> String {
    let known: Vec<&str> = accounts.keys().map(String::as_str).collect();
    let known =
        if known.is_empty() { "none is".to_owned() } else { format!("there are {}", known.join(", ")) };
    format!("no account `{name}` is configured; {known}")
}
