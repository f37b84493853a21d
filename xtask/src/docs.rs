//! Writes the pages that are made from code: `docs/errors.md`, from the tables of codes in the signer.

use std::fs;

use anyhow::{Context, Result};

use crate::{project, shell};

/// Writes them all.
///
/// # Errors
/// When the signer does not build, or a page cannot be written.
pub(crate) fn write() -> Result<()> {
    let mut signer = project::cargo();
    signer.args(["run", "--quiet", "--locked", "--package", "countersign-server", "--", "codes-page"]);
    let page = shell::output(&mut signer)?;
    let file = project::root().join("docs/errors.md");
    fs::write(&file, page).with_context(|| format!("cannot write {}", file.display()))?;
    println!("wrote {}", file.display());
    Ok(())
}
