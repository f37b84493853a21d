//! Where the binaries are that are judged.

use std::path::PathBuf;

/// The signer, `countersign`; `COUNTERSIGN_BIN` says where when it is not in the target folder.
pub fn signer() -> PathBuf {
    find("COUNTERSIGN_BIN", "countersign", "countersign-server")
}

/// The simulators, `countersign-sandbox`; `COUNTERSIGN_SANDBOX_BIN` says where when it is not in the target folder.
pub fn sandbox() -> PathBuf {
    find("COUNTERSIGN_SANDBOX_BIN", "countersign-sandbox", "countersign-sandbox")
}

/// A test that cannot run fails: there is no skipping.
fn find(variable: &str, name: &str, package: &str) -> PathBuf {
    let path = std::env::var_os(variable).map_or_else(|| target().join("debug").join(name), PathBuf::from);
    assert!(
        path.is_file(),
        "{} is not there: build it with `cargo build -p {package}`, or say where it is with {variable}",
        path.display()
    );
    path
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target")), PathBuf::from)
}
