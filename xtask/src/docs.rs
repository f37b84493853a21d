//! Writes the pages that are made from code: `docs/errors.md`, from the tables of codes in the signer, and
//! `docs/browser.md`, from the types of the npm package. Tests of the signer and of the package compare them.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{project, shell};

/// Writes them all.
///
/// # Errors
/// When the signer does not build, the types cannot be read, or a page cannot be written.
pub(crate) fn write() -> Result<()> {
    let mut signer = project::cargo();
    signer.args(["run", "--quiet", "--locked", "--package", "countersign-server", "--", "codes-page"]);
    write_page("docs/errors.md", &mut signer)?;
    let mut reference = Command::new("node");
    reference.current_dir(project::root()).arg("wasm/js/reference.js");
    write_page("docs/browser.md", &mut reference)
}

/// Writes what a program prints.
fn write_page(path: &str, program: &mut Command) -> Result<()> {
    let page = shell::output(program)?;
    let file = project::root().join(path);
    fs::write(&file, page).with_context(|| format!("cannot write {}", file.display()))?;
    println!("wrote {}", file.display());
    Ok(())
}
