//! Messages of audits, with macros.

use crate::attribute::{MapAttribute, TextAttribute};
use crate::event::Event;
use crate::hit::Hit;
use crate::shorten::shortened;

/// A macro: what stands for it in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Macro {
    RegexMatches,
    Method,
    Path,
    Ip,
    Cookies,
    Headers,
    Body,
    StatusCode,
}

const MACROS: [(&str, Macro); 8] = [
    ("regexMatches", Macro::RegexMatches),
    ("req.http_method", Macro::Method),
    ("req.path", Macro::Path),
    ("req.ip", Macro::Ip),
    ("req.cookies", Macro::Cookies),
    ("req.headers", Macro::Headers),
    ("req.body", Macro::Body),
    ("resp.status_code", Macro::StatusCode),
];

/// A piece of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Macro(Macro),
}

/// The message of a rule, with macros that are replaced for each audit: `%regexMatches`, `%req.http_method`,
/// `%req.path`, `%req.ip`, `%req.cookies`, `%req.headers`, `%req.body`, `%resp.status_code`.
///
/// Anything else stays as it is written. Source: section 2.14 of `waas.md`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pieces: Vec<Piece>,
}

impl Message {
    /// Longest rendered message, in bytes.
    pub const MAX_LENGTH: usize = 4096;

    /// Longest text in place of one macro, in bytes; then it ends with `...`.
    pub const MAX_VALUE: usize = 1024;

    /// Reads a message. There is no wrong one.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        let mut literal = String::new();
        while let Some(at) = rest.find('%') {
            let behind = &rest[at + 1..];
            match macro_at(behind) {
                Some((found, length)) => {
                    literal.push_str(&rest[..at]);
                    pieces.push(Piece::Text(std::mem::take(&mut literal)));
                    pieces.push(Piece::Macro(found));
                    rest = &behind[length..];
                }
                None => {
                    literal.push_str(&rest[..=at]);
                    rest = behind;
                }
            }
        }
        literal.push_str(rest);
        pieces.push(Piece::Text(literal));
        Self { pieces }
    }

    /// Whether it shows the request's body.
    #[must_use]
    pub fn needs_body(&self) -> bool {
        self.pieces.contains(&Piece::Macro(Macro::Body))
    }

    /// Whether it shows something of the response.
    #[must_use]
    pub fn needs_response(&self) -> bool {
        self.pieces.contains(&Piece::Macro(Macro::StatusCode))
    }

    /// The message for an event, at most [`Message::MAX_LENGTH`] bytes. Bytes that are no UTF-8 are replaced.
    ///
    /// Headers are `Name: value, ...`, cookies `name=value; ...`, matches separated by `, `; what is not known is
    /// empty.
    #[must_use]
    pub fn render(&self, event: &dyn Event, hit: &Hit) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Macro(found) => out.push_str(&shortened(found.value(event, hit), Self::MAX_VALUE)),
            }
            if out.len() > Self::MAX_LENGTH {
                break;
            }
        }
        shortened(out, Self::MAX_LENGTH)
    }
}

/// The macro whose name stands at the beginning, and how long that is. The name ends where no letter follows.
fn macro_at(text: &str) -> Option<(Macro, usize)> {
    MACROS.iter().find_map(|(name, found)| {
        let behind = text.strip_prefix(name)?.chars().next();
        let ends = !behind.is_some_and(|next| next.is_alphanumeric() || next == '_');
        ends.then_some((*found, name.len()))
    })
}

impl Macro {
    fn value(self, event: &dyn Event, hit: &Hit) -> String {
        let text = |attribute| lossy(&event.text(attribute));
        match self {
            Self::RegexMatches => hit.regex_matches().join(", "),
            Self::Method => text(TextAttribute::Method),
            Self::Path => text(TextAttribute::Path),
            Self::Ip => event.peer_address().map(|address| address.to_string()).unwrap_or_default(),
            Self::Cookies => fields(event, MapAttribute::Cookies, "=", "; "),
            Self::Headers => fields(event, MapAttribute::Headers, ": ", ", "),
            Self::Body => text(TextAttribute::Body),
            Self::StatusCode => event.status_code().map(|status| status.to_string()).unwrap_or_default(),
        }
    }
}

/// No more of the bytes than can be shown.
fn lossy(bytes: &[u8]) -> String {
    let shown = bytes.get(..=Message::MAX_VALUE).unwrap_or(bytes);
    String::from_utf8_lossy(shown).into_owned()
}

fn fields(event: &dyn Event, map: MapAttribute, within: &str, between: &str) -> String {
    let mut out = String::new();
    for (index, field) in event.fields(map).enumerate() {
        if out.len() > Message::MAX_VALUE {
            break;
        }
        if index > 0 {
            out.push_str(between);
        }
        out.push_str(&lossy(&field.name));
        out.push_str(within);
        out.push_str(&lossy(&field.value));
    }
    out
}
