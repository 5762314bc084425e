//! Stars of scopes and of process lists (section 3.7).

/// How a text with stars covers another; the case of letters is the caller's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// No star: the same text.
    Equal,
    /// `*text`: what ends so.
    Ends,
    /// `text*`: what begins so.
    Starts,
    /// `*text*`, and `*` alone: what has it in it.
    Contains,
}

/// The shape of an entry and its text without stars. A star inside is an ordinary character (choice).
pub(crate) fn shape(entry: &str) -> (Shape, &str) {
    if entry == "*" {
        return (Shape::Contains, "");
    }
    match (entry.starts_with('*'), entry.ends_with('*')) {
        (false, false) => (Shape::Equal, entry),
        (true, false) => (Shape::Ends, &entry[1..]),
        (false, true) => (Shape::Starts, &entry[..entry.len() - 1]),
        (true, true) => (Shape::Contains, &entry[1..entry.len() - 1]),
    }
}

/// Whether the entry covers the text, letter for letter.
pub(crate) fn covers(entry: &str, text: &str) -> bool {
    let (shape, bare) = shape(entry);
    match shape {
        Shape::Equal => text == bare,
        Shape::Ends => text.ends_with(bare),
        Shape::Starts => text.starts_with(bare),
        Shape::Contains => text.contains(bare),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C5: leading, trailing, both, none.
    #[test]
    fn stars_at_the_ends() {
        for (entry, covered, not) in [
            ("web", vec!["web"], vec!["web1", "aweb", ""]),
            ("*web", vec!["web", "aweb"], vec!["web1"]),
            ("web*", vec!["web", "web1"], vec!["aweb"]),
            ("*web*", vec!["web", "web1", "aweb", "aweb1"], vec!["we", "b"]),
            ("*", vec!["", "x"], vec![]),
            ("a*b", vec!["a*b"], vec!["axb", "ab"]),
        ] {
            assert!(covered.iter().all(|text| covers(entry, text)), "{entry}");
            assert!(!not.iter().any(|text| covers(entry, text)), "{entry}");
        }
    }
}
