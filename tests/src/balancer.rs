//! One address in front of several servers: each connection goes to the next of them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// A running balancer. Its connections end when this is dropped.
#[derive(Debug)]
pub struct Balancer {
    /// Its address, `http://host:port`.
    pub url: String,
    turns: Arc<Mutex<Turns>>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Turns {
    backends: Vec<SocketAddr>,
    next: usize,
}

impl Balancer {
    /// In front of nothing yet.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let turns = Arc::new(Mutex::new(Turns::default()));
        let accepting = tokio::spawn(accept(listener, Arc::clone(&turns)));
        Self { url, turns, accepting }
    }

    /// Leads to these from now on, the first one first. Connections that there are stay where they are.
    pub fn lead_to(&self, backends: Vec<SocketAddr>) {
        *self.turns.lock().unwrap_or_else(PoisonError::into_inner) = Turns { backends, next: 0 };
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Turns {
    /// Every backend, in the order in which this connection tries them.
    fn take(&mut self) -> Vec<SocketAddr> {
        let mut order = self.backends.clone();
        if !order.is_empty() {
            order.rotate_left(self.next);
            self.next = (self.next + 1) % order.len();
        }
        order
    }
}

async fn accept(listener: TcpListener, turns: Arc<Mutex<Turns>>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let order = turns.lock().unwrap_or_else(PoisonError::into_inner).take();
        connections.spawn(lead(client, order));
        while connections.try_join_next().is_some() {}
    }
}

/// Passes bytes on in both directions until both have ended; where nobody answers, the connection just ends.
async fn lead(mut client: TcpStream, order: Vec<SocketAddr>) {
    for backend in order {
        if let Ok(mut server) = TcpStream::connect(backend).await {
            // An answer in two parts must not wait for the other side's acknowledgement.
            let _ = (client.set_nodelay(true), server.set_nodelay(true));
            // An error is that one side went away, which the other one then sees.
            let _ = copy_bidirectional(&mut client, &mut server).await;
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// A server that reads to the end of what it is sent and only then answers, with its name before it.
    async fn backend(name: &'static str) -> (SocketAddr, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let mut asked = String::new();
                client.read_to_string(&mut asked).await.unwrap();
                client.write_all(format!("{name}: {asked}").as_bytes()).await.unwrap();
            }
        });
        (address, serving)
    }

    /// Asks and ends the asking side, as half-closed connections do.
    async fn ask(balancer: &Balancer, question: &str) -> String {
        let address = balancer.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(question.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        let answered = stream.read_to_string(&mut answer);
        // A connection that leads nowhere ends, in whichever way.
        let _ = tokio::time::timeout(crate::PATIENCE, answered).await.expect("an end in time");
        answer
    }

    #[tokio::test]
    async fn connections_take_turns_and_a_half_closed_one_still_gets_its_answer() {
        let ((one, _), (other, _)) = (backend("one").await, backend("other").await);
        let balancer = Balancer::open().await;
        balancer.lead_to(vec![one, other]);
        for answer in ["one: hello", "other: hello", "one: hello", "other: hello"] {
            assert_eq!(ask(&balancer, "hello").await, answer);
        }
    }

    #[tokio::test]
    async fn a_dead_backend_is_passed_over() {
        let ((one, serving), (other, _)) = (backend("one").await, backend("other").await);
        let balancer = Balancer::open().await;
        balancer.lead_to(vec![one, other]);
        serving.abort();
        let _ = serving.await;
        for _ in 0..3 {
            assert_eq!(ask(&balancer, "hello").await, "other: hello");
        }
    }

    #[tokio::test]
    async fn where_nobody_answers_connections_end_and_a_new_backend_is_found() {
        let balancer = Balancer::open().await;
        assert_eq!(ask(&balancer, "hello").await, "");
        balancer.lead_to(vec![backend("one").await.0]);
        assert_eq!(ask(&balancer, "hello").await, "one: hello");
    }

    #[tokio::test]
    async fn a_backend_that_dies_ends_its_connections() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let balancer = Balancer::open().await;
        balancer.lead_to(vec![listener.local_addr().unwrap()]);
        let address = balancer.url.trim_start_matches("http://");
        let mut client = TcpStream::connect(address).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        drop(server);
        let end = tokio::time::timeout(crate::PATIENCE, client.read_u8()).await.expect("an end in time");
        assert!(end.is_err());
    }

    #[tokio::test]
    async fn dropped_it_ends_its_connections() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let balancer = Balancer::open().await;
        balancer.lead_to(vec![listener.local_addr().unwrap()]);
        let address = balancer.url.trim_start_matches("http://").to_owned();
        let mut client = TcpStream::connect(&address).await.unwrap();
        let _server = listener.accept().await.unwrap();
        drop(balancer);
        let end = tokio::time::timeout(crate::PATIENCE, client.read_u8()).await.expect("an end in time");
        assert!(end.is_err());
    }
}
