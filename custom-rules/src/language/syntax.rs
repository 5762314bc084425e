//! The syntax tree: what was written, before anything is asked of its meaning.

use super::token::Span;
use std::fmt;

/// A part of the tree with where it stands. Equal when what it holds is, wherever it stands.
#[derive(Debug, Clone)]
pub(crate) struct Spanned<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// Between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Contains,
    StartsWith,
}

/// A value or a condition. Parentheses leave no trace but the shape of the tree.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Integer(i64),
    Text(String),
    /// What stands between the slashes, as written.
    Pattern(String),
    Attribute(String),
    /// `map["key"]`.
    Entry(Spanned<String>, Spanned<String>),
    Call(Spanned<String>, Vec<Spanned<Node>>),
    Compare(Box<Spanned<Node>>, Spanned<Operator>, Box<Spanned<Node>>),
    /// With a list of integers and strings.
    In(Box<Spanned<Node>>, Vec<Spanned<Node>>),
    Not(Box<Spanned<Node>>),
    /// Two or more.
    And(Vec<Spanned<Node>>),
    /// Two or more.
    Or(Vec<Spanned<Node>>),
}

impl Operator {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::Contains => "contains",
            Self::StartsWith => "startswith",
        }
    }
}

impl Node {
    /// How tightly it holds together: what is looser than its surroundings is printed in parentheses.
    fn tightness(&self) -> u8 {
        match self {
            Self::Or(_) => 0,
            Self::And(_) => 1,
            Self::Not(_) => 2,
            Self::Compare(..) | Self::In(..) => 3,
            _ => 4,
        }
    }
}

/// Prints `node` where only what holds at least so tightly can stand.
struct Within<'n>(&'n Node, u8);

impl fmt::Display for Within<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.tightness() < self.1 { write!(out, "({})", self.0) } else { write!(out, "{}", self.0) }
    }
}

/// As a string literal.
struct Quoted<'t>(&'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("\"")?;
        for character in self.0.chars() {
            match character {
                '"' => out.write_str("\\\"")?,
                '\\' => out.write_str("\\\\")?,
                '\n' => out.write_str("\\n")?,
                '\r' => out.write_str("\\r")?,
                '\t' => out.write_str("\\t")?,
                other => write!(out, "{other}")?,
            }
        }
        out.write_str("\"")
    }
}

/// Items, with something between them.
fn joined(
    out: &mut fmt::Formatter<'_>,
    items: &[Spanned<Node>],
    between: &str,
    tightness: u8,
) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.write_str(between)?;
        }
        write!(out, "{}", Within(&item.value, tightness))?;
    }
    Ok(())
}

/// A script that parses to the same tree.
impl fmt::Display for Node {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => write!(out, "{value}"),
            Self::Text(text) => write!(out, "{}", Quoted(text)),
            Self::Pattern(pattern) => write!(out, "/{pattern}/"),
            Self::Attribute(name) => out.write_str(name),
            Self::Entry(map, key) => write!(out, "{}[{}]", map.value, Quoted(&key.value)),
            Self::Call(name, arguments) => {
                write!(out, "{}(", name.value)?;
                joined(out, arguments, ", ", 0)?;
                out.write_str(")")
            }
            Self::Compare(left, operator, right) => {
                write!(out, "{} {} ", Within(&left.value, 4), operator.value.text())?;
                write!(out, "{}", Within(&right.value, 4))
            }
            Self::In(left, list) => {
                write!(out, "{} in (", Within(&left.value, 4))?;
                joined(out, list, ", ", 0)?;
                out.write_str(")")
            }
            Self::Not(inner) => write!(out, "not {}", Within(&inner.value, 2)),
            Self::And(items) => joined(out, items, " and ", 2),
            Self::Or(items) => joined(out, items, " or ", 1),
        }
    }
}
