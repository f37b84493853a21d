//! One payment in this page: hands events to the flow, one at a time, and performs what it asks for.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use countersign_flow::{Effect, Event, Flow, Outcome, Phase, Problem, Request, Timer};
use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use js_sys::{Date, Function, Object, Promise};
use wasm_bindgen::JsValue;
use web_sys::{AbortController, AbortSignal};

use crate::listeners::Listeners;
use crate::memory::{self, Memory};
use crate::page::{self, PageListeners};
use crate::signer::{self, Answer, Target};
use crate::waiter::Waiter;
use crate::{failure, object};

/// A handle to one payment; clones are the same payment. It lives on while something is under way.
#[derive(Clone)]
pub struct Session(Rc<Inner>);

struct Inner {
    target: Target,
    locale: Option<String>,
    flow: RefCell<Flow>,
    /// Events in their order: what a listener does in the middle of an effect waits its turn.
    inbox: RefCell<Vec<Letter>>,
    is_stepping: Cell<bool>,
    view: RefCell<JsValue>,
    opened: Promise,
    opener: RefCell<Option<Waiter>>,
    waiters: RefCell<Vec<Waiter>>,
    listeners: Listeners,
    in_flight: RefCell<Option<AbortController>>,
    request_timer: RefCell<Option<Timeout>>,
    hidden_timer: RefCell<Option<Timeout>>,
    page: RefCell<Option<PageListeners>>,
    /// The signals that end this session, and those that end what waits now.
    session_signal: RefCell<Option<EventListener>>,
    run_signals: RefCell<Vec<EventListener>>,
}

/// An event, with the object it was read from, and who waits for what comes of it.
struct Letter {
    event: Event,
    body: JsValue,
    waiter: Option<Waiter>,
}

impl Session {
    /// A payment to look up.
    pub fn open(target: Target, locale: Option<String>, signal: Option<&AbortSignal>) -> Self {
        Self::begin(target, locale, signal, Event::Open)
    }

    /// A payment that the payer comes back to.
    pub fn resume(memory: Memory, hold_consent: bool, signal: Option<&AbortSignal>) -> Self {
        let Memory { target, locale, departure, trail } = memory;
        Self::begin(target, locale, signal, Event::Returned { departure, trail, hold_consent })
    }

    fn begin(target: Target, locale: Option<String>, signal: Option<&AbortSignal>, first: Event) -> Self {
        let (opened, opener) = Waiter::new();
        let session = Self(Rc::new(Inner {
            target,
            locale,
            flow: RefCell::new(Flow::new()),
            inbox: RefCell::default(),
            is_stepping: Cell::new(false),
            view: RefCell::new(JsValue::NULL),
            opened,
            opener: RefCell::new(opener),
            waiters: RefCell::default(),
            listeners: Listeners::default(),
            in_flight: RefCell::default(),
            request_timer: RefCell::default(),
            hidden_timer: RefCell::default(),
            page: RefCell::default(),
            session_signal: RefCell::default(),
            run_signals: RefCell::default(),
        }));
        session.handle(first);
        *session.0.session_signal.borrow_mut() = signal.and_then(|signal| session.abort_on(signal));
        session
    }

    /// Kept once the payment was found; broken when it does not open, or the signer cannot be reached.
    pub fn opened(&self) -> Promise {
        self.0.opened.clone()
    }

    /// The payment as the signer last described it.
    pub fn view(&self) -> JsValue {
        self.0.view.borrow().clone()
    }

    /// Whose payment, and which.
    pub fn target(&self) -> &Target {
        &self.0.target
    }

    /// The language asked for.
    pub fn locale(&self) -> Option<String> {
        self.0.locale.clone()
    }

