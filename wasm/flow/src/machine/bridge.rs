//! A wallet's bridge: called once for each wish of the payer, listened to, and believed in nothing.

use super::{Call, Phase, Step};
use crate::event::{Effect, Timer};
use crate::outcome::Outcome;
use crate::schedule;
use crate::view::{BridgeResult, Departure};

impl Step<'_> {
    /// Calls the bridge, and watches meanwhile: some wallets never call back.
    pub(super) fn call_bridge(&mut self) {
        if self.flow.is_misplaced() {
            return self.end(Outcome::WrongEnvironment);
        }
        // The page only carries the payload; the mini program around it has to pay.
        if self.flow.here.in_mini_program {
            return self.end(Outcome::Unsupported);
        }
        // It said "ok" while the payer pressed once more.
        if self.flow.bridge_result() == Some(BridgeResult::Ok) {
            return self.tell_signer(BridgeResult::Ok);
        }
        self.drop_flight();
        self.flow.eager = false;
        let ticket = self.next_ticket();
        self.flow.call = Some(Call { ticket, told: None });
        self.enter(Phase::Invoking);
        // WeChat may put a page of its own in this one's place when the payer has paid.
        self.save(Departure::Pay);
        self.ask();
        // It was too late to ask, and so it is to pay.
        if self.flow.phase == Phase::Invoking {
            self.effects.push(Effect::CallBridge { ticket });
            self.effects.push(Effect::SetTimer(Timer::Bridge, schedule::BRIDGE_MS));
        }
    }

    /// The first word counts, and "ok" counts whenever it comes: WeChat was seen to say "cancel" first and "ok"
    /// afterwards. Anything else is a repetition.
    pub(super) fn bridge_answered(&mut self, ticket: u32, result: BridgeResult) {
        let Some(call) = &mut self.flow.call else {
            return;
        };
        let is_news = match call.told {
            None => call.ticket == ticket || result == BridgeResult::Ok,
            Some(told) => told != BridgeResult::Ok && result == BridgeResult::Ok,
        };
        if !is_news {
            return;
        }
        call.told = Some(result);
        self.effects.push(Effect::ClearTimer(Timer::Bridge));
        if matches!(self.flow.phase, Phase::Invoking | Phase::Following | Phase::Returning(_)) {
            self.tell_signer(result);
        }
    }

    pub(super) fn bridge_missing(&mut self, ticket: u32) {
        let is_awaited = self.flow.call == Some(Call { ticket, told: None });
        if is_awaited && matches!(self.flow.phase, Phase::Invoking | Phase::Following | Phase::Returning(_)) {
            self.end(Outcome::Unsupported);
        }
    }

    /// It said nothing for long: the payer may be back without its word, so have the gateway asked.
    pub(super) fn bridge_silent(&mut self) {
        if self.flow.phase == Phase::Invoking {
            self.tell_signer(BridgeResult::Unknown);
        }
    }

    fn tell_signer(&mut self, hint: BridgeResult) {
        self.drop_flight();
        self.flow.eager = false;
        self.flow.hint = hint;
        self.flow.backoff.reset();
        self.enter(Phase::Returning(Departure::Pay));
        self.ask();
    }
}
