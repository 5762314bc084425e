//! What an evaluation found.

/// A script holds for an event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hit {
    matches: Vec<String>,
}

impl Hit {
    pub(crate) fn new(matches: Vec<String>) -> Self {
        Self { matches }
    }

    /// What regular expressions matched: the groups of each match, or all of it when it has no groups.
    ///
    /// In the order of evaluation, which ends as soon as the outcome is known; at most 16 texts of 256 bytes, of which
    /// a longer one ends with `...`; bytes that are no UTF-8 are replaced. Source: section 2.14 of `waas.md`,
    /// `%regexMatches`.
    #[must_use]
    pub fn regex_matches(&self) -> &[String] {
        &self.matches
    }
}
