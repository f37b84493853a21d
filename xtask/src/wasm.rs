//! Builds the npm package into `wasm/dist`: both modules, their glue, the loader, the types and the style sheet.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::project::{self, BROWSER_TARGET};
use crate::shell;

/// The modules: the crate's file name under the target folder, and its name in the package.
const MODULES: &[(&str, &str)] = &[("countersign_wasm", "checkout_core"), ("countersign_ui", "checkout_ui")];

/// What is shipped as it was written.
const SOURCES: &[&str] =
    &["index.js", "index.d.ts", "bridge.js", "picker.js", "mount.js", "screen.js", "checkout.css"];

/// What a release minifies.
const SCRIPTS: &[&str] =
    &["index.js", "bridge.js", "picker.js", "mount.js", "screen.js", "checkout_core.js", "checkout_ui.js"];

/// Builds the package; a release is optimised by binaryen, minified, and its sizes are printed.
///
/// # Errors
/// When a crate does not build, or a tool of the release is missing or fails.
pub(crate) fn build(release: bool) -> Result<()> {
    compile()?;
    let package = project::root().join("wasm");
    let dist = package.join("dist");
    // Built beside and moved into place file by file, so that a page loaded meanwhile finds whole files.
    let fresh = tempfile::tempdir_in(&package).context("cannot make a folder beside wasm/dist")?;
    let built = project::target_folder()?.join(BROWSER_TARGET).join("wasm");
    for (file, name) in MODULES {
        glue(&built.join(format!("{file}.wasm")), name, fresh.path())?;
    }
    for name in SOURCES {
        copy(&package.join("js").join(name), &fresh.path().join(name))?;
    }
    if release {
        optimise(&package, fresh.path())?;
    }
    publish(fresh.path(), &dist)?;
    if release {
        shell::run(Command::new("node").arg(package.join("js/sizes.js")).arg(&dist))?;
    }
    Ok(())
}

fn compile() -> Result<()> {
    // One command for each: cargo unifies features within a command, and the lean module must stay lean.
    for package in ["countersign-wasm", "countersign-ui"] {
        let mut cargo = project::cargo();
        cargo.args(["build", "--quiet", "--locked", "--profile", "wasm", "--target", BROWSER_TARGET]);
        cargo.env("CARGO_ENCODED_RUSTFLAGS", without_paths());
        shell::run(cargo.args(["--package", package]))?;
    }
    Ok(())
}

/// Compiler flags that keep the folders of this machine out of panic messages: smaller, and the same everywhere.
fn without_paths() -> OsString {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let mut flags = OsString::new();
    for folder in home.iter().map(PathBuf::as_path).chain([project::root()]) {
        if !flags.is_empty() {
            // Cargo's separator of encoded flags.
            flags.push("\u{1f}");
        }
        flags.push("--remap-path-prefix=");
        flags.push(folder);
        flags.push("=");
    }
    flags
}

fn glue(module: &Path, name: &str, into: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(module)
        .out_name(name)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .web(true)?
        .generate(into)
        .with_context(|| format!("cannot make the glue of {}", module.display()))
}

fn optimise(package: &Path, dist: &Path) -> Result<()> {
    let tools = package.join("node_modules");
    // npm's binaryen, never the system's: Debian's is too old and breaks the modules without saying so.
    let wasm_opt = tools.join("binaryen/bin/wasm-opt");
    let esbuild = tools.join(".bin/esbuild");
    for tool in [&wasm_opt, &esbuild] {
        ensure!(tool.is_file(), "{} is missing: run `npm ci` in {}", tool.display(), package.display());
    }
    for (_, name) in MODULES {
        let module = dist.join(format!("{name}_bg.wasm"));
        let mut command = Command::new("node");
        command.arg(&wasm_opt).arg("-Oz").arg(&module).arg("-o").arg(&module);
        shell::run(&mut command)?;
    }
    for script in SCRIPTS {
        let script = dist.join(script);
        let mut command = Command::new(&esbuild);
        command.arg(&script).args(["--minify", "--format=esm", "--target=es2021", "--allow-overwrite"]);
        command.args(["--log-level=warning", "--legal-comments=none"]);
        shell::run(command.arg(format!("--outfile={}", script.display())))?;
    }
    Ok(())
}

/// Moves what was built into `dist` and removes what is no longer part of the package.
fn publish(fresh: &Path, dist: &Path) -> Result<()> {
    fs::create_dir_all(dist).with_context(|| format!("cannot make {}", dist.display()))?;
    let names = file_names(fresh)?;
    for name in &names {
        let (from, to) = (fresh.join(name), dist.join(name));
        fs::rename(&from, &to).with_context(|| format!("cannot write {}", to.display()))?;
    }
    for name in file_names(dist)? {
        if !names.contains(&name) {
            let old = dist.join(name);
            fs::remove_file(&old).with_context(|| format!("cannot remove {}", old.display()))?;
        }
    }
    Ok(())
}

fn file_names(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| Ok(PathBuf::from(entry?.file_name()))).collect()
    };
    read().with_context(|| format!("cannot list {}", folder.display()))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publishing_replaces_and_leaves_nothing_old_behind() {
        let folder = tempfile::tempdir().unwrap();
        let (fresh, dist) = (folder.path().join("fresh"), folder.path().join("dist"));
        fs::create_dir(&fresh).unwrap();
        fs::create_dir(&dist).unwrap();
        fs::write(fresh.join("index.js"), "new").unwrap();
        fs::write(dist.join("index.js"), "old").unwrap();
        fs::write(dist.join("gone.js"), "old").unwrap();
        publish(&fresh, &dist).unwrap();
        assert_eq!(file_names(&dist).unwrap(), [PathBuf::from("index.js")]);
        assert_eq!(fs::read_to_string(dist.join("index.js")).unwrap(), "new");
    }
}
