//! Performs what the flow asks for.

use std::cell::RefCell;

use countersign_flow::{BridgeResult, Effect, Elsewhere, Event, Outcome, Problem, Request, Timer};
use js_sys::Object;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::AbortController;

use super::{Letter, Session};
use crate::memory::{self, Memory};
use crate::page::{self, PageListeners};
use crate::signer::{self, Answer, Call};
use crate::timeout::Timeout;
use crate::{failure, object, reading};

/// The method whose parameters are signed for the page's own address.
const SIGNED_FOR_PAGE: &str = "blueocean_wechat_hk_jsapi";

impl Session {
    pub(super) fn perform(&self, effect: Effect, body: &JsValue) {
        match effect {
            Effect::Send { ticket, request } => self.send(ticket, request),
            Effect::Cancel => {
                if let Some(controller) = self.0.in_flight.take() {
                    controller.abort();
                }
            }
            Effect::SetTimer(timer, after_ms) => self.set_timer(timer, after_ms),
            Effect::ClearTimer(timer) => drop(self.timer(timer).take()),
            Effect::Adopt => {
                *self.0.view.borrow_mut() = body.clone();
                if let Some(opener) = self.0.opener.take() {
                    opener.resolve(&JsValue::UNDEFINED);
                }
            }
            Effect::Save { departure, trail } => memory::remember(&Memory {
                target: self.0.target.clone(),
                locale: self.0.settings.locale.clone(),
                departure,
                trail,
            }),
            Effect::Forget => memory::forget(&self.0.target.payment_id),
            Effect::Navigate(url) => page::go(&url),
            Effect::CallBridge { ticket } => self.call_bridge(ticket),
            Effect::Notify => self.notify(),
            Effect::Finish(outcome) => self.finish(outcome),
            Effect::Reject(problem) => self.reject(&failure::of(&problem)),
        }
    }

    fn send(&self, ticket: u32, request: Request) {
        let Ok(controller) = AbortController::new() else {
            return self.handle(Event::Answered { ticket, result: Err(Problem::Unreachable) });
        };
        let signal = controller.signal();
        *self.0.in_flight.borrow_mut() = Some(controller);
        let session = self.clone();
        let tells_page = request == Request::Confirm
            && reading::method(&self.0.view.borrow()).is_some_and(|name| name == SIGNED_FOR_PAGE);
        let call = Call { target: &self.0.target, request, tells_page };
        signer::ask(&call, &signal, move |answer| {
            // An answer to a request that was cancelled carries an old ticket and is dropped by the flow.
            let (result, body) = match answer {
                Ok(Answer { view, body }) => (Ok(view), body),
                Err(problem) => (Err(problem), JsValue::UNDEFINED),
            };
            session.deliver(Letter { event: Event::Answered { ticket, result }, body, waiter: None });
        });
    }

    fn call_bridge(&self, ticket: u32) {
        let session = self.downgrade();
        let report = Closure::<dyn FnMut(JsValue)>::new(move |word: JsValue| {
            let word = word.as_string().unwrap_or_default();
            session.handle(match word.as_str() {
                "missing" => Event::BridgeMissing { ticket },
                word => Event::BridgeAnswered { ticket, result: BridgeResult::parse(word) },
            });
        });
        let action = object::get(&self.view(), "next_action");
        let bridge = self.0.settings.bridge.as_ref();
        let called = bridge.is_some_and(|bridge| {
            bridge.call2(&JsValue::UNDEFINED, &action, &report.into_js_value()).is_ok()
        });
        if !called {
            self.handle(Event::BridgeMissing { ticket });
        }
    }

    fn timer(&self, timer: Timer) -> &RefCell<Option<Timeout>> {
        match timer {
            Timer::Request => &self.0.request_timer,
            Timer::Hidden => &self.0.hidden_timer,
            Timer::Bridge => &self.0.bridge_timer,
        }
    }

    fn set_timer(&self, timer: Timer, after_ms: u32) {
        let session = self.clone();
        let timeout = Timeout::new(after_ms, move || {
            drop(session.timer(timer).take());
            session.handle(Event::Elapsed(timer));
        });
        let _old = self.timer(timer).replace(Some(timeout));
    }

    /// Listens to the page while something is under way, which also keeps the session alive that long.
    pub(super) fn listen_to_page(&self) {
        let is_active = self.0.flow.borrow().is_active();
        let is_listening = self.0.page.borrow().is_some();
        if is_active && !is_listening {
            let session = self.clone();
            let listeners = PageListeners::new(move |event| session.handle(event));
            *self.0.page.borrow_mut() = Some(listeners);
            if page::is_hidden_now() {
                self.handle(Event::Hidden);
            }
        } else if !is_active && is_listening {
            drop(self.0.page.take());
        }
    }

    fn notify(&self) {
        let state = Object::new();
        object::set(&state, "step", &JsValue::from_str(self.step()));
        object::set(&state, "connected", &JsValue::from_bool(self.is_connected()));
        if let Some(word) = self.bridge_result() {
            object::set(&state, "bridge", &JsValue::from_str(word));
        }
        self.0.listeners.call(&self.view(), &state);
    }

    fn finish(&self, outcome: Outcome) {
        let ended = Object::new();
        let view = self.view();
        object::set(&ended, "status", &JsValue::from_str(outcome.as_str()));
        object::set(&ended, "view", &view);
        if outcome == Outcome::WrongEnvironment {
            // The signer may rule out what is not known here to be.
            let there = self.0.flow.borrow().elsewhere().unwrap_or(Elsewhere::Browser);
            object::set(&ended, "openIn", &JsValue::from_str(there.as_str()));
        }
        let why = object::get(&view, "failure");
        if why.is_object() {
            object::set(&ended, "failure", &why);
        }
        self.0.run_signals.borrow_mut().clear();
        for waiter in self.0.waiters.take() {
            waiter.resolve(&ended);
        }
        // Ended before it was ever seen: there is no payment to hand out.
        if let Some(opener) = self.0.opener.take() {
            let error = match outcome {
                Outcome::Unauthorized => failure::unauthorized(),
                Outcome::Aborted => failure::aborted(),
                _ => failure::of(&Problem::Unreachable),
            };
            opener.reject(&error);
        }
    }

    fn reject(&self, error: &JsValue) {
        self.0.run_signals.borrow_mut().clear();
        for waiter in self.0.waiters.take().into_iter().chain(self.0.opener.take()) {
            waiter.reject(error);
        }
    }
}
