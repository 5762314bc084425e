//! What a body with a structure says, by the word of whoever made it up: the model reads no JSON and no XML.

use super::super::Spot;
use serde::{Deserialize, Serialize};

/// The fields of a form or of a multipart body, the members of JSON, or the children of the root of XML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Which of them.
    pub kind: Spot,
    /// In their order.
    pub members: Vec<Member>,
}

/// A name, and what stands under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Name.
    pub name: String,
    /// What stands under it.
    pub given: Given,
}

/// A value of a document. All but JSON has texts alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Given {
    /// A text.
    Text(String),
    /// A number of JSON, as it is written.
    Number(String),
    /// `true` or `false` of JSON.
    Truth(bool),
    /// `null` of JSON.
    Null,
    /// A list of JSON.
    List(Vec<Given>),
    /// An object of JSON, or an element that has others in it.
    Members,
}
