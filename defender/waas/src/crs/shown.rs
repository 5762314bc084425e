//! Words of a rule file in the messages of errors.

/// Characters that are shown.
const SHOWN: usize = 60;

/// The beginning of a text of a rule file, on one line.
pub(crate) fn shown(text: &str) -> String {
    let plain = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    let mut shown: String = text.chars().take(SHOWN).map(plain).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push_str("...");
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_short_and_of_one_line() {
        assert_eq!(shown("@rx é"), "@rx é");
        assert_eq!(shown("a\0b\nc"), "a\\u{0}b\\nc");
        assert_eq!(shown(&"x".repeat(61)), format!("{}...", "x".repeat(60)));
    }
}
