//! JSON that remembers where each value stood, because a message must point into the user's file.

use super::Span;
pub use super::tree::{Member, Node, Value};

/// Nesting deeper than this is refused, so that a hostile file cannot exhaust the stack.
const MAX_DEPTH: usize = 128;

/// A text that is not JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct JsonError {
    /// Where it went wrong.
    pub span: Span,
    /// What was found and what was expected.
    pub message: String,
}

/// Parses one JSON value with nothing but white space (and a byte order mark) around it.
///
/// # Errors
/// The first place where the text is not JSON.
pub fn parse(text: &str) -> Result<Node, JsonError> {
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0 };
    if text.starts_with('\u{feff}') {
        parser.at = 3;
    }
    let node = parser.value(0)?;
    parser.space();
    if parser.at < parser.bytes.len() {
        return Err(parser.unexpected("the end of the text"));
    }
    Ok(node)
}

/// Whether a text is a number as JSON spells them.
pub(super) fn is_number(text: &str) -> bool {
    let starts = text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    starts && parse(text).is_ok_and(|node| node.span.end == text.len())
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn error(&self, start: usize, message: impl Into<String>) -> JsonError {
        JsonError { span: Span::new(start, self.at.max(start)), message: message.into() }
    }

    fn unexpected(&self, expected: &str) -> JsonError {
        match self.text[self.at..].chars().next() {
            Some(found) => JsonError {
                span: Span::new(self.at, self.at + found.len_utf8()),
                message: if found.is_control() {
                    format!("expected {expected}, found `{}`", found.escape_default())
                } else {
                    format!("expected {expected}, found `{found}`")
                },
            },
            None => self.error(self.at, format!("expected {expected}, but the text ends here")),
        }
    }

    /// What is no JSON but looks like a comment.
    fn comment(&self) -> JsonError {
        let rest = &self.text[self.at..];
        if !["//", "/*", "#"].iter().any(|mark| rest.starts_with(mark)) {
            return self.unexpected("a value");
        }
        let end = rest.find('\n').unwrap_or(rest.len());
        JsonError {
            span: Span::new(self.at, self.at + rest[..end].trim_end().len()),
            message: "a comment; JSON has none".to_owned(),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, JsonError> {
        self.space();
        let start = self.at;
        if depth > MAX_DEPTH {
            return Err(self.error(start, format!("nested deeper than {MAX_DEPTH} levels")));
        }
        let value = match self.bytes.get(self.at) {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            Some(b'/' | b'#') => return Err(self.comment()),
            _ => return Err(self.unexpected("a value")),
        };
        Ok(Node { span: Span::new(start, self.at), value })
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, JsonError> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.unexpected("a value"))
        }
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let start = self.at;
        let digits = |parser: &mut Self| {
            let from = parser.at;
            while matches!(parser.bytes.get(parser.at), Some(b'0'..=b'9')) {
                parser.at += 1;
            }
            parser.at > from
        };
        if self.bytes[self.at] == b'-' {
            self.at += 1;
        }
        let leading_zero = self.bytes.get(self.at) == Some(&b'0');
        let first = self.at;
        let mut sound = digits(self) && !(leading_zero && self.at - first > 1);
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            sound &= digits(self);
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.bytes.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            sound &= digits(self);
        }
        let spelling = &self.text[start..self.at];
        if sound {
            Ok(Value::Number(spelling.to_owned()))
        } else {
            Err(self.error(start, format!("`{spelling}` is not a JSON number")))
        }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(plain) = rest.find(['"', '\\', '\n']) else {
                self.at = self.bytes.len();
                return Err(self.error(start, "the string is never closed"));
            };
            if let Some(control) = rest[..plain].find(|c: char| c < ' ') {
                self.at += control;
                return Err(self.unexpected("a string without control characters"));
            }
            out.push_str(&rest[..plain]);
            self.at += plain;
            match self.bytes[self.at] {
                b'"' => {
                    self.at += 1;
                    return Ok(out);
                }
                b'\n' => return Err(self.error(start, "the string is not closed on its line")),
                _ => out.push(self.escape()?),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let start = self.at;
        self.at += 1;
        let letter = self.bytes.get(self.at).copied();
        self.at += 1;
        Ok(match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(start),
            _ => {
                self.at = start + 1;
                return Err(
                    self.error(start, "unknown escape after `\\`; a single backslash is written `\\\\`")
                );
            }
        })
    }

    fn unicode(&mut self, start: usize) -> Result<char, JsonError> {
        let high = self.hex(start)?;
        let code = if (0xD800..0xDC00).contains(&high) {
            if !self.text[self.at..].starts_with("\\u") {
                return Err(self.error(start, "half of a surrogate pair"));
            }
            self.at += 2;
            let low = self.hex(start)?;
            if !(0xDC00..0xE000).contains(&low) {
                return Err(self.error(start, "half of a surrogate pair"));
            }
            0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
        } else {
            high
        };
        char::from_u32(code).ok_or_else(|| self.error(start, "half of a surrogate pair"))
    }

    fn hex(&mut self, start: usize) -> Result<u32, JsonError> {
        let digits = self
            .text
            .get(self.at..self.at + 4)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        match digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
            Some(code) => {
                self.at += 4;
                Ok(code)
            }
            None => Err(self.error(start, "`\\u` needs four hexadecimal digits")),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.bytes.get(self.at) == Some(&b']') {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if !self.comma(b']', "`,` or `]`")? {
                return Ok(Value::Array(items));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.at += 1;
        let mut members = Vec::new();
        self.space();
        if self.bytes.get(self.at) == Some(&b'}') {
            self.at += 1;
            return Ok(Value::Object(members));
        }
        loop {
            self.space();
            let key_start = self.at;
            match self.bytes.get(self.at) {
                Some(b'"') => {}
                Some(b'/' | b'#') => return Err(self.comment()),
                _ => return Err(self.unexpected("a key in double quotes")),
            }
            let key = self.string()?;
            let key_span = Span::new(key_start, self.at);
            self.space();
            if self.bytes.get(self.at) != Some(&b':') {
                return Err(self.unexpected("`:`"));
            }
            self.at += 1;
            let node = self.value(depth + 1)?;
            members.push(Member { written: key.clone(), key, key_span, node });
            if !self.comma(b'}', "`,` or `}`")? {
                return Ok(Value::Object(members));
            }
        }
    }

    /// Takes a comma (true) or the closing bracket (false).
    fn comma(&mut self, close: u8, expected: &str) -> Result<bool, JsonError> {
        self.space();
        match self.bytes.get(self.at) {
            Some(b',') => {
                let comma = self.at;
                self.at += 1;
                self.space();
                if self.bytes.get(self.at) == Some(&close) {
                    return Err(JsonError {
                        span: Span::new(comma, comma + 1),
                        message: format!("a comma before `{}`; JSON allows none there", close as char),
                    });
                }
                Ok(true)
            }
            Some(&found) if found == close => {
                self.at += 1;
                Ok(false)
            }
            Some(b'/' | b'#') => Err(self.comment()),
            _ => Err(self.unexpected(expected)),
        }
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
