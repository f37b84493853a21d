//! What is under way at this moment, so that it is known what a kill has hit.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A kind of request that is under way between somebody and the signer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Flight {
    Create,
    Confirm,
    Look,
    Returned,
    Sync,
    Cancel,
    Refund,
    Pay,
    Forgery,
    Webhook,
}

impl Flight {
    /// Whether the ledger is written for it.
    pub(crate) const fn changes_something(self) -> bool {
        !matches!(self, Self::Look | Self::Forgery | Self::Webhook)
    }

    /// For the summary.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Confirm => "confirm",
            Self::Look => "look",
            Self::Returned => "returned",
            Self::Sync => "sync",
            Self::Cancel => "cancel",
            Self::Refund => "refund",
            Self::Pay => "notification",
            Self::Forgery => "forgery",
            Self::Webhook => "webhook",
        }
    }
}

/// All that is under way, and what was so at each kill.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flights(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    now: BTreeMap<Flight, usize>,
    hit: BTreeMap<Flight, u64>,
    kills: u64,
    kills_that_hit: u64,
}

/// Something under way; it has ended when this is dropped.
pub(crate) struct Ticket {
    flight: Flight,
    flights: Flights,
}

/// What kills have hit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hits {
    pub(crate) kills: u64,
    pub(crate) kills_that_hit: u64,
    /// Requests that were under way at a kill.
    pub(crate) by_kind: BTreeMap<Flight, u64>,
}

impl Flights {
    /// Something begins.
    pub(crate) fn begin(&self, flight: Flight) -> Ticket {
        self.with(|counts| *counts.now.entry(flight).or_default() += 1);
        Ticket { flight, flights: self.clone() }
    }

    /// The signer is being killed.
    pub(crate) fn note_kill(&self) {
        self.with(|counts| {
            counts.kills += 1;
            let mut hit = false;
            for (flight, number) in &counts.now {
                *counts.hit.entry(*flight).or_default() += u64::try_from(*number).unwrap_or(0);
                hit |= *number > 0;
            }
            counts.kills_that_hit += u64::from(hit);
        });
    }

    /// What kills have hit so far.
    pub(crate) fn hits(&self) -> Hits {
        self.with(|counts| Hits {
            kills: counts.kills,
            kills_that_hit: counts.kills_that_hit,
            by_kind: counts.hit.clone(),
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Counts) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.flights.with(|counts| {
            if let Some(number) = counts.now.get_mut(&self.flight) {
                *number -= 1;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kill_hits_what_is_under_way_and_nothing_that_has_ended() {
        let flights = Flights::default();
        flights.note_kill();
        let creating = flights.begin(Flight::Create);
        let looking = [flights.begin(Flight::Look), flights.begin(Flight::Look)];
        flights.note_kill();
        drop(looking);
        flights.note_kill();
        drop(creating);
        flights.note_kill();
        let hits = flights.hits();
        assert_eq!((hits.kills, hits.kills_that_hit), (4, 2));
        assert_eq!(hits.by_kind[&Flight::Create], 2);
        assert_eq!(hits.by_kind[&Flight::Look], 2);
    }
}
