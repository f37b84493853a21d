//! Short names between a module and its glue. The generated ones end in hashes, which no compression makes smaller:
//! together they would weigh more than some of the features.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use walrus::ModuleConfig;

/// Beginnings of generated names. What is exported under the name that a person gave it keeps that.
const GENERATED: &[&str] = &["__wb", "__externref", "wasm_bindgen"];

/// Renames what the module imports and exports, in the module and in its glue, and drops exports that nobody takes.
///
/// # Errors
/// When one of the two is not what the generator makes, or cannot be written.
pub(super) fn shorten(module_file: &Path, glue_file: &Path) -> Result<()> {
    let glue =
        fs::read_to_string(glue_file).with_context(|| format!("cannot read {}", glue_file.display()))?;
    let mut config = ModuleConfig::new();
    config.generate_name_section(false).generate_producers_section(false);
    let read = config.parse_file(module_file);
    let mut module = read.with_context(|| format!("cannot read {}", module_file.display()))?;

    let mut names = HashMap::new();
    let mut origins = HashMap::new();
    for import in module.imports.iter_mut() {
        import.name = short(&mut names, &import.name);
        let count = origins.len();
        import.module = origins.entry(import.module.clone()).or_insert_with(|| letters(count)).clone();
    }
    let taken: Vec<&str> = identifiers(&glue).collect();
    let unused: Vec<_> = module
        .exports
        .iter()
        .filter(|export| !taken.contains(&export.name.as_str()))
        .map(|export| export.id())
        .collect();
    for id in unused {
        module.exports.delete(id);
    }
    for export in module.exports.iter_mut() {
        if GENERATED.iter().any(|start| export.name.starts_with(start)) {
            export.name = short(&mut names, &export.name);
        }
    }

    let mut glue = renamed(&glue, &names);
    for (origin, name) in &origins {
        let quoted = format!("\"{origin}\"");
        ensure!(glue.contains(&quoted), "{} does not name {origin}", glue_file.display());
        glue = glue.replace(&quoted, &format!("\"{name}\""));
    }
    fs::write(glue_file, glue).with_context(|| format!("cannot write {}", glue_file.display()))?;
    module.emit_wasm_file(module_file).with_context(|| format!("cannot write {}", module_file.display()))
}

fn short(names: &mut HashMap<String, String>, name: &str) -> String {
    let count = names.len();
    names.entry(name.to_owned()).or_insert_with(|| letters(count)).clone()
}

/// `a` to `z`, then `aa`, `ba` and so on.
fn letters(mut number: usize) -> String {
    let mut name = String::new();
    loop {
        name.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
        if number == 0 {
            return name;
        }
        number -= 1;
    }
}

fn is_part_of_identifier(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || character == '$'
}

fn identifiers(script: &str) -> impl Iterator<Item = &str> {
    script.split(|character| !is_part_of_identifier(character)).filter(|word| !word.is_empty())
}

/// The script with whole identifiers renamed.
fn renamed(script: &str, names: &HashMap<String, String>) -> String {
    let mut renamed = String::with_capacity(script.len());
    let mut rest = script;
    while !rest.is_empty() {
        let word_end = rest.find(|character| !is_part_of_identifier(character)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(word_end);
        renamed.push_str(names.get(word).map_or(word, String::as_str));
        let gap_end = after.find(is_part_of_identifier).unwrap_or(after.len());
        let (gap, after) = after.split_at(gap_end);
        renamed.push_str(gap);
        rest = after;
    }
    renamed
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn short_names_are_all_different() {
        let names: HashSet<String> = (0..2000).map(letters).collect();
        assert_eq!(names.len(), 2000);
        assert_eq!([0, 25, 26, 27].map(letters), ["a", "z", "aa", "ba"]);
    }

    #[test]
    fn only_whole_identifiers_are_renamed() {
        let names = HashMap::from([("__wbg_get_1".to_owned(), "a".to_owned())]);
        let script = "{__wbg_get_1: f(), __wbg_get_12: g(__wbg_get_1)}";
        assert_eq!(renamed(script, &names), "{a: f(), __wbg_get_12: g(a)}");
    }

    #[test]
    fn module_and_glue_are_renamed_alike_and_what_nobody_takes_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let (module, glue) = (folder.path().join("m.wasm"), folder.path().join("m.js"));
        let mut made = walrus::Module::default();
        let memory = made.memories.add_local(false, false, 1, None, None);
        for name in ["memory", "__wbindgen_memory_0f", "__unused"] {
            made.exports.add(name, memory);
        }
        let signature = made.types.add(&[], &[]);
        made.add_import_func("./m_bg.js", "__wbg_fetch_2f", signature);
        made.emit_wasm_file(&module).unwrap();
        fs::write(
            &glue,
            r#"const i = {"./m_bg.js": {__wbg_fetch_2f: f}}; w.memory; w.__wbindgen_memory_0f;"#,
        )
        .unwrap();

        shorten(&module, &glue).unwrap();
        assert_eq!(fs::read_to_string(&glue).unwrap(), r#"const i = {"a": {a: f}}; w.memory; w.b;"#);
        let read = walrus::Module::from_file(&module).unwrap();
        let exports: Vec<_> = read.exports.iter().map(|export| export.name.as_str()).collect();
        assert_eq!(exports, ["memory", "b"]);
    }
}
