//! `multipart/form-data`: fields, and names of files.

use super::path::{beginning, start};
use crate::AttackSet;
use crate::input::{Class, Input, Location};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Names of one file that are kept with that of their field; an honest file has one, or two that say the same.
const MOST_FILES: usize = 8;

/// What is kept of the field's name with any other.
const SHORT: usize = 16;

/// Where readers see a delimiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delimiters {
    /// Anywhere.
    Anywhere,
    /// At the start of a line.
    Line,
    /// As a line of its own that CR LF goes before.
    Strict,
}

/// Tells fields and file names, and as raw text what stands before, between and behind the parts; false if no part was found. The
/// content of files is not text that an application interprets; uploads are access control's business.
///
/// Readers differ in what they take for a delimiter, and whether they go on behind the last one: the body is read in each way, where
/// the ways differ.
pub(super) fn values<'a>(boundary: &[u8], bytes: &'a [u8], tell: &mut impl FnMut(Input<'a>)) -> bool {
    const WAYS: [Delimiters; 3] = [Delimiters::Anywhere, Delimiters::Line, Delimiters::Strict];
    let delimiter = [b"--", boundary].concat();
    // Of a body there may be as many as a third of its bytes: they are looked for again, and not kept.
    let places = |way| places(&delimiter, bytes, way);
    let mut found = false;
    for (at, way) in WAYS.into_iter().enumerate() {
        if !WAYS[..at].iter().any(|former| places(*former).eq(places(way))) {
            found |= read(&delimiter, places(way), bytes, tell);
        }
    }
    found
}

fn places<'b>(delimiter: &'b [u8], bytes: &'b [u8], way: Delimiters) -> impl Iterator<Item = usize> + 'b {
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(at) = find(&bytes[from..], delimiter).map(|at| from + at) {
            from = at + delimiter.len();
            if is_place(&bytes[..at], &bytes[from..], way) {
                return Some(at);
            }
        }
        None
    })
}

/// Whether what stands between these is a delimiter.
fn is_place(before: &[u8], behind: &[u8], way: Delimiters) -> bool {
    match way {
        Delimiters::Anywhere => true,
        Delimiters::Line => before.is_empty() || before.ends_with(b"\n"),
        Delimiters::Strict => {
            let behind = behind.strip_prefix(b"--").unwrap_or(behind);
            let padding = behind.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            (before.is_empty() || before.ends_with(b"\r\n"))
                && (behind.len() == padding || behind[padding..].starts_with(b"\r\n"))
        }
    }
}

fn read<'a>(
    delimiter: &[u8],
    places: impl Iterator<Item = usize>,
    bytes: &'a [u8],
    tell: &mut impl FnMut(Input<'a>),
) -> bool {
    let mut places = places.peekable();
    let mut parts = 0;
    if let Some(first) = places.peek() {
        loose(&bytes[..*first], tell);
    }
    while let Some(at) = places.next() {
        let end = places.peek().copied().unwrap_or(bytes.len());
        let between = &bytes[at + delimiter.len()..end];
        let last = between.strip_prefix(b"--");
        if last.is_none() && part(between, tell) {
            parts += 1;
        } else {
            loose(last.unwrap_or(between), tell);
        }
    }
    parts > 0
}

/// What belongs to no part.
fn loose<'a>(bytes: &'a [u8], tell: &mut impl FnMut(Input<'a>)) {
    let text = bytes.trim_ascii();
    if !text.is_empty() {
        tell(super::raw_input(text));
    }
}

