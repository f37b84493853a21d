//! Books that agree, and books that somebody has doctored: the audit lets the first pass and finds the second.

use serde_json::json;

use super::{Rule, audit};
use crate::books::{
    Arrival, Back, Books, Client, CreateAnswer, Event, Forged, Order, Payment, Payout, Refund, RefundAnswer,
    Seen, Submission, Wallet,
};

/// Adds an event to a payment, as ledger, merchant and the payment's own list have it.
fn tell(books: &mut Books, payment: &str, kind: &str, status: &str, revision: i64) {
    let id = format!("evt_{payment}_{revision}");
    let data = json!({"id": payment, "revision": revision, "status": status});
    let kind = format!("payment.{kind}");
    let body = json!({"id": id, "type": kind, "timestamp": "2026-11-22T00:00:00Z", "data": data});
    let event = Event::of(&body);
    let arrival = Arrival {
        event: id.clone(),
        timestamp_s: 100,
        arrived_at_s: 100,
        verified: true,
        raw: event.content.clone().into_bytes(),
        taken: true,
        redirected: false,
    };
    books.arrivals.push(arrival);
    books.events.push(event);
    let payment = books.payments.iter_mut().find(|known| known.id == payment).expect("a payment");
    payment.events.push((id, revision));
    (payment.status, payment.revision) = (status.to_owned(), revision);
}

/// Adds a payment, and a client to whom its creation was acknowledged twice under one key.
fn create(books: &mut Books, (account, gateway, method): (&str, &str, &str), order_id: &str, currency: &str) {
    let id = format!("pay_{order_id}");
    books.payments.push(Payment {
        id: id.clone(),
        account: account.to_owned(),
        gateway: gateway.to_owned(),
        method: method.to_owned(),
        order_id: order_id.to_owned(),
        amount: 1_000,
        currency: currency.to_owned(),
        status: "created".to_owned(),
        revision: 1,
        ..Payment::default()
    });
    let answer = CreateAnswer { payment: id.clone(), keyed: true, body: format!("{id} created") };
    let seen = |status: &str, revision, at| Seen {
        payment: id.clone(),
        status: status.to_owned(),
        revision,
        asked_at: at,
        answered_at: at + 1,
    };
    books.clients.push(Client {
        order_id: order_id.to_owned(),
        account: account.to_owned(),
        amount: 1_000,
        created: vec![answer.clone(), answer],
        seen: vec![seen("created", 1, 10)],
        ..Client::default()
    });
}

/// Books the payment's order at its gateway as paid, under its own number.
fn pay(books: &mut Books, order_id: &str) {
    let payment = books.payments.iter_mut().find(|known| known.order_id == order_id).expect("a payment");
    payment.attempts.push(order_id.to_owned());
    payment.paid = true;
    let (id, gateway, currency) = (payment.id.clone(), payment.gateway.clone(), payment.currency.clone());
    books.submissions.push(Submission {
        gateway: gateway.clone(),
        order_no: order_id.to_owned(),
        refused: None,
    });
    books.orders.push(Order {
        gateway,
        order_no: order_id.to_owned(),
        currency,
        state: "paid".to_owned(),
        paid: Some(1_000),
        ..Order::default()
    });
    tell(books, &id, "processing", "processing", 2);
    tell(books, &id, "succeeded", "succeeded", 3);
}

/// T1 is paid at BlueOcean and partly given back, T2 is paid at Hicoin and wholly given back, T3 was paid out of a wallet,
/// T4 was created, forged at, and expired.
fn sound() -> Books {
    let mut books = Books::default();
    create(&mut books, ("hk", "blueocean", "blueocean_alipay_qrcode"), "T1", "HKD");
    create(&mut books, ("coin", "hicoin", "hicoin_h5"), "T2", "USDT");
    create(&mut books, ("wallet", "dotwallet", "dotwallet_autopay"), "T3", "BSV");
    create(&mut books, ("shop", "jubao", "jubao_wechat_h5"), "T4", "CNY");
    pay(&mut books, "T1");
    pay(&mut books, "T2");
    pay(&mut books, "T3");
    books.orders[0].refunds.push(Back { refund_no: "T1f1".to_owned(), amount: 400 });
    give_back(&mut books, 0, 400, "succeeded");
    books.payouts.push(Payout { refund_no: "T2f1".to_owned(), amount: 1_000, currency: "USDT".to_owned() });
    give_back(&mut books, 1, 1_000, "refunded");
    books.wallets.push(Wallet { put_in: 5_000, left: 3_887, fee: 113 });
    tell(&mut books, "pay_T4", "expired", "expired", 2);
    books.clients[3].is_bait = true;
    books.forgeries.push(Forged { order_id: "T4".to_owned(), what: "WrongKey".to_owned(), answered: 401 });
    books
}

fn give_back(books: &mut Books, place: usize, amount: i64, status: &str) {
    let payment = &mut books.payments[place];
    payment.amount_refunded = amount;
    let id = format!("re_{}", payment.order_id);
    payment.refunds.push(Refund { id: id.clone(), amount, status: "succeeded".to_owned() });
    let id_of_payment = payment.id.clone();
    tell(books, &id_of_payment, "refunded", status, 4);
    let answer =
        RefundAnswer { number: "R1".to_owned(), refund: id, amount, keyed: true, body: "b".to_owned() };
    books.clients[place].refunds.push(answer);
}

