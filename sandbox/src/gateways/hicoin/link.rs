//! The link to the payment page and its signature.

use super::{Hicoin, sign};
use crate::gateways::message::{Fields, form_decode};

/// The longest `nonceStr`.
const NONCE_CHARS_MAX: usize = 32;

/// How `package` stands in the link: percent-encoded once, and signed in just this form.
const PACKAGE_PREFIX: &str = "prepay_id%3D";

/// Why a link does not open the payment page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadLink {
    /// A parameter is missing, repeated or not readable.
    Parameters,
    AppId,
    NonceStr,
    SignType,
    /// Not seconds since 1970.
    TimeStamp,
    /// Not `prepay_id%3D…`: not encoded, or encoded twice.
    Package,
    PaySign,
}

impl BadLink {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Parameters => "parameters",
            Self::AppId => "appId",
            Self::NonceStr => "nonceStr",
            Self::SignType => "signType",
            Self::TimeStamp => "timeStamp",
            Self::Package => "package",
            Self::PaySign => "paySign",
        }
    }
}

impl Hicoin {
    /// Checks a link's query as it stands in the address line; gives the `trade_no` that it is for.
    pub(super) fn trade_no(&self, query: &str) -> Result<String, BadLink> {
        let link = parameters(query)?;
        let text = |name| link.text(name).filter(|text| !text.is_empty()).ok_or(BadLink::Parameters);
        let (nonce, time, package) = (text("nonceStr")?, text("timeStamp")?, text("package")?);
        if text("appId")? != self.config.app_id {
            return Err(BadLink::AppId);
        }
        if nonce.chars().count() > NONCE_CHARS_MAX {
            return Err(BadLink::NonceStr);
        }
        if text("signType")? != "HMAC-SHA256" {
            return Err(BadLink::SignType);
        }
        // Ten digits are seconds until the year 2286; milliseconds have thirteen.
        if time.len() != 10 || !time.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(BadLink::TimeStamp);
        }
        let trade_no = package.strip_prefix(PACKAGE_PREFIX).ok_or(BadLink::Package)?;
        text("paySign")?;
        if sign::verify(&link, "paySign", self.config.mch_key.expose()) {
            Ok(trade_no.to_owned())
        } else {
            Err(BadLink::PaySign)
        }
    }
}

/// The six parameters, decoded except for `package`. Others are none of the page's business.
fn parameters(query: &str) -> Result<Fields, BadLink> {
    let mut known = Vec::new();
    for pair in query.split('&') {
        let (name, raw) = pair.split_once('=').unwrap_or((pair, ""));
        if !["appId", "nonceStr", "package", "signType", "timeStamp", "paySign"].contains(&name) {
            continue;
        }
        if known.iter().any(|(other, _)| other == name) {
            return Err(BadLink::Parameters);
        }
        let value = if name == "package" { Ok(raw.to_owned()) } else { form_decode(raw) };
        known.push((name.to_owned(), value.map_err(|_| BadLink::Parameters)?));
    }
    Ok(Fields::from(&known[..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::config;

    const NONCE_AND_TYPE: &str = "nonceStr=N0000000000000000000000000000003&signType=HMAC-SHA256";
    const SIGN: &str = "paySign=F93D81F0C63D9E7413F2C83587C9AC65C246C95AE8FA63CE21DED57D075D1A18";
    const SIGN_OVER_RAW: &str = "paySign=7066E26BD7768E37BF26B8B860CD864923347DFE54D95FCDD579013B112924A6";
    const TIME: &str = "timeStamp=1704067200";

    fn open(package: &str, time: &str, sign: &str) -> Result<String, BadLink> {
        let config =
            config::Hicoin { mch_key: "9f8e7d6c5b4a39281706f5e4d3c2b1a0".into(), ..Default::default() };
        let app = "appId=a0000000000000000000000000000001";
        Hicoin::new(config).trade_no(&format!("{app}&{NONCE_AND_TYPE}&package={package}&{time}&{sign}"))
    }

    #[test]
    fn a_package_that_is_encoded_once_and_signed_so_opens_the_page() {
        let trade_no = open("prepay_id%3D1000000000000000000001", TIME, SIGN);
        assert_eq!(trade_no.as_deref(), Ok("1000000000000000000001"));
    }

    #[test]
    fn a_package_that_is_raw_or_encoded_twice_does_not() {
        assert_eq!(open("prepay_id=1000000000000000000001", TIME, SIGN), Err(BadLink::Package));
        assert_eq!(open("prepay_id=1000000000000000000001", TIME, SIGN_OVER_RAW), Err(BadLink::Package));
        assert_eq!(open("prepay_id%253D1000000000000000000001", TIME, SIGN), Err(BadLink::Package));
        assert_eq!(open("prepay_id%3D1000000000000000000001", TIME, SIGN_OVER_RAW), Err(BadLink::PaySign));
    }

    #[test]
    fn milliseconds_do_not_open_the_page() {
        let opened = open("prepay_id%3D1000000000000000000001", "timeStamp=1704067200000", SIGN);
        assert_eq!(opened, Err(BadLink::TimeStamp));
    }

    #[test]
    fn a_repeated_parameter_does_not_open_the_page() {
        let opened = open("prepay_id%3D1000000000000000000001&package=x", TIME, SIGN);
        assert_eq!(opened, Err(BadLink::Parameters));
    }
}
