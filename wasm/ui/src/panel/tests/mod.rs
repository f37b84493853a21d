mod places;

use countersign_core::{Currency, Money};

use wasm_bindgen_test::wasm_bindgen_test;

use super::*;
use crate::state::{Failure, Method, Place, Text};

fn view(status: &str) -> View {
    View {
        amount: Money::new(1000, Currency::parse("CNY").unwrap()).unwrap(),
        subject: Some("Tea".to_owned()),
        method: Method { kind: "jubao_wechat_h5".to_owned() },
        status: status.to_owned(),
        next_action: None,
        failure: None,
        return_url: Some("https://shop.example/done".to_owned()),
        expires_at: Some("2026-11-22T01:15:00Z".to_owned()),
        livemode: true,
    }
}

fn action(kind: &str) -> Option<Action> {
    Some(Action { kind: kind.to_owned(), text: None, purpose: None, expires_at: None })
}

fn failure(class: &str) -> Option<Failure> {
    let message = Text { en: "Balance too low.".to_owned(), zh: "余额不足。".to_owned() };
    Some(Failure { code: "consent_missing".to_owned(), message, class: class.to_owned() })
}

fn state(step: &str, view: View) -> State {
    State {
        locale: "en".to_owned(),
        environment: "desktop".to_owned(),
        view: Some(view),
        step: step.to_owned(),
        connected: true,
        online: true,
        place: None,
        page_url: Some("https://shop.example/buy".to_owned()),
        in_mini_program: false,
        bridge: None,
        outcome: None,
        error: None,
        renewable: false,
        renewing: false,
        over: None,
    }
}

fn place(open: &str, required: bool) -> Option<Place> {
    Some(Place { open: open.to_owned(), required })
}

fn panel(state: &State) -> Box<Panel> {
    Panel::of(state, Some("¥10.00".to_owned()))
}

fn ended_as(outcome: &str, view: View) -> Box<Panel> {
    panel(&State { outcome: Some(outcome.to_owned()), ..state("ready", view) })
}

fn hook(panel: &Panel) -> Option<&'static str> {
    panel.button.as_ref().map(|button| button.hook)
}

#[wasm_bindgen_test(unsupported = test)]
fn a_new_payment_has_a_button_with_the_amount_and_says_where_it_leads() {
    let panel = panel(&state("ready", view("created")));
    let button = panel.button.unwrap();
    assert_eq!((button.hook, button.does, button.label.as_str()), ("pay", "confirm", "Pay ¥10.00"));
    assert_eq!(panel.hint.unwrap(), "You will be taken to WeChat Pay to pay.");
    assert_eq!((panel.status.as_str(), panel.name.as_str()), ("created", "ready"));
}

