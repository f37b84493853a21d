//! The page behind `code_url`: here the payer pays or gives up.

use std::sync::Arc;

use axum::Form;
use axum::extract::{FromRequest as _, Request};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::Terms;
use crate::gateways::language::Language;
use crate::gateways::ledger::Ledger as _;
use crate::gateways::orders::{Order, State};
use crate::gateways::page::{Page, button, buttons, decimal, go_to};
use crate::gateways::world::{Gateway, Simulator as _, World};

const GATEWAY: Gateway = Gateway::Jubao;

/// What a button sends.
#[derive(Deserialize)]
struct Decision {
    decision: String,
}

/// Shows the order with a way to pay it, or how it stands.
pub(super) fn show(world: &World, order_sn: &str, language: Language) -> Page {
    match world.jubao.orders.by_gateway_order_no(order_sn) {
        Some(order) => order_page(&order, language),
        None => {
            Page::error(GATEWAY, language, "40102", language.of_two("There is no such order.", "订单不存在"))
        }
    }
}

/// The payer has pressed a button.
pub(super) async fn decide(
    world: &Arc<World>,
    order_sn: &str,
    language: Language,
    request: Request,
) -> Response {
    let Some(order) = world.jubao.orders.by_gateway_order_no(order_sn) else {
        return show(world, order_sn, language).into_response();
    };
    let decision = match Form::<Decision>::from_request(request, &()).await {
        Ok(Form(decision)) => decision.decision,
        Err(refused) => return refused.into_response(),
    };
    if decision == "pay" {
        if world.jubao.orders.pay(&order.order_no, world.jubao.transaction_id()).is_err() {
            return show(world, order_sn, language).into_response();
        }
        world.announce(GATEWAY, &order.order_no).await;
    }
    match &order.return_url {
        Some(url) => go_to(url),
        None => show(world, order_sn, language).into_response(),
    }
}

fn order_page(order: &Order<Terms>, language: Language) -> Page {
    let wallet = match order.terms.pay_channel_id {
        101 => language.of_two("Alipay", "支付宝"),
        _ => language.of_two("WeChat Pay", "微信支付"),
    };
    let page = Page::new(GATEWAY, language, language.of_two("Confirm the payment", "确认支付"))
        .amount(&format!("¥{}", decimal(order.amount, 2)))
        .facts(&[
            (language.of_two("Goods", "商品"), &order.terms.body),
            (language.of_two("Order", "商户订单号"), &order.order_no),
            (language.of_two("Pay with", "支付方式"), wallet),
        ]);
    let back = order.return_url.as_deref();
    match order.state {
        State::Unpaid => page.form(&buttons(&[
            button("pay", language.of_two("Pay", "立即支付"), true),
            button("cancel", language.of_two("Cancel", "取消"), false),
        ])),
        State::Paid => page.notice("paid", "good", language.of_two("Paid.", "支付成功")).way_back(back),
        State::Closed => {
            page.notice("closed", "bad", language.of_two("The order is closed.", "订单已关闭")).way_back(back)
        }
        State::Refunded => {
            page.notice("refunded", "bad", language.of_two("Refunded.", "订单已退款")).way_back(back)
        }
    }
}
