//! From PCRE's dialect, as the rule set writes it, to the one of the `regex` crate.
//!
//! Both mean the same language of bytes; what differs is spelling: a literal `{`, a `[` inside a class, escaped
//! punctuation, a literal beyond ASCII (bytes here, as in PCRE without UTF mode), possessive quantifiers.

/// The same pattern for `regex::bytes` with Unicode off. Constructs that have no counterpart (look-around,
/// back-references) pass unchanged, and fail to compile there.
#[must_use]
pub fn to_rust_regex(pcre: &str) -> String {
    let bytes = pcre.as_bytes();
    let mut out = String::with_capacity(pcre.len() + 16);
    let mut at = 0;
    let mut in_class = false;
    let mut class_start = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        match byte {
            b'\\' => at = escape(bytes, at, in_class, &mut out),
            _ if byte >= 0x80 => {
                // Outside a class a quantifier behind a character of several bytes binds to its last byte, in
                // both dialects alike.
                push_hex(byte, &mut out);
                at += 1;
            }
            b'[' if !in_class => {
                in_class = true;
                out.push('[');
                at += 1;
                if bytes.get(at) == Some(&b'^') {
                    out.push('^');
                    at += 1;
                }
                class_start = at;
            }
            b']' if in_class && at > class_start => {
                in_class = false;
                out.push(']');
                at += 1;
            }
            b'[' if bytes.get(at + 1) == Some(&b':') => {
                let end = pcre[at..].find(":]").map_or(at + 1, |len| at + len + 2);
                out.push_str(&pcre[at..end]);
                at = end;
            }
            b'[' | b']' | b'&' | b'~' if in_class => {
                push_hex(byte, &mut out);
                at += 1;
            }
            b'-' if in_class => {
                at = hyphen(bytes, at, class_start, &mut out);
            }
            b'{' if !in_class && !is_repetition(&bytes[at..]) => {
                push_hex(byte, &mut out);
                at += 1;
            }
            b'+' if !in_class && at > 0 && possessive(bytes, at) => at += 1,
            _ => {
                out.push(char::from(byte));
                at += 1;
            }
        }
    }
    out
}

fn push_hex(byte: u8, out: &mut String) {
    use std::fmt::Write as _;
    write!(out, "\\x{byte:02X}").expect("writing to a string never fails");
}

/// Copies one escape, and says where it ends.
fn escape(bytes: &[u8], at: usize, in_class: bool, out: &mut String) -> usize {
    match bytes.get(at + 1) {
        None => {
            out.push_str("\\\\");
            at + 1
        }
        Some(b'h') => {
            out.push_str(if in_class { "\\t\\x20" } else { "[\\t\\x20]" });
            at + 2
        }
        Some(b'v') => {
            out.push_str(if in_class { "\\x0A-\\x0D\\x85" } else { "[\\x0A-\\x0D\\x85]" });
            at + 2
        }
        Some(b'x') if bytes.get(at + 2) == Some(&b'{') => match braced(&bytes[at + 3..]) {
            Some((byte, length)) => {
                push_hex(byte, out);
                at + 3 + length
            }
            // No byte: it has no counterpart, and fails to compile.
            None => {
                out.push_str("\\x{}");
                at + 2
            }
        },
        Some(b'e') => {
            out.push_str("\\x1B");
            at + 2
        }
        Some(b'Z') => {
            out.push_str("\\z");
            at + 2
        }
        Some(&letter) if letter.is_ascii_alphanumeric() => {
            out.extend(['\\', char::from(letter)]);
            at + 2
        }
        Some(&mark) => {
            push_hex(mark, out);
            at + 2
        }
    }
}

/// The byte of `H...}`, and how long that is with its brace.
fn braced(rest: &[u8]) -> Option<(u8, usize)> {
    let end = rest.iter().position(|b| *b == b'}')?;
    let digits = std::str::from_utf8(&rest[..end]).ok()?;
    let code = u32::from_str_radix(digits, 16).ok()?;
    Some((u8::try_from(code).ok()?, end + 1))
}

/// A `-` in a class: between two members it is a range, elsewhere, and beside a class escape, it is itself.
fn hyphen(bytes: &[u8], at: usize, class_start: usize, out: &mut String) -> usize {
    let after_shorthand = at >= class_start + 2
        && bytes[at - 2] == b'\\'
        && matches!(bytes[at - 1], b'w' | b'W' | b'd' | b'D' | b's' | b'S');
    let before_shorthand = bytes.get(at + 1) == Some(&b'\\')
        && matches!(bytes.get(at + 2), Some(b'w' | b'W' | b'd' | b'D' | b's' | b'S'));
    let range = at > class_start && bytes.get(at + 1).is_some_and(|b| *b != b']');
    if range && !after_shorthand && !before_shorthand {
        out.push('-');
    } else {
        push_hex(b'-', out);
    }
    at + 1
}

