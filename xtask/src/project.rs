//! Where things are: the repository's root, cargo's target folder.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::shell;

/// The target of the browser modules.
pub(crate) const BROWSER_TARGET: &str = "wasm32-unknown-unknown";

/// The repository's root: the one that cargo runs this program in, though another checkout with the same target folder
/// may have built it.
pub(crate) fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let built_in = || env!("CARGO_MANIFEST_DIR").into();
        let package = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(built_in));
        package.parent().expect("xtask is a folder of the repository").to_owned()
    });
    &ROOT
}

/// The cargo that runs this program, so that its toolchain is used for what it starts as well.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// What `cargo metadata` says about the workspace, optionally with the dependencies of one platform.
pub(crate) fn metadata(platform: Option<&str>) -> Result<Value> {
    let mut command = cargo();
    command.args(["metadata", "--format-version", "1"]);
    match platform {
        Some(platform) => command.args(["--filter-platform", platform]),
        None => command.arg("--no-deps"),
    };
    let text = shell::output(&mut command)?;
    serde_json::from_str(&text).context("cargo metadata answered with something that is not JSON")
}

/// Cargo's target folder, wherever the environment or a configuration file has put it.
pub(crate) fn target_folder() -> Result<PathBuf> {
    let metadata = metadata(None)?;
    let folder = metadata["target_directory"].as_str().context("cargo metadata names no target folder")?;
    Ok(PathBuf::from(folder))
}

/// The two programs, built for debugging.
#[derive(Clone, Debug)]
pub(crate) struct Binaries {
    /// The signer.
    pub(crate) signer: PathBuf,
    /// The simulators of the gateways and the demo shop.
    pub(crate) sandbox: PathBuf,
}

impl Binaries {
    /// Builds both.
    ///
    /// # Errors
    /// When one of them does not build.
    pub(crate) fn build() -> Result<Self> {
        let mut build = cargo();
        build.args([
            "build",
            "--locked",
            "--package",
            "countersign-server",
            "--package",
            "countersign-sandbox",
        ]);
        shell::run(build.arg("--bins"))?;
        Self::built()
    }

    /// Where they are, without building.
    ///
    /// # Errors
    /// When cargo does not tell its target folder.
    pub(crate) fn built() -> Result<Self> {
        let folder = target_folder()?.join("debug");
        Ok(Self { signer: folder.join("countersign"), sandbox: folder.join("countersign-sandbox") })
    }

    /// Tells a program that is about to start where they are.
    pub(crate) fn tell<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("COUNTERSIGN_BIN", &self.signer).env("COUNTERSIGN_SANDBOX_BIN", &self.sandbox)
    }
}
