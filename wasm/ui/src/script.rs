//! Plain objects of the page, read and made field by field. A serialiser would weigh more than everything else here.

use countersign_core::{Currency, Money};
use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// What can be read from a property of the page's objects.
pub(crate) trait Read: Sized {
    /// `None` when it is shaped otherwise.
    fn read(of: &JsValue, name: &str) -> Option<Self>;
}

/// What can be put into a property of an object made here.
pub(crate) trait Make {
    fn put(&self, into: &Object, name: &str);
}

/// Reads a struct from an object: its fields, each with the property that holds it.
macro_rules! reads {
    ($name:ident { $($field:ident: $property:literal),+ $(,)? }) => {
        impl $name {
            #[inline(never)]
            pub(crate) fn of(object: &wasm_bindgen::JsValue) -> Option<Self> {
                Some(Self { $($field: $crate::script::Read::read(object, $property)?),+ })
            }
        }

        impl $crate::script::Read for $name {
            fn read(of: &wasm_bindgen::JsValue, name: &str) -> Option<Self> {
                Self::of(&$crate::script::get(of, name))
            }
        }
    };
}

/// Makes an object of a struct; no field can be forgotten.
macro_rules! makes {
    ($name:ident { $($field:ident: $property:literal),+ $(,)? }) => {
        impl $name {
            #[inline(never)]
            pub(crate) fn object(&self) -> js_sys::Object {
                let Self { $($field),+ } = self;
                let made = js_sys::Object::new();
                $($crate::script::Make::put($field, &made, $property);)+
                made
            }
        }

        impl $crate::script::Make for $name {
            fn put(&self, into: &js_sys::Object, name: &str) {
                $crate::script::set(into, name, &self.object());
            }
        }
    };
}

pub(crate) use {makes, reads};

/// A property, or `undefined` when there is none or `of` is no object.
#[inline(never)]
pub(crate) fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

#[inline(never)]
pub(crate) fn set(of: &Object, name: &str, value: &JsValue) {
    // A plain object that we made takes every property, so there is no failure to report.
    let _: Result<bool, JsValue> = Reflect::set(of, &JsValue::from_str(name), value);
}

impl Read for String {
    #[inline(never)]
    fn read(of: &JsValue, name: &str) -> Option<Self> {
        get(of, name).as_string()
    }
}

impl Read for bool {
    #[inline(never)]
    fn read(of: &JsValue, name: &str) -> Option<Self> {
        get(of, name).as_bool()
    }
}

/// `undefined` and `null` are nothing; so is what is shaped otherwise: for one odd part nobody is kept from all the others.
impl<T: Read> Read for Option<T> {
    #[inline(never)]
    fn read(of: &JsValue, name: &str) -> Option<Self> {
        Some(T::read(of, name))
    }
}

impl Read for Money {
    fn read(of: &JsValue, name: &str) -> Option<Self> {
        let money = get(of, name);
        let minor_units = get(&money, "value").as_f64()?;
        let currency = Currency::parse(&String::read(&money, "currency")?).ok()?;
        // What the signer sends is whole and exact in this form; anything else is no amount.
        let whole = minor_units as i64;
        if whole as f64 == minor_units { Self::new(whole, currency).ok() } else { None }
    }
}

impl Make for bool {
    fn put(&self, into: &Object, name: &str) {
        set(into, name, &(*self).into());
    }
}

impl Make for usize {
    fn put(&self, into: &Object, name: &str) {
        set(into, name, &JsValue::from_f64(*self as f64));
    }
}

impl Make for &str {
    #[inline(never)]
    fn put(&self, into: &Object, name: &str) {
        set(into, name, &JsValue::from_str(self));
    }
}

impl Make for String {
    fn put(&self, into: &Object, name: &str) {
        self.as_str().put(into, name);
    }
}

/// A property that is not there is `undefined` to who asks for it.
impl<T: Make> Make for Option<T> {
    fn put(&self, into: &Object, name: &str) {
        if let Some(value) = self {
            value.put(into, name);
        }
    }
}
