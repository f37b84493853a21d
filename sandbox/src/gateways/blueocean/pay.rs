//! Placing an order: `payment/pay`.

use std::net::IpAddr;

use serde_json::Value;

use super::answer::Figures;
use super::bar_code::{self, Outcome, Plan};
use super::channel::{self, Channel, HandsOut};
use super::{BlueOcean, Terms, payload};
use crate::gateways::clock;
use crate::gateways::dialect::{
    amount, attach, ill_formed, missing_here, optional_address, optional_text, refusal, required_text,
};
use crate::gateways::endpoint::Refusal;
use crate::gateways::message::{Fields, Message};
use crate::gateways::number;
use crate::gateways::orders::{Deviation, Order, State};
use crate::gateways::world::Simulator as _;

impl BlueOcean {
    /// Places the order, and takes the money at once where a till has read a bar code. `paid` gets the order's number
    /// when it was paid here.
    pub(super) fn pay(&self, message: &Message, paid: &mut Option<String>) -> Result<Value, Refusal> {
        let fields = self.verified(message)?;
        let payment = required_text(fields, "payment")?;
        let total_fee = amount(fields, "total_fee")?;
        let channel = channel::find(payment).ok_or_else(|| refusal(492003))?;
        let sn = format!("11{}{}", clock::packed(clock::now()), number::digits(12));
        let order_no = match optional_text(fields, "out_trade_no")? {
            "" => sn.clone(),
            order_no => order_no.to_owned(),
        };
        let terms = self.terms(fields, channel, &sn, total_fee)?;
        let mut order = Order::new(order_no, sn, (total_fee, &self.config.currency), terms);
        order.notify_url = optional_address(fields, "notify_url")?;
        order.return_url = optional_address(fields, "h5_redirect_url")?;
        if self.orders.by_order_no(&order.order_no).is_some() {
            return Err(refusal(40106));
        }
        let known = match channel.hands_out {
            HandsOut::Nothing => self.charge(fields, &mut order)?,
            _ => true,
        };
        *paid = Some(order.order_no.clone()).filter(|_| order.state == State::Paid);
        let figures = if channel.numbers { Figures::Numbers } else { Figures::Texts };
        let answer = self.describe(&order, figures);
        self.orders.place(order).map_err(|_| refusal(40106))?;
        if known { Ok(answer) } else { Err(Refusal::new(201, "刷卡交易未知状态")) }
    }

    /// What the channel needs besides the usual, and what it hands out.
    fn terms(
        &self,
        fields: &Fields,
        channel: &'static Channel,
        sn: &str,
        amount: i64,
    ) -> Result<Terms, Refusal> {
        let body = match optional_text(fields, "body")? {
            "" => "Shopping",
            body => body,
        };
        let wallet = optional_text(fields, "wallet")?;
        let mut terms = Terms {
            id: number::digits(7),
            channel,
            provider: channel.provider,
            body: body.to_owned(),
            attach: attach(fields)?.to_owned(),
            wallet: wallet.to_owned(),
            openid: String::new(),
            discount: self.settings.get().discount.clamp(0, amount),
            handed_out: Vec::new(),
            till: None,
        };
        let here = |name| Some(optional_text(fields, name)).filter(|text| *text != Ok(""));
        let needed = |name| here(name).ok_or_else(|| missing_here(name))?;
        match channel.hands_out {
            HandsOut::WeChatBridge => {
                let is_hong_kong = wallet == "HK";
                // For the Hong Kong wallet the gateway's own official account stands in.
                let (app_id, openid) = if is_hong_kong {
                    let given = optional_text(fields, "sub_appid")?;
                    let app_id = if given.is_empty() { &self.wechat_appid } else { given };
                    (app_id, optional_text(fields, "sub_openid")?)
                } else {
                    (needed("sub_appid")?, needed("sub_openid")?)
                };
                openid.clone_into(&mut terms.openid);
                let key = self.wechat_key.expose();
                let text = payload::jsapi(app_id, &payload::prepay_id(), is_hong_kong, key);
                terms.handed_out.push(("jsapi", text));
            }
            HandsOut::WeChatApp => {
                let text = payload::wechat_app(
                    needed("sub_appid")?,
                    &payload::prepay_id(),
                    self.wechat_key.expose(),
                );
                terms.handed_out.push(("app", text));
            }
            HandsOut::AlipayApp => {
                let (app, format) = payload::alipay_app(sn, body, (amount, &self.config.currency));
                terms.handed_out.extend([("app", app), ("app_format", format)]);
            }
            HandsOut::WeChatPage => {
                let ip = match optional_text(fields, "spbill_create_ip")? {
                    "" if self.settings.get().mweb_ip_required => {
                        return Err(missing_here("spbill_create_ip"));
                    }
                    ip => ip,
                };
                if !ip.is_empty() && ip.parse::<IpAddr>().is_err() {
                    return Err(ill_formed("spbill_create_ip"));
                }
            }
            HandsOut::QrCode | HandsOut::Page | HandsOut::Nothing => {}
        }
        Ok(terms)
    }

    /// Charges a bar code; whether the outcome is known at once.
    fn charge(&self, fields: &Fields, order: &mut Order<Terms>) -> Result<bool, Refusal> {
        let code = match optional_text(fields, "code")? {
            "" => return Err(missing_here("code")),
            code => code,
        };
        order.terms.provider = bar_code::provider(code).ok_or_else(|| ill_formed("code"))?;
        let wished = optional_text(fields, "provider")?;
        if !wished.is_empty() && wished != order.terms.provider {
            return Err(Refusal::new(40500, "支付授权码与支付提供方不符"));
        }
        let plan = self.bar_codes.outcome(code);
        match plan.outcome {
            Outcome::Used => return Err(refusal(40111)),
            Outcome::Refused => return Err(Refusal::new(40500, "支付错误")),
            _ => self.bar_codes.use_up(code),
        }
        self.apply(plan, order);
        Ok(!matches!(plan.outcome, Outcome::PaidLater | Outcome::FailedLater | Outcome::Waiting))
    }

    fn apply(&self, plan: Plan, order: &mut Order<Terms>) {
        match plan.outcome {
            Outcome::Paid => order.pay(&Deviation::default(), self.transaction_id()),
            Outcome::Failed => order.state = State::Failed,
            Outcome::PaidLater | Outcome::FailedLater | Outcome::Waiting => order.terms.till = Some(plan),
            Outcome::Unpaid | Outcome::Refused | Outcome::Used => {}
        }
    }
}
