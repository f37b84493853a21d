//! Whether anybody sees the page: hidden, seen again, out of the back/forward cache; and whether it is connected.

use super::{Flight, Phase, Step};
use crate::event::{Effect, Request, Timer};
use crate::schedule;

impl Step<'_> {
    pub(super) fn hidden(&mut self) {
        self.flow.hidden_since_ms = Some(self.now_ms);
        if self.flow.is_active() {
            self.effects.push(Effect::SetTimer(Timer::Hidden, schedule::HIDDEN_MS));
        }
    }

    /// Nobody has looked for long: stop asking. A submission under way is left to come to its end.
    pub(super) fn pause(&mut self) {
        if self.flow.hidden_since_ms.is_none() || self.flow.request().is_none() {
            return;
        }
        self.flow.paused = true;
        match self.flow.flight {
            Some(Flight { request: Request::Confirm | Request::Returned { .. }, .. }) => {}
            Some(Flight { request: Request::View { .. }, .. }) => self.drop_flight(),
            None => self.effects.push(Effect::ClearTimer(Timer::Request)),
        }
    }

    pub(super) fn visible(&mut self) {
        let Some(since_ms) = self.flow.hidden_since_ms.take() else {
            return;
        };
        self.effects.push(Effect::ClearTimer(Timer::Hidden));
        let was_paused = std::mem::take(&mut self.flow.paused);
        let was_away = was_paused || self.now_ms.saturating_sub(since_ms) >= schedule::AWAY_MS;
        match (self.flow.phase, self.flow.flight) {
            _ if !was_away => {}
            // The address opened an application beside this page, and the payer is back from there.
            (Phase::Leaving(departure), _) => self.come_back(departure),
            (_, Some(Flight { request: Request::Confirm | Request::Returned { .. }, .. })) => {}
            _ => self.ask_afresh(),
        }
    }

    pub(super) fn restored(&mut self) {
        self.flow.hidden_since_ms = None;
        self.flow.paused = false;
        // Being seen again is reported too, and may have led to a request a moment ago.
        let is_fresh =
            self.flow.flight.is_some_and(|flight| self.now_ms.saturating_sub(flight.sent_ms) < 1_000);
        match self.flow.phase {
            Phase::Leaving(departure) => self.come_back(departure),
            _ if is_fresh => {}
            _ => self.ask_afresh(),
        }
    }

    /// What was under way on the old connection may hang; a submission is left to its own guard.
    pub(super) fn online(&mut self) {
        if !matches!(
            self.flow.flight,
            Some(Flight { request: Request::Confirm | Request::Returned { .. }, .. })
        ) {
            self.ask_afresh();
        }
    }
}
