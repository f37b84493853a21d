//! Verifying in the open: whether a notification fits, how, and what would explain that it does not.

use super::diagnosis::diagnose;
use super::keyring::{Key, Keyring};
use super::sheet::Sheet;
use super::{Answer, input};
use crate::gateway::{Field, Fields, Rule};

/// Judges a notification.
///
/// # Errors
/// A sentence when `bytes` are no message at all.
pub(super) fn judge(ring: &Keyring<'_>, bytes: &[u8]) -> Result<Answer, String> {
    let fields = input::notification(bytes).map_err(|reason| {
        let reason = ring.hide(&reason);
        format!("{reason}; the signer refuses such a notification as malformed")
    })?;
    let sign = fields.get("sign").unwrap_or_default();
    let mut sheet = Sheet::default();
    sheet.line("profile", (ring.scheme.profile)(fields.pairs()));
    let fitting = fitting(ring, fields.pairs(), sign);
    match &fitting {
        Some((reading, key)) => {
            sheet.line("verified", "yes");
            sheet.line("reading", reading.name);
            sheet.line("key", &key.place);
            for note in notes(ring, &fields, reading, key) {
                sheet.line("note", &note);
            }
        }
        None => {
            sheet.line("verified", "no");
            sheet.line("reason", &reason(ring, &fields));
            if !sign.is_empty() && (ring.scheme.canonical)(fields.pairs()).is_ok() {
                let explained = diagnose(ring, fields.pairs(), sign).unwrap_or_else(|| {
                    "none of the known variants: a field was changed on its way, or the key is not one of those configured".to_owned()
                });
                sheet.line("would match", &explained);
            }
        }
    }
    Ok(Answer { text: sheet.text(), exit: u8::from(fitting.is_none()) })
}

/// The reading and the key of the account that give `sign`.
fn fitting<'r>(ring: &'r Keyring<'_>, fields: &[Field], sign: &str) -> Option<(&'static Rule, &'r Key<'r>)> {
    ring.keys.iter().find_map(|key| {
        let reading = ring.scheme.readings.iter().find(|reading| reading.gives(fields, key.text, sign));
        reading.map(|reading| (reading, key))
    })
}

fn reason(ring: &Keyring<'_>, fields: &Fields) -> String {
    let places: Vec<&str> = ring.keys.iter().map(|key| key.place.as_str()).collect();
    match fields.get("sign") {
        None => "there is no sign".to_owned(),
        Some("") => "sign is empty".to_owned(),
        Some(sign) if !sign.bytes().all(|byte| byte.is_ascii_hexdigit()) => "sign is not hex".to_owned(),
        Some(_) if (ring.scheme.canonical)(fields.pairs()).is_err() => {
            "a field is present with which this gateway signs nothing".to_owned()
        }
        Some(_) => format!("sign does not fit any key of the account ({})", places.join(", ")),
    }
}

/// What should be looked at although the signature fits.
fn notes(ring: &Keyring<'_>, fields: &Fields, reading: &Rule, key: &Key<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let sign = fields.get("sign").unwrap_or_default();
    if !(reading.signatures)(fields.pairs(), key.text).iter().any(|signature| signature == sign) {
        let cases = if sign.chars().any(|c| c.is_ascii_lowercase()) { "lower" } else { "upper" };
        notes.push(format!(
            "the hex of sign has letters in {cases} case; the gateway writes the other, and either is taken here"
        ));
    }
    notes.extend((ring.scheme.remark)(fields.pairs(), reading.name).map(str::to_owned));
    let name = ring.scheme.account_field;
    if fields.get(name).is_some_and(|id| id != ring.account_id) {
        notes.push(format!("{name} is another than the account's: the signer refuses this notification"));
    }
    notes
}
