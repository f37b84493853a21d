//! Whatever strangers send: nothing panics, and nothing that no key signed is taken.

use countersign_core::Currency;
use proptest::prelude::*;

use super::blueocean::Blueocean;
use super::dotwallet::Dotwallet;
use super::hicoin::Hicoin;
use super::jubao::Jubao;
use super::scripted::upstream;
use super::{Gateway, Received, RefusalKind};
use crate::vectors::wire;

fn gateways() -> Vec<(Box<dyn Gateway>, Vec<u8>)> {
    let currency = |code| Currency::parse(code).unwrap();
    vec![
        (
            Box::new(Dotwallet::new(super::dotwallet::sample(), currency("BSV"), upstream())),
            super::dotwallet::sample_notice("notice.paid.form"),
        ),
        (
            Box::new(Jubao::new(super::jubao::sample(), currency("CNY"), upstream())),
            wire("jubao/notify.paid.form"),
        ),
        (
            Box::new(Blueocean::new(super::blueocean::sample(), currency("HKD"), upstream())),
            wire("blueocean/notify.paid.form"),
        ),
        (
            Box::new(Hicoin::new(super::hicoin::sample(), currency("USDT"), upstream())),
            wire("hicoin/notify.success.form"),
        ),
    ]
}

fn received(body: &[u8]) -> Received<'_> {
    Received { content_type: None, query: None, body }
}

#[test]
fn any_changed_byte_of_a_notification_is_noticed() {
    for (gateway, genuine) in gateways() {
        let taken = gateway.verify(&received(&genuine)).unwrap();
        for at in 0..genuine.len() {
            let mut changed = genuine.clone();
            changed[at] = if changed[at] == b'7' { b'8' } else { b'7' };
            // The letter case of names and values is not covered by DotWallet's signature; digits are.
            match gateway.verify(&received(&changed)) {
                Err(refusal) => {
                    assert!(matches!(refusal.kind, RefusalKind::BadSignature | RefusalKind::Malformed));
                }
                Ok(notification) => {
                    assert_eq!(notification.order_no(), taken.order_no(), "{} at {at}", gateway.id());
                    assert_eq!(notification.paid(), taken.paid(), "{} at {at}", gateway.id());
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_are_taken_without_a_signature(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        name in "[a-z_]{1,12}",
        value in "\\PC{0,40}",
    ) {
        let form = serde_urlencoded::to_string([(name.as_str(), value.as_str()), ("sign", value.as_str())]).unwrap();
        let json = serde_json::json!({ name: value, "sign": "00", "status": 2 }).to_string();
        for (gateway, _) in gateways() {
            for body in [&bytes[..], form.as_bytes(), json.as_bytes()] {
                prop_assert!(gateway.verify(&received(body)).is_err());
            }
        }
    }
}
