//! The ways to pay: every method of every gateway, and what the shop's page says of each.

use serde::Serialize;

use super::catalog::{Currency, Text};
use super::config::Accounts;

/// A gateway that the shop has an account at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Gateway {
    Jubao,
    Blueocean,
    Hicoin,
    Dotwallet,
}

impl Gateway {
    /// All of them, in the order in which the page shows them.
    pub(super) const ALL: [Self; 4] = [Self::Jubao, Self::Blueocean, Self::Hicoin, Self::Dotwallet];

    pub(super) fn name(self) -> Text {
        match self {
            Self::Jubao => Text { en: "Jubao Pay", zh: "聚宝支付" },
            Self::Blueocean => Text { en: "BlueOcean", zh: "蓝海支付" },
            Self::Hicoin => Text { en: "Hicoin", zh: "Hicoin" },
            Self::Dotwallet => Text { en: "DotWallet", zh: "打点钱包" },
        }
    }

    /// The account at the signer that takes the money.
    pub(super) fn account(self, accounts: &Accounts) -> &str {
        match self {
            Self::Jubao => &accounts.jubao,
            Self::Blueocean => &accounts.blueocean,
            Self::Hicoin => &accounts.hicoin,
            Self::Dotwallet => &accounts.dotwallet,
        }
    }

    pub(super) fn currency(self) -> Currency {
        match self {
            Self::Jubao => Currency::Cny,
            Self::Blueocean => Currency::Hkd,
            Self::Hicoin => Currency::Usdt,
            Self::Dotwallet => Currency::Bsv,
        }
    }

    /// Whether the gateway has a call that gives money back. The page offers it by this; the signer decides.
    pub(super) fn refunds(self) -> bool {
        matches!(self, Self::Blueocean | Self::Hicoin)
    }
}

/// Something that the visitor may choose, or has to give, beside the method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ask {
    /// Whether the shop names the payer, or the gateway has them log in.
    Identity,
    /// Whether the order number is written into the transaction.
    OpReturn,
    /// Whether the tea farmers are paid their share by the same transaction.
    Split,
    /// The number of a channel.
    PayChannelId,
    /// The bar code that the till's scanner reads off the payer's phone.
    AuthCode,
}

/// A way to pay.
#[derive(Debug)]
pub(super) struct Method {
    /// The signer's word for it, `method.type` of a payment.
    pub(super) type_name: &'static str,
    pub(super) gateway: Gateway,
    /// Whether the page shows it before it is asked for all.
    pub(super) usual: bool,
    pub(super) name: Text,
    /// What happens, and where it works.
    pub(super) hint: Text,
    pub(super) asks: &'static [Ask],
}

/// Finds a way to pay by the signer's word for it.
pub(super) fn method(type_name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.type_name == type_name)
}

const fn of(
    gateway: Gateway,
    type_name: &'static str,
    (en, zh): (&'static str, &'static str),
    (hint_en, hint_zh): (&'static str, &'static str),
) -> Method {
    let (name, hint) = (Text { en, zh }, Text { en: hint_en, zh: hint_zh });
    Method { type_name, gateway, usual: false, name, hint, asks: &[] }
}

const fn usual(method: Method) -> Method {
    Method { usual: true, ..method }
}

const fn asking(asks: &'static [Ask], method: Method) -> Method {
    Method { asks, ..method }
}

use Gateway::{Blueocean, Dotwallet, Hicoin, Jubao};

