//! What holds for every order of events.

use countersign_core::{MethodType, PaymentStatus};
use countersign_flow::{
    Action, BridgeResult, Departure, Effect, Environment, Event, Flow, Here, Outcome, Phase, Problem,
    Request, Timer, Trail, View,
};
use proptest::prelude::*;

/// An event whose answer belongs to the request under way, if there is one.
#[derive(Clone, Debug)]
enum Move {
    Event(Event),
    Answer(Result<View, Problem>),
    StaleAnswer(Result<View, Problem>),
    /// From the bridge's last call, or from one before it.
    BridgeWord {
        is_last: bool,
        result: Option<BridgeResult>,
    },
}

fn status() -> impl Strategy<Value = Option<PaymentStatus>> {
    // Open statuses are more frequent, so that runs are long.
    prop_oneof![
        6 => prop::sample::select(vec![
            PaymentStatus::Created, PaymentStatus::RequiresAction, PaymentStatus::Processing,
        ]).prop_map(Some),
        1 => prop::sample::select(PaymentStatus::ALL).prop_map(Some),
        1 => Just(None),
    ]
}

fn departure() -> impl Strategy<Value = Departure> {
    prop::sample::select(vec![Departure::Pay, Departure::Login, Departure::Consent])
}

fn action() -> impl Strategy<Value = Action> {
    let address = prop::option::weighted(0.9, Just("https://wallet.example/".to_owned()));
    prop_oneof![
        4 => (departure(), address).prop_map(|(departure, url)| Action::Leave { departure, url }),
        2 => Just(Action::ShowCode),
        3 => Just(Action::CallBridge),
        1 => Just(Action::NativeApp),
        1 => Just(Action::Unknown),
    ]
}

/// Mostly one that works everywhere, so that runs are long.
fn method() -> impl Strategy<Value = Option<MethodType>> {
    prop_oneof![4 => Just(None), 1 => prop::sample::select(MethodType::ALL).prop_map(Some)]
}

fn view() -> impl Strategy<Value = View> {
    let expiry = prop::option::of(0..2_000_000_i64);
    (method(), status(), 1..20_u64, prop::option::of(action()), expiry).prop_map(
        |(method, status, revision, action, expires_at_ms)| View {
            method,
            status,
            revision,
            action,
            expires_at_ms,
        },
    )
}

fn here() -> impl Strategy<Value = Here> {
    let environment = prop::sample::select(Environment::ALL);
    (environment, prop::bool::weighted(0.1))
        .prop_map(|(environment, in_mini_program)| Here { environment, in_mini_program })
}

fn bridge_word() -> impl Strategy<Value = Move> {
    use BridgeResult::{Cancel, Fail, Ok, Unknown};
    let result = prop::option::weighted(0.8, prop::sample::select(vec![Ok, Cancel, Fail, Unknown]));
    (prop::bool::weighted(0.8), result).prop_map(|(is_last, result)| Move::BridgeWord { is_last, result })
}

fn problem() -> impl Strategy<Value = Problem> {
    prop_oneof![
        4 => Just(Problem::Unreachable),
        2 => Just(Problem::Unreadable),
        2 => prop::option::of(any::<u32>()).prop_map(|retry_after_ms| Problem::Unavailable { retry_after_ms }),
        1 => Just(Problem::Refused { status: 409, code: "not_confirmable".to_owned() }),
        1 => Just(Problem::Refused { status: 422, code: String::new() }),
        1 => Just(Problem::Misplaced),
        1 => Just(Problem::Unauthorized),
    ]
}

fn answer() -> impl Strategy<Value = Result<View, Problem>> {
    prop_oneof![3 => view().prop_map(Ok), 1 => problem().prop_map(Err)]
}

fn a_move() -> impl Strategy<Value = Move> {
    let page = prop::sample::select(vec![
        Event::Proceed,
        Event::Follow,
        Event::Hidden,
        Event::Visible,
        Event::Restored,
        Event::Online,
        Event::Abort,
        Event::Elapsed(Timer::Request),
        Event::Elapsed(Timer::Hidden),
        Event::Elapsed(Timer::Bridge),
        Event::Confirm { hold_consent: false },
        Event::Confirm { hold_consent: true },
    ]);
    prop_oneof![
        4 => page.prop_map(Move::Event),
        6 => answer().prop_map(Move::Answer),
        2 => bridge_word(),
        1 => answer().prop_map(Move::StaleAnswer),
    ]
}

fn first() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Open),
        (departure(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
            |(departure, login, consent, hold_consent)| Event::Returned {
                departure,
                trail: Trail { login, consent }.with(departure),
                hold_consent,
            }
        ),
    ]
}

/// Watches the effects and knows what must never be.
#[derive(Default)]
struct Witness {
    in_flight: Option<(u32, Request)>,
    request_timer: bool,
    bridge_timer: bool,
    adopted: Option<View>,
    consent_departures: u32,
    /// Pages and wallets that were opened since the payer last pressed.
    steps: u32,
    last_call: Option<u32>,
}

