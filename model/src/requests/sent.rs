//! Requests, as far as a policy decides on them.

use super::{AppAnswer, Attack, Bot, Document, SentFile};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A request, and the attacks in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Address that it comes from.
    pub peer: IpAddr,
    /// Port that it goes to.
    pub port: u16,
    /// Method.
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    /// Headers but the one with the token, as sent.
    pub headers: Vec<(String, String)>,
    /// Body, without the framing of chunks and without its content coding.
    #[serde(default)]
    pub body: String,
    /// SHA-256 of the body as it goes, without the framing of chunks, in hexadecimal; none where it has no content coding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coded_sha256: Option<String>,
    /// Values of the fields of the body, where it has a structure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldOfBody>,
    /// Files in the body.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<SentFile>,
    /// What the app answers, if it gets the request; none where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_answer: Option<AppAnswer>,
    /// What the body says, where it has a structure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
    /// Status of what the app answers, if it gets the request.
    #[serde(default = "ok", skip_serializing_if = "is_ok")]
    pub app_status: u16,
    /// What its user agent is, where it is no person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot: Option<Bot>,
    /// Attacks in it, none twice.
    #[serde(default)]
    pub attacks: Vec<Planted>,
}

const fn ok() -> u16 {
    200
}

fn is_ok(status: &u16) -> bool {
    *status == ok()
}

/// The value of a field of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldOfBody {
    /// As it is written.
    pub written: String,
    /// Decoded as its place is.
    pub value: String,
}

/// An attack in a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planted {
    /// What it is.
    pub attack: Attack,
    /// Where it stands.
    pub place: Place,
}

/// A place in a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Which kind.
    pub spot: Spot,
    /// Name of the parameter, cookie, header or field, or the path of a value of JSON or XML.
    pub key: String,
    /// The value, decoded as its place is.
    pub value: String,
    /// Whether it is known that an audit tells the value so: not where it is written in more ways than its place undoes.
    #[serde(default)]
    pub sure: bool,
}

/// A kind of place: `attackField.type` of audits (section 1.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Spot {
    /// The path.
    Url,
    /// A parameter of the query.
    Query,
    /// A cookie.
    Cookie,
    /// A header.
    Header,
    /// A field of a form.
    FormBody,
    /// A field of a multipart body.
    MultipartBody,
    /// A value of JSON.
    JsonBody,
    /// The text of an element of XML.
    XmlBody,
    /// A body of no known structure.
    RawBody,
    /// The request as a whole; what its audit says of a place is not documented.
    Request,
}

impl Spot {
    /// The word of the schema; none where none is documented.
    #[must_use]
    pub fn word(self) -> Option<&'static str> {
        Some(match self {
            Self::Url => "url",
            Self::Query => "query",
            Self::Cookie => "cookie",
            Self::Header => "header",
            Self::FormBody => "formBody",
            Self::MultipartBody => "multipartBody",
            Self::JsonBody => "jsonBody",
            Self::XmlBody => "xmlBody",
            Self::RawBody => "rawBody",
            Self::Request => return None,
        })
    }

    /// Whether it is in the body.
    #[must_use]
    pub fn is_body(self) -> bool {
        matches!(self, Self::FormBody | Self::MultipartBody | Self::JsonBody | Self::XmlBody | Self::RawBody)
    }
}

impl Sent {
    /// The first value of a header, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The path, as sent.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The query, as sent, without its question mark.
    #[must_use]
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// Names and values of the query, as sent.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&str, &str)> {
        pairs(self.query().split('&'))
    }

    /// Names and values of cookies, as sent.
    #[must_use]
    pub fn cookies(&self) -> Vec<(&str, &str)> {
        pairs(self.header("cookie").unwrap_or_default().split(';').map(str::trim))
    }
}

fn pairs<'a>(pieces: impl Iterator<Item = &'a str>) -> Vec<(&'a str, &'a str)> {
    let pieces = pieces.filter(|piece| !piece.is_empty());
    pieces.map(|piece| piece.split_once('=').unwrap_or((piece, ""))).collect()
}
