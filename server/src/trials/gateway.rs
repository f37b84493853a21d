//! A gateway that keeps books and answers as the real ones do. The process may die before a call leaves, and after it was
//! acted upon.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::{
    Currency, Failure, FailureClass, FieldError, GatewayId, Method, MethodType, NextAction, RedirectPurpose,
    Text,
};
use rand::Rng as _;
use serde_json::Value;
use url::Url;

use super::books::{Books, Carriage, OnOrder, Standing};
use super::death::point;
use crate::gateway::{
    Acknowledgement, Closing, Draft, Gateway, LoggedIn, LoginError, Order, Received, RefundOrder, Refunds,
    Refusal, RefusalKind, Sought, Tokens, VerifiedNotification,
};
use crate::ledger::{Claim, PaidClaim, Payer, RefundClaim};
use crate::secret::Secret;
use crate::store::tests::Ledger;

/// What kind of gateway it imitates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Orders are found by our number, and closed when nobody paid them.
    ByOurNumber,
    /// Orders are found by the gateway's number only, which a lost answer or a notification tells.
    ByItsNumber,
    /// Charges at once, after a login; whether a question finds a charge is not documented.
    Wallet,
    /// A bar code: charged at once or after the payer's password, taken back by a reversal.
    Till,
}

impl Kind {
    /// How it is paid.
    pub(super) fn method(self) -> MethodType {
        match self {
            Self::ByOurNumber => MethodType::BlueoceanAlipayQrcode,
            Self::ByItsNumber => MethodType::JubaoWechatH5,
            Self::Wallet => MethodType::DotwalletAutopay,
            Self::Till => MethodType::BlueoceanMicropay,
        }
    }
}

/// The gateway.
pub(super) struct Imitation {
    pub(super) kind: Kind,
    pub(super) books: Books,
    pub(super) ledger: Arc<Ledger>,
    pub(super) currency: Currency,
    /// The longest that a call is on its way, one way.
    pub(super) delay_ms_max: u64,
}

impl Imitation {
    /// A moment on the way, in which the process may die.
    async fn on_the_way(&self, place: &str) {
        point(place).await;
        if self.delay_ms_max > 0 {
            let delay_ms = rand::rng().random_range(0..=self.delay_ms_max);
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        }
    }

    /// What the gateway says of an order.
    fn say(&self, order_no: &str) -> Claim {
        let pages = self.books.open();
        let Some(order) = pages.orders.get(order_no) else { return Claim::NotFound };
        let gateway_order_no = Some(format!("G{order_no}"));
        let paid = PaidClaim {
            amount: order.amount,
            currency: Some(self.currency.clone()),
            gateway_order_no: gateway_order_no.clone(),
            transaction_id: Some(format!("T{order_no}")),
            paid_at_ms: None,
            other_payer: false,
        };
        match (order.standing, order.went_back()) {
            (Standing::Waiting, _) => {
                let url = format!("https://pay.example/{order_no}");
                let page = NextAction::Redirect { purpose: RedirectPurpose::Pay, url };
                Claim::Accepted { gateway_order_no, next_action: (self.kind != Kind::Till).then_some(page) }
            }
            (Standing::Paid, 0) => Claim::Paid(paid),
            (Standing::Paid, back) => {
                let total = Some(back).filter(|back| *back < order.amount);
                Claim::Refunded { total, paid: Some(paid) }
            }
            (Standing::Refused, _) => Claim::Refused { failure: failure(FailureClass::Retry) },
            (Standing::Unconsented, _) => Claim::ConsentNeeded {
                failure: failure(FailureClass::Reauthorize),
                next_action: NextAction::DotwalletSetPayConfig {
                    page_url: "https://wallet.example/".into(),
                    app_id: "a".into(),
                    redirect_uri: "https://shop.example/".into(),
                },
            },
            (Standing::Closed, _) => Claim::Closed,
        }
    }

    /// Whether a question finds anything at all.
    fn finds(&self, sought: &Sought) -> bool {
        let known = self.kind != Kind::ByItsNumber || sought.gateway_order_no.is_some();
        known && !self.books.open().is_silent
    }

    async fn note_unannounced(&self, number: &str) {
        if !self.ledger.has_number(number).await {
            self.books.open().unannounced.push(number.to_owned());
        }
    }
}

#[async_trait]
impl Gateway for Imitation {
    fn id(&self) -> GatewayId {
        self.kind.method().gateway()
    }

    fn currency(&self) -> &Currency {
        &self.currency
    }

    fn offers(&self, method: MethodType) -> bool {
        method == self.kind.method()
    }

    fn has_query(&self, _method: MethodType) -> bool {
        self.kind != Kind::Wallet
    }

    fn finds_by_order_no(&self, _method: MethodType) -> bool {
        self.kind != Kind::ByItsNumber
    }

    fn check(&self, _draft: &Draft<'_>) -> Vec<FieldError> {
        Vec::new()
    }

    async fn submit(&self, order: &Order) -> Claim {
        self.on_the_way("before an order leaves").await;
        self.note_unannounced(&order.order_no).await;
        let carriage = self.books.open().next_carriage();
        if carriage == Carriage::NeverLeft {
            return Claim::NotSent;
        }
        let usually = if self.kind == Kind::Wallet { OnOrder::Pays } else { OnOrder::Waits };
        let taken = self.books.open().take(&order.order_no, order.amount.value(), usually);
        self.on_the_way("after an order was taken").await;
        if carriage == Carriage::AnswerLost {
            return unknown("time-out");
        }
        match taken {
            // "Exists" means exists, not paid.
            None => unknown("the order exists"),
            Some(OnOrder::SaysItRefuses) => Claim::Refused { failure: failure(FailureClass::Retry) },
            Some(OnOrder::Waits) if self.kind == Kind::Till => unknown("the payer types a password"),
            Some(_) => self.say(&order.order_no),
        }
    }

