//! Where secrets come from: `env:NAME`, `file:PATH`, or the text itself.

use toml::{Table, Value};

use super::{ConfigError, Environment};

/// The keys whose values are secrets, wherever they stand.
const SECRET_KEYS: [&str; 7] =
    ["key", "keys", "secret", "secrets", "app_secret", "mch_keys", "refund_password"];

/// The ledger's address may hold a password. That of a file holds none.
pub(crate) fn is_secret(path: &str, key: &str, value: &Value) -> bool {
    let file = value.as_str().is_some_and(|text| text.starts_with("sqlite:"));
    SECRET_KEYS.contains(&key) || (path == "store.url" && !file)
}

/// Replaces every reference by what it refers to, and lists the paths of literal secrets.
pub(crate) fn resolve(
    file: &str,
    table: &mut Table,
    environment: &Environment,
) -> Result<Vec<String>, ConfigError> {
    let mut literal = Vec::new();
    let mut resolver = Resolver { file, environment, literal: &mut literal };
    resolver.table("", table)?;
    Ok(literal)
}

/// What an argument of the command line refers to.
pub(crate) fn argument(name: &str, text: &str, environment: &Environment) -> Result<String, ConfigError> {
    Resolver { file: name, environment, literal: &mut Vec::new() }.secret("", text)
}

struct Resolver<'a> {
    file: &'a str,
    environment: &'a Environment,
    literal: &'a mut Vec<String>,
}

impl Resolver<'_> {
    fn table(&mut self, path: &str, table: &mut Table) -> Result<(), ConfigError> {
        for (key, value) in table.iter_mut() {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            self.value(&path, is_secret(&path, key, value), value)?;
        }
        Ok(())
    }

    fn value(&mut self, path: &str, secret: bool, value: &mut Value) -> Result<(), ConfigError> {
        match value {
            Value::Table(table) => self.table(path, table),
            Value::Array(items) => {
                for (i, item) in items.iter_mut().enumerate() {
                    self.value(&format!("{path}[{i}]"), secret, item)?;
                }
                Ok(())
            }
            Value::String(text) if secret => {
                *text = self.secret(path, text)?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn secret(&mut self, path: &str, text: &str) -> Result<String, ConfigError> {
        let error = |reason: String| ConfigError::new(self.file, path, reason);
        let found = if let Some(name) = text.strip_prefix("env:") {
            let value = self.environment.get(name);
            value.cloned().ok_or_else(|| error(format!("environment variable {name} is not set")))?
        } else if let Some(place) = text.strip_prefix("file:") {
            let read = std::fs::read_to_string(place).map_err(|e| error(format!("file {place}: {e}")))?;
            read.trim_end_matches(['\r', '\n']).to_owned()
        } else {
            self.literal.push(path.to_owned());
            text.to_owned()
        };
        if found.is_empty() { Err(error("the secret is empty".to_owned())) } else { Ok(found) }
    }
}
