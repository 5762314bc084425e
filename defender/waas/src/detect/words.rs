//! A list of words, looked for without regard to case.

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::ops::Range;
use std::sync::OnceLock;

/// Words; the automaton of them is made when it is first asked.
#[derive(Debug)]
pub(super) struct Words {
    list: Vec<String>,
    kind: Option<AhoCorasickKind>,
    automaton: OnceLock<AhoCorasick>,
}

impl Words {
    pub(super) fn new(list: Vec<String>) -> Self {
        Self { list, kind: None, automaton: OnceLock::new() }
    }

    /// Words that nearly every value is searched for: their automaton is large, and fast.
    pub(super) fn hot(list: Vec<String>) -> Self {
        Self { kind: Some(AhoCorasickKind::DFA), ..Self::new(list) }
    }

    pub(super) fn list(&self) -> &[String] {
        &self.list
    }

    /// Whether one stands anywhere in the value.
    pub(super) fn holds(&self, value: &[u8]) -> bool {
        self.automaton().is_match(value)
    }

    /// The first of them in the value.
    pub(super) fn find(&self, value: &[u8]) -> Option<Range<usize>> {
        self.automaton().find(value).map(|found| found.range())
    }

    /// Makes the automaton, unless it is there.
    pub(super) fn automaton(&self) -> &AhoCorasick {
        self.automaton.get_or_init(|| {
            AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .kind(self.kind)
                .build(&self.list)
                .expect("a list of words is smaller than what an automaton can number")
        })
    }
}
