//! The gateways' signatures by their documents, for notifications that the simulators would never send.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::Sha256;

/// Names and values of a message, sorted by name.
pub type Fields = BTreeMap<String, String>;

/// Fields from pairs.
pub fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A form's text.
pub fn form(fields: &Fields) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Lower-case hex of the MD5 sum.
pub fn md5_hex(text: &str) -> String {
    hex(&Md5::digest(text)).to_lowercase()
}

/// WeChat's page signature: the ticket, a nonce, a time and the page's address; SHA-1.
pub fn wechat_page_sign(ticket: &str, nonce: &str, timestamp_s: i64, page: &str) -> String {
    let text = format!("jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp_s}&url={page}");
    hex(&Sha1::digest(text)).to_lowercase()
}

/// Jubao: key, names and values, key; MD5. The text's bytes are taken as they are.
pub fn jubao_sign(fields: &Fields, key: &str) -> String {
    let joined: String = unsigned(fields).map(|(name, value)| format!("{name}{value}")).collect();
    hex(&Md5::digest(format!("{key}{joined}{key}")))
}

/// BlueOcean: `name=value&` and `key=KEY`; MD5.
pub fn blueocean_sign(fields: &Fields, key: &str) -> String {
    let joined: String = unsigned(fields).map(|(name, value)| format!("{name}={value}&")).collect();
    hex(&Md5::digest(format!("{joined}key={key}")))
}

/// Hicoin: non-empty `name=value&` and `key=KEY`; HMAC-SHA256 with the same key.
pub fn hicoin_sign(fields: &Fields, key: &str) -> String {
    let filled = unsigned(fields).filter(|(_, value)| !value.is_empty());
    let joined: String = filled.map(|(name, value)| format!("{name}={value}&")).collect();
    hmac_hex(key, &format!("{joined}key={key}"))
}

/// DotWallet orders: `name=value` in the order given and `secret=` with the MD5 of the secret, all in capitals;
/// HMAC-SHA256 with the small-lettered MD5.
pub fn dotwallet_sign(pairs: &[(&str, &str)], secret: &str) -> String {
    let key = md5_hex(secret);
    let joined: String = pairs.iter().map(|(name, value)| format!("{name}={value}&")).collect();
    hmac_hex(&key, &format!("{joined}secret={key}").to_uppercase()).to_lowercase()
}

fn unsigned(fields: &Fields) -> impl Iterator<Item = (&String, &String)> {
    fields.iter().filter(|(name, _)| *name != "sign")
}

fn hmac_hex(key: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key may have any length");
    mac.update(text.as_bytes());
    hex(&mac.finalize().into_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
