//! Methods that do not work where the page is open: said, not tried.

use countersign_core::MethodType::{self, *};
use countersign_core::PaymentStatus::*;
use countersign_flow::{
    Action, Departure, Elsewhere, Environment, Event, Outcome, Phase, Problem, Request, View,
};

use crate::page::{Page, here, leave, view};

fn created(method: MethodType) -> View {
    View { method: Some(method), ..view(Created, 1) }
}

#[test]
fn what_cannot_work_here_is_not_submitted() {
    let cases = [
        (Environment::Wechat, JubaoWechatH5, Elsewhere::Browser),
        (Environment::Wechat, JubaoAlipayWap, Elsewhere::Browser),
        (Environment::Wechat, BlueoceanAlipayWap, Elsewhere::Browser),
        (Environment::Wechat, BlueoceanWechatMweb, Elsewhere::Browser),
        (Environment::Mobile, BlueoceanWechatJsapi, Elsewhere::Wechat),
        (Environment::Desktop, BlueoceanWechatJsapi, Elsewhere::Wechat),
        (Environment::Alipay, BlueoceanWechatHkJsapi, Elsewhere::Wechat),
    ];
    for (environment, method, there) in cases {
        let mut page = Page::open_in(here(environment), created(method));
        let turn = page.press();
        assert_eq!((turn.outcome(), turn.request()), (Some(Outcome::WrongEnvironment), None), "{method}");
        assert_eq!(page.flow.elsewhere(), Some(there));
        // The payer may pay it there while this page watches.
        assert!(page.event(Event::Follow).request().is_some());
        assert_eq!(
            page.answer(View { method: Some(method), ..view(Succeeded, 4) }).outcome(),
            Some(Outcome::Succeeded)
        );
    }
}

#[test]
fn what_may_work_here_is_tried() {
    for (environment, method) in [
        (Environment::Desktop, JubaoWechatH5),
        (Environment::Alipay, JubaoWechatH5),
        (Environment::Wechat, BlueoceanWechatJsapi),
        (Environment::Wechat, JubaoChannel),
        (Environment::Mobile, BlueoceanAlipayApp),
    ] {
        let mut page = Page::open_in(here(environment), created(method));
        assert_eq!(page.press().request(), Some(Request::Confirm), "{method}");
    }
}

#[test]
fn the_signers_own_ruling_ends_in_the_same_hint() {
    let mut page = Page::open_in(here(Environment::Wechat), created(JubaoChannel));
    page.press();
    let turn = page.fail(Problem::Misplaced);
    assert_eq!(turn.outcome(), Some(Outcome::WrongEnvironment));
    assert_eq!(page.flow.phase(), Phase::Ready);
    assert!(page.event(Event::Follow).request().is_some());
}

#[test]
fn nobody_is_sent_to_a_page_that_will_refuse_them() {
    let ordered =
        View { action: Some(leave(Departure::Pay)), method: Some(JubaoWechatH5), ..view(RequiresAction, 2) };
    let mut page = Page::open_in(here(Environment::Wechat), ordered);
    page.event(Event::Follow);
    let turn = page.event(Event::Proceed);
    assert_eq!((turn.destination(), turn.outcome()), (None, Some(Outcome::WrongEnvironment)));
}

#[test]
fn a_bridge_that_cannot_be_here_is_not_waited_for() {
    let ordered = View {
        action: Some(Action::CallBridge),
        method: Some(BlueoceanWechatJsapi),
        ..view(RequiresAction, 2)
    };
    let mut page = Page::open_in(here(Environment::Mobile), ordered);
    let turn = page.event(Event::Proceed);
    assert_eq!((turn.call(), turn.outcome()), (None, Some(Outcome::WrongEnvironment)));
}

#[test]
fn a_payment_that_is_being_processed_is_watched_wherever_the_page_is() {
    let mut page = Page::open_in(
        here(Environment::Desktop),
        View { method: Some(BlueoceanWechatJsapi), ..view(Processing, 3) },
    );
    assert_eq!(page.press().request(), Some(Request::Confirm));
}
