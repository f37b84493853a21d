//! The flow, told as what payer, page and signer do.

mod page;

use countersign_core::PaymentStatus::{self, *};
use countersign_flow::{
    Action, Bridge, Departure, Effect, Event, Outcome, Phase, Problem, Request, Timer, Trail, View,
};
use page::{EXPIRES_AT_MS, Page, leave, requiring, view};

const LONG_POLL_OF_2: Option<Request> = Some(Request::View { after_revision: 2, wait_s: 25 });
const UNREACHABLE: Problem = Problem::Unreachable;

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
    assert_eq!(page.after(9_000).answer(view(Succeeded, 3)).outcome(), Some(Outcome::Succeeded));
}

#[test]
fn says_so_when_it_cannot_perform_the_action_and_can_still_follow() {
    for action in
        [Action::Bridge(Bridge::Wechat), Action::Bridge(Bridge::WechatHk), Action::NativeApp, Action::Unknown]
    {
        let mut page = Page::open(view(Created, 1));
        page.press();
        assert_eq!(page.answer(requiring(action, 2)).outcome(), Some(Outcome::Unsupported));
        assert_eq!(page.event(Event::Follow).request(), LONG_POLL_OF_2);
    }
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

// After being away.

fn back(departure: Departure, trail: Trail) -> Page {
    Page::returned(Event::Returned { departure, trail, hold_consent: false })
}

#[test]
fn back_from_paying_it_watches() {
    let mut page = back(Departure::Pay, Trail::default());
    assert_eq!(page.answer(requiring(leave(Departure::Pay), 2)).request(), LONG_POLL_OF_2);
    assert_eq!(page.after(5_000).answer(view(Succeeded, 3)).outcome(), Some(Outcome::Succeeded));
}

#[test]
fn back_from_consent_it_submits_once_more() {
    let mut page = back(Departure::Consent, Trail { consent: true, login: false });
    assert_eq!(page.answer(requiring(leave(Departure::Consent), 2)).request(), Some(Request::Confirm));
    assert_eq!(page.answer(view(Succeeded, 3)).outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_second_refusal_of_consent_ends_with_the_reason_instead_of_a_loop() {
    let mut page = back(Departure::Consent, Trail { consent: true, login: false });
    page.answer(requiring(leave(Departure::Consent), 2));
    let turn = page.answer(requiring(leave(Departure::Consent), 4));
    assert_eq!((turn.outcome(), turn.destination()), (Some(Outcome::Failed), None));
    assert_eq!(page.flow.phase(), Phase::Ready);
    // The payer may still decide to go there again.
    assert!(page.event(Event::Proceed).destination().is_some());
}

#[test]
fn after_login_consent_may_still_be_asked_for() {
    let mut page = back(Departure::Login, Trail { login: true, consent: false });
    page.answer(view(Created, 1));
    let turn = page.answer(requiring(leave(Departure::Consent), 2));
    let trail = Trail { login: true, consent: true };
    assert!(turn.has(&Effect::Save { departure: Departure::Consent, trail }));
    assert!(turn.destination().is_some());
}

#[test]
fn a_refused_login_ends_with_the_reason_instead_of_a_loop() {
    let mut page = back(Departure::Login, Trail { login: true, consent: false });
    page.answer(view(Created, 1));
    assert_eq!(page.answer(requiring(leave(Departure::Login), 2)).outcome(), Some(Outcome::Failed));
}

#[test]
fn pressing_again_starts_a_new_trail() {
    let mut page = back(Departure::Consent, Trail { consent: true, login: false });
    page.answer(requiring(leave(Departure::Consent), 2));
    page.answer(requiring(leave(Departure::Consent), 4));
    page.press();
    assert!(page.answer(requiring(leave(Departure::Consent), 5)).destination().is_some());
}

#[test]
fn consent_can_be_held_until_the_payer_agrees() {
    let mut page = Page::open(view(Created, 1));
    page.event(Event::Confirm { hold_consent: true });
    let turn = page.answer(requiring(leave(Departure::Consent), 2));
    assert_eq!((turn.destination(), turn.outcome()), (None, None));
    assert_eq!(page.flow.phase(), Phase::Consenting);
    assert_eq!(page.event(Event::Confirm { hold_consent: true }).request(), None);
    let turn = page.event(Event::Proceed);
    assert_eq!(turn.outcome(), Some(Outcome::Redirecting));
    assert!(turn.destination().is_some());
}

#[test]
fn that_the_payer_is_back_is_only_a_hint_and_its_refusal_stops_nothing() {
    let mut page = back(Departure::Pay, Trail::default());
    let turn = page.fail(Problem::Refused { status: 422, code: "invalid_request".to_owned() });
    assert_eq!(turn.request(), Some(Request::View { after_revision: 0, wait_s: 0 }));
    assert_eq!(page.answer(view(Succeeded, 3)).outcome(), Some(Outcome::Succeeded));
}

#[test]
fn out_of_the_back_forward_cache_it_takes_up_where_the_payer_left() {
    let mut page = Page::open(view(Created, 1));
    page.press();
    page.answer(requiring(leave(Departure::Pay), 2));
    page.event(Event::Hidden);
    assert_eq!(page.after(60_000).event(Event::Visible).request(), Some(Request::Returned));
    assert_eq!(page.event(Event::Restored).request(), None, "reported twice, asked once");
    page.answer(requiring(leave(Departure::Pay), 2));
    assert_eq!(page.flow.phase(), Phase::Following);
}

#[test]
fn a_look_that_was_frozen_with_the_page_is_made_again() {
    let mut page = Page::following(view(Processing, 2));
    let turn = page.after(3_600_000).event(Event::Restored);
    assert!(turn.has(&Effect::Cancel));
    assert_eq!(turn.request(), LONG_POLL_OF_2, "even past the deadline");
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
    page.flow = countersign_flow::Flow::new();
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

// Pace.

#[test]
fn backs_off_when_the_signer_does_not_hold_the_request() {
    let mut page = Page::following(view(Processing, 2));
    let mut pauses = Vec::new();
    for _ in 0..6 {
        pauses.push(page.after(20).answer(view(Processing, 2)).timer_ms(Timer::Request).unwrap());
        page.event(Event::Elapsed(Timer::Request));
    }
    assert_eq!(pauses, [2_000, 3_000, 4_500, 6_750, 10_000, 10_000]);
}

#[test]
fn asks_at_once_when_the_signer_held_the_request() {
    let mut page = Page::following(view(Processing, 2));
    for _ in 0..10 {
        assert_eq!(page.after(25_000).answer(view(Processing, 2)).request(), LONG_POLL_OF_2);
    }
}

#[test]
fn waits_as_long_as_a_busy_signer_asks() {
    let mut page = Page::following(view(Processing, 2));
    let turn = page.fail(Problem::Unavailable { retry_after_ms: Some(7_000) });
    assert_eq!(turn.timer_ms(Timer::Request), Some(7_000));
}

#[test]
fn a_request_that_never_ends_is_taken_for_lost() {
    let mut page = Page::following(view(Processing, 2));
    let turn = page.after(35_000).event(Event::Elapsed(Timer::Request));
    assert!(turn.has(&Effect::Cancel));
    assert_eq!(turn.timer_ms(Timer::Request), Some(2_000));
    assert!(page.answer(view(Succeeded, 3)).0.is_empty(), "its answer is not taken later");
}

#[test]
fn an_older_view_never_replaces_a_newer_one() {
    let mut page = Page::following(view(Processing, 4));
    let turn = page.answer(view(RequiresAction, 3));
    assert!(!turn.has(&Effect::Adopt));
    assert_eq!(page.flow.view().unwrap().revision, 4);
    assert_eq!(turn.timer_ms(Timer::Request), Some(2_000));
}

#[test]
fn a_page_that_nobody_sees_stops_asking_and_starts_again_when_seen() {
    let mut page = Page::following(view(Processing, 2));
    assert_eq!(page.event(Event::Hidden).timer_ms(Timer::Hidden), Some(30_000));
    let turn = page.after(30_000).event(Event::Elapsed(Timer::Hidden));
    assert!(turn.has(&Effect::Cancel));
    assert_eq!(turn.request(), None);
    let turn = page.after(3_600_000).event(Event::Visible);
    assert_eq!(turn.request(), LONG_POLL_OF_2);
    assert_eq!(page.answer(view(Succeeded, 3)).outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_glance_elsewhere_changes_nothing() {
    let mut page = Page::following(view(Processing, 2));
    page.event(Event::Hidden);
    let turn = page.after(500).event(Event::Visible);
    assert_eq!((turn.request(), turn.has(&Effect::Cancel)), (None, false));
}

#[test]
fn a_submission_under_way_is_not_broken_off_when_the_page_is_hidden() {
    let mut page = Page::open(view(Created, 1));
    page.press();
    page.event(Event::Hidden);
    assert!(!page.after(30_000).event(Event::Elapsed(Timer::Hidden)).has(&Effect::Cancel));
    assert_eq!(page.answer(view(Processing, 2)).request(), None, "but then nobody asks on");
    assert_eq!(page.after(5_000).event(Event::Visible).request(), LONG_POLL_OF_2);
}
