//! `multipart/form-data`: fields, and names of files.

use crate::AttackSet;
use crate::input::{Class, Input, Location};
use std::borrow::Cow;

/// Adds fields and file names; false if no part was found. The content of files is not text that an application
/// interprets; uploads are access control's business.
pub(super) fn values<'a>(boundary: &[u8], bytes: &'a [u8], inputs: &mut Vec<Input<'a>>) -> bool {
    let delimiter = [b"--", boundary].concat();
    let mut parts = 0;
    let mut rest = after(bytes, &delimiter);
    while let Some(part) = rest {
        if part.starts_with(b"--") {
            break;
        }
        let end = find(part, &delimiter).unwrap_or(part.len());
        parts += usize::from(self::part(&part[..end], inputs));
        rest = after(part, &delimiter);
    }
    parts > 0
}

/// One part, behind its delimiter and before the next one; false if it has no blank line.
fn part<'a>(bytes: &'a [u8], inputs: &mut Vec<Input<'a>>) -> bool {
    // Some applications take bare line feeds.
    let (head, body) = match (find(bytes, b"\r\n\r\n"), find(bytes, b"\n\n")) {
        (Some(at), lf) if lf.is_none_or(|lf| at < lf) => (&bytes[..at], &bytes[at + 4..]),
        (_, Some(at)) => (&bytes[..at], &bytes[at + 2..]),
        (_, None) => return false,
    };
    let body = body.strip_suffix(b"\n").map_or(body, |body| body.strip_suffix(b"\r").unwrap_or(body));
    let (mut name, mut file) = (None, None);
    for line in head.split(|b| *b == b'\n') {
        let line = String::from_utf8_lossy(line.trim_ascii());
        if line.get(..20).is_some_and(|start| start.eq_ignore_ascii_case("content-disposition:")) {
            name = parameter(&line, "name");
            file = parameter(&line, "filename").or_else(|| parameter(&line, "filename*"));
        }
    }
    let name = name.unwrap_or_default();
    let mut push = |class, key: &str, value: Cow<'a, [u8]>| {
        if !value.is_empty() {
            inputs.push(Input {
                class,
                location: Location::MultipartBody,
                key: Cow::Owned(key.to_owned()),
                value,
                skip: AttackSet::NONE,
            });
        }
    };
    push(Class::ArgumentName, &name, Cow::Owned(name.clone().into_bytes()));
    match file {
        // A name is an argument too: traversal and commands come by file names.
        Some(file) => {
            push(Class::FileName, &name, Cow::Owned(file.clone().into_bytes()));
            push(Class::Argument, &name, Cow::Owned(file.into_bytes()));
        }
        None => push(Class::Argument, &name, Cow::Borrowed(body)),
    }
    true
}

/// A parameter of a header, with or without quotes.
fn parameter(line: &str, wanted: &str) -> Option<String> {
    let mut rest = line.split_once(';')?.1;
    loop {
        rest = rest.trim_start_matches([' ', ';', '\t']);
        let (name, behind) = rest.split_once('=')?;
        let (value, next) = match behind.trim_start().strip_prefix('"') {
            Some(quoted) => {
                let mut value = String::new();
                let mut chars = quoted.char_indices();
                let mut end = quoted.len();
                while let Some((at, c)) = chars.next() {
                    match c {
                        '\\' => value.extend(chars.next().map(|(_, c)| c)),
                        '"' => {
                            end = at + 1;
                            break;
                        }
                        _ => value.push(c),
                    }
                }
                (value, &quoted[end..])
            }
            None => {
                let end = behind.find(';').unwrap_or(behind.len());
                (behind[..end].trim().to_owned(), &behind[end..])
            }
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = next;
    }
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}

fn after<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<&'a [u8]> {
    find(bytes, mark).map(|at| &bytes[at + mark.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(boundary: &str, text: &str) -> (bool, Vec<(Class, String, String)>) {
        let mut inputs = Vec::new();
        let complete = values(boundary.as_bytes(), text.as_bytes(), &mut inputs);
        let found = inputs
            .iter()
            .map(|i| (i.class, i.key.to_string(), String::from_utf8_lossy(&i.value).into_owned()))
            .collect();
        (complete, found)
    }

    #[test]
    fn fields_and_file_names() {
        let (complete, found) = read(
            "x",
            "--x\r\nContent-Disposition: form-data; name=\"a;b\"\r\n\r\nvalue\r\n--x\r\n\
             content-disposition: form-data; name=f; filename=\"../s\\\"h.php\"\r\n\r\nbytes\r\n--x--\r\n",
        );
        assert!(complete);
        let expected = [
            (Class::ArgumentName, "a;b", "a;b"),
            (Class::Argument, "a;b", "value"),
            (Class::ArgumentName, "f", "f"),
            (Class::FileName, "f", "../s\"h.php"),
            (Class::Argument, "f", "../s\"h.php"),
        ];
        assert_eq!(found, expected.map(|(class, key, value)| (class, key.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_body_without_parts_is_none() {
        assert!(!read("x", "hello").0);
        assert!(!read("x", "--x\r\nno blank line").0);
    }

    proptest::proptest! {
        #[test]
        fn always_terminates(text in "(--x|\r\n|\n|Content-Disposition: form-data; |name=\"a|filename=|;|\"|=|\\\\|z){0,20}") {
            let _ = read("x", &text);
        }
    }
}
