//! Which room of the signer may name which: `http → app → {gateway, store}`, `webhook → store`, leaves know no room.

use super::Violation;
use super::source::Source;

const SERVER: &str = "server/src/";

/// Files that every room may use and that use no room, only each other.
const LEAVES: &[&str] = &["address", "clock", "id", "sealed", "secret", "telemetry", "upstream"];

/// Files that put everything together, and so may name every room.
const STARTERS: &[&str] = &["main", "start"];

/// For each room the rooms it may name besides itself and the leaves.
const ROOMS: &[(&str, &[&str])] = &[
    ("ledger", &[]),
    ("gateway", &["ledger"]),
    ("config", &["gateway"]),
    ("doctor", &["config", "gateway"]),
    ("store", &["gateway", "ledger"]),
    ("webhook", &["config", "ledger", "store"]),
    ("app", &["config", "gateway", "ledger", "store"]),
    ("http", &["app", "config"]),
    ("reconcile", &["app", "config", "store"]),
    ("bookkeeping", &["config", "ledger", "store"]),
    ("migrate", &["config", "store"]),
];

const GATEWAYS: &[&str] = &["dotwallet", "jubao", "blueocean", "hicoin"];

/// Paths that go against the arrows.
pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for source in sources {
        let Some(inside) = source.path.strip_prefix(SERVER) else { continue };
        let room = inside.split(['/', '.']).next().unwrap_or_default();
        if STARTERS.contains(&room) || is_for_tests(room, sources) {
            continue;
        }
        let Some(allowed) = allowed(room) else {
            let rule = format!("the room `{room}` has no line in the table of arrows");
            violations.push(Violation::of_file(&source.path, rule));
            continue;
        };
        for path in source.crate_paths() {
            let to = path.segments.first().map_or("", String::as_str);
            if to != room && is_room(to) && !allowed.contains(&to) {
                let rule = format!("`{room}` must not name `{to}`");
                violations.push(Violation::at(&source.path, path.line, rule));
            }
            if let Some(rule) = sibling(inside, &path.segments) {
                violations.push(Violation::at(&source.path, path.line, rule));
            }
        }
    }
    violations
}

/// Whether `main.rs` is there and includes this room in tests only.
fn is_for_tests(room: &str, sources: &[Source]) -> bool {
    let main = sources.iter().find(|source| source.path.strip_prefix(SERVER) == Some("main.rs"));
    main.is_some_and(|main| main.lines_with(&["mod", room]).is_empty())
}

/// What a room may name; the other leaves for a leaf, and no answer for a room nobody has thought about.
fn allowed(room: &str) -> Option<Vec<&'static str>> {
    if LEAVES.contains(&room) {
        return Some(LEAVES.to_vec());
    }
    let (_, rooms) = ROOMS.iter().find(|(name, _)| *name == room)?;
    Some([rooms, LEAVES].concat())
}

fn is_room(name: &str) -> bool {
    LEAVES.contains(&name) || ROOMS.iter().any(|(room, _)| *room == name)
}

/// One gateway's folder naming another's.
fn sibling(inside: &str, segments: &[String]) -> Option<String> {
    let own = inside.strip_prefix("gateway/")?.split(['/', '.']).next()?;
    let [first, other, ..] = segments else { return None };
    let is_other = first == "gateway" && GATEWAYS.contains(&other.as_str()) && other != own;
    (GATEWAYS.contains(&own) && is_other)
        .then(|| format!("`gateway/{own}` must not name its sibling `{other}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<String> {
        let source = Source::read(path, text).unwrap();
        check(&[source]).into_iter().map(|violation| violation.rule).collect()
    }

    #[test]
    fn http_reaches_store_and_gateway_only_through_app() {
        let text = "use crate::app::create_payment; use crate::{store::Ledger, gateway};";
        assert_eq!(
            rules("server/src/http/merchant.rs", text),
            ["`http` must not name `store`", "`http` must not name `gateway`"]
        );
    }

    #[test]
    fn app_names_gateway_and_store_but_not_http() {
        let text = "use crate::{store::Ledger, gateway::Registry, clock::Clock}; use crate::http::Problem;";
        assert_eq!(rules("server/src/app/create_payment.rs", text), ["`app` must not name `http`"]);
    }

    #[test]
    fn a_gateway_names_neither_its_siblings_nor_the_rooms_above_it() {
        let text =
            "use super::wire; use crate::gateway::jubao::sign; use crate::store; use super::super::hicoin;";
        assert_eq!(
            rules("server/src/gateway/blueocean/mod.rs", "use super::jubao::sign;"),
            ["`gateway/blueocean` must not name its sibling `jubao`"]
        );
        assert_eq!(
            rules("server/src/gateway/blueocean/notify.rs", text),
            [
                "`gateway/blueocean` must not name its sibling `jubao`",
                "`gateway` must not name `store`",
                "`gateway/blueocean` must not name its sibling `hicoin`",
            ]
        );
        assert_eq!(
            rules("server/src/gateway/mod.rs", "use self::jubao::Jubao; use crate::gateway::hicoin;"),
            [""; 0]
        );
    }

    #[test]
    fn a_leaf_knows_nobody() {
        assert_eq!(
            rules("server/src/clock.rs", "use crate::config::Time;"),
            ["`clock` must not name `config`"]
        );
    }

    #[test]
    fn a_new_room_needs_a_line_in_the_table() {
        assert_eq!(
            rules("server/src/cache/mod.rs", "fn f() {}"),
            ["the room `cache` has no line in the table of arrows"]
        );
    }

    #[test]
    fn a_room_for_tests_has_no_rules() {
        let main = Source::read("server/src/main.rs", "#[cfg(test)] mod vectors; mod cache;").unwrap();
        let vectors = Source::read("server/src/vectors.rs", "use crate::http;").unwrap();
        let cache = Source::read("server/src/cache.rs", "").unwrap();
        assert_eq!(check(&[main, vectors, cache]).len(), 1);
    }

    #[test]
    fn main_puts_everything_together_and_other_crates_have_their_own_rooms() {
        assert_eq!(rules("server/src/main.rs", "mod http; use crate::{http, store, webhook};"), [""; 0]);
        assert_eq!(rules("server/src/start.rs", "use crate::{http, store, webhook};"), [""; 0]);
        assert_eq!(rules("sandbox/src/shop/mod.rs", "use crate::store;"), [""; 0]);
    }
}
