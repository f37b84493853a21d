//! Defaults, file and environment laid over one another.

use toml::{Table, Value};

use super::{ConfigError, Environment};

const DEFAULTS: &str = include_str!("../../config.default.toml");
const PREFIX: &str = "COUNTERSIGN__";

/// Account keys that are not text; every other one is, even when it looks like a number.
const ACCOUNT_NUMBERS: [&str; 3] = ["max_amount", "daily_limit", "trust_notifications"];

/// Lays the file's text over the defaults and the environment over both.
pub(crate) fn merge(file: &str, text: &str, environment: &Environment) -> Result<Table, ConfigError> {
    let mut merged: Table = DEFAULTS.parse().expect("the compiled-in defaults are TOML");
    let written: Table = text.parse().map_err(|e: toml::de::Error| syntax(file, &e))?;
    lay_over(&mut merged, written);
    for (name, value) in environment {
        if let Some(path) = name.strip_prefix(PREFIX) {
            set(&mut merged, name, &path.to_ascii_lowercase(), value)?;
        }
    }
    Ok(merged)
}

/// The place and the reason, without the line's text: it may hold a secret.
fn syntax(file: &str, error: &toml::de::Error) -> ConfigError {
    ConfigError::new(file, "", format!("not valid TOML: {}", error.message()))
}

fn lay_over(below: &mut Table, above: Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => lay_over(below, above),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}

fn set(table: &mut Table, variable: &str, path: &str, text: &str) -> Result<(), ConfigError> {
    let bad = |reason: &str| ConfigError::new(&format!("environment variable {variable}"), "", reason);
    let mut parts: Vec<&str> = path.split("__").collect();
    let last = parts.pop().filter(|key| !key.is_empty()).ok_or_else(|| bad("names no key"))?;
    let mut place: &mut Value = &mut Value::Table(std::mem::take(table));
    let mut root = std::mem::replace(place, Value::Boolean(false));
    place = &mut root;
    for part in &parts {
        place = step(place, part).ok_or_else(|| bad("goes through a value that has no keys"))?;
    }
    let number = parts.first() != Some(&"accounts") || ACCOUNT_NUMBERS.contains(&last);
    let result = match place {
        Value::Table(inner) => {
            let value = value(text, inner.get(last), number).map_err(|reason| bad(&reason))?;
            inner.insert(last.to_owned(), value);
            Ok(())
        }
        _ => Err(bad("goes through a value that has no keys")),
    };
    if let Value::Table(inner) = root {
        *table = inner;
    }
    result
}

/// One step down: into a table, made when missing, or into a list by its index.
fn step<'a>(place: &'a mut Value, part: &str) -> Option<&'a mut Value> {
    match place {
        Value::Table(table) => {
            let list = part == "api_keys";
            let missing = || if list { Value::Array(Vec::new()) } else { Value::Table(Table::new()) };
            Some(table.entry(part.to_owned()).or_insert_with(missing))
        }
        Value::Array(items) => {
            let index: usize = part.parse().ok()?;
            if index == items.len() {
                items.push(Value::Table(Table::new()));
            }
            items.get_mut(index)
        }
        _ => None,
    }
}

/// The text as a value of the kind that is there already, or that the key is known to have.
fn value(text: &str, present: Option<&Value>, number: bool) -> Result<Value, String> {
    let parsed = || format!("x = {text}").parse::<Table>().ok().and_then(|mut t| t.remove("x"));
    match present {
        Some(Value::String(_)) => Ok(Value::String(text.to_owned())),
        Some(Value::Array(_)) => match parsed() {
            Some(list @ Value::Array(_)) => Ok(list),
            _ => {
                Ok(Value::Array(text.split(',').map(|item| Value::String(item.trim().to_owned())).collect()))
            }
        },
        Some(other) => parsed()
            .filter(|value| value.type_str() == other.type_str())
            .ok_or_else(|| format!("must be a value of kind {}", other.type_str())),
        None => match parsed() {
            Some(list @ Value::Array(_)) => Ok(list),
            Some(value @ (Value::Integer(_) | Value::Boolean(_))) if number => Ok(value),
            _ => Ok(Value::String(text.to_owned())),
        },
    }
}
