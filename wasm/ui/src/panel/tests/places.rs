//! Where a method works and where it does not: WeChat's bridge, native applications, the till.

use super::*;

fn with_method(kind: &str, view: View) -> View {
    View { method: Method { kind: kind.to_owned() }, ..view }
}

#[wasm_bindgen_test(unsupported = test)]
fn inside_wechat_an_h5_payment_is_shown_the_way_out_before_anything_is_pressed() {
    let mut state = state("following", view("created"));
    state.environment = "wechat".to_owned();
    state.place = place("browser", true);
    let shown = panel(&state);
    assert_eq!((shown.name.as_str(), hook(&shown)), ("elsewhere", None));
    assert_eq!(shown.title, "Open this page in your browser");
    assert!(shown.instructions.unwrap().starts_with("Tap ···"));
    assert_eq!(shown.address.unwrap().url, "https://shop.example/buy");
    assert!(shown.qr.is_none());
    state.locale = "zh".to_owned();
    assert_eq!(panel(&state).title, "请在浏览器中打开本页");
}

#[wasm_bindgen_test(unsupported = test)]
fn outside_wechat_a_bridge_payment_is_shown_the_way_in() {
    let view = with_method("blueocean_wechat_jsapi", view("created"));
    let mut state = State { place: place("wechat", true), ..state("following", view) };
    let on_desktop = panel(&state);
    assert_eq!(on_desktop.title, "Open this page in WeChat");
    let code = on_desktop.qr.unwrap();
    assert_eq!((code.hook, code.label.as_str()), ("page", "QR code with the address of this page"));
    state.environment = "mobile".to_owned();
    let on_phone = panel(&state);
    assert!(on_phone.qr.is_none() && on_phone.address.is_some());
    assert!(on_phone.hint.unwrap().starts_with("WeChat Pay only opens inside WeChat."));
    state.locale = "zh-CN".to_owned();
    assert_eq!(panel(&state).title, "请在微信中打开本页");
}

#[wasm_bindgen_test(unsupported = test)]
fn the_hint_gives_way_to_how_it_goes() {
    let processing = State { place: place("wechat", true), ..state("following", view("processing")) };
    assert_eq!(panel(&processing).name.as_str(), "working");
    let paid = State {
        place: place("wechat", true),
        outcome: Some("succeeded".to_owned()),
        ..state("closed", view("succeeded"))
    };
    assert_eq!(panel(&paid).name.as_str(), "good");
}

#[wasm_bindgen_test(unsupported = test)]
fn where_it_may_work_it_can_be_tried() {
    let shown = panel(&State {
        environment: "alipay".to_owned(),
        place: place("browser", false),
        ..state("ready", view("created"))
    });
    assert_eq!(hook(&shown), Some("pay"));
    assert!(shown.hint.unwrap().contains("may not work here"));
}

#[wasm_bindgen_test(unsupported = test)]
fn the_signers_ruling_is_shown_as_the_same_hint() {
    let shown = panel(&State {
        outcome: Some("wrong_environment".to_owned()),
        environment: "wechat".to_owned(),
        place: place("browser", true),
        ..state("ready", view("created"))
    });
    assert_eq!((shown.name.as_str(), shown.outcome.as_deref()), ("elsewhere", Some("wrong_environment")));
    assert!(shown.address.is_some());
}

fn bridged(step: &str, bridge: Option<&str>) -> Box<Panel> {
    let view = View { next_action: action("wechat_jsapi"), ..view("requires_action") };
    let view = with_method("blueocean_wechat_jsapi", view);
    panel(&State { environment: "wechat".to_owned(), bridge: bridge.map(str::to_owned), ..state(step, view) })
}

