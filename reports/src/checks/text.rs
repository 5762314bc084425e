//! Small helpers for messages and for text that is compared.

use crate::HistoryRecord;

/// `+1.204 s`, since the first record of the slice.
pub(super) fn since(records: &[HistoryRecord], record: &HistoryRecord) -> String {
    let start = records.first().map_or(0, |r| r.monotonic_us);
    let ms = record.monotonic_us.saturating_sub(start) / 1000;
    format!("+{}.{:03} s", ms / 1000, ms % 1000)
}

/// Whether `word` stands in `text` with no letter or digit beside it.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    if word.is_empty() {
        return false;
    }
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

/// A domain name as it is compared: lower case, no final dot.
pub(super) fn domain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// A body in a message, which may be none.
pub(super) fn with_body(text: &str) -> String {
    match excerpt(text) {
        none if none.is_empty() => "without a body".to_owned(),
        // It is quoted, so that it cannot quote anything itself.
        some => format!("with `{}`", some.replace('`', "'")),
    }
}

/// The start of a text, one line, for messages.
pub(super) fn excerpt(text: &str) -> String {
    const LONGEST: usize = 160;
    let line = text.trim_end().replace('\n', "\\n");
    if line.chars().count() <= LONGEST {
        line
    } else {
        format!("{}...", line.chars().take(LONGEST).collect::<String>())
    }
}

/// A text with single blanks.
pub(super) fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `1 audit`, `2 audits`.
pub(super) fn plural(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// One line for each of the first `most`, and how many more there are.
pub(super) fn listed(items: impl ExactSizeIterator<Item = String>, most: usize) -> String {
    let more = items.len().saturating_sub(most);
    let mut text: String = items.take(most).map(|item| format!("\n- {item}")).collect();
    if more > 0 {
        text.push_str(&format!("\n- and {more} more"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_found_inside_a_longer_one() {
        assert!(has_word("PROOFHOUSE_TOKEN=t-1 mkdir", "t-1"));
        assert!(has_word("t-1.example.com", "t-1"));
        assert!(!has_word("t-12.example.com", "t-1"));
        assert!(!has_word("bat-1", "t-1"));
        assert!(has_word("bat-1 t-1", "t-1"));
        assert!(!has_word("anything", ""));
    }

    #[test]
    fn an_excerpt_is_one_short_line() {
        assert_eq!(excerpt("a\nb\n"), "a\\nb");
        assert_eq!(excerpt(&"ä".repeat(400)).chars().count(), 163);
    }
}
