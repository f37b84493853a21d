//! The HTTP edge: routes, authentication, problems. It parses and renders, and decides nothing about money.

mod auth;
mod authorize;
mod body;
mod checkout;
mod circumstances;
mod events;
mod linger;
mod merchant;
mod metrics;
mod notifications;
mod ops;
mod origin;
mod problem;
mod rate_limit;
mod readable_path;
mod refunds;
mod request_id;
mod router;
mod serve;
mod strict_json;
mod webhook_endpoint;

pub(crate) use metrics::Metrics;
pub(crate) use ops::Readiness;
pub(crate) use rate_limit::RateLimit;
pub(crate) use router::{Edge, router};
pub(crate) use serve::{Limits, serve};
