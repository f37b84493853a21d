//! The figures of days, and what is found when somebody changed the ledger by hand.

use jiff::tz::Offset;

use super::book::{Book, DAY, SECOND, paid, paid_claim};
use crate::bookkeeping::amount::Tally;
use crate::bookkeeping::entries::walk;
use crate::bookkeeping::period::{Period, read_offset};
use crate::bookkeeping::scope::By;
use crate::bookkeeping::summary::figures::{Figures, Gathered};
use crate::ledger::{Claim, PaidClaim};

const ALL: Period = Period { from_ms: 0, to_ms: 100 * DAY };

async fn gathered(book: &Book, period: Period, by: By, offset: Offset) -> Gathered {
    let work = move |opened: &mut _| {
        let mut gathered = Gathered::default();
        walk(opened, period, by, &mut |entry| {
            gathered.add(&entry, offset);
            Ok(())
        })?;
        Ok(gathered)
    };
    book.opened(work).await
}

fn tally(count: u64, sum: i128) -> Tally {
    Tally { count, sum }
}

fn of_day<'a>(gathered: &'a Gathered, day: &str) -> &'a Figures {
    let found = gathered.rows.iter().find(|(key, _)| key.day.to_string() == day);
    found.map(|(_, figures)| figures).unwrap_or_else(|| panic!("no {day} in {gathered:?}"))
}

#[tokio::test]
async fn every_payment_and_every_sum_is_counted_where_it_belongs() {
    let book = Book::open().await;
    let done = book.payment("A1", SECOND).await;
    let done = book.told(&done, Some(1), paid(1000, None), 5 * SECOND).await;
    book.refund(&done, 400, DAY + SECOND).await;
    let late = book.payment("A2", SECOND).await;
    book.told(&late, None, Claim::Expired, 5 * SECOND).await;
    book.told(&late, Some(1), paid(1000, None), 6 * SECOND).await;
    let other = book.payment("A3", SECOND).await;
    book.told(&other, Some(1), paid(999, None), 5 * SECOND).await;
    let ended = book.payment("A4", SECOND).await;
    book.told(&ended, None, Claim::Expired, 5 * SECOND).await;
    book.payment("A5", SECOND).await;

    let all = gathered(&book, ALL, By::Recorded, Offset::UTC).await;
    let first = of_day(&all, "1970-01-01");
    assert_eq!((first.created, first.open), (tally(5, 5000), tally(1, 1000)));
    assert_eq!((first.review, first.ended), (tally(1, 1000), tally(1, 1000)));
    assert_eq!((first.received, first.succeeded), (tally(3, 2999), tally(2, 2000)));
    assert_eq!((first.late, first.disputed, first.extra), (tally(1, 1000), tally(1, 999), tally(0, 0)));
    assert_eq!((first.refunded, first.net(), first.expected), (tally(0, 0), 2999, 2000));
    let second = of_day(&all, "1970-01-02");
    assert_eq!((second.created, second.refunded, second.net()), (tally(0, 0), tally(1, 400), -400));
    assert!(first.is_equal() && second.is_equal() && all.differences.is_empty());
    assert_eq!(all.in_review.len(), 1);
    assert_eq!(all.in_review[0].what, "10.00 CNY asked, 9.99 CNY (query) seen");

    let today = Period { from_ms: DAY, to_ms: 2 * DAY };
    let today = gathered(&book, today, By::Recorded, Offset::UTC).await;
    assert_eq!(today.rows.len(), 1);
    assert_eq!(of_day(&today, "1970-01-02").refunded, tally(1, 400));
}

#[tokio::test]
async fn a_day_begins_where_the_offset_says_and_by_the_time_that_was_asked_for() {
    let book = Book::open().await;
    let record = book.payment("A1", 15 * 3600 * SECOND).await;
    let at_16_hours = Some(16 * 3600 * SECOND);
    let claim = Claim::Paid(PaidClaim { paid_at_ms: at_16_hours, ..paid_claim(1000, None) });
    book.told(&record, Some(1), claim, DAY + SECOND).await;
    let china = read_offset("+08:00").unwrap();
    for (by, offset, day) in [
        (By::Recorded, Offset::UTC, "1970-01-02"),
        (By::Paid, Offset::UTC, "1970-01-01"),
        (By::Paid, china, "1970-01-02"),
    ] {
        let all = gathered(&book, ALL, by, offset).await;
        assert_eq!(of_day(&all, day).succeeded, tally(1, 1000), "{by:?} {offset}");
        assert_eq!(of_day(&all, "1970-01-01").created, tally(1, 1000));
    }
    let first_day = Period { from_ms: 0, to_ms: DAY };
    let paid = gathered(&book, first_day, By::Paid, Offset::UTC).await;
    assert_eq!(of_day(&paid, "1970-01-01").received, tally(1, 1000));
    let recorded = gathered(&book, first_day, By::Recorded, Offset::UTC).await;
    assert_eq!(of_day(&recorded, "1970-01-01").received, tally(0, 0));
}

/// A ledger with one payment that is paid and one that is open, and what is found after somebody changed it.
async fn after(change: &str) -> Vec<String> {
    let book = Book::open().await;
    let paid_one = book.payment("A1", SECOND).await;
    book.told(&paid_one, Some(1), paid(1000, None), 5 * SECOND).await;
    book.payment("A2", SECOND).await;
    let untouched = gathered(&book, ALL, By::Recorded, Offset::UTC).await;
    assert!(untouched.differences.is_empty(), "{untouched:?}");
    rusqlite::Connection::open(&book.file).unwrap().execute_batch(change).unwrap();
    let all = gathered(&book, ALL, By::Recorded, Offset::UTC).await;
    let different = all.rows.values().filter(|figures| !figures.is_equal()).count();
    assert_eq!(different > 0, !all.differences.is_empty());
    all.differences.into_values().map(|named| format!("{}: {}", named.order_id, named.what)).collect()
}

#[tokio::test]
async fn a_ledger_that_was_changed_by_hand_does_not_add_up() {
    let found = after("UPDATE payments SET status = 'succeeded' WHERE order_id = 'A2'").await;
    assert_eq!(found, ["A2: its status is written as succeeded and as processing"]);

    let state = "UPDATE payments SET state = replace(state, '\"processing\"', '\"succeeded\"'), status = 'succeeded' \
                 WHERE order_id = 'A2'";
    let found = after(state).await;
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("it stands as succeeded; from its facts follows processing"), "{found:?}");
    assert!(found[0].contains("no fact confirms that it was paid"), "{found:?}");

    let found = after("DELETE FROM facts").await;
    assert!(
        found[0].starts_with("A1: it stands as succeeded; from its facts follows processing"),
        "{found:?}"
    );

    let found = after("UPDATE payments SET amount = 2000 WHERE order_id = 'A1'").await;
    assert!(found[0].contains("20.00 CNY was asked, its facts confirm 10.00 CNY"), "{found:?}");
}
