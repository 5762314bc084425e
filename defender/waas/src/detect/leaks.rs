//! What no answer may hold (section 2.7 of `waas.md`): contents of system files, private keys, listings of directories, what
//! interpreters tell of themselves, and what the response families of the rule set know.
//!
//! A chain counts by its link on the body.

use super::compile::test;
use super::error::CrsError;
use super::set::compiled;
use super::test::Test;
use crate::crs::{Fate, Rule};
use regex::bytes::RegexSet;
use std::path::Path;
use std::sync::OnceLock;

/// What the documentation names beside the rule set's families, with what it is called in messages.
const OWN: [(&str, &str); 6] = [
    ("passwd file", r"^[a-z_][a-z0-9_-]{0,31}:[^:\n]{0,128}:[0-9]{1,10}:[0-9]{1,10}:[^:\n]*:/[^:\n]*:/"),
    (
        "shadow file",
        r"^[a-z_][a-z0-9_-]{0,31}:(?:[!*]{1,2}|!?\$[0-9a-z]{1,3}\$[^:\n]+):[0-9]*:[0-9]*:[0-9]*:[0-9]*:",
    ),
    ("private key", r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"),
    ("directory listing", r"(?i)<title>\s*(?:Index of /|Directory listing for /)"),
    ("phpinfo", r"(?i)<title>[^<]{0,40}phpinfo\(\)</title>|<h1[^>]*>PHP Version [0-9]"),
    ("server status", r"(?i)<h1>Apache (?:Server Status for|Server Information)"),
];

/// The same, in text only.
const OWN_IN_TEXT: (&str, &str) = ("PHP source", r"<\?(?:php|=)\s");

/// Something that was found in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// What it is: a name, or the rule of the rule set.
    pub what: String,
    /// What matched, cut if long.
    pub matched: String,
}

/// The patterns, compiled.
#[derive(Debug)]
pub(super) struct Leaks {
    /// Compiled when an answer is first looked at.
    set: OnceLock<RegexSet>,
    /// In the order of the set.
    patterns: Vec<(String, Test)>,
    words: Vec<(u32, Test)>,
}

impl Leaks {
    /// Of the rules of a rule set, and of the list above.
    ///
    /// # Errors
    /// When a detection of a response family that looks at the body cannot be compiled.
    pub(super) fn new(
        rules: &[Rule],
        level: u8,
        folder: &Path,
        fail: impl Fn(&Rule, String) -> CrsError,
    ) -> Result<Self, CrsError> {
        let mut patterns: Vec<(String, Test)> = OWN
            .iter()
            .chain([&OWN_IN_TEXT])
            .map(|(name, pattern)| ((*name).to_owned(), Test::regex((*pattern).to_owned())))
            .collect();
        let mut words = Vec::new();
        for rule in rules {
            let Some(on_body) = rule.on_answer().filter(|_| Fate::of(rule, level) == Fate::OfAnswers) else {
                continue;
            };
            let fail = |why| fail(rule, why);
            match test(&on_body.operator, folder).map_err(fail)?.0 {
                pattern @ Test::Regex { .. } => patterns.push((format!("rule {}", rule.id), pattern)),
                other => words.push((rule.id, other)),
            }
        }
        Ok(Self { set: OnceLock::new(), patterns, words })
    }

    /// What stands first in the list of what the body holds. What is no text is only asked for what the documentation names: the
    /// rule set's short patterns stand in any picture sooner or later.
    pub(super) fn find(&self, body: &[u8], text: bool) -> Option<Leak> {
        let set = self.set.get_or_init(|| compiled(self.patterns.iter().map(|(_, test)| test)));
        if let Some(at) = set.matches(body).iter().next().filter(|at| text || *at < OWN.len()) {
            let (what, pattern) = &self.patterns[at];
            let matched = pattern.find(body).map_or(&b""[..], |range| &body[range]);
            return Some(Leak { what: what.clone(), matched: super::detector::shown(matched) });
        }
        self.words.iter().filter(|_| text).find_map(|(id, words)| {
            let range = words.find(body)?;
            Some(Leak { what: format!("rule {id}"), matched: super::detector::shown(&body[range]) })
        })
    }
}
