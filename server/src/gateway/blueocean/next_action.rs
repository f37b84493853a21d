//! What an answer gives the payer to go on with, as the signer hands it to the browser. Payloads are passed on as the
//! gateway signed them.

use countersign_core::{NextAction, Platform, RedirectPurpose};
use serde_json::{Map, Value};
use url::Url;

use super::Order;
use super::methods::Shows;
use super::wire::Data;
use crate::clock;

/// The next action of an order that waits for its payer; `None` when the answer lacks it or nobody could use it.
///
/// `page_config` is what `wx.config` needs on the page that calls the Hong Kong wallet.
pub(super) fn read(
    shows: Shows,
    order: &Order,
    data: &Data,
    page_config: Option<Value>,
) -> Option<NextAction> {
    match shows {
        Shows::QrCode => Some(NextAction::QrCode {
            text: data.qrcode()?.to_owned(),
            expires_at: clock::rfc3339(order.expires_at_ms),
        }),
        Shows::Page => data.qrcode().and_then(page),
        Shows::WechatPage => data.mweb_url().and_then(page),
        Shows::WechatBridge => Some(NextAction::WechatJsapi { payload: bridge_call(data.jsapi()?)? }),
        Shows::HongKongBridge => {
            Some(NextAction::WechatHkJsapi { payload: bridge_call(data.jsapi()?)?, config: page_config })
        }
        Shows::AlipayApp => {
            let payload = Value::String(data.app_format()?.to_owned());
            Some(NextAction::NativeApp { platform: Platform::Alipay, payload })
        }
        Shows::WechatApp => {
            Some(NextAction::NativeApp { platform: Platform::Wechat, payload: wechat_app(data.app()?)? })
        }
        Shows::Nothing => None,
    }
}

/// A page to go to, verbatim; nothing but a web page, since the browser will follow it.
fn page(address: &str) -> Option<NextAction> {
    let odd = |c: char| c.is_control() || c.is_whitespace();
    let url = Url::parse(address).ok().filter(|_| !address.contains(odd))?;
    matches!(url.scheme(), "http" | "https")
        .then(|| NextAction::Redirect { purpose: RedirectPurpose::Pay, url: address.to_owned() })
}

/// `jsapi`: JSON inside a text, or an object by itself. The bridge takes `timeStamp` as text only.
fn bridge_call(jsapi: &str) -> Option<Value> {
    let mut call: Map<String, Value> = serde_json::from_str(jsapi).ok()?;
    let filled = |name: &str| call.get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    if !filled("package") || !filled("paySign") {
        return None;
    }
    if let Some(time @ Value::Number(_)) = call.get_mut("timeStamp") {
        *time = Value::String(time.to_string());
    }
    Some(Value::Object(call))
}

/// `app` of WeChat: the members as they came, and `paySign` once more under the SDK's name for it, `sign`.
fn wechat_app(app: &str) -> Option<Value> {
    let mut call: Map<String, Value> = serde_json::from_str(app).ok()?;
    let sign = call.get("sign").or(call.get("paySign"))?.clone();
    call.insert("sign".to_owned(), sign);
    Some(Value::Object(call))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::fields::Fields;
    use crate::gateway::scripted::order;
    use countersign_core::MethodType;
    use serde_json::json;

    fn shown(shows: Shows, data: &Value) -> Option<NextAction> {
        let fields = Fields::from_json(data.to_string().as_bytes()).unwrap();
        read(shows, &order(MethodType::BlueoceanWechatMweb, "A", 1, "HKD"), &Data(fields), None)
    }

    #[test]
    fn only_web_pages_are_gone_to_and_verbatim() {
        for url in ["https://wx.example/c?a=1&b=%2F#x", "http://pay.example", "HTTPS://Wx.Example/"] {
            let action = shown(Shows::Page, &json!({ "qrcode": url }));
            assert_eq!(
                action,
                Some(NextAction::Redirect { purpose: RedirectPurpose::Pay, url: url.to_owned() })
            );
        }
        for url in [
            "javascript:alert(1)",
            "data:text/html,x",
            "weixin://x",
            "/pay",
            "",
            "https://a b/",
            "https://a/\n",
        ] {
            assert_eq!(shown(Shows::WechatPage, &json!({ "mweb_url": url })), None, "{url}");
        }
    }

    #[test]
    fn a_payload_that_no_bridge_could_use_is_none() {
        let call = json!({"package": "prepay_id=1", "paySign": "A", "timeStamp": 7, "more": [1]});
        let whole = shown(Shows::WechatBridge, &json!({"jsapi": call.to_string()}));
        let expected = json!({"package": "prepay_id=1", "paySign": "A", "timeStamp": "7", "more": [1]});
        assert_eq!(whole, Some(NextAction::WechatJsapi { payload: expected.clone() }));
        let bare = shown(Shows::HongKongBridge, &json!({ "jsapi": call }));
        assert_eq!(bare, Some(NextAction::WechatHkJsapi { payload: expected, config: None }));
        for jsapi in
            [json!("x"), json!("[]"), json!({"package": "p"}), json!({"package": "", "paySign": "A"})]
        {
            assert_eq!(shown(Shows::WechatBridge, &json!({ "jsapi": jsapi })), None);
        }
        assert_eq!(shown(Shows::WechatApp, &json!({"app": {"appid": "wx1"}})), None);
    }
}