#[wasm_bindgen_test(unsupported = test)]
fn while_the_wallet_is_open_there_is_nothing_to_press() {
    let shown = bridged("invoking", None);
    assert_eq!(
        (shown.title.as_str(), hook(&shown), shown.busy),
        ("Confirm the payment in WeChat Pay", None, true)
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn ok_is_shown_as_waiting_and_never_as_paid() {
    let shown = bridged("following", Some("ok"));
    assert_eq!(
        (shown.name.as_str(), shown.title.as_str(), hook(&shown)),
        ("working", "Waiting for confirmation", None)
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn after_a_cancel_or_a_failure_the_payer_may_try_again() {
    for word in ["cancel", "fail"] {
        let shown = bridged("following", Some(word));
        let button = shown.button.unwrap();
        assert_eq!((button.hook, button.does, button.label.as_str()), ("continue", "proceed", "Try again"));
        assert!(shown.hint.unwrap().contains("If you have paid"));
    }
    let button = bridged("following", None).button.unwrap();
    assert_eq!((button.does, button.label.as_str()), ("proceed", "Open WeChat Pay"));
}

fn requiring(kind: &str, method: &str) -> View {
    with_method(method, View { next_action: action(kind), ..view("requires_action") })
}

#[wasm_bindgen_test(unsupported = test)]
fn a_missing_bridge_can_be_tried_again_and_a_native_payment_is_explained() {
    let stuck = |kind, method| ended_as("unsupported", requiring(kind, method));
    let missing = stuck("wechat_hk_jsapi", "blueocean_wechat_hk_jsapi");
    assert_eq!(missing.button.unwrap().does, "proceed");
    let native = stuck("native_app", "blueocean_alipay_app");
    assert_eq!(native.title, "Pay in the shop's own app");
    assert!(native.hint.unwrap().contains("starts Alipay from the shop's own app"));
    assert_eq!(native.button.unwrap().does, "follow");
    assert_eq!(stuck("teleport", "blueocean_alipay_app").button, None);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_native_payment_is_explained_in_chinese_too_and_then_watched() {
    let native = || requiring("native_app", "blueocean_wechat_app");
    let stuck = State { outcome: Some("unsupported".to_owned()), ..state("ready", native()) };
    let shown = panel(&State { locale: "zh".to_owned(), ..stuck });
    assert!(shown.hint.unwrap().contains("商家App调起微信支付"));
    let watched = panel(&state("following", native()));
    assert_eq!((watched.title.as_str(), watched.busy), ("Waiting for your payment in WeChat Pay", true));
}

#[wasm_bindgen_test(unsupported = test)]
fn in_a_mini_program_the_payer_is_sent_back_to_it() {
    let shown = panel(&State {
        in_mini_program: true,
        outcome: Some("unsupported".to_owned()),
        ..state("ready", requiring("wechat_jsapi", "blueocean_wechat_jsapi"))
    });
    assert_eq!(shown.title, "Continue in the mini program");
}

#[wasm_bindgen_test(unsupported = test)]
fn what_the_till_scans_has_no_button() {
    let shown = panel(&state("following", with_method("blueocean_micropay", view("created"))));
    assert_eq!((shown.name.as_str(), hook(&shown)), ("till", None));
    assert_eq!(shown.title, "Show your payment code at the till");
}

#[wasm_bindgen_test(unsupported = test)]
fn too_little_money_or_too_low_a_limit_is_said_with_the_way_to_raise_it() {
    for code in ["insufficient_funds", "limit_exceeded", "insufficient_funds_or_limit"] {
        let mut view = requiring("dotwallet_set_pay_config", "dotwallet_autopay");
        view.failure = failure("reauthorize").map(|failure| Failure { code: code.to_owned(), ..failure });
        let shown = panel(&state("consent", view));
        assert_eq!(hook(&shown), Some("consent"));
        let hint = shown.hint.unwrap();
        assert!(hint.starts_with("Balance too low.\nTop up your balance or raise your limits"), "{hint}");
        assert_eq!(shown.button.unwrap().label, "Top up or raise limits in DotWallet");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_login_is_named_as_one() {
    let login = Action { purpose: Some("login".to_owned()), ..action("redirect").unwrap() };
    let view = with_method("hicoin_h5", View { next_action: Some(login), ..view("requires_action") });
    let shown = panel(&state("following", view));
    assert_eq!((shown.title.as_str(), hook(&shown)), ("Log in to Hicoin to pay", Some("continue")));
}

#[wasm_bindgen_test(unsupported = test)]
fn being_offline_is_said_as_long_as_something_can_still_happen() {
    let offline = |view| State { online: false, ..state("following", view) };
    assert!(panel(&offline(view("created"))).trouble.unwrap().starts_with("You are offline"));
    assert!(panel(&offline(view("succeeded"))).trouble.is_none());
}
