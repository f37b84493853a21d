//! The entries of an interval, one after the other, never all at once: first the payments that were created in it, account
//! by account, then the money that moved in it, in the order in which the ledger wrote it down.

use std::collections::BTreeMap;

use super::BookkeepingError;
use super::movements::{Movement, movements};
use super::period::Period;
use super::scope::{By, Opened};
use crate::clock::UnixMs;
use crate::ledger::{Claim, Fact};
use crate::store::History;

/// An entry, and the payment that it is about.
pub(super) struct Entry<'a> {
    /// The time by which it belongs to the interval.
    pub(super) at_ms: UnixMs,
    pub(super) history: &'a History,
    /// The money that moved; `None` for the payment itself.
    pub(super) movement: Option<&'a Movement>,
}

/// Hands over every entry of `period`.
pub(super) fn walk(
    opened: &mut Opened,
    period: Period,
    by: By,
    take: &mut dyn FnMut(Entry<'_>) -> Result<(), BookkeepingError>,
) -> Result<(), BookkeepingError> {
    for account in opened.accounts.clone() {
        let mut last = None;
        loop {
            let interval = (period.from_ms, period.to_ms);
            let mut page = opened.extract.created(&account, interval, last.as_ref())?;
            for history in &page {
                take(Entry { at_ms: history.record.created_at_ms, history, movement: None })?;
            }
            match page.pop() {
                Some(end) => last = Some(end),
                None => break,
            }
        }
    }
    walk_movements(opened, period, by, take)
}

fn walk_movements(
    opened: &mut Opened,
    period: Period,
    by: By,
    take: &mut dyn FnMut(Entry<'_>) -> Result<(), BookkeepingError>,
) -> Result<(), BookkeepingError> {
    // What was paid in the interval may have been told at any time.
    let interval = (by == By::Recorded).then_some((period.from_ms, period.to_ms));
    let mut last = i64::MIN;
    loop {
        let mut page = opened.extract.told_of_money(interval, last)?;
        let Some(end) = page.last() else { return Ok(()) };
        last = end.number;
        page.retain(|told| period.has(told.fact.at_ms) || period.has(paid_ms(&told.fact)));
        let histories = opened.extract.payments_of(&page)?;
        let histories = histories.iter().filter(|found| opened.accounts.contains(&found.record.account));
        let moved: BTreeMap<&str, (&History, Vec<Movement>)> =
            histories.map(|found| (found.record.id.as_str(), (found, movements(found)))).collect();
        for told in &page {
            let Some((history, all)) = moved.get(told.payment.as_str()) else { continue };
            for movement in all.iter().filter(|movement| movement.number == told.number) {
                let at_ms = match by {
                    By::Recorded => movement.recorded_ms,
                    By::Paid => movement.paid_ms(),
                };
                if period.has(at_ms) {
                    take(Entry { at_ms, history, movement: Some(movement) })?;
                }
            }
        }
    }
}

/// When the money that a fact tells of was paid; what went back has the fact's own time.
fn paid_ms(fact: &Fact) -> UnixMs {
    match &fact.claim {
        Claim::Paid(paid) | Claim::Refunded { paid: Some(paid), .. } => paid.paid_at_ms.unwrap_or(fact.at_ms),
        _ => fact.at_ms,
    }
}
