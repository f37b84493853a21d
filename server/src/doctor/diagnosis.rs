//! What would explain a signature that does not fit: another key, a misreading of the rule or of the fields.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::keyring::{Key, Keyring};
use super::misreadings::{self, Misreading};
use crate::gateway::{Field, Rule};

/// The likeliest explanation; `None` where none fits.
pub(super) fn diagnose(ring: &Keyring<'_>, fields: &[Field], sign: &str) -> Option<String> {
    let fields = without_sign(fields);
    let case = Case { ring, fields: &fields, sign };
    let misread = misreadings::of(&fields, ring.scheme.notice_fields);
    case.nearly()
        .or_else(|| case.by_another_key())
        .or_else(|| case.by_mistake(&ring.keys, &fields))
        .or_else(|| case.by_two_keys())
        .or_else(|| case.by_misreading(&ring.keys, &misread))
        .or_else(|| case.by_another_gateways_rule())
        .or_else(|| case.by_misreading(&ring.keys, &misreadings::two_left_out(&fields)))
        .or_else(|| case.by_two_mistakes())
}

struct Case<'c> {
    ring: &'c Keyring<'c>,
    fields: &'c [Field],
    sign: &'c str,
}

impl Case<'_> {
    /// The right signature, but damaged.
    fn nearly(&self) -> Option<String> {
        let decoded = STANDARD.decode(self.sign).map(|bytes| hex(&bytes)).unwrap_or_default();
        let sent = self.sign.to_ascii_lowercase();
        self.ring.keys.iter().find_map(|key| {
            let right = self.ring.scheme.readings.iter().flat_map(|r| (r.signatures)(self.fields, key.text));
            let what = right
                .map(|right| right.to_ascii_lowercase())
                .find_map(|right| damage(&right, &sent, &decoded))?;
            Some(format!("{what}, under {}", key.place))
        })
    }

    fn by_another_key(&self) -> Option<String> {
        let (_, key) = self.fit(&self.ring.others, self.fields, self.ring.scheme.readings)?;
        Some(format!("the right rule under another key: {}", key.place))
    }

    /// The first key and rule that give the signature.
    fn fit<'k>(
        &self,
        keys: &'k [Key<'k>],
        fields: &[Field],
        rules: &'k [Rule],
    ) -> Option<(&'k Rule, &'k Key<'k>)> {
        keys.iter().find_map(|key| {
            let rule = rules.iter().find(|rule| rule.gives(fields, key.text, self.sign))?;
            Some((rule, key))
        })
    }

    fn by_mistake(&self, keys: &[Key<'_>], fields: &[Field]) -> Option<String> {
        let (rule, key) = self.fit(keys, fields, self.ring.scheme.mistakes)?;
        Some(format!("{}, under {}", rule.name, key.place))
    }

    /// One key in the text and another for the hash.
    fn by_two_keys(&self) -> Option<String> {
        let mixed = self.ring.scheme.mixed?;
        let all = || self.ring.keys.iter().chain(&self.ring.others);
        all().find_map(|in_text| {
            let key = all()
                .find(|key| mixed(self.fields, in_text.text, key.text).eq_ignore_ascii_case(self.sign))?;
            Some(format!(
                "two keys were mixed: {} stood in the text, {} was the HMAC's",
                in_text.place, key.place
            ))
        })
    }

    fn by_misreading(&self, keys: &[Key<'_>], all: &[Misreading]) -> Option<String> {
        all.iter().find_map(|misreading| {
            let (_, key) = self.fit(keys, &misreading.fields, self.ring.scheme.readings)?;
            Some(format!("{}, under {}", misreading.what, key.place))
        })
    }

    fn by_another_gateways_rule(&self) -> Option<String> {
        self.ring.other_schemes.iter().find_map(|scheme| {
            let (_, key) = self.fit(&self.ring.keys, self.fields, scheme.readings)?;
            Some(format!("the rule of another gateway ({}), under {}", (scheme.profile)(&[]), key.place))
        })
    }

    fn by_two_mistakes(&self) -> Option<String> {
        let (keys, others) = (&self.ring.keys, &self.ring.others);
        let misread = misreadings::of(self.fields, self.ring.scheme.notice_fields);
        let both = |misreading: &Misreading| {
            let found = self.by_mistake(keys, &misreading.fields)?;
            Some(format!("two at once: {}, and {found}", misreading.what))
        };
        misread
            .iter()
            .find_map(both)
            .or_else(|| self.by_mistake(others, self.fields))
            .or_else(|| self.by_misreading(others, &misread))
    }
}

/// How `sent` differs from the right signature, where it is close to it.
fn damage(right: &str, sent: &str, decoded: &str) -> Option<&'static str> {
    let differing = right.bytes().zip(sent.bytes()).filter(|(a, b)| a != b).count();
    if decoded == right {
        Some("the right signature in base64, not hex")
    } else if sent.trim() == right {
        Some("the right signature with spaces around it")
    } else if sent.len() >= 8 && right.starts_with(sent) {
        Some("the right signature, cut short")
    } else if sent.starts_with(right) {
        Some("the right signature with something behind it")
    } else if right.len() == sent.len() && differing == 1 {
        Some("the right signature but for one digit")
    } else {
        None
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The signature is emptied, not taken away: a rule that signs it by mistake still sees where it stood.
fn without_sign(fields: &[Field]) -> Vec<Field> {
    let emptied = fields.iter().map(|(name, value)| {
        let value = if name == "sign" { String::new() } else { value.clone() };
        (name.clone(), value)
    });
    emptied.collect()
}
