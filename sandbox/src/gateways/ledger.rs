//! What pages and the control interface do with orders, whichever gateway they belong to.

use jiff::Timestamp;
use serde::Serialize;

use super::clock;
use super::notification::Delivery;
use super::number;
use super::orders::{Deviation, Immovable, Order, Orders, Refund, RefundStatus, State};

/// The orders of one gateway, without what only that gateway notes of them.
pub(crate) trait Ledger {
    fn views(&self) -> Vec<View>;
    /// Books a payment by the payer: only of an unpaid order.
    fn pay(&self, order_no: &str, transaction_id: String) -> Result<(), Immovable>;
    /// Books a payment by order of a test: also of a closed one. A paid one stays as it is.
    fn force_pay(
        &self,
        order_no: &str,
        deviation: &Deviation,
        transaction_id: String,
    ) -> Result<(), Immovable>;
    fn close(&self, order_no: &str) -> Result<(), Immovable>;
    /// Gives back an amount, or all that is left, as the gateway's own portal does.
    fn refund(&self, order_no: &str, amount: Option<i64>) -> Result<(), Immovable>;
    /// Ends a refund that is under way one way or the other.
    fn settle_refund(&self, refund_no: &str, status: RefundStatus) -> Result<(), Immovable>;
    fn note_delivery(&self, order_no: &str, delivery: Delivery);
}

impl<T: Clone> Ledger for Orders<T> {
    fn views(&self) -> Vec<View> {
        self.all().iter().map(Order::view).collect()
    }

    fn pay(&self, order_no: &str, transaction_id: String) -> Result<(), Immovable> {
        self.change(order_no, |order| match order.state {
            State::Unpaid => {
                order.pay(&Deviation::default(), transaction_id);
                Ok(())
            }
            state => Err(Immovable::Stands(state)),
        })
    }

    fn force_pay(
        &self,
        order_no: &str,
        deviation: &Deviation,
        transaction_id: String,
    ) -> Result<(), Immovable> {
        self.change(order_no, |order| match order.state {
            State::Unpaid | State::Closed | State::Failed => {
                order.pay(deviation, transaction_id);
                Ok(())
            }
            State::Paid => Ok(()),
            state @ (State::Refunded | State::Revoked) => Err(Immovable::Stands(state)),
        })
    }

    fn close(&self, order_no: &str) -> Result<(), Immovable> {
        self.change(order_no, |order| match order.state {
            State::Unpaid | State::Closed => {
                order.state = State::Closed;
                Ok(())
            }
            state => Err(Immovable::Stands(state)),
        })
    }

    fn refund(&self, order_no: &str, amount: Option<i64>) -> Result<(), Immovable> {
        self.change(order_no, |order| match (order.state, amount) {
            (State::Refunded, None) => Ok(()),
            _ => order.refund(Refund {
                refund_no: number::digits(24),
                gateway_refund_no: number::digits(28),
                amount: amount.unwrap_or_else(|| order.refundable()),
                status: RefundStatus::Succeeded,
                reason: "the portal".into(),
                at: clock::now(),
            }),
        })
    }

    fn settle_refund(&self, refund_no: &str, status: RefundStatus) -> Result<(), Immovable> {
        let order = self.find(|order| order.refunds.iter().any(|refund| refund.refund_no == refund_no));
        let order_no = order.ok_or(Immovable::Unknown)?.order_no;
        self.change(&order_no, |order| {
            for refund in order.refunds.iter_mut().filter(|refund| refund.refund_no == refund_no) {
                refund.status = status;
            }
            order.settle_refunds();
            Ok(())
        })
    }

    fn note_delivery(&self, order_no: &str, delivery: Delivery) {
        // Orders are never removed, so the number is known.
        let _ = self.change(order_no, |order| {
            order.notifications.push(delivery);
            Ok(())
        });
    }
}

