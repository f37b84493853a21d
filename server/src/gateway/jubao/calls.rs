//! The calls to Jubao, and what their answers mean.

use countersign_core::{NextAction, RedirectPurpose};
use url::Url;

use super::config::BodyFormat;
use super::errors::{NO_SUCH_ORDER, TABLE};
use super::wire::{Envelope, Status, Verdict};
use super::{Jubao, Order, Sought, channel, sign};
use crate::clock;
use crate::gateway::fields::Fields;
use crate::gateway::lenient::integer;
use crate::gateway::{answer, errors};
use crate::ledger::{Claim, PaidClaim};
use crate::secret::Secret;
use crate::upstream::{Content, UpstreamError};

impl Jubao {
    /// Places an order; the answer carries the page for the payer.
    pub(super) async fn apply_pay(&self, order: &Order) -> Claim {
        let total_fee = order.amount.value().to_string();
        let mut fields = vec![
            ("mch_id", self.config.mch_id.as_str()),
            ("pay_channel_id", channel(order.method.kind).unwrap_or_default()),
            ("total_fee", total_fee.as_str()),
            ("out_trade_no", order.order_no.as_str()),
            ("notify_url", order.notify_url.as_str()),
            ("body", order.subject.as_str()),
        ];
        if let Some(return_url) = &order.return_url {
            fields.push(("return_url", return_url));
        }
        match self.call("pay_gateway", "apply_pay", &fields).await {
            Ok((Verdict::Success, Some(data))) => read_placed(order, &data),
            Ok((Verdict::Code(code), _)) => errors::claim(errors::failure(TABLE, &code)),
            Ok(_) => Claim::Unknown { reason: "the answer has no data".into(), failure: None },
            Err(UpstreamError::NotSent(_)) => Claim::NotSent,
            Err(UpstreamError::OutcomeUnknown(reason)) => Claim::Unknown { reason, failure: None },
        }
    }

    /// Asks by the gateway's number, the only one the document has a query for.
    pub(super) async fn query_payment(&self, sought: &Sought) -> Claim {
        let Some(order_sn) = &sought.gateway_order_no else {
            return Claim::Unknown {
                reason: "the order_sn to ask by was lost with the answer".into(),
                failure: None,
            };
        };
        let fields = [("mch_id", self.config.mch_id.as_str()), ("order_sn", order_sn.as_str())];
        match self.call("payment", "query", &fields).await {
            Ok((Verdict::Success, Some(data))) => self.read_state(sought, order_sn, &data),
            Ok((Verdict::Code(code), _)) if code == NO_SUCH_ORDER => Claim::NotFound,
            Ok((Verdict::Code(code), _)) => {
                Claim::Unknown { reason: format!("the query answered code {code}"), failure: None }
            }
            Ok(_) => Claim::Unknown { reason: "the query's answer has no data".into(), failure: None },
            Err(error) => Claim::Unknown { reason: error.to_string(), failure: None },
        }
    }

    fn read_state(&self, sought: &Sought, order_sn: &str, data: &Fields) -> Claim {
        let ours = data.get("mch_id").is_none_or(|id| id == self.config.mch_id)
            && data.get("order_sn") == Some(order_sn)
            && data.get("out_trade_no") == Some(sought.order.order_no.as_str());
        if !ours {
            return Claim::Unknown { reason: "the query answered for another order".into(), failure: None };
        }
        match (data.get("status").and_then(Status::parse), data.get("total_fee").and_then(integer)) {
            (Some(Status::Paid), Some(amount)) => Claim::Paid(PaidClaim {
                amount,
                currency: Some(self.currency.clone()),
                gateway_order_no: Some(order_sn.to_owned()),
                transaction_id: None,
                paid_at_ms: data.get("finish_time").and_then(clock::gateway_time_ms),
            }),
            (Some(Status::Unpaid), _) => {
                Claim::Accepted { gateway_order_no: Some(order_sn.to_owned()), next_action: None }
            }
            (Some(Status::Refunded), _) => Claim::Refunded { total: None, paid: None },
            (Some(Status::Closed), _) => Claim::Closed,
            _ => Claim::Unknown {
                reason: "the query answered a state the document does not know".into(),
                failure: None,
            },
        }
    }

