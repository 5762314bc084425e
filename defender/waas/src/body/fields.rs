//! A body by the names in it, in every way that a reader might take it.

use super::document::Document;
use super::media::Media;
use super::xml::Element;
use super::{BodyView, charset, multipart, plain, xml};
use crate::form::{decoded, pairs};
use crate::input::{Class, Input, Inputs};
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
    let mut inputs = Inputs::default();
    multipart::values(boundary, text, &mut inputs);
    let mut parts: Vec<Part> = Vec::new();
    for Input { class, key, value, .. } in inputs {
        if class == Class::ArgumentName {
            parts.push(Part { name: value.into_owned(), ..Part::default() });
            continue;
        }
        if matches!(class, Class::RawBody | Class::FileContent) {
            continue;
        }
        // A part has the names that its readers see, and its value comes under the first of them.
        let Some(first) = parts.iter().rposition(|part| part.name == key.as_bytes()) else {
            parts.push(Part { name: key.as_bytes().to_vec(), value: value.into_owned(), file: false });
            continue;
        };
        for part in &mut parts[first..] {
            part.file |= class == Class::FileName;
            part.value = value.to_vec();
        }
    }
    parts
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
    fn a_part_has_all_the_names_that_readers_see() {
        let body = "--B\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\n7\r\n--B--\r\n";
        let found = read("multipart/form-data; boundary=B", body);
        let [Fields::Multipart(parts)] = found.as_slice() else { panic!("{found:?}") };
        let names: Vec<_> = parts.iter().map(|part| (part.name.as_slice(), part.value.as_slice())).collect();
        assert_eq!(names, [(b"a".as_slice(), b"7".as_slice()), (b"b", b"7")]);
    }
}
