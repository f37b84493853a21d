//! A database server that goes away at any moment: before a statement arrives, or before its answer does. Callers are told
//! of a failure and ask again; nothing is lost, nothing is done twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use url::Url;

use super::acts::{Act, Step};
use super::audit::audit;
use super::gateway::Kind;
use super::world::{Process, World, backend, life};
use crate::app::AppError;
use crate::clock::ahead;
use crate::store::tests::Ledger;

/// A wire between the signer and its database, which is cut once.
struct Wire {
    /// Messages until it is cut; beyond them it holds.
    left: AtomicUsize,
}

/// Cut after so many messages of either side.
const NEVER: usize = usize::MAX / 2;

impl Wire {
    /// Stretches it to the server of `url`; gives the address of the near end.
    async fn stretch(url: &str) -> (Arc<Self>, String) {
        let wire = Arc::new(Self { left: AtomicUsize::new(NEVER) });
        let mut near = Url::parse(url).unwrap();
        let far = format!("{}:{}", near.host_str().unwrap(), near.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        near.set_host(Some("127.0.0.1")).unwrap();
        near.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let carrying = Arc::clone(&wire);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(&far).await.unwrap();
                let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                let (there, back) = (Arc::clone(&carrying), Arc::clone(&carrying));
                tokio::spawn(async move {
                    // Where one direction is cut, both are.
                    tokio::select! {
                        () = there.carry(near_in, far_out) => {}
                        () = back.carry(far_in, near_out) => {}
                    }
                });
            }
        });
        (wire, near.into())
    }

    async fn carry(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut message = vec![0; 65_536];
        while let Ok(length @ 1..) = from.read(&mut message).await {
            if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
                self.left.store(NEVER, Ordering::SeqCst);
                return;
            }
            if to.write_all(&message[..length]).await.is_err() {
                return;
            }
        }
    }

    /// Cuts it after so many messages; gives whether it had been cut since it was last asked to be.
    fn cut_after(&self, messages: usize) -> bool {
        self.left.swap(messages, Ordering::SeqCst) > NEVER / 2
    }
}

/// Does something while the wire is cut after so many messages; whoever is told of a failure asks again. Gives whether
/// the wire was cut, and whether anybody was told of a failure.
async fn cut_during(
    act: Act,
    process: &Process,
    world: &World,
    wire: &Wire,
    messages: usize,
) -> (bool, bool) {
    wire.cut_after(messages);
    let mut answered = act.perform(process, world).await;
    let (cut, failed) = (wire.cut_after(NEVER), matches!(answered, Err(AppError::Ledger(_))));
    for _ in 0..3 {
        match answered {
            Err(AppError::Ledger(_)) => {
                // The one who began it holds the key for a while.
                ahead::pass_ms(super::world::SUBMIT_TIMEOUT_MS);
                answered = act.perform(process, world).await;
            }
            _ => break,
        }
    }
    assert!(!matches!(answered, Err(AppError::Ledger(_) | AppError::Broken(_))), "{act:?}: {answered:?}");
    (cut, failed)
}

/// Cuts the wire at messages of an act, one after the other; at every fourth, for time's sake.
fn at_every_message(backend: &Handle, ledger: &Arc<Ledger>, before: &[Step], act: Act, first: usize) {
    let (wire, near) = backend.block_on(Wire::stretch(&ledger.url));
    let world = World::new(Kind::ByOurNumber, Arc::clone(ledger), backend).reached_by(near);
    life().block_on(async {
        let process = world.start().await;
        let mut failures = 0;
        for messages in (first..).step_by(4) {
            world.begin_anew().await;
            for step in before {
                step.happen(&process, &world).await;
            }
            let (cut, failed) = cut_during(act, &process, &world, &wire, messages).await;
            failures += usize::from(failed);
            Step::Pays(1).happen(&process, &world).await;
            world.pass(&process, None).await;
            let wrong = audit(&world, &process).await;
            assert!(wrong.is_empty(), "{act:?}, cut after {messages}: {wrong:#?}");
            if !cut {
                assert!(messages > 20 && failures > 0, "{act:?}: {messages} messages, {failures} failures");
                return;
            }
        }
    });
}

#[test]
fn wherever_the_connection_is_cut_nothing_is_lost_or_done_twice() {
    let backend = backend();
    let ledger = Arc::new(backend.block_on(Ledger::on_a_server()));
    let created = Step::Do(Act::Create { key: false, confirm: false });
    let paid = [created, Step::Do(Act::Confirm), Step::Pays(1), Step::Do(Act::Sync)];
    let submitted = Act::Create { key: true, confirm: true };
    at_every_message(backend.handle(), &ledger, &[], submitted, 1);
    at_every_message(backend.handle(), &ledger, &paid[..3], Act::NotifyPaid { attempt: 1 }, 2);
    at_every_message(backend.handle(), &ledger, &paid, Act::Refund { key: true, amount: Some(400) }, 3);
}
