//! Regular expressions that are asked at once.

use super::rule::CompiledRule;
use super::test::Test;
use super::words::Words;
use regex::bytes::{RegexSet, RegexSetBuilder};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, OnceLock};

/// The expressions of some rules; compiled when they are first asked, as most are needed late or never.
#[derive(Debug)]
pub(super) struct Set {
    /// Positions of the rules.
    members: Vec<usize>,
    compiled: OnceLock<RegexSet>,
}

impl Set {
    /// Compiles it, unless it is.
    pub(super) fn compiled(&self, rules: &[CompiledRule]) -> &RegexSet {
        self.compiled.get_or_init(|| compiled(self.members.iter().map(|at| &rules[*at].test)))
    }
}

/// The set of regular expressions, which were read before.
pub(super) fn compiled<'a>(tests: impl Iterator<Item = &'a Test>) -> RegexSet {
    let patterns = tests.map(|test| match test {
        Test::Regex { pattern, .. } => pattern.as_str(),
        _ => unreachable!("only regular expressions are members"),
    });
    // Without a limit of size nothing can be wrong with what was read.
    RegexSetBuilder::new(patterns)
        .unicode(false)
        .dot_matches_new_line(true)
        .multi_line(true)
        .size_limit(usize::MAX)
        .dfa_size_limit(8 << 20)
        .build()
        .expect("expressions that were read are compiled")
}

/// All sets of a detector, each once: what looks at one class of input shares most of its sets with others.
#[derive(Debug, Default)]
pub(super) struct Sets {
    by_members: HashMap<Vec<usize>, Arc<Set>>,
    /// In the order in which they were asked for.
    all: Vec<Arc<Set>>,
    words: HashMap<(Vec<usize>, bool), Arc<Words>>,
}

impl Sets {
    /// The set of those rules; none without any.
    pub(super) fn of(&mut self, members: &[usize]) -> Option<Arc<Set>> {
        if members.is_empty() {
            return None;
        }
        Some(match self.by_members.entry(members.to_vec()) {
            Entry::Occupied(known) => Arc::clone(known.get()),
            Entry::Vacant(free) => {
                let set = Arc::new(Set { members: members.to_vec(), compiled: OnceLock::new() });
                self.all.push(Arc::clone(&set));
                Arc::clone(free.insert(set))
            }
        })
    }

    /// The words of those rules, all or only the plain ones, as `list` has them; nothing without any.
    pub(super) fn words(
        &mut self,
        rules: &[usize],
        plain: bool,
        list: impl FnOnce() -> Vec<String>,
    ) -> Option<Arc<Words>> {
        if rules.is_empty() {
            return None;
        }
        let words = self.words.entry((rules.to_vec(), plain)).or_insert_with(|| Arc::new(Words::hot(list())));
        (!words.list().is_empty()).then(|| Arc::clone(words))
    }

    /// All of them.
    pub(super) fn all(self) -> (Vec<Arc<Set>>, Vec<Arc<Words>>) {
        (self.all, self.words.into_values().collect())
    }
}
