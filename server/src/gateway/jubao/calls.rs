//! The calls to Jubao, and what their answers mean.

use countersign_core::{FailureClass, NextAction, RedirectPurpose};
use url::Url;

use super::config::{BodyFormat, Version};
use super::errors::{NO_SUCH_ORDER, failure};
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
        let Some(pay_channel_id) = channel(&order.method) else {
            // Checked when the payment was created, so only a ledger that somebody edited comes here.
            return Claim::Unknown { reason: "the payment has no channel number".into(), failure: None };
        };
        let total_fee = order.amount.value().to_string();
        let mut fields = vec![
            ("mch_id", self.config.mch_id.as_str()),
            ("pay_channel_id", pay_channel_id.as_str()),
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
            Ok((Verdict::Code { code, text }, _)) => errors::claim(failure(&code, &text)),
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
            Ok((Verdict::Code { code, .. }, _)) if code == NO_SUCH_ORDER => Claim::NotFound,
            Ok((Verdict::Code { code, text }, _)) => {
                // What ended the question says nothing of the order.
                let doubt =
                    Some(failure(&code, &text)).filter(|failure| failure.class == FailureClass::Query);
                Claim::Unknown { reason: format!("the query answered code {code}"), failure: doubt }
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
        let paid = data.get("total_fee").and_then(integer).map(|amount| PaidClaim {
            amount,
            currency: Some(self.currency.clone()),
            gateway_order_no: Some(order_sn.to_owned()),
            transaction_id: None,
            paid_at_ms: data.get("finish_time").and_then(clock::gateway_time_ms),
            other_payer: false,
        });
        match (data.get("status").and_then(Status::parse), paid) {
            (Some(Status::Paid), Some(paid)) => Claim::Paid(paid),
            (Some(Status::Unpaid), _) => {
                Claim::Accepted { gateway_order_no: Some(order_sn.to_owned()), next_action: None }
            }
            (Some(Status::Refunded), paid) => Claim::Refunded { total: None, paid },
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
        if self.config.version == Version::Two {
            pairs.push(("version".to_owned(), "2".to_owned()));
        }
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
    let order_sn = data.filled("order_sn").map(str::to_owned);
    let page = data.filled("code_url").filter(|url| is_web_page(url)).map(str::to_owned);
    match (page, order_sn) {
        (None, None) => {
            Claim::Unknown { reason: "the answer has neither code_url nor order_sn".into(), failure: None }
        }
        // An order without a page for the payer can still be asked about, and closes by the gateway's word.
        (page, gateway_order_no) => Claim::Accepted {
            gateway_order_no,
            next_action: page.map(|url| NextAction::Redirect { purpose: RedirectPurpose::Pay, url }),
        },
    }
}

/// Only such an address may be put into a browser's location.
fn is_web_page(text: &str) -> bool {
    !text.chars().any(char::is_control)
        && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
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
            ("apply_pay.success_order_sn_number.json", "accepted"),
            ("apply_pay.success_other_msg.json", "accepted"),
            ("apply_pay.success_unknown_field.json", "accepted"),
            ("apply_pay.success_without_msg.json", "accepted"),
            ("apply_pay.success_without_order_sn.json", "accepted"),
            ("apply_pay.success_other_order.json", "unknown"),
            ("apply_pay.ret_0_data_text.json", "unknown"),
            ("apply_pay.ret_0_without_data.json", "unknown"),
            ("apply_pay.bad_sign.json", "refused"),
            ("apply_pay.bad_mch_id.json", "refused"),
            ("apply_pay.busy.json", "refused"),
            ("apply_pay.invalid_request.json", "refused"),
            ("apply_pay.missing_field.json", "refused"),
            ("apply_pay.not_supported.json", "refused"),
            ("apply_pay.already_paid.json", "unknown"),
            ("apply_pay.unknown_code.json", "unknown"),
            ("apply_pay.unknown_error.json", "unknown"),
            ("apply_pay.upstream_empty.json", "unknown"),
            ("apply_pay.upstream_timeout.json", "unknown"),
        ] {
            assert_eq!(name(&asked(file, false, BodyFormat::Form).await.0), expected, "{file}");
        }
    }

    #[tokio::test]
    async fn a_failures_data_may_have_any_type() {
        for kind in ["bool", "list", "null", "number", "object", "text"] {
            let claim =
                asked(&format!("apply_pay.failure_data_{kind}.json"), false, BodyFormat::Form).await.0;
            assert!(matches!(name(&claim).as_str(), "refused" | "unknown"), "{kind}: {claim:?}");
        }
        for file in ["apply_pay.failure_msg_missing.json", "apply_pay.failure_msg_number.json"] {
            assert_eq!(name(&asked(file, false, BodyFormat::Form).await.0), "refused", "{file}");
        }
        for kind in ["list", "null", "text"] {
            let file = format!("query.no_such_order_data_{kind}.json");
            assert_eq!(name(&asked(&file, true, BodyFormat::Form).await.0), "not_found", "{file}");
        }
    }

    #[tokio::test]
    async fn an_order_without_a_page_is_kept_by_its_number() {
        for file in ["apply_pay.success_without_code_url.json", "apply_pay.success_empty_code_url.json"] {
            let claim = asked(file, false, BodyFormat::Form).await.0;
            let Claim::Accepted { gateway_order_no: Some(_), next_action: None } = claim else {
                panic!("{file}: {claim:?}")
            };
        }
    }

    #[tokio::test]
    async fn every_state_has_its_meaning() {
        for (file, expected) in [
            ("query.paid.json", "paid"),
            ("query.paid_signed.json", "paid"),
            ("query.paid_strings.json", "paid"),
            ("query.paid_ret_string.json", "paid"),
            ("query.paid_unknown_field.json", "paid"),
            ("query.paid_without_optionals.json", "paid"),
            ("query.unpaid.json", "accepted"),
            ("query.unpaid_strings.json", "accepted"),
            ("query.refunded.json", "refunded"),
            ("query.refunded_strings.json", "refunded"),
            ("query.closed.json", "closed"),
            ("query.closed_strings.json", "closed"),
            ("query.no_such_order.json", "not_found"),
            ("query.paid_other_merchant.json", "unknown"),
            ("query.paid_other_order.json", "unknown"),
            ("query.unknown_status.json", "unknown"),
            ("query.unknown_code.json", "unknown"),
            ("query.ret_0_without_data.json", "unknown"),
            ("query.busy.json", "unknown"),
            ("apply_pay.success.json", "unknown"),
        ] {
            assert_eq!(name(&asked(file, true, BodyFormat::Form).await.0), expected, "{file}");
        }
    }

    #[tokio::test]
    async fn a_refund_tells_what_had_been_paid_and_another_amount_is_the_ledgers_to_judge() {
        let refunded = asked("query.refunded.json", true, BodyFormat::Form).await.0;
        let Claim::Refunded { total: None, paid: Some(paid) } = refunded else { panic!("{refunded:?}") };
        assert!(paid.amount == 10 && paid.paid_at_ms.is_some());
        let other = asked("query.paid_other_amount.json", true, BodyFormat::Form).await.0;
        assert!(matches!(other, Claim::Paid(paid) if paid.amount != 10));
    }

    #[tokio::test]
    async fn without_the_gateways_number_nothing_is_asked() {
        let scripted = Scripted::answering(wire("jubao/query.paid.json")).await;
        let mut config = super::super::config::sample();
        config.base_url = scripted.url.clone();
        let gateway = Jubao::new(config, Currency::parse("CNY").unwrap(), upstream());
        let order = order(MethodType::JubaoWechatH5, "T20240101000001", 10, "CNY");
        let claim = gateway.query_payment(&Sought { order, gateway_order_no: None }).await;
        assert_eq!((name(&claim).as_str(), scripted.seen().len()), ("unknown", 0));
    }
}
