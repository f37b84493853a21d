//! Payers, and what else only one gateway has: tokens, bar codes, payouts, the portal's callback address.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::{Problem, done, not_here, read, unusable};
use crate::gateways::blueocean::Plan;
use crate::gateways::dotwallet::AccountChange;
use crate::gateways::hicoin::{Expiring, Transfer};
use crate::gateways::page::web_address;
use crate::gateways::world::{Gateway, World};

pub(super) async fn user(
    State(world): State<Arc<World>>,
    Path((gateway, user)): Path<(Gateway, String)>,
) -> Result<Response, Problem> {
    match gateway {
        Gateway::DotWallet => {
            let account = world.dotwallet.account(&user);
            let account = account.ok_or_else(|| Problem(StatusCode::NOT_FOUND, "no such user".into()))?;
            Ok(Json(account).into_response())
        }
        _ => Err(not_here("users to look at")),
    }
}

/// A payer at Hicoin.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PayerChange {
    access_token: String,
    #[serde(default)]
    expires_in_s: Option<i64>,
}

pub(super) async fn put_user(
    State(world): State<Arc<World>>,
    Path((gateway, user)): Path<(Gateway, String)>,
    body: Bytes,
) -> Result<Response, Problem> {
    match gateway {
        Gateway::DotWallet => {
            let change: AccountChange = read(&body)?;
            Ok(Json(world.dotwallet.change_account(&user, &change)).into_response())
        }
        Gateway::Hicoin => {
            let change: PayerChange = read(&body)?;
            world.hicoin.set_user(&user, &change.access_token, change.expires_in_s);
            Ok(done().into_response())
        }
        Gateway::Jubao | Gateway::BlueOcean | Gateway::WeChat => Err(not_here("users")),
    }
}

/// The portal's callback address; `null` takes it away.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Callback {
    url: Option<String>,
}

pub(super) async fn put_callback(
    State(world): State<Arc<World>>,
    Path(gateway): Path<Gateway>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    if gateway != Gateway::Hicoin {
        return Err(not_here("portal setting of this kind"));
    }
    let callback: Callback = read(&body)?;
    if callback.url.as_deref().is_some_and(|url| web_address(url).is_none()) {
        return Err(unusable("url is not a web address"));
    }
    world.hicoin.set_callback_url(callback.url);
    Ok(done())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expiry {
    which: Expiring,
}

pub(super) async fn expire_tokens(
    State(world): State<Arc<World>>,
    Path(gateway): Path<Gateway>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let Expiry { which } = read(&body)?;
    match gateway {
        Gateway::DotWallet => world.dotwallet.expire((
            matches!(which, Expiring::User | Expiring::All),
            matches!(which, Expiring::Refresh | Expiring::All),
        )),
        Gateway::Hicoin => world.hicoin.expire(which),
        Gateway::WeChat => world.wechat.expire(),
        Gateway::Jubao | Gateway::BlueOcean => return Err(not_here("tokens")),
    }
    Ok(done())
}

pub(super) async fn plan_bar_code(
    State(world): State<Arc<World>>,
    Path((gateway, code)): Path<(Gateway, String)>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    if gateway != Gateway::BlueOcean {
        return Err(not_here("bar codes"));
    }
    let plan: Plan = read(&body)?;
    world.blueocean.plan_bar_code(&code, plan);
    Ok(done())
}

pub(super) async fn transfers(
    State(world): State<Arc<World>>,
    Path(gateway): Path<Gateway>,
) -> Result<Json<Vec<Transfer>>, Problem> {
    match gateway {
        Gateway::Hicoin => Ok(Json(world.hicoin.transfers())),
        _ => Err(not_here("payouts")),
    }
}
