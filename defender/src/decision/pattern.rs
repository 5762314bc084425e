//! A text that may have a `*` at its start, at its end, or at both [PM31].

/// Whether letters in different case are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// `A` is not `a`: names of programs.
    Matters,
    /// `A` is `a`: scopes.
    Ignored,
}

/// A compiled pattern: leading `*` means *ends with*, trailing `*` *starts with*, both *contains*, none *equals*.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    leading: bool,
    trailing: bool,
    case: Case,
}

impl Pattern {
    /// Compiles a pattern; every text is one.
    #[must_use]
    pub fn new(text: &str, case: Case) -> Self {
        let (leading, rest) = match text.strip_prefix('*') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (trailing, rest) = match rest.strip_suffix('*') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let text = match case {
            Case::Matters => rest.to_owned(),
            Case::Ignored => rest.to_lowercase(),
        };
        Self { text, leading, trailing, case }
    }

    /// Whether the candidate is covered.
    #[must_use]
    pub fn matches(&self, candidate: &str) -> bool {
        match self.case {
            Case::Matters => self.matches_folded(candidate),
            Case::Ignored => self.matches_folded(&candidate.to_lowercase()),
        }
    }

    fn matches_folded(&self, candidate: &str) -> bool {
        match (self.leading, self.trailing) {
            (false, false) => candidate == self.text,
            (true, false) => candidate.ends_with(&self.text),
            (false, true) => candidate.starts_with(&self.text),
            (true, true) => candidate.contains(&self.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stars_at_the_ends_widen_and_nothing_else_does() {
        let m = |pattern, candidate| Pattern::new(pattern, Case::Matters).matches(candidate);
        assert!(m("ls", "ls") && !m("ls", "lsof") && !m("ls", "als"));
        assert!(m("py*", "python3") && !m("py*", "ipy"));
        assert!(m("*sh", "bash") && !m("*sh", "shell"));
        assert!(m("*as*", "bash") && !m("*as*", "zsh"));
        assert!(m("*", "") && m("*", "anything"));
        assert!(!m("a*b", "axb"), "a star inside is an ordinary character");
        assert!(!m("LS", "ls"));
    }

    proptest! {
        #[test]
        fn a_pattern_without_stars_matches_itself_only(text in "[a-z.-]{1,12}", other in "[a-z.-]{1,12}") {
            let pattern = Pattern::new(&text, Case::Matters);
            prop_assert!(pattern.matches(&text));
            prop_assert_eq!(pattern.matches(&other), text == other);
        }

        #[test]
        fn the_three_wide_forms_agree_with_their_words(text in "[a-z]{1,4}", before in "[a-z]{0,4}", after in "[a-z]{0,4}") {
            let candidate = format!("{before}{text}{after}");
            let contains = Pattern::new(&format!("*{text}*"), Case::Ignored).matches(&candidate.to_uppercase());
            let ends = Pattern::new(&format!("*{text}"), Case::Ignored).matches(&candidate);
            let starts = Pattern::new(&format!("{text}*"), Case::Ignored).matches(&candidate);
            prop_assert!(contains);
            prop_assert_eq!(ends, candidate.ends_with(&text));
            prop_assert_eq!(starts, candidate.starts_with(&text));
        }
    }
}
