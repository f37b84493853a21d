//! What the shop sells and how it can be paid. Prices are decided here and nowhere else.

use serde::Serialize;

use super::config::{Accounts, Payer};

/// A text in both languages of the shop.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Text {
    pub(super) en: &'static str,
    pub(super) zh: &'static str,
}

/// A language of the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Locale {
    English,
    Chinese,
}

impl Locale {
    /// Reads a language tag such as `zh-CN`; every language but Chinese is served in English.
    pub(super) fn from_tag(tag: &str) -> Self {
        let chinese = tag.get(..2).is_some_and(|language| language.eq_ignore_ascii_case("zh"));
        if chinese { Self::Chinese } else { Self::English }
    }
}

impl Text {
    pub(super) fn in_locale(&self, locale: Locale) -> &'static str {
        match locale {
            Locale::English => self.en,
            Locale::Chinese => self.zh,
        }
    }
}

/// A price in every currency that a way of paying needs, each in minor units:
/// `CNY` and `HKD` in hundredths, `BSV` and `USDT` in 10⁻⁸.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) struct Prices {
    pub(super) cny: u64,
    pub(super) hkd: u64,
    pub(super) bsv: u64,
    pub(super) usdt: u64,
}

/// A currency that the shop has prices in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Currency {
    Bsv,
    Cny,
    Hkd,
    Usdt,
}

impl Currency {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Bsv => "BSV",
            Self::Cny => "CNY",
            Self::Hkd => "HKD",
            Self::Usdt => "USDT",
        }
    }
}

/// Something for sale.
#[derive(Debug, Serialize)]
pub(super) struct Product {
    pub(super) id: &'static str,
    pub(super) name: Text,
    pub(super) note: Text,
    pub(super) prices: Prices,
}

impl Product {
    pub(super) fn price_in(&self, currency: Currency) -> u64 {
        match currency {
            Currency::Bsv => self.prices.bsv,
            Currency::Cny => self.prices.cny,
            Currency::Hkd => self.prices.hkd,
            Currency::Usdt => self.prices.usdt,
        }
    }
}

/// A way of paying that the shop offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    DotwalletAutopay,
    JubaoWechatH5,
    JubaoAlipayWap,
    BlueoceanAlipayQrcode,
    HicoinH5,
}

impl Method {
    /// All of them, in the order in which the page shows them.
    pub(super) const ALL: [Self; 5] = [
        Self::JubaoWechatH5,
        Self::JubaoAlipayWap,
        Self::BlueoceanAlipayQrcode,
        Self::HicoinH5,
        Self::DotwalletAutopay,
    ];

    /// Finds a way of paying by the signer's word for it.
    pub(super) fn from_type(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.type_name() == name)
    }

    /// The signer's word for it, `method.type` of a payment.
    pub(super) fn type_name(self) -> &'static str {
        match self {
            Self::DotwalletAutopay => "dotwallet_autopay",
            Self::JubaoWechatH5 => "jubao_wechat_h5",
            Self::JubaoAlipayWap => "jubao_alipay_wap",
            Self::BlueoceanAlipayQrcode => "blueocean_alipay_qrcode",
            Self::HicoinH5 => "hicoin_h5",
        }
    }

    /// The account at the signer that takes the money.
    pub(super) fn account(self, accounts: &Accounts) -> &str {
        match self {
            Self::DotwalletAutopay => &accounts.dotwallet,
            Self::JubaoWechatH5 | Self::JubaoAlipayWap => &accounts.jubao,
            Self::BlueoceanAlipayQrcode => &accounts.blueocean,
            Self::HicoinH5 => &accounts.hicoin,
        }
    }

    pub(super) fn currency(self) -> Currency {
        match self {
            Self::DotwalletAutopay => Currency::Bsv,
            Self::JubaoWechatH5 | Self::JubaoAlipayWap => Currency::Cny,
            Self::BlueoceanAlipayQrcode => Currency::Hkd,
            Self::HicoinH5 => Currency::Usdt,
        }
    }

    pub(super) fn name(self) -> Text {
        match self {
            Self::DotwalletAutopay => Text { en: "DotWallet", zh: "打点钱包" },
            Self::JubaoWechatH5 => Text { en: "WeChat Pay", zh: "微信支付" },
            Self::JubaoAlipayWap => Text { en: "Alipay", zh: "支付宝" },
            Self::BlueoceanAlipayQrcode => Text { en: "Alipay QR code", zh: "支付宝扫码" },
            Self::HicoinH5 => Text { en: "Hicoin", zh: "Hicoin" },
        }
    }

    pub(super) fn hint(self) -> Text {
        match self {
            Self::DotwalletAutopay => {
                Text { en: "In one press, from your allowance", zh: "在已授权的额度内一键支付" }
            }
            Self::JubaoWechatH5 => {
                Text { en: "On your phone, in the browser", zh: "手机浏览器中打开微信付款" }
            }
            Self::JubaoAlipayWap => {
                Text { en: "On your phone, in the browser", zh: "手机浏览器中打开支付宝付款" }
            }
            Self::BlueoceanAlipayQrcode => Text {
                en: "Scan with your phone, pay in Hong Kong dollars",
                zh: "用手机扫码，以港币付款",
            },
            Self::HicoinH5 => {
                Text { en: "With USDT, on the Hicoin page", zh: "前往 Hicoin 页面，以 USDT 付款" }
            }
        }
    }

    /// `method` of a payment, with the payer's identity where the gateway needs one.
    /// It comes from the shop's session: a browser that could name the payer could spend another's money.
    pub(super) fn request(self, payer: &Payer) -> PaymentMethod {
        let (user_open_id, openid, access_token) = match self {
            Self::DotwalletAutopay => (Some(payer.dotwallet_user_open_id.clone()), None, None),
            Self::HicoinH5 => {
                (None, Some(payer.hicoin_openid.clone()), Some(payer.hicoin_access_token.expose().to_owned()))
            }
            Self::JubaoWechatH5 | Self::JubaoAlipayWap | Self::BlueoceanAlipayQrcode => (None, None, None),
        };
        PaymentMethod { type_name: self.type_name(), user_open_id, openid, access_token }
    }
}

