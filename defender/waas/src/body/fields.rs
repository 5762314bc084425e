//! A body by the names in it, in every way that a reader might take it.

use super::document::Document;
use super::media::Media;
use super::xml::Element;
use super::{BodyView, charset, multipart, plain, xml};
use crate::form::{decoded, pairs};
use crate::input::{Class, Input};
use std::borrow::Cow;

/// One way to read a body.
#[derive(Debug, PartialEq)]
pub(crate) enum Fields {
    /// Names and values of a form.
    Form(Vec<(Vec<u8>, Vec<u8>)>),
    /// Parts of a multipart body.
    Multipart(Vec<Part>),
    /// A JSON document.
    Json(Document),
    /// The children of an XML document's root, and its attributes.
    Xml(Vec<Element>),
}

/// A part of a multipart body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: Vec<u8>,
    /// Its content, if it is no file.
    pub(crate) value: Vec<u8>,
    pub(crate) file: bool,
}

/// Names of one part, from the first and from the last, that are given its value.
const NAMED: usize = 4;

/// Fields of any body that are kept; of a long one there may be one for this many bytes that are inspected.
const FEWEST: usize = 1024;
const BYTES_OF_A_FIELD: usize = 16;

/// Whether a text may have more fields than are kept. What separates them is counted, wherever it stands.
fn too_many(media: &Media, text: &[u8], limit: usize) -> bool {
    let separators: &[u8] = match media {
        Media::Form => b"&",
        Media::Json => b",:[{",
        Media::Xml => b"<=",
        Media::Multipart(_) => b"\n",
        Media::Grpc { .. } | Media::Protobuf | Media::Binary | Media::Text => return false,
    };
    let found = text.iter().filter(|byte| separators.contains(byte)).count();
    // A part of a multipart body has four lines at least.
    found / if matches!(media, Media::Multipart(_)) { 4 } else { 1 } > FEWEST.max(limit / BYTES_OF_A_FIELD)
}

/// Whether some way to read the body was left out of [`fields`], as it would have too many.
pub(crate) fn has_too_many(body: &BodyView<'_>, bytes: &[u8]) -> bool {
    let plain = plain(body.codings, bytes, body.limit).bytes;
    let readings = Media::readings(body.types, body.type_hidden, &plain);
    readings.iter().any(|media| too_many(media, &plain, body.limit))
}

/// Every way to read the body that finds names in it, but for those that find too many.
pub(crate) fn fields(body: &BodyView<'_>, bytes: &[u8]) -> Vec<Fields> {
    let plain = plain(body.codings, bytes, body.limit).bytes;
    let coded = (body.coding_hidden && matches!(plain, Cow::Owned(_))).then_some(bytes);
    let wide = charset::decoded(&plain);
    let texts = [Some(&*plain), coded, wide.as_deref()];
    let mut found = Vec::new();
    for text in texts.into_iter().flatten() {
        for media in Media::readings(body.types, body.type_hidden, text) {
            if too_many(&media, text, body.limit) {
                continue;
            }
            let fields = match media {
                Media::Form => Fields::Form(form(text)),
                Media::Json => Fields::Json(Document::read(text)),
                Media::Xml => Fields::Xml(xml::children(text)),
                Media::Multipart(boundary) => Fields::Multipart(parts(&boundary, text)),
                Media::Grpc { .. } | Media::Protobuf | Media::Binary | Media::Text => continue,
            };
            if !found.contains(&fields) {
                found.push(fields);
            }
        }
    }
    found
}

fn form(text: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let decoded = |text| decoded(text, true).into_owned();
    pairs(text).map(|(name, value)| (decoded(name), decoded(value))).collect()
}

fn parts(boundary: &[u8], text: &[u8]) -> Vec<Part> {
    let mut parts = Parts::default();
    multipart::values(boundary, text, &mut |input| parts.take(&input));
    parts.list
}

/// Parts, put together from what is told of them.
#[derive(Default)]
struct Parts {
    list: Vec<Part>,
    /// Where the part at hand begins, which has as many names as its readers see.
    first: usize,
    /// What was said of it last.
    last: Option<Class>,
}

impl Parts {
    fn take(&mut self, Input { class, key, value, .. }: &Input<'_>) {
        let former = self.last.replace(*class);
        match class {
            Class::RawBody | Class::FileContent => return,
            Class::ArgumentName => {
                if former != Some(Class::ArgumentName) {
                    self.first = self.list.len();
                }
                self.list.push(Part { name: value.to_vec(), ..Part::default() });
                return;
            }
            // The name of a file is told twice.
            Class::Argument if former == Some(Class::FileName) => return,
            _ => {}
        }
        if key.is_empty() {
            // It has no name, and so is none of those before.
            self.first = self.list.len();
            self.list.push(Part::default());
        } else if former == Some(Class::ArgumentName) {
            // Parts whose value is empty have names only; the value is of the last that begins with this one.
            let mine = self.list[self.first..].iter().rposition(|part| part.name == key.as_bytes());
            self.first += mine.unwrap_or_default();
        }
        tell(&mut self.list[self.first..], value, *class == Class::FileName);
    }
}

