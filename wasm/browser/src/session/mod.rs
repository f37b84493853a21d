//! One payment in this page: hands events to the flow, one at a time. What the flow asks for is performed in
//! [`effects`].

mod effects;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use countersign_flow::{BridgeResult, Event, Flow, Phase};
use js_sys::{Date, Function, Promise};
use wasm_bindgen::JsValue;
use web_sys::{AbortController, AbortSignal};

use crate::environment;
use crate::listener::Listener;
use crate::listeners::Listeners;
use crate::memory::Memory;
use crate::page::PageListeners;
use crate::signer::Target;
use crate::timeout::Timeout;
use crate::waiter::Waiter;

/// A handle to one payment; clones are the same payment. It lives on while something is under way.
#[derive(Clone)]
pub struct Session(Rc<Inner>);

struct Inner {
    target: Target,
    settings: Settings,
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
    bridge_timer: RefCell<Option<Timeout>>,
    page: RefCell<Option<PageListeners>>,
    /// The signals that end this session, and those that end what waits now.
    session_signal: RefCell<Option<Listener>>,
    run_signals: RefCell<Vec<Listener>>,
}

/// What the page chose for its payment.
#[derive(Clone, Default)]
pub struct Settings {
    /// The language asked for.
    pub locale: Option<String>,
    /// Calls WeChat's bridge: `(action, report)`, where `report` takes `"ok"`, `"cancel"`, `"fail"` or `"unknown"`,
    /// as often as the bridge speaks, and `"missing"` when there is none. Without it every bridge is missing.
    pub bridge: Option<Function>,
}

/// An event, with the object it was read from, and who waits for what comes of it.
struct Letter {
    event: Event,
    body: JsValue,
    waiter: Option<Waiter>,
}

impl Session {
    /// A payment to look up.
    pub fn open(target: Target, settings: Settings, signal: Option<&AbortSignal>) -> Self {
        Self::begin(target, settings, signal, Event::Open)
    }

    /// A payment that the payer comes back to, in the language in which they left.
    pub fn resume(
        memory: Memory,
        bridge: Option<Function>,
        hold_consent: bool,
        signal: Option<&AbortSignal>,
    ) -> Self {
        let Memory { target, locale, departure, trail } = memory;
        Self::begin(
            target,
            Settings { locale, bridge },
            signal,
            Event::Returned { departure, trail, hold_consent },
        )
    }

    fn begin(target: Target, settings: Settings, signal: Option<&AbortSignal>, first: Event) -> Self {
        let (opened, opener) = Waiter::new();
        let session = Self(Rc::new(Inner {
            target,
            settings,
            flow: RefCell::new(Flow::new(environment::here())),
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
            bridge_timer: RefCell::default(),
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
        self.0.settings.locale.clone()
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
            Phase::Invoking => "invoking",
            Phase::Returning(_) => "returning",
            Phase::Following => "following",
        }
    }

    /// Whether the last request brought an answer.
    pub fn is_connected(&self) -> bool {
        self.0.flow.borrow().is_connected()
    }

    /// What WeChat's bridge said last, in a word.
    pub fn bridge_result(&self) -> Option<&'static str> {
        self.0.flow.borrow().bridge_result().map(BridgeResult::as_str)
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

    /// Performs the present next action, if that is to go to another page or to call WeChat's bridge.
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
    fn abort_on(&self, signal: &AbortSignal) -> Option<Listener> {
        if signal.aborted() {
            self.abort();
            return None;
        }
        let session = self.downgrade();
        Some(Listener::new(signal, "abort", move |_| session.handle(Event::Abort)))
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
