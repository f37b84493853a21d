//! The forger: knows what notifications look like, and not the key.

use std::time::Duration;

use countersign_tests::{Fields, blueocean_sign, dotwallet_sign, hicoin_sign, jubao_sign, keys};

use super::{Known, Trip};
use crate::books::Forged;
use crate::flights::Flight;
use crate::plan::{Forgery, Journey};

const WRONG_KEY: &str = "torture-key-of-nobody";

impl Trip {
    /// Sends the planned forgery, after the order may have been placed.
    pub(super) async fn forge(&self, _: &Known) {
        let plan = &self.story.plan;
        let Some(forgery) = plan.forgery else { return };
        tokio::time::sleep(Duration::from_millis(plan.payer_waits_ms + 50)).await;
        let path = format!("/v1/notifications/{}", plan.way.account);
        let form = form(plan, forgery);
        let answer = self
            .stage
            .insist(Flight::Forgery, &self.story, |api| {
                api.request(axum::http::Method::POST, &path)
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(form.clone())
            })
            .await;
        if let Some(answer) = answer {
            self.stage.forged(Forged {
                order_id: plan.order_id.clone(),
                what: format!("{forgery:?}"),
                answered: answer.reply.status.as_u16(),
            });
        }
    }
}

/// The forged message.
fn form(plan: &Journey, forgery: Forgery) -> String {
    let order_no = match forgery {
        Forgery::UnknownOrder => format!("X{}", plan.order_id),
        _ => plan.order_id.clone(),
    };
    let mut pairs = paid(plan, &order_no);
    let key = if forgery == Forgery::WrongKey { WRONG_KEY } else { true_key(plan.way.gateway) };
    let sign = sign(plan.way.gateway, &pairs, key);
    if forgery == Forgery::AmountChanged {
        let amount = pairs.iter_mut().find(|(name, _)| name.contains("amount") || name == "total_fee");
        amount.expect("every gateway tells an amount").1 = (plan.amount + 1).to_string();
    }
    if forgery != Forgery::Unsigned {
        pairs.push(("sign".to_owned(), sign));
    }
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish()
}

fn true_key(gateway: &str) -> &'static str {
    match gateway {
        "dotwallet" => keys::DOTWALLET_SECRET,
        "jubao" => keys::JUBAO_KEY,
        "blueocean" => keys::BLUEOCEAN_KEY,
        _ => keys::HICOIN_MCH_KEY,
    }
}

fn sign(gateway: &str, pairs: &[(String, String)], key: &str) -> String {
    let fields: Fields = pairs.iter().cloned().collect();
    match gateway {
        "dotwallet" => {
            let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            dotwallet_sign(&pairs, key)
        }
        "jubao" => jubao_sign(&fields, key),
        "blueocean" => blueocean_sign(&fields, key),
        _ => hicoin_sign(&fields, key),
    }
}

/// "Paid", as the gateway's document has it, but for the numbers that only the gateway knows.
fn paid(plan: &Journey, order_no: &str) -> Vec<(String, String)> {
    let amount = plan.amount.to_string();
    let amount = amount.as_str();
    let documented: &[(&str, &str)] = match plan.way.gateway {
        "dotwallet" => &[
            ("app_id", keys::DOTWALLET_APP_ID),
            ("order_sn", "0123456789abcdef0123456789abcdef"),
            ("merchant_order_sn", order_no),
            ("item_name", "tea"),
            ("receive_address", ""),
            ("user_refund_address", ""),
            ("order_amount", amount),
            ("pay_txid", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
            ("status", "9"),
            ("nonce_str", "1704067200000"),
        ],
        "jubao" => &[
            ("mch_id", keys::JUBAO_MCH_ID),
            ("out_trade_no", order_no),
            ("order_sn", "20261122000000000001"),
            ("pay_channel_id", "201"),
            ("body", "tea"),
            ("total_fee", amount),
            ("status", "2"),
            ("attach", ""),
            ("cash_fee", amount),
            ("finish_time", "2026-11-22 08:00:05"),
            ("nonce_str", "O2r8GjZ46e"),
        ],
        "blueocean" => &[
            ("bank_type", "CFT"),
            ("fee_type", "HKD"),
            ("out_trade_no", order_no),
            ("transaction_id", "4200000000"),
            ("time_end", "20261122080005"),
            ("total_fee", amount),
            ("trade_type", "NATIVE"),
            ("appid", keys::BLUEOCEAN_APPID),
            ("nonce_str", "O2r8GjZ46e"),
            ("sn", "1120261122000000000000000001"),
            ("version", "1.0"),
        ],
        _ => &[
            ("app_id", keys::HICOIN_APP_ID),
            ("trade_status", "SUCCESS"),
            ("trade_no", "2026112200000000000001"),
            ("out_trade_no", order_no),
            ("openid", keys::HICOIN_OPENID),
            ("trade_type", "H5"),
            ("total_amount", amount),
            ("settle_currency", "USDT"),
            ("body", "tea"),
            ("subject", "tea"),
            ("nonce_str", "N0000000000000000000000000000003"),
        ],
    };
    documented.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
