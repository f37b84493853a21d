//! Sums, for each account and currency and for each wallet: they find what no single line shows.

use super::{Audit, Index, Rule};
use crate::books::{Order, Payment, currencies};

pub(super) fn check(index: &Index<'_>, audit: &mut Audit) {
    for (account, currency) in currencies(index.books) {
        let ours = |payment: &&Payment| payment.account == account && payment.currency == currency;
        let payments: Vec<&Payment> = index.books.payments.iter().filter(ours).collect();
        let gateway = payments.first().map_or("", |payment| payment.gateway.as_str());
        let theirs = |order: &&Order| order.gateway == gateway && order.currency == currency;
        let orders: Vec<&Order> = index.books.orders.iter().filter(theirs).collect();

        let taken: i64 = orders.iter().filter(|order| order.was_paid()).filter_map(|order| order.paid).sum();
        let booked: i64 = payments.iter().filter(|payment| payment.paid).map(|payment| payment.amount).sum();
        audit.overall(taken == booked, Rule::Totals, || {
            format!("{account}, {currency}: {gateway} took {taken}, the ledger has {booked}")
        });

        let by_order: i64 = orders.iter().flat_map(|order| &order.refunds).map(|back| back.amount).sum();
        let payouts = index.books.payouts.iter().filter(|p| gateway == "hicoin" && p.currency == currency);
        let given_back = by_order + payouts.map(|payout| payout.amount).sum::<i64>();
        let booked: i64 = payments.iter().map(|payment| payment.amount_refunded).sum();
        let in_doubt: i64 = payments.iter().map(|payment| index.untold(payment)).sum();
        audit.overall(given_back == booked + in_doubt, Rule::Totals, || {
            let ours = format!("the ledger has {booked}, and {in_doubt} in doubt");
            format!("{account}, {currency}: {gateway} gave {given_back} back, {ours}")
        });
    }
    wallets(index, audit);
}

/// What automatic payments have taken out of the wallets, with the miner's fee of each.
fn wallets(index: &Index<'_>, audit: &mut Audit) {
    let Some(fee) = index.books.wallets.first().map(|wallet| wallet.fee) else { return };
    let gone: i64 = index.books.wallets.iter().map(|wallet| wallet.put_in - wallet.left).sum();
    let automatic =
        index.books.payments.iter().filter(|payment| payment.method == "dotwallet_autopay" && payment.paid);
    let booked: i64 = automatic.map(|payment| payment.amount + fee).sum();
    audit.overall(gone == booked, Rule::Totals, || {
        format!("{gone} satoshi left the wallets, automatic payments and their fees come to {booked}")
    });
}
