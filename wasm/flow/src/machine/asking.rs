//! Asking the signer: now, later, no more.

use super::{Flight, Phase, Step};
use crate::event::{Effect, Problem, Request, Timer};
use crate::outcome::Outcome;
use crate::schedule;
use crate::view::{BridgeResult, Departure};

impl Step<'_> {
    pub(super) fn begin(&mut self, phase: Phase) {
        self.start_run();
        self.enter(phase);
        self.ask();
    }

    pub(super) fn come_back(&mut self, departure: Departure) {
        self.flow.hint = BridgeResult::Unknown;
        self.begin(Phase::Returning(departure));
    }

    pub(super) fn start_run(&mut self) {
        self.drop_flight();
        self.flow.run_began_ms = self.now_ms;
        self.flow.backoff.reset();
        self.flow.troubles = 0;
        self.flow.patient = true;
        self.flow.paused = false;
    }

    pub(super) fn enter(&mut self, phase: Phase) {
        self.flow.phase = phase;
        self.notify();
    }

    pub(super) fn watch(&mut self) {
        self.enter(Phase::Following);
        self.ask();
    }

    /// Watches, beginning with a look that is answered at once.
    pub(super) fn look(&mut self) {
        self.flow.patient = false;
        self.watch();
    }

    pub(super) fn elapsed(&mut self) {
        if self.flow.flight.is_some() {
            self.drop_flight();
            self.troubled(Problem::Unreachable);
        } else {
            self.ask();
        }
    }

    pub(super) fn ask_afresh(&mut self) {
        self.flow.seen_until_ms = self.now_ms.saturating_add(schedule::SEEN_AGAIN_MS);
        self.flow.backoff.reset();
        if self.flow.request().is_some() {
            self.drop_flight();
            self.ask();
        }
    }

    pub(super) fn ask(&mut self) {
        let Some(request) = self.flow.request() else {
            return;
        };
        if self.now_ms >= self.flow.deadline_ms() {
            return self.end(Outcome::Pending);
        }
        // What a bridge said is passed on even while its wallet covers the page.
        if self.flow.paused && !matches!(request, Request::Returned { .. }) {
            return;
        }
        let ticket = self.next_ticket();
        self.flow.flight = Some(Flight { ticket, request, sent_ms: self.now_ms });
        let guard_ms = match request {
            Request::View { wait_s: 0, .. } => schedule::LOOK_GUARD_MS,
            Request::View { .. } => schedule::VIEW_GUARD_MS,
            Request::Confirm | Request::Returned { .. } => schedule::SUBMIT_GUARD_MS,
        };
        self.effects.push(Effect::Send { ticket, request });
        self.effects.push(Effect::SetTimer(Timer::Request, guard_ms));
    }

    pub(super) fn next_ticket(&mut self) -> u32 {
        self.flow.last_ticket = self.flow.last_ticket.wrapping_add(1);
        self.flow.last_ticket
    }

    pub(super) fn ask_again(&mut self, retry_after_ms: Option<u32>) {
        self.flow.troubles = self.flow.troubles.saturating_add(1);
        if self.flow.troubles == 1 {
            self.notify();
        }
        self.ask_later(retry_after_ms);
    }

    pub(super) fn ask_later(&mut self, retry_after_ms: Option<u32>) {
        if self.flow.paused {
            return;
        }
        let pause_ms = self.flow.backoff.next_ms(retry_after_ms);
        self.effects.push(Effect::SetTimer(Timer::Request, pause_ms));
    }

    pub(super) fn drop_flight(&mut self) {
        if self.flow.flight.take().is_some() {
            self.effects.push(Effect::Cancel);
        }
        self.effects.push(Effect::ClearTimer(Timer::Request));
    }

    pub(super) fn end(&mut self, outcome: Outcome) {
        self.rest();
        match outcome {
            Outcome::Redirecting
            | Outcome::Aborted
            | Outcome::Pending
            | Outcome::Unsupported
            | Outcome::WrongEnvironment => {}
            _ => self.effects.push(Effect::Forget),
        }
        self.effects.push(Effect::Finish(outcome));
    }

    pub(super) fn give_up(&mut self, problem: Problem) {
        self.rest();
        self.effects.push(Effect::Reject(problem));
    }

    fn rest(&mut self) {
        self.drop_flight();
        self.effects.push(Effect::ClearTimer(Timer::Hidden));
        if self.flow.call.take().is_some() {
            self.effects.push(Effect::ClearTimer(Timer::Bridge));
        }
        self.flow.eager = false;
        self.flow.paused = false;
        self.enter(Phase::Ready);
    }

    pub(super) fn notify(&mut self) {
        if !self.has_notified {
            self.has_notified = true;
            self.effects.push(Effect::Notify);
        }
    }
}
