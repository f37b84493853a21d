//! WeChat's bridge: what it says is passed on, and never believed.

use countersign_core::MethodType::BlueoceanWechatJsapi;
use countersign_core::PaymentStatus::*;
use countersign_flow::{
    Action, BridgeResult, Departure, Effect, Environment, Event, Here, Outcome, Phase, Problem, Request,
    Timer, View,
};

use crate::page::{LONG_POLL_OF_2, Page, Turn, here, requiring, view};

const WECHAT: Here = here(Environment::Wechat);

fn told(result: BridgeResult) -> Option<Request> {
    Some(Request::Returned { result })
}

fn payable() -> View {
    View { method: Some(BlueoceanWechatJsapi), ..requiring(Action::CallBridge, 2) }
}

/// A page inside WeChat on which the payer pressed, and the bridge's call.
fn called() -> (Page, u32) {
    let mut page = Page::open_in(WECHAT, view(Created, 1));
    page.press();
    let turn = page.answer(payable());
    assert_eq!(page.flow.phase(), Phase::Invoking);
    assert_eq!(turn.request(), LONG_POLL_OF_2, "it watches meanwhile: some wallets never call back");
    assert!(turn.saves(Departure::Pay), "WeChat may put another page in this one's place");
    let ticket = turn.call().unwrap();
    (page, ticket)
}

fn nothing(turn: &Turn) -> bool {
    turn.0.is_empty()
}

#[test]
fn ok_is_no_proof_and_only_makes_the_signer_ask() {
    let (mut page, ticket) = called();
    let turn = page.bridge(ticket, BridgeResult::Ok);
    assert_eq!((turn.outcome(), turn.request()), (None, told(BridgeResult::Ok)));
    assert_eq!(page.answer(payable()).request(), LONG_POLL_OF_2);
    assert_eq!(page.flow.phase(), Phase::Following);
    assert_eq!(page.flow.bridge_result(), Some(BridgeResult::Ok));
    assert_eq!(page.after(3_000).answer(view(Succeeded, 3)).outcome(), Some(Outcome::Succeeded));
}

#[test]
fn cancel_and_fail_are_followed_like_anything_else() {
    for result in [BridgeResult::Cancel, BridgeResult::Fail, BridgeResult::Unknown] {
        let (mut page, ticket) = called();
        let turn = page.bridge(ticket, result);
        assert_eq!((turn.outcome(), turn.request()), (None, told(result)));
        page.answer(payable());
        assert_eq!(page.after(9_000).answer(view(Succeeded, 3)).outcome(), Some(Outcome::Succeeded));
    }
}

#[test]
fn cancel_first_and_ok_afterwards_is_told_twice_and_no_more() {
    let (mut page, ticket) = called();
    assert_eq!(page.bridge(ticket, BridgeResult::Cancel).request(), told(BridgeResult::Cancel));
    assert!(nothing(&page.bridge(ticket, BridgeResult::Fail)));
    let turn = page.bridge(ticket, BridgeResult::Ok);
    assert!(turn.has(&Effect::Cancel), "the telling of the cancel is overtaken");
    assert_eq!(turn.request(), told(BridgeResult::Ok));
    for result in [BridgeResult::Ok, BridgeResult::Cancel, BridgeResult::Fail, BridgeResult::Unknown] {
        assert!(nothing(&page.bridge(ticket, result)));
    }
    page.answer(view(Processing, 3));
    assert_eq!(page.flow.bridge_result(), Some(BridgeResult::Ok));
}

#[test]
fn after_a_cancel_the_payer_may_try_again_with_the_same_payload() {
    let (mut page, first) = called();
    page.bridge(first, BridgeResult::Cancel);
    page.answer(payable());
    let second = page.event(Event::Proceed).call().unwrap();
    assert_ne!(first, second);
    assert_eq!(page.flow.bridge_result(), None);
    assert!(nothing(&page.bridge(first, BridgeResult::Cancel)), "the first call's word is no news");
    assert_eq!(page.bridge(first, BridgeResult::Ok).request(), told(BridgeResult::Ok), "unless it is ok");
}

