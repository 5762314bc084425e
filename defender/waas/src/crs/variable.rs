//! Targets of a rule: `ARGS`, `!REQUEST_COOKIES:/__utm/`, `&REQUEST_HEADERS:Host`.

/// Which members of a collection are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// All of them.
    All,
    /// The member of that name, without regard to case.
    Name(String),
    /// Members whose name matches.
    Pattern(String),
}

/// One target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Upper-case name of the collection or variable.
    pub name: String,
    /// Members.
    pub selector: Selector,
    /// `!`: takes members away.
    pub excluded: bool,
    /// `&`: counts members.
    pub counted: bool,
}

impl Variable {
    /// Reads the target list of a rule.
    #[must_use]
    pub fn parse_list(text: &str) -> Vec<Self> {
        split_targets(text).into_iter().filter(|part| !part.is_empty()).map(Self::parse).collect()
    }

    fn parse(text: &str) -> Self {
        let excluded = text.starts_with('!');
        let text = text.strip_prefix('!').unwrap_or(text);
        let counted = text.starts_with('&');
        let text = text.strip_prefix('&').unwrap_or(text);
        let (name, member) = match text.split_once(':') {
            Some((name, member)) => (name, member.trim_matches('\'')),
            None => (text, ""),
        };
        let name = name.to_ascii_uppercase();
        let selector = if member.is_empty() || name == "XML" {
            Selector::All
        } else if member.len() > 1 && member.starts_with('/') && member.ends_with('/') {
            Selector::Pattern(member[1..member.len() - 1].to_owned())
        } else {
            Selector::Name(member.to_owned())
        };
        Self { name, selector, excluded, counted }
    }
}

/// Splits at `|`, but not inside `:/pattern/`.
fn split_targets(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let (mut parts, mut start, mut in_pattern) = (Vec::new(), 0, false);
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'/' if in_pattern => in_pattern = !matches!(bytes.get(at + 1), None | Some(b'|' | b'\'')),
            b'/' => {
                let before =
                    bytes[start..at].iter().rposition(|b| *b == b':').map(|colon| &bytes[start + colon..at]);
                let xml = bytes[start..at].starts_with(b"XML") || bytes[start..at].starts_with(b"!XML");
                in_pattern = !xml && matches!(before, Some(b":" | b":'"));
            }
            b'|' if !in_pattern => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn target_lists_keep_patterns_whole() {
        let list =
            Variable::parse_list("REQUEST_COOKIES|!REQUEST_COOKIES:/__utm|x/|&ARGS:id|XML:/*|XML://@*");
        assert_eq!(list.len(), 5);
        assert_eq!(list[1].selector, Selector::Pattern("__utm|x".into()));
        assert!(list[1].excluded);
        assert!(list[2].counted);
        assert_eq!(list[2].selector, Selector::Name("id".into()));
        assert_eq!(list[3].selector, Selector::All);
        assert_eq!(list[4].name, "XML");
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,80}") {
            let _ = Variable::parse_list(&text);
        }
    }
}
