//! Media types.

use super::grpc;
use super::path::start;

/// How a body is read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/x-www-form-urlencoded`.
    Form,
    /// JSON.
    Json,
    /// XML.
    Xml,
    /// `multipart/...` with its boundary.
    Multipart(Vec<u8>),
    /// gRPC's messages.
    Grpc {
        /// Whether as the text of gRPC-Web.
        text: bool,
    },
    /// A message of protocol buffers.
    Protobuf,
    /// Pictures, sound, archives: no text that an application would interpret.
    Binary,
    /// Anything else, and nothing.
    Text,
}

const BINARY: [&str; 6] = [
    "application/octet-stream",
    "application/zip",
    "application/gzip",
    "application/pdf",
    "application/wasm",
    "application/x-tar",
];

const PROTOBUF: [&str; 4] = [
    "application/protobuf",
    "application/x-protobuf",
    "application/vnd.google.protobuf",
    "application/x-google-protobuf",
];

/// Boundaries of one body that are tried; a body that names more is not honest, and its whole text is looked at as well.
const MOST_BOUNDARIES: usize = 8;

/// Longest boundary that is tried, in bytes; the protocol allows 70.
const LONGEST_BOUNDARY: usize = 200;

impl Media {
    /// Every way to read a body with these `Content-Type` lines: readers take the first line or the last, the whole of it or what
    /// is before a comma, the first boundary or the last. Without a line, or `hidden` by the connection, it may be anything.
    pub(super) fn readings(lines: &[&[u8]], hidden: bool, body: &[u8]) -> Vec<Self> {
        let mut readings = Vec::new();
        let mut add = |media: Self| {
            if !readings.contains(&media) {
                readings.push(media);
            }
        };
        for line in lines {
            let text = String::from_utf8_lossy(line);
            Self::of(&text).into_iter().for_each(&mut add);
            if text.contains(',') {
                text.split(',').flat_map(Self::of).for_each(&mut add);
            }
        }
        if hidden || lines.is_empty() {
            [Self::Form, Self::Text].into_iter().for_each(&mut add);
        }
        let binary =
            readings.iter().all(|media| matches!(media, Self::Binary | Self::Grpc { .. } | Self::Protobuf));
        let start = body.trim_ascii_start();
        match start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).first() {
            _ if binary => {}
            Some(b'{' | b'[') if !readings.contains(&Self::Json) => readings.push(Self::Json),
            Some(b'<') if !readings.contains(&Self::Xml) => readings.push(Self::Xml),
            Some(_) if readings == [Self::Text] && is_pair(start) => readings.push(Self::Form),
            _ => {}
        }
        readings
    }

    /// By one `Content-Type`; several of several boundaries.
    fn of(content_type: &str) -> Vec<Self> {
        let (media, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
        let media = media.trim().to_ascii_lowercase();
        let media = media.as_str();
        if media == "application/x-www-form-urlencoded" {
            vec![Self::Form]
        } else if media.ends_with("/json") || media.ends_with("+json") {
            vec![Self::Json]
        } else if media.ends_with("/xml") || media.ends_with("+xml") && media != "image/svg+xml" {
            vec![Self::Xml]
        } else if media.starts_with("multipart/") {
            let boundaries = boundaries(parameters);
            if boundaries.is_empty() {
                return vec![Self::Text];
            }
            boundaries.into_iter().map(Self::Multipart).collect()
        } else if grpc::is_grpc(media.as_bytes()) {
            vec![Self::Grpc { text: grpc::is_text(media) }]
        } else if PROTOBUF.contains(&media) {
            vec![Self::Protobuf]
        } else if ["image/", "audio/", "video/", "font/"].iter().any(|kind| media.starts_with(kind))
            || BINARY.contains(&media)
        {
            vec![Self::Binary]
        } else {
            vec![Self::Text]
        }
    }
}

/// A name and an equals sign, as forms begin.
fn is_pair(body: &[u8]) -> bool {
    let name =
        body.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_.-%[]".contains(byte)).count();
    (1..=64).contains(&name) && body.get(name) == Some(&b'=')
}