#[test]
fn pressing_while_the_wallet_is_open_calls_it_no_second_time() {
    let (mut page, _) = called();
    assert!(nothing(&page.press()));
    assert!(nothing(&page.event(Event::Proceed)));
}

#[test]
fn an_ok_that_arrives_while_the_payer_presses_again_saves_them_the_second_call() {
    let (mut page, ticket) = called();
    page.bridge(ticket, BridgeResult::Cancel);
    page.answer(payable());
    assert_eq!(page.press().request(), Some(Request::Confirm));
    assert_eq!(page.bridge(ticket, BridgeResult::Ok).request(), None, "the submission is not broken off");
    let turn = page.answer(payable());
    assert_eq!((turn.call(), turn.request()), (None, told(BridgeResult::Ok)));
}

#[test]
fn a_wallet_that_never_calls_back_is_found_out_by_watching() {
    let (mut page, _) = called();
    assert_eq!(page.after(20_000).answer(view(Succeeded, 3)).outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_silent_wallet_is_given_a_minute_and_may_then_be_called_again() {
    let (mut page, ticket) = called();
    let turn = page.after(60_000).event(Event::Elapsed(Timer::Bridge));
    assert_eq!(turn.request(), told(BridgeResult::Unknown));
    page.answer(payable());
    assert_eq!((page.flow.phase(), page.flow.bridge_result()), (Phase::Following, None));
    assert_eq!(
        page.bridge(ticket, BridgeResult::Cancel).request(),
        told(BridgeResult::Cancel),
        "late, but heard"
    );
    page.answer(payable());
    assert!(page.event(Event::Proceed).call().is_some());
}

#[test]
fn a_bridge_that_is_not_there_ends_the_try_and_another_may_be_made() {
    let (mut page, ticket) = called();
    let turn = page.event(Event::BridgeMissing { ticket });
    assert_eq!((turn.outcome(), turn.request()), (Some(Outcome::Unsupported), None));
    assert!(turn.has(&Effect::ClearTimer(Timer::Bridge)) && !turn.has(&Effect::Forget));
    assert!(nothing(&page.bridge(ticket, BridgeResult::Ok)), "it was never called");
    assert!(page.event(Event::Proceed).call().is_some());
}

#[test]
fn a_page_loaded_again_calls_nothing_until_the_payer_presses() {
    let mut page = Page::open_in(WECHAT, payable());
    assert_eq!(page.event(Event::Follow).call(), None);
    assert!(page.event(Event::Proceed).call().is_some());
}

#[test]
fn what_the_bridge_said_is_passed_on_while_the_wallet_covers_the_page() {
    let (mut page, ticket) = called();
    page.event(Event::Hidden);
    assert!(page.after(30_000).event(Event::Elapsed(Timer::Hidden)).has(&Effect::Cancel));
    assert_eq!(page.bridge(ticket, BridgeResult::Ok).request(), told(BridgeResult::Ok));
    assert_eq!(page.answer(view(Processing, 3)).request(), None, "then it rests until it is seen");
    assert!(page.after(1_000).event(Event::Visible).request().is_some());
}

#[test]
fn that_the_signer_does_not_take_the_word_stops_nothing() {
    let (mut page, ticket) = called();
    page.bridge(ticket, BridgeResult::Ok);
    let turn = page.fail(Problem::Refused { status: 422, code: "invalid_request".to_owned() });
    assert_eq!(turn.request(), Some(Request::View { after_revision: 2, wait_s: 0 }));
}

#[test]
fn aborting_does_not_listen_to_the_bridge_any_more() {
    let (mut page, ticket) = called();
    assert_eq!(page.event(Event::Abort).outcome(), Some(Outcome::Aborted));
    assert!(nothing(&page.bridge(ticket, BridgeResult::Ok)));
    assert!(nothing(&page.event(Event::BridgeMissing { ticket })));
}

#[test]
fn in_a_mini_program_the_page_only_carries_the_payload() {
    let mut page = Page::open_in(Here { in_mini_program: true, ..WECHAT }, view(Created, 1));
    page.press();
    let turn = page.answer(payable());
    assert_eq!((turn.call(), turn.outcome()), (None, Some(Outcome::Unsupported)));
    assert_eq!(page.event(Event::Follow).request(), LONG_POLL_OF_2);
}
