//! Where the payer's page is open, and which methods cannot work there at all.

use crate::closed::closed_set;
use crate::method::MethodType;

closed_set! {
    /// The application that shows the page.
    Environment {
        /// WeChat's own browser.
        Wechat = "wechat",
        /// Alipay's own browser.
        Alipay = "alipay",
        /// The browser of UnionPay's application.
        Unionpay = "unionpay",
        /// Another browser on a phone or tablet.
        Mobile = "mobile",
        /// A browser on a computer.
        Desktop = "desktop",
    }
}

impl Environment {
    /// Whether it is on a phone or tablet.
    pub const fn is_handheld(self) -> bool {
        !matches!(self, Self::Desktop)
    }

    /// Why `method` cannot be paid here at all; `None` where it can, however unusual that may be.
    ///
    /// WeChat refuses its own H5 pages and Alipay's pages inside WeChat, and its bridge is nowhere else.
    pub const fn rules_out(self, method: MethodType) -> Option<&'static str> {
        use MethodType as M;
        match (self, method) {
            (Self::Wechat, M::JubaoWechatH5 | M::BlueoceanWechatMweb) => Some(
                "WeChat does not open its H5 payment inside WeChat; open the page in the system's browser",
            ),
            (Self::Wechat, M::JubaoAlipayWap | M::BlueoceanAlipayWap) => {
                Some("WeChat does not open Alipay's pages; open the page in the system's browser")
            }
            (Self::Wechat, M::BlueoceanWechatJsapi | M::BlueoceanWechatHkJsapi) => None,
            (_, M::BlueoceanWechatJsapi | M::BlueoceanWechatHkJsapi) => {
                Some("this method works inside WeChat only; open the page in WeChat")
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bridge_is_inside_wechat_and_h5_outside() {
        use MethodType as M;
        for environment in Environment::ALL {
            let inside = *environment == Environment::Wechat;
            for method in [M::BlueoceanWechatJsapi, M::BlueoceanWechatHkJsapi] {
                assert_eq!(environment.rules_out(method).is_none(), inside, "{environment} {method}");
            }
            for method in [M::JubaoWechatH5, M::BlueoceanWechatMweb, M::JubaoAlipayWap, M::BlueoceanAlipayWap]
            {
                assert_eq!(environment.rules_out(method).is_some(), inside, "{environment} {method}");
            }
            assert_eq!(environment.rules_out(M::BlueoceanMixedQrcode), None);
        }
    }
}
