//! What a rule takes for an attack, and what cannot work as one where it stands.
//!
//! On purpose unlike ModSecurity, as [`super::prose`] is, and narrow: a definition of a shell function whose group never ends is a
//! syntax error, and a header that names a page or a log of a site says nothing of a way to it. Rules on names of files are not
//! asked about headers at paranoia level 1 by the rule sets themselves; here they are, for what is a path.

use super::prose::regex;
use crate::input::{Input, Location};
use regex::bytes::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// A function whose only closing brace is part of a word, so that the shell reads on to the end and runs nothing.
static UNENDED: LazyLock<Regex> = LazyLock::new(|| regex(r"\A\([^(){}]*\)\s*\{\s[^(){}]*\}[A-Za-z][^{}]*\z"));

/// A page of a site, by its own name.
static PAGE: LazyLock<Regex> = LazyLock::new(|| regex(r"\A[a-z0-9_-]+\.(?:php|aspx?|jsp|html?|js)\z"));

/// A log in a folder of the site.
static LOG: LazyLock<Regex> = LazyLock::new(|| regex(r"\A[a-z0-9_-]+/[a-z0-9_-]+[._-]log\z"));

/// Whether what a rule found there can do no harm.
pub(super) fn is_harmless(rule: u32, input: &Input<'_>, value: &[u8], found: &Range<usize>) -> bool {
    match rule {
        932_170 | 932_171 => UNENDED.is_match(&value[found.start..]),
        930_120 | 930_121 | 930_130 => {
            input.location == Location::Header && !asks_for_file(&input.key) && is_of_site(value, found)
        }
        _ => false,
    }
}

/// Whether a header is one by which something is asked for, as `X-Original-URL` is.
fn asks_for_file(header: &str) -> bool {
    let header = header.to_ascii_lowercase();
    ["url", "uri", "path", "file", "page"].iter().any(|part| header.contains(part))
}

/// A page may be named from the root; a log only as it is, since logs of the system have folders of such names.
fn is_of_site(value: &[u8], found: &Range<usize>) -> bool {
    let lower = value.to_ascii_lowercase();
    let whole = |text: &[u8]| text.len() == found.len();
    let leads_out =
        lower.windows(2).any(|pair| pair == b"..") || lower.contains(&b':') || lower.contains(&b'\\');
    let behind_root = lower.strip_prefix(b"/").unwrap_or(&lower);
    !leads_out && (whole(behind_root) && PAGE.is_match(behind_root) || whole(&lower) && LOG.is_match(&lower))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AttackSet;
    use crate::input::Class;
    use std::borrow::Cow;

    fn input(location: Location, key: &'static str) -> Input<'static> {
        let (class, skip) = (Class::CustomHeader, AttackSet::NONE);
        Input { class, location, key: key.into(), value: Cow::Borrowed(b""), skip }
    }

    #[test]
    fn a_group_that_never_ends_runs_nothing() {
        let harmless = |value: &str| {
            let at = value.find('(').unwrap();
            is_harmless(932_171, &input(Location::Query, "q"), value.as_bytes(), &(at..at + 4))
        };
        for value in ["foo\r\n() { :; }just a test", "() { :;}x", "() { a }b c"] {
            assert!(harmless(value), "{value}");
        }
        for value in [
            "() { :; }; echo x",
            "() { :; } echo x",
            "() { :;}",
            "() { :; }just; }; id",
            "() { :; }\nid",
            "() { :; }|id",
            "() { x() { _; }; x() { _; } <<a; }b",
            "() { _; } >_[$($())] { id; }",
            "() { $(id) }x",
            "() { function a a>\\ bash -c echo",
            "() {:;}x",
        ] {
            assert!(!harmless(value), "{value}");
        }
    }

    #[test]
    fn a_header_may_name_what_is_of_the_site() {
        let by = |key, location, value: &str, from: &str| {
            let at = value.find(from).unwrap();
            is_harmless(930_120, &input(location, key), value.as_bytes(), &(at..at + from.len()))
        };
        let harmless = |location, value: &str, from: &str| by("X-Own", location, value, from);
        for (value, from) in [
            ("/config.asp", "config.asp"),
            ("config.php", "config.php"),
            ("logs/access.log", "logs/access.log"),
        ] {
            assert!(harmless(Location::Header, value, from), "{value}");
            assert!(!harmless(Location::Query, value, from), "{value}");
            assert!(!harmless(Location::Cookie, value, from), "{value}");
            assert!(!by("X-Original-URL", Location::Header, value, from), "{value}");
        }
        for (value, from) in [
            ("/etc/passwd", "etc/passwd"),
            ("etc/passwd", "etc/passwd"),
            ("../config.php", "config.php"),
            ("/site/config.php", "config.php"),
            ("..\\config.php", "config.php"),
            ("file:config.php", "config.php"),
            ("/logs/access.log", "logs/access.log"),
            ("/var/logs/access.log", "logs/access.log"),
            ("/.htaccess", ".htaccess"),
            ("/boot.ini", "boot.ini"),
            ("config.php?x=/etc/passwd", "config.php"),
        ] {
            assert!(!harmless(Location::Header, value, from), "{value}");
        }
    }
}
