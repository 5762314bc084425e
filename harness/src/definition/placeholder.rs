//! Holes that a template leaves for a value.

/// The first placeholder in a text: `<NAME>`, `${NAME}`, `{{ name }}`, or `$NAME` alone.
#[must_use]
pub fn placeholder(text: &str) -> Option<&str> {
    for (open, close) in [("${", "}"), ("{{", "}}"), ("<", ">")] {
        if let Some(start) = text.find(open)
            && let Some(length) = text[start..].find(close)
        {
            let found = &text[start..start + length + close.len()];
            if found.len() > open.len() + close.len() && !found.contains('\n') {
                return Some(found);
            }
        }
    }
    let name = text.trim().strip_prefix('$')?;
    (!name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')).then(|| text.trim())
}

#[cfg(test)]
mod tests {
    use super::placeholder;

    #[test]
    fn knows_placeholders() {
        assert_eq!(placeholder("<IMAGE>"), Some("<IMAGE>"));
        assert_eq!(placeholder("repo/${NAME}:1"), Some("${NAME}"));
        assert_eq!(placeholder("$NAME"), Some("$NAME"));
        assert_eq!(placeholder("{{ image }}"), Some("{{ image }}"));
        assert_eq!(placeholder("nginx:1.25"), None);
        assert_eq!(placeholder("a > b < c"), None);
        assert_eq!(placeholder("$"), None);
    }
}
