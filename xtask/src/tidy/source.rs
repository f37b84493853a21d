//! A Rust file as the rules see it: its tokens without comments, documentation and test code.

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A Rust file outside of its tests.
pub(super) struct Source {
    /// From the repository's root.
    pub(super) path: String,
    pub(super) tokens: Vec<Token>,
}

/// A token with the line it is on.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) line: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word(String),
    Mark(char),
    /// A literal as it is written, with its quotes.
    Literal(String),
}

/// A path that starts at the crate, e.g. `crate::store::Ledger` as `["store", "Ledger"]`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CratePath {
    pub(super) segments: Vec<String>,
    pub(super) line: usize,
}

impl Source {
    /// # Errors
    /// When the text does not split into Rust's tokens.
    pub(super) fn read(path: &str, text: &str) -> Result<Self> {
        let stream: TokenStream = text.parse().map_err(|error| anyhow!("{error}"))?;
        let mut tokens = Vec::new();
        if !is_test_file(path) {
            flatten(stream, &mut tokens);
        }
        Ok(Self { path: path.to_owned(), tokens })
    }

    /// The lines on which these words and marks follow each other, e.g. `["env", ":", ":", "var"]`.
    pub(super) fn lines_with(&self, pattern: &[&str]) -> Vec<usize> {
        let matching = self.tokens.windows(pattern.len()).filter(|window| {
            window.iter().zip(pattern).all(|(token, expected)| match &token.kind {
                Kind::Word(word) => word == expected,
                Kind::Mark(mark) => expected.len() == 1 && expected.starts_with(*mark),
                Kind::Literal(_) => false,
            })
        });
        matching.map(|window| window[0].line).collect()
    }

    /// String literals and the lines they start on.
    pub(super) fn strings(&self) -> impl Iterator<Item = (&str, usize)> {
        self.tokens.iter().filter_map(|token| match &token.kind {
            Kind::Literal(text) if text.contains('"') => Some((text.as_str(), token.line)),
            _ => None,
        })
    }

    /// Every path into the own crate, written with `crate::` or with `super::`, groups taken apart.
    pub(super) fn crate_paths(&self) -> Vec<CratePath> {
        let mut paths = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            at = match self.beginning_of_path(at) {
                Some((module, next)) => self.read_tree(next, module, &mut paths),
                None => at + 1,
            };
        }
        paths
    }

    /// The module that `crate::` or `super::` at this place stands for, and the place after it.
    fn beginning_of_path(&self, at: usize) -> Option<(Vec<String>, usize)> {
        let mut module = match self.word(at)? {
            "crate" => Vec::new(),
            "super" => parent(&module_of(&self.path)),
            _ => return None,
        };
        let mut next = at + 1;
        while self.is_separator(next) && self.word(next + 2) == Some("super") {
            module = parent(&module);
            next += 3;
        }
        self.is_separator(next).then_some((module, next + 2))
    }

    /// Reads the path or group at `at` and gives the place after it.
    fn read_tree(&self, mut at: usize, mut segments: Vec<String>, paths: &mut Vec<CratePath>) -> usize {
        let line = self.tokens.get(at).map_or(0, |token| token.line);
        loop {
            match self.tokens.get(at).map(|token| &token.kind) {
                Some(Kind::Word(word)) => segments.push(word.clone()),
                Some(Kind::Mark('{')) => {
                    at += 1;
                    while at < self.tokens.len() && !self.is_mark(at, '}') {
                        at = self.read_tree(at, segments.clone(), paths);
                        while at < self.tokens.len() && !self.is_mark(at, ',') && !self.is_mark(at, '}') {
                            at += 1; // `as name`
                        }
                        at += usize::from(self.is_mark(at, ','));
                    }
                    return at + 1;
                }
                _ => {}
            }
            if self.is_separator(at + 1) {
                at += 3;
            } else {
                paths.push(CratePath { segments, line });
                return at + 1;
            }
        }
    }

    fn word(&self, at: usize) -> Option<&str> {
        match &self.tokens.get(at)?.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    fn is_mark(&self, at: usize, mark: char) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Mark(mark))
    }

    fn is_separator(&self, at: usize) -> bool {
        self.is_mark(at, ':') && self.is_mark(at + 1, ':')
    }
}

/// Whole files of tests, which the file with `mod tests;` includes for tests only.
fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.ends_with("_tests.rs") || path.contains("/tests/")
}

/// The module a file is, e.g. `server/src/http/merchant.rs` as `["http", "merchant"]`.
fn module_of(path: &str) -> Vec<String> {
    let inside = path.split_once("/src/").map_or(path, |(_, inside)| inside);
    let module = inside.trim_end_matches(".rs").trim_end_matches("/mod");
    match module {
        "lib" | "main" => Vec::new(),
        _ => module.split('/').map(str::to_owned).collect(),
    }
}

