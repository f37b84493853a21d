//! The calls to BlueOcean, and what their answers mean.

use countersign_core::NextAction;
use serde::Serialize;

use super::config::Wallet;
use super::errors::{NO_SUCH_ORDER, TABLE};
use super::wire::{Envelope, Pay, Query, TradeState};
use super::{Blueocean, Order, Sought, payment_name, sign};
use crate::clock;
use crate::gateway::fields::Fields;
use crate::gateway::lenient::{currency, integer};
use crate::gateway::{answer, errors};
use crate::ledger::{Claim, PaidClaim};
use crate::secret::Secret;
use crate::upstream::{Content, UpstreamError};

impl Blueocean {
    /// Places an order; the answer carries the text of the QR code.
    pub(super) async fn pay(&self, order: &Order) -> Claim {
        let total_fee = order.amount.value();
        let payment = payment_name(order.method.kind).unwrap_or_default();
        let wallet = self.config.wallet.map(Wallet::as_str);
        let fee_text = total_fee.to_string();
        let mut fields = vec![
            ("appid", self.config.appid.as_str()),
            ("payment", payment),
            ("total_fee", fee_text.as_str()),
            ("out_trade_no", order.order_no.as_str()),
            ("notify_url", order.notify_url.as_str()),
            ("body", order.subject.as_str()),
        ];
        fields.extend(wallet.map(|wallet| ("wallet", wallet)));
        let message = Pay {
            appid: &self.config.appid,
            payment,
            total_fee,
            out_trade_no: &order.order_no,
            notify_url: &order.notify_url,
            body: &order.subject,
            wallet,
            sign: self.sign(&fields),
        };
        match self.call("/payment/pay", &message).await {
            Ok((envelope, data)) => match data {
                Some(data) if envelope.succeeded() => self.read_state(order, &data),
                _ if envelope.succeeded() => {
                    Claim::Unknown { reason: "the answer has no data".into(), failure: None }
                }
                _ => errors::claim(errors::failure(TABLE, envelope.code.as_str())),
            },
            Err(UpstreamError::NotSent(_)) => Claim::NotSent,
            Err(UpstreamError::OutcomeUnknown(reason)) => Claim::Unknown { reason, failure: None },
        }
    }

    /// Asks by the gateway's number where it is known, else by ours.
    pub(super) async fn query_order(&self, sought: &Sought) -> Claim {
        let sn = sought.gateway_order_no.as_deref();
        let out_trade_no = sn.is_none().then_some(sought.order.order_no.as_str());
        let mut fields = vec![("appid", self.config.appid.as_str())];
        fields.extend(sn.map(|sn| ("sn", sn)));
        fields.extend(out_trade_no.map(|no| ("out_trade_no", no)));
        let message = Query { appid: &self.config.appid, sn, out_trade_no, sign: self.sign(&fields) };
        match self.call("/order/query", &message).await {
            Ok((envelope, data)) => match data {
                Some(data) if envelope.succeeded() => self.read_state(&sought.order, &data),
                _ if envelope.code.as_str() == NO_SUCH_ORDER => Claim::NotFound,
                _ => Claim::Unknown {
                    reason: format!("the query answered code {}", envelope.code.as_str()),
                    failure: None,
                },
            },
            Err(error) => Claim::Unknown { reason: error.to_string(), failure: None },
        }
    }

    /// What an order's fields say, in the answer to an order and to a query alike.
    fn read_state(&self, order: &Order, data: &Fields) -> Claim {
        let ours = data.get("appid") == Some(self.config.appid.as_str())
            && data.get("out_trade_no") == Some(order.order_no.as_str());
        if !ours {
            return Claim::Unknown { reason: "the answer is for another order".into(), failure: None };
        }
        let sn = data.filled("sn").map(str::to_owned);
        match (data.get("trade_state").and_then(TradeState::parse), data.get("total_fee").and_then(integer)) {
            (Some(TradeState::Open), _) => {
                Claim::Accepted { gateway_order_no: sn, next_action: qr_code(order, data) }
            }
            (Some(TradeState::Paid), Some(amount)) => Claim::Paid(PaidClaim {
                amount,
                currency: Some(currency(data.filled("fee_type").unwrap_or(self.currency.as_str()))),
                gateway_order_no: sn,
                transaction_id: data.filled("transaction_id").map(str::to_owned),
                paid_at_ms: data.get("time_end").and_then(clock::gateway_time_ms),
            }),
            (Some(TradeState::Refunded), _) => Claim::Refunded { total: None, paid: None },
            (Some(TradeState::Closed), _) => Claim::Closed,
            (Some(TradeState::Failed), _) => Claim::Refused { failure: errors::failure(TABLE, "40500") },
            _ => Claim::Unknown {
                reason: "the answer has a state the document does not know".into(),
                failure: None,
            },
        }
    }

