//! What the signer answers, and what follows from it.

use countersign_core::PaymentStatus;

use super::{Flight, Phase, Step};
use crate::event::{Effect, Problem, Timer};
use crate::outcome::Outcome;
use crate::schedule;
use crate::view::{Action, Departure, View};

impl Step<'_> {
    pub(super) fn answered(&mut self, ticket: u32, result: Result<View, Problem>) {
        let Some(flight) = self.flow.flight.take_if(|flight| flight.ticket == ticket) else {
            return;
        };
        self.effects.push(Effect::ClearTimer(Timer::Request));
        match result {
            Ok(view) => self.viewed(flight, view),
            Err(problem) => self.troubled(problem),
        }
    }

    fn viewed(&mut self, flight: Flight, view: View) {
        let known_revision = self.flow.view.as_ref().map(|known| known.revision);
        let is_news = known_revision.is_none_or(|known| view.revision > known);
        let is_stale = known_revision.is_some_and(|known| view.revision < known);
        let was_troubled = std::mem::take(&mut self.flow.troubles) > 0;
        self.flow.patient = true;
        if !is_stale {
            self.effects.push(Effect::Adopt);
            if is_news || was_troubled {
                self.notify();
            }
            self.flow.view = Some(view);
        }
        if let Some(outcome) = self.flow.outcome() {
            return self.end(outcome);
        }
        match self.flow.phase {
            Phase::Opening => self.enter(Phase::Ready),
            Phase::Confirming => self.act(),
            Phase::Returning(departure) => self.back_from(departure),
            Phase::Following if self.flow.eager && self.requires_action() => self.act(),
            Phase::Following | Phase::Invoking => {
                let was_held = self.now_ms.saturating_sub(flight.sent_ms) >= schedule::HELD_MS;
                if is_news || was_held || was_troubled {
                    self.flow.backoff.reset();
                    self.ask();
                } else {
                    self.ask_later(None);
                }
            }
            Phase::Ready | Phase::Consenting | Phase::Leaving(_) => {}
        }
    }

    pub(super) fn troubled(&mut self, problem: Problem) {
        match (problem, self.flow.phase) {
            (Problem::Unauthorized, _) => self.end(Outcome::Unauthorized),
            (Problem::Misplaced, Phase::Confirming) => self.end(Outcome::WrongEnvironment),
            // It was over before we asked: look how it ended.
            (Problem::Refused { code, .. }, Phase::Confirming) if code == "not_confirmable" => self.look(),
            // That the payer is back was only a hint.
            (Problem::Refused { .. } | Problem::Misplaced | Problem::Unreadable, Phase::Returning(_)) => {
                self.look();
            }
            (problem @ Problem::Refused { .. }, Phase::Opening | Phase::Confirming) => self.give_up(problem),
            (problem, Phase::Opening) if self.flow.troubles + 1 >= schedule::OPEN_TRIES_MAX => {
                self.give_up(problem);
            }
            (Problem::Unavailable { retry_after_ms }, Phase::Opening) => {
                self.ask_again(retry_after_ms.map(|asked| asked.min(schedule::OPEN_RETRY_MAX_MS)));
            }
            (Problem::Unavailable { retry_after_ms }, _) => self.ask_again(retry_after_ms),
            (
                Problem::Refused { .. } | Problem::Misplaced | Problem::Unreachable | Problem::Unreadable,
                _,
            ) => self.ask_again(None),
        }
    }

    /// Performs the next action, which the payer asked for by pressing the button.
    fn act(&mut self) {
        let action = match &self.flow.view {
            Some(view) if view.status == Some(PaymentStatus::RequiresAction) => view.action.clone(),
            _ => None,
        };
        match action {
            None => self.watch(),
            Some(Action::ShowCode) => {
                self.flow.eager = false;
                // The payer may come back to it: by the back button, or after a look into the wallet on this phone.
                self.save(Departure::Pay);
                self.watch();
            }
            // They were there and came back without: show the reason instead of going round in circles.
            Some(Action::Leave { departure, .. }) if self.flow.trail.has(departure) => {
                self.end(Outcome::Failed)
            }
            // Who has just been at the wallet to log in is taken on to its next page.
            Some(Action::Leave { departure: Departure::Consent, .. })
                if self.flow.hold_consent && !self.flow.trail.has(Departure::Login) =>
            {
                self.enter(Phase::Consenting);
            }
            Some(Action::Leave { departure, url }) => self.leave(departure, url),
            Some(Action::CallBridge) => self.call_bridge(),
            Some(Action::NativeApp | Action::Unknown) => self.end(Outcome::Unsupported),
        }
    }

    pub(super) fn leave(&mut self, departure: Departure, url: Option<String>) {
        if self.flow.is_misplaced() {
            return self.end(Outcome::WrongEnvironment);
        }
        let Some(url) = url else {
            return self.end(Outcome::Unsupported);
        };
        self.flow.eager = false;
        self.flow.trail = self.flow.trail.with(departure);
        self.enter(Phase::Leaving(departure));
        self.save(departure);
        self.effects.push(Effect::Finish(Outcome::Redirecting));
        self.effects.push(Effect::Navigate(url));
    }

    pub(super) fn save(&mut self, departure: Departure) {
        self.effects.push(Effect::Save { departure, trail: self.flow.trail });
    }

    /// Nobody is made to press again for what comes after a login or a consent; the trail keeps it from going on
    /// for ever. After paying there is nothing to do but watch.
    fn back_from(&mut self, departure: Departure) {
        if departure == Departure::Pay {
            return self.watch();
        }
        self.flow.eager = true;
        if matches!(self.flow.status(), Some(PaymentStatus::Created | PaymentStatus::RequiresAction)) {
            self.enter(Phase::Confirming);
            self.ask();
        } else {
            self.watch();
        }
    }

    fn requires_action(&self) -> bool {
        let view = self.flow.view.as_ref();
        view.is_some_and(|view| view.status == Some(PaymentStatus::RequiresAction) && view.action.is_some())
    }
}
