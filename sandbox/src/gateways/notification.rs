//! Notifications: sending them, and sending them again until they are acknowledged.

use std::io;
use std::time::Duration;

use http::header;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::clock;
use super::config::Notifications;
use super::message::printed;

/// Of the reply, this much is kept; it should be one word.
const REPLY_BYTES_MAX: usize = 2_000;

/// What a form leaves as it is.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*');

/// A signed notification and where it goes.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(crate) url: String,
    pub(crate) fields: Vec<(String, Value)>,
    pub(crate) carriage: Carriage,
    pub(crate) expects: Reply,
}

/// How a notification's fields travel.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Carriage {
    /// Posted as a form.
    Form,
    /// Posted as JSON.
    Json,
    /// Posted with an empty body, the fields in the query.
    Query,
    /// Fetched, the fields in the query.
    Get,
}

/// The reply that acknowledges a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// `SUCCESS` alone, nothing around it.
    Word,
    /// A JSON object whose `code` is 0.
    CodeZero,
}

/// One attempt to deliver a notification: the reply, or status 0 and the reason why there was none.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Delivery {
    pub(crate) at: Timestamp,
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) acknowledged: bool,
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
        let (status, body) = match self.request(notice).send().await {
            Ok(reply) => read(reply).await,
            Err(error) => (0, error.without_url().to_string()),
        };
        let acknowledged = status == 200 && notice.expects.is(&body);
        Delivery { at: clock::now(), status, body, acknowledged }
    }

    fn request(&self, notice: &Notice) -> reqwest::RequestBuilder {
        let Notice { url, fields, .. } = notice;
        match notice.carriage {
            Carriage::Form => self
                .client
                .post(url)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form(fields)),
            Carriage::Json => {
                self.client.post(url).header(header::CONTENT_TYPE, "application/json").body(object(fields))
            }
            Carriage::Query => self.client.post(with_query(url, &form(fields))),
            Carriage::Get => self.client.get(with_query(url, &form(fields))),
        }
    }

    /// The waits before the second and every further attempt.
    pub(crate) fn waits(&self) -> impl Iterator<Item = Duration> + use<> {
        let backoff = self.backoff;
        (0..self.attempts_max.saturating_sub(1)).map(move |doubled| backoff * 2u32.saturating_pow(doubled))
    }
}

impl Reply {
    fn is(self, body: &str) -> bool {
        match self {
            Self::Word => body == "SUCCESS",
            Self::CodeZero => {
                let code = serde_json::from_str::<Value>(body).ok().map(|reply| reply["code"].clone());
                code == Some(Value::from(0))
            }
        }
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

/// Fields as a JSON object that keeps their order, which some signatures depend on.
fn object(fields: &[(String, Value)]) -> String {
    let members: Vec<_> =
        fields.iter().map(|(name, value)| format!("{}:{value}", Value::from(name.as_str()))).collect();
    format!("{{{}}}", members.join(","))
}

/// Fields as a form or a query, in their order.
pub(crate) fn form(fields: &[(String, Value)]) -> String {
    let pairs: Vec<_> = fields
        .iter()
        .map(|(name, value)| {
            format!("{}={}", form_encoded(name), form_encoded(&printed(value).unwrap_or_default()))
        })
        .collect();
    pairs.join("&")
}

/// One name or value of a form or query.
pub(crate) fn form_encoded(text: &str) -> String {
    utf8_percent_encode(text, FORM).to_string()
}

/// An address with more parameters behind those that it has; a fragment stays at the end.
pub(crate) fn with_query(url: &str, query: &str) -> String {
    let (address, fragment) =
        url.split_once('#').map_or((url, String::new()), |(address, rest)| (address, format!("#{rest}")));
    let joint = match address.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    format!("{address}{joint}{query}{fragment}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_encodes_everything_that_could_be_misread() {
        let fields = [("body".to_owned(), "a b&c=d+测%".into()), ("attach".to_owned(), "".into())];
        assert_eq!(form(&fields), "body=a%20b%26c%3Dd%2B%E6%B5%8B%25&attach=");
    }

    #[test]
    fn an_object_keeps_the_order_of_its_fields() {
        let fields = [("b".to_owned(), "\"".into()), ("a".to_owned(), 1.into())];
        assert_eq!(object(&fields), r#"{"b":"\"","a":1}"#);
    }

    #[test]
    fn parameters_come_behind_those_that_are_there() {
        assert_eq!(with_query("http://a.example/n", "b=2"), "http://a.example/n?b=2");
        assert_eq!(with_query("http://a.example/n?a=1", "b=2"), "http://a.example/n?a=1&b=2");
        assert_eq!(with_query("http://a.example/n?#part", "b=2"), "http://a.example/n?b=2#part");
    }

    #[test]
    fn only_the_right_reply_acknowledges() {
        assert!(Reply::Word.is("SUCCESS"));
        for other in ["success", "SUCCESS\n", "\"SUCCESS\"", "{\"code\":0}"] {
            assert!(!Reply::Word.is(other), "{other}");
        }
        assert!(Reply::CodeZero.is(r#"{"code":0,"msg":"Success","data":[]}"#));
        for other in ["SUCCESS", r#"{"code":-1}"#, "0", ""] {
            assert!(!Reply::CodeZero.is(other), "{other}");
        }
    }
}
