//! The words of the language.

use std::fmt;
use std::ops::Range;
use winnow::stream::ContainsToken;

/// A piece of a script, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Span {
    pub(crate) fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

/// Characters of a literal that are shown in a message.
const SHOWN: usize = 24;

/// A word, a mark or a literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    Integer(i64),
    Text(String),
    /// What stands between the slashes, as written.
    Pattern(String),
    /// The name of an attribute or of a function.
    Name(String),
    And,
    Or,
    Not,
    In,
    Contains,
    StartsWith,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    Comma,
    /// Behind the last word.
    End,
}

impl Token {
    /// The keyword that is written so.
    pub(crate) fn keyword(word: &str) -> Option<Self> {
        Some(match word {
            "and" => Self::And,
            "or" => Self::Or,
            "not" => Self::Not,
            "in" => Self::In,
            "contains" => Self::Contains,
            "startswith" => Self::StartsWith,
            _ => return None,
        })
    }
}

/// As a message names it.
impl fmt::Display for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fixed = match self {
            Self::Integer(value) => return write!(out, "`{value}`"),
            Self::Text(text) => return write!(out, "the string \"{}\"", Shortened(text)),
            Self::Pattern(text) => return write!(out, "the regular expression /{}/", Shortened(text)),
            Self::Name(name) => return write!(out, "`{}`", Shortened(name)),
            Self::And => "`and`",
            Self::Or => "`or`",
            Self::Not => "`not`",
            Self::In => "`in`",
            Self::Contains => "`contains`",
            Self::StartsWith => "`startswith`",
            Self::Equal => "`=`",
            Self::NotEqual => "`!=`",
            Self::Less => "`<`",
            Self::LessEqual => "`<=`",
            Self::Greater => "`>`",
            Self::GreaterEqual => "`>=`",
            Self::Open => "`(`",
            Self::Close => "`)`",
            Self::OpenBracket => "`[`",
            Self::CloseBracket => "`]`",
            Self::Comma => "`,`",
            Self::End => "the end of the script",
        };
        out.write_str(fixed)
    }
}

/// The first characters of a text of a user, on one line.
pub(crate) struct Shortened<'t>(pub(crate) &'t str);

impl fmt::Display for Shortened<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars().take(SHOWN) {
            let shown = if character.is_control() { ' ' } else { character };
            write!(out, "{shown}")?;
        }
        if self.0.chars().nth(SHOWN).is_some() { out.write_str("...") } else { Ok(()) }
    }
}

/// A token where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lexeme {
    pub(crate) token: Token,
    pub(crate) span: Span,
}

/// Lets a kind of token be looked for as such.
impl ContainsToken<&Lexeme> for Token {
    fn contains_token(&self, lexeme: &Lexeme) -> bool {
        lexeme.token == *self
    }
}