    async fn call(
        &self,
        path: &str,
        message: &impl Serialize,
    ) -> Result<(Envelope, Option<Fields>), UpstreamError> {
        let bytes = serde_json::to_vec(message).map_err(|e| UpstreamError::NotSent(e.to_string()))?;
        let content = Content { media_type: "application/json", bytes };
        let answer = self.upstream.post(&self.config.url(path), content).await?;
        let envelope: Envelope = answer::envelope(&answer)?;
        let keys = self.config.keys.iter().map(Secret::expose);
        let data = answer::checked(envelope.data(), |fields| sign::verify(fields, keys))?;
        Ok((envelope, data))
    }

    fn sign(&self, fields: &[(&str, &str)]) -> String {
        let pairs: Vec<(String, String)> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        sign::sign(&pairs, self.config.signing_key())
    }
}

fn qr_code(order: &Order, data: &Fields) -> Option<NextAction> {
    let text = data.filled("qrcode")?.to_owned();
    Some(NextAction::QrCode { text, expires_at: clock::rfc3339(order.expires_at_ms) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::scripted::{Scripted, name, order, upstream};
    use crate::vectors::wire;
    use countersign_core::{Currency, MethodType};

    async fn asked(file: &str, query: bool) -> (Claim, Vec<(String, String)>) {
        let scripted = Scripted::answering(wire(&format!("blueocean/{file}"))).await;
        let mut config = super::super::config::sample();
        (config.base_url, config.wallet) = (scripted.url.clone(), Some(Wallet::Mainland));
        let gateway = Blueocean::new(config, Currency::parse("HKD").unwrap(), upstream());
        let order = order(MethodType::BlueoceanAlipayQrcode, "B20240101000001", 10, "HKD");
        let sought = Sought { order, gateway_order_no: None };
        let claim = if query { gateway.query_order(&sought).await } else { gateway.pay(&sought.order).await };
        (claim, scripted.seen())
    }

    #[tokio::test]
    async fn sends_the_documented_fields_with_the_documented_signature() {
        for (file, request, query, path) in [
            (
                "payment.alipay.qrcode.success.json",
                "payment.alipay.qrcode.request.json",
                false,
                "/payment/pay",
            ),
            ("order.query.success.json", "order.query.request.json", true, "/order/query"),
        ] {
            let (_, seen) = asked(file, query).await;
            let sent: serde_json::Value = serde_json::from_str(&seen[0].1).unwrap();
            let documented: serde_json::Value =
                serde_json::from_slice(&wire(&format!("blueocean/{request}"))).unwrap();
            assert_eq!((seen[0].0.as_str(), sent), (path, documented));
        }
    }

    #[tokio::test]
    async fn every_answer_to_an_order_has_its_meaning() {
        for (file, expected) in [
            ("payment.alipay.qrcode.success.json", "accepted"),
            ("payment.alipay.qrcode.success_all_strings.json", "accepted"),
            ("payment.alipay.qrcode.success_empties_dropped.json", "accepted"),
            ("payment.alipay.qrcode.success_forged_sign.json", "unknown"),
            ("payment.alipay.app.broken.json", "unknown"),
            ("payment.bad_sign.json", "refused"),
            ("payment.failure.json", "unknown"),
            ("payment.general_error_zero.json", "unknown"),
            ("payment.unknown_code.json", "unknown"),
            ("payment.upstream_timeout.json", "unknown"),
        ] {
            assert_eq!(name(&asked(file, false).await.0), expected, "{file}");
        }
        let (claim, _) = asked("payment.alipay.qrcode.success.json", false).await;
        let Claim::Accepted { next_action: Some(NextAction::QrCode { text, expires_at }), .. } = claim else {
            panic!("no QR code");
        };
        assert_eq!(text, "https://qr.alipay.com/bax00000000000000000001");
        assert_eq!(expires_at, "2024-01-01T00:10:00Z");
    }

    #[tokio::test]
    async fn every_state_has_its_meaning() {
        for (file, expected) in [
            ("order.query.success.json", "paid"),
            ("order.query.success_numbers.json", "paid"),
            ("order.query.notpay.json", "accepted"),
            ("order.query.userpaying.json", "accepted"),
            ("order.query.refund.json", "refunded"),
            ("order.query.closed.json", "closed"),
            ("order.query.revoked.json", "closed"),
            ("order.query.payerror.json", "refused"),
            ("order.query.no_such_order.json", "not_found"),
            ("order.query.unknown_state.json", "unknown"),
        ] {
            assert_eq!(name(&asked(file, true).await.0), expected, "{file}");
        }
    }
}
