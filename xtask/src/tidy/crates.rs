//! Rules about crates: who may depend on whom, no signing in the browser, one table of dependencies.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{TextFile, Violation};

/// Which crate of this project may depend on which other; a crate that is not listed here is a violation itself.
const EDGES: &[(&str, &[&str])] = &[
    ("countersign-core", &[]),
    ("countersign-flow", &["countersign-core"]),
    ("countersign-browser", &["countersign-core", "countersign-flow"]),
    ("countersign-wasm", &["countersign-browser", "countersign-core", "countersign-flow"]),
    ("countersign-ui", &["countersign-core", "countersign-flow"]),
    ("countersign-server", &["countersign-core"]),
    ("countersign-sandbox", &[]),
    ("countersign-sample-axum", &[]),
    ("countersign-tests", &[]),
    ("xtask", &[]),
];

/// Where no secret may ever be used, so nothing that could use one may be there.
const BROWSER_CRATES: &[&str] =
    &["countersign-core", "countersign-flow", "countersign-browser", "countersign-wasm", "countersign-ui"];

/// Names, and beginnings of names, of crates that sign, authenticate, encrypt or hash.
const HASHES: &[&str] = &[
    "aes",
    "aws-lc",
    "blake",
    "boring",
    "chacha20",
    "crypto",
    "curve25519",
    "digest",
    "ecdsa",
    "ed25519",
    "hkdf",
    "hmac",
    "k256",
    "md-5",
    "md5",
    "openssl",
    "p256",
    "p384",
    "pbkdf2",
    "ring",
    "ripemd",
    "rsa",
    "rustls",
    "secp256k1",
    "sha-1",
    "sha1",
    "sha2",
    "sha3",
    "signature",
];

const MANIFEST: &str = "Cargo.toml";

/// Crates of this project that depend on one they must not know, in any kind of dependency.
pub(super) fn edges(metadata: &Value) -> Vec<Violation> {
    let mut violations = Vec::new();
    for package in values(&metadata["packages"]) {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = EDGES.iter().find(|(from, _)| *from == name) else {
            violations
                .push(Violation::of_file(MANIFEST, format!("{name} has no line in the table of edges")));
            continue;
        };
        let in_house = values(&package["dependencies"]).filter(|dependency| dependency["path"].is_string());
        for to in in_house.filter_map(|dependency| dependency["name"].as_str()) {
            if !allowed.contains(&to) {
                violations.push(Violation::of_file(MANIFEST, format!("{name} must not depend on {to}")));
            }
        }
    }
    violations
}

/// Crates that sign or hash in the normal dependency trees of what runs in the browser.
pub(super) fn hashes_in_browser_crates(metadata: &Value) -> Result<Vec<Violation>> {
    let names: HashMap<&str, &str> = values(&metadata["packages"])
        .filter_map(|package| Some((package["id"].as_str()?, package["name"].as_str()?)))
        .collect();
    let mut violations = Vec::new();
    for root in BROWSER_CRATES {
        let id = names.iter().find(|(_, name)| *name == root).map(|(id, _)| *id);
        let id = id.with_context(|| format!("cargo metadata does not know {root}"))?;
        for dependency in tree(metadata, id) {
            let name = names.get(dependency).context("cargo metadata names a dependency it does not list")?;
            if HASHES.iter().any(|hash| name.starts_with(hash)) {
                violations.push(Violation::of_file(MANIFEST, format!("{root} must not depend on {name}")));
            }
        }
    }
    Ok(violations)
}

/// The ids of all normal dependencies of a package, direct and indirect.
fn tree<'a>(metadata: &'a Value, root: &'a str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        let node = values(&metadata["resolve"]["nodes"]).find(|node| node["id"] == id);
        for dependency in node.into_iter().flat_map(|node| values(&node["deps"])) {
            let is_normal = values(&dependency["dep_kinds"]).any(|kind| kind["kind"].is_null());
            if let Some(next) = dependency["pkg"].as_str().filter(|_| is_normal)
                && found.insert(next)
            {
                open.push(next);
            }
        }
    }
    found
}