/// One part, behind its delimiter and before the next one; false if it has no blank line.
fn part<'a>(bytes: &'a [u8], tell: &mut impl FnMut(Input<'a>)) -> bool {
    // Some applications take bare line feeds.
    let (head, body) = match (find(bytes, b"\r\n\r\n"), find(bytes, b"\n\n")) {
        (Some(at), lf) if lf.is_none_or(|lf| at < lf) => (&bytes[..at], &bytes[at + 4..]),
        (_, Some(at)) => (&bytes[..at], &bytes[at + 2..]),
        (_, None) => return false,
    };
    let body = body.strip_suffix(b"\n").map_or(body, |body| body.strip_suffix(b"\r").unwrap_or(body));
    let (mut names, mut files, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    // Whether some reader takes the part for a field; without a word on it, all do.
    let mut field = None;
    for line in lines(head) {
        let line = String::from_utf8_lossy(&line);
        if line.get(..20).is_some_and(|start| start.eq_ignore_ascii_case("content-disposition:")) {
            for parameters in readings(&line) {
                let is_file = |name: &str| matches!(name, "filename" | "filename*");
                let has_file = parameters.iter().any(|(name, _)| is_file(name));
                field = Some(field.unwrap_or(false) || !has_file);
                for (name, value) in parameters {
                    let file = is_file(&name);
                    if (file || name == "name") && seen.insert((file, value.clone())) {
                        if file { &mut files } else { &mut names }.push(value);
                    }
                }
            }
        }
    }
    let name = names.first().cloned().unwrap_or_default();
    let mut contents = Vec::new();
    let mut push = |class, key: &str, value: Cow<'a, [u8]>| {
        if !value.is_empty() {
            tell(Input {
                class,
                location: Location::MultipartBody,
                key: Cow::Owned(key.to_owned()),
                value,
                skip: AttackSet::NONE,
            });
        }
    };
    for name in &names {
        push(Class::ArgumentName, name, Cow::Owned(name.clone().into_bytes()));
    }
    for (at, file) in files.into_iter().enumerate() {
        // Who sends many names of one file shall not have a long name of the field kept with each.
        let key = match at {
            0 => name.as_str(),
            1..MOST_FILES => beginning(&name),
            _ => start(&name, SHORT),
        };
        // A name is an argument too: traversal and commands come by file names.
        push(Class::FileName, key, Cow::Owned(file.clone().into_bytes()));
        push(Class::Argument, key, Cow::Owned(file.clone().into_bytes()));
        contents.push(file);
    }
    if field.unwrap_or(true) {
        push(Class::Argument, &name, Cow::Borrowed(body));
    }
    for file in contents {
        tell(Input {
            class: Class::FileContent,
            location: Location::MultipartBody,
            key: Cow::Owned(file),
            value: Cow::Borrowed(body),
            skip: AttackSet::NONE,
        });
    }
    true
}

/// Header lines, those that go on behind a blank put together.
fn lines(head: &[u8]) -> Vec<Cow<'_, [u8]>> {
    let mut lines: Vec<Cow<'_, [u8]>> = Vec::new();
    for line in head.split(|byte| *byte == b'\n') {
        let folded = matches!(line.first(), Some(b' ' | b'\t'));
        match lines.last_mut() {
            Some(last) if folded => {
                last.to_mut().push(b' ');
                last.to_mut().extend_from_slice(line.trim_ascii());
            }
            _ => lines.push(Cow::Borrowed(line.trim_ascii())),
        }
    }
    lines
}

/// The parameters of a header, names in lower case, in each way to read them: a backslash before a quote escapes it
/// for some readers, and is a byte of the value for others. Any other backslash is a byte of the value.
fn readings(line: &str) -> Vec<Vec<(String, String)>> {
    let mut readings = vec![parameters(line, true)];
    if line.contains("\\\"") {
        readings.push(parameters(line, false));
    }
    readings
}

fn parameters(line: &str, escapes: bool) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = line.split_once(';').map_or("", |(_, rest)| rest);
    loop {
        rest = rest.trim_start_matches([' ', ';', '\t']);
        let Some((name, behind)) = rest.split_once('=') else {
            return found;
        };
        let (value, next) = match behind.trim_start().strip_prefix('"') {
            Some(quoted) => self::quoted(quoted, escapes),
            None => {
                let end = behind.find(';').unwrap_or(behind.len());
                (behind[..end].trim().to_owned(), &behind[end..])
            }
        };
        found.push((name.trim().to_ascii_lowercase(), value));
        rest = next;
    }
}

