//! How far the payer has come: three steps, of which one is the present one.

use super::Panel;
use super::name::Name;
use super::words::Words;
use crate::catalogue::Message;
use crate::script::makes;

/// The steps with their words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) label: &'static str,
    /// A step a line.
    pub(crate) steps: &'static str,
    /// Which is the present one; all are done when it lies behind the last.
    pub(crate) at: usize,
}

makes!(Progress { label: "label", steps: "steps", at: "at" });

/// The progress that a screen shows; none where the payer is not on the way any more.
pub(super) fn of(panel: &Panel, words: &Words) -> Option<Progress> {
    let at = match panel.name {
        Name::Loading | Name::Ready => 0,
        Name::Working if panel.is_asking => 2,
        Name::Good => 3,
        Name::Bad | Name::Neutral | Name::Trouble => return None,
        _ if panel.outcome.is_some() => return None,
        _ => 1,
    };
    Some(Progress {
        label: Message::Progress.text(words.language),
        steps: Message::Steps.text(words.language),
        at,
    })
}
