//! Submitting, doing what is to be done, and how it ends.

use countersign_core::MethodType::BlueoceanMicropay;
use countersign_core::PaymentStatus::{self, *};
use countersign_flow::{
    Action, Departure, Effect, Event, Outcome, Phase, Problem, Request, Timer, Trail, View,
};

use crate::page::{DESKTOP, EXPIRES_AT_MS, LONG_POLL_OF_2, Page, UNREACHABLE, back, leave, requiring, view};

#[test]
fn pays_without_leaving_the_page() {
    let mut page = Page::open(view(Created, 1));
    assert_eq!(page.press().request(), Some(Request::Confirm));
    let turn = page.answer(view(Processing, 2));
    assert_eq!(turn.request(), LONG_POLL_OF_2);
    let turn = page.after(4_000).answer(view(Succeeded, 3));
    assert_eq!(turn.outcome(), Some(Outcome::Succeeded));
    assert!(turn.has(&Effect::Adopt) && turn.has(&Effect::Notify) && turn.has(&Effect::Forget));
    assert_eq!(page.flow.phase(), Phase::Ready);
}

#[test]
fn pressing_twice_is_one_request() {
    let mut page = Page::open(view(Created, 1));
    assert_eq!(page.press().request(), Some(Request::Confirm));
    assert!(page.press().0.is_empty());
    assert!(page.press().0.is_empty());
}

#[test]
fn saves_before_it_sends_the_payer_to_the_gateway() {
    let mut page = Page::open(view(Created, 1));
    page.press();
    let turn = page.answer(requiring(leave(Departure::Pay), 2));
    let position = |wanted: &dyn Fn(&Effect) -> bool| turn.0.iter().position(wanted).unwrap();
    let saved = position(&|effect| matches!(effect, Effect::Save { departure: Departure::Pay, .. }));
    let went = position(&|effect| matches!(effect, Effect::Navigate(_)));
    assert!(saved < went);
    assert_eq!(turn.outcome(), Some(Outcome::Redirecting));
    assert_eq!(turn.request(), None, "nothing is under way when the page goes");
    assert_eq!(page.flow.phase(), Phase::Leaving(Departure::Pay));
}

#[test]
fn shows_a_code_and_watches_until_it_is_paid() {
    let mut page = Page::open(view(Created, 1));
    page.press();
    let turn = page.answer(requiring(Action::ShowCode, 2));
    assert_eq!((turn.outcome(), turn.request()), (None, LONG_POLL_OF_2));
    assert!(turn.saves(Departure::Pay), "so that it is found again after a reload");
    assert_eq!(page.after(9_000).answer(view(Succeeded, 3)).outcome(), Some(Outcome::Succeeded));
}

#[test]
fn says_so_when_it_cannot_perform_the_action_and_can_still_follow() {
    for action in [Action::NativeApp, Action::Unknown] {
        let mut page = Page::open(view(Created, 1));
        page.press();
        assert_eq!(page.answer(requiring(action, 2)).outcome(), Some(Outcome::Unsupported));
        assert_eq!(page.event(Event::Follow).request(), LONG_POLL_OF_2);
    }
}

#[test]
fn a_code_that_the_payer_comes_back_to_is_shown_again() {
    let mut page = back(Departure::Pay, Trail::default());
    let turn = page.answer(requiring(Action::ShowCode, 2));
    assert_eq!((turn.outcome(), turn.request()), (None, LONG_POLL_OF_2));
    assert_eq!(page.flow.view().unwrap().action, Some(Action::ShowCode));
}

#[test]
fn what_the_till_scans_is_not_submitted_by_a_page_but_can_be_followed() {
    let micropay = |status, revision| View { method: Some(BlueoceanMicropay), ..view(status, revision) };
    let mut page = Page::open(micropay(Created, 1));
    let turn = page.press();
    assert_eq!((turn.request(), turn.outcome()), (None, Some(Outcome::Unsupported)));
    let turn = page.event(Event::Follow);
    assert_eq!(turn.request(), Some(Request::View { after_revision: 1, wait_s: 25 }));
    page.answer(micropay(Processing, 2));
    assert_eq!(page.press().outcome(), Some(Outcome::Unsupported), "and pressing does not end the following");
    assert_eq!(page.answer(micropay(Succeeded, 3)).outcome(), Some(Outcome::Succeeded));
}

#[test]
fn goes_nowhere_when_the_address_is_none() {
    let mut page = Page::open(view(Created, 1));
    page.press();
    let turn = page.answer(requiring(Action::Leave { departure: Departure::Pay, url: None }, 2));
    assert_eq!((turn.outcome(), turn.destination()), (Some(Outcome::Unsupported), None));
}

#[test]
fn performs_an_action_that_comes_late_because_the_first_answer_was_lost() {
    let mut page = Page::following(view(Processing, 2));
    let turn = page.after(3_000).answer(requiring(leave(Departure::Pay), 3));
    assert_eq!(turn.destination(), Some("https://wallet.example/page"));
}

#[test]
fn following_alone_sends_nobody_away() {
    let mut page = Page::open(view(Processing, 1));
    page.event(Event::Follow);
    let turn = page.after(3_000).answer(requiring(leave(Departure::Pay), 2));
    assert_eq!((turn.destination(), turn.request()), (None, LONG_POLL_OF_2));
    let turn = page.event(Event::Proceed);
    assert_eq!(turn.destination(), Some("https://wallet.example/page"), "until the payer wants to");
}

// Ends.

