//! The sandbox's configuration file, one for all its commands.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{gateways, shop};

/// The whole file. A command reads its own section and ignores the others.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct File {
    /// The simulators.
    pub gateways: gateways::Config,
    /// The demo shop.
    pub shop: Option<shop::ShopConfig>,
}

impl File {
    /// Reads the file, or takes the defaults when there is none.
    ///
    /// # Errors
    /// When the file cannot be read or holds something that is not configuration; the message names the file.
    pub fn read(path: Option<&Path>) -> Result<Self, Error> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error { path: path.to_owned(), reason: error.to_string() })?;
        // The TOML error's `message` leaves out the offending line, which may hold a secret.
        toml::from_str(&text).map_err(|error: toml::de::Error| {
            let before = error.span().map_or("", |span| &text[..span.start.min(text.len())]);
            let line = before.matches('\n').count() + 1;
            Error { path: path.to_owned(), reason: format!("line {line}: {}", error.message()) }
        })
    }
}

/// A configuration file that cannot be used.
#[derive(Debug)]
pub struct Error {
    path: PathBuf,
    reason: String,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.reason)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_name_only_what_it_changes() {
        let file: File = toml::from_str("[gateways.jubao]\nkey = \"k\"").unwrap();
        assert_eq!(file.gateways.jubao.key.expose(), "k");
        assert_eq!(file.gateways.jubao.mch_id, gateways::Config::default().jubao.mch_id);
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_file_and_line_but_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sandbox.toml");
        std::fs::write(&path, "[gateways.jubao]\nkey = \"hush\"\nkee = \"hush\"\n").unwrap();
        let text = File::read(Some(&path)).unwrap_err().to_string();
        assert!(text.contains("sandbox.toml") && text.contains("line 3") && text.contains("kee"), "{text}");
        assert!(!text.contains("hush"), "{text}");
    }
}
