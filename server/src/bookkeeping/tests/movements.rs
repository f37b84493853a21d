//! Which money moved, and what for.

use countersign_core::{Currency, Failure, FailureClass, PaymentStatus, Text};

use super::book::{Book, SECOND, paid, paid_claim};
use crate::bookkeeping::movements::{CountsAs, Moved, Movement, movements};
use crate::ledger::{Claim, PaidClaim};
use crate::store::Record;

async fn moved(book: &Book, record: &Record) -> Vec<Movement> {
    movements(&book.history(record).await)
}

fn sums(moved: &[Movement]) -> Vec<(i64, Option<CountsAs>)> {
    moved.iter().map(|movement| (movement.amount, movement.counts_as())).collect()
}

#[tokio::test]
async fn money_that_is_told_of_twice_came_in_once() {
    let book = Book::open().await;
    let record = book.payment("A1", SECOND).await;
    book.told(&record, Some(1), Claim::NotFound, 3 * SECOND).await;
    book.told(&record, Some(1), paid(1000, None), 4 * SECOND).await;
    book.told(&record, Some(1), paid(1000, Some("T1")), 5 * SECOND).await;
    let moved = moved(&book, &record).await;
    assert_eq!(sums(&moved), [(1000, Some(CountsAs::Payment))]);
    assert_eq!(moved[0].recorded_ms, 4 * SECOND);
    let Moved::In { paid, attempt, .. } = &moved[0].kind else { panic!("{moved:?}") };
    assert_eq!((paid.transaction_id.as_deref(), *attempt), (Some("T1"), Some(1)));
}

#[tokio::test]
async fn money_under_a_second_number_or_transaction_is_extra() {
    let book = Book::open().await;
    let record = book.payment("A1", SECOND).await;
    let failure = Failure {
        code: "busy".into(),
        gateway_code: None,
        message: Text { en: "no".into(), zh: "不".into() },
        class: FailureClass::Retry,
        hint: None,
    };
    book.told(&record, Some(1), Claim::Refused { failure }, 3 * SECOND).await;
    let record = book.attempt(&record, 4 * SECOND).await;
    book.told(&record, Some(2), paid(1000, Some("T2")), 5 * SECOND).await;
    book.told(&record, Some(1), paid(1000, Some("T1")), 6 * SECOND).await;
    let twice = moved(&book, &record).await;
    assert_eq!(sums(&twice), [(1000, Some(CountsAs::Payment)), (1000, Some(CountsAs::Extra))]);

    let record = book.payment("A2", SECOND).await;
    book.told(&record, Some(1), paid(1000, Some("T3")), 5 * SECOND).await;
    book.told(&record, Some(1), paid(1000, Some("T4")), 6 * SECOND).await;
    let twice = moved(&book, &record).await;
    assert_eq!(sums(&twice), [(1000, Some(CountsAs::Payment)), (1000, Some(CountsAs::Extra))]);
}

#[tokio::test]
async fn money_that_nobody_asked_for_is_there_and_waits_for_a_person() {
    let book = Book::open().await;
    let usd = Currency::parse("USD").unwrap();
    let other_currency = Claim::Paid(PaidClaim { currency: Some(usd.clone()), ..paid_claim(1000, None) });
    for (order_id, claim, amount) in [("A1", paid(999, None), 999), ("A2", other_currency, 1000)] {
        let record = book.payment(order_id, SECOND).await;
        book.told(&record, Some(1), claim, 5 * SECOND).await;
        let moved = moved(&book, &record).await;
        assert_eq!(sums(&moved), [(amount, Some(CountsAs::Review))]);
        assert_eq!(moved[0].currency == usd, order_id == "A2");
    }
    let record = book.payment("A3", SECOND).await;
    book.told(&record, Some(1), Claim::PaidUnconfirmed(paid_claim(1000, None)), 5 * SECOND).await;
    assert!(moved(&book, &record).await.is_empty(), "a notification alone moves nothing");
}

#[tokio::test]
async fn what_went_back_adds_up_whoever_gave_it_back() {
    let book = Book::open().await;
    let record = book.payment("A1", SECOND).await;
    let record = book.told(&record, Some(1), paid(1000, None), 5 * SECOND).await;
    book.refund(&record, 400, 6 * SECOND).await;
    book.told(&record, None, Claim::Refunded { total: Some(400), paid: None }, 7 * SECOND).await;
    let record = book.told(&record, None, Claim::Refunded { total: Some(650), paid: None }, 8 * SECOND).await;
    let some = moved(&book, &record).await;
    let expected = [(1000, Some(CountsAs::Payment)), (-400, None), (-250, None)];
    assert_eq!((sums(&some), record.state.amount_refunded), (expected.to_vec(), 650));
    assert_eq!(some[1].kind, Moved::Back { refund: Some(1) });
    assert_eq!(some[2].kind, Moved::Back { refund: None });
    let record = book.refund(&record, 350, 9 * SECOND).await;
    let all = moved(&book, &record).await;
    assert_eq!(record.status(), PaymentStatus::Refunded);
    assert_eq!(all.iter().map(|movement| movement.amount).sum::<i64>(), 0);
}

#[tokio::test]
async fn one_word_can_tell_of_money_that_came_and_went() {
    let book = Book::open().await;
    let record = book.payment("A1", SECOND).await;
    let claim = Claim::Refunded { total: None, paid: Some(paid_claim(1000, Some("T1"))) };
    book.told(&record, Some(1), claim, 5 * SECOND).await;
    let moved = moved(&book, &record).await;
    assert_eq!(sums(&moved), [(1000, Some(CountsAs::Payment)), (-1000, None)]);
    assert_eq!(moved[0].number, moved[1].number);
}
