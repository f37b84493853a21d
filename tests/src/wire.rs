//! A wire between a signer and its database, on which one commit, or its answer, can be held back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use url::Url;

/// What is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldBack {
    /// The commit: the database waits, and holds the transaction's locks.
    Commit,
    /// Its answer: it was done, and who asked for it does not know.
    Answer,
}

/// A running wire. Of the first transaction that has `words` in it, it holds back the commit or its answer.
#[derive(Debug)]
pub struct Wire {
    /// The database by way of it.
    pub url: String,
    inner: Arc<Inner>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct Inner {
    words: &'static str,
    what: HeldBack,
    seen: AtomicBool,
    held: Notify,
    let_go: Notify,
}

impl Wire {
    /// Leads to the database of `url`.
    ///
    /// # Panics
    /// When that is no address, or no port is free.
    pub async fn stretch(url: &str, words: &'static str, what: HeldBack) -> Self {
        let mut near: Url = url.parse().expect("an address");
        let far = format!("{}:{}", near.host_str().expect("a host"), near.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        near.set_host(Some("127.0.0.1")).expect("a host can be set");
        near.set_port(Some(listener.local_addr().expect("it is bound").port())).expect("a port can be set");
        let (seen, held, let_go) = (AtomicBool::new(false), Notify::new(), Notify::new());
        let inner = Arc::new(Inner { words, what, seen, held, let_go });
        let carrying = Arc::clone(&inner);
        let accepting = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(&far).await.expect("the database is there");
                connections.spawn(Arc::clone(&carrying).carry(near, far));
            }
        });
        Self { url: near.into(), inner, accepting }
    }

    /// Ends it, with all connections that go by way of it. The server waits for one that it is just letting in.
    ///
    /// # Panics
    /// When it has ended before.
    pub async fn cut(&mut self) {
        self.accepting.abort();
        assert!(
            (&mut self.accepting).await.is_err_and(|ended| ended.is_cancelled()),
            "it was there until now"
        );
        // Its connections end in their own turns, which a test that is dropping things would not give them.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    /// Waits until something is held back.
    pub async fn until_held(&self) {
        tokio::time::timeout(crate::PATIENCE, self.inner.held.notified()).await.expect("a commit in time");
    }

    /// Lets it go.
    pub fn let_go(&self) {
        self.inner.let_go.notify_one();
    }
}

impl Inner {
    async fn carry(self: Arc<Self>, near: TcpStream, far: TcpStream) {
        let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
        let asked = AtomicBool::new(false);
        tokio::select! {
            () = self.there(near_in, far_out, &asked) => {}
            () = self.back(far_in, near_out, &asked) => {}
        }
    }

    async fn there(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, asked: &AtomicBool) {
        let mut bytes = vec![0; 65_536];
        while let Ok(length @ 1..) = from.read(&mut bytes).await {
            if has(&bytes[..length], self.words) && !self.seen.swap(true, Ordering::SeqCst) {
                asked.store(true, Ordering::SeqCst);
            }
            self.hold(HeldBack::Commit, &bytes[..length], asked).await;
            if to.write_all(&bytes[..length]).await.is_err() {
                return;
            }
        }
    }

    async fn hold(&self, what: HeldBack, bytes: &[u8], asked: &AtomicBool) {
        if self.what == what && has(bytes, "COMMIT\0") && asked.swap(false, Ordering::SeqCst) {
            self.held.notify_one();
            self.let_go.notified().await;
        }
    }

    async fn back(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, asked: &AtomicBool) {
        let mut bytes = vec![0; 65_536];
        while let Ok(length @ 1..) = from.read(&mut bytes).await {
            self.hold(HeldBack::Answer, &bytes[..length], asked).await;
            if to.write_all(&bytes[..length]).await.is_err() {
                return;
            }
        }
    }
}

fn has(bytes: &[u8], words: &str) -> bool {
    bytes.windows(words.len()).any(|window| window == words.as_bytes())
}
