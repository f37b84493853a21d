//! What the answer hands out for an app: the payload of the WeChat bridge, and those of the native kits.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};

use serde_json::{Map, Value, json};

use crate::gateways::clock;
use crate::gateways::number;
use crate::gateways::page::decimal;
use crate::gateways::wechat::sign::{md5_sign, sha1_sign};

/// The merchant number at WeChat that the gateway pays under.
const PARTNER_ID: &str = "1500000001";

/// A new number of a prepared payment at WeChat.
pub(super) fn prepay_id() -> String {
    format!("wx{}{}", clock::packed(clock::now()), number::hex(20))
}

/// `jsapi`: signed with MD5 for the mainland's wallet and with SHA-1 for Hong Kong's, whose package names the region.
pub(super) fn jsapi(app_id: &str, prepay_id: &str, is_hong_kong: bool, key: &str) -> String {
    let (sign_type, region) = if is_hong_kong { ("SHA1", "&region=HK") } else { ("MD5", "") };
    let mut members = vec![
        ("appId", app_id.to_owned()),
        ("timeStamp", clock::now().as_second().to_string()),
        ("nonceStr", number::nonce(20)),
        ("package", format!("prepay_id={prepay_id}{region}")),
        ("signType", sign_type.to_owned()),
    ];
    let sign = if is_hong_kong { sha1_sign(&members, key) } else { md5_sign(&members, key) };
    members.push(("paySign", sign));
    in_order(&members)
}

/// `app` of `wechat.app`, whose names are written small.
pub(super) fn wechat_app(app_id: &str, prepay_id: &str, key: &str) -> String {
    let mut members = vec![
        ("appid", app_id.to_owned()),
        ("partnerid", PARTNER_ID.to_owned()),
        ("prepayid", prepay_id.to_owned()),
        ("package", "Sign=WXPay".to_owned()),
        ("noncestr", number::nonce(20)),
        ("timestamp", clock::now().as_second().to_string()),
    ];
    members.push(("paySign", md5_sign(&members, key)));
    in_order(&members)
}

/// `app` and `app_format` of `alipay.app`: the same order string as JSON and in the form that the kit takes.
pub(super) fn alipay_app(sn: &str, subject: &str, (amount, currency): (i64, &str)) -> (String, String) {
    let mut members = vec![
        ("_input_charset", "UTF-8".to_owned()),
        ("body", subject.to_owned()),
        ("currency", currency.to_owned()),
        ("forex_biz", "FP".to_owned()),
        ("it_b_pay", "30m".to_owned()),
        ("notify_url", "https://gateway.example/paystatus/notify/AlipayHKOL".to_owned()),
        ("out_trade_no", sn.to_owned()),
        ("partner", "2088000000000001".to_owned()),
        ("payment_type", "1".to_owned()),
        ("product_code", "NEW_WAP_OVERSEAS_SELLER".to_owned()),
        ("service", "mobile.securitypay.pay".to_owned()),
        ("subject", subject.to_owned()),
        ("total_fee", decimal(amount, 2)),
    ];
    // Alipay's own signature is opaque to everybody between gateway and Alipay; all that counts is that it arrives whole.
    members.push(("sign", opaque_sign(&members)));
    members.push(("sign_type", "RSA".to_owned()));
    let format: Vec<_> = members.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    let mut object: Map<String, Value> =
        members.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    object.insert("payment_type".into(), json!(1));
    (Value::Object(object).to_string(), format.join("&"))
}

fn opaque_sign(members: &[(&str, String)]) -> String {
    let mut hasher = DefaultHasher::new();
    members.hash(&mut hasher);
    format!("{:016x}%2B{}%3D%3D", hasher.finish(), number::nonce(40))
}

/// A JSON object whose members stand in the given order, as in the samples.
fn in_order(members: &[(&str, String)]) -> String {
    let pairs: Vec<_> =
        members.iter().map(|(name, value)| format!("{}:{}", json!(name), json!(value))).collect();
    format!("{{{}}}", pairs.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bridges_payload_is_signed_as_its_sign_type_says() {
        for (is_hong_kong, sign_type, sign_chars) in [(false, "MD5", 32), (true, "SHA1", 40)] {
            let text = jsapi("wx1", "wx2", is_hong_kong, "k");
            assert!(text.starts_with("{\"appId\":\"wx1\",\"timeStamp\":\""), "{text}");
            let payload: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(payload["signType"], sign_type);
            assert_eq!(payload["paySign"].as_str().unwrap().len(), sign_chars);
        }
    }

    #[test]
    fn alipays_two_texts_say_the_same() {
        let (app, format) = alipay_app("11", "测试", (2000, "HKD"));
        let app: Value = serde_json::from_str(&app).unwrap();
        assert_eq!((&app["total_fee"], &app["subject"]), (&json!("20.00"), &json!("测试")));
        assert!(format.contains("total_fee=\"20.00\"&sign=\"") && format.ends_with("&sign_type=\"RSA\""));
        assert!(format.contains(app["sign"].as_str().unwrap()));
    }
}
