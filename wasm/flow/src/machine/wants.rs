//! What the caller wants: to pay, to go on, to know.

use countersign_core::{MethodType, PaymentStatus};

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
        // The till submits it, and there is nothing for the payer to do in a page.
        if self.flow.view.as_ref().and_then(|view| view.method) == Some(MethodType::BlueoceanMicropay) {
            return self.effects.push(Effect::Finish(Outcome::Unsupported));
        }
        // What is being processed may have been begun where it works.
        if self.flow.is_misplaced() && self.flow.status() != Some(PaymentStatus::Processing) {
            return self.effects.push(Effect::Finish(Outcome::WrongEnvironment));
        }
        self.flow.hold_consent = hold_consent;
        match self.flow.phase {
            // A second press while the first is under way joins it.
            Phase::Confirming | Phase::Invoking => {}
            Phase::Consenting if hold_consent => {}
            _ => {
                self.flow.trail = Trail::default();
                self.flow.eager = true;
                if let Some(call) = &mut self.flow.call {
                    call.told = None;
                }
                self.begin(Phase::Confirming);
            }
        }
    }

    pub(super) fn proceed(&mut self) {
        let is_busy = matches!(
            self.flow.phase,
            Phase::Opening | Phase::Confirming | Phase::Returning(_) | Phase::Invoking
        );
        let view = self.flow.view.as_ref().filter(|view| !is_busy && !view.is_settled());
        match view.and_then(|view| view.action.clone()) {
            Some(Action::Leave { departure, url }) => {
                self.drop_flight();
                self.flow.trail = Trail::default();
                self.leave(departure, url);
            }
            // The payer may try again with the same payload.
            Some(Action::CallBridge) => {
                self.start_run();
                self.flow.call = None;
                self.call_bridge();
            }
            _ => {}
        }
    }

    pub(super) fn follow(&mut self) {
        // What is under way brings an end of its own, which may not be the one that is known: a refused payment can
        // be submitted again.
        if !matches!(self.flow.phase, Phase::Ready | Phase::Leaving(_)) {
            return;
        }
        match self.flow.outcome() {
            Some(outcome) => self.effects.push(Effect::Finish(outcome)),
            None => self.begin(Phase::Following),
        }
    }
}