fn parent(module: &[String]) -> Vec<String> {
    module[..module.len().saturating_sub(1)].to_vec()
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let line = tree.span().start().line;
        match tree {
            TokenTree::Punct(mark) if mark.as_char() == '#' => match trees.peek() {
                Some(TokenTree::Group(attribute)) if starts_with(attribute, "doc") => {
                    trees.next();
                }
                Some(TokenTree::Group(attribute)) if is_for_tests(attribute) => {
                    trees.next();
                    skip_item(&mut trees);
                }
                _ => tokens.push(Token { kind: Kind::Mark('#'), line }),
            },
            TokenTree::Punct(mark) => tokens.push(Token { kind: Kind::Mark(mark.as_char()), line }),
            TokenTree::Ident(word) => tokens.push(Token { kind: Kind::Word(word.to_string()), line }),
            TokenTree::Literal(literal) => {
                tokens.push(Token { kind: Kind::Literal(literal.to_string()), line });
            }
            TokenTree::Group(group) => flatten_group(&group, line, tokens),
        }
    }
}

fn flatten_group(group: &Group, line: usize, tokens: &mut Vec<Token>) {
    let (open, close) = match group.delimiter() {
        Delimiter::Parenthesis => ('(', ')'),
        Delimiter::Brace => ('{', '}'),
        Delimiter::Bracket => ('[', ']'),
        Delimiter::None => return flatten(group.stream(), tokens),
    };
    tokens.push(Token { kind: Kind::Mark(open), line });
    flatten(group.stream(), tokens);
    tokens.push(Token { kind: Kind::Mark(close), line: group.span_close().start().line });
}

/// Drops an item: up to its body or its semicolon.
fn skip_item(trees: &mut impl Iterator<Item = TokenTree>) {
    for tree in trees {
        let ends = match &tree {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(mark) => mark.as_char() == ';',
            _ => false,
        };
        if ends {
            return;
        }
    }
}

fn starts_with(attribute: &Group, name: &str) -> bool {
    attribute.stream().into_iter().next().is_some_and(|tree| tree.to_string() == name)
}

fn is_for_tests(attribute: &Group) -> bool {
    let text = attribute.stream().to_string();
    let words: Vec<&str> = text.split(|character: char| !character.is_alphanumeric()).collect();
    words.first() == Some(&"cfg") && words.contains(&"test") && !words.contains(&"not")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(path: &str, text: &str) -> Vec<String> {
        let source = Source::read(path, text).unwrap();
        source.crate_paths().iter().map(|path| path.segments.join("::")).collect()
    }

    #[test]
    fn paths_are_found_in_uses_groups_types_and_macros() {
        let text = "use crate::{app::{self, create}, store::Ledger as L, clock};\n\
                    fn f(a: crate::money::Amount) { log!(\"x\", crate::secret::mask(a)); }";
        assert_eq!(
            paths("server/src/http/mod.rs", text),
            ["app::self", "app::create", "store::Ledger", "clock", "money::Amount", "secret::mask"]
        );
    }

    #[test]
    fn super_is_resolved_from_where_the_file_is() {
        let text = "use super::wire; use super::super::store::Ledger; pub(super) fn f() {}";
        assert_eq!(
            paths("server/src/gateway/jubao/sign.rs", text),
            ["gateway::jubao::wire", "gateway::store::Ledger"]
        );
        assert_eq!(paths("server/src/gateway/jubao/mod.rs", "use super::hicoin;"), ["gateway::hicoin"]);
    }

    #[test]
    fn comments_documentation_and_tests_are_not_seen() {
        let text = "//! crate::store\n/// See crate::store and std::env::var.\nfn f() {} // crate::store\n\
                    #[cfg(test)]\nmod tests { use crate::store::Ledger; }\n#[cfg(test)] use crate::http;";
        assert_eq!(paths("server/src/app/mod.rs", text), Vec::<String>::new());
        assert_eq!(paths("server/src/app/tests.rs", "use crate::store::Ledger;"), Vec::<String>::new());
    }

    #[test]
    fn code_that_is_left_out_of_tests_is_seen() {
        assert_eq!(paths("server/src/app/mod.rs", "#[cfg(not(test))] use crate::store;"), ["store"]);
    }

    #[test]
    fn a_pattern_gives_the_lines_it_is_on() {
        let source = Source::read("core/src/a.rs", "\nfn f() { std::env::var(\"env::var\"); }\n").unwrap();
        assert_eq!(source.lines_with(&["env", ":", ":", "var"]), [2]);
        assert_eq!(source.strings().collect::<Vec<_>>(), [("\"env::var\"", 2)]);
    }
}
