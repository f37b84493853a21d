//! Where the page is open. The words for it, and what cannot work there at all, are the signer's too: `countersign-core`.

pub use countersign_core::Environment;

/// Where this page is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Here {
    /// The application that shows it.
    pub environment: Environment,
    /// Shown by a WeChat mini program, where the bridge is but does not pay: that is the mini program's to do.
    pub in_mini_program: bool,
}

impl Here {
    /// Tells by the browser's user agent; `touch_points` unmasks tablets that call themselves a Macintosh.
    pub fn detect(user_agent: &str, touch_points: u32) -> Self {
        let says = |token: &str| contains(user_agent, token);
        // The desktop program of WeChat has the same token but no bridge that pays.
        let computer = says("WindowsWechat") || says("MacWechat");
        let environment = if says("MicroMessenger") && !computer {
            Environment::Wechat
        } else if says("AlipayClient") {
            Environment::Alipay
        } else if says("UnionPay") || says("CloudPay") {
            Environment::Unionpay
        } else if ["Android", "iPhone", "iPad", "iPod", "Mobile", "HarmonyOS"].into_iter().any(says)
            || (says("Macintosh") && touch_points > 1)
        {
            Environment::Mobile
        } else {
            Environment::Desktop
        };
        let in_mini_program = environment == Environment::Wechat && says("miniProgram");
        Self { environment, in_mini_program }
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

    fn environment(user_agent: &str, touch_points: u32) -> Environment {
        Here::detect(user_agent, touch_points).environment
    }

    #[test]
    fn tells_the_wallets_by_their_tokens() {
        let with = |base: &str, token: &str| environment(&format!("{base} {token}"), 5);
        assert_eq!(with(IPHONE, "MicroMessenger/8.0.40(0x1800282d) NetType/WIFI"), Environment::Wechat);
        assert_eq!(with(ANDROID, "AliApp(AP/10.5) AlipayClient/10.5.20"), Environment::Alipay);
        assert_eq!(with(ANDROID, "(com.unionpay.mobilepay) UnionPay/1.0 CloudPay"), Environment::Unionpay);
        assert_eq!(with(IPHONE, "CloudPay"), Environment::Unionpay);
    }

    #[test]
    fn tells_phones_and_tablets_from_computers() {
        assert_eq!(environment(IPHONE, 5), Environment::Mobile);
        assert_eq!(environment(ANDROID, 5), Environment::Mobile);
        assert_eq!(environment(MAC, 5), Environment::Mobile, "an iPad that asks for desktop pages");
        assert_eq!(environment(MAC, 0), Environment::Desktop);
        assert_eq!(environment(WINDOWS, 10), Environment::Desktop, "a laptop with a touch screen");
        assert_eq!(environment("", 0), Environment::Desktop);
    }

    #[test]
    fn wechat_on_a_computer_is_a_computer() {
        let agent = format!("{WINDOWS} MicroMessenger/7.0 WindowsWechat(0x63090a13)");
        assert_eq!(environment(&agent, 0), Environment::Desktop);
    }

    #[test]
    fn a_mini_program_is_wechat_and_says_so() {
        let agent = format!("{IPHONE} MicroMessenger/8.0.40 NetType/WIFI miniProgram/wx0000000000000001");
        let here = Here { environment: Environment::Wechat, in_mini_program: true };
        assert_eq!(Here::detect(&agent, 5), here);
        assert!(!Here::detect(&format!("{IPHONE} MicroMessenger/8.0.40"), 5).in_mini_program);
        assert!(!Here::detect(&format!("{ANDROID} AlipayClient/10.5 miniProgram"), 5).in_mini_program);
    }
}
