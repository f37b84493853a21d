//! The ticket of the merchant's official account, with which pages are signed: fetched when needed, by one caller at a
//! time, kept until shortly before it expires.

use std::time::Duration;

use serde::de::DeserializeOwned;
use thiserror::Error;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::config::{WechatOfficial, below};
use super::wire::{OfficialTicket, OfficialToken};
use crate::gateway::lenient::Text;
use crate::secret::Secret;
use crate::upstream::{Upstream, UpstreamError};

/// Renewed this long before it expires, so that a page that was signed with it can still be used.
const MARGIN: Duration = Duration::from_secs(300);

/// Not asked for again this long after it could not be had: every asking uses up a token of the day's quota.
const REST: Duration = Duration::from_secs(30);

/// The ticket at hand. Never stored, never logged.
#[derive(Default)]
pub(super) struct Ticket(Mutex<Held>);

#[derive(Default)]
enum Held {
    #[default]
    Nothing,
    Until(Secret, Instant),
    NotBefore(Instant),
}

/// Why there is no ticket.
#[derive(Debug, Error)]
pub(super) enum TicketError {
    /// WeChat did not answer.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// WeChat refused.
    #[error("WeChat answered {call} with errcode {errcode}")]
    Refused {
        /// The last word of the path.
        call: &'static str,
        /// Its code; empty where it gave none.
        errcode: String,
    },
    /// It could not be had a moment ago.
    #[error("it could not be had a moment ago")]
    Resting,
}

impl Ticket {
    /// The ticket, fetched if there is none that lasts.
    pub(super) async fn current(
        &self,
        official: &WechatOfficial,
        upstream: &Upstream,
    ) -> Result<Secret, TicketError> {
        let mut held = self.0.lock().await;
        match &*held {
            Held::Until(ticket, until) if Instant::now() < *until => return Ok(ticket.clone()),
            Held::NotBefore(again) if Instant::now() < *again => return Err(TicketError::Resting),
            _ => {}
        }
        match fetch(official, upstream).await {
            Ok((ticket, lasts)) => {
                *held = Held::Until(ticket.clone(), Instant::now() + lasts.saturating_sub(MARGIN));
                Ok(ticket)
            }
            Err(error) => {
                *held = Held::NotBefore(Instant::now() + REST);
                Err(error)
            }
        }
    }
}

async fn fetch(official: &WechatOfficial, upstream: &Upstream) -> Result<(Secret, Duration), TicketError> {
    let mut url = below(&official.api_url, "/cgi-bin/token");
    url.query_pairs_mut()
        .append_pair("grant_type", "client_credential")
        .append_pair("appid", &official.appid)
        .append_pair("secret", official.secret.expose());
    let token: OfficialToken = get(upstream, &url).await?;
    let access_token = given("token", &token.errcode, &token.access_token)?;

    let mut url = below(&official.api_url, "/cgi-bin/ticket/getticket");
    url.query_pairs_mut().append_pair("access_token", access_token).append_pair("type", "jsapi");
    let ticket: OfficialTicket = get(upstream, &url).await?;
    let text = given("getticket", &ticket.errcode, &ticket.ticket)?;
    let lasts_s = ticket.expires_in.integer().unwrap_or(0).clamp(0, 86_400).unsigned_abs();
    Ok((Secret::new(text.to_owned()), Duration::from_secs(lasts_s)))
}

async fn get<T: DeserializeOwned>(upstream: &Upstream, url: &Url) -> Result<T, UpstreamError> {
    crate::gateway::answer::envelope(&upstream.get(url).await?)
}

/// What was asked for, unless there is an error code beside it.
fn given<'t>(call: &'static str, errcode: &Text, text: &'t Text) -> Result<&'t str, TicketError> {
    let fine = errcode.filled().is_none_or(|code| code == "0");
    let refused = || TicketError::Refused { call, errcode: errcode.as_str().to_owned() };
    text.filled().filter(|_| fine).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::super::config::sample_official;
    use super::*;
    use crate::gateway::scripted::{Scripted, upstream};
    use crate::vectors::wire;

    const TICKET: &str =
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg";

    async fn wechat(token: &str, ticket: &str) -> Scripted {
        let body = |file: &str| wire(&format!("wechat/{file}.json"));
        Scripted::by_path(vec![("/cgi-bin/token", body(token)), ("/cgi-bin/ticket/getticket", body(ticket))])
            .await
    }

    #[tokio::test]
    async fn is_fetched_once_for_all_who_wait_and_kept() {
        for suffix in ["success", "success_strings"] {
            let wechat = wechat(&format!("token.{suffix}"), &format!("getticket.{suffix}")).await;
            let (held, official, upstream) = (Ticket::default(), sample_official(&wechat.url), upstream());
            let ask = || held.current(&official, &upstream);
            let (a, b, c) = tokio::join!(ask(), ask(), ask());
            for ticket in [a, b, c, ask().await] {
                assert_eq!(ticket.unwrap().expose(), TICKET);
            }
            let asked: Vec<String> = wechat.seen().into_iter().map(|(url, _)| url).collect();
            let query = |file| String::from_utf8(wire(&format!("wechat/{file}.request.query"))).unwrap();
            let expected = [
                format!("/cgi-bin/token?{}", query("token")),
                format!("/cgi-bin/ticket/getticket?{}", query("getticket")),
            ];
            assert_eq!(asked, expected);
        }
    }

    #[tokio::test]
    async fn one_that_is_about_to_expire_is_renewed() {
        let ticket = format!(r#"{{"errcode":0,"ticket":"{TICKET}","expires_in":299}}"#);
        let answers = vec![
            ("/cgi-bin/token", wire("wechat/token.success.json")),
            ("/cgi-bin/ticket/getticket", ticket.into()),
        ];
        let wechat = Scripted::by_path(answers).await;
        let (held, official, upstream) = (Ticket::default(), sample_official(&wechat.url), upstream());
        for fetched in 1..=2 {
            held.current(&official, &upstream).await.unwrap();
            assert_eq!(wechat.seen().len(), 2 * fetched);
        }
    }

    #[tokio::test]
    async fn a_refusal_is_told_by_its_code_and_not_repeated_at_once() {
        for (token, ticket, call, code) in [
            ("token.bad_secret", "getticket.success", "token", "40125"),
            ("token.bad_appid", "getticket.success", "token", "40013"),
            ("token.busy", "getticket.success", "token", "-1"),
            ("token.address_not_allowed", "getticket.success", "token", "40164"),
            ("token.success", "getticket.bad_token", "getticket", "40001"),
            ("token.success", "getticket.expired_token", "getticket", "42001"),
            ("token.success", "getticket.success_without_ticket", "getticket", "0"),
        ] {
            let wechat = wechat(token, ticket).await;
            let (held, official, upstream) = (Ticket::default(), sample_official(&wechat.url), upstream());
            let error = held.current(&official, &upstream).await.unwrap_err();
            assert_eq!(error.to_string(), format!("WeChat answered {call} with errcode {code}"));
            let asked = wechat.seen().len();
            assert!(matches!(held.current(&official, &upstream).await, Err(TicketError::Resting)));
            assert_eq!(wechat.seen().len(), asked);
        }
    }
}
