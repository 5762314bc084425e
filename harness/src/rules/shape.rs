//! The API model: which members an object has, and what may stand in each (`fargate.md` 1.1 to 1.7).

use serde::Deserialize;
use std::collections::BTreeMap;

/// The shape of a task definition itself.
pub(super) const ROOT: &str = "TaskDefinition";

/// Members of an object, by the API's names.
pub(super) type Shape = BTreeMap<String, Member>;

/// A member of an object.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Whether the CLI and SDKs want it.
    #[serde(default)]
    pub required: bool,
    /// Values that it may have; of a list, that its items may have.
    #[serde(default)]
    pub one_of: Vec<String>,
    pub at_least: Option<i64>,
    pub at_most: Option<i64>,
    pub most_items: Option<usize>,
    /// Regular expression of its text.
    pub matches: Option<String>,
    /// What the regular expression means, in words.
    pub says: Option<String>,
    /// Text of the user's own, in which `$NAME` and `<NAME>` are no holes of a template.
    #[serde(default)]
    pub free: bool,
    /// DescribeTaskDefinition adds it, and registration ignores it.
    #[serde(default)]
    pub answer: bool,
}

/// What stands in a member.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub(super) enum Kind {
    String,
    Integer,
    Boolean,
    /// From text to text.
    Map,
    /// A shape that is not looked into, because nothing on Fargate may have it.
    Any,
    List(Box<Kind>),
    Object(String),
}

impl From<String> for Kind {
    fn from(name: String) -> Self {
        if let Some(inner) = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            return Self::List(Box::new(Self::from(inner.to_owned())));
        }
        match name.as_str() {
            "string" => Self::String,
            "integer" => Self::Integer,
            "boolean" => Self::Boolean,
            "map" => Self::Map,
            "any" => Self::Any,
            _ => Self::Object(name),
        }
    }
}

impl Kind {
    /// Name of the shape that it leads to.
    pub fn shape(&self) -> Option<&str> {
        match self {
            Self::Object(name) => Some(name),
            Self::List(inner) => inner.shape(),
            _ => None,
        }
    }

    /// In messages.
    pub fn words(&self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Integer => "a whole number",
            Self::Boolean => "true or false",
            Self::Map | Self::Any | Self::Object(_) => "an object",
            Self::List(inner) => match **inner {
                Self::String => "a list of strings",
                Self::Integer => "a list of whole numbers",
                _ => "a list of objects",
            },
        }
    }
}
