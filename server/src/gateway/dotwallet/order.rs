//! One signed order, which the payer confirms on a page of the wallet.

use countersign_core::{MethodType, NextAction, RedirectPurpose};

use super::errors::{self, NOT_FOUND};
use super::wire::{
    CreateOrder, Created, Envelope, FoundOrder, OrderFields, OrderState, PayPage, SearchOrder,
};
use super::{Dotwallet, Order, sign};
use crate::clock;
use crate::gateway::errors::claim;
use crate::ledger::{Claim, PaidClaim};
use crate::upstream::UpstreamError;

impl Dotwallet {
    /// Creates the order; the answer's number makes the pay page.
    pub(super) async fn create_order(&self, order: &Order) -> Claim {
        let secret = self.config.secret.expose();
        let nonce_str = sign::nonce_str(&order.order_no, secret);
        let receive_address = super::receive_address(order);
        let fields = OrderFields {
            app_id: &self.config.app_id,
            merchant_order_sn: &order.order_no,
            item_name: &order.subject,
            order_amount: order.amount.value(),
            nonce_str: &nonce_str,
            notice_uri: Some(&order.notify_url),
            redirect_uri: order.return_url.as_deref(),
            opreturn: order.method.op_return.as_deref(),
            receive_address: receive_address.as_deref(),
        };
        let message = CreateOrder::signed(&fields, |fields| sign::sign(fields, secret));
        match self.call(&self.config.create_order_path, &message).await {
            Ok(answer) => self.read_created(order, &answer).await,
            Err(UpstreamError::NotSent(_)) => Claim::NotSent,
            Err(UpstreamError::OutcomeUnknown(reason)) => Claim::Unknown { reason, failure: None },
        }
    }

    async fn read_created(&self, order: &Order, answer: &Envelope) -> Claim {
        if answer.succeeded() {
            return match answer.data::<Created>().and_then(|created| created.order_sn.owned()) {
                Some(order_sn) => self.open(order, order_sn),
                None => Claim::Unknown { reason: "code 0 without an order_sn".into(), failure: None },
            };
        }
        let refused = claim(errors::failure(answer, &self.config.secret));
        let duplicate =
            matches!(&refused, Claim::Unknown { failure: Some(f), .. } if f.code == "duplicate_order");
        if duplicate {
            // The number is taken: by this very order when an earlier answer was lost. Only the look-up can tell.
            return match self.search_order(order).await {
                Claim::NotFound | Claim::Unknown { .. } => refused,
                found => found,
            };
        }
        refused
    }

    /// The order waits for the payer on the page that fits their device.
    fn open(&self, order: &Order, order_sn: String) -> Claim {
        let handheld = order.circumstances.environment.is_some_and(|place| place.is_handheld());
        let path = if handheld { &self.config.wallet_order_path } else { &self.config.desktop_order_path };
        let url = self.config.url_with(path, &PayPage { order_sn: &order_sn }).into();
        let next_action = Some(NextAction::Redirect { purpose: RedirectPurpose::Pay, url });
        Claim::Accepted { gateway_order_no: Some(order_sn), next_action }
    }

    /// Looks an order up by the merchant's number. Whether DotWallet finds automatic payments this way is not
    /// documented, so of those only "paid" and "failed" are taken as its word.
    pub(super) async fn search_order(&self, order: &Order) -> Claim {
        let message = SearchOrder {
            app_id: &self.config.app_id,
            secret: self.config.secret.expose(),
            merchant_order_sn: &order.order_no,
        };
        let answer = match self.call(&self.config.search_order_path, &message).await {
            Ok(answer) => answer,
            Err(error) => return unknown(error.to_string()),
        };
        match answer.code.integer() {
            Some(0) => match answer.data::<FoundOrder>() {
                Some(found) if found.merchant_order_sn.as_str() == order.order_no => {
                    self.read_found(order, &found)
                }
                _ => unknown("the look-up answered for another order"),
            },
            Some(NOT_FOUND) => Claim::NotFound,
            _ => self.refused_to_look(order, &answer),
        }
    }

