//! What the shop sells. Prices are decided here and nowhere else.

use serde::Serialize;

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
    fn every_product_costs_something_in_every_currency() {
        for product in PRODUCTS {
            for currency in [Currency::Bsv, Currency::Cny, Currency::Hkd, Currency::Usdt] {
                assert!(product.price_in(currency) > 0, "{} in {currency:?}", product.id);
            }
        }
    }

    #[test]
    fn any_chinese_tag_means_chinese_and_any_other_english() {
        assert_eq!(Locale::from_tag("zh-CN"), Locale::Chinese);
        assert_eq!(Locale::from_tag("ZH"), Locale::Chinese);
        assert_eq!(Locale::from_tag("fr"), Locale::English);
        assert_eq!(Locale::from_tag("é"), Locale::English);
    }
}
