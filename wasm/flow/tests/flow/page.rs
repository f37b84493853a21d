//! A page on which the flow runs by hand: the test plays signer, payer, clock and browser.

use countersign_core::PaymentStatus;
use countersign_flow::{
    Action, BridgeResult, Departure, Effect, Environment, Event, Flow, Here, Outcome, Phase, Problem,
    Request, Timer, Trail, View,
};

pub(crate) const DESKTOP: Here = here(Environment::Desktop);

pub(crate) const EXPIRES_AT_MS: i64 = 900_000;

pub(crate) const LONG_POLL_OF_2: Option<Request> = Some(Request::View { after_revision: 2, wait_s: 25 });
/// The same, answered at once.
pub(crate) const LOOK_AT_2: Option<Request> = Some(Request::View { after_revision: 2, wait_s: 0 });
pub(crate) const RETURNED: Request = Request::Returned { result: BridgeResult::Unknown };
pub(crate) const UNREACHABLE: Problem = Problem::Unreachable;

pub(crate) const fn here(environment: Environment) -> Here {
    Here { environment, in_mini_program: false }
}

pub(crate) fn view(status: PaymentStatus, revision: u64) -> View {
    View { method: None, status: Some(status), revision, action: None, expires_at_ms: Some(EXPIRES_AT_MS) }
}

pub(crate) fn requiring(action: Action, revision: u64) -> View {
    View { action: Some(action), ..view(PaymentStatus::RequiresAction, revision) }
}

pub(crate) fn leave(departure: Departure) -> Action {
    Action::Leave { departure, url: Some("https://wallet.example/page".to_owned()) }
}

/// A page that was loaded after the payer had been away.
pub(crate) fn back(departure: Departure, trail: Trail) -> Page {
    Page::returned(Event::Returned { departure, trail, hold_consent: false })
}

/// What one event led to.
#[derive(Debug)]
pub(crate) struct Turn(pub(crate) Vec<Effect>);

impl Turn {
    pub(crate) fn request(&self) -> Option<Request> {
        self.0.iter().find_map(|effect| match effect {
            Effect::Send { request, .. } => Some(*request),
            _ => None,
        })
    }

    pub(crate) fn timer_ms(&self, timer: Timer) -> Option<u32> {
        self.0.iter().find_map(|effect| match effect {
            Effect::SetTimer(which, after_ms) if *which == timer => Some(*after_ms),
            _ => None,
        })
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.0.iter().find_map(|effect| match effect {
            Effect::Finish(outcome) => Some(*outcome),
            _ => None,
        })
    }

    pub(crate) fn has(&self, wanted: &Effect) -> bool {
        self.0.contains(wanted)
    }

    pub(crate) fn saves(&self, wanted: Departure) -> bool {
        self.0.iter().any(|effect| matches!(effect, Effect::Save { departure, .. } if *departure == wanted))
    }

    /// The ticket under which the bridge is called.
    pub(crate) fn call(&self) -> Option<u32> {
        self.0.iter().find_map(|effect| match effect {
            Effect::CallBridge { ticket } => Some(*ticket),
            _ => None,
        })
    }

    pub(crate) fn destination(&self) -> Option<&str> {
        self.0.iter().find_map(|effect| match effect {
            Effect::Navigate(url) => Some(url.as_str()),
            _ => None,
        })
    }
}

pub(crate) struct Page {
    pub(crate) flow: Flow,
    pub(crate) now_ms: i64,
    ticket: u32,
}

impl Page {
    /// A page on which the payment was opened and stands like this.
    pub(crate) fn open(view: View) -> Self {
        Self::open_in(DESKTOP, view)
    }

    pub(crate) fn open_in(here: Here, view: View) -> Self {
        let mut page = Self::opening(here);
        page.answer(view);
        page
    }

    /// A page that is waiting for its first look.
    pub(crate) fn opening(here: Here) -> Self {
        let mut page = Self { flow: Flow::new(here), now_ms: 0, ticket: 0 };
        let turn = page.event(Event::Open);
        assert_eq!(turn.request(), Some(Request::View { after_revision: 0, wait_s: 0 }));
        page
    }

    /// A page that was loaded after the payer had been away.
    pub(crate) fn returned(event: Event) -> Self {
        let mut page = Self { flow: Flow::new(DESKTOP), now_ms: 0, ticket: 0 };
        let turn = page.event(event);
        assert_eq!(turn.request(), Some(RETURNED));
        page
    }

    pub(crate) fn event(&mut self, event: Event) -> Turn {
        let turn = Turn(self.flow.step(event, self.now_ms));
        for effect in &turn.0 {
            if let Effect::Send { ticket, .. } = effect {
                self.ticket = *ticket;
            }
        }
        turn
    }

    pub(crate) fn after(&mut self, pause_ms: i64) -> &mut Self {
        self.now_ms += pause_ms;
        self
    }

    pub(crate) fn press(&mut self) -> Turn {
        self.event(Event::Confirm { hold_consent: false })
    }

    pub(crate) fn bridge(&mut self, ticket: u32, result: BridgeResult) -> Turn {
        self.event(Event::BridgeAnswered { ticket, result })
    }

    pub(crate) fn answer(&mut self, view: View) -> Turn {
        let ticket = self.ticket;
        self.event(Event::Answered { ticket, result: Ok(view) })
    }

    pub(crate) fn fail(&mut self, problem: Problem) -> Turn {
        let ticket = self.ticket;
        self.event(Event::Answered { ticket, result: Err(problem) })
    }

    /// Presses and answers so that the page is following at `view`.
    pub(crate) fn following(view: View) -> Self {
        let mut page = Self::open(self::view(PaymentStatus::Created, 1));
        assert_eq!(page.press().request(), Some(Request::Confirm));
        page.answer(view);
        assert_eq!(page.flow.phase(), Phase::Following);
        page
    }
}
