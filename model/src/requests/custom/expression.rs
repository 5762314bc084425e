//! Expressions of custom rules, as trees.

use super::Step;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What holds of a request, and of its answer, or does not (section 2.14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Expression {
    /// One of these holds.
    Any(Vec<Self>),
    /// All of these hold.
    All(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// A text, or one of a list, passes a test.
    Text {
        /// Which text.
        of: Subject,
        /// What is made of it before, the innermost first.
        steps: Vec<Step>,
        /// The test.
        test: Test,
    },
    /// The client's address is among these.
    Client(Among),
    /// The status of the answer has that relation to a number.
    Status(Relation, u16),
}

/// What the scripts of custom rules mean, by their text.
pub type Meanings = BTreeMap<String, Expression>;

/// Something of a request that is text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Subject {
    /// `req.http_method`.
    Method,
    /// `req.host`.
    Host,
    /// `req.path`.
    Path,
    /// `req.file_extension`.
    FileExtension,
    /// `req.body`.
    Body,
    /// `req.headers["..."]`.
    Header(String),
    /// `req.header_names`.
    HeaderNames,
    /// `req.header_values`.
    HeaderValues,
    /// `req.cookies["..."]`.
    Cookie(String),
    /// `req.cookie_names`.
    CookieNames,
    /// `req.cookie_values`.
    CookieValues,
    /// `req.query_params["..."]`.
    QueryParam(String),
    /// `req.query_param_names`.
    QueryParamNames,
    /// `req.query_param_values`.
    QueryParamValues,
    /// `req.body_param_values`.
    BodyParamValues,
}

impl Subject {
    /// Whether it is a list of texts.
    #[must_use]
    pub fn is_list(&self) -> bool {
        matches!(
            self,
            Self::HeaderNames
                | Self::HeaderValues
                | Self::CookieNames
                | Self::CookieValues
                | Self::QueryParamNames
                | Self::QueryParamValues
                | Self::BodyParamValues
        )
    }

    /// Whether it is of the body.
    #[must_use]
    pub fn is_of_body(&self) -> bool {
        matches!(self, Self::Body | Self::BodyParamValues)
    }
}

/// A test of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Test {
    /// `=`.
    Equals(String),
    /// `!=`.
    Differs(String),
    /// `in`.
    In(Vec<String>),
    /// `startswith`.
    StartsWith(String),
    /// `contains`, with a text.
    Contains(String),
    /// `contains`, with a regular expression.
    Matches(String),
}

/// A test of an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Among {
    /// It is that address.
    Is(String),
    /// It is another.
    IsNot(String),
    /// It is one of these, or in one of these blocks.
    In(Vec<String>),
}

/// How two numbers compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Relation {
    /// `=`.
    Equal,
    /// `!=`.
    Other,
    /// `<`.
    Less,
    /// `<=`.
    AtMost,
    /// `>`.
    More,
    /// `>=`.
    AtLeast,
}

impl Expression {
    /// Whether it asks for something of the answer.
    #[must_use]
    pub fn is_of_answer(&self) -> bool {
        match self {
            Self::Any(all) | Self::All(all) => all.iter().any(Self::is_of_answer),
            Self::Not(inner) => inner.is_of_answer(),
            Self::Status(..) => true,
            Self::Text { .. } | Self::Client(_) => false,
        }
    }
}
