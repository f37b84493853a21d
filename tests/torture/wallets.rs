//! The DotWallet users, and the money that is put into their wallets.

use axum::http::Method;
use countersign_tests::{Control, keys};
use serde_json::{Value, json};

use crate::books::Wallet;
use crate::plan::HESITANT_USER;

/// Enough for every automatic payment, in satoshi.
const PUT_IN: i64 = 10_000_000_000;
/// The simulators' miner's fee.
const FEE: i64 = 113;

/// Gives one user money and consent, the other money only.
pub(crate) async fn fill(gateways: &Control) {
    let account = |consented| {
        json!({
            "balance": PUT_IN, "single_limit": 1_000_000, "total_limit": PUT_IN, "consented": consented,
        })
    };
    gateways.put_user(keys::DOTWALLET_USER, account(true)).await;
    gateways.put_user(HESITANT_USER, account(false)).await;
}

/// What is left.
pub(crate) async fn count(gateways: &Control) -> Vec<Wallet> {
    let mut wallets = Vec::new();
    for user in [keys::DOTWALLET_USER, HESITANT_USER] {
        let account = gateways.ask(Method::GET, &format!("/dotwallet/users/{user}"), &Value::Null).await;
        let left = account["balance"].as_i64().expect("a balance");
        wallets.push(Wallet { put_in: PUT_IN, left, fee: FEE });
    }
    wallets
}
