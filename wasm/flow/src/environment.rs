//! Where the page is open, and which methods make sense there.

use countersign_core::MethodType;

/// The application that shows the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// WeChat's own browser.
    Wechat,
    /// Alipay's own browser.
    Alipay,
    /// The browser of UnionPay's application, or of a bank's that works like it.
    Unionpay,
    /// Another browser on a phone or tablet.
    Mobile,
    /// A browser on a computer.
    Desktop,
}

impl Environment {
    /// Every environment.
    pub const ALL: &'static [Self] =
        &[Self::Wechat, Self::Alipay, Self::Unionpay, Self::Mobile, Self::Desktop];

    /// The word for it in the checkout API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wechat => "wechat",
            Self::Alipay => "alipay",
            Self::Unionpay => "unionpay",
            Self::Mobile => "mobile",
            Self::Desktop => "desktop",
        }
    }

    /// Reads that word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|environment| environment.as_str() == text)
    }

    /// Tells by the browser's user agent; `touch_points` unmasks tablets that call themselves a Macintosh.
    pub fn detect(user_agent: &str, touch_points: u32) -> Self {
        let says = |token: &str| contains(user_agent, token);
        // The desktop program of WeChat has the same token but no bridge that pays.
        let computer = says("WindowsWechat") || says("MacWechat");
        if says("MicroMessenger") && !computer {
            Self::Wechat
        } else if says("AlipayClient") {
            Self::Alipay
        } else if says("UnionPay") || says("CloudPay") {
            Self::Unionpay
        } else if ["Android", "iPhone", "iPad", "iPod", "Mobile", "HarmonyOS"].into_iter().any(says)
            || (says("Macintosh") && touch_points > 1)
        {
            Self::Mobile
        } else {
            Self::Desktop
        }
    }

    /// Whether a payer can be expected to finish a payment by this method here.
    pub const fn fits(self, method: MethodType) -> bool {
        use Environment::{Alipay, Desktop, Mobile, Unionpay, Wechat};
        use MethodType as M;
        match method {
            // Web pages that work anywhere, a channel only the merchant knows, and the till's scanner.
            M::DotwalletAutopay | M::DotwalletOrder | M::JubaoChannel | M::BlueoceanMicropay => true,
            // WeChat refuses its H5 pages inside WeChat, and other wallets do not open WeChat.
            M::JubaoWechatH5 | M::BlueoceanWechatMweb => matches!(self, Mobile),
            M::JubaoAlipayWap | M::BlueoceanAlipayWap => matches!(self, Mobile | Alipay),
            M::BlueoceanUnionpayLink => matches!(self, Mobile | Unionpay),
            // A code is scanned from another screen, or opened by the wallet it belongs to.
            M::BlueoceanAlipayQrcode => matches!(self, Desktop | Mobile | Alipay),
            M::BlueoceanWechatQrcode => matches!(self, Desktop | Wechat),
            M::BlueoceanUnionpayQrcode => matches!(self, Desktop | Unionpay),
            M::BlueoceanMixedQrcode => matches!(self, Desktop | Wechat | Alipay),
            M::BlueoceanWechatJsapi | M::BlueoceanWechatHkJsapi => matches!(self, Wechat),
            M::BlueoceanAlipayApp | M::BlueoceanWechatApp => false,
            M::HicoinH5 => matches!(self, Mobile | Desktop),
            M::HicoinJsapi => matches!(self, Mobile),
        }
    }
}

/// Whether `text` has `token` in it, in any case.
fn contains(text: &str, token: &str) -> bool {
    text.as_bytes().windows(token.len()).any(|part| part.eq_ignore_ascii_case(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const IPHONE: &str =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148";
    const ANDROID: &str =
        "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36";
    const MAC: &str =
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.0 Safari/605.1.15";
    const WINDOWS: &str =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36";

    #[test]
    fn tells_the_wallets_by_their_tokens() {
        let with = |base: &str, token: &str| Environment::detect(&format!("{base} {token}"), 5);
        assert_eq!(with(IPHONE, "MicroMessenger/8.0.40(0x1800282d) NetType/WIFI"), Environment::Wechat);
        assert_eq!(with(ANDROID, "AliApp(AP/10.5) AlipayClient/10.5.20"), Environment::Alipay);
        assert_eq!(with(ANDROID, "(com.unionpay.mobilepay) UnionPay/1.0 CloudPay"), Environment::Unionpay);
        assert_eq!(with(IPHONE, "CloudPay"), Environment::Unionpay);
    }

    #[test]
    fn tells_phones_and_tablets_from_computers() {
        assert_eq!(Environment::detect(IPHONE, 5), Environment::Mobile);
        assert_eq!(Environment::detect(ANDROID, 5), Environment::Mobile);
        assert_eq!(Environment::detect(MAC, 5), Environment::Mobile, "an iPad that asks for desktop pages");
        assert_eq!(Environment::detect(MAC, 0), Environment::Desktop);
        assert_eq!(Environment::detect(WINDOWS, 10), Environment::Desktop, "a laptop with a touch screen");
        assert_eq!(Environment::detect("", 0), Environment::Desktop);
    }

    #[test]
    fn wechat_on_a_computer_is_a_computer() {
        let agent = format!("{WINDOWS} MicroMessenger/7.0 WindowsWechat(0x63090a13)");
        assert_eq!(Environment::detect(&agent, 0), Environment::Desktop);
    }

    #[test]
    fn wechats_h5_page_fits_a_phone_outside_wechat_only() {
        let fits = |environment: Environment| environment.fits(MethodType::JubaoWechatH5);
        let fitting: Vec<_> = Environment::ALL.iter().filter(|e| fits(**e)).collect();
        assert_eq!(fitting, [&Environment::Mobile]);
    }

    #[test]
    fn every_method_but_the_native_ones_fits_somewhere() {
        for method in MethodType::ALL {
            let fits = Environment::ALL.iter().any(|environment| environment.fits(*method));
            let native = matches!(method, MethodType::BlueoceanAlipayApp | MethodType::BlueoceanWechatApp);
            assert_eq!(fits, !native, "{method}");
        }
    }

    #[test]
    fn its_words_are_read_back() {
        for environment in Environment::ALL {
            assert_eq!(Environment::parse(environment.as_str()), Some(*environment));
        }
        assert_eq!(Environment::parse("phone"), None);
    }
}
