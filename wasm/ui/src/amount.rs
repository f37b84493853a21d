//! Amounts as people read them.

use countersign_core::Money;
use js_sys::{Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// An amount in a language: by the browser's own currency format, or a plain decimal with its unit for coins.
pub(crate) fn localised(money: &Money, locale: &str) -> String {
    if money.currency().exponent() == 2
        && let Some(text) = by_intl(money, locale)
    {
        return text;
    }
    plain(money)
}

/// The exact decimal with its unit, at least two places: `0.00000546 BSV`, `1.50 USDT`.
fn plain(money: &Money) -> String {
    let (number, digits) = decimal(money);
    let end = number.trim_end_matches('0').len().max(number.len() - digits + digits.min(2));
    [number.get(..end).unwrap_or(&number), " ", money.currency().as_str()].concat()
}

/// The exact decimal, and how many digits stand behind its point.
fn decimal(money: &Money) -> (String, usize) {
    let digits = money.currency().exponent() as usize;
    let mut number = money.value().to_string();
    while number.len() <= digits {
        number.insert(0, '0');
    }
    number.insert(number.len() - digits, '.');
    (number, digits)
}

/// `Intl.NumberFormat(locale, {style: "currency", currency}).format("10.00")`; as text, so that no digit is lost.
fn by_intl(money: &Money, locale: &str) -> Option<String> {
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let constructor: Function = Reflect::get(&intl, &"NumberFormat".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    for (name, value) in [("style", "currency"), ("currency", money.currency().as_str())] {
        Reflect::set(&options, &name.into(), &value.into()).ok()?;
    }
    // An unknown locale throws; the plain decimal is better than no amount.
    let format = constructor.call2(&JsValue::UNDEFINED, &locale.into(), &options).ok()?;
    let function: Function = Reflect::get(&format, &"format".into()).ok()?.dyn_into().ok()?;
    function.call1(&format, &decimal(money).0.into()).ok()?.as_string()
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use countersign_core::Currency;

    fn shown(value: i64, code: &str) -> String {
        plain(&Money::new(value, Currency::parse(code).unwrap()).unwrap())
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn coins_lose_no_digit_and_keep_two_places() {
        assert_eq!(shown(546, "BSV"), "0.00000546 BSV");
        assert_eq!(shown(1000, "BSV"), "0.00001 BSV");
        assert_eq!(shown(150_000_000, "USDT"), "1.50 USDT");
        assert_eq!(shown(100_000_000, "USDT"), "1.00 USDT");
        assert_eq!(shown(1_000_000_000, "USDT"), "10.00 USDT");
        assert_eq!(shown(9_007_199_254_740_991, "USDT"), "90071992.54740991 USDT");
        assert_eq!(shown(1000, "HKD"), "10.00 HKD");
        assert_eq!(shown(1, "HKD"), "0.01 HKD");
    }

    #[wasm_bindgen_test]
    fn the_yuan_is_written_as_its_readers_write_it() {
        let money = |code: &str| Money::new(680, Currency::parse(code).unwrap()).unwrap();
        assert_eq!(localised(&money("CNY"), "zh-CN"), "¥6.80");
        assert_eq!(localised(&money("CNY"), "en"), "CN¥6.80");
        assert_eq!(localised(&money("HKD"), "zh-CN"), "HK$6.80");
        assert_eq!(localised(&money("HKD"), "en"), "HK$6.80");
    }
}