#[wasm_bindgen_test(unsupported = test)]
fn the_same_in_chinese() {
    let panel = panel(&State { locale: "zh-HK".to_owned(), ..state("ready", view("created")) });
    assert_eq!(panel.button.unwrap().label, "支付 ¥10.00");
    assert_eq!(panel.language, "zh-CN");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_code_is_shown_with_its_countdown_and_words_for_those_who_do_not_see_it() {
    let mut view = view("requires_action");
    view.method.kind = "blueocean_alipay_qrcode".to_owned();
    view.next_action = Some(Action {
        kind: "qr_code".to_owned(),
        text: Some("https://qr.alipay.com/bax00".to_owned()),
        purpose: None,
        expires_at: Some("2026-11-22T01:05:00Z".to_owned()),
    });
    let mut state = state("following", view);
    let shown = panel(&state);
    assert_eq!(shown.qr.unwrap().label, "QR code to pay ¥10.00 with Alipay");
    assert_eq!(shown.countdown.unwrap().until, "2026-11-22T01:05:00Z");
    assert_eq!(shown.wallet_link, None);
    state.environment = "mobile".to_owned();
    assert_eq!(panel(&state).wallet_link.unwrap().url, "https://qr.alipay.com/bax00");
    state.environment = "wechat".to_owned();
    state.place = place("alipay", false);
    assert_eq!(panel(&state).wallet_link, None, "WeChat does not open Alipay");
}

#[wasm_bindgen_test(unsupported = test)]
fn waiting_for_a_wallet_offers_the_way_there_once_more() {
    let view = View { next_action: action("redirect"), ..view("requires_action") };
    let panel = panel(&state("following", view));
    assert_eq!((panel.name.as_str(), hook(&panel)), ("waiting", Some("continue")));
    assert_eq!(panel.button.unwrap().does, "proceed");
}

#[wasm_bindgen_test(unsupported = test)]
fn consent_is_asked_for_before_the_payer_is_sent_away() {
    let mut view = View { next_action: action("dotwallet_set_pay_config"), ..view("requires_action") };
    view.method.kind = "dotwallet_autopay".to_owned();
    let panel = panel(&state("consent", view));
    assert_eq!(hook(&panel), Some("consent"));
    assert_eq!(panel.title, "DotWallet needs your permission");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_second_refusal_of_consent_shows_the_reason_and_does_not_end_there() {
    let mut view = View { next_action: action("dotwallet_set_pay_config"), ..view("requires_action") };
    view.failure = failure("reauthorize");
    let panel = ended_as("failed", view);
    assert_eq!((panel.outcome.as_deref(), hook(&panel)), (Some("failed"), Some("consent")));
    assert!(panel.hint.unwrap().starts_with("Balance too low."));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_failure_says_why_and_offers_another_try_only_where_it_makes_sense() {
    for (class, expected) in [
        ("retry", Some("retry")),
        ("payer", Some("retry")),
        ("reauthorize", Some("retry")),
        ("configuration", None),
        ("final", None),
        ("query", None),
        ("of a later version", None),
    ] {
        let panel = ended_as("failed", View { failure: failure(class), ..view("failed") });
        assert_eq!(hook(&panel), expected, "{class}");
        assert_eq!(panel.hint.unwrap(), "Balance too low.\nNo money was taken.");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn every_end_has_its_own_words_and_only_success_is_good() {
    let outcomes = [
        "succeeded",
        "failed",
        "expired",
        "canceled",
        "refunded",
        "review",
        "unsupported",
        "wrong_environment",
        "unauthorized",
        "pending",
    ];
    let mut titles = Vec::new();
    for outcome in outcomes {
        let panel = ended_as(outcome, view(outcome));
        assert_eq!(panel.outcome.as_deref(), Some(outcome));
        assert_eq!(panel.name.as_str() == "good", outcome == "succeeded", "{outcome}");
        assert_eq!(panel.back_link.is_some(), outcome != "pending", "{outcome}");
        assert!(!panel.busy);
        titles.push(panel.title);
    }
    titles.sort_unstable();
    titles.dedup();
    assert_eq!(titles.len(), outcomes.len());
}

#[wasm_bindgen_test(unsupported = test)]
fn an_unknown_status_is_shown_as_not_confirmed_never_as_paid() {
    let panel = panel(&state("ready", view("of_a_later_version")));
    assert_eq!(panel.title, "Not confirmed yet");
    assert_eq!(panel.status, "of_a_later_version");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_payment_that_stopped_here_is_shown_as_it_stands() {
    for outcome in ["aborted", "redirecting"] {
        assert_eq!(ended_as(outcome, view("created")).name.as_str(), "ready");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_way_back_that_runs_a_script_is_none() {
    let view = View { return_url: Some("javascript:alert(1)".to_owned()), ..view("succeeded") };
    assert_eq!(ended_as("succeeded", view).back_link, None);
}

#[wasm_bindgen_test(unsupported = test)]
fn errors_can_be_tried_again_but_not_with_a_dead_link() {
    let with = |code: &str| State { error: Some(code.to_owned()), ..state("ready", view("created")) };
    assert_eq!(hook(&panel(&with("unreachable"))), Some("retry"));
    assert_eq!(hook(&panel(&with("unauthorized"))), None);
    assert!(panel(&with("unreachable")).hint.unwrap().contains("connection"));
    assert!(panel(&with("invalid_request")).hint.unwrap().contains("start again"));
    let nothing = State { view: None, ..with("unreachable") };
    assert_eq!(panel(&nothing).button.unwrap().does, "reload");
    assert_eq!(panel(&nothing).status, "error");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_signer_that_does_not_answer_is_never_shown_as_a_failure_of_a_payment_under_way() {
    for code in ["unreachable", "unavailable", "unreadable", "a code of a later version"] {
        for status in ["requires_action", "processing"] {
            let shown = panel(&State { error: Some(code.to_owned()), ..state("ready", view(status)) });
            assert_eq!((shown.name, shown.tone), (Name::Trouble, Some("warn")));
            assert_eq!(shown.button.unwrap().does, "follow", "nothing is submitted again");
            let words = [shown.title, shown.hint.unwrap()].concat();
            assert!(words.contains("please do not pay again") && !words.contains("fail"), "{words}");
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_lost_connection_is_said_while_it_is_tried_again() {
    let lost = State { connected: false, ..state("following", view("processing")) };
    assert!(panel(&lost).trouble.unwrap().starts_with("Still checking…"));
    assert!(panel(&State { outcome: Some("pending".to_owned()), ..lost }).trouble.is_none());
}

#[wasm_bindgen_test(unsupported = test)]
fn test_mode_is_said() {
    let panel = panel(&state("ready", View { livemode: false, ..view("created") }));
    assert!(panel.sandbox.is_some());
}

#[wasm_bindgen_test(unsupported = test)]
fn a_code_whose_time_is_up_is_covered_and_says_what_to_do() {
    let mut view = view("requires_action");
    view.method.kind = "blueocean_alipay_qrcode".to_owned();
    let text = Some("https://qr.alipay.com/bax00".to_owned());
    let until = Some("2026-11-22T01:05:00Z".to_owned());
    let code = Action { text, expires_at: until.clone(), ..action("qr_code").unwrap() };
    view.next_action = Some(code);
    let mut state = State { over: until, ..state("following", view) };
    let shown = panel(&state);
    assert!(shown.qr.unwrap().covered && shown.countdown.is_none() && shown.outcome.is_none());
    assert_eq!(shown.button.unwrap().does, "follow");
    state.renewable = true;
    let shown = panel(&state);
    assert_eq!((hook(&shown), shown.button.unwrap().does), (Some("renew"), "renew_code"));
    assert_eq!(shown.second.unwrap().does, "follow");
    state.over = Some("2026-11-22T01:00:00Z".to_owned());
    assert!(!panel(&state).qr.unwrap().covered, "that was another code");
}

#[wasm_bindgen_test(unsupported = test)]
fn another_payment_is_offered_only_by_shops_that_have_one_and_only_at_a_certain_end() {
    let offers = |outcome: &str, class: Option<&str>| {
        let view = View { failure: class.and_then(failure), ..view(outcome) };
        let ended = State { outcome: Some(outcome.to_owned()), ..state("closed", view) };
        assert_ne!(hook(&panel(&ended)), Some("renew"), "{outcome}");
        hook(&panel(&State { renewable: true, ..ended })) == Some("renew")
    };
    for (outcome, class) in
        [("expired", None), ("canceled", None), ("failed", Some("final")), ("unauthorized", None)]
    {
        assert!(offers(outcome, class), "{outcome}");
    }
    for (outcome, class) in [
        ("succeeded", None),
        ("failed", Some("retry")),
        ("refunded", None),
        ("review", None),
        ("pending", None),
        ("unsupported", None),
    ] {
        assert!(!offers(outcome, class), "{outcome}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn while_another_payment_is_asked_for_there_is_nothing_to_press() {
    let state = State { renewable: true, renewing: true, ..state("closed", view("expired")) };
    let shown = panel(&state);
    assert_eq!((shown.name, shown.busy, hook(&shown)), (Name::Working, true, None));
    let shown = panel(&State { renewing: false, error: Some("renew_failed".to_owned()), ..state });
    assert_eq!((shown.name, hook(&shown)), (Name::Trouble, Some("renew")));
}

#[wasm_bindgen_test(unsupported = test)]
fn the_steps_lead_from_reviewing_to_the_result() {
    let at =
        |step: &str, status: &str| panel(&state(step, view(status))).progress.map(|progress| progress.at);
    assert_eq!(at("ready", "created"), Some(0));
    assert_eq!(at("confirming", "created"), Some(1));
    assert_eq!(at("returning", "requires_action"), Some(2));
    assert_eq!(at("following", "processing"), Some(2));
    assert_eq!(ended_as("succeeded", view("succeeded")).progress.unwrap().at, 3);
    assert_eq!(ended_as("failed", view("failed")).progress, None);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_gallery_has_every_screen() {
    let states = include_str!("../../../../../www/js/gallery/states.js");
    for name in Name::ALL {
        assert!(states.contains(&format!("panel: \"{}\"", name.as_str())), "{name:?}");
    }
}
