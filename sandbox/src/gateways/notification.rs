//! Notifications: sending them as form posts, and sending them again until they are acknowledged.

use std::io;
use std::time::Duration;

use http::header;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::clock;
use super::config::Notifications;

/// Of the reply, this much is kept; it should be one word.
const REPLY_BYTES_MAX: usize = 2_000;

/// What a form leaves as it is.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*');

/// A signed notification and where it goes.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(crate) url: String,
    pub(crate) fields: Vec<(String, String)>,
}

/// One attempt to deliver a notification: the reply, or status 0 and the reason why there was none.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Delivery {
    pub(crate) at: Timestamp,
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Delivery {
    /// Whether the merchant has taken the notification: the word alone, nothing around it.
    pub(crate) fn acknowledged(&self) -> bool {
        self.status == 200 && self.body == "SUCCESS"
    }
}

/// Sends notifications.
pub(crate) struct Courier {
    client: reqwest::Client,
    attempts_max: u32,
    backoff: Duration,
}

impl Courier {
    pub(crate) fn new(config: &Notifications) -> io::Result<Self> {
        // An error means that another part of the process has chosen a provider already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_millis(config.timeout_ms))
            .build()
            .map_err(io::Error::other)?;
        Ok(Self {
            client,
            attempts_max: config.attempts_max,
            backoff: Duration::from_millis(config.backoff_ms),
        })
    }

    /// Sends a notification once.
    pub(crate) async fn send(&self, notice: &Notice) -> Delivery {
        let request = self
            .client
            .post(&notice.url)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form(&notice.fields));
        let (status, body) = match request.send().await {
            Ok(reply) => read(reply).await,
            Err(error) => (0, error.without_url().to_string()),
        };
        Delivery { at: clock::now(), status, body }
    }

    /// The waits before the second and every further attempt.
    pub(crate) fn waits(&self) -> impl Iterator<Item = Duration> + use<> {
        let backoff = self.backoff;
        (0..self.attempts_max.saturating_sub(1)).map(move |doubled| backoff * 2u32.saturating_pow(doubled))
    }
}

async fn read(mut reply: reqwest::Response) -> (u16, String) {
    let status = reply.status().as_u16();
    let mut body = Vec::new();
    loop {
        match reply.chunk().await {
            Ok(Some(chunk)) if body.len() < REPLY_BYTES_MAX => body.extend_from_slice(&chunk),
            Ok(_) => break,
            Err(error) => return (0, error.without_url().to_string()),
        }
    }
    body.truncate(REPLY_BYTES_MAX);
    (status, String::from_utf8_lossy(&body).into_owned())
}

fn form(fields: &[(String, String)]) -> String {
    let encode = |text| utf8_percent_encode(text, FORM).to_string();
    let pairs: Vec<_> =
        fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_encodes_everything_that_could_be_misread() {
        let fields = [("body".to_owned(), "a b&c=d+测%".to_owned()), ("attach".to_owned(), String::new())];
        assert_eq!(form(&fields), "body=a%20b%26c%3Dd%2B%E6%B5%8B%25&attach=");
    }

    #[test]
    fn only_the_bare_word_acknowledges() {
        let reply = |status, body: &str| Delivery { at: clock::now(), status, body: body.into() };
        assert!(reply(200, "SUCCESS").acknowledged());
        for other in
            [reply(200, "success"), reply(200, "SUCCESS\n"), reply(400, "SUCCESS"), reply(200, "\"SUCCESS\"")]
        {
            assert!(!other.acknowledged(), "{other:?}");
        }
    }
}
