//! What checks do not speak of: mutants that may pass, each kind with the reason.

use super::mutant::Mutant;
use std::collections::BTreeSet;

/// One line: check, kind of record, change; a `*` at the end of a word stands for anything.
struct Entry {
    line: &'static str,
    words: [&'static str; 3],
}

/// The list.
pub struct Indifferent {
    entries: Vec<Entry>,
    used: BTreeSet<&'static str>,
}

fn fits(pattern: &str, word: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == word, |start| word.starts_with(start))
}

impl Indifferent {
    /// Reads the list: lines of `check kind change: reason`.
    pub fn load() -> Self {
        let text = include_str!("indifferent.txt");
        let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
        let entries = lines.map(|line| {
            let (key, reason) = line.split_once(": ").unwrap_or_else(|| panic!("no reason in `{line}`"));
            assert!(!reason.trim().is_empty(), "no reason in `{line}`");
            let words: Vec<&str> = key.split_whitespace().collect();
            let words =
                words.try_into().unwrap_or_else(|_| panic!("`{key}` is not a check, a kind and a change"));
            Entry { line, words }
        });
        Self { entries: entries.collect(), used: BTreeSet::new() }
    }

    /// Whether a mutant may pass.
    pub fn covers(&mut self, check: &str, mutant: &Mutant) -> bool {
        let change = mutant.change.to_string();
        let found: Vec<_> = self
            .entries
            .iter()
            .filter(|entry| {
                let [own, kind, what] = entry.words;
                fits(own, check) && fits(kind, &mutant.kind) && fits(what, &change)
            })
            .map(|entry| entry.line)
            .collect();
        self.used.extend(&found);
        !found.is_empty()
    }

    /// Entries that no mutant needed.
    pub fn unused(&self) -> Vec<&'static str> {
        self.entries.iter().map(|entry| entry.line).filter(|line| !self.used.contains(line)).collect()
    }
}
