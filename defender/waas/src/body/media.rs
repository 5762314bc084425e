//! Media types.

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
    /// Pictures, sound, archives: no text that an application would interpret.
    Binary,
    /// Anything else, and nothing.
    Text,
}

const BINARY: [&str; 9] = [
    "application/octet-stream",
    "application/zip",
    "application/gzip",
    "application/pdf",
    "application/wasm",
    "application/protobuf",
    "application/x-protobuf",
    "application/grpc",
    "application/x-tar",
];

impl Media {
    /// By a `Content-Type`.
    pub(super) fn of(content_type: &[u8]) -> Self {
        let text = String::from_utf8_lossy(content_type);
        let (media, parameters) = text.split_once(';').unwrap_or((&text, ""));
        let media = media.trim().to_ascii_lowercase();
        let media = media.as_str();
        if media == "application/x-www-form-urlencoded" {
            Self::Form
        } else if media.ends_with("/json") || media.ends_with("+json") {
            Self::Json
        } else if media.ends_with("/xml") || media.ends_with("+xml") && media != "image/svg+xml" {
            Self::Xml
        } else if media.starts_with("multipart/") {
            match boundary(parameters) {
                Some(boundary) => Self::Multipart(boundary),
                None => Self::Text,
            }
        } else if ["image/", "audio/", "video/", "font/"].iter().any(|kind| media.starts_with(kind))
            || media.starts_with("application/grpc")
            || BINARY.contains(&media)
        {
            Self::Binary
        } else {
            Self::Text
        }
    }
}

fn boundary(parameters: &str) -> Option<Vec<u8>> {
    let value = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"'))
    })?;
    (!value.is_empty() && value.len() <= 200).then(|| value.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_apart() {
        assert_eq!(Media::of(b"application/JSON; charset=utf-8"), Media::Json);
        assert_eq!(Media::of(b"application/problem+json"), Media::Json);
        assert_eq!(Media::of(b"text/xml"), Media::Xml);
        assert_eq!(Media::of(b"multipart/form-data; boundary=\"a b\""), Media::Multipart(b"a b".to_vec()));
        assert_eq!(Media::of(b"multipart/form-data"), Media::Text);
        assert_eq!(Media::of(b"image/png"), Media::Binary);
        assert_eq!(Media::of(b""), Media::Text);
        assert_eq!(Media::of(b"\xff"), Media::Text);
    }
}