    /// Refusing to look says nothing of the order; but somebody must mend it, or it will never be known.
    fn refused_to_look(&self, order: &Order, answer: &Envelope) -> Claim {
        let failure = errors::failure(answer, &self.config.secret);
        let (code, hint) = (answer.code.as_str(), failure.hint.as_deref());
        tracing::warn!(
            order_no = order.order_no,
            code,
            cause = failure.code,
            hint,
            "DotWallet refused to look an order up"
        );
        unknown(format!("the look-up answered {}, code {code}", failure.code))
    }

    fn read_found(&self, order: &Order, found: &FoundOrder) -> Claim {
        let amount = found.amount.integer();
        match (found.state(), amount) {
            (Some(OrderState::Paid), Some(amount)) => Claim::Paid(PaidClaim {
                amount,
                currency: None,
                gateway_order_no: found.order_sn.owned(),
                transaction_id: found.transaction_id(),
                paid_at_ms: clock::gateway_time_ms(found.pay_time.as_str()),
                other_payer: false,
            }),
            (Some(OrderState::Failed), _) => Claim::Refused { failure: errors::order_failed() },
            (Some(OrderState::Waiting), _) if order.method.kind == MethodType::DotwalletOrder => {
                // Nobody is sent to pay what was not asked for.
                if amount.is_some_and(|amount| amount != order.amount.value()) {
                    return unknown("the order waits with another amount");
                }
                let order_sn = found.order_sn.owned();
                order_sn
                    .map_or_else(|| unknown("the order waits without an order_sn"), |sn| self.open(order, sn))
            }
            _ => unknown(format!("the order has status {}", found.status.as_str())),
        }
    }
}

fn unknown(reason: impl Into<String>) -> Claim {
    Claim::Unknown { reason: reason.into(), failure: None }
}

#[cfg(test)]
mod tests {
    use super::super::config::BodyFormat;
    use super::*;
    use crate::gateway::fields::Fields;
    use crate::gateway::scripted::{Scripted, name, order, upstream};
    use crate::vectors::wire;
    use countersign_core::{Currency, Environment, Money, Receiver};

    fn gateway(scripted: &Scripted, body_format: BodyFormat) -> Dotwallet {
        let mut config = super::super::sample();
        config.base_url = scripted.url.clone();
        config.body_format = body_format;
        Dotwallet::new(config, Currency::parse("BSV").unwrap(), upstream())
    }

    fn bananas(kind: MethodType) -> Order {
        let mut order = order(kind, "d20240101-0001", 546, "BSV");
        order.subject = "bananas".into();
        order
    }

    fn wallet_order() -> Order {
        bananas(MethodType::DotwalletOrder)
    }

    async fn created(file: &str) -> Claim {
        let scripted = Scripted::by_path(vec![
            ("create_order", wire(&format!("dotwallet/create_order.{file}.json"))),
            ("search_order", wire("dotwallet/search_order.not_found.json")),
        ])
        .await;
        gateway(&scripted, BodyFormat::Json).create_order(&wallet_order()).await
    }

