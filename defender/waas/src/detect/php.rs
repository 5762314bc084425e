//! What rules take for a call of PHP, and PHP does not.

use super::prose::regex;
use regex::bytes::Regex;
use std::sync::LazyLock;

/// Words in brackets and a target in parentheses: a link of Markdown.
static LINK: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\A\[[A-Za-z0-9_. /-]+\]\([A-Za-z0-9_.:/?#&=%~@+-]+\)"));

/// A name, and a remark in parentheses.
static REMARK: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\A[^A-Za-z]?[A-Za-z_]+ \((?P<words>[A-Za-z]+(?:,? [A-Za-z]+)+)[).,;:]"));

/// Words that PHP lets stand beside a name; sorted.
const OPERATORS: [&str; 22] = [
    "abstract",
    "and",
    "as",
    "clone",
    "echo",
    "fn",
    "from",
    "function",
    "goto",
    "include",
    "instanceof",
    "new",
    "or",
    "print",
    "require",
    "return",
    "static",
    "throw",
    "unset",
    "use",
    "xor",
    "yield",
];

/// Whether what a rule found there is no call.
pub(super) fn is_no_call(rule: u32, value: &[u8], at: usize) -> bool {
    match rule {
        933_160 => is_remark(&value[at..]),
        933_210 => is_link(value, at),
        _ => false,
    }
}

/// An array of one member is not called; what stands before it must not make it the index of another.
fn is_link(value: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| value.get(at));
    let apart = before.is_none_or(|byte| matches!(byte, b' ' | b'!' | b'\n' | b'*' | b'#' | b':'));
    apart && LINK.is_match(&value[at..])
}

/// Two names without a sign between them are no program.
fn is_remark(text: &[u8]) -> bool {
    REMARK.captures(text).and_then(|remark| remark.name("words")).is_some_and(|words| {
        let words = words.as_bytes().to_ascii_lowercase();
        let words: Vec<_> = words.split(|byte| *byte == b' ').collect();
        let is_name = |word: &[u8]| OPERATORS.binary_search_by(|known| known.as_bytes().cmp(word)).is_err();
        words.windows(2).any(|pair| {
            !pair[0].ends_with(b",")
                && is_name(pair[0])
                && is_name(pair[1].strip_suffix(b",").unwrap_or(pair[1]))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links() {
        for text in ["[our notes](https://x.example/a?b=c#d)", "See [NOTES.md](NOTES.md)", "![a b](/c.png)"] {
            assert!(is_no_call(933_210, text.as_bytes(), text.find('[').unwrap()), "{text}");
        }
        for text in [
            "[system][0](ls)",
            "['system'](ls)",
            "[system]('ls')",
            "[system] (ls)",
            "$x[0](ls)",
            "\"x\"[0](ls)",
            "[a,b](ls)",
            "[a](ls())",
            "[a](ls x)",
        ] {
            assert!(!is_no_call(933_210, text.as_bytes(), text.find('[').unwrap()), "{text}");
        }
        assert!(!is_no_call(933_210, b"[system][0](ls)", 8));
    }

    #[test]
    fn remarks() {
        assert!(OPERATORS.is_sorted());
        for text in
            ["file (with or without a lid)", "system (but see below)", "file (or two, or the third one)"]
        {
            assert!(is_no_call(933_160, text.as_bytes(), 0), "{text}");
        }
        for text in [
            "system (id)",
            "system(a b)",
            "system (id or die)",
            "system (new X)",
            "system (a, b)",
            "system ('id')",
            "system (print x)",
            "system (a b + c)",
        ] {
            assert!(!is_no_call(933_160, text.as_bytes(), 0), "{text}");
        }
    }
}