/// Gives the value of a part to its names. Readers take the first or the last of several, so of very many those amid have none.
fn tell(names: &mut [Part], value: &[u8], file: bool) {
    let many = names.len();
    let (head, tail) = names.split_at_mut(many.min(NAMED));
    let amid = tail.len().saturating_sub(NAMED);
    for part in head.iter_mut().chain(&mut tail[amid..]) {
        part.file |= file;
        part.value = value.to_vec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &str, text: &str) -> Vec<Fields> {
        let types: &[&[u8]] = &[kind.as_bytes()];
        let body = BodyView { types, type_hidden: false, codings: &[], coding_hidden: false, limit: 1000 };
        fields(&body, text.as_bytes())
    }

    fn pair(name: &str, value: &str) -> (Vec<u8>, Vec<u8>) {
        (name.as_bytes().to_vec(), value.as_bytes().to_vec())
    }

    #[test]
    fn forms_are_decoded_once() {
        let form = "application/x-www-form-urlencoded";
        let expected = vec![pair("a b", "1%"), pair("c", ""), pair("c", "")];
        assert_eq!(read(form, "a+b=1%25&c=&c"), [Fields::Form(expected)]);
        assert_eq!(read(form, "{\"a\":1}").len(), 2);
        assert!(read("text/plain", "words").is_empty());
        assert!(read("image/png", "a=b").is_empty());
    }

    #[test]
    fn codings_are_undone_for_who_knows_of_them() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut gzip, b"a=1").unwrap();
        let packed = gzip.finish().unwrap();
        let types: &[&[u8]] = &[b"application/x-www-form-urlencoded"];
        let codings: &[&[u8]] = &[b"gzip"];
        for (coding_hidden, readings) in [(false, 1), (true, 2)] {
            let body = BodyView { types, type_hidden: false, codings, coding_hidden, limit: 1000 };
            let found = fields(&body, &packed);
            assert_eq!((found.len(), &found[0]), (readings, &Fields::Form(vec![pair("a", "1")])));
        }
    }

    #[test]
    fn parts_have_a_name_and_a_value_or_a_file() {
        let body = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n7\r\n\
            --B\r\nContent-Disposition: form-data; name=\"e\"\r\n\r\n\r\n\
            --B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\n\r\ncontent\r\n--B--\r\n";
        let part = |name: &str, value: &str, file| Part { name: name.into(), value: value.into(), file };
        let expected = vec![part("a", "7", false), part("e", "", false), part("f", "x.txt", true)];
        assert_eq!(read("multipart/form-data; boundary=B", body), [Fields::Multipart(expected)]);
    }

    #[test]
    fn a_part_without_a_name_says_nothing_of_others() {
        let named = |name: &str, value: &str| {
            format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let nameless = |value: &str| format!("--B\r\nContent-Type: x\r\n\r\n{value}\r\n");
        let file = "--B\r\nContent-Disposition: form-data; filename=\"x.txt\"\r\n\r\ny\r\n";
        let body = [
            nameless("1"),
            named("a", "evil"),
            named("e", ""),
            nameless("2"),
            nameless("3"),
            named("a", "7"),
        ];
        let found = read("multipart/form-data; boundary=B", &format!("{}{file}--B--\r\n", body.concat()));
        let part = |name: &str, value: &str| Part { name: name.into(), value: value.into(), file: false };
        let parts = [("", "1"), ("a", "evil"), ("e", ""), ("", "2"), ("", "3"), ("a", "7")];
        let mut expected: Vec<_> = parts.iter().map(|(name, value)| part(name, value)).collect();
        expected.push(Part { file: true, ..part("", "x.txt") });
        assert_eq!(found, [Fields::Multipart(expected)]);
    }

    #[test]
    fn many_names_of_a_file_make_one_part() {
        let long = "n".repeat(300);
        let files: String = (0..30).map(|at| format!("; filename=f{at}")).collect();
        let body = format!("--B\r\nContent-Disposition: form-data; name={long}{files}\r\n\r\nx\r\n--B--\r\n");
        let found = read("multipart/form-data; boundary=B", &body);
        let [Fields::Multipart(parts)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((parts.len(), parts[0].name.len(), parts[0].file), (1, 300, true));
    }

    #[test]
    fn many_names_of_a_part_do_not_multiply_its_value() {
        let names: String = (0..2_000).map(|at| format!("; name=n{at}")).collect();
        let value = "v".repeat(20_000);
        let body = format!("--B\r\nContent-Disposition: form-data{names}\r\n\r\n{value}\r\n--B--\r\n");
        let found = read("multipart/form-data; boundary=B", &body);
        let [Fields::Multipart(parts)] = found.as_slice() else { panic!("{found:?}") };
        let kept: usize = parts.iter().map(|part| part.name.len() + part.value.len()).sum();
        assert!(parts.len() == 2_000 && kept < 8 * body.len(), "{kept} of {}", body.len());
        assert!(parts[0].value.len() == 20_000 && parts[1_999].value.len() == 20_000);
    }

    #[test]
    fn a_part_has_all_the_names_that_readers_see() {
        let body = "--B\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\n7\r\n--B--\r\n";
        let found = read("multipart/form-data; boundary=B", body);
        let [Fields::Multipart(parts)] = found.as_slice() else { panic!("{found:?}") };
        let names: Vec<_> = parts.iter().map(|part| (part.name.as_slice(), part.value.as_slice())).collect();
        assert_eq!(names, [(b"a".as_slice(), b"7".as_slice()), (b"b", b"7")]);
    }
}
