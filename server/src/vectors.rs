//! The signature vectors of `tests/vectors`, which the code under test did not produce.

use std::fs;
use std::path::PathBuf;

use serde::Deserialize;

/// One file of a gateway's folder.
#[derive(Debug, Deserialize)]
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) operation: String,
    pub(crate) scheme: String,
    pub(crate) keys: Vec<String>,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) sign: Option<String>,
    pub(crate) canonical: Option<String>,
    pub(crate) string_to_sign: Option<String>,
    pub(crate) string_to_sign_hex: Option<String>,
    pub(crate) signature: Option<String>,
    pub(crate) right_signature: Option<String>,
    pub(crate) result: String,
}

impl Vector {
    /// Whether the case is one that must hold.
    pub(crate) fn valid(&self) -> bool {
        self.result == "valid"
    }

    /// The value of a field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Whether a name is repeated, which parsing refuses before any signature is looked at.
    pub(crate) fn repeats_a_name(&self) -> bool {
        self.fields.iter().enumerate().any(|(i, (n, _))| self.fields[..i].iter().any(|(m, _)| m == n))
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors")
}

/// Every vector of a folder with this scheme.
pub(crate) fn load(folder: &str, scheme: &str) -> Vec<Vector> {
    let dir = root().join(folder);
    let mut all: Vec<Vector> = fs::read_dir(&dir)
        .unwrap_or_else(|e| panic!("{}: {e}", dir.display()))
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        })
        .filter(|v: &Vector| v.scheme == scheme)
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(!all.is_empty(), "no vectors of {scheme} in {}", dir.display());
    all
}

/// One message of `tests/vectors/wire`.
pub(crate) fn wire(path: &str) -> Vec<u8> {
    let path = root().join("wire").join(path);
    fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Runs every vector of a scheme: stage by stage for signing, yes or no for verifying.
///
/// `sign` gives canonical string, string to sign as bytes and signature, or `None` where signing must be
/// refused; `verify` says whether the fields with their `sign` pass under the keys.
pub(crate) fn check(
    folder: &str,
    scheme: &str,
    sign: impl Fn(&[(String, String)], &str) -> Option<(String, Vec<u8>, String)>,
    verify: impl Fn(&[(String, String)], &[String]) -> bool,
) {
    for case in load(folder, scheme) {
        match case.operation.as_str() {
            "sign" => check_sign(&case, sign(&case.fields, case.keys.first().map_or("", String::as_str))),
            "verify" if case.repeats_a_name() => assert!(!case.valid(), "{}", case.name),
            "verify" => {
                let mut fields = case.fields.clone();
                if let Some(sign) = &case.sign {
                    fields.push(("sign".into(), sign.clone()));
                }
                assert_eq!(verify(&fields, &case.keys), case.valid(), "{}", case.name);
            }
            other => panic!("{}: unknown operation {other}", case.name),
        }
    }
}

fn check_sign(case: &Vector, got: Option<(String, Vec<u8>, String)>) {
    let Some((canonical, string_to_sign, signature)) = got else {
        assert!(!case.valid() && case.right_signature.is_none(), "{}: refused", case.name);
        return;
    };
    if !case.valid() {
        assert_ne!(Some(&signature), case.signature.as_ref(), "{}", case.name);
        assert_eq!(Some(&signature), case.right_signature.as_ref(), "{}", case.name);
        return;
    }
    assert_eq!(Some(&canonical), case.canonical.as_ref(), "{}: canonical", case.name);
    if let Some(expected) = &case.string_to_sign_hex {
        let hex: String = string_to_sign.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(&hex, expected, "{}: bytes to sign", case.name);
    } else {
        let text = String::from_utf8_lossy(&string_to_sign).into_owned();
        assert_eq!(Some(&text), case.string_to_sign.as_ref(), "{}: string to sign", case.name);
    }
    assert_eq!(Some(&signature), case.signature.as_ref(), "{}: signature", case.name);
}
