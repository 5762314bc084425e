//! Texts of bounded length.

const MARK: &str = "...";

/// The text in at most so many bytes, with `...` at its end if it was longer.
pub(crate) fn shortened(mut text: String, length: usize) -> String {
    if text.len() > length {
        text.truncate(boundary(&text, length.saturating_sub(MARK.len())));
        text.push_str(MARK);
    }
    text
}

/// The last place, at most `at` bytes from the beginning, that is between characters.
pub(crate) fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(shortened("abcdef".to_owned(), 6), "abcdef");
        assert_eq!(shortened("abcdefg".to_owned(), 6), "abc...");
        assert_eq!(shortened("ab\u{e9}\u{e9}\u{e9}".to_owned(), 6), "ab...");
        assert_eq!(shortened("abcdefg".to_owned(), 2), "...");
    }
}