/// A value behind its opening quote, and what stands behind the closing one.
fn quoted(text: &str, escapes: bool) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if escapes && chars.next_if(|(_, next)| *next == '"').is_some() => value.push('"'),
            '"' => return (value, &text[at + 1..]),
            _ => value.push(c),
        }
    }
    (value, "")
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Inputs;

    fn read(boundary: &str, text: &str) -> (bool, Vec<(Class, String, String)>) {
        let mut inputs = Inputs::default();
        let complete = values(boundary.as_bytes(), text.as_bytes(), &mut |input| inputs.push(input));
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
            (Class::FileName, "f", "../s\\"),
            (Class::Argument, "f", "../s\\"),
            (Class::FileContent, "../s\"h.php", "bytes"),
            (Class::FileContent, "../s\\", "bytes"),
        ];
        assert_eq!(found, expected.map(|(class, key, value)| (class, key.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_backslash_is_a_byte_unless_a_quote_is_behind_it() {
        let values = |line: &str| -> Vec<Vec<(String, String)>> { readings(line) };
        assert_eq!(
            values(r#"x; Name="a\b\\c"; filename=d\e"#),
            [[("name".to_owned(), r"a\b\\c".to_owned()), ("filename".to_owned(), r"d\e".to_owned())]]
        );
        let both = values(r#"x; name="a\"; filename=\"b""#);
        assert_eq!(both[0], [("name".to_owned(), r#"a"; filename="b"#.to_owned())]);
        assert_eq!(both[1][0], ("name".to_owned(), r"a\".to_owned()));
        assert_eq!(both[1][1].0, "filename");
    }

    #[test]
    fn many_names_of_a_file_do_not_multiply_a_long_name() {
        let files: String = (0..5_000).map(|at| format!("; filename=f{at}")).collect();
        for length in [300, 50_000] {
            let head = format!("Content-Disposition: form-data; name={}{files}", "n".repeat(length));
            let body = format!("--x\r\n{head}\r\n\r\nbytes\r\n--x--\r\n");
            let mut inputs = Inputs::default();
            assert!(values(b"x", body.as_bytes(), &mut |input| inputs.push(input)));
            let kept: usize = inputs.iter().map(|input| input.key.len() + input.value.len()).sum();
            assert!(inputs.len() > 10_000 && kept < 8 * body.len(), "{kept} of {}", body.len());
        }
    }

    #[test]
    fn what_no_part_covers_is_read_too() {
        let field = |name: &str, value: &str| {
            format!("Content-Disposition: form-data;\r\n name={name}\r\n\r\n{value}\r\n")
        };
        let values = |text: &str| -> Vec<String> {
            read("x", text)
                .1
                .into_iter()
                .map(|(_, _, value)| value)
                .filter(|value| value.contains("evil"))
                .collect()
        };
        let part = field("f", "evil");
        for text in [
            format!("--x\r\n{part}--x--\r\n"),
            format!("evil\r\n--x\r\n{}--x--\r\n", field("a", "b")),
            format!("--x\r\n{}--x--\r\nevil", field("a", "b")),
            format!("--x\r\n{}--x--\r\n--x\r\n{part}--x--", field("a", "b")),
            format!("--x\r\nno blank line evil\r\n--x\r\n{}--x--", field("a", "b")),
        ] {
            assert!(
                values(&text).iter().any(|value| value.trim() == "evil" || value.contains("line evil")),
                "{text}"
            );
        }
        // One reader cuts a value at a delimiter, another does not.
        let cut = format!("--x\r\n{}--x--\r\n", field("f", "evil --xand more"));
        assert!(values(&cut).contains(&"evil --xand more".to_owned()), "{:?}", read("x", &cut));
        assert!(values(&cut).contains(&"evil ".to_owned()), "{:?}", read("x", &cut));
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
