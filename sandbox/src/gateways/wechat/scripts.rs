//! The app's scripts: the bridge that the app puts into every page, and the page script that a page loads itself.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde_json::json;

use crate::gateways::world::World;

/// What both scripts have in common: how they ask the app, and the sheet on which the payer decides.
const IN_APP: &str = include_str!("../../../assets/wechat/in_app.js");
const BRIDGE: &str = include_str!("../../../assets/wechat/bridge.js");
const JWEIXIN: &str = include_str!("../../../assets/wechat/jweixin.js");

/// `GET bridge.js`
pub(super) async fn bridge(State(world): State<Arc<World>>) -> Response {
    script(&world, BRIDGE)
}

/// `GET jweixin.js`
pub(super) async fn jweixin(State(world): State<Arc<World>>) -> Response {
    script(&world, JWEIXIN)
}

fn script(world: &World, own: &str) -> Response {
    let app = json!({
        "url": world.wechat.url,
        "bridgeDelayMs": world.wechat.settings.get().bridge_delay_ms,
    });
    let text = format!("(() => {{\nconst APP = {app};\n{IN_APP}\n{own}\n}})();\n");
    let headers = [(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, "no-store")];
    (headers, text).into_response()
}
