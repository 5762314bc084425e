//! Ways to write a payload.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;

/// Every byte that is not unreserved (RFC 3986) as `%XX`.
pub(crate) fn percent(payload: &[u8]) -> Vec<u8> {
    percent_but(payload, |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// Only what would break a request target, so that a payload stays as it is written where it can.
pub(crate) fn percent_least(payload: &[u8]) -> Vec<u8> {
    percent_but(payload, |byte| byte.is_ascii_graphic() && byte != b'#')
}

/// Like [`percent`], with `%XX` that stands there already.
pub(crate) fn percent_kept(payload: &[u8]) -> Vec<u8> {
    percent_but(payload, |byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte))
}

/// Like [`percent`], with slashes.
pub(crate) fn percent_path(payload: &[u8]) -> Vec<u8> {
    percent_but(payload, |byte| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte))
}

fn percent_but(payload: &[u8], stays: impl Fn(u8) -> bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len());
    for &byte in payload {
        if stays(byte) { out.push(byte) } else { out.extend(format!("%{byte:02X}").into_bytes()) }
    }
    out
}

/// The encoders of gotestwaf, by name.
pub(crate) fn by_name(name: &str, payload: &str) -> Option<String> {
    Some(match name {
        "Plain" => payload.to_owned(),
        "URL" => String::from_utf8_lossy(&percent(payload.as_bytes())).into_owned(),
        "Base64" => STANDARD.encode(payload),
        "Base64Flat" => STANDARD.encode(payload).trim_end_matches('=').to_owned(),
        "JSUnicode" => payload.encode_utf16().fold(String::new(), |mut out, unit| {
            let _infallible = write!(out, "\\u{unit:04x}");
            out
        }),
        "XMLEntity" => xml(payload),
        _ => return None,
    })
}

/// Text of an element.
pub(crate) fn xml(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '\t' => out.push_str("&#x9;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            c => out.push(c),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoders() {
        for (name, expected) in [
            ("Plain", "a<'ä"),
            ("URL", "a%3C%27%C3%A4"),
            ("Base64", "YTwnw6Q="),
            ("Base64Flat", "YTwnw6Q"),
            ("JSUnicode", "\\u0061\\u003c\\u0027\\u00e4"),
            ("XMLEntity", "a&lt;&#39;ä"),
        ] {
            assert_eq!(by_name(name, "a<'ä").as_deref(), Some(expected), "{name}");
        }
        assert_eq!(by_name("Rot13", "a"), None);
        assert_eq!(percent_least(b"a b?c#d%27/"), b"a%20b?c%23d%27/");
        assert_eq!(percent_kept(b"%27 x/"), b"%27%20x%2F");
        assert_eq!(percent_path(b"../a b"), b"../a%20b");
    }
}