/// Dependencies that a member declares by itself instead of taking them from the workspace's table.
pub(super) fn declared_in_members(files: &[TextFile]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with("/Cargo.toml")) {
        match file.text.parse::<toml::Table>() {
            Ok(manifest) => own_dependencies(&file.path, &manifest, &mut violations),
            Err(error) => violations.push(Violation::of_file(&file.path, format!("is not TOML: {error}"))),
        }
    }
    violations
}

fn own_dependencies(path: &str, manifest: &toml::Table, violations: &mut Vec<Violation>) {
    for (key, value) in manifest {
        let Some(table) = value.as_table() else { continue };
        if key.ends_with("dependencies") {
            for (name, dependency) in table {
                if dependency.get("workspace").and_then(toml::Value::as_bool) != Some(true) {
                    let rule = format!("{name} must come from [workspace.dependencies]");
                    violations.push(Violation::of_file(path, rule));
                }
            }
        } else if key == "target" {
            for platform in table.values().filter_map(toml::Value::as_table) {
                own_dependencies(path, platform, violations);
            }
        }
    }
}

fn values(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_dependency_against_the_arrows_is_caught_whatever_its_kind() {
        let metadata = json!({"packages": [
            {"name": "countersign-core", "dependencies": [{"name": "serde"}]},
            {"name": "countersign-flow", "dependencies": [{"name": "countersign-core", "path": "/core"}]},
            {"name": "countersign-sandbox", "dependencies": [{"name": "countersign-core", "path": "/core"}]},
            {"name": "countersign-tests", "dependencies": [
                {"name": "countersign-server", "path": "/server", "kind": "dev"}]},
            {"name": "countersign-extra", "dependencies": []},
        ]});
        let rules: Vec<String> = edges(&metadata).into_iter().map(|violation| violation.rule).collect();
        assert_eq!(
            rules,
            [
                "countersign-sandbox must not depend on countersign-core",
                "countersign-tests must not depend on countersign-server",
                "countersign-extra has no line in the table of edges",
            ]
        );
    }

    fn browser_metadata(kind: &Value) -> Value {
        let packages = [BROWSER_CRATES, &["qr", "hmac"]].concat();
        json!({
            "packages": packages.iter().map(|name| json!({"id": name, "name": name})).collect::<Vec<_>>(),
            "resolve": {"nodes": [
                {"id": "countersign-ui", "deps": [{"pkg": "qr", "dep_kinds": [{"kind": null}]}]},
                {"id": "qr", "deps": [{"pkg": "hmac", "dep_kinds": [{"kind": kind}]}]},
            ]},
        })
    }

    #[test]
    fn a_hash_deep_in_the_tree_of_a_browser_crate_is_caught() {
        let violations = hashes_in_browser_crates(&browser_metadata(&Value::Null)).unwrap();
        assert_eq!(violations, [Violation::of_file(MANIFEST, "countersign-ui must not depend on hmac")]);
    }

    #[test]
    fn a_hash_that_only_a_build_script_or_a_test_uses_is_let_through() {
        assert_eq!(hashes_in_browser_crates(&browser_metadata(&json!("build"))).unwrap(), []);
    }

    #[test]
    fn a_browser_crate_that_went_missing_is_an_error_and_not_silence() {
        assert!(hashes_in_browser_crates(&json!({"packages": [], "resolve": {"nodes": []}})).is_err());
    }

    #[test]
    fn a_version_in_a_member_is_caught_in_every_table_of_dependencies() {
        let text = "[package]\nname = 'a'\n[dependencies]\nserde.workspace = true\nurl = '2'\n\
                    [dev-dependencies]\nhex = { version = '1' }\n\
                    [target.'cfg(unix)'.dependencies]\nlibc = '0.2'\n";
        let file = TextFile { path: "server/Cargo.toml".into(), text: text.into() };
        let rules: Vec<String> = declared_in_members(&[file]).into_iter().map(|found| found.rule).collect();
        assert_eq!(rules.len(), 3, "{rules:?}");
        assert!(rules.iter().all(|rule| rule.ends_with("must come from [workspace.dependencies]")));
    }
}
