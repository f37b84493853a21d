//! The payment page inside the app: the payer types a password and pays.

use std::sync::Arc;

use axum::extract::{Form, RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;

use super::Terms;
use super::link::BadLink;
use crate::gateways::language::Language;
use crate::gateways::orders::{Order, State as OrderState};
use crate::gateways::page::{Decision, Page, button, buttons, decimal, escaped, go_to};
use crate::gateways::world::{Gateway, World};

const GATEWAY: Gateway = Gateway::Hicoin;
const COIN_PLACES: u32 = 8;

/// `GET hicoinfe/payment?appId=…&paySign=…`
pub(super) async fn show(
    State(world): State<Arc<World>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Page {
    let (language, query) = (Language::of(&headers), query.unwrap_or_default());
    let opened = open(&world, &query);
    // The link is a message of the merchant's, so the journal has it.
    let refused = opened.as_ref().err().map(|refused| format!("link: {}", refused.name()));
    world.journal.record_page((GATEWAY, "payment_page"), &query, refused);
    match opened {
        Ok(order) => order_page(&order, language, None),
        Err(refused) => refused_page(refused, language),
    }
}

/// The payer has pressed a button.
pub(super) async fn decide(
    State(world): State<Arc<World>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    Form(form): Form<Decision>,
) -> Response {
    let language = Language::of(&headers);
    let order = match open(&world, &query.unwrap_or_default()) {
        Ok(order) => order,
        Err(refused) => return refused_page(refused, language).into_response(),
    };
    if form.decision == "pay" {
        if form.password.is_empty() {
            let complaint = language.of_two("Type the payment password.", "请输入支付密码。");
            return order_page(&order, language, Some(complaint)).into_response();
        }
        if !world.pay_on_page(GATEWAY, &order.order_no).await {
            return order_page(&order, language, None).into_response();
        }
    }
    // The documents know no way back but this one; in the app, giving up is the app's own back button.
    go_to(order.return_url.as_deref().unwrap_or("/"))
}

fn open(world: &World, query: &str) -> Result<Order<Terms>, BadLink> {
    let trade_no = world.hicoin.trade_no(query)?;
    world.hicoin.orders.by_gateway_order_no(&trade_no).ok_or(BadLink::Package)
}

fn refused_page(refused: BadLink, language: Language) -> Page {
    let text = language.of_two("The link to this page is not right.", "支付链接无效，签名或参数错误。");
    Page::error(GATEWAY, language, refused.name(), text)
}

fn order_page(order: &Order<Terms>, language: Language, complaint: Option<&str>) -> Page {
    let terms = &order.terms;
    let mut page = Page::new(GATEWAY, language, language.of_two("Confirm the payment", "确认支付"))
        .amount(&format!("{} {}", decimal(order.amount, COIN_PLACES), order.currency))
        .facts(&[
            (language.of_two("Order", "订单标题"), &terms.subject),
            (language.of_two("Details", "订单说明"), &terms.body),
            (language.of_two("Number", "商户订单号"), &order.order_no),
            (language.of_two("Payer", "付款人"), &terms.openid),
        ]);
    if let Some(complaint) = complaint {
        page = page.notice("complaint", "bad", complaint);
    }
    match order.state {
        OrderState::Unpaid => page.form(&form(language)),
        // A refund is a payout of its own and leaves the order paid.
        OrderState::Refunded => page.standing(OrderState::Paid, order.return_url.as_deref()),
        state => page.standing(state, order.return_url.as_deref()),
    }
}

fn form(language: Language) -> String {
    let label = escaped(language.of_two("Payment password (anything will do)", "支付密码（任意内容）"));
    let field = r#"<input id="password" data-testid="password" name="password" type="password" autocomplete="off" required>"#;
    let row = buttons(&[
        button("pay", language.of_two("Pay", "支付"), true),
        button("cancel", language.of_two("Back", "返回"), false),
    ]);
    format!(r#"<label for="password">{label}</label>{field}{row}"#)
}
