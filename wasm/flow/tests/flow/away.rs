//! After being away: what goes on by itself, and what never does.

use countersign_core::PaymentStatus::*;
use countersign_flow::{Departure, Effect, Event, Outcome, Phase, Problem, Request, Trail};

use crate::page::{LONG_POLL_OF_2, Page, RETURNED, back, leave, requiring, view};

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
fn after_login_the_payer_is_taken_on_to_pay_without_pressing_again() {
    let mut page = back(Departure::Login, Trail { login: true, consent: false });
    assert_eq!(page.answer(view(RequiresAction, 1)).request(), Some(Request::Confirm));
    let turn = page.answer(requiring(leave(Departure::Pay), 2));
    assert_eq!(turn.destination(), Some("https://wallet.example/page"));
    // And back from there once more: only watching, whatever the view says.
    let mut page = back(Departure::Pay, Trail { login: true, consent: false });
    assert_eq!(
        page.answer(requiring(leave(Departure::Login), 3)).request(),
        Some(Request::View { after_revision: 3, wait_s: 25 })
    );
}

#[test]
fn after_login_a_payment_that_is_paid_by_now_ends_at_once() {
    let mut page = back(Departure::Login, Trail { login: true, consent: false });
    assert_eq!(page.answer(view(Succeeded, 3)).outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_signer_that_is_still_at_it_after_the_login_is_waited_for() {
    let mut page = back(Departure::Login, Trail { login: true, consent: false });
    assert_eq!(page.answer(view(Processing, 2)).request(), LONG_POLL_OF_2);
    let turn = page.after(900).answer(requiring(leave(Departure::Pay), 3));
    assert!(turn.destination().is_some());
}

#[test]
fn nobody_is_sent_round_for_ever_whatever_the_signer_asks_for() {
    let mut trail = Trail::default();
    let mut rounds = 0;
    let mut departure = Departure::Login;
    while rounds < 10 {
        trail = trail.with(departure);
        let mut page = back(departure, trail);
        page.answer(requiring(leave(departure), 2));
        // The signer asks for whatever the payer was not just away for.
        let next = if departure == Departure::Login { Departure::Consent } else { Departure::Login };
        if page.answer(requiring(leave(next), 3)).destination().is_none() {
            break;
        }
        departure = next;
        rounds += 1;
    }
    assert_eq!(rounds, 1);
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
fn consent_is_not_held_up_when_the_payer_has_just_logged_in_for_it() {
    let mut page = Page::open(view(Created, 1));
    let trail = Trail { login: true, consent: false };
    page.event(Event::Returned { departure: Departure::Login, trail, hold_consent: true });
    page.answer(view(RequiresAction, 1));
    assert!(page.answer(requiring(leave(Departure::Consent), 2)).destination().is_some());
    // Refused there, nobody is sent round again.
    let trail = Trail { login: true, consent: true };
    page.event(Event::Returned { departure: Departure::Consent, trail, hold_consent: true });
    page.answer(requiring(leave(Departure::Consent), 3));
    assert_eq!(page.answer(requiring(leave(Departure::Consent), 4)).outcome(), Some(Outcome::Failed));
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
    assert_eq!(page.after(60_000).event(Event::Visible).request(), Some(RETURNED));
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
