//! How a screen looks apart from its words, which say the same: so none of it is read out.

use super::Panel;
use super::name::Name;

/// The tone and the drawing of a screen.
pub(super) fn of(panel: &Panel) -> (Option<&'static str>, Option<&'static str>) {
    match (panel.name, panel.outcome.as_deref()) {
        (Name::Good, _) => (Some("good"), Some("done")),
        (_, Some("expired")) => (None, Some("clock")),
        (_, Some("canceled")) => (None, Some("cross")),
        (_, Some("refunded")) => (None, Some("back")),
        (_, Some("review")) => (Some("warn"), Some("search")),
        (_, Some("pending")) => (Some("warn"), Some("clock")),
        (_, Some("unauthorized")) => (None, Some("link")),
        (Name::Consent, _) => (None, Some("shield")),
        (Name::Elsewhere, _) if panel.qr.is_none() => (None, Some("open")),
        (Name::Till, _) => (None, Some("till")),
        (Name::Waiting, _) if !panel.busy => (None, Some("phone")),
        (_, Some("unsupported")) | (Name::Trouble, _) => (Some("warn"), Some("mark")),
        (Name::Bad, _) => (Some("bad"), Some("cross")),
        (Name::Neutral, _) => (Some("warn"), Some("clock")),
        _ => (None, None),
    }
}
