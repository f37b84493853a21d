//! The addresses a payer is sent to.
//!
//! Sources: DotWallet "automatic payments", step 1; Hicoin "H5支付", section 3.

/// Whether this is an address a payer may be sent to: http or https, no other scheme and no relative path.
pub fn is_web(url: &str) -> bool {
    let scheme_is =
        |scheme: &str| url.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme));
    let clean = url.bytes().all(|byte| byte > b' ' && byte != 0x7f);
    clean && (scheme_is("https://") || scheme_is("http://"))
}

/// DotWallet's page where the payer allows automatic payments and sets the limits.
///
/// `redirect_uri` is given as it is and gets percent-encoded here, its own query included.
pub fn dotwallet_set_pay_config_url(page_url: &str, app_id: &str, redirect_uri: &str) -> Option<String> {
    let mut address = Address::new(page_url)?;
    address.encoded("app_id", app_id);
    address.encoded("redirect_uri", redirect_uri);
    Some(address.finish())
}

/// The signed parts of Hicoin's payment page.
#[derive(Clone, Copy, Debug)]
pub struct HicoinPage<'a> {
    /// The page, without its query.
    pub page_url: &'a str,
    /// The merchant's application.
    pub app_id: &'a str,
    /// Unix seconds.
    pub time_stamp: &'a str,
    /// Random text.
    pub nonce_str: &'a str,
    /// `prepay_id%3D…`, already encoded.
    pub package: &'a str,
    /// `HMAC-SHA256`
    pub sign_type: &'a str,
    /// The signature.
    pub pay_sign: &'a str,
}

/// Hicoin's payment page.
///
/// The signature was made over `package` in its percent-encoded form, so that very text goes into the
/// address: encoding it again (`%253D`) breaks the signature.
pub fn hicoin_payment_url(page: &HicoinPage<'_>) -> Option<String> {
    if !is_query_text(page.package) {
        return None;
    }
    let mut address = Address::new(page.page_url)?;
    address.encoded("appId", page.app_id);
    address.encoded("nonceStr", page.nonce_str);
    address.verbatim("package", page.package);
    address.encoded("signType", page.sign_type);
    address.encoded("timeStamp", page.time_stamp);
    address.encoded("paySign", page.pay_sign);
    Some(address.finish())
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
pub fn encode(text: &str, into: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            into.push(char::from(byte));
        } else {
            into.push('%');
            into.push(char::from(HEX[usize::from(byte >> 4)]));
            into.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

/// An address that grows by query parameters; a fragment of the page stays behind them.
struct Address {
    text: String,
    fragment: String,
    separator: char,
}

impl Address {
    fn new(page_url: &str) -> Option<Self> {
        if !is_web(page_url) {
            return None;
        }
        let (page, fragment) = match page_url.find('#') {
            Some(at) => page_url.split_at(at),
            None => (page_url, ""),
        };
        let page = page.trim_end_matches(['?', '&']);
        let separator = if page.contains('?') { '&' } else { '?' };
        Some(Self { text: page.to_owned(), fragment: fragment.to_owned(), separator })
    }

    fn encoded(&mut self, name: &str, value: &str) {
        self.begin(name);
        encode(value, &mut self.text);
    }

    fn verbatim(&mut self, name: &str, value: &str) {
        self.begin(name);
        self.text.push_str(value);
    }

    fn begin(&mut self, name: &str) {
        self.text.push(self.separator);
        self.text.push_str(name);
        self.text.push('=');
        self.separator = '&';
    }

    fn finish(mut self) -> String {
        self.text.push_str(&self.fragment);
        self.text
    }
}

/// Whether a text that is already encoded stays within its own query parameter.
fn is_query_text(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'&' | b'#' | b'"' | b'<' | b'>'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HICOIN: HicoinPage<'_> = HicoinPage {
        page_url: "https://pay.example/hicoinfe/payment",
        app_id: "a0000000000000000000000000000001",
        time_stamp: "1704067200",
        nonce_str: "N0000000000000000000000000000003",
        package: "prepay_id%3D1000000000000000000001",
        sign_type: "HMAC-SHA256",
        pay_sign: "F93D81F0C63D9E7413F2C83587C9AC65C246C95AE8FA63CE21DED57D075D1A18",
    };

    #[test]
    fn hicoins_package_is_encoded_once_and_not_again() {
        let url = hicoin_payment_url(&HICOIN).unwrap();
        assert_eq!(
            url,
            "https://pay.example/hicoinfe/payment?appId=a0000000000000000000000000000001\
             &nonceStr=N0000000000000000000000000000003&package=prepay_id%3D1000000000000000000001\
             &signType=HMAC-SHA256&timeStamp=1704067200\
             &paySign=F93D81F0C63D9E7413F2C83587C9AC65C246C95AE8FA63CE21DED57D075D1A18"
        );
    }

    #[test]
    fn hicoins_package_cannot_smuggle_in_another_parameter() {
        for package in ["a&appId=other", "a#b", "a b", "a\nb", "预付"] {
            assert_eq!(hicoin_payment_url(&HicoinPage { package, ..HICOIN }), None, "{package}");
        }
    }

    #[test]
    fn dotwallets_redirect_uri_is_encoded_with_its_own_query() {
        let url = dotwallet_set_pay_config_url(
            "https://wallet.example/openapi/set_pay_config",
            "0123456789abcdef0123456789abcdef",
            "https://shop.example/done?user=7&茶=1#top",
        );
        assert_eq!(
            url.unwrap(),
            "https://wallet.example/openapi/set_pay_config?app_id=0123456789abcdef0123456789abcdef\
             &redirect_uri=https%3A%2F%2Fshop.example%2Fdone%3Fuser%3D7%26%E8%8C%B6%3D1%23top"
        );
    }

    #[test]
    fn a_page_with_a_query_or_a_fragment_keeps_it() {
        let of = |page| dotwallet_set_pay_config_url(page, "a", "b").unwrap();
        assert_eq!(of("https://w.example/p?lang=en"), "https://w.example/p?lang=en&app_id=a&redirect_uri=b");
        assert_eq!(of("https://w.example/p?"), "https://w.example/p?app_id=a&redirect_uri=b");
        assert_eq!(of("https://w.example/p?x=1&"), "https://w.example/p?x=1&app_id=a&redirect_uri=b");
        assert_eq!(of("https://w.example/p#/pay"), "https://w.example/p?app_id=a&redirect_uri=b#/pay");
    }

    #[test]
    fn only_web_addresses_are_destinations() {
        for url in ["https://a.example/x?y=1", "HTTP://127.0.0.1:8788/p"] {
            assert!(is_web(url), "{url}");
        }
        for url in [
            "",
            "/pay",
            "//a.example",
            "javascript:alert(1)",
            " https://a.example",
            "https:/",
            "java\nscript:alert(1)//https://",
            "data:text/html,https://a.example",
            "https://a.example/\n",
            "weixin://wxpay",
            "é",
        ] {
            assert!(!is_web(url), "{url}");
            assert_eq!(dotwallet_set_pay_config_url(url, "a", "b"), None, "{url}");
        }
    }
}
