//! A value of the user's text and its place, whatever language the text is in.

use super::Span;
use super::placeholder::placeholder;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its bytes.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// A value as JSON has it; a number keeps its spelling.
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
    /// A CloudFormation function such as `!Ref Cpu`: it has its value only when the template is deployed.
    Function(String),
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Key as the API spells it, unescaped.
    pub key: String,
    /// Key as the text spells it: CloudFormation begins it with a capital letter.
    pub written: String,
    /// Place of the key, with its quotes.
    pub key_span: Span,
    /// Value.
    pub node: Node,
}

impl Node {
    /// The member of an object with that key; the last one, as every JSON library takes it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.member(key).map(|member| &member.node)
    }

    /// The same with its key.
    #[must_use]
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.members().iter().rev().find(|member| member.key == key)
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

    /// A number without a fraction.
    #[must_use]
    pub fn whole_number(&self) -> Option<i64> {
        match &self.value {
            Value::Number(text) => text.parse().ok(),
            _ => None,
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

    /// Not known yet: a CloudFormation function, or a text with a placeholder in it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match &self.value {
            Value::Function(_) => true,
            Value::String(text) => placeholder(text).is_some(),
            _ => false,
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
            Value::Function(_) => "a CloudFormation function",
        }
    }
}
