//! The page that opens when a wallet scans the QR code, or that a browser is sent to.

use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;

use super::Terms;
use super::channel::HandsOut;
use crate::gateways::device::{Device, referring_host};
use crate::gateways::language::Language;
use crate::gateways::orders::{Order, State as OrderState};
use crate::gateways::page::{Decision, Page, button, buttons, decimal, go_to};
use crate::gateways::world::{Gateway, World};

const GATEWAY: Gateway = Gateway::BlueOcean;

/// `GET order/qrcode/{sn}`
pub(super) async fn show(
    State(world): State<Arc<World>>,
    Path(sn): Path<String>,
    headers: HeaderMap,
) -> Page {
    if let Some(order) = world.blueocean.orders.by_gateway_order_no(&sn)
        && let Some(refused) = refused(&world, &order, &headers)
    {
        return refused;
    }
    page(&world, &sn, Language::of(&headers))
}

/// The payer has pressed a button. A wallet has nowhere to go back to, a browser has.
pub(super) async fn decide(
    State(world): State<Arc<World>>,
    Path(sn): Path<String>,
    headers: HeaderMap,
    Form(Decision { decision, .. }): Form<Decision>,
) -> Response {
    let language = Language::of(&headers);
    let Some(order) = world.blueocean.orders.by_gateway_order_no(&sn) else {
        return page(&world, &sn, language).into_response();
    };
    let paid = decision == "pay" && world.pay_on_page(GATEWAY, &order.order_no).await;
    match order.return_url {
        Some(url) if paid || decision == "cancel" => go_to(&url),
        _ => page(&world, &sn, language).into_response(),
    }
}

/// The page that comes instead, where the browser cannot pay.
fn refused(world: &World, order: &Order<Terms>, headers: &HeaderMap) -> Option<Page> {
    let (language, channel) = (Language::of(headers), order.terms.channel);
    let leaves_wechat = channel.hands_out == HandsOut::WeChatPage || channel.payment == "alipay.wappay";
    if leaves_wechat && Device::of(headers) == Device::WeChat {
        return Some(Page::outside_wechat(GATEWAY, language));
    }
    let registered = world.blueocean.settings.get().mweb_referer_host?;
    if channel.hands_out == HandsOut::WeChatPage && referring_host(headers) != Some(registered) {
        let text = language.of_two(
            "The page that led here is not on the merchant's registered domain.",
            "商家参数格式有误，请联系商家解决",
        );
        return Some(Page::error(GATEWAY, language, "referer", text));
    }
    None
}

fn page(world: &World, sn: &str, language: Language) -> Page {
    match world.blueocean.orders.by_gateway_order_no(sn) {
        Some(order) => order_page(&order, language),
        None => {
            Page::error(GATEWAY, language, "40102", language.of_two("There is no such order.", "订单不存在"))
        }
    }
}

fn order_page(order: &Order<Terms>, language: Language) -> Page {
    let page = Page::new(GATEWAY, language, language.of_two("Pay with your wallet", "钱包支付"))
        .amount(&format!("{} {}", order.currency, decimal(order.amount, 2)))
        .facts(&[
            (language.of_two("Goods", "商品"), &order.terms.body),
            (language.of_two("Order", "商户订单号"), &order.order_no),
            (language.of_two("Wallet", "钱包"), order.terms.provider),
        ]);
    let back = order.return_url.as_deref();
    match order.state {
        OrderState::Unpaid => {
            let mut row = vec![button("pay", language.of_two("Pay", "立即支付"), true)];
            if back.is_some() {
                row.push(button("cancel", language.of_two("Cancel", "取消"), false));
            }
            page.form(&buttons(&row))
        }
        state => page.standing(state, back),
    }
}
