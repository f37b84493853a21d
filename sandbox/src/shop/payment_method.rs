//! `method` in the body of `POST /v1/payments`: the type, and what its gateway needs to know of payer and shop.

use serde::Serialize;

use super::config::{Merchant, Payer};
use super::methods::Method;
use super::options::{Identity, Options};
use super::order::Order;

/// The farmers' share of a split payment is one part in this many.
const FARMERS_ONE_IN: u64 = 5;

/// The method with its further fields, as the signer takes it.
#[derive(Default, Serialize)]
pub(super) struct PaymentMethod<'a> {
    #[serde(rename = "type")]
    type_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_open_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    op_return: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receive_addresses: Option<[Receiver<'a>; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pay_channel_id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_appid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_openid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    openid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    passback_params: Option<&'a str>,
}

/// Who gets a part of a BSV payment, in satoshi.
#[derive(Serialize)]
struct Receiver<'a> {
    address: &'a str,
    amount: u64,
}

/// The payer comes from the shop's session: a browser that could name the payer could spend another's money.
/// Left out, the signer has the gateway ask them.
pub(super) fn payment_method<'a>(
    method: &Method,
    options: &'a Options,
    order: &'a Order,
    payer: &'a Payer,
    merchant: &'a Merchant,
) -> PaymentMethod<'a> {
    let bare = PaymentMethod { type_name: method.type_name, ..PaymentMethod::default() };
    let knows_payer = options.identity == Identity::Session;
    let op_return = options.op_return.then(|| data_script(&order.order_id));
    let receive_addresses = options.split.then(|| split(order.amount.value, merchant));
    match method.type_name {
        "dotwallet_autopay" => {
            let user_open_id = knows_payer.then_some(payer.dotwallet_user_open_id.as_str());
            PaymentMethod { user_open_id, op_return, receive_addresses, ..bare }
        }
        "dotwallet_order" => PaymentMethod { op_return, receive_addresses, ..bare },
        "jubao_channel" => PaymentMethod {
            pay_channel_id: options.pay_channel_id.or(Some(merchant.jubao_channel_id)),
            ..bare
        },
        "blueocean_wechat_jsapi" | "blueocean_wechat_hk_jsapi" => PaymentMethod {
            sub_appid: Some(&merchant.wechat_sub_appid),
            sub_openid: Some(&payer.wechat_sub_openid),
            ..bare
        },
        "blueocean_wechat_app" => PaymentMethod { sub_appid: Some(&merchant.wechat_app_sub_appid), ..bare },
        "blueocean_micropay" => PaymentMethod { auth_code: options.auth_code.as_deref(), ..bare },
        "hicoin_h5" | "hicoin_jsapi" => PaymentMethod {
            openid: knows_payer.then_some(payer.hicoin_openid.as_str()),
            access_token: knows_payer.then(|| payer.hicoin_access_token.expose()),
            passback_params: Some(order.product.id),
            ..bare
        },
        _ => bare,
    }
}

/// A script that carries a text and no money, as hex: `OP_FALSE OP_RETURN`, the length, the bytes.
fn data_script(text: &str) -> String {
    // One byte of length reaches to 75; an order number is much shorter.
    let pushed = &text.as_bytes()[..text.len().min(75)];
    let hex: String = pushed.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("006a{:02x}{hex}", pushed.len())
}

/// The farmers' share, rounded down, and the shop's; together they are the amount.
fn split(amount: u64, merchant: &Merchant) -> [Receiver<'_>; 2] {
    let farmers = amount / FARMERS_ONE_IN;
    [
        Receiver { address: &merchant.farmers_address, amount: farmers },
        Receiver { address: &merchant.shop_address, amount: amount - farmers },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_says_how_long_its_text_is() {
        assert_eq!(data_script("hello"), "006a0568656c6c6f");
        assert_eq!(data_script(&"x".repeat(300)).len(), 2 * (3 + 75));
    }

    #[test]
    fn the_shares_add_up_however_small_the_amount() {
        let merchant = Merchant::default();
        for amount in [5, 99, 75_001, (1 << 53) - 1] {
            let shares = split(amount, &merchant);
            assert_eq!(shares[0].amount + shares[1].amount, amount);
            assert!(shares[0].amount > 0 && shares[0].amount * 4 <= shares[1].amount);
        }
    }
}
