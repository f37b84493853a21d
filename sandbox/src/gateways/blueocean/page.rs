//! The page that opens when a wallet scans the QR code, or that a browser is sent to.

use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;
use serde::Deserialize;

use super::Terms;
use crate::gateways::language::Language;
use crate::gateways::ledger::Ledger as _;
use crate::gateways::orders::{Order, State as OrderState};
use crate::gateways::page::{Page, button, buttons, decimal, go_to};
use crate::gateways::world::{Gateway, Simulator as _, World};

const GATEWAY: Gateway = Gateway::BlueOcean;

/// What a button sends.
#[derive(Deserialize)]
pub(super) struct Decision {
    decision: String,
}

/// `GET order/qrcode/{sn}`
pub(super) async fn show(
    State(world): State<Arc<World>>,
    Path(sn): Path<String>,
    headers: HeaderMap,
) -> Page {
    page(&world, &sn, Language::of(&headers))
}

/// The payer has pressed a button. A wallet has nowhere to go back to, a browser has.
pub(super) async fn decide(
    State(world): State<Arc<World>>,
    Path(sn): Path<String>,
    headers: HeaderMap,
    Form(Decision { decision }): Form<Decision>,
) -> Response {
    let language = Language::of(&headers);
    let Some(order) = world.blueocean.orders.by_gateway_order_no(&sn) else {
        return page(&world, &sn, language).into_response();
    };
    let paid = decision == "pay"
        && world.blueocean.orders.pay(&order.order_no, world.blueocean.transaction_id()).is_ok();
    if paid {
        world.announce(GATEWAY, &order.order_no).await;
    }
    match order.return_url {
        Some(url) if paid || decision == "cancel" => go_to(&url),
        _ => page(&world, &sn, language).into_response(),
    }
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
            (language.of_two("Wallet", "钱包"), order.terms.channel.provider),
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
        OrderState::Paid => {
            let text = language.of_two("Paid. Go back to the shop.", "支付成功，请返回商家页面。");
            page.notice("paid", "good", text).way_back(back)
        }
        OrderState::Closed => {
            page.notice("closed", "bad", language.of_two("The order is closed.", "订单已关闭")).way_back(back)
        }
        OrderState::Refunded => {
            page.notice("refunded", "bad", language.of_two("Refunded.", "订单已退款")).way_back(back)
        }
    }
}
