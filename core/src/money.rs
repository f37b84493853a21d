//! Money: integer minor units with the currency beside them.

use std::fmt;

/// The largest amount that every JSON reader keeps exact: 2⁵³ − 1.
pub const AMOUNT_MAX: i64 = (1 << 53) - 1;

/// A currency or coin by its code, e.g. `CNY`, `HKD`, `BSV`, `USDT`.
///
/// Shape: 2 to 10 capital letters or digits. Hicoin settles in house coins too, so the set is open.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Currency(String);

impl Currency {
    /// Reads a currency code.
    ///
    /// # Errors
    /// [`MoneyError::Currency`] when it is not 2 to 10 capital letters or digits.
    pub fn parse(code: &str) -> Result<Self, MoneyError> {
        let shape = (2..=10).contains(&code.len())
            && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if shape { Ok(Self(code.to_owned())) } else { Err(MoneyError::Currency) }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How many decimal places the minor unit stands for: 2 for `CNY` and `HKD`, 8 for every coin.
    pub fn exponent(&self) -> u32 {
        match self.as_str() {
            "CNY" | "HKD" | "AUD" | "USD" | "GBP" | "EUR" => 2,
            _ => 8,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;
    fn try_from(code: String) -> Result<Self, MoneyError> {
        Self::parse(&code)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.0
    }
}

/// An amount: `value` minor units of `currency`.
///
/// Shape: `{"value": 1000, "currency": "CNY"}`; `value` is 1 to 2⁵³ − 1.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawMoney"))]
pub struct Money {
    value: i64,
    currency: Currency,
}

impl Money {
    /// An amount of `value` minor units.
    ///
    /// # Errors
    /// [`MoneyError::Value`] when `value` is not 1 to 2⁵³ − 1.
    pub fn new(value: i64, currency: Currency) -> Result<Self, MoneyError> {
        if (1..=AMOUNT_MAX).contains(&value) { Ok(Self { value, currency }) } else { Err(MoneyError::Value) }
    }

    /// The number of minor units.
    pub fn value(&self) -> i64 {
        self.value
    }

    /// The currency.
    pub fn currency(&self) -> &Currency {
        &self.currency
    }
}

/// The exact decimal in major units: 1000 `CNY` is `10.00 CNY`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self.currency.exponent();
        let unit = 10_i64.pow(places);
        let width = places as usize;
        write!(f, "{}.{:0width$} {}", self.value / unit, self.value % unit, self.currency)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct RawMoney {
    value: i64,
    currency: Currency,
}

#[cfg(feature = "serde")]
impl TryFrom<RawMoney> for Money {
    type Error = MoneyError;
    fn try_from(raw: RawMoney) -> Result<Self, MoneyError> {
        Self::new(raw.value, raw.currency)
    }
}

/// Why something is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoneyError {
    /// The code is not 2 to 10 capital letters or digits.
    Currency,
    /// The value is not 1 to 2⁵³ − 1 minor units.
    Value,
}

impl fmt::Display for MoneyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Currency => "a currency is 2 to 10 capital letters or digits",
            Self::Value => "an amount is 1 to 9007199254740991 minor units",
        })
    }
}

impl std::error::Error for MoneyError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(value: i64, code: &str) -> Money {
        Money::new(value, Currency::parse(code).unwrap()).unwrap()
    }

    #[test]
    fn prints_the_exact_decimal() {
        assert_eq!(money(1000, "CNY").to_string(), "10.00 CNY");
        assert_eq!(money(1, "HKD").to_string(), "0.01 HKD");
        assert_eq!(money(546, "BSV").to_string(), "0.00000546 BSV");
        assert_eq!(money(AMOUNT_MAX, "USDT").to_string(), "90071992.54740991 USDT");
    }

    #[test]
    fn refuses_amounts_outside_the_exact_range() {
        let cny = || Currency::parse("CNY").unwrap();
        for value in [0, -1, AMOUNT_MAX + 1, i64::MIN] {
            assert_eq!(Money::new(value, cny()), Err(MoneyError::Value), "{value}");
        }
        assert!(Money::new(1, cny()).is_ok());
        assert!(Money::new(AMOUNT_MAX, cny()).is_ok());
    }

    #[test]
    fn refuses_codes_that_are_not_codes() {
        for code in ["", "C", "cny", "CNY ", "ABCDEFGHIJK", "人民"] {
            assert_eq!(Currency::parse(code), Err(MoneyError::Currency), "{code}");
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn reads_no_floats_strings_or_zero_from_json() {
        for text in [
            r#"{"value":1.0,"currency":"CNY"}"#,
            r#"{"value":"1","currency":"CNY"}"#,
            r#"{"value":0,"currency":"CNY"}"#,
            r#"{"value":9007199254740992,"currency":"CNY"}"#,
            r#"{"value":1,"currency":"cny"}"#,
        ] {
            assert!(serde_json::from_str::<Money>(text).is_err(), "{text}");
        }
        let back = serde_json::to_string(&money(1000, "CNY")).unwrap();
        assert_eq!(back, r#"{"value":1000,"currency":"CNY"}"#);
    }
}
