//! `countersign reconcile`: asks the gateways about every open or uncertain payment now, a line each.

mod place;
mod running;
mod wanted;

use std::path::PathBuf;
use std::process::ExitCode;

use futures_util::{StreamExt as _, stream};

use self::place::{Answer, Place};
use self::wanted::{Listed, Wanted};
use crate::app::Said;
use crate::clock::{self, UnixMs};
use crate::config::Settings;
use crate::{print, refuse, start, telemetry};

/// How many payments are asked about at one time.
const AT_ONCE: usize = 8;

/// What is asked.
#[derive(clap::Args)]
pub(crate) struct Question {
    /// The configuration
    #[arg(long, default_value = "countersign.toml")]
    pub(crate) config: PathBuf,
    /// Payments of this account only
    #[arg(long)]
    account: Option<String>,
    /// Payments created since then only, RFC 3339; those that expired or were canceled since, too, however long ago
    #[arg(long, value_parser = time)]
    since: Option<UnixMs>,
}

fn time(text: &str) -> Result<UnixMs, String> {
    clock::parse_rfc3339(text).ok_or_else(|| "expected a time such as 2026-11-22T01:00:00Z".to_owned())
}

impl Question {
    /// Asks, and prints what came of it. Exit 0, 1 when some could not be asked, 2 when it makes no sense.
    pub(crate) fn answer(self, settings: Settings) -> ExitCode {
        if let Some(account) = self.account.as_ref().filter(|name| !settings.accounts.contains_key(*name)) {
            return refuse(&format!("no account named {account} is configured"), 2);
        }
        // The lines are the answer; of the log only what is wrong.
        telemetry::start(settings.log.format, "warn");
        let wanted = Wanted::new(self.account, self.since, &settings.polling, clock::now_ms());
        match start::runtime().and_then(|runtime| runtime.block_on(reconcile(settings, &wanted))) {
            Ok(count) => {
                let Count { seen, changed, unasked } = count;
                print(&format!("{seen} payments, {changed} changed, {unasked} could not be asked\n"));
                ExitCode::from(u8::from(unasked > 0))
            }
            Err(message) => refuse(&message, 1),
        }
    }
}

#[derive(Default)]
struct Count {
    seen: usize,
    changed: usize,
    unasked: usize,
}

async fn reconcile(settings: Settings, wanted: &Wanted) -> Result<Count, String> {
    let place = Place::find(settings).await?;
    let listed = wanted.list(&place).await?;
    let mut answers = stream::iter(listed)
        .map(|payment| async {
            let answer = place.ask(&payment.id).await;
            (payment, answer)
        })
        .buffer_unordered(AT_ONCE);
    let mut count = Count::default();
    while let Some((payment, answer)) = answers.next().await {
        count.seen += 1;
        count.changed += usize::from(answer.as_ref().is_ok_and(|answer| answer.status != payment.status));
        count.unasked += usize::from(!answer.as_ref().is_ok_and(|answer| was_asked(&answer.said)));
        print(&line(&payment, &answer));
    }
    drop(answers);
    place.leave().await;
    Ok(count)
}

const fn was_asked(said: &Said) -> bool {
    !matches!(said, Said::NotTold(_))
}

/// The payment, where it stood and stands, and what the gateway said.
fn line(payment: &Listed, answer: &Result<Answer, String>) -> String {
    let Listed { id, account, order_id, status, .. } = payment;
    let (after, said) = match answer {
        Ok(Answer { status: after, said, .. }) => {
            let said = match said {
                Said::Nothing => "nothing to ask".to_owned(),
                Said::Told(word) => word.to_string(),
                Said::NotTold(reason) => format!("could not be asked: {reason}"),
            };
            (*after, said)
        }
        Err(reason) => (*status, format!("could not be asked: {reason}")),
    };
    let why = match answer {
        Ok(Answer { review: Some(reason), .. }) => format!(" ({reason})"),
        _ => String::new(),
    };
    format!("{id} {account} {order_id} {status} -> {after}{why}: {said}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_core::{PaymentStatus, ReviewReason};

    #[test]
    fn a_line_says_what_changed_and_what_was_said() {
        let payment = Listed {
            id: "pay_1".into(),
            account: "hk".into(),
            order_id: "A1".into(),
            status: PaymentStatus::Processing,
            created_at: String::new(),
            expires_at: String::new(),
        };
        let answer = |status, review, said| Ok(Answer { status, review, said });
        let paid = answer(PaymentStatus::Succeeded, None, Said::Told("paid".into()));
        assert_eq!(line(&payment, &paid), "pay_1 hk A1 processing -> succeeded: paid\n");
        let review = Some(ReviewReason::AmountDiffers);
        let other = answer(PaymentStatus::Review, review, Said::Told("paid".into()));
        assert_eq!(line(&payment, &other), "pay_1 hk A1 processing -> review (amount_differs): paid\n");
        let silent = answer(PaymentStatus::Processing, None, Said::NotTold("time-out".into()));
        assert_eq!(
            line(&payment, &silent),
            "pay_1 hk A1 processing -> processing: could not be asked: time-out\n"
        );
        let none = Err("connection refused".to_owned());
        assert!(
            line(&payment, &none)
                .ends_with("processing -> processing: could not be asked: connection refused\n")
        );
    }

    #[test]
    fn times_are_rfc_3339() {
        assert_eq!(time("1970-01-01T00:00:01Z"), Ok(1000));
        assert_eq!(time("1970-01-01T08:00:01+08:00"), Ok(1000));
        for text in ["", "yesterday", "2026-11-22", "1700000000"] {
            assert!(time(text).is_err(), "{text}");
        }
    }
}
