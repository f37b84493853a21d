//! Calls to the gateways: bounded in time and size, without redirects, proxies or retries.

use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE};
use reqwest::redirect::Policy;
use serde::Deserialize;
use thiserror::Error;
use url::Url;

use crate::clock::Deadline;

tokio::task_local! {
    /// Until when nobody else will do what this task is about to.
    static HELD_UNTIL: Deadline;
}

/// Makes calls that belong to nobody else until `deadline`. One whose answer might come later is not sent: a process that
/// was stopped between writing down what it sends and sending it must not do so after others have taken it up.
pub(crate) async fn held_until<T>(deadline: Deadline, calls: impl Future<Output = T>) -> T {
    HELD_UNTIL.scope(deadline, calls).await
}

/// Limits of one call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpstreamSettings {
    /// Seconds until a connection must stand, TLS included.
    pub(crate) connect_timeout_s: u64,
    /// Seconds until the whole answer must be there.
    pub(crate) timeout_s: u64,
    /// The largest answer that is read.
    pub(crate) answer_bytes_max: usize,
}

/// A client for calls to gateways.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    client: reqwest::Client,
    timeout: Duration,
    answer_bytes_max: usize,
}

/// What a request carries, already rendered: exactly these bytes were signed.
#[derive(Debug)]
pub(crate) struct Content {
    /// The media type.
    pub(crate) media_type: &'static str,
    /// The bytes.
    pub(crate) bytes: Vec<u8>,
}

/// An answer with a success status.
#[derive(Debug)]
pub(crate) struct UpstreamAnswer {
    /// The whole body.
    pub(crate) body: Vec<u8>,
}

/// Why there is no answer to read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum UpstreamError {
    /// No connection came about: the gateway has not seen the request.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The request may have arrived; what became of it is unknown.
    #[error("outcome unknown: {0}")]
    OutcomeUnknown(String),
}

impl Upstream {
    /// Builds the client.
    ///
    /// # Errors
    /// When the TLS roots of this machine cannot be read.
    pub(crate) fn new(settings: &UpstreamSettings) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(settings.connect_timeout_s))
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
            .build()?;
        let timeout = Duration::from_secs(settings.timeout_s);
        Ok(Self { client, timeout, answer_bytes_max: settings.answer_bytes_max })
    }

    /// Posts `content` and reads the whole answer.
    pub(crate) async fn post(&self, url: &Url, content: Content) -> Result<UpstreamAnswer, UpstreamError> {
        let request =
            self.client.post(url.clone()).header(CONTENT_TYPE, content.media_type).body(content.bytes);
        self.send(url, request).await
    }

    /// Gets `url` and reads the whole answer. Its query is never logged: it may carry a token.
    pub(crate) async fn get(&self, url: &Url) -> Result<UpstreamAnswer, UpstreamError> {
        self.send(url, self.client.get(url.clone())).await
    }

    async fn send(
        &self,
        url: &Url,
        request: reqwest::RequestBuilder,
    ) -> Result<UpstreamAnswer, UpstreamError> {
        let request = request.header(ACCEPT, "application/json");
        let started = tokio::time::Instant::now();
        let too_late = HELD_UNTIL.try_with(|deadline| deadline.is_too_close_for(self.timeout));
        let result = if too_late.unwrap_or(false) {
            Err(UpstreamError::NotSent("its time is over".into()))
        } else {
            // The clock is looked at first: nothing is sent any more when the time ran out while the process stood still.
            tokio::select! {
                biased;
                () = tokio::time::sleep(self.timeout) => {
                    Err(UpstreamError::OutcomeUnknown("no answer in time".into()))
                }
                result = self.exchange(request) => result,
            }
        };
        let elapsed_ms = started.elapsed().as_millis();
        let (host, path) = (url.host_str().unwrap_or_default(), url.path());
        match &result {
            Ok(answer) => {
                tracing::debug!(host, path, elapsed_ms, bytes = answer.body.len(), "gateway answered")
            }
            Err(error) => tracing::warn!(host, path, elapsed_ms, %error, "gateway did not answer"),
        }
        result
    }

    async fn exchange(&self, request: reqwest::RequestBuilder) -> Result<UpstreamAnswer, UpstreamError> {
        let mut response = request.send().await.map_err(classify)?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| unknown(&e))? {
            if body.len() + chunk.len() > self.answer_bytes_max {
                return Err(UpstreamError::OutcomeUnknown("the answer is too large".into()));
            }
            body.extend_from_slice(&chunk);
        }
        // A mark that some programs write before UTF-8 is no part of the text.
        if let Some(rest) = body.strip_prefix(b"\xef\xbb\xbf") {
            body = rest.to_vec();
        }
        if status.is_success() || (status.is_client_error() && is_refusal(&body)) {
            Ok(UpstreamAnswer { body })
        } else {
            Err(UpstreamError::OutcomeUnknown(format!("HTTP status {}", status.as_u16())))
        }
    }
}

