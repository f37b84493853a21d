//! The storm: round after round, a burst of journeys, faults on all sides, and the signer killed in the middle of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::Method;
use countersign_tests::World;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::books::{Order, Submission, text};
use crate::flights::{Flight, Flights};
use crate::journey::Trip;
use crate::options::Options;
use crate::plan::Journey;
use crate::shop::Shop;
use crate::stage::Stage;
use crate::story::Story;
use crate::weather::{Nap, Weather};

/// The gateways that are simulated.
pub(crate) const GATEWAYS: [&str; 4] = ["dotwallet", "jubao", "blueocean", "hicoin"];

/// Journeys at one time: a machine with few cores shall torture the signer, not itself.
const AT_ONCE: usize = 64;
/// The simulators forget old entries of their journal, so it is read this often.
const ROUNDS_A_READING: u64 = 20;
/// How long the signer may take for the work it is left to do before a kill.
const WORK_MAX: Duration = Duration::from_secs(2);
const ROUNDS_OF_A_SHORT_STORM: u64 = 100;
/// How often a line says how far it is.
const PROGRESS: Duration = Duration::from_secs(3);

/// Everything that runs, and what was seen of it.
pub(crate) struct Storm {
    pub(crate) world: World,
    pub(crate) shop: Shop,
    pub(crate) stage: Arc<Stage>,
    pub(crate) stories: Vec<Story>,
    pub(crate) submissions: Vec<Submission>,
    /// Faults that were ordered, by kind.
    pub(crate) faults: BTreeMap<&'static str, u64>,
    pub(crate) began: Instant,
    /// From a kill until the signer was ready again, in all.
    pub(crate) down: Duration,
    /// How often a signer stood still.
    pub(crate) naps: u64,
    asleep: Option<(usize, Instant)>,
    journal_read: u64,
    trips: JoinSet<()>,
    told_at: Instant,
}

impl Storm {
    /// Starts everything.
    pub(crate) async fn gather(seed: u64, options: &Options) -> Self {
        let flights = Flights::default();
        let shop = Shop::open(seed, flights.clone()).await;
        let world = World::with_simulators(
            |simulators| {
                simulators.set("notifications.attempts_max", 9);
                simulators.set("notifications.backoff_ms", 100);
                simulators.set("notifications.timeout_ms", 3_000);
            },
            |settings| {
                settings.set("webhook.url", shop.url.as_str());
                settings.set("webhook.timeout_s", 1);
                settings.set("webhook.schedule_s", vec![1; 50]);
                settings.set("upstream.timeout_s", 1);
                settings.set("polling.open_s", vec![1]);
                settings.set("polling.settling_s", settling_s(options.rounds));
                settings.set("payments.micropay_expires_in_s", 8);
                settings.set("rate_limits.checkout_per_s", 1_000);
                settings.set("rate_limits.checkout_burst", 10_000);
            },
        )
        .await;
        let stage = Arc::new(Stage::new(world.api.clone(), world.gateways.another_hand(), flights));
        crate::wallets::fill(&stage.gateways).await;
        Self {
            world,
            shop,
            stage,
            stories: Vec::new(),
            submissions: Vec::new(),
            faults: BTreeMap::new(),
            began: Instant::now(),
            down: Duration::ZERO,
            naps: 0,
            asleep: None,
            journal_read: 0,
            trips: JoinSet::new(),
            told_at: Instant::now(),
        }
    }

    /// All rounds.
    pub(crate) async fn rage(&mut self, seed: u64, options: &Options) {
        for round in 0..options.rounds {
            let weather = Weather::of(seed, round);
            self.shop.set_mood(weather.mood);
            self.order_faults(&weather).await;
            self.begin_journeys(seed, (round + 1) * options.journeys);
            self.lull(weather.nap).await;
            self.wait_for_answers(weather.kill_after_answers).await;
            tokio::time::sleep(Duration::from_millis(weather.kill_after_ms)).await;
            self.kill(weather.only).await;
            if round % ROUNDS_A_READING == ROUNDS_A_READING - 1 {
                self.read_journal().await;
            }
            self.tell(round + 1, options.rounds);
        }
    }

