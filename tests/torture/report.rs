//! What is printed at the end: the findings with their whole stories, and the figures.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::audit::{Finding, Verdict};
use crate::books::Books;
use crate::options::Options;
use crate::storm::Storm;

/// So many stories are told in full.
const STORIES: usize = 12;

/// Prints each finding, with everything that is known of its payment.
pub(crate) fn findings(storm: &Storm, books: &Books, verdict: &Verdict) {
    let said = if verdict.findings.is_empty() { String::new() } else { storm.world.said() };
    let mut told = Vec::new();
    for finding in &verdict.findings {
        let order_id = finding.order_id.as_deref().unwrap_or("everything");
        println!("\nFOUND {:?}: {order_id}: {}", finding.rule, finding.text);
        if told.len() < STORIES && !told.contains(&order_id) {
            told.push(order_id);
            story(storm, books, finding, &said);
        }
    }
}

fn story(storm: &Storm, books: &Books, finding: &Finding, said: &str) {
    let Some(order_id) = finding.order_id.as_deref() else { return };
    let story = storm.stories.iter().find(|story| story.plan.order_id == order_id);
    for line in story.map(crate::story::Story::lines).unwrap_or_default() {
        println!("    {line}");
    }
    for submission in books.submissions.iter().filter(|submission| submission.order_no.starts_with(order_id))
    {
        println!("    sent: {submission:?}");
    }
    for order in books.orders.iter().filter(|order| order.order_no.starts_with(order_id)) {
        println!("    booked: {order:?}");
    }
    for payout in books.payouts.iter().filter(|payout| payout.refund_no.starts_with(order_id)) {
        println!("    paid back: {payout:?}");
    }
    for payment in books.payments.iter().filter(|payment| payment.order_id == order_id) {
        println!("    ledger: {payment:?}");
        for event in books.events.iter().filter(|event| event.payment == payment.id) {
            println!(
                "    event: {} {} at revision {} ({})",
                event.id, event.kind, event.revision, event.status
            );
            for arrival in books.arrivals.iter().filter(|arrival| arrival.event == event.id) {
                println!("      arrived: taken {}, at {} s", arrival.taken, arrival.arrived_at_s);
            }
        }
        for line in said.lines().filter(|line| line.contains(&payment.id)) {
            println!("    signer: {line}");
        }
    }
}

/// Keeps configuration and ledger for whoever looks into the findings.
pub(crate) fn keep(storm: &Storm, seed: u64) {
    let kept = std::env::temp_dir().join(format!("countersign-torture-{seed}"));
    let copied = std::fs::create_dir_all(&kept).and_then(|()| {
        for file in std::fs::read_dir(storm.world.dir())? {
            let file = file?;
            std::fs::copy(file.path(), kept.join(file.file_name()))?;
        }
        Ok(())
    });
    match copied {
        Ok(()) => println!("\nconfiguration and ledger are kept in {}", kept.display()),
        Err(error) => println!("\nthe ledger could not be kept in {}: {error}", kept.display()),
    }
}

/// Prints the figures.
pub(crate) fn summary(
    storm: &Storm,
    books: &Books,
    verdict: &Verdict,
    (raged, settled): (Duration, Duration),
    (seed, options): (u64, &Options),
) {
    let hits = storm.stage.flights.hits();
    let per_second = hits.kills * 10_000 / u64::try_from(raged.as_millis()).unwrap_or(1).max(1);
    let down_ms = storm.down.as_millis() / u128::from(hits.kills.max(1));
    println!("\nseed {seed}; again: {}", options.command(seed));
    println!(
        "kills: {} in {} s ({}.{} a second), {} of them hit work in flight; down for {down_ms} ms each",
        hits.kills,
        raged.as_secs(),
        per_second / 10,
        per_second % 10,
        hits.kills_that_hit,
    );
    println!("  a signer stood still {} times, as under a frozen machine", storm.naps);
    let hit: Vec<_> = storm.hit().iter().map(|(flight, n)| format!("{n} {}", flight.name())).collect();
    println!("  cut off: {}", hit.join(", "));
    println!(
        "payments: {} begun of {} planned, {} in the ledger ({})",
        storm.stories.len(),
        options.rounds * options.journeys,
        books.payments.len(),
        counted(books.payments.iter().map(|p| p.status.as_str()))
    );
    println!("  by method: {}", counted(books.payments.iter().map(|p| p.method.as_str())));
    println!(
        "  late {}, with more than one attempt {}; left to a person: {} that nobody can tell, {} asked in vain",
        books.payments.iter().filter(|payment| payment.late).count(),
        books.payments.iter().filter(|payment| payment.attempts.len() > 1).count(),
        verdict.untellable,
        verdict.asked_in_vain.len(),
    );
    let refunds = books.payments.iter().flat_map(|payment| &payment.refunds);
    println!("refunds: {}", counted(refunds.map(|refund| refund.status.as_str())));
    println!(
        "orders at the gateways: {} ({})",
        books.orders.len(),
        counted(books.orders.iter().map(|o| o.state.as_str()))
    );
    println!("  requests for orders: {}", books.submissions.len());
    println!(
        "forged notifications: {} ({})",
        books.forgeries.len(),
        counted(books.forgeries.iter().map(|f| f.what.as_str()))
    );
    let taken = books.arrivals.iter().filter(|arrival| arrival.taken).count();
    println!("events: {}, webhooks: {} deliveries, {taken} taken", books.events.len(), books.arrivals.len());
    let faults: Vec<_> = storm.faults.iter().map(|(kind, times)| format!("{kind} {times}")).collect();
    println!("faults at the gateways: {}", faults.join(", "));
    println!("came to rest in {} s", settled.as_secs());
    println!("audit: {} statements checked, {} findings", verdict.lines, verdict.findings.len());
}

/// How many there are of each.
fn counted<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    let counts: Vec<_> = counts.iter().map(|(word, number)| format!("{word} {number}")).collect();
    counts.join(", ")
}
