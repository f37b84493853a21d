//! The page behind `code_url`: here the payer pays or gives up.

use std::sync::Arc;

use axum::Form;
use axum::extract::{FromRequest as _, Request};
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;

use super::Terms;
use crate::gateways::device::Device;
use crate::gateways::language::Language;
use crate::gateways::orders::{Order, State};
use crate::gateways::page::{Decision, Page, button, buttons, decimal, go_to};
use crate::gateways::world::{Gateway, World};

const GATEWAY: Gateway = Gateway::Jubao;
const ALIPAY_WAP: i64 = 101;
const WECHAT_H5: i64 = 201;

/// Shows the order with a way to pay it, or how it stands.
pub(super) fn show(world: &World, order_sn: &str, headers: &HeaderMap) -> Page {
    let language = Language::of(headers);
    match world.jubao.orders.by_gateway_order_no(order_sn) {
        // Both pages leave for an app, WeChat or Alipay, which the browser inside WeChat cannot open.
        Some(order)
            if matches!(order.terms.pay_channel_id, ALIPAY_WAP | WECHAT_H5)
                && Device::of(headers) == Device::WeChat =>
        {
            Page::outside_wechat(GATEWAY, language)
        }
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
    headers: &HeaderMap,
    request: Request,
) -> Response {
    let Some(order) = world.jubao.orders.by_gateway_order_no(order_sn) else {
        return show(world, order_sn, headers).into_response();
    };
    let decision = match Form::<Decision>::from_request(request, &()).await {
        Ok(Form(decision)) => decision.decision,
        Err(refused) => return refused.into_response(),
    };
    if decision == "pay" && !world.pay_on_page(GATEWAY, &order.order_no).await {
        return show(world, order_sn, headers).into_response();
    }
    match &order.return_url {
        Some(url) => go_to(url),
        None => show(world, order_sn, headers).into_response(),
    }
}

fn order_page(order: &Order<Terms>, language: Language) -> Page {
    let channel = order.terms.pay_channel_id;
    let wallet = match channel {
        ALIPAY_WAP => language.of_two("Alipay", "支付宝").to_owned(),
        WECHAT_H5 => language.of_two("WeChat Pay", "微信支付").to_owned(),
        _ => format!("{} {channel}", language.of_two("Channel", "支付渠道")),
    };
    let page = Page::new(GATEWAY, language, language.of_two("Confirm the payment", "确认支付"))
        .amount(&format!("¥{}", decimal(order.amount, 2)))
        .facts(&[
            (language.of_two("Goods", "商品"), &order.terms.body),
            (language.of_two("Order", "商户订单号"), &order.order_no),
            (language.of_two("Pay with", "支付方式"), &wallet),
        ]);
    match order.state {
        State::Unpaid => page.form(&buttons(&[
            button("pay", language.of_two("Pay", "立即支付"), true),
            button("cancel", language.of_two("Cancel", "取消"), false),
        ])),
        state => page.standing(state, order.return_url.as_deref()),
    }
}
