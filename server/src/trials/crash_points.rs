//! Every story once for each moment between two of its effects: the process dies there, starts again, callers who got
//! no answer ask again, time passes until nothing is due any more, and the audit finds nothing.

use std::sync::Arc;

use super::audit::audit;
use super::death::{self, Ended};
use super::stories::{self, Story};
use super::world::{Process, World, backend, life};
use crate::app::AppError;
use crate::store::tests::Ledger;

/// How a story went.
struct Told {
    /// Whether the process died in it, and where.
    died_at: Option<String>,
    /// Whether it died again while it recovered.
    died_again: bool,
}

/// Tells a story in which the process dies at the `nth` point of the act and, where given, at the `again`th of what
/// comes after the restart.
fn tell(story: &Story, world: &World, nth: usize, again: Option<usize>) -> Told {
    let first_life = life();
    let ended = first_life.block_on(async {
        let process = world.start().await;
        for step in story.before {
            step.happen(&process, world).await;
        }
        death::at(nth, story.act.perform(&process, world)).await
    });
    // Nothing of it goes on.
    drop(first_life);
    let (answer, died_at) = match ended {
        Ended::Done(answer) => (Some(answer), None),
        Ended::Died(place) => (None, Some(place)),
    };
    let context = format!("{}: died at {nth} ({died_at:?}), again at {again:?}", story.name);
    let mut died_again = false;
    if let Some(again) = again {
        let second_life = life();
        let ended = second_life.block_on(async {
            let process = world.start_again().await;
            death::at(again, async {
                let asked_again = story.act.perform(&process, world).await;
                drop(asked_again);
                world.pass(&process, None).await;
            })
            .await
        });
        drop(second_life);
        died_again = matches!(ended, Ended::Died(_));
    }
    life().block_on(async {
        let process = world.start_again().await;
        end(story, world, &process, answer, &context).await;
    });
    Told { died_at, died_again }
}

/// What happens after the last restart, and how it ends.
async fn end(
    story: &Story,
    world: &World,
    process: &Process,
    answer: Option<Result<String, AppError>>,
    context: &str,
) {
    let answer = answer.map(|answer| expected(answer, context));
    if story.act.is_asked_again() {
        let one = expected(story.act.perform(process, world).await, context);
        let other = expected(story.act.perform(process, world).await, context);
        if story.act.is_replayed() {
            assert_eq!(one, other, "{context}: another answer under the same key");
            assert!(answer.is_none_or(|answer| answer == one), "{context}: not the answer given before");
        }
    }
    for step in story.after {
        step.happen(process, world).await;
    }
    world.pass(process, None).await;
    let record = process.payment().await;
    let wrong = audit(world, process).await;
    assert!(wrong.is_empty(), "{context}: {wrong:#?}\n{record:#?}");
    assert!(story.ends.contains(&record.status()), "{context}: ends {}\n{record:#?}", record.status());
    assert_eq!(world.ledger.undelivered().await, 0, "{context}: events that nobody heard");
}

/// A refusal that says how the payment stands is an answer; a failure is none.
fn expected(answer: Result<String, AppError>, context: &str) -> String {
    match answer {
        Ok(answer) => answer,
        Err(
            error @ (AppError::NotCancelable(_)
            | AppError::NotConfirmable(_)
            | AppError::NotRefundable(_)
            | AppError::NotFound),
        ) => error.to_string(),
        Err(error) => panic!("{context}: {error:?}"),
    }
}

/// Tells each story for every point of its act, and for some of them once more with a second death while it recovers;
/// gives how many deaths there were.
fn at_every_point(stories: &[Story]) -> usize {
    let (backend, mut deaths) = (backend(), 0);
    for (nth_story, story) in stories.iter().enumerate() {
        for nth in 0.. {
            assert!(nth < 200, "{}: never ends", story.name);
            let world = || World::new(story.kind, Arc::new(Ledger::in_memory()), backend.handle());
            if tell(story, &world(), nth, None).died_at.is_none() {
                break;
            }
            deaths += 1;
            // Another moment of the recovery each time.
            if (nth + nth_story) % 3 == 0 {
                let again = (nth * 7 + nth_story * 5) % 31;
                deaths += 1 + usize::from(tell(story, &world(), nth, Some(again)).died_again);
            }
        }
    }
    println!("{} stories, {deaths} deaths", stories.len());
    deaths
}

#[test]
fn a_death_while_a_payment_is_created_or_submitted_charges_nobody_twice() {
    assert!(at_every_point(stories::SUBMITTING) > 100);
}

#[test]
fn a_death_while_the_gateway_is_asked_changes_no_outcome() {
    assert!(at_every_point(stories::ASKING) > 20);
}

#[test]
fn a_death_while_a_payment_is_given_up_leaves_no_money_behind() {
    assert!(at_every_point(stories::GIVING_UP) > 40);
}

#[test]
fn a_death_while_somebody_is_told_loses_no_word() {
    assert!(at_every_point(stories::HEARING) > 40);
}

#[test]
fn a_death_while_money_goes_back_gives_it_back_once() {
    assert!(at_every_point(stories::GIVING_BACK) > 30);
}

#[test]
fn on_a_server_the_same_holds() {
    let backend = backend();
    let ledger = Arc::new(backend.block_on(Ledger::on_a_server()));
    drop(backend.block_on(ledger.open()));
    let of_every_kind = [stories::SUBMITTING, stories::ASKING, stories::GIVING_UP, stories::GIVING_BACK];
    let stories = of_every_kind.iter().flat_map(|stories| stories.iter().skip(1).step_by(3));
    for (nth_story, story) in stories.enumerate() {
        // Every third point of a story; which ones, differs.
        for nth in (nth_story % 3..).step_by(3) {
            backend.block_on(ledger.empty());
            let world = World::new(story.kind, Arc::clone(&ledger), backend.handle());
            if tell(story, &world, nth, None).died_at.is_none() {
                break;
            }
        }
    }
}
