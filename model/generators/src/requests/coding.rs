//! Ways to write a text in its place.

use super::load::{Load, Seat};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofhouse_model::requests::Attack;
use std::fmt::Write as _;

/// A way to write a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Coding {
    /// With what its place cannot do without.
    Plain,
    /// Each byte by its number: `%41` in targets, forms and cookies, `\u0041` in JSON, `&#x41;` in XML.
    Numbers,
    /// As in forms: a plus is a space.
    Plus,
    /// Percent, twice (W38).
    Twice,
    /// Base64 (W39).
    Base64,
    /// Entities of HTML (W39).
    Entities,
    /// Escapes of JavaScript (W39).
    Escapes,
    /// UTF-8 longer than it has to be (W40).
    Overlong,
}

impl Coding {
    /// The word of a coverage report.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Numbers => "each byte",
            Self::Plus => "plus",
            Self::Twice => "twice",
            Self::Base64 => "Base64",
            Self::Entities => "entities",
            Self::Escapes => "escapes",
            Self::Overlong => "overlong",
        }
    }

    /// Whether its place alone undoes it, so that what an audit says of the value is known.
    #[must_use]
    pub fn is_of_place(self) -> bool {
        matches!(self, Self::Plain | Self::Numbers | Self::Plus)
    }

    /// Those that a text may have in a place.
    #[must_use]
    pub fn of(load: &Load, seat: Seat) -> Vec<Self> {
        let mut all = match seat {
            Seat::Query | Seat::Form => vec![Self::Plain, Self::Numbers, Self::Plus, Self::Twice],
            Seat::Path => vec![Self::Plain, Self::Numbers, Self::Twice],
            Seat::Cookie | Seat::Json | Seat::Xml => vec![Self::Plain, Self::Numbers],
            Seat::Agent | Seat::Header | Seat::Multipart | Seat::Raw => vec![Self::Plain],
        };
        if seat == Seat::Query {
            match load.attack {
                Attack::Xss => all.extend([Self::Base64, Self::Entities, Self::Escapes]),
                Attack::Lfi => all.push(Self::Overlong),
                _ => {}
            }
        }
        all
    }

    /// The text before its place makes something else of it.
    fn inner(self, text: &str) -> Vec<u8> {
        match self {
            Self::Plain | Self::Numbers | Self::Plus => text.as_bytes().to_vec(),
            Self::Twice => percent(text.as_bytes(), |_| false).into_bytes(),
            Self::Base64 => STANDARD.encode(text).into_bytes(),
            Self::Entities => entities(text, |c| c.is_ascii_alphanumeric()).into_bytes(),
            Self::Escapes => {
                let each = |c: char| if c.is_ascii_alphanumeric() { c.to_string() } else { unicode(c) };
                text.chars().map(each).collect::<String>().into_bytes()
            }
            Self::Overlong => {
                let each = |byte: &u8| match byte {
                    b'/' => vec![0xc0, 0xaf],
                    other => vec![*other],
                };
                text.as_bytes().iter().flat_map(each).collect()
            }
        }
    }

    /// The value as it is when its place has undone its own coding.
    #[must_use]
    pub fn value(self, text: &str) -> String {
        String::from_utf8_lossy(&self.inner(text)).into_owned()
    }

    /// The text as it stands in a request.
    #[must_use]
    pub fn written(self, text: &str, seat: Seat) -> String {
        let inner = self.inner(text);
        let inner_text = || String::from_utf8_lossy(&inner).into_owned();
        let all = self == Self::Numbers;
        match seat {
            Seat::Query | Seat::Form if self == Self::Plus => percent(&inner, is_word).replace("%20", "+"),
            Seat::Query | Seat::Form | Seat::Path => {
                percent(&inner, |byte| !all && (is_word(byte) || matches!(byte, b'\'' | b'(' | b')' | b'$')))
            }
            // Nothing that ends a cookie.
            Seat::Cookie => percent(&inner, |byte| !all && !matches!(byte, b';' | b',' | b'%')),
            Seat::Json if all => inner_text().chars().map(unicode).collect(),
            Seat::Json => inner_text().replace('\\', "\\\\").replace('"', "\\\""),
            Seat::Xml => entities(&inner_text(), |c| !all && !matches!(c, '<' | '>' | '&')),
            Seat::Agent | Seat::Header | Seat::Multipart | Seat::Raw => inner_text(),
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

fn percent(bytes: &[u8], stays: impl Fn(u8) -> bool) -> String {
    let mut text = String::new();
    for byte in bytes {
        if stays(*byte) {
            text.push(char::from(*byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

fn entities(text: &str, stays: impl Fn(char) -> bool) -> String {
    text.chars().map(|c| if stays(c) { c.to_string() } else { format!("&#x{:x};", u32::from(c)) }).collect()
}

fn unicode(c: char) -> String {
    format!("\\u{:04x}", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_written_as_its_place_needs_it() {
        for (coding, seat, text, expected) in [
            (Coding::Plain, Seat::Query, "1' OR 2", "1'%20OR%202"),
            (Coding::Plus, Seat::Form, "1' OR 2", "1%27+OR+2"),
            (Coding::Numbers, Seat::Path, "a/", "%61%2F"),
            (Coding::Twice, Seat::Query, "'", "%2527"),
            (Coding::Plain, Seat::Cookie, "; x", "%3B x"),
            (Coding::Numbers, Seat::Json, "a", "\\u0061"),
            (Coding::Plain, Seat::Json, "a\"", "a\\\""),
            (Coding::Plain, Seat::Xml, "<b", "&#x3c;b"),
            (Coding::Entities, Seat::Query, "<b", "%26%23x3c%3Bb"),
            (Coding::Escapes, Seat::Query, "<b", "%5Cu003cb"),
            (Coding::Base64, Seat::Query, "<script>", "PHNjcmlwdD4%3D"),
            (Coding::Overlong, Seat::Query, "../", "..%C0%AF"),
            (Coding::Plain, Seat::Raw, "<b", "<b"),
        ] {
            assert_eq!(coding.written(text, seat), expected, "{coding:?} {seat:?}");
        }
    }
}
