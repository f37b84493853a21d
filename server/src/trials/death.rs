//! Death at a chosen moment. Whatever has an effect outside the process passes a point before it and one after it; at
//! the chosen one the process stops, and nothing of it goes on. A process is what runs on one thread's runtime.

use std::cell::RefCell;
use std::sync::Arc;

use tokio::sync::Notify;

thread_local! {
    static FATE: RefCell<Option<Fate>> = const { RefCell::new(None) };
}

/// How many points are left, and where it ended.
struct Fate {
    left: usize,
    died_at: Option<String>,
    died: Arc<Notify>,
}

/// How work ended.
pub(super) enum Ended<T> {
    /// By itself.
    Done(T),
    /// By the death of the process, there.
    Died(String),
}

/// A moment between two effects. Never returns in a process that is dead.
pub(crate) async fn point(place: &str) {
    let dead = FATE.with_borrow_mut(|fate| fate.as_mut().is_some_and(|fate| fate.pass(place)));
    if dead {
        std::future::pending::<()>().await;
    }
}

/// Does `work`, and dies at the `nth` point of it, 0 for the first. What is left of the process must be dropped then.
pub(super) async fn at<T>(nth: usize, work: impl Future<Output = T>) -> Ended<T> {
    let died = Arc::new(Notify::new());
    let fate = Fate { left: nth, died_at: None, died: Arc::clone(&died) };
    FATE.set(Some(fate));
    tokio::select! {
        biased;
        () = died.notified() => {
            let died_at = FATE.with_borrow(|fate| fate.as_ref().and_then(|fate| fate.died_at.clone()));
            Ended::Died(died_at.unwrap_or_default())
        }
        done = work => {
            FATE.set(None);
            Ended::Done(done)
        }
    }
}

/// A new process has a life of its own.
pub(super) fn is_over() {
    FATE.set(None);
}

impl Fate {
    fn pass(&mut self, place: &str) -> bool {
        if self.died_at.is_none() {
            match self.left.checked_sub(1) {
                Some(left) => self.left = left,
                None => {
                    self.died_at = Some(place.to_owned());
                    self.died.notify_one();
                }
            }
        }
        self.died_at.is_some()
    }
}
