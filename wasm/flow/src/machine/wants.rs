//! What the caller wants: to pay, to go on, to know.

use super::{Phase, Step};
use crate::event::Effect;
use crate::outcome::Outcome;
use crate::view::{Action, Trail};

impl Step<'_> {
    pub(super) fn confirm(&mut self, hold_consent: bool) {
        // A refused payment may be submitted again; the signer decides. Every other end is final.
        match self.flow.outcome() {
            None | Some(Outcome::Failed) => {}
            Some(outcome) => return self.effects.push(Effect::Finish(outcome)),
        }
        self.flow.hold_consent = hold_consent;
        match self.flow.phase {
            // A second press while the first is under way joins it.
            Phase::Confirming => {}
            Phase::Consenting if hold_consent => {}
            _ => {
                self.flow.trail = Trail::default();
                self.flow.eager = true;
                self.begin(Phase::Confirming);
            }
        }
    }

    pub(super) fn proceed(&mut self) {
        if matches!(self.flow.phase, Phase::Opening | Phase::Confirming | Phase::Returning(_)) {
            return;
        }
        let action =
            self.flow.view.as_ref().filter(|view| !view.is_settled()).and_then(|view| view.action.clone());
        if let Some(Action::Leave { departure, url }) = action {
            self.drop_flight();
            self.flow.trail = Trail::default();
            self.leave(departure, url);
        }
    }

    pub(super) fn follow(&mut self) {
        if let Some(outcome) = self.flow.outcome() {
            self.effects.push(Effect::Finish(outcome));
        } else if matches!(self.flow.phase, Phase::Ready | Phase::Leaving(_)) {
            self.begin(Phase::Following);
        }
    }
}