    async fn query(&self, sought: &Sought) -> Claim {
        self.on_the_way("before a question leaves").await;
        let finds = self.finds(sought);
        let told = if finds { self.say(&sought.order.order_no) } else { unknown("not to be asked") };
        self.on_the_way("after a question was answered").await;
        told
    }

    fn login_page(&self, method: &Method, callback: &Url, nonce: &str) -> Option<String> {
        let missing = self.kind == Kind::Wallet && method.user_open_id.is_none();
        missing.then(|| format!("https://wallet.example/?redirect_uri={callback}&state={nonce}"))
    }

    async fn login(&self, code: &str) -> Result<LoggedIn, LoginError> {
        self.on_the_way("before a login's code leaves").await;
        // A code is worth something once.
        let logins = {
            let mut pages = self.books.open();
            pages.logins += 1;
            pages.logins
        };
        self.on_the_way("after a login's code was used up").await;
        if code != format!("code{logins}") {
            return Err(LoginError::Refused(failure(FailureClass::Reauthorize)));
        }
        let payer = Payer { id: "payer1".into(), consent: None };
        let tokens =
            Tokens { access: Secret::new("token1".into()), refresh: None, expires_at_ms: i64::MAX / 2 };
        Ok(LoggedIn { payer, tokens })
    }

    fn closing(&self, _method: MethodType) -> Closing {
        match self.kind {
            Kind::ByOurNumber => Closing::Unpaid,
            Kind::Till => Closing::Reversal,
            Kind::ByItsNumber | Kind::Wallet => Closing::No,
        }
    }

    async fn close(&self, sought: &Sought) -> Claim {
        self.on_the_way("before a closing leaves").await;
        let number = &sought.order.order_no;
        let carriage = {
            let mut pages = self.books.open();
            let carriage = pages.next_carriage();
            if carriage != Carriage::NeverLeft
                && let Some(order) = pages.orders.get_mut(number)
            {
                match order.standing {
                    Standing::Waiting => order.standing = Standing::Closed,
                    Standing::Paid if self.kind == Kind::Till => {
                        let rest = order.amount - order.went_back();
                        order.back.insert(format!("reversal of {number}"), rest);
                    }
                    _ => {}
                }
            }
            carriage
        };
        self.on_the_way("after a closing was done").await;
        if carriage == Carriage::Whole { self.say(number) } else { unknown("time-out") }
    }

    fn refunds(&self, _method: MethodType) -> Refunds {
        Refunds::Parts
    }

    async fn refund(&self, refund: &RefundOrder) -> RefundClaim {
        self.on_the_way("before a refund leaves").await;
        self.note_unannounced(&refund.refund_no).await;
        let carriage = {
            let mut pages = self.books.open();
            let carriage = pages.next_carriage();
            let paid = pages.orders.get_mut(&refund.sought.order.order_no);
            if carriage != Carriage::NeverLeft
                && let Some(order) = paid
            {
                order.back.entry(refund.refund_no.clone()).or_insert(refund.amount);
            }
            carriage
        };
        self.on_the_way("after a refund was done").await;
        match carriage {
            Carriage::Whole => RefundClaim::Succeeded { gateway_refund_no: None },
            Carriage::AnswerLost => RefundClaim::Unknown { reason: "time-out".into(), failure: None },
            Carriage::NeverLeft => RefundClaim::NotSent,
        }
    }

    async fn query_refund(&self, refund: &RefundOrder) -> RefundClaim {
        self.on_the_way("before a question about a refund leaves").await;
        let told = {
            let pages = self.books.open();
            let order = pages.orders.get(&refund.sought.order.order_no);
            match order.and_then(|order| order.back.get(&refund.refund_no)) {
                _ if pages.is_silent => RefundClaim::Unknown { reason: "no answer".into(), failure: None },
                Some(_) => RefundClaim::Succeeded { gateway_refund_no: None },
                None => RefundClaim::NotFound,
            }
        };
        self.on_the_way("after a question about a refund was answered").await;
        told
    }

    fn verify(&self, received: &Received<'_>) -> Result<VerifiedNotification, Refusal> {
        let malformed = || Refusal::new(RefusalKind::Malformed, "not a notification");
        let told: Value = serde_json::from_slice(received.body).map_err(|_| malformed())?;
        let order_no = told["order_no"].as_str().ok_or_else(malformed)?;
        let paid = told["amount"].as_i64().map(|amount| PaidClaim {
            amount,
            currency: Some(self.currency.clone()),
            gateway_order_no: Some(format!("G{order_no}")),
            transaction_id: Some(format!("T{order_no}")),
            paid_at_ms: None,
            other_payer: false,
        });
        let number = Some(format!("G{order_no}"));
        Ok(VerifiedNotification::imitated(order_no.to_owned(), paid, number))
    }

    fn acknowledgement(&self, taken: bool) -> Acknowledgement {
        Acknowledgement::text(if taken { "SUCCESS" } else { "FAIL" })
    }
}

fn unknown(reason: &str) -> Claim {
    Claim::Unknown { reason: reason.to_owned(), failure: None }
}

fn failure(class: FailureClass) -> Failure {
    let message = Text { en: "No.".into(), zh: "不。".into() };
    Failure { code: "refused".into(), gateway_code: None, message, class, hint: None }
}