    /// Lets the signer get something done, so that the whole goes forward on a slow machine, too.
    async fn wait_for_answers(&self, wanted: u64) {
        let (before, began) = (self.stage.answered(), Instant::now());
        while self.stage.answered() < before + wanted && began.elapsed() < WORK_MAX {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn order_faults(&mut self, weather: &Weather) {
        for fault in &weather.faults {
            *self.faults.entry(fault.kind).or_default() += fault.times();
            self.stage.gateways.fault(fault.gateway, fault.order()).await;
        }
    }

    /// Begins what is planned up to now, as far as there is room; the rest begins in a later round.
    fn begin_journeys(&mut self, seed: u64, planned: u64) {
        while self.trips.try_join_next().map(finished).is_some() {}
        let begun = u64::try_from(self.stories.len()).expect("a number of payments");
        for number in begun..planned {
            if self.trips.len() >= AT_ONCE {
                return;
            }
            let story = Story::new(Journey::of(seed, number), self.began);
            self.stories.push(story.clone());
            self.trips.spawn(Trip::new(Arc::clone(&self.stage), story).travel());
        }
    }

    async fn finish_one(&mut self) {
        if let Some(ended) = self.trips.join_next().await {
            finished(ended);
        }
    }

    /// Wakes the signer that has slept long enough, and lets another one fall asleep.
    async fn lull(&mut self, nap: Option<Nap>) {
        if self.asleep.is_some_and(|(_, until)| Instant::now() >= until) {
            self.wake();
        }
        if let (None, Some(nap)) = (self.asleep, nap) {
            let signers = self.world.signers();
            let who = usize::try_from(nap.who).expect("a place in memory") % signers.len();
            signers[who].pause().await;
            self.asleep = Some((who, Instant::now() + Duration::from_millis(nap.ms)));
            self.naps += 1;
        }
    }

    fn wake(&mut self) {
        if let Some((who, _)) = self.asleep.take() {
            self.world.signers()[who].resume();
        }
    }

    /// Kills the signer, or of two only one: the other one must not suffer from what that had in hand.
    async fn kill(&mut self, only: u64) {
        self.stage.flights.note_kill();
        let killed_at = Instant::now();
        let instances = self.world.store().instances();
        let only = match self.asleep {
            // Who sleeps is to wake up to what the others have done meanwhile.
            Some((who, _)) if instances > 1 => (who + 1) % instances,
            _ => usize::try_from(only).unwrap_or(usize::MAX),
        };
        let alone = instances > 1 && only < instances;
        self.asleep = self.asleep.filter(|_| alone);
        if alone {
            self.world.replace_signer(only).await;
        } else {
            self.world.kill_signer().await;
            self.world.start_signer().await;
        }
        self.down += killed_at.elapsed();
    }

    /// The storm is over: no more faults, a patient shop; journeys under way come to their end.
    pub(crate) async fn abate(&mut self) {
        self.wake();
        self.stage.calm_down();
        self.shop.set_mood(crate::weather::Mood::default());
        for gateway in GATEWAYS {
            let left =
                self.stage.gateways.ask(Method::GET, &format!("/{gateway}/faults"), &Value::Null).await;
            for fault in left.as_array().into_iter().flatten() {
                let (kind, times) = (text(&fault["fault"]), fault["times"].as_u64().unwrap_or(0));
                if let Some(ordered) = self.faults.iter_mut().find(|(name, _)| **name == kind) {
                    *ordered.1 = ordered.1.saturating_sub(times);
                }
            }
            self.stage.gateways.clear_faults(gateway).await;
        }
        while !self.trips.is_empty() {
            self.finish_one().await;
        }
        self.tell_again().await;
        self.read_journal().await;
    }

    /// The gateways insist on what nobody has acknowledged yet; here they need not wait for hours.
    async fn tell_again(&self) {
        for gateway in GATEWAYS {
            for order in self.stage.gateways.orders(gateway).await.iter().map(|o| Order::of(gateway, o)) {
                if order.state == "paid" && !order.told.is_empty() && !order.acknowledged {
                    self.stage.gateways.pay(gateway, &order.order_no, &json!({})).await;
                }
            }
        }
    }

    /// Reads what arrived at the simulators since the last time.
    pub(crate) async fn read_journal(&mut self) {
        let path = format!("/journal?after={}", self.journal_read);
        let entries = self.stage.gateways.ask(Method::GET, &path, &Value::Null).await;
        let entries = entries.as_array().expect("a list");
        if let Some(first) = entries.first() {
            assert_eq!(first["seq"].as_u64(), Some(self.journal_read + 1), "the journal was read too seldom");
        }
        self.submissions.extend(entries.iter().filter_map(Submission::of));
        self.journal_read = entries.last().and_then(|last| last["seq"].as_u64()).unwrap_or(self.journal_read);
    }

    fn tell(&mut self, round: u64, rounds: u64) {
        if self.told_at.elapsed() < PROGRESS && round < rounds {
            return;
        }
        self.told_at = Instant::now();
        let (arrived, taken) = self.shop.count();
        let hits = self.stage.flights.hits();
        println!(
            "{:>5} s  {round}/{rounds} kills, {} of them hit something; {} payments begun, {} under way; \
             {arrived} webhooks, {taken} taken",
            self.began.elapsed().as_secs(),
            hits.kills_that_hit,
            self.stories.len(),
            self.trips.len(),
        );
    }

    /// Requests of a kind that kills have hit.
    pub(crate) fn hit(&self) -> Vec<(Flight, u64)> {
        self.stage.flights.hits().by_kind.into_iter().collect()
    }
}

/// How long the signer asks about what should be over. A signer that dies while it asks asks again a minute later, and in
/// a long storm that happens to some payments many times.
fn settling_s(rounds: u64) -> Vec<i64> {
    let mut settling_s = vec![1, 1, 2, 2, 3, 4, 5, 6, 8, 10];
    if rounds > ROUNDS_OF_A_SHORT_STORM {
        settling_s.extend([20, 30, 30, 30, 30]);
    }
    settling_s
}

/// A journey that broke off is a fault of the torture itself.
fn finished(ended: Result<(), tokio::task::JoinError>) {
    if let Err(broken) = ended {
        std::panic::resume_unwind(broken.into_panic());
    }
}
