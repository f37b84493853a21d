//! Builds the npm package into `wasm/dist`: both modules, their glue, the loader, the types and the style sheet.

mod names;

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

/// What lies in `wasm/js` and is not shipped.
const NOT_SHIPPED: &[&str] = &["sizes.js", "reference.js"];

/// The style sheet, and the same once more as a module: adopted from there, it needs no request and no bundler's opinion.
const STYLES: &str = "checkout.css";
const STYLES_MODULE: &str = "checkout_css.js";

/// What `npm pack` takes from the folder above.
const LICENSES: &[&str] = &["LICENSE-APACHE", "LICENSE-MIT"];

/// Builds the package into `wasm/dist`; a release is optimised by binaryen, minified, and its sizes are printed.
///
/// # Errors
/// When a crate does not build, or a tool of the release is missing or fails.
pub(crate) fn build(release: bool) -> Result<()> {
    let package = project::root().join("wasm");
    build_into(&package, release)?;
    if release {
        shell::run(Command::new("node").arg(package.join("js/sizes.js")).arg(package.join("dist")))?;
    }
    Ok(())
}

/// Lays a release out in a folder of its own, as `npm pack` takes it, and leaves `wasm/dist` as it is.
///
/// # Errors
/// As [`build`].
pub(crate) fn release_into(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let package = project::root().join("wasm");
    for name in ["package.json", "README.md"] {
        copy(&package.join(name), &folder.join(name))?;
    }
    build_into(folder, true)
}

/// Builds `dist` in a folder, with the licences beside it.
fn build_into(folder: &Path, release: bool) -> Result<()> {
    compile()?;
    let package = project::root().join("wasm");
    // Built beside and moved into place file by file, so that a page loaded meanwhile finds whole files.
    let fresh = tempfile::tempdir_in(folder).context("cannot make a folder beside dist")?;
    let built = project::target_folder()?.join(BROWSER_TARGET).join("wasm");
    for (file, name) in MODULES {
        glue(&built.join(format!("{file}.wasm")), name, fresh.path())?;
    }
    for name in sources(&package.join("js"))? {
        copy(&package.join("js").join(&name), &fresh.path().join(&name))?;
    }
    if release {
        optimise(&package, fresh.path())?;
    }
    write_styles_module(&package, fresh.path(), release)?;
    for name in LICENSES {
        copy(&project::root().join(name), &folder.join(name))?;
    }
    publish(fresh.path(), &folder.join("dist"))
}

/// What is shipped as it was written: scripts, their types, the style sheet.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut names = file_names(folder)?;
    names.retain(|name| {
        folder.join(name).is_file() && !NOT_SHIPPED.iter().any(|other| name.as_path() == Path::new(other))
    });
    Ok(names)
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
        let (module, glue) = (dist.join(format!("{name}_bg.wasm")), dist.join(format!("{name}.js")));
        with_short_start(&glue)?;
        names::shorten(&module, &glue)?;
        let mut command = Command::new("node");
        command.arg(&wasm_opt).args(["-Oz", "--strip-target-features"]).arg(&module).arg("-o").arg(&module);
        shell::run(&mut command)?;
    }
    for script in
        file_names(dist)?.iter().filter(|name| name.extension().is_some_and(|ending| ending == "js"))
    {
        let script = dist.join(script);
        let mut command = Command::new(&esbuild);
        command.arg(&script).args(["--minify", "--tree-shaking=true", "--format=esm", "--target=es2021"]);
        command.args(["--allow-overwrite", "--log-level=warning", "--legal-comments=none"]);
        shell::run(command.arg(format!("--outfile={}", script.display())))?;
    }
    Ok(())
}

fn write_styles_module(package: &Path, dist: &Path, release: bool) -> Result<()> {
    let sheet = dist.join(STYLES);
    let css = if release {
        let mut command = Command::new(package.join("node_modules/.bin/esbuild"));
        shell::output(command.arg(&sheet).args(["--minify", "--log-level=warning"]))?
    } else {
        fs::read_to_string(&sheet).with_context(|| format!("cannot read {}", sheet.display()))?
    };
    let module = dist.join(STYLES_MODULE);
    let script =
        format!("/** `{STYLES}`, as text. */\nexport const css = {};\n", serde_json::to_string(css.trim())?);
    fs::write(&module, script).with_context(|| format!("cannot write {}", module.display()))
}

/// Puts a short start in place of the generated ones, which fetch, compile and warn too: `index.js` hands over a module.
fn with_short_start(glue: &Path) -> Result<()> {
    const GENERATED: &str = "async function __wbg_load(";
    const END: &str = "export { initSync, __wbg_init as default };";
    const SHORT: &str = "export default async function ({ module_or_path }) {
    const instance = await WebAssembly.instantiate(module_or_path, __wbg_get_imports());
    return wasm ?? __wbg_finalize_init(instance);
}
";
    let script = fs::read_to_string(glue).with_context(|| format!("cannot read {}", glue.display()))?;
    let start = script.find(GENERATED).filter(|_| script.trim_end().ends_with(END));
    let start = start.with_context(|| format!("{} is not shaped as expected", glue.display()))?;
    let script = [&script[..start], SHORT].concat();
    fs::write(glue, script).with_context(|| format!("cannot write {}", glue.display()))
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
