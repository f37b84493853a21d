//! Remembers the payment while the payer is on another page.
//!
//! `sessionStorage`, under one key: it lives as long as the tab, belongs to this origin, and unlike a URL it
//! ends up in no log and no `Referer`. A browser that refuses storage keeps nobody from paying.

use countersign_flow::{Departure, Trail};
use js_sys::{JSON, Object};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Storage;

use crate::object;
use crate::signer::Target;

const KEY: &str = "countersign.payment";

/// A payment that the payer left this page for.
pub struct Memory {
    /// Whose payment, and which.
    pub target: Target,
    /// The language of the page they left.
    pub locale: Option<String>,
    /// Why they left.
    pub departure: Departure,
    /// Where they had been by then, that departure included.
    pub trail: Trail,
}

/// What was remembered last.
pub fn recall() -> Option<Memory> {
    let saved = JSON::parse(&storage()?.get_item(KEY).ok()??).ok()?;
    Some(Memory {
        target: Target::new(
            &object::text(&saved, "signer")?,
            &object::text(&saved, "paymentId")?,
            &object::text(&saved, "clientSecret")?,
        ),
        locale: object::text(&saved, "locale"),
        departure: Departure::parse(&object::text(&saved, "departure")?)?,
        trail: Trail { login: object::flag(&saved, "login"), consent: object::flag(&saved, "consent") },
    })
}

pub(crate) fn remember(memory: &Memory) {
    let saved = Object::new();
    let put = |name, text: &str| object::set(&saved, name, &JsValue::from_str(text));
    put("signer", &memory.target.signer);
    put("paymentId", &memory.target.payment_id);
    put("clientSecret", &memory.target.client_secret);
    put("departure", memory.departure.as_str());
    if let Some(locale) = &memory.locale {
        put("locale", locale);
    }
    object::set(&saved, "login", &JsValue::from_bool(memory.trail.login));
    object::set(&saved, "consent", &JsValue::from_bool(memory.trail.consent));
    if let (Some(storage), Ok(text)) = (storage(), JSON::stringify(&saved)) {
        // A full or forbidden storage costs the resumption, not the payment.
        let _: Result<(), JsValue> = storage.set_item(KEY, &String::from(text));
    }
}

/// Forgets this payment; one that was remembered since stays.
pub(crate) fn forget(payment_id: &str) {
    if recall().is_some_and(|memory| memory.target.payment_id == payment_id)
        && let Some(storage) = storage()
    {
        let _: Result<(), JsValue> = storage.remove_item(KEY);
    }
}

fn storage() -> Option<Storage> {
    // Reading the property throws where storage is forbidden, which `global` turns into undefined.
    let storage = object::global("sessionStorage");
    storage.is_object().then(|| storage.unchecked_into())
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn memory(payment_id: &str) -> Memory {
        Memory {
            target: Target::new("https://pay.example/", payment_id, "cs_secret"),
            locale: Some("zh-CN".to_owned()),
            departure: Departure::Consent,
            trail: Trail { login: false, consent: true },
        }
    }

    #[wasm_bindgen_test]
    fn what_is_remembered_is_recalled_until_it_is_forgotten() {
        remember(&memory("pay_1"));
        let recalled = recall().unwrap();
        assert_eq!(recalled.target.signer, "https://pay.example");
        assert_eq!(recalled.target.payment_id, "pay_1");
        assert_eq!(recalled.target.client_secret, "cs_secret");
        assert_eq!(recalled.locale.as_deref(), Some("zh-CN"));
        assert_eq!(
            (recalled.departure, recalled.trail.consent, recalled.trail.login),
            (Departure::Consent, true, false)
        );
        forget("pay_1");
        assert!(recall().is_none());
    }

    #[wasm_bindgen_test]
    fn forgetting_one_payment_keeps_another() {
        remember(&memory("pay_2"));
        forget("pay_1");
        assert!(recall().is_some());
        forget("pay_2");
    }

    #[wasm_bindgen_test]
    fn what_somebody_else_wrote_under_the_key_is_no_memory() {
        for text in
            ["", "null", "[]", "{", r#"{"signer":"s","paymentId":"p","clientSecret":"c","departure":"home"}"#]
        {
            storage().unwrap().set_item(KEY, text).unwrap();
            assert!(recall().is_none(), "{text}");
        }
        storage().unwrap().remove_item(KEY).unwrap();
    }
}
