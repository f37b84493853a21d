//! Where a payment had better be opened, when it is not here.

use countersign_core::{Environment, MethodType};

/// A place in which a payer can be expected to finish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// The browser of the phone itself.
    Browser,
    /// WeChat.
    Wechat,
    /// Alipay.
    Alipay,
    /// UnionPay's application.
    Unionpay,
    /// A phone.
    Phone,
    /// The shop's own application.
    App,
}

impl Elsewhere {
    /// The word for it at the module's edge.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Wechat => "wechat",
            Self::Alipay => "alipay",
            Self::Unionpay => "unionpay",
            Self::Phone => "phone",
            Self::App => "app",
        }
    }

    /// Where a method works better than in `environment`; `None` when it can be finished there.
    pub const fn than(environment: Environment, method: MethodType) -> Option<Self> {
        use Environment::{Alipay, Desktop, Mobile, Unionpay, Wechat};
        use MethodType as M;
        match (method, environment) {
            // Web pages that work anywhere, a channel only the merchant knows, and the till's scanner.
            (M::DotwalletAutopay | M::DotwalletOrder | M::JubaoChannel | M::BlueoceanMicropay, _) => None,
            // WeChat refuses its H5 pages inside WeChat, and other wallets do not open WeChat.
            (M::JubaoWechatH5 | M::BlueoceanWechatMweb, Mobile)
            | (M::JubaoAlipayWap | M::BlueoceanAlipayWap, Mobile | Alipay)
            | (M::BlueoceanUnionpayLink, Mobile | Unionpay)
            | (M::HicoinH5, Mobile | Desktop)
            | (M::HicoinJsapi, Mobile) => None,
            (
                M::JubaoWechatH5
                | M::BlueoceanWechatMweb
                | M::JubaoAlipayWap
                | M::BlueoceanAlipayWap
                | M::BlueoceanUnionpayLink
                | M::HicoinH5
                | M::HicoinJsapi,
                _,
            ) => Some(if matches!(environment, Desktop) { Self::Phone } else { Self::Browser }),
            // A code is scanned from another screen, or opened by the wallet it belongs to.
            (M::BlueoceanAlipayQrcode, Desktop | Mobile | Alipay)
            | (M::BlueoceanWechatQrcode, Desktop | Wechat)
            | (M::BlueoceanUnionpayQrcode, Desktop | Unionpay)
            | (M::BlueoceanMixedQrcode, Desktop | Wechat | Alipay) => None,
            (M::BlueoceanAlipayQrcode, _) => Some(Self::Alipay),
            (M::BlueoceanUnionpayQrcode, _) => Some(Self::Unionpay),
            (M::BlueoceanWechatJsapi | M::BlueoceanWechatHkJsapi, Wechat) => None,
            (
                M::BlueoceanWechatQrcode
                | M::BlueoceanMixedQrcode
                | M::BlueoceanWechatJsapi
                | M::BlueoceanWechatHkJsapi,
                _,
            ) => Some(Self::Wechat),
            (M::BlueoceanAlipayApp | M::BlueoceanWechatApp, _) => Some(Self::App),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wechats_h5_page_fits_a_phone_outside_wechat_only() {
        let fits =
            |environment: Environment| Elsewhere::than(environment, MethodType::JubaoWechatH5).is_none();
        let fitting: Vec<_> = Environment::ALL.iter().filter(|environment| fits(**environment)).collect();
        assert_eq!(fitting, [&Environment::Mobile]);
    }

    #[test]
    fn every_method_but_the_native_ones_fits_somewhere() {
        for method in MethodType::ALL {
            let fits = Environment::ALL.iter().any(|here| Elsewhere::than(*here, *method).is_none());
            let native = matches!(method, MethodType::BlueoceanAlipayApp | MethodType::BlueoceanWechatApp);
            assert_eq!(fits, !native, "{method}");
        }
    }

    #[test]
    fn what_the_signer_rules_out_has_a_better_place_which_is_not_this_one() {
        for environment in Environment::ALL {
            for method in MethodType::ALL {
                if environment.rules_out(*method).is_some() {
                    let better = Elsewhere::than(*environment, *method).map(Elsewhere::as_str);
                    assert!(better.is_some_and(|place| place != environment.as_str()), "{method}");
                }
            }
        }
    }

    #[test]
    fn the_two_hints_that_payers_need_most() {
        let better = Elsewhere::than;
        assert_eq!(better(Environment::Wechat, MethodType::JubaoWechatH5), Some(Elsewhere::Browser));
        assert_eq!(better(Environment::Wechat, MethodType::BlueoceanAlipayWap), Some(Elsewhere::Browser));
        for environment in [Environment::Desktop, Environment::Mobile, Environment::Alipay] {
            assert_eq!(better(environment, MethodType::BlueoceanWechatJsapi), Some(Elsewhere::Wechat));
            assert_eq!(better(environment, MethodType::BlueoceanWechatHkJsapi), Some(Elsewhere::Wechat));
        }
    }
}
