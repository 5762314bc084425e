//! Paths with their values folded.

use crate::form::decoded;
use proofhouse_protocol::LearnedParam;
use proofhouse_protocol::waas_policy::ParamType;

/// Bytes of a path that is learned, at most.
const LONGEST: usize = 1024;

/// Letters and digits of a file extension, at most.
const LONGEST_EXTENSION: usize = 8;

/// Hexadecimal digits from which on they are an id.
const LEAST_HEX: usize = 16;

/// A path with names in the place of its values.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Folded {
    pub(super) template: String,
    pub(super) params: Vec<LearnedParam>,
}

/// Whether the path names a file.
pub(super) fn has_extension(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    last.rsplit_once('.').is_some_and(|(before, behind)| {
        !before.is_empty()
            && (1..=LONGEST_EXTENSION).contains(&behind.len())
            && behind.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && behind.bytes().any(|byte| byte.is_ascii_alphabetic())
    })
}

/// None of a path that no declared one could accept.
pub(super) fn fold(path: &str) -> Option<Folded> {
    let rest = path.strip_prefix('/').filter(|_| path.len() <= LONGEST)?;
    let mut folded = Folded { template: String::new(), params: Vec::new() };
    if rest.is_empty() {
        folded.template.push('/');
        return Some(folded);
    }
    for segment in rest.split('/') {
        if !is_read_alike(segment) {
            return None;
        }
        folded.template.push('/');
        match value(segment) {
            None => folded.template.push_str(segment),
            Some(kind) => {
                let name = match folded.params.len() {
                    0 => "id".to_owned(),
                    before => format!("id{}", before + 1),
                };
                folded.template.push('{');
                folded.template.push_str(&name);
                folded.template.push('}');
                folded.params.push(LearnedParam { name, kind, allow_empty_value: false });
            }
        }
    }
    Some(folded)
}

/// Whether every application takes it for one segment: only then is a declared path found in each reading.
fn is_read_alike(segment: &str) -> bool {
    let text = decoded(segment.as_bytes(), false);
    !matches!(&*text, b"" | b"." | b"..") && !text.iter().any(|byte| b"/\\\0;%{}".contains(byte))
}

/// The type of a segment that is a value.
fn value(segment: &str) -> Option<ParamType> {
    let digits = segment.strip_prefix('-').unwrap_or(segment);
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if all_digits(digits) {
        return Some(ParamType::Integer);
    }
    if digits.split_once('.').is_some_and(|(whole, part)| all_digits(whole) && all_digits(part)) {
        return Some(ParamType::Number);
    }
    (is_uuid(segment) || is_hex_id(segment) || !segment.bytes().all(is_word)).then_some(ParamType::String)
}

fn is_uuid(text: &str) -> bool {
    let groups = text.split('-').map(|group| {
        let hex = group.bytes().all(|byte| byte.is_ascii_hexdigit());
        if hex { group.len() } else { 0 }
    });
    groups.eq([8, 4, 4, 4, 12])
}

fn is_hex_id(text: &str) -> bool {
    text.len() >= LEAST_HEX
        && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        && text.bytes().any(|byte| byte.is_ascii_digit())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,=:@".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_folded() {
        use ParamType::{Integer, Number, String};
        for (path, template, kinds) in [
            ("/", "/", &[][..]),
            ("/v1/pets", "/v1/pets", &[]),
            ("/pets/7", "/pets/{id}", &[Integer]),
            ("/pets/-7/toys/1.5", "/pets/{id}/toys/{id2}", &[Integer, Number]),
            ("/o/0b1c2d3e-0000-4000-8000-00000000000f/x", "/o/{id}/x", &[String]),
            ("/o/5f2b8c9d1e0a4b7c", "/o/{id}", &[String]),
            ("/o/deadbeefdeadbeef", "/o/deadbeefdeadbeef", &[]),
            ("/o/5f2b8c9d", "/o/5f2b8c9d", &[]),
            ("/names/J%C3%BCrgen", "/names/{id}", &[String]),
            ("/a:b/@me", "/a:b/@me", &[]),
        ] {
            let folded = fold(path).unwrap();
            assert_eq!(folded.template, template, "{path}");
            assert_eq!(folded.params.iter().map(|param| param.kind).collect::<Vec<_>>(), kinds, "{path}");
        }
    }

    #[test]
    fn what_no_declared_path_accepts_is_not_folded() {
        for path in [
            "",
            "x",
            "*",
            "/a/",
            "//a",
            "/a/../b",
            "/./a",
            "/a%2Fb",
            "/a%2E%2E/b%5Cc",
            "/%2e%2e/a",
            "/a;x=1",
            "/a\\b",
            "/{a}",
            "/a%252Fb",
            "/a%00b",
            "/a%2500b",
        ] {
            assert_eq!(fold(path), None, "{path}");
        }
        assert_eq!(fold(&format!("/{}", "a".repeat(LONGEST))), None);
    }

    #[test]
    fn files_have_an_extension() {
        for path in ["/a.css", "/x/y.min.js", "/a.7z", "/logo.PNG"] {
            assert!(has_extension(path), "{path}");
        }
        for path in ["/", "/a", "/a.b/c", "/v1.2", "/.well-known", "/a.", "/a.muchtoolong", "/a.b-c"] {
            assert!(!has_extension(path), "{path}");
        }
    }
}