/// `{n}`, `{n,}` or `{n,m}`.
fn is_repetition(bytes: &[u8]) -> bool {
    let Some(end) = bytes.iter().position(|b| *b == b'}') else {
        return false;
    };
    let inner = &bytes[1..end];
    inner.first().is_some_and(u8::is_ascii_digit)
        && inner.iter().all(|b| b.is_ascii_digit() || *b == b',')
        && inner.iter().filter(|b| **b == b',').count() <= 1
}

/// A `+` behind a quantifier. What a possessive quantifier matches, the plain one matches too.
fn possessive(bytes: &[u8], at: usize) -> bool {
    let escaped = at >= 2 && bytes[at - 2] == b'\\' && (at < 3 || bytes[at - 3] != b'\\');
    match bytes[at - 1] {
        b'+' | b'*' | b'?' => !escaped && at >= 2 && !matches!(bytes[at - 2], b'(' | b'|'),
        b'}' => {
            let open = bytes[..at].iter().rposition(|b| *b == b'{');
            open.is_some_and(|open| is_repetition(&bytes[open..at]) && !bytes[..open].ends_with(b"\\x"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::bytes::RegexBuilder;

    fn matches(pcre: &str, value: &[u8]) -> bool {
        RegexBuilder::new(&to_rust_regex(pcre)).unicode(false).build().unwrap().is_match(value)
    }

    #[test]
    fn literal_braces_and_brackets() {
        assert!(matches(r"\${", b"a${b"));
        assert!(matches(r"{{.*?}}", b"{{x}}"));
        assert!(matches(r"^a{2,3}$", b"aaa"));
        assert!(matches(r"^[[(]$", b"["));
        assert!(matches(r"^[]x]$", b"]"));
        assert!(matches(r"^[^]x]$", b"a"));
        assert!(matches(r"^[\w&&x]+$", b"&a"));
        assert!(matches(r"^[[:alpha:]]$", b"q"));
    }

    #[test]
    fn hyphens_in_classes() {
        assert!(matches(r"^[^\w\d\s-,:_]$", b";"));
        assert!(!matches(r"^[^\w\d\s-,:_]$", b"-"));
        assert!(matches(r"^[a-c]$", b"b"));
        assert!(matches(r"^[-a]$", b"-"));
        assert!(matches(r"^[a-]$", b"-"));
        assert!(matches(r"^[+--]$", b","));
    }

    #[test]
    fn escaped_punctuation_is_itself() {
        assert!(matches(r"\<script\>", b"<script>"));
        assert!(matches(r"a\/b\'\`", b"a/b'`"));
    }

    #[test]
    fn literals_beyond_ascii_are_bytes() {
        assert!(matches("^´$", "´".as_bytes()));
        assert!(matches(r"^[\xbc]$", b"\xbc"));
    }

    #[test]
    fn possessive_quantifiers_lose_their_mark() {
        assert_eq!(to_rust_regex("a++b"), "a+b");
        assert_eq!(to_rust_regex(r"\++"), r"\x2B+");
        assert_eq!(to_rust_regex("a*+"), "a*");
        assert_eq!(to_rust_regex("[+]+"), "[+]+");
    }

    #[test]
    fn a_byte_in_braces_is_that_byte() {
        assert!(matches(r"^[\x7f-\x{ff}]\x{bc}$", b"\xfe\xbc"));
        assert!(matches(r"^\x{20}+$", b"  "));
        assert!(!matches(r"^[^\x{be}]$", b"\xbe"));
        assert!(RegexBuilder::new(&to_rust_regex(r"\x{100}")).unicode(false).build().is_err());
    }

    proptest::proptest! {
        #[test]
        fn never_panics(pattern in "\\PC{0,60}") {
            let _ = to_rust_regex(&pattern);
        }

        #[test]
        fn quoted_literals_match_themselves(text in "[ -~]{1,20}") {
            let quoted: String = text.chars().flat_map(|c| {
                if c.is_ascii_alphanumeric() { vec![c] } else { vec!['\\', c] }
            }).collect();
            proptest::prop_assert!(matches(&quoted, text.as_bytes()));
        }
    }
}