#[test]
fn every_settled_status_ends_the_following_with_its_own_outcome() {
    for status in PaymentStatus::ALL.iter().copied().filter(|status| status.is_settled()) {
        let mut page = Page::following(view(Processing, 2));
        let turn = page.answer(view(status, 3));
        assert_eq!(turn.outcome().map(Outcome::as_str), Some(status.as_str()));
        assert_eq!(page.event(Event::Follow).outcome(), turn.outcome());
    }
}

#[test]
fn an_unknown_status_is_followed_and_is_no_end() {
    let unknown = |revision| View { status: None, ..view(Processing, revision) };
    let mut page = Page::following(unknown(2));
    let turn = page.after(1_000).answer(unknown(3));
    assert_eq!(turn.outcome(), None);
    assert_eq!(turn.request(), Some(Request::View { after_revision: 3, wait_s: 25 }));
}

#[test]
fn no_error_is_ever_an_end_but_401() {
    let problems = [
        Problem::Unreachable,
        Problem::Unreadable,
        Problem::Unavailable { retry_after_ms: None },
        Problem::Refused { status: 404, code: String::new() },
    ];
    for problem in problems {
        let mut page = Page::following(view(Processing, 2));
        let turn = page.fail(problem);
        assert_eq!((turn.outcome(), turn.timer_ms(Timer::Request)), (None, Some(2_000)));
    }
    let mut page = Page::following(view(Processing, 2));
    let turn = page.fail(Problem::Unauthorized);
    assert_eq!(turn.outcome(), Some(Outcome::Unauthorized));
    assert!(turn.has(&Effect::Forget));
}

#[test]
fn a_confirmation_that_got_lost_is_repeated() {
    let mut page = Page::open(view(Created, 1));
    page.press();
    assert_eq!(page.fail(UNREACHABLE).timer_ms(Timer::Request), Some(2_000));
    assert!(!page.flow.is_connected());
    assert_eq!(page.after(2_000).event(Event::Elapsed(Timer::Request)).request(), Some(Request::Confirm));
    page.answer(view(Processing, 2));
    assert!(page.flow.is_connected());
}

#[test]
fn a_payment_that_was_over_before_it_was_confirmed_ends_as_it_had_ended() {
    let mut page = Page::open(view(Failed, 5));
    assert_eq!(page.press().request(), Some(Request::Confirm), "a refused payment may be tried again");
    let turn = page.fail(Problem::Refused { status: 409, code: "not_confirmable".to_owned() });
    assert_eq!(turn.request(), Some(Request::View { after_revision: 5, wait_s: 0 }));
    assert_eq!(page.answer(view(Failed, 5)).outcome(), Some(Outcome::Failed));
}

#[test]
fn following_a_refused_payment_that_is_submitted_again_waits_for_the_new_end() {
    let mut page = Page::open(view(Failed, 5));
    page.press();
    assert!(page.event(Event::Follow).0.is_empty());
    assert_eq!(page.answer(view(Succeeded, 6)).outcome(), Some(Outcome::Succeeded));
}

#[test]
fn what_is_paid_already_is_not_submitted() {
    let mut page = Page::open(view(Succeeded, 5));
    let turn = page.press();
    assert_eq!((turn.request(), turn.outcome()), (None, Some(Outcome::Succeeded)));
}

#[test]
fn a_refusal_that_asking_again_cannot_change_is_reported() {
    let mut page = Page::open(view(Created, 1));
    page.press();
    let problem = Problem::Refused { status: 422, code: "invalid_request".to_owned() };
    assert!(page.fail(problem.clone()).has(&Effect::Reject(problem)));
    assert_eq!(page.press().request(), Some(Request::Confirm), "and can be tried again by hand");
}

#[test]
fn opening_is_tried_three_times() {
    let mut page = Page::open(view(Created, 1));
    page.flow = countersign_flow::Flow::new(DESKTOP);
    page.event(Event::Open);
    assert_eq!(page.fail(UNREACHABLE).timer_ms(Timer::Request), Some(2_000));
    page.event(Event::Elapsed(Timer::Request));
    assert_eq!(page.fail(UNREACHABLE).timer_ms(Timer::Request), Some(3_000));
    page.event(Event::Elapsed(Timer::Request));
    assert!(page.fail(UNREACHABLE).has(&Effect::Reject(UNREACHABLE)));
}

#[test]
fn stops_asking_some_time_after_the_expiry_and_can_be_taken_up_again() {
    let mut page = Page::following(view(Processing, 2));
    page.now_ms = EXPIRES_AT_MS + 119_999;
    assert_eq!(page.answer(view(Processing, 2)).outcome(), None);
    assert_eq!(page.answer(view(Processing, 2)).timer_ms(Timer::Request), Some(2_000));
    let turn = page.after(2_000).event(Event::Elapsed(Timer::Request));
    assert_eq!((turn.outcome(), turn.request()), (Some(Outcome::Pending), None));
    assert_eq!(page.event(Event::Follow).request(), LONG_POLL_OF_2);
}

#[test]
fn aborting_stops_everything() {
    let mut page = Page::following(view(Processing, 2));
    let turn = page.event(Event::Abort);
    assert!(turn.has(&Effect::Cancel) && turn.has(&Effect::ClearTimer(Timer::Request)));
    assert_eq!(turn.outcome(), Some(Outcome::Aborted));
    assert!(!turn.has(&Effect::Forget), "the payment itself goes on");
    assert!(page.answer(view(Succeeded, 3)).0.is_empty(), "an answer that comes too late is not taken");
}
