//! JSON that remembers where each value stood, because a message must point into the user's file.

use super::Span;

/// Nesting deeper than this is refused, so that a hostile file cannot exhaust the stack.
const MAX_DEPTH: usize = 128;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its bytes.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// A JSON value; a number keeps its spelling.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A number as written.
    Number(String),
    /// A string, unescaped.
    String(String),
    /// An array.
    Array(Vec<Node>),
    /// An object, in the order of the text.
    Object(Vec<Member>),
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Key, unescaped.
    pub key: String,
    /// Place of the key, with its quotes.
    pub key_span: Span,
    /// Value.
    pub node: Node,
}

/// A text that is not JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct JsonError {
    /// Where it went wrong.
    pub span: Span,
    /// What was found and what was expected.
    pub message: String,
}

impl Node {
    /// The member of an object with that key; the last one, as every JSON library takes it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Object(members) => {
                members.iter().rev().find(|member| member.key == key).map(|member| &member.node)
            }
            _ => None,
        }
    }

    /// Members of an object, or none.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// Items of an array, or none.
    #[must_use]
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::Array(items) => items,
            _ => &[],
        }
    }

    /// The text of a string.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Absent in all but name: `null`, `[]`, `{}`, as console exports are full of them (`fargate.md` 1.9).
    #[must_use]
    pub fn is_void(&self) -> bool {
        match &self.value {
            Value::Null => true,
            Value::Array(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
            _ => false,
        }
    }

    /// What the value is, for messages: `a string`, `a list`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        }
    }
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
            if self.bytes.get(self.at) != Some(&b'"') {
                return Err(self.unexpected("a key in double quotes"));
            }
            let key = self.string()?;
            let key_span = Span::new(key_start, self.at);
            self.space();
            if self.bytes.get(self.at) != Some(&b':') {
                return Err(self.unexpected("`:`"));
            }
            self.at += 1;
            members.push(Member { key, key_span, node: self.value(depth + 1)? });
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
            _ => Err(self.unexpected(expected)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(node: &Node) -> serde_json::Value {
        match &node.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(flag) => (*flag).into(),
            Value::Number(spelling) => serde_json::from_str(spelling).unwrap(),
            Value::String(text) => text.as_str().into(),
            Value::Array(items) => items.iter().map(plain).collect(),
            Value::Object(members) => {
                serde_json::Value::Object(members.iter().map(|m| (m.key.clone(), plain(&m.node))).collect())
            }
        }
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn reads_what_serde_json_writes(value in any_json()) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                let node = parse(&text).unwrap();
                prop_assert_eq!(plain(&node), value.clone());
                prop_assert_eq!(&text[node.span.start..node.span.end], text.as_str());
            }
        }

        #[test]
        fn agrees_with_serde_json_on_any_text(text in "[\\[\\]{}\",:0-9eE.+\\-truefalsn \\n\\\\u]{0,24}") {
            let ours = parse(&text);
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            // serde_json also refuses numbers beyond f64, which have no place in a task definition.
            if !text.contains(['e', 'E']) {
                prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?} {:?}", ours, theirs);
            }
        }

        #[test]
        fn an_error_points_into_the_text(text in any::<String>()) {
            if let Err(error) = parse(&text) {
                prop_assert!(error.span.end <= text.len());
                prop_assert!(text.is_char_boundary(error.span.start) && text.is_char_boundary(error.span.end));
            }
        }
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (text, start, message) in [
            ("{\"a\": 1,}", 7, "a comma before `}`; JSON allows none there"),
            ("{'a': 1}", 1, "expected a key in double quotes, found `'`"),
            ("{\"a\": 1 \"b\": 2}", 8, "expected `,` or `}`, found `\"`"),
            ("[1, 2", 5, "expected `,` or `]`, but the text ends here"),
            ("\"abc", 0, "the string is never closed"),
            ("{\"a\": 012}", 6, "`012` is not a JSON number"),
            ("\"\\x\"", 1, "unknown escape after `\\`; a single backslash is written `\\\\`"),
            ("{} {}", 3, "expected the end of the text, found `{`"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.span.start, error.message.as_str()), (start, message), "{text}");
        }
        let deep = "[".repeat(100_000);
        assert!(parse(&deep).unwrap_err().message.contains("nested deeper"));
    }

    #[test]
    fn keeps_places() {
        let text = "\n {\"family\": \"web\", \"x\": [1]}";
        let node = parse(text).unwrap();
        let family = node.get("family").unwrap().span;
        assert_eq!(&text[family.start..family.end], "\"web\"");
        assert_eq!(node.members()[1].key_span, Span::new(20, 23));
    }
}