    async fn call(
        &self,
        module: &str,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Result<(Verdict, Option<Fields>), UpstreamError> {
        let content = self.signed(fields).map_err(UpstreamError::NotSent)?;
        let answer = self.upstream.post(&self.config.url(module, action), content).await?;
        let envelope: Envelope = answer::envelope(&answer)?;
        let keys = self.config.keys.iter().map(Secret::expose);
        let data = answer::checked(envelope.data(), |fields| sign::verify(fields, keys))?;
        Ok((envelope.verdict(), data))
    }

    /// Renders each value once; that text is signed and sent.
    fn signed(&self, fields: &[(&str, &str)]) -> Result<Content, String> {
        let mut pairs: Vec<(String, String)> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        pairs.push(("version".to_owned(), "2".to_owned()));
        let sign = sign::sign(&pairs, self.config.signing_key()).ok_or("a field _sign cannot be signed")?;
        pairs.push(("sign".to_owned(), sign));
        match self.config.body_format {
            BodyFormat::Form => serde_urlencoded::to_string(&pairs)
                .map(|text| Content { media_type: "application/x-www-form-urlencoded", bytes: text.into() })
                .map_err(|e| e.to_string()),
            BodyFormat::Json => {
                let object: serde_json::Map<String, serde_json::Value> =
                    pairs.into_iter().map(|(name, value)| (name, value.into())).collect();
                serde_json::to_vec(&object)
                    .map(|bytes| Content { media_type: "application/json", bytes })
                    .map_err(|e| e.to_string())
            }
        }
    }
}

fn read_placed(order: &Order, data: &Fields) -> Claim {
    if data.get("out_trade_no").is_some_and(|no| no != order.order_no) {
        return Claim::Unknown { reason: "the answer is for another order".into(), failure: None };
    }
    let url = data.filled("code_url").filter(|url| is_web_page(url));
    match (url, data.filled("order_sn")) {
        (Some(url), order_sn) => Claim::Accepted {
            gateway_order_no: order_sn.map(str::to_owned),
            next_action: Some(NextAction::Redirect { purpose: RedirectPurpose::Pay, url: url.to_owned() }),
        },
        (None, _) => Claim::Unknown { reason: "the answer has no code_url".into(), failure: None },
    }
}

/// Only such an address may be put into a browser's location.
fn is_web_page(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::scripted::{Scripted, name, order, upstream};
    use crate::vectors::wire;
    use countersign_core::{Currency, MethodType};

    async fn asked(file: &str, query: bool, format: BodyFormat) -> (Claim, Vec<(String, String)>) {
        let scripted = Scripted::answering(wire(&format!("jubao/{file}"))).await;
        let mut config = super::super::config::sample();
        (config.base_url, config.body_format) = (scripted.url.clone(), format);
        let gateway = Jubao::new(config, Currency::parse("CNY").unwrap(), upstream());
        let order = order(MethodType::JubaoWechatH5, "T20240101000001", 10, "CNY");
        let sought = Sought { order, gateway_order_no: Some("20240101000000000001".into()) };
        let claim =
            if query { gateway.query_payment(&sought).await } else { gateway.apply_pay(&sought.order).await };
        (claim, scripted.seen())
    }

    #[tokio::test]
    async fn sends_what_it_signed_as_a_form_and_as_json() {
        let (_, seen) = asked("apply_pay.success.json", false, BodyFormat::Form).await;
        assert_eq!(seen[0].0, "/index.php?_m=pay_gateway&_a=apply_pay");
        let form = Fields::from_form(seen[0].1.as_bytes()).unwrap();
        assert!(sign::verify(form.pairs(), ["0123456789abcdef0123456789abcdef"]));
        assert_eq!((form.get("version"), form.get("total_fee")), (Some("2"), Some("10")));
        let (_, seen) = asked("apply_pay.success.json", false, BodyFormat::Json).await;
        let json = Fields::from_json(seen[0].1.as_bytes()).unwrap();
        assert_eq!(json.get("sign"), form.get("sign"));
        let (_, seen) = asked("query.paid.json", true, BodyFormat::Form).await;
        let documented = String::from_utf8(wire("jubao/query.request.form")).unwrap();
        assert_eq!(seen[0], ("/index.php?_m=payment&_a=query".into(), documented));
    }

    #[tokio::test]
    async fn every_answer_to_an_order_has_its_meaning() {
        for (file, expected) in [
            ("apply_pay.success.json", "accepted"),
            ("apply_pay.success_ret_string.json", "accepted"),
            ("apply_pay.success_signed.json", "accepted"),
            ("apply_pay.success_forged_sign.json", "unknown"),
            ("apply_pay.success_without_code_url.json", "unknown"),
            ("apply_pay.both_envelopes_disagree.json", "refused"),
            ("apply_pay.code_envelope_zero.json", "unknown"),
            ("apply_pay.bad_sign.json", "refused"),
            ("apply_pay.failure.json", "refused"),
            ("apply_pay.duplicate_40106.json", "unknown"),
            ("apply_pay.unknown_code.json", "unknown"),
        ] {
            assert_eq!(name(&asked(file, false, BodyFormat::Form).await.0), expected, "{file}");
        }
    }

    #[tokio::test]
    async fn every_state_has_its_meaning() {
        for (file, expected) in [
            ("query.paid.json", "paid"),
            ("query.paid_signed.json", "paid"),
            ("query.paid_strings.json", "paid"),
            ("query.unpaid.json", "accepted"),
            ("query.refunded.json", "refunded"),
            ("query.closed.json", "closed"),
            ("query.no_such_order.json", "not_found"),
            ("query.unknown_status.json", "unknown"),
            ("apply_pay.success.json", "unknown"),
        ] {
            assert_eq!(name(&asked(file, true, BodyFormat::Form).await.0), expected, "{file}");
        }
    }
}
