//! Faults, dress and settings: how the simulators behave from now on.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde_json::{Map, Value};

use super::{Problem, done, not_here, read, unusable};
use crate::gateways::fault::{Fault, Scripted};
use crate::gateways::switches::Steered;
use crate::gateways::world::{Gateway, World};

type Place = (State<Arc<World>>, Path<Gateway>);

/// Switches of a dress that mean something at some gateways only.
const SPECIAL: [(&str, &[Gateway]); 6] = [
    ("envelope", &[Gateway::Jubao, Gateway::BlueOcean]),
    ("success_code", &[Gateway::Hicoin]),
    ("notification_charset", &[Gateway::Jubao]),
    ("transaction", &[Gateway::DotWallet]),
    ("alipay_app", &[Gateway::BlueOcean]),
    ("notification", &[Gateway::DotWallet, Gateway::Jubao, Gateway::BlueOcean, Gateway::Hicoin]),
];

pub(super) async fn faults((State(world), Path(gateway)): Place) -> Json<Vec<Scripted>> {
    Json(world.faults.of(gateway))
}

pub(super) async fn add_fault(
    (State(world), Path(gateway)): Place,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let scripted: Scripted = read(&body)?;
    let endpoints = world.simulator(gateway).endpoints();
    if !endpoints.contains(&scripted.endpoint.as_str()) {
        return Err(unusable(format!("endpoint is one of {endpoints:?}")));
    }
    if matches!(scripted.fault, Fault::Code | Fault::CodeAfter) && scripted.code.is_none() {
        return Err(unusable("the faults `code` and `code_after` need a code"));
    }
    if scripted.fault == Fault::BadSign && matches!(gateway, Gateway::DotWallet | Gateway::WeChat) {
        return Err(not_here("signed answers"));
    }
    world.faults.add(gateway, scripted);
    Ok(done())
}

pub(super) async fn clear_faults((State(world), Path(gateway)): Place) -> Json<Value> {
    world.faults.clear(gateway);
    done()
}

pub(super) async fn dress((State(world), Path(gateway)): Place) -> Json<Value> {
    Json(world.simulator(gateway).dress().show())
}

pub(super) async fn put_dress(
    (State(world), Path(gateway)): Place,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let wished: Map<String, Value> = read(&body)?;
    for (name, gateways) in SPECIAL {
        if wished.contains_key(name) && !gateways.contains(&gateway) {
            return Err(unusable(format!("`{name}` says nothing of this gateway's messages")));
        }
    }
    world.simulator(gateway).dress().turn(&wished).map(Json).map_err(unusable)
}

pub(super) async fn reset_dress((State(world), Path(gateway)): Place) -> Json<Value> {
    Json(world.simulator(gateway).dress().reset())
}

pub(super) async fn settings((State(world), Path(gateway)): Place) -> Json<Value> {
    Json(world.simulator(gateway).settings().show())
}

pub(super) async fn put_settings(
    (State(world), Path(gateway)): Place,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    world.simulator(gateway).settings().turn(&read(&body)?).map(Json).map_err(unusable)
}

pub(super) async fn reset_settings((State(world), Path(gateway)): Place) -> Json<Value> {
    Json(world.simulator(gateway).settings().reset())
}
