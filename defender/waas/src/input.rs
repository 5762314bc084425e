//! One piece of a request that is inspected.

use crate::AttackSet;
use std::borrow::Cow;
use std::fmt;

/// What kind of text a value is; rules name the kinds they look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Class {
    /// Value of a query, form, multipart, JSON or XML parameter.
    Argument,
    /// Name of such a parameter.
    ArgumentName,
    /// Value of a cookie.
    Cookie,
    /// Name of a cookie.
    CookieName,
    /// Path of the URL, or one of its segments.
    Path,
    /// Path of the URL, or a name or value of its query, as sent.
    Uri,
    /// The whole query, as sent.
    QueryString,
    /// A body that has no known structure.
    RawBody,
    /// The `User-Agent` header.
    UserAgent,
    /// The `Referer` header.
    Referer,
    /// A header that the protocol defines, with a value that has its grammar.
    StandardHeader,
    /// A header of the application's own, or one of the protocol whose value has not the header's grammar.
    CustomHeader,
    /// Name of a header.
    HeaderName,
    /// Name of an uploaded file.
    FileName,
    /// Content of an uploaded file, whose name is the key; no rule looks at it.
    FileContent,
}

/// A set of classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ClassSet(u16);

impl ClassSet {
    /// Puts classes in.
    pub fn insert(&mut self, classes: &[Class]) {
        for class in classes {
            self.0 |= 1 << *class as u16;
        }
    }

    /// Takes one out.
    pub fn remove(&mut self, class: Class) {
        self.0 &= !(1 << class as u16);
    }

    /// Whether it is in the set.
    #[must_use]
    pub fn has(self, class: Class) -> bool {
        self.0 & (1 << class as u16) != 0
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Class {
    /// All classes.
    pub const ALL: [Self; 15] = [
        Self::Argument,
        Self::ArgumentName,
        Self::Cookie,
        Self::CookieName,
        Self::Path,
        Self::Uri,
        Self::QueryString,
        Self::RawBody,
        Self::UserAgent,
        Self::Referer,
        Self::StandardHeader,
        Self::CustomHeader,
        Self::HeaderName,
        Self::FileName,
        Self::FileContent,
    ];
}

/// Where a value stood: `attackField.type` of audits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Location {
    /// `method`.
    Method,
    /// `url`: the path.
    Url,
    /// `query`.
    Query,
    /// `queryParamName`.
    QueryParamName,
    /// `cookie`.
    Cookie,
    /// `header`.
    Header,
    /// `formBody`.
    FormBody,
    /// `multipartBody`.
    MultipartBody,
    /// `jsonBody`.
    JsonBody,
    /// `xmlBody`.
    XmlBody,
    /// `rawBody`.
    RawBody,
}

impl Location {
    /// The word of the schema.
    #[must_use]
    pub fn field_type(self) -> &'static str {
        match self {
            Self::Method => "method",
            Self::Url => "url",
            Self::Query => "query",
            Self::QueryParamName => "queryParamName",
            Self::Cookie => "cookie",
            Self::Header => "header",
            Self::FormBody => "formBody",
            Self::MultipartBody => "multipartBody",
            Self::JsonBody => "jsonBody",
            Self::XmlBody => "xmlBody",
            Self::RawBody => "rawBody",
        }
    }

    /// Whether it is part of the body.
    #[must_use]
    pub fn is_body(self) -> bool {
        matches!(self, Self::FormBody | Self::MultipartBody | Self::JsonBody | Self::XmlBody | Self::RawBody)
    }
}

impl fmt::Display for Location {
    /// The words in messages; only `request body` is the product's (section 1.5 of `waas.md`).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Method => "request method",
            Self::Url => "request path",
            Self::Query => "query parameter",
            Self::QueryParamName => "query parameter name",
            Self::Cookie => "cookie",
            Self::Header => "header",
            _ => "request body",
        })
    }
}

/// A value to inspect.
#[derive(Debug, Clone)]
pub struct Input<'a> {
    /// Which rules look at it.
    pub class: Class,
    /// Where it stood.
    pub location: Location,
    /// Name of the parameter, cookie or header; the path of a JSON or XML value, cut if long; empty for others.
    pub key: Cow<'a, str>,
    /// The value, with the encoding of its place undone once.
    pub value: Cow<'a, [u8]>,
    /// Protections that an exception frees it from.
    pub skip: AttackSet,
}