/// `method` in the body of `POST /v1/payments`.
#[derive(Serialize)]
pub(super) struct PaymentMethod {
    #[serde(rename = "type")]
    type_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_open_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    openid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
}

/// Finds a product by its id.
pub(super) fn product(id: &str) -> Option<&'static Product> {
    PRODUCTS.iter().find(|product| product.id == id)
}

/// The whole range: tasting portions, priced low enough for a payer's small-money allowance.
pub(super) const PRODUCTS: &[Product] = &[
    Product {
        id: "jasmine",
        name: Text { en: "Jasmine silver needle", zh: "茉莉银针" },
        note: Text { en: "White buds, scented five nights", zh: "白毫芽头，五窨一提" },
        prices: Prices { cny: 680, hkd: 740, bsv: 90_000, usdt: 95_000_000 },
    },
    Product {
        id: "oolong",
        name: Text { en: "Tieguanyin oolong", zh: "安溪铁观音" },
        note: Text { en: "Lightly roasted, orchid and cream", zh: "轻焙清香，兰韵回甘" },
        prices: Prices { cny: 560, hkd: 610, bsv: 75_000, usdt: 78_000_000 },
    },
    Product {
        id: "wuyi",
        name: Text { en: "Wuyi Da Hong Pao", zh: "武夷大红袍" },
        note: Text { en: "Charcoal roast, stone and plum", zh: "炭焙岩茶，岩骨花香" },
        prices: Prices { cny: 880, hkd: 960, bsv: 120_000, usdt: 123_000_000 },
    },
    Product {
        id: "lapsang",
        name: Text { en: "Lapsang souchong", zh: "正山小种" },
        note: Text { en: "Smoked over pine, dried longan", zh: "松烟熏香，桂圆汤味" },
        prices: Prices { cny: 480, hkd: 530, bsv: 60_000, usdt: 67_000_000 },
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_paying_is_found_by_its_own_name() {
        for method in Method::ALL {
            assert_eq!(Method::from_type(method.type_name()), Some(method));
        }
        assert_eq!(Method::from_type("cash"), None);
    }

    #[test]
    fn every_product_costs_something_in_every_currency() {
        for product in PRODUCTS {
            for method in Method::ALL {
                assert!(product.price_in(method.currency()) > 0, "{} by {method:?}", product.id);
            }
        }
    }

    #[test]
    fn a_payer_is_named_only_where_the_gateway_needs_one() {
        let payer = Payer::default();
        let json = |method: Method| serde_json::to_value(method.request(&payer)).expect("plain data");
        assert_eq!(
            json(Method::DotwalletAutopay),
            serde_json::json!({"type": "dotwallet_autopay", "user_open_id": "sandbox-payer-0001"})
        );
        assert_eq!(json(Method::JubaoWechatH5), serde_json::json!({"type": "jubao_wechat_h5"}));
        assert_eq!(json(Method::HicoinH5)["openid"], "u0000000000000001");
    }

    #[test]
    fn any_chinese_tag_means_chinese_and_any_other_english() {
        assert_eq!(Locale::from_tag("zh-CN"), Locale::Chinese);
        assert_eq!(Locale::from_tag("ZH"), Locale::Chinese);
        assert_eq!(Locale::from_tag("fr"), Locale::English);
        assert_eq!(Locale::from_tag("é"), Locale::English);
    }
}
