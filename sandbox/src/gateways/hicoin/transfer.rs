//! Payouts to a user: `promotion/transfers` and `gettransferinfo`. This is also how money is given back.

use std::sync::Mutex;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Hicoin;
use super::api::{BALANCE_TOO_LOW, DUPLICATE, NONCE_CHARS, bad, business, limited, positive, required};
use super::order::{BODY_CHARS_MAX, SUBJECT_CHARS_MAX, order_no};
use super::settings::RepeatedTransfer;
use super::tokens::Bearer;
use crate::gateways::clock;
use crate::gateways::endpoint::Refusal;
use crate::gateways::message::{Fields, Message};
use crate::gateways::number;
use crate::gateways::orders::locked;

/// One payout.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Transfer {
    out_trade_no: String,
    trade_no: String,
    openid: String,
    subject: String,
    body: String,
    total_amount: i64,
    settle_currency: String,
    status: TransferStatus,
    reason: String,
    at: Timestamp,
}

/// Where a payout stands.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum TransferStatus {
    Success,
    Failed,
}

/// All payouts, oldest first.
#[derive(Default)]
pub(super) struct Transfers(Mutex<Vec<Transfer>>);

impl Transfers {
    pub(super) fn all(&self) -> Vec<Transfer> {
        locked(&self.0).clone()
    }

    fn with_number(&self, out_trade_no: &str) -> Option<Transfer> {
        locked(&self.0).iter().find(|transfer| transfer.out_trade_no == out_trade_no).cloned()
    }

    /// What the payouts that were made have taken out of the business account.
    fn sum(transfers: &[Transfer]) -> i64 {
        let paid = transfers.iter().filter(|transfer| transfer.status == TransferStatus::Success);
        paid.map(|transfer| transfer.total_amount).sum()
    }
}

impl Hicoin {
    pub(super) fn transfer(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = self.of_merchant(message)?;
        let biz = business(fields)?;
        let wanted = self.wanted(&biz)?;
        let settings = self.settings.get();
        let mut transfers = locked(&self.transfers.0);
        let known = transfers.iter().find(|transfer| transfer.out_trade_no == wanted.out_trade_no);
        if let Some(known) = known {
            return match settings.repeated_transfer {
                RepeatedTransfer::SameAnswer => Ok(accepted(known)),
                RepeatedTransfer::Refused => Err(Refusal::new(DUPLICATE, "out_trade_no: duplicate submit")),
            };
        }
        let balance = settings.business_balance.map(|balance| balance - Transfers::sum(&transfers));
        if balance.is_some_and(|balance| balance < wanted.total_amount) {
            return Err(Refusal::new(BALANCE_TOO_LOW, "商户账户余额不足"));
        }
        let answer = accepted(&wanted);
        transfers.push(wanted);
        Ok(answer)
    }

    pub(super) fn transfer_info(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = self.of_merchant(message)?;
        let biz = business(fields)?;
        let transfer = self.transfers.with_number(required(&biz, "out_trade_no")?);
        let transfer = transfer.ok_or_else(|| bad("out_trade_no: no such transfer"))?;
        let paid = transfer.status == TransferStatus::Success;
        Ok(json!({
            "out_trade_no": transfer.out_trade_no,
            "trade_no": transfer.trade_no,
            "trade_status": transfer.status,
            "reason": transfer.reason,
            "total_amount": transfer.total_amount,
            "settle_currency": transfer.settle_currency,
            "settle_trans_amount": if paid { transfer.total_amount } else { 0 },
            "subject": transfer.subject,
            "body": transfer.body,
            "trade_time": clock::spaced(transfer.at),
            "openid": transfer.openid,
            "nonce_str": number::nonce(NONCE_CHARS),
        }))
    }

    /// The fields of a message of the merchant's server: signed with the application secret, with a base token.
    fn of_merchant<'m>(&self, message: &'m Message) -> Result<&'m Fields, Refusal> {
        let fields = self.verified(message, self.config.app_secret.expose())?;
        match self.bearer(fields)? {
            Bearer::Merchant => Ok(fields),
            Bearer::Payer { .. } => Err(bad("access_token is not a base token")),
        }
    }

    fn wanted(&self, biz: &Fields) -> Result<Transfer, Refusal> {
        let openid = required(biz, "openid")?;
        if !self.tokens.users.knows(openid) {
            return Err(bad("openid"));
        }
        let settings = self.settings.get();
        Ok(Transfer {
            out_trade_no: order_no(biz)?.to_owned(),
            trade_no: number::digits(22),
            openid: openid.to_owned(),
            subject: limited(biz, "subject", SUBJECT_CHARS_MAX)?.to_owned(),
            body: limited(biz, "body", BODY_CHARS_MAX)?.to_owned(),
            total_amount: positive(biz, "total_amount")?,
            settle_currency: self.coin(biz)?.to_owned(),
            status: settings.transfer_status,
            reason: settings.transfer_reason,
            at: clock::now(),
        })
    }
}

/// The answer to a payout that was taken; what becomes of it is to be asked for.
fn accepted(transfer: &Transfer) -> Value {
    json!({
        "out_trade_no": transfer.out_trade_no,
        "trade_no": transfer.trade_no,
        "trade_type": "TRANSFER",
        "nonce_str": number::nonce(NONCE_CHARS),
    })
}
