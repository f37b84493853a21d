//! The pay page of an order, one for desktops and one for phones.

use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, Uri};
use serde::Deserialize;

use super::Terms;
use super::settings::Cancel;
use crate::gateways::device::Device;
use crate::gateways::language::Language;
use crate::gateways::ledger::Ledger as _;
use crate::gateways::orders::{Order, State as OrderState};
use crate::gateways::page::{Decision, Page, button, buttons, decimal, go_to};
use crate::gateways::world::{Gateway, Wording, World};

const GATEWAY: Gateway = Gateway::DotWallet;
const BSV_PLACES: u32 = 8;

/// Which order the page is for.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    order_sn: String,
}

/// `GET desktop/open/order?order_sn=`, `wallet/open/order`, and both again with `pay`
pub(super) async fn show(
    State(world): State<Arc<World>>,
    Query(asked): Query<Asked>,
    uri: Uri,
    headers: HeaderMap,
) -> Page {
    page(&world, &asked.order_sn, uri.path(), &headers)
}

/// The user has pressed a button.
pub(super) async fn decide(
    State(world): State<Arc<World>>,
    Query(asked): Query<Asked>,
    uri: Uri,
    headers: HeaderMap,
    Form(Decision { decision, .. }): Form<Decision>,
) -> Response {
    let again = || page(&world, &asked.order_sn, uri.path(), &headers).into_response();
    let Some(order) = order(&world, &asked.order_sn) else { return again() };
    let back = match decision.as_str() {
        "pay" => paid(&world, &order).await,
        _ => given_up(&world, &order).await,
    };
    back.map_or_else(again, |url| go_to(&url))
}

/// Books the payment; gives the way back.
async fn paid(world: &Arc<World>, order: &Order<Terms>) -> Option<String> {
    if !world.pay_on_page(GATEWAY, &order.order_no).await {
        return None;
    }
    // Read again: the transaction is among the parameters.
    let order = world.dotwallet.orders.by_order_no(&order.order_no)?;
    world.dotwallet.way_back(&order, &Wording::default())
}

async fn given_up(world: &Arc<World>, order: &Order<Terms>) -> Option<String> {
    if world.dotwallet.settings.get().cancel == Cancel::Bare {
        return order.return_url.clone();
    }
    world.dotwallet.orders.close(&order.order_no).ok()?;
    let failed = Wording { state: Some(OrderState::Closed), ..Wording::default() };
    if let Some(notice) = world.dotwallet.compose(order, &failed) {
        world.deliver(GATEWAY, &order.order_no, &notice, true).await;
    }
    world.dotwallet.way_back(order, &failed)
}

/// An order that a user confirms; an automatic payment has no page.
fn order(world: &World, order_sn: &str) -> Option<Order<Terms>> {
    world.dotwallet.orders.by_gateway_order_no(order_sn).filter(|order| order.terms.nonce_str.is_some())
}

fn page(world: &World, order_sn: &str, path: &str, headers: &HeaderMap) -> Page {
    let language = Language::of(headers);
    let Some(order) = order(world, order_sn) else {
        let text = language.of_two("There is no such order.", "订单不存在");
        return Page::error(GATEWAY, language, "10205", text);
    };
    let mut page = Page::new(GATEWAY, language, language.of_two("Confirm the payment", "确认支付"))
        .amount(&format!("{} BSV", decimal(order.amount, BSV_PLACES)))
        .facts(&[
            (language.of_two("Goods", "商品"), &order.terms.item_name),
            (language.of_two("Order", "商户订单号"), &order.order_no),
            (language.of_two("Paid to", "收款地址"), &order.terms.receive_address),
        ]);
    let for_desktop = path.contains("/desktop/");
    if for_desktop != (Device::of(headers) == Device::Desktop) {
        let text = language.of_two("This page is for another device.", "该页面适用于其他设备。");
        page = page.notice("wrong-device", "bad", text);
    }
    match order.state {
        OrderState::Unpaid => page.form(&buttons(&[
            button("pay", language.of_two("Pay", "立即支付"), true),
            button("cancel", language.of_two("Cancel", "取消"), false),
        ])),
        state => page.standing(state, order.return_url.as_deref()),
    }
}
