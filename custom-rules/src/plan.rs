//! What a script is once its types are known: ready to be evaluated.

use crate::attribute::{MapAttribute, Side, TextAttribute};
use crate::jwt;
use crate::network::Network;
use crate::pattern::Pattern;
use crate::transform::Transform;
use memchr::memmem::Finder;

/// What holds or does not.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    Any(Vec<Condition>),
    All(Vec<Condition>),
    Not(Box<Condition>),
    Numbers(Number, Relation, Number),
    NumberIn(Number, Vec<i64>),
    /// Whether the address is in one of the networks.
    Peer(Vec<Network>),
    Text(Texts, TextTest),
    ValidToken(Texts),
}

/// An integer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Number {
    Literal(i64),
    StatusCode,
    Port,
}

/// Between integers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Relation {
    Equal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// A string, or each string of a list.
#[derive(Debug, Clone)]
pub(crate) struct Texts {
    pub(crate) source: Source,
    /// What is done to each, in this order.
    pub(crate) steps: Vec<Step>,
}

/// Where strings come from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Literal(Vec<u8>),
    Attribute(TextAttribute),
    List(MapAttribute, Side),
    Entry(MapAttribute, String),
}

/// What is done to a string.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Transform(Transform),
    TokenPart(jwt::Part),
    TokenValue(jwt::Part, String),
}

/// What is asked of a string, or of one of a list. What it is compared with is one string.
#[derive(Debug, Clone)]
pub(crate) enum TextTest {
    Equals(Texts, Case),
    /// Equals one of these.
    In(Vec<Vec<u8>>, Case),
    StartsWith(Texts, Case),
    Contains(Texts),
    /// Contains this literal.
    Holds(Box<Finder<'static>>),
    /// Matches somewhere.
    Matches(Pattern),
}

/// Whether capital letters of ASCII are small ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Minded,
    Ignored,
}

impl Texts {
    /// Whether the type is a list of strings.
    pub(crate) fn is_list(&self) -> bool {
        matches!(self.source, Source::List(..))
    }

    /// Whether it is names of headers as they are, which know no case.
    pub(crate) fn is_header_names(&self) -> bool {
        matches!(&self.source, Source::List(map, Side::Names) if map.is_headers()) && self.steps.is_empty()
    }

    /// The text of a literal that nothing is done to.
    pub(crate) fn literal(&self) -> Option<&[u8]> {
        match (&self.source, self.steps.as_slice()) {
            (Source::Literal(text), []) => Some(text),
            _ => None,
        }
    }
}
