//! The machine: which phase a payment is in for this page. What each event does to it is told in five files:
//! what the caller [`wants`], what the signer [`answers`], what a wallet's [`bridge`] says, whether the page is in
//! [`sight`], and [`asking`].

mod answers;
mod asking;
mod bridge;
mod sight;
mod wants;

use countersign_core::PaymentStatus;

use crate::elsewhere::Elsewhere;
use crate::environment::Here;
use crate::event::{Effect, Event, Request, Timer};
use crate::outcome::Outcome;
use crate::schedule::{self, Backoff};
use crate::view::{BridgeResult, Departure, Trail, View};

/// What this page is doing about the payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Looking the payment up for the first time.
    Opening,
    /// Nothing is going on.
    Ready,
    /// Submitting.
    Confirming,
    /// The payer has to agree to be sent away for consent.
    Consenting,
    /// The browser was told to go to another page.
    Leaving(Departure),
    /// A wallet's bridge was called; watching meanwhile.
    Invoking,
    /// Telling the signer that the payer is back.
    Returning(Departure),
    /// Watching how it goes on.
    Following,
}

/// One payment in one page. Single-flight: there is never more than one request under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    here: Here,
    view: Option<View>,
    phase: Phase,
    trail: Trail,
    /// The next action is to be performed as soon as there is one: the payer pressed and nothing was done yet.
    eager: bool,
    hold_consent: bool,
    /// The bridge's last call since the payer pressed.
    call: Option<Call>,
    /// What the signer is told when the payer is back.
    hint: BridgeResult,
    flight: Option<Flight>,
    last_ticket: u32,
    troubles: u32,
    backoff: Backoff,
    /// The signer may hold the next look-up back until something changes.
    patient: bool,
    run_began_ms: i64,
    seen_until_ms: i64,
    hidden_since_ms: Option<i64>,
    paused: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Flight {
    ticket: u32,
    request: Request,
    sent_ms: i64,
}

/// One call of a bridge, and what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Call {
    ticket: u32,
    told: Option<BridgeResult>,
}

impl Flow {
    /// A payment of which nothing is known yet; [`Event::Open`] or [`Event::Returned`] comes first.
    pub fn new(here: Here) -> Self {
        Self {
            here,
            view: None,
            phase: Phase::Ready,
            trail: Trail::default(),
            eager: false,
            hold_consent: false,
            call: None,
            hint: BridgeResult::Unknown,
            flight: None,
            last_ticket: 0,
            troubles: 0,
            backoff: Backoff::default(),
            patient: true,
            run_began_ms: 0,
            seen_until_ms: i64::MIN,
            hidden_since_ms: None,
            paused: false,
        }
    }

    /// Takes an event and says what is to be done. `now_ms` is Unix time.
    pub fn step(&mut self, event: Event, now_ms: i64) -> Vec<Effect> {
        let mut step = Step { flow: self, now_ms, effects: Vec::new(), has_notified: false };
        step.take(event);
        step.effects
    }

    /// The payment as last described, once it was.
    pub fn view(&self) -> Option<&View> {
        self.view.as_ref()
    }

    /// What is going on.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Whether page events and timers still matter to it.
    pub fn is_active(&self) -> bool {
        self.phase != Phase::Ready
    }

    /// Whether the last request brought an answer.
    pub fn is_connected(&self) -> bool {
        self.troubles == 0
    }

    /// What the bridge said last, while that is of interest.
    pub fn bridge_result(&self) -> Option<BridgeResult> {
        self.call.and_then(|call| call.told)
    }

    /// Where the payment had better be opened, if not here.
    pub fn elsewhere(&self) -> Option<Elsewhere> {
        Elsewhere::than(self.here.environment, self.view.as_ref()?.method?)
    }

    /// Whether it cannot be paid here at all.
    fn is_misplaced(&self) -> bool {
        let method = self.view.as_ref().and_then(|view| view.method);
        method.is_some_and(|method| self.here.environment.rules_out(method).is_some())
    }

    fn status(&self) -> Option<PaymentStatus> {
        self.view.as_ref().and_then(|view| view.status)
    }

    fn outcome(&self) -> Option<Outcome> {
        self.status().and_then(Outcome::of)
    }

    fn request(&self) -> Option<Request> {
        match self.phase {
            Phase::Opening => Some(Request::View { after_revision: 0, wait_s: 0 }),
            Phase::Confirming => Some(Request::Confirm),
            Phase::Returning(_) => Some(Request::Returned { result: self.hint }),
            Phase::Invoking | Phase::Following => Some(Request::View {
                after_revision: self.view.as_ref().map_or(0, |view| view.revision),
                // After trouble an answer at once, held back or not: the payer is waiting to hear that it is over.
                wait_s: if self.patient && self.is_connected() { schedule::WAIT_S } else { 0 },
            }),
            Phase::Ready | Phase::Consenting | Phase::Leaving(_) => None,
        }
    }

    fn deadline_ms(&self) -> i64 {
        let expires_at_ms = self.view.as_ref().and_then(|view| view.expires_at_ms);
        schedule::deadline_ms(self.run_began_ms, expires_at_ms).max(self.seen_until_ms)
    }
}

/// One event on its way through the flow.
struct Step<'a> {
    flow: &'a mut Flow,
    now_ms: i64,
    effects: Vec<Effect>,
    has_notified: bool,
}

impl Step<'_> {
    fn take(&mut self, event: Event) {
        match event {
            Event::Open => self.begin(Phase::Opening),
            Event::Confirm { hold_consent } => self.confirm(hold_consent),
            Event::Proceed => self.proceed(),
            Event::Follow => self.follow(),
            Event::Returned { departure, trail, hold_consent } => {
                self.flow.trail = trail;
                self.flow.hold_consent = hold_consent;
                self.come_back(departure);
            }
            Event::Answered { ticket, result } => self.answered(ticket, result),
            Event::BridgeAnswered { ticket, result } => self.bridge_answered(ticket, result),
            Event::BridgeMissing { ticket } => self.bridge_missing(ticket),
            Event::Elapsed(Timer::Bridge) => self.bridge_silent(),
            Event::Elapsed(Timer::Request) => self.elapsed(),
            Event::Elapsed(Timer::Hidden) => self.pause(),
            Event::Hidden => self.hidden(),
            Event::Visible => self.visible(),
            Event::Restored => self.restored(),
            Event::Online => self.online(),
            Event::Abort => {
                if self.flow.phase != Phase::Ready {
                    self.end(Outcome::Aborted);
                }
            }
        }
    }
}
