//! Identifiers: a prefix that says what it names, then 26 letters and digits that sort by time.

use std::fmt;

macro_rules! id {
    ($(#[$meta:meta])* $name:ident, $prefix:literal) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize))]
        #[cfg_attr(feature = "serde", serde(transparent))]
        pub struct $name(String);

        impl $name {
            /// What the text form starts with.
            pub const PREFIX: &'static str = $prefix;

            /// Reads the text form; `None` when prefix, length or alphabet are wrong.
            pub fn parse(text: &str) -> Option<Self> {
                is_suffix(text.strip_prefix($prefix)?).then(|| Self(text.to_owned()))
            }

            /// The text form.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// Names one payment: `pay_` and 26 characters of Crockford's base 32.
    PaymentId, "pay_"
);
id!(
    /// Names one attempt: `att_` and 26 characters of Crockford's base 32.
    AttemptId, "att_"
);
id!(
    /// Names one event, and is the `webhook-id`: `evt_` and 26 characters of Crockford's base 32.
    EventId, "evt_"
);
id!(
    /// Names one refund: `re_` and 26 characters of Crockford's base 32.
    RefundId, "re_"
);

fn is_suffix(text: &str) -> bool {
    text.len() == 26 && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_its_own_form_and_no_other() {
        assert!(PaymentId::parse("pay_01JD0000000000000000000000").is_some());
        for text in [
            "",
            "pay_",
            "evt_01JD0000000000000000000000",
            "pay_01jd0000000000000000000000",
            "pay_01JD000000000000000000000/",
            "pay_01JD00000000000000000000000",
        ] {
            assert!(PaymentId::parse(text).is_none(), "{text}");
        }
    }
}
