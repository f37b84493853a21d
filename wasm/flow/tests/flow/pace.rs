//! Pace: how often it asks, and when it rests.

use countersign_core::PaymentStatus::*;
use countersign_flow::{Effect, Environment, Event, Outcome, Problem, Request, Timer};

use crate::page::{LONG_POLL_OF_2, LOOK_AT_2, Page, UNREACHABLE, here, view};

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
fn before_anything_is_known_a_busy_signer_is_asked_again_soon() {
    let mut page = Page::opening(here(Environment::Desktop));
    let turn = page.fail(Problem::Unavailable { retry_after_ms: Some(60_000) });
    assert_eq!(turn.timer_ms(Timer::Request), Some(10_000));
    let turn = page.event(Event::Elapsed(Timer::Request));
    assert_eq!(
        turn.timer_ms(Timer::Request),
        Some(15_000),
        "and a look that is not answered is not waited for as long as news"
    );
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
fn being_connected_again_asks_at_once() {
    let mut page = Page::following(view(Processing, 2));
    page.fail(UNREACHABLE);
    let turn = page.after(100).event(Event::Online);
    assert_eq!(turn.request(), LOOK_AT_2);
    let mut page = Page::open(view(Created, 1));
    page.press();
    assert!(page.event(Event::Online).0.is_empty(), "a submission under way is left alone");
    page.fail(UNREACHABLE);
    assert_eq!(page.event(Event::Online).request(), Some(Request::Confirm));
}

#[test]
fn after_trouble_a_look_is_answered_at_once_and_then_news_are_waited_for() {
    let mut page = Page::following(view(Processing, 2));
    page.fail(Problem::Unavailable { retry_after_ms: None });
    page.event(Event::Elapsed(Timer::Request));
    page.fail(UNREACHABLE);
    assert!(!page.flow.is_connected());
    assert_eq!(page.event(Event::Elapsed(Timer::Request)).request(), LOOK_AT_2);
    let turn = page.after(20).answer(view(Processing, 2));
    assert!(page.flow.is_connected() && turn.has(&Effect::Notify), "the payer hears that it is over");
    assert_eq!(turn.request(), LONG_POLL_OF_2);
    let turn = page.fail(UNREACHABLE);
    assert_eq!(turn.timer_ms(Timer::Request), Some(2_000), "and never is a signer asked without a pause");
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
