//! The ways in which applications split a path into segments.

use super::protection::MOST_SEGMENTS;
use crate::form::decoded;
use crate::policy::{PathReading, readings};

/// Segments of a path, each with its encoding undone.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) segments: Vec<Vec<u8>>,
    /// Whether what stands behind a semicolon was taken away.
    pub(super) bare: bool,
}

/// As sent first, then what else an application may understand.
pub(super) fn all(path: &[u8]) -> Vec<Reading> {
    let mut all = vec![Reading { segments: split(path, true), bare: false }];
    for PathReading { path, decodings, bare } in readings(&String::from_utf8_lossy(path)) {
        let segments = split(path.as_bytes(), decodings == 0);
        if all.iter().all(|known| known.segments != segments) {
            all.push(Reading { segments, bare });
        }
    }
    all
}

fn split(path: &[u8], encoded: bool) -> Vec<Vec<u8>> {
    let path = path.strip_prefix(b"/").unwrap_or(path);
    // What goes deeper is for no resource, however it ends.
    let segments = path.splitn(2 * MOST_SEGMENTS + 1, |byte| *byte == b'/');
    segments
        .map(|segment| if encoded { decoded(segment, false).into_owned() } else { segment.to_vec() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(path: &str) -> Vec<String> {
        let text = |reading: &Reading| {
            let segments = reading.segments.iter().map(|segment| String::from_utf8_lossy(segment));
            let joined = segments.map(|segment| format!("[{segment}]")).collect::<String>();
            if reading.bare { joined + ";" } else { joined }
        };
        all(path.as_bytes()).iter().map(text).collect()
    }

    #[test]
    fn an_honest_path_has_one_reading() {
        assert_eq!(texts("/pet/7"), ["[pet][7]"]);
        assert_eq!(texts("/pet/a%20b"), ["[pet][a b]"]);
        assert_eq!(texts("/"), ["[]"]);
        assert_eq!(texts("/pet/"), ["[pet][]"]);
    }

    #[test]
    fn what_readers_see_differently_is_seen_in_each_way() {
        assert_eq!(texts("/a%2Fb"), ["[a/b]", "[a][b]"]);
        assert_eq!(texts("/a/../b"), ["[a][..][b]", "[b]"]);
        assert_eq!(texts("//a"), ["[][a]", "[a]"]);
        assert_eq!(texts("/a;x=1/b"), ["[a;x=1][b]", "[a][b];"]);
        assert_eq!(texts("/a%2537"), ["[a%37]", "[a7]"]);
        assert_eq!(texts("/a%2Fb%2537"), ["[a/b%37]", "[a][b%37]", "[a][b7]"]);
        assert_eq!(texts("/a%5Cb"), ["[a\\b]", "[a][b]"]);
        assert_eq!(texts("/a%00b"), ["[a\0b]", "[a]"]);
    }
}