/// Asserts that the doctored books break this rule, for this order where one is named.
fn finds(rule: Rule, order_id: &str, doctor: impl FnOnce(&mut Books)) {
    let mut books = sound();
    doctor(&mut books);
    let findings = audit(&books).findings;
    let found = findings
        .iter()
        .any(|finding| finding.rule == rule && finding.order_id.as_deref().unwrap_or_default() == order_id);
    assert!(found, "{rule:?} of {order_id:?} is not among {findings:#?}");
}

#[test]
fn books_that_agree_pass() {
    let verdict = audit(&sound());
    assert!(verdict.findings.is_empty(), "{:#?}", verdict.findings);
    assert!(verdict.lines > 60, "{}", verdict.lines);
}

#[test]
fn a_payment_that_was_acknowledged_and_is_missing_is_found() {
    finds(Rule::Acknowledged, "T4", |books| {
        books.payments.remove(3);
    });
    finds(Rule::Acknowledged, "T1", |books| books.clients[0].created[1].payment = "pay_other".to_owned());
    finds(Rule::Acknowledged, "T1", |books| books.payments[0].amount = 999);
}

#[test]
fn one_order_number_with_two_payments_is_found() {
    finds(Rule::Acknowledged, "T4", |books| {
        let twin = Payment { id: "pay_twin".to_owned(), ..books.payments[3].clone() };
        books.payments.push(twin);
    });
}

#[test]
fn two_answers_to_one_key_are_found() {
    finds(Rule::Acknowledged, "T2", |books| books.clients[1].created[1].body.push(' '));
    finds(Rule::Acknowledged, "T2", |books| {
        let again = RefundAnswer { body: "another".to_owned(), ..books.clients[1].refunds[0].clone() };
        books.clients[1].refunds.push(again);
    });
}

#[test]
fn an_acknowledged_refund_that_is_missing_is_found() {
    finds(Rule::Acknowledged, "T1", |books| books.payments[0].refunds.clear());
}

#[test]
fn a_revision_that_goes_backwards_is_found() {
    finds(Rule::Forward, "T3", |books| {
        let seen = &mut books.clients[2].seen;
        let later = Seen {
            status: "succeeded".to_owned(),
            revision: 3,
            asked_at: 5,
            answered_at: 6,
            ..seen[0].clone()
        };
        seen.push(later);
    });
}

#[test]
fn money_that_a_gateway_took_and_the_ledger_lacks_is_found() {
    for status in ["expired", "failed", "canceled", "processing", "review"] {
        finds(Rule::Taken, "T3", |books| books.payments[2].status = status.to_owned());
    }
    finds(Rule::Taken, "T1r2", |books| {
        let stray = Order { order_no: "T1r2".to_owned(), ..books.orders[0].clone() };
        books.orders.push(stray);
    });
    finds(Rule::Totals, "", |books| books.payments[2].paid = false);
}

#[test]
fn another_amount_or_currency_is_found() {
    finds(Rule::Taken, "T1", |books| books.orders[0].paid = Some(1_001));
    finds(Rule::Totals, "", |books| books.orders[0].paid = Some(1_001));
    finds(Rule::Taken, "T1", |books| books.orders[0].currency = "CNY".to_owned());
}

#[test]
fn a_double_charge_is_found() {
    finds(Rule::Paid, "T1", |books| {
        books.payments[0].attempts.push("T1r2".to_owned());
        let second = Order { order_no: "T1r2".to_owned(), refunds: Vec::new(), ..books.orders[0].clone() };
        books.orders.push(second);
    });
    // Even where no order shows it.
    finds(Rule::Totals, "", |books| books.wallets[0].left -= 1_113);
}

#[test]
fn a_payment_called_paid_without_money_is_found() {
    finds(Rule::Paid, "T3", |books| {
        (books.orders[2].state, books.orders[2].paid) = ("unpaid".to_owned(), None);
    });
}

#[test]
fn a_refund_that_only_one_side_knows_is_found() {
    finds(Rule::Taken, "T2", |books| books.payouts.clear());
    finds(Rule::Taken, "T1", |books| books.payments[0].amount_refunded = 0);
    finds(Rule::Numbers, "T1", |books| {
        books.orders[0].refunds.push(Back { refund_no: "T1f2".to_owned(), amount: 400 });
    });
    finds(Rule::Rest, "T1", |books| books.payments[0].refunds[0].status = "processing".to_owned());
}

#[test]
fn a_refund_left_to_a_person_is_no_finding_by_itself_but_many_are() {
    finds(Rule::Rest, "", |books| {
        books.payments[0].amount_refunded = 0;
        books.payments[0].refunds[0].status = "review".to_owned();
    });
    // Whether or not the gateway's word about the whole order has told of the money.
    for amount_refunded in [0, 400] {
        let mut books = sound();
        books.payments[0].amount_refunded = amount_refunded;
        books.payments[0].refunds[0].status = "review".to_owned();
        let findings = audit(&books).findings;
        assert!(findings.iter().all(|finding| finding.rule == Rule::Rest), "{findings:#?}");
    }
}

