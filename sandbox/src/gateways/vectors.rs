//! The signature vectors of `tests/vectors`, which the code here must agree with.

use std::collections::HashSet;
use std::path::Path;

use serde::Deserialize;

use super::message::Fields;

/// One case. Its other members are for readers, and for the receiver of notifications.
#[derive(Deserialize)]
pub(crate) struct Case {
    name: String,
    operation: String,
    keys: Vec<String>,
    fields: Vec<(String, String)>,
    signature: Option<String>,
    #[serde(default)]
    right_signature: Option<String>,
    #[serde(default)]
    reading: Option<String>,
    result: String,
}

/// All cases of a folder.
pub(crate) fn of(folder: &str) -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors").join(folder);
    let files = std::fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let cases: Vec<Case> = files
        .map(|file| serde_json::from_slice(&std::fs::read(file.unwrap().path()).unwrap()).unwrap())
        .collect();
    assert!(cases.len() > 10, "{} holds only {} cases", path.display(), cases.len());
    cases
}

impl Case {
    /// Whether a receiver has to read the message in this way to accept it.
    pub(crate) fn is_read_as(&self, reading: &str) -> bool {
        self.reading.as_deref() == Some(reading)
    }

    /// Compares with a signer that gives the signature by its first, and by every further, accepted reading.
    pub(crate) fn check(&self, sign: impl Fn(&Fields, &str) -> Vec<Option<String>>) {
        let name = &self.name;
        let fields = Fields::from(&self.fields[..]);
        // A name that comes twice has no single right text; PHP, and so the simulator, sees the last value only.
        if self.fields.iter().map(|(name, _)| name).collect::<HashSet<_>>().len() < self.fields.len() {
            return;
        }
        let first = self.keys.first().map_or("", String::as_str);
        match (self.operation.as_str(), self.result.as_str()) {
            ("sign", "valid") => assert_eq!(sign(&fields, first)[0], self.signature, "{name}"),
            ("sign", "invalid") => {
                assert_eq!(sign(&fields, first)[0], self.right_signature, "{name}");
                assert_ne!(self.right_signature, self.signature, "{name}");
            }
            // A receiver may drop empty values before it verifies; a gateway has no such second reading.
            ("verify", _) if self.is_read_as("empties-dropped") => {}
            ("verify", _) => {
                let mut signed = self.keys.iter().flat_map(|key| sign(&fields, key));
                assert!(signed.any(|signature| signature == self.signature), "{name}");
            }
            other => panic!("{name} is a case of an unknown kind: {other:?}"),
        }
    }
}