impl Witness {
    fn see(&mut self, event: &Event, effects: &[Effect]) {
        if matches!(event, Event::Confirm { .. } | Event::Proceed) {
            self.consent_departures = 0;
            self.steps = 0;
        }
        match event {
            Event::Answered { ticket, .. } if self.in_flight.is_some_and(|(open, _)| open == *ticket) => {
                self.in_flight = None;
            }
            Event::Elapsed(Timer::Request) => self.request_timer = false,
            Event::Elapsed(Timer::Bridge) => self.bridge_timer = false,
            _ => {}
        }
        let mut saved = false;
        for effect in effects {
            match effect {
                Effect::Send { ticket, request } => {
                    assert_eq!(self.in_flight, None, "two requests at once");
                    self.in_flight = Some((*ticket, *request));
                }
                Effect::Cancel => assert!(self.in_flight.take().is_some(), "nothing to cancel"),
                Effect::SetTimer(Timer::Request, _) => self.request_timer = true,
                Effect::ClearTimer(Timer::Request) => self.request_timer = false,
                Effect::SetTimer(Timer::Bridge, _) => self.bridge_timer = true,
                Effect::ClearTimer(Timer::Bridge) => self.bridge_timer = false,
                Effect::Adopt => self.adopt(event),
                Effect::Save { departure, .. } => {
                    saved = true;
                    if *departure == Departure::Consent {
                        self.consent_departures += 1;
                        assert!(self.consent_departures <= 1, "sent for consent in a circle");
                    }
                }
                Effect::Navigate(url) => {
                    assert!(saved && countersign_flow::destination::is_web(url));
                    assert_eq!(self.in_flight, None, "left with a request under way");
                    self.stepped();
                }
                Effect::CallBridge { ticket } => {
                    assert!(saved, "called a wallet that may replace the page, and did not remember");
                    self.last_call = Some(*ticket);
                    self.stepped();
                }
                Effect::Finish(outcome) => self.finished(*outcome),
                Effect::Reject(_)
                | Effect::Notify
                | Effect::Forget
                | Effect::SetTimer(Timer::Hidden, _)
                | Effect::ClearTimer(Timer::Hidden) => {}
            }
        }
    }

    fn stepped(&mut self) {
        self.steps += 1;
        assert!(self.steps <= 3, "login, consent, payment: more is a circle");
    }

    fn adopt(&mut self, event: &Event) {
        let Event::Answered { result: Ok(view), .. } = event else { panic!("adopted without an answer") };
        if let Some(known) = &self.adopted {
            assert!(view.revision >= known.revision, "went back in time");
        }
        self.adopted = Some(view.clone());
    }

    fn finished(&self, outcome: Outcome) {
        let status = self.adopted.as_ref().and_then(|view| view.status);
        match outcome {
            Outcome::Succeeded
            | Outcome::Expired
            | Outcome::Canceled
            | Outcome::Refunded
            | Outcome::Review => {
                assert_eq!(
                    status.map(PaymentStatus::as_str),
                    Some(outcome.as_str()),
                    "an end nobody told us"
                );
            }
            Outcome::Failed => assert!(
                matches!(status, Some(PaymentStatus::Failed | PaymentStatus::RequiresAction)),
                "money may be on its way, yet it is called failed: {status:?}"
            ),
            Outcome::Redirecting
            | Outcome::Aborted
            | Outcome::Unsupported
            | Outcome::WrongEnvironment
            | Outcome::Unauthorized
            | Outcome::Pending => {}
        }
    }

    /// Whoever waits for an end has something under way that brings it, unless nobody looks.
    fn is_alive(&self, flow: &Flow, was_hidden: bool) {
        let asks = matches!(
            flow.phase(),
            Phase::Opening | Phase::Confirming | Phase::Returning(_) | Phase::Following | Phase::Invoking
        );
        if asks && !was_hidden {
            assert!(self.in_flight.is_some() || self.request_timer, "stuck in {:?}", flow.phase());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_events_breaks_the_promises(
        here in here(),
        first in first(),
        moves in prop::collection::vec((a_move(), 0..40_000_i64), 0..60),
    ) {
        let mut flow = Flow::new(here);
        let mut witness = Witness::default();
        let mut now_ms = 0;
        let mut is_hidden = false;
        let effects = flow.step(first.clone(), now_ms);
        witness.see(&first, &effects);
        for (next, pause_ms) in moves {
            now_ms += pause_ms;
            let event = match next {
                // Timers that do not run cannot fire.
                Move::Event(Event::Elapsed(Timer::Request)) if !witness.request_timer => continue,
                Move::Event(Event::Elapsed(Timer::Bridge)) if !witness.bridge_timer => continue,
                Move::Event(event) => event,
                Move::BridgeWord { is_last, result } => {
                    let Some(last) = witness.last_call else { continue };
                    let ticket = if is_last { last } else { last.wrapping_sub(1) };
                    match result {
                        Some(result) => Event::BridgeAnswered { ticket, result },
                        None => Event::BridgeMissing { ticket },
                    }
                }
                Move::Answer(result) => match witness.in_flight {
                    Some((ticket, _)) => Event::Answered { ticket, result },
                    None => continue,
                },
                Move::StaleAnswer(result) => Event::Answered { ticket: 0, result },
            };
            match event {
                Event::Hidden => is_hidden = true,
                Event::Visible | Event::Restored => is_hidden = false,
                _ => {}
            }
            let effects = flow.step(event.clone(), now_ms);
            witness.see(&event, &effects);
            witness.is_alive(&flow, is_hidden);
        }
    }
}
