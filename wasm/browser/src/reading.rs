//! Reads the signer's JSON as far as decisions need it. The object itself goes on to the page as it came.

use countersign_core::{MethodType, PaymentStatus};
use countersign_flow::{Action, Departure, Problem, View, destination};
use js_sys::Date;
use wasm_bindgen::JsValue;

use crate::{actions, object};

/// The largest whole number that JSON carries exactly.
const REVISION_MAX: f64 = 9_007_199_254_740_991.0;

/// The view in `body`, if that is a view of the payment `id`.
pub(crate) fn view(body: &JsValue, id: &str) -> Option<View> {
    if object::text(body, "id")? != id {
        return None;
    }
    let status = object::text(body, "status")?;
    // A number beyond these would make every later answer look older.
    let revision = object::get(body, "revision").as_f64().filter(|revision| *revision <= REVISION_MAX)?;
    let expires_at = object::text(body, "expires_at").map(|text| Date::parse(&text));
    Some(View {
        method: method(body).and_then(|name| MethodType::parse(&name)),
        status: PaymentStatus::parse(&status),
        revision: revision as u64,
        action: action(&object::get(body, "next_action")),
        expires_at_ms: expires_at.filter(|time| time.is_finite()).map(|time| time as i64),
    })
}

/// The name of a view's method.
pub(crate) fn method(view: &JsValue) -> Option<String> {
    object::text(&object::get(view, "method"), "type")
}

/// What a 4xx says that will not go away by asking again.
pub(crate) fn refusal(status: u16, body: &JsValue) -> Problem {
    if status == 422 && is_misplaced(&object::get(body, "errors")) {
        return Problem::Misplaced;
    }
    Problem::Refused { status, code: object::text(body, "code").unwrap_or_default() }
}

/// Whether one of the first errors of a list is about the environment. By index: an array's own type would bring more
/// into the module than this file.
fn is_misplaced(errors: &JsValue) -> bool {
    ["0", "1", "2", "3"].into_iter().any(|index| {
        object::text(&object::get(errors, index), "field").is_some_and(|field| field == "environment")
    })
}

