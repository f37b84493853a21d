//! `countersign doctor`, against every signature vector of the gateways: data that no code here has made.

mod patients;
mod signing;
mod usage;
mod verifying;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use countersign_tests::{Ended, md5_hex, run_with_input, signer};
use serde_json::Value;
use tempfile::TempDir;

/// Hicoin's second secret, in all of the vectors.
const APP_SECRET: &str = "5a6b7c8d9e0f11223344556677889900";

/// What stands in the place of a secret.
const STARS: &str = "********";

/// One file of the vectors.
#[derive(Clone, Debug)]
struct Vector {
    name: String,
    scheme: String,
    verifies: bool,
    valid: bool,
    keys: Vec<String>,
    fields: Vec<(String, String)>,
    body: Value,
}

/// All vectors of these schemes, of gateways and of WeChat, whose rules are those of two gateways.
fn vectors(schemes: &[&str]) -> Vec<Vector> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut all = Vec::new();
    for folder in ["dotwallet", "jubao", "blueocean", "hicoin", "wechat"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("the vectors are there") {
            let path = entry.expect("an entry").path();
            let text = std::fs::read_to_string(&path).expect("the file can be read");
            let body: Value = serde_json::from_str(&text).expect("a vector is JSON");
            all.extend(Some(Vector::of(body)).filter(|vector| schemes.contains(&vector.scheme.as_str())));
        }
    }
    all.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(all.len() > 50, "{} vectors of {schemes:?}", all.len());
    all
}

impl Vector {
    fn of(body: Value) -> Self {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let list = |value: &Value| value.as_array().expect("a list").clone();
        Self {
            name: text(&body["name"]),
            scheme: text(&body["scheme"]),
            verifies: body["operation"] == "verify",
            valid: body["result"] == "valid",
            keys: list(&body["keys"]).iter().map(text).collect(),
            fields: list(&body["fields"]).iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect(),
            body,
        }
    }

    fn text(&self, member: &str) -> Option<&str> {
        self.body[member].as_str()
    }

    /// Whether a name is there twice: no such message is read at all.
    fn repeats_a_name(&self) -> bool {
        let mut names: Vec<_> = self.fields.iter().map(|(name, _)| name).collect();
        names.sort();
        names.windows(2).any(|pair| pair[0] == pair[1])
    }

    /// Whether Hicoin's application secret signs it.
    fn is_payout(&self) -> bool {
        self.scheme == "hicoin" && self.keys[0] == APP_SECRET
    }

    /// The keys as the text that is signed holds them.
    fn key_in_text(&self) -> String {
        if self.scheme == "dotwallet-order" {
            md5_hex(&self.keys[0]).to_uppercase()
        } else {
            self.keys[0].clone()
        }
    }

    /// Everything that must not be seen.
    fn secrets(&self) -> Vec<String> {
        let all = self.keys.iter().flat_map(|key| [key.clone(), md5_hex(key)]);
        all.filter(|secret| !secret.is_empty()).map(|secret| secret.to_lowercase()).collect()
    }
}

/// A JSON object with these members in this order.
fn object(fields: &[(String, String)]) -> String {
    let text = |text: &str| Value::from(text).to_string();
    let members: Vec<_> =
        fields.iter().map(|(name, value)| format!("{}:{}", text(name), text(value))).collect();
    format!("{{{}}}", members.join(","))
}

/// A configuration with the keys of a vector, in a folder of its own.
struct Surgery {
    dir: TempDir,
    env: BTreeMap<String, String>,
}

impl Surgery {
    /// One account `here` with these keys, and one at every other gateway.
    fn with(scheme: &str, keys: &[String]) -> Self {
        let mut env = BTreeMap::new();
        let mut places = Vec::new();
        for (number, key) in keys.iter().enumerate() {
            env.insert(format!("KEY_{number}"), key.clone());
            places.push(format!("\"env:KEY_{number}\""));
        }
        env.insert("APP_SECRET".to_owned(), APP_SECRET.to_owned());
        env.insert("MCH_KEY".to_owned(), "9f8e7d6c5b4a39281706f5e4d3c2b1a0".to_owned());
        let list = places.join(", ");
        let here = match scheme {
            "dotwallet-order" => {
                "gateway = \"dotwallet\"\napp_id = \"0123456789abcdef0123456789abcdef\"\nsecret = \"env:KEY_0\"".to_owned()
            }
            "jubao" => format!("gateway = \"jubao\"\nmch_id = \"10000000000001\"\nkeys = [{list}]\nbase_url = \"https://api.example\""),
            "blueocean" => format!("gateway = \"blueocean\"\nappid = \"1000001\"\nkeys = [{list}]"),
            "payout" => {
                "gateway = \"hicoin\"\napp_id = \"a0000000000000000000000000000001\"\nmch_keys = [\"env:MCH_KEY\"]\napp_secret = \"env:APP_SECRET\"".to_owned()
            }
            _ => format!("gateway = \"hicoin\"\napp_id = \"a0000000000000000000000000000001\"\nmch_keys = [{list}]\napp_secret = \"env:APP_SECRET\""),
        };
        let text = format!("[accounts.here]\n{here}\n");
        let dir = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(dir.path().join("countersign.toml"), text).expect("it can be written");
        Self { dir, env }
    }

    fn of(vector: &Vector) -> Self {
        Self::with(if vector.is_payout() { "payout" } else { &vector.scheme }, &vector.keys)
    }

    fn config(&self) -> PathBuf {
        self.dir.path().join("countersign.toml")
    }

    /// Asks about `input` from the standard input.
    async fn ask(&self, question: &str, further: &[&str], input: &[u8]) -> Ended {
        let config = self.config();
        let config = config.to_str().expect("a readable name");
        let mut arguments = vec!["doctor", question, "--account", "here", "--config", config];
        arguments.extend(further);
        run_with_input(&signer(), &arguments, &self.env, input).await
    }

    /// The same with the secret that a vector is signed with.
    async fn ask_about(&self, question: &str, vector: &Vector, input: &[u8]) -> Ended {
        let further: &[&str] = if vector.is_payout() { &["--with", "app_secret"] } else { &[] };
        let ended = self.ask(question, further, input).await;
        let said = format!("{}{}", ended.stdout, ended.stderr).to_lowercase();
        for secret in vector.secrets() {
            assert!(!said.contains(&secret), "{}: a key is shown: {said}", vector.name);
        }
        ended
    }
}

/// The value of a labelled line.
fn line<'t>(text: &'t str, label: &str) -> &'t str {
    text.lines()
        .find_map(|line| line.strip_prefix(label)?.strip_prefix(": "))
        .unwrap_or_else(|| panic!("{label} is missing in {text}"))
}