#[test]
fn what_has_not_come_to_rest_is_found() {
    finds(Rule::Rest, "T4", |books| books.payments[3].status = "processing".to_owned());
    finds(Rule::Rest, "", |books| {
        books.payments[3].status = "review".to_owned();
        books.payments[3].gateway_order_no = Some("G".to_owned());
    });
}

#[test]
fn money_after_expiry_must_be_called_late() {
    finds(Rule::Taken, "T3", |books| {
        let event = books.events.iter_mut().find(|event| event.payment == "pay_T3").expect("an event");
        event.status = "expired".to_owned();
    });
}

#[test]
fn an_order_number_that_was_not_written_down_is_found() {
    finds(Rule::Numbers, "T9", |books| {
        let stray = Submission { gateway: "jubao".to_owned(), order_no: "T9".to_owned(), refused: None };
        books.submissions.push(stray);
    });
}

#[test]
fn a_second_order_before_the_first_was_refused_is_found() {
    let second = |books: &mut Books, refused: Option<&str>| {
        books.payments[0].attempts.push("T1r2".to_owned());
        books.submissions[0].refused = refused.map(str::to_owned);
        let next = Submission { order_no: "T1r2".to_owned(), refused: None, ..books.submissions[0].clone() };
        books.submissions.push(next);
    };
    finds(Rule::Numbers, "T1", |books| second(books, None));
    finds(Rule::Numbers, "T1", |books| second(books, Some("99999")));
    let mut books = sound();
    second(&mut books, Some("40400"));
    assert!(audit(&books).findings.is_empty(), "a definite refusal may be followed by another order");
    finds(Rule::Numbers, "T1", |books| {
        second(books, Some("40400"));
        books.submissions.push(books.submissions[0].clone());
    });
}

#[test]
fn events_that_are_missing_doubled_or_out_of_order_are_found() {
    finds(Rule::Events, "T1", |books| {
        books.events.remove(1);
    });
    finds(Rule::Events, "T1", |books| books.events.swap(0, 1));
    finds(Rule::Events, "T1", |books| books.events.push(books.events[0].clone()));
    finds(Rule::Events, "T3", |books| books.payments[2].status = "refunded".to_owned());
    finds(Rule::Events, "T4", |books| {
        books.clients[3].seen[0].status = "canceled".to_owned();
    });
}

#[test]
fn a_status_that_must_not_be_left_is_found() {
    finds(Rule::Events, "T3", |books| tell(books, "pay_T3", "expired", "expired", 4));
    finds(Rule::Events, "T3", |books| tell(books, "pay_T3", "succeeded", "succeeded", 4));
    finds(Rule::Events, "T2", |books| tell(books, "pay_T2", "succeeded", "succeeded", 5));
    finds(Rule::Events, "T4", |books| tell(books, "pay_T4", "processing", "processing", 3));
}

#[test]
fn a_webhook_that_was_lost_is_found() {
    finds(Rule::Webhooks, "T1", |books| {
        books.arrivals.remove(0);
    });
    finds(Rule::Webhooks, "T4", |books| {
        books.arrivals.last_mut().expect("an arrival").taken = false;
    });
}

#[test]
fn webhooks_out_of_order_are_found() {
    finds(Rule::Webhooks, "T1", |books| books.arrivals.swap(0, 1));
    finds(Rule::Webhooks, "T1", |books| {
        let late = Arrival { taken: false, ..books.arrivals[0].clone() };
        let taken = std::mem::replace(&mut books.arrivals[0], late);
        books.arrivals.push(taken);
    });
}

#[test]
fn a_webhook_that_is_forged_changed_stale_or_redirected_is_found() {
    finds(Rule::Webhooks, "T1", |books| books.arrivals[0].verified = false);
    finds(Rule::Webhooks, "T1", |books| books.arrivals[0].timestamp_s -= 60);
    finds(Rule::Webhooks, "T1", |books| books.arrivals[0].raw = b"{}".to_vec());
    finds(Rule::Webhooks, "T1", |books| books.arrivals[0].redirected = true);
    finds(Rule::Webhooks, "T1", |books| {
        let again = Arrival { raw: b"{} ".to_vec(), ..books.arrivals[0].clone() };
        books.arrivals.push(again);
    });
    finds(Rule::Webhooks, "", |books| books.arrivals[0].event = "evt_of_nobody".to_owned());
}

#[test]
fn a_forgery_that_was_taken_or_left_a_trace_is_found() {
    for answered in [200, 302, 429, 500] {
        finds(Rule::Forgeries, "T4", |books| books.forgeries[0].answered = answered);
    }
    finds(Rule::Forgeries, "T4", |books| books.payments[3].revision = 3);
    finds(Rule::Forgeries, "T4", |books| books.payments[3].attempts.push("T4".to_owned()));
}

#[test]
fn a_complaint_of_a_client_is_a_finding() {
    finds(Rule::Acknowledged, "T1", |books| books.clients[0].complaints.push("answered 500".to_owned()));
}