/// All of them, gateway by gateway, in the order in which the page shows them.
pub(super) static METHODS: [Method; 19] = [
    usual(of(
        Jubao,
        "jubao_wechat_h5",
        ("WeChat Pay", "微信支付"),
        ("Phone browser: WeChat opens, you pay there", "手机浏览器：打开微信付款"),
    )),
    usual(of(
        Jubao,
        "jubao_alipay_wap",
        ("Alipay", "支付宝"),
        ("Phone browser: Alipay opens, you pay there", "手机浏览器：打开支付宝付款"),
    )),
    asking(
        &[Ask::PayChannelId],
        of(
            Jubao,
            "jubao_channel",
            ("Channel by number", "指定通道"),
            ("Where the channel works: its own page opens", "视通道而定：打开该通道的付款页"),
        ),
    ),
    usual(of(
        Blueocean,
        "blueocean_alipay_qrcode",
        ("Alipay QR code", "支付宝扫码"),
        ("Any screen: scan with Alipay on your phone", "任意屏幕：用手机支付宝扫码"),
    )),
    of(
        Blueocean,
        "blueocean_wechat_qrcode",
        ("WeChat QR code", "微信扫码"),
        ("Any screen: scan with WeChat on your phone", "任意屏幕：用手机微信扫码"),
    ),
    of(
        Blueocean,
        "blueocean_mixed_qrcode",
        ("One QR code for both", "聚合码"),
        ("Any screen: scan with WeChat or Alipay", "任意屏幕：微信、支付宝均可扫码"),
    ),
    of(
        Blueocean,
        "blueocean_unionpay_qrcode",
        ("UnionPay QR code", "云闪付扫码"),
        ("Any screen: scan with the UnionPay app", "任意屏幕：用云闪付扫码"),
    ),
    of(
        Blueocean,
        "blueocean_alipay_wap",
        ("Alipay page", "支付宝网页支付"),
        ("Phone browser: Alipay opens, you pay there", "手机浏览器：打开支付宝付款"),
    ),
    of(
        Blueocean,
        "blueocean_wechat_mweb",
        ("WeChat page", "微信 H5 支付"),
        ("Phone browser: WeChat opens, you pay there", "手机浏览器：打开微信付款"),
    ),
    of(
        Blueocean,
        "blueocean_unionpay_link",
        ("UnionPay page", "云闪付网页支付"),
        ("Phone browser or UnionPay app: UnionPay's page opens", "手机浏览器或云闪付：打开银联付款页"),
    ),
    of(
        Blueocean,
        "blueocean_wechat_jsapi",
        ("WeChat wallet", "微信内支付"),
        ("Inside WeChat: the wallet opens over this page", "微信内：钱包在本页上打开"),
    ),
    of(
        Blueocean,
        "blueocean_wechat_hk_jsapi",
        ("WeChat wallet, Hong Kong", "微信香港钱包"),
        ("Inside WeChat: the Hong Kong wallet opens over this page", "微信内：香港钱包在本页上打开"),
    ),
    of(
        Blueocean,
        "blueocean_alipay_app",
        ("Alipay in an app", "支付宝 App 支付"),
        ("Native app only: explained here", "仅限原生应用：此处只作说明"),
    ),
    of(
        Blueocean,
        "blueocean_wechat_app",
        ("WeChat in an app", "微信 App 支付"),
        ("Native app only: explained here", "仅限原生应用：此处只作说明"),
    ),
    asking(
        &[Ask::AuthCode],
        of(
            Blueocean,
            "blueocean_micropay",
            ("Bar code at the till", "收银台付款码"),
            ("At the till: we scan the code on your phone", "收银台：扫描您手机上的付款码"),
        ),
    ),
    asking(
        &[Ask::Identity],
        usual(of(
            Hicoin,
            "hicoin_h5",
            ("Hicoin", "Hicoin"),
            ("Hicoin app: pay with USDT on its page", "Hicoin 应用内：在其页面以 USDT 付款"),
        )),
    ),
    asking(
        &[Ask::Identity],
        of(
            Hicoin,
            "hicoin_jsapi",
            ("Hicoin, ordered as JSAPI", "Hicoin（JSAPI）"),
            ("Hicoin app: the same page, another kind of order", "Hicoin 应用内：同一页面，另一种下单方式"),
        ),
    ),
    asking(
        &[Ask::Identity, Ask::OpReturn, Ask::Split],
        usual(of(
            Dotwallet,
            "dotwallet_autopay",
            ("DotWallet", "打点钱包"),
            ("Any browser: in one press, from your allowance", "任意浏览器：在已授权的额度内一键支付"),
        )),
    ),
    asking(
        &[Ask::OpReturn, Ask::Split],
        of(
            Dotwallet,
            "dotwallet_order",
            ("DotWallet order", "打点钱包订单"),
            ("Any browser: you confirm on the wallet's page", "任意浏览器：在钱包页面确认付款"),
        ),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_the_nineteen_ways_is_found_by_its_own_name() {
        for wanted in &METHODS {
            let found = method(wanted.type_name).expect("by its own name");
            assert!(std::ptr::eq(found, wanted), "{} is there twice", wanted.type_name);
        }
        assert!(method("cash").is_none());
    }

    #[test]
    fn every_way_is_named_after_its_gateway_and_stands_with_its_gateways_others() {
        let order: Vec<Gateway> =
            METHODS.chunk_by(|one, next| one.gateway == next.gateway).map(|group| group[0].gateway).collect();
        assert_eq!(order, Gateway::ALL);
        for method in &METHODS {
            let gateway = serde_json::to_value(method.gateway).expect("plain data");
            let prefix = format!("{}_", gateway.as_str().expect("a word"));
            assert!(method.type_name.starts_with(&prefix), "{}", method.type_name);
        }
    }

    #[test]
    fn five_ways_are_shown_at_first_and_every_way_has_its_words_in_both_languages() {
        assert_eq!(METHODS.iter().filter(|method| method.usual).count(), 5);
        for Method { type_name, name, hint, .. } in &METHODS {
            for text in [name.en, name.zh, hint.en, hint.zh] {
                assert!(!text.is_empty(), "{type_name}");
            }
        }
    }
}