/// Whether a body is a gateway's own refusal: its envelope, with a code and without anything that was carried out. Some
/// gateways set an HTTP status beside it.
fn is_refusal(body: &[u8]) -> bool {
    let Ok(serde_json::Value::Object(envelope)) = serde_json::from_slice(body) else { return false };
    let has_code = ["code", "ret"].iter().any(|name| envelope.get(*name).is_some_and(|code| !code.is_null()));
    has_code && !envelope.get("data").is_some_and(serde_json::Value::is_object)
}

fn classify(error: reqwest::Error) -> UpstreamError {
    if error.is_connect() { UpstreamError::NotSent(root_cause(&error)) } else { unknown(&error) }
}

fn unknown(error: &reqwest::Error) -> UpstreamError {
    UpstreamError::OutcomeUnknown(root_cause(error))
}

/// The innermost cause; the outer texts repeat the URL.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    fn upstream() -> Upstream {
        let _ = rustls::crypto::ring::default_provider().install_default();
        Upstream::new(&UpstreamSettings { connect_timeout_s: 1, timeout_s: 1, answer_bytes_max: 64 }).unwrap()
    }

    async fn answering(answer: &'static [u8]) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await.unwrap();
            stream.write_all(answer).await.unwrap();
            if answer.is_empty() {
                std::future::pending::<()>().await;
            }
        });
        url
    }

    async fn post(url: Url) -> Result<UpstreamAnswer, UpstreamError> {
        upstream().post(&url, Content { media_type: "text/plain", bytes: b"x".to_vec() }).await
    }

    #[tokio::test]
    async fn tells_a_request_that_never_left_from_one_without_answer() {
        let unused = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let refused = post(Url::parse(&format!("http://{unused}/")).unwrap()).await;
        assert!(matches!(refused, Err(UpstreamError::NotSent(_))), "{refused:?}");
        let silent = post(answering(b"").await).await;
        assert!(matches!(silent, Err(UpstreamError::OutcomeUnknown(_))), "{silent:?}");
    }

    #[tokio::test]
    async fn what_would_be_answered_too_late_is_not_sent() {
        let url = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
        let late = held_until(Deadline::in_ms(900), post(url.clone())).await;
        assert!(matches!(late, Err(UpstreamError::NotSent(_))), "{late:?}");
        assert_eq!(held_until(Deadline::in_ms(5000), post(url)).await.unwrap().body, b"ok");
    }

    #[tokio::test]
    async fn an_error_status_a_redirect_and_a_flood_are_unknown_outcomes() {
        for answer in [
            &b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n"[..],
            b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ncontent-length: 65\r\n\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort",
        ] {
            let result = post(answering(answer).await).await;
            assert!(matches!(result, Err(UpstreamError::OutcomeUnknown(_))), "{result:?}");
        }
        let coded = |status| format!("HTTP/1.1 {status}\r\ncontent-length: 13\r\n\r\n{{\"code\":4004}}");
        let refused = post(answering(coded("400 Bad Request").leak().as_bytes()).await).await;
        assert_eq!(refused.unwrap().body, b"{\"code\":4004}");
        let broken = post(answering(coded("502 Bad Gateway").leak().as_bytes()).await).await;
        assert!(matches!(broken, Err(UpstreamError::OutcomeUnknown(_))), "{broken:?}");
        let fine = post(answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await).await;
        assert_eq!(fine.unwrap().body, b"ok");
    }
}