fn action(action: &JsValue) -> Option<Action> {
    if !action.is_object() {
        return None;
    }
    let leave = |departure, url| Action::Leave { departure, url };
    Some(match object::text(action, "type").unwrap_or_default().as_str() {
        "redirect" => {
            let is_login = object::text(action, "purpose").is_some_and(|purpose| purpose == "login");
            let departure = if is_login { Departure::Login } else { Departure::Pay };
            leave(departure, object::text(action, "url").filter(|url| destination::is_web(url)))
        }
        "dotwallet_set_pay_config" => {
            leave(Departure::Consent, actions::dotwallet_set_pay_config_url(action))
        }
        "hicoin_h5" => leave(Departure::Pay, actions::hicoin_payment_url(action)),
        "qr_code" => Action::ShowCode,
        "wechat_jsapi" | "wechat_hk_jsapi" => Action::CallBridge,
        "native_app" => Action::NativeApp,
        _ => Action::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use js_sys::JSON;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn read(text: &str) -> Option<View> {
        view(&JSON::parse(text).unwrap(), "pay_1")
    }

    fn with_action(action: &str) -> Option<Action> {
        let text =
            [r#"{"id":"pay_1","status":"requires_action","revision":2,"next_action":"#, action, "}"].concat();
        read(&text).unwrap().action
    }

    #[wasm_bindgen_test]
    fn reads_what_decisions_need() {
        let view = read(
            r#"{"id":"pay_1","status":"processing","revision":7,"next_action":null,"expires_at":"2026-11-22T01:00:00Z",
                "method":{"type":"blueocean_wechat_hk_jsapi"}}"#,
        );
        assert_eq!(
            view,
            Some(View {
                method: Some(MethodType::BlueoceanWechatHkJsapi),
                status: Some(PaymentStatus::Processing),
                revision: 7,
                action: None,
                expires_at_ms: Some(1_795_309_200_000),
            })
        );
    }

    #[wasm_bindgen_test]
    fn an_answer_about_something_else_is_no_view() {
        for text in [
            "null",
            r#""succeeded""#,
            r#"{"status":"succeeded","revision":1}"#,
            r#"{"id":"pay_2","status":"succeeded","revision":1}"#,
            r#"{"id":"pay_1","status":true,"revision":1}"#,
            r#"{"id":"pay_1","status":"succeeded","revision":"1"}"#,
            r#"{"id":"pay_1","status":"processing","revision":1e300}"#,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[wasm_bindgen_test]
    fn unknown_words_stay_unknown() {
        let view = read(
            r#"{"id":"pay_1","status":"paid","revision":1,"expires_at":"soon","method":{"type":"paypal"}}"#,
        )
        .unwrap();
        assert_eq!((view.method, view.status, view.expires_at_ms), (None, None, None));
        assert_eq!(with_action(r#"{"type":"teleport"}"#), Some(Action::Unknown));
        assert_eq!(with_action(r#"{}"#), Some(Action::Unknown));
    }

    #[wasm_bindgen_test]
    fn tells_the_departures_apart() {
        let leave = |departure, url: &str| Some(Action::Leave { departure, url: Some(url.to_owned()) });
        assert_eq!(
            with_action(r#"{"type":"redirect","purpose":"pay","url":"https://g.example/p?a=%3D"}"#),
            leave(Departure::Pay, "https://g.example/p?a=%3D")
        );
        assert_eq!(
            with_action(r#"{"type":"redirect","purpose":"login","url":"https://g.example/l"}"#),
            leave(Departure::Login, "https://g.example/l")
        );
        assert_eq!(
            with_action(
                r#"{"type":"dotwallet_set_pay_config","page_url":"https://w.example/c","app_id":"a","redirect_uri":"https://s.example/"}"#
            ),
            leave(Departure::Consent, "https://w.example/c?app_id=a&redirect_uri=https%3A%2F%2Fs.example%2F")
        );
        assert_eq!(with_action(r#"{"type":"qr_code","text":"x"}"#), Some(Action::ShowCode));
        assert_eq!(with_action(r#"{"type":"wechat_jsapi","payload":{}}"#), Some(Action::CallBridge));
        assert_eq!(
            with_action(r#"{"type":"wechat_hk_jsapi","payload":{},"config":null}"#),
            Some(Action::CallBridge)
        );
        assert_eq!(with_action(r#"{"type":"native_app"}"#), Some(Action::NativeApp));
    }

    #[wasm_bindgen_test]
    fn an_address_that_runs_a_script_is_no_address() {
        let action = with_action(r#"{"type":"redirect","purpose":"pay","url":"javascript:alert(1)"}"#);
        assert_eq!(action, Some(Action::Leave { departure: Departure::Pay, url: None }));
    }

    #[wasm_bindgen_test]
    fn a_refusal_of_the_environment_is_told_from_every_other() {
        let read = |status, text: &str| refusal(status, &JSON::parse(text).unwrap());
        let misplaced = r#"{"code":"invalid_request","errors":[{"field":"x"},{"field":"environment","code":"unsuitable"}]}"#;
        assert_eq!(read(422, misplaced), Problem::Misplaced);
        let refused = |status, code: &str| Problem::Refused { status, code: code.to_owned() };
        assert_eq!(read(400, misplaced), refused(400, "invalid_request"));
        for text in [
            r#"{"code":"invalid_request","errors":[{"field":"amount"}]}"#,
            r#"{"code":"invalid_request","errors":"environment"}"#,
            r#"{"code":"invalid_request","errors":[null,"environment"]}"#,
            r#"{"code":"invalid_request"}"#,
        ] {
            assert_eq!(read(422, text), refused(422, "invalid_request"), "{text}");
        }
        assert_eq!(read(404, "null"), refused(404, ""));
    }
}
