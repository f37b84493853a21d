//! Signing in the open: what is put together, what is hashed, what comes out.

use super::input;
use super::keyring::Keyring;
use super::sheet::{STARS, Sheet};

/// The stages of a signature over the fields in `bytes`, with the key masked.
///
/// # Errors
/// A sentence when the fields cannot be read, or the gateway refuses to sign such fields.
pub(super) fn explain(ring: &Keyring<'_>, bytes: &[u8]) -> Result<String, String> {
    let fields = input::object(bytes).map_err(|reason| ring.hide(&reason))?;
    let (fields, scheme) = (fields.pairs(), ring.scheme);
    let key = ring.keys.first().ok_or("the account has no key")?;
    let canonical = (scheme.canonical)(fields)?;
    let text = (scheme.text)(fields, &canonical, &(scheme.key_in_text)(key.text));

    // Masked first and put through the same steps then: nothing of a secret is left to find behind them.
    let shown_canonical = ring.hide(&canonical);
    let shown_text = (scheme.text)(fields, &shown_canonical, STARS);

    let mut sheet = Sheet::default();
    sheet.line("profile", (scheme.profile)(fields));
    sheet.line("key", &key.place);
    if let Some((label, step)) = (scheme.step)(fields) {
        sheet.line(label, step);
    }
    sheet.line("canonical", &shown_canonical);
    sheet.line("string to sign", &shown_text);
    if shown_text.chars().any(|c| !c.is_ascii() || c.is_control()) {
        sheet.line("bytes to sign", &in_hex(&shown_text));
    }
    sheet.line("signature", &(scheme.signature)(&text, key.text));
    Ok(sheet.text())
}

/// The bytes in hex, the stars as they are.
fn in_hex(text: &str) -> String {
    let hex = |part: &str| part.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    text.split(STARS).map(hex).collect::<Vec<String>>().join(STARS)
}