    /// What is going on, in a word.
    pub fn step(&self) -> &'static str {
        let flow = self.0.flow.borrow();
        match flow.phase() {
            Phase::Opening => "opening",
            Phase::Ready if flow.view().is_some_and(countersign_flow::View::is_settled) => "closed",
            Phase::Ready => "ready",
            Phase::Confirming => "confirming",
            Phase::Consenting => "consent",
            Phase::Leaving(_) => "leaving",
            Phase::Returning(_) => "returning",
            Phase::Following => "following",
        }
    }

    /// Whether the last request brought an answer.
    pub fn is_connected(&self) -> bool {
        self.0.flow.borrow().is_connected()
    }

    /// Calls `call` with every change until what is returned is called.
    pub fn on_change(&self, call: Function) -> Function {
        self.0.listeners.add(call)
    }

    /// Submits the payment and sees it through; the promise is kept with an outcome.
    pub fn confirm(&self, hold_consent: bool, signal: Option<&AbortSignal>) -> Promise {
        self.wait(Event::Confirm { hold_consent }, signal)
    }

    /// Watches the payment to its end; the promise is kept with an outcome.
    pub fn follow(&self, signal: Option<&AbortSignal>) -> Promise {
        self.wait(Event::Follow, signal)
    }

    /// Performs the present next action if that is to go to another page.
    pub fn proceed(&self) {
        self.handle(Event::Proceed);
    }

    /// Stops waiting.
    pub fn abort(&self) {
        self.handle(Event::Abort);
    }

    fn wait(&self, event: Event, signal: Option<&AbortSignal>) -> Promise {
        let (ended, waiter) = Waiter::new();
        self.deliver(Letter { event, body: JsValue::UNDEFINED, waiter });
        if let Some(signal) = signal
            && let Some(listener) = self.abort_on(signal)
        {
            self.0.run_signals.borrow_mut().push(listener);
        }
        ended
    }

    /// Aborts now if the signal says so, else when it will.
    fn abort_on(&self, signal: &AbortSignal) -> Option<EventListener> {
        if signal.aborted() {
            self.abort();
            return None;
        }
        let session = self.downgrade();
        Some(EventListener::new(signal, "abort", move |_| session.handle(Event::Abort)))
    }

    fn downgrade(&self) -> WeakSession {
        WeakSession(Rc::downgrade(&self.0))
    }

    fn handle(&self, event: Event) {
        self.deliver(Letter { event, body: JsValue::UNDEFINED, waiter: None });
    }

    fn deliver(&self, letter: Letter) {
        self.0.inbox.borrow_mut().push(letter);
        if self.0.is_stepping.replace(true) {
            return;
        }
        loop {
            let inbox = self.0.inbox.take();
            if inbox.is_empty() {
                break;
            }
            for Letter { event, body, waiter } in inbox {
                self.0.waiters.borrow_mut().extend(waiter);
                let effects = self.0.flow.borrow_mut().step(event, Date::now() as i64);
                for effect in effects {
                    self.perform(effect, &body);
                }
                self.listen_to_page();
            }
        }
        self.0.is_stepping.set(false);
    }

    fn perform(&self, effect: Effect, body: &JsValue) {
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
                locale: self.0.locale.clone(),
                departure,
                trail,
            }),
            Effect::Forget => memory::forget(&self.0.target.payment_id),
            Effect::Navigate(url) => page::go(&url),
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
        signer::ask(&self.0.target, request, &signal, move |answer| {
            // An answer to a request that was cancelled carries an old ticket and is dropped by the flow.
            let (result, body) = match answer {
                Ok(Answer { view, body }) => (Ok(view), body),
                Err(problem) => (Err(problem), JsValue::UNDEFINED),
            };
            session.deliver(Letter { event: Event::Answered { ticket, result }, body, waiter: None });
        });
    }

    fn timer(&self, timer: Timer) -> &RefCell<Option<Timeout>> {
        match timer {
            Timer::Request => &self.0.request_timer,
            Timer::Hidden => &self.0.hidden_timer,
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
    fn listen_to_page(&self) {
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
        self.0.listeners.call(&self.view(), &state);
    }

    fn finish(&self, outcome: Outcome) {
        let ended = Object::new();
        let view = self.view();
        object::set(&ended, "status", &JsValue::from_str(outcome.as_str()));
        object::set(&ended, "view", &view);
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

/// Does not keep the session alive.
struct WeakSession(Weak<Inner>);

impl WeakSession {
    fn handle(&self, event: Event) {
        if let Some(inner) = self.0.upgrade() {
            Session(inner).handle(event);
        }
    }
}