    async fn found(kind: MethodType, file: &str) -> Claim {
        let scripted = Scripted::answering(wire(&format!("dotwallet/search_order.{file}.json"))).await;
        let claim = gateway(&scripted, BodyFormat::Json).search_order(&bananas(kind)).await;
        let (path, body) = scripted.seen().remove(0);
        assert_eq!(path, "/openapi/search_order/");
        let documented: serde_json::Value =
            serde_json::from_slice(&wire("dotwallet/search_order.request.json")).unwrap();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&body).unwrap(), documented);
        claim
    }

    /// The pay page's path and query.
    fn pay_page(claim: Claim) -> String {
        let Claim::Accepted { next_action: Some(NextAction::Redirect { purpose, url }), .. } = claim else {
            panic!("{claim:?}");
        };
        assert_eq!(purpose, RedirectPurpose::Pay);
        let url = url::Url::parse(&url).unwrap();
        format!("{}?{}", url.path(), url.query().unwrap())
    }

    /// The documented message with the nonce that this signer sends, signed anew; its members keep their order.
    fn documented(file: &str) -> Fields {
        let bytes = super::super::notify::sample_notice(&format!("create_order.{file}.json"));
        Fields::from_json(&bytes).unwrap()
    }

    #[tokio::test]
    async fn sends_the_fields_in_the_order_in_which_they_are_signed_in_both_formats() {
        let address = |address: &str, amount| Receiver { address: address.into(), amount };
        let mut with_data = wallet_order();
        with_data.method.op_return = Some("006a0568656c6c6f".into());
        let mut chinese = wallet_order();
        chinese.subject = "一个苹果".into();
        let mut whole = with_data.clone();
        whole.method.receive_addresses = Some(vec![address("1BitcoinEaterAddressDontSendf59kuE", 546)]);
        let mut split = wallet_order();
        split.method.receive_addresses = Some(vec![
            address("1BitcoinEaterAddressDontSendf59kuE", 300),
            address("1CounterpartyXXXXXXXXXXXXXXXUWLpVr", 246),
        ]);
        let mut bare = wallet_order();
        (bare.notify_url, bare.return_url) = (String::new(), None);
        for (order, file) in [
            (with_data, "request"),
            (chinese, "request_chinese"),
            (whole, "request_receive_address"),
            (split, "request_split"),
            (bare, "request_without_addresses_to_tell"),
        ] {
            let scripted = Scripted::answering(wire("dotwallet/create_order.success.json")).await;
            gateway(&scripted, BodyFormat::Json).create_order(&order).await;
            gateway(&scripted, BodyFormat::Form).create_order(&order).await;
            let [(path, json), (_, form)] = <[_; 2]>::try_from(scripted.seen()).unwrap();
            assert_eq!(path, "/openapi/create_order");
            assert!(json.contains(r#""order_amount":546,"#), "{json}");
            assert_eq!(Fields::from_json(json.as_bytes()).unwrap(), documented(file), "{file}");
            assert_eq!(Fields::from_form(form.as_bytes()).unwrap(), documented(file), "{file}");
        }
    }

    #[tokio::test]
    async fn every_answer_to_an_order_has_its_meaning() {
        for (file, expected) in [
            ("success", "accepted"),
            ("success_code_string", "accepted"),
            ("success_order_sn_number", "accepted"),
            ("success_unknown_field", "accepted"),
            ("success_without_msg", "accepted"),
            ("success_empty_order_sn", "unknown"),
            ("success_without_order_sn", "unknown"),
            ("code_0_without_data", "unknown"),
            ("duplicate", "unknown"),
            ("duplicate_code_string", "unknown"),
            ("duplicate_zh", "unknown"),
            ("unknown_code", "unknown"),
            ("app_id_empty", "refused"),
            ("failure_data_missing", "refused"),
            ("failure_data_null", "refused"),
            ("failure_data_object", "refused"),
            ("failure_data_text", "refused"),
            ("failure_msg_missing", "refused"),
            ("item_name_empty", "refused"),
            ("merchant_order_sn_empty", "refused"),
            ("no_permission", "refused"),
            ("nonce_str_empty", "refused"),
            ("nonce_str_not_an_integer", "refused"),
            ("not_created", "refused"),
            ("order_amount_not_an_integer", "refused"),
            ("redirect_uri_empty", "refused"),
            ("sign_empty", "refused"),
        ] {
            assert_eq!(name(&created(file).await), expected, "{file}");
        }
    }

    #[tokio::test]
    async fn the_pay_page_fits_the_device() {
        let scripted = Scripted::answering(wire("dotwallet/create_order.success.json")).await;
        let gateway = gateway(&scripted, BodyFormat::Json);
        let query = String::from_utf8(wire("dotwallet/pay_page.request.query")).unwrap();
        for (environment, page) in [
            (None, "desktop"),
            (Some(Environment::Desktop), "desktop"),
            (Some(Environment::Mobile), "wallet"),
            (Some(Environment::Wechat), "wallet"),
            (Some(Environment::Alipay), "wallet"),
        ] {
            let mut order = wallet_order();
            order.circumstances.environment = environment;
            let claim = gateway.create_order(&order).await;
            assert_eq!(pay_page(claim), format!("/{page}/open/order?{query}"), "{environment:?}");
        }
    }

    #[tokio::test]
    async fn an_order_whose_answer_was_lost_or_repeated_gets_its_pay_page_from_the_look_up() {
        let page = "/desktop/open/order?order_sn=f00000000000000000000000000000d1";
        assert_eq!(pay_page(found(MethodType::DotwalletOrder, "waiting").await), page);
        for (found, expected) in
            [("waiting", "accepted"), ("paid", "paid"), ("failed", "refused"), ("not_found", "unknown")]
        {
            let scripted = Scripted::by_path(vec![
                ("create_order", wire("dotwallet/create_order.duplicate.json")),
                ("search_order", wire(&format!("dotwallet/search_order.{found}.json"))),
            ])
            .await;
            let claim = gateway(&scripted, BodyFormat::Json).create_order(&wallet_order()).await;
            assert_eq!(name(&claim), expected, "{found}");
        }
    }

    #[tokio::test]
    async fn every_answer_to_a_look_up_has_its_meaning() {
        for (file, expected) in [
            ("paid", "paid"),
            ("paid_chinese_unknown_field", "paid"),
            ("paid_order_sn_number", "paid"),
            ("paid_other_amount", "paid"),
            ("paid_paytxid", "paid"),
            ("paid_strings", "paid"),
            ("paid_with_fee_and_txid", "paid"),
            ("paid_without_optionals", "paid"),
            ("waiting", "accepted"),
            ("waiting_strings", "accepted"),
            ("failed", "refused"),
            ("failed_strings", "refused"),
            ("not_found", "not_found"),
            ("not_found_zh", "not_found"),
            ("code_0_without_data", "unknown"),
            ("failure_data_text", "unknown"),
            ("merchant_order_sn_empty", "unknown"),
            ("no_permission", "unknown"),
            ("notice_status_1", "unknown"),
            ("paid_other_order", "unknown"),
            ("unknown_code", "unknown"),
            ("unknown_status", "unknown"),
            ("wrong_secret", "unknown"),
        ] {
            assert_eq!(name(&found(MethodType::DotwalletOrder, file).await), expected, "{file}");
            // Whether automatic payments are found is not documented: no word but "paid" and "failed" counts.
            let expected = if expected == "accepted" { "unknown" } else { expected };
            assert_eq!(name(&found(MethodType::DotwalletAutopay, file).await), expected, "{file}");
        }
    }

    #[tokio::test]
    async fn what_was_paid_is_told_with_its_time_and_transaction() {
        let Claim::Paid(paid) = found(MethodType::DotwalletOrder, "paid_strings").await else {
            panic!("not paid")
        };
        assert_eq!((paid.amount, paid.paid_at_ms), (546, Some(1_704_067_205_000)));
        assert_eq!(paid.transaction_id, Some("a".repeat(64)));
        assert_eq!(paid.gateway_order_no.as_deref(), Some("f00000000000000000000000000000d1"));
    }

    #[tokio::test]
    async fn nobody_is_sent_to_pay_another_amount() {
        let scripted = Scripted::answering(wire("dotwallet/search_order.waiting.json")).await;
        let mut order = wallet_order();
        order.amount = Money::new(547, Currency::parse("BSV").unwrap()).unwrap();
        let claim = gateway(&scripted, BodyFormat::Json).search_order(&order).await;
        assert_eq!(name(&claim), "unknown");
    }
}