/// An order as the control interface shows it.
#[derive(Debug, Serialize)]
pub(crate) struct View {
    pub(crate) order_no: String,
    gateway_order_no: String,
    amount: i64,
    currency: String,
    status: State,
    notify_url: Option<String>,
    return_url: Option<String>,
    created_at: Timestamp,
    paid_at: Option<Timestamp>,
    paid_amount: Option<i64>,
    transaction_id: Option<String>,
    refunded_amount: i64,
    refunds: Vec<Refund>,
    notifications: Vec<Delivery>,
}

impl<T> Order<T> {
    fn view(&self) -> View {
        let (paid, (_, currency)) = (self.paid.as_ref(), self.told());
        View {
            order_no: self.order_no.clone(),
            gateway_order_no: self.gateway_order_no.clone(),
            amount: self.amount,
            currency: currency.to_owned(),
            status: self.state,
            notify_url: self.notify_url.clone(),
            return_url: self.return_url.clone(),
            created_at: self.created_at,
            paid_at: paid.map(|paid| paid.at),
            paid_amount: paid.map(|paid| paid.amount),
            transaction_id: paid.map(|paid| paid.transaction_id.clone()),
            refunded_amount: self.refunded(),
            refunds: self.refunds.clone(),
            notifications: self.notifications.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orders() -> Orders<()> {
        let orders = Orders::default();
        orders.place(Order::new("A1".into(), "G1".into(), (100, "CNY"), ())).unwrap();
        orders
    }

    #[test]
    fn an_order_number_can_be_used_once() {
        let again = Order::new("A1".into(), "G2".into(), (100, "CNY"), ());
        assert!(orders().place(again).is_err());
    }

    #[test]
    fn an_unpaid_order_is_closed_when_its_time_is_over_and_a_payer_cannot_pay_it() {
        let orders = orders();
        orders
            .change("A1", |order| {
                order.expires_at = Some(clock::now());
                Ok(())
            })
            .unwrap();
        assert_eq!(orders.by_gateway_order_no("G1").unwrap().state, State::Closed);
        assert_eq!(orders.pay("A1", "t".into()), Err(Immovable::Stands(State::Closed)));
    }

    #[test]
    fn a_paid_order_can_be_refunded_and_then_stays_so() {
        let orders = orders();
        assert_eq!(orders.refund("A1", None), Err(Immovable::Stands(State::Unpaid)));
        orders.pay("A1", "t".into()).unwrap();
        orders.refund("A1", None).unwrap();
        assert_eq!(orders.close("A1"), Err(Immovable::Stands(State::Refunded)));
        assert_eq!(
            orders.force_pay("A1", &Deviation::default(), "t".into()),
            Err(Immovable::Stands(State::Refunded))
        );
    }

    #[test]
    fn an_order_counts_as_refunded_when_all_of_it_is_back() {
        let orders = orders();
        orders.pay("A1", "t".into()).unwrap();
        orders.refund("A1", Some(40)).unwrap();
        assert_eq!(orders.by_order_no("A1").unwrap().state, State::Paid);
        assert_eq!(orders.refund("A1", Some(61)), Err(Immovable::Amount));
        assert_eq!(orders.refund("A1", Some(0)), Err(Immovable::Amount));
        orders.refund("A1", None).unwrap();
        let order = orders.by_order_no("A1").unwrap();
        assert_eq!((order.state, order.refunded(), order.refundable()), (State::Refunded, 100, 0));
    }

    #[test]
    fn a_refund_that_fails_frees_its_amount_again() {
        let orders = orders();
        orders.pay("A1", "t".into()).unwrap();
        orders
            .change("A1", |order| {
                order.refund(Refund {
                    refund_no: "R1".into(),
                    gateway_refund_no: "G".into(),
                    amount: 100,
                    status: RefundStatus::Processing,
                    reason: String::new(),
                    at: clock::now(),
                })
            })
            .unwrap();
        let order = orders.by_order_no("A1").unwrap();
        assert_eq!((order.state, order.refundable()), (State::Paid, 0));
        orders.settle_refund("R1", RefundStatus::Closed).unwrap();
        assert_eq!(orders.by_order_no("A1").unwrap().refundable(), 100);
        assert_eq!(orders.settle_refund("R2", RefundStatus::Closed), Err(Immovable::Unknown));
    }
}