/// Boundaries that some reader takes: each of several, quoted or not, cut at a blank or not.
fn boundaries(parameters: &str) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    let lower = parameters.to_ascii_lowercase();
    for (at, _) in lower.match_indices("boundary") {
        if found.len() >= MOST_BOUNDARIES {
            break;
        }
        let behind = parameters[at + "boundary".len()..].trim_start_matches(['*', '0']).trim_start();
        let Some(value) = behind.strip_prefix('=').map(str::trim_start) else { continue };
        // Longer ones are not tried, and a line full of them shall not be read again for each.
        let value = start(value, LONGEST_BOUNDARY + 64);
        let quoted = value.strip_prefix('"').map(|value| value.split('"').next().unwrap_or(value));
        let bare = value.split(';').next().unwrap_or(value).trim();
        let word = bare.split([' ', '\t', ',']).next().unwrap_or(bare);
        for value in quoted.into_iter().chain([bare, bare.trim_matches('"'), word]) {
            let value = value.as_bytes().to_vec();
            if !value.is_empty() && value.len() <= LONGEST_BOUNDARY && !found.contains(&value) {
                found.push(value);
            }
        }
    }
    found.truncate(MOST_BOUNDARIES);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_apart() {
        let of = |text: &str| Media::of(text);
        let multipart = |boundaries: &[&str]| -> Vec<Media> {
            boundaries.iter().map(|one| Media::Multipart(one.as_bytes().to_vec())).collect()
        };
        assert_eq!(of("application/JSON; charset=utf-8"), [Media::Json]);
        assert_eq!(of("application/problem+json"), [Media::Json]);
        assert_eq!(of("text/xml"), [Media::Xml]);
        assert_eq!(of("multipart/form-data; boundary=\"a b\""), multipart(&["a b", "\"a b\"", "\"a"]));
        assert_eq!(
            of("multipart/form-data; boundary=----geckoformboundary4a"),
            multipart(&["----geckoformboundary4a"])
        );
        assert_eq!(of("multipart/form-data; boundary=A; Boundary=B"), multipart(&["A", "B"]));
        assert_eq!(of("multipart/form-data"), [Media::Text]);
        assert_eq!(of("image/png"), [Media::Binary]);
        assert_eq!(of("application/grpc+proto"), [Media::Grpc { text: false }]);
        assert_eq!(of("application/grpc-web-text"), [Media::Grpc { text: true }]);
        assert_eq!(of("application/x-protobuf"), [Media::Protobuf]);
        assert_eq!(of(""), [Media::Text]);
    }

    #[test]
    fn every_reading_of_several_lines() {
        let readings = |lines: &[&str], hidden, body: &str| {
            let lines: Vec<_> = lines.iter().map(|line| line.as_bytes()).collect();
            Media::readings(&lines, hidden, body.as_bytes())
        };
        let (form, json) = ("application/x-www-form-urlencoded", "application/json");
        assert_eq!(readings(&[form], false, "a=b"), [Media::Form]);
        assert_eq!(readings(&["image/png", form], false, "a=b"), [Media::Binary, Media::Form]);
        assert_eq!(readings(&["image/png, application/json"], false, "{}"), [Media::Json, Media::Binary]);
        assert_eq!(readings(&[json, json], false, "{}"), [Media::Json]);
        assert_eq!(
            readings(&["image/png"], true, "{}"),
            [Media::Binary, Media::Form, Media::Text, Media::Json]
        );
        assert_eq!(readings(&["image/png"], false, "{}"), [Media::Binary]);
        assert_eq!(readings(&["text/plain"], false, " {"), [Media::Text, Media::Json]);
        assert_eq!(readings(&["text/plain"], false, "a=b"), [Media::Text, Media::Form]);
        assert_eq!(readings(&["text/plain"], false, "a b"), [Media::Text]);
        assert_eq!(readings(&[], false, "<a>"), [Media::Form, Media::Text, Media::Xml]);
    }
}
