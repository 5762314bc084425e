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

/// Values of a request, as many as its inspected size gives room for: a value takes more memory than the two bytes of a body that
/// it may be made of.
#[derive(Debug)]
pub struct Inputs<'a> {
    list: Vec<Input<'a>>,
    /// Bytes that further values may take.
    room: usize,
    left_out: bool,
    /// The only class that is kept, if not all are.
    only: Option<Class>,
}

/// Bytes that the values of a request may take, for each byte that is inspected of its body.
const ROOM: usize = 2;

/// A request with a small limit may have a long target, and many headers.
const SMALLEST: usize = 64 << 10;

/// What an allocation takes beside its bytes.
const ALLOCATION: usize = 16;

impl Default for Inputs<'_> {
    /// Without a limit.
    fn default() -> Self {
        Self { list: Vec::new(), room: usize::MAX, left_out: false, only: None }
    }
}

impl<'a> Inputs<'a> {
    /// Room for those of a request whose body is inspected up to that many bytes.
    pub(crate) fn of(size: usize) -> Self {
        Self { room: size.max(SMALLEST).saturating_mul(ROOM), ..Self::default() }
    }

    /// The same for values of one class.
    pub(crate) fn only(class: Class, size: usize) -> Self {
        Self { only: Some(class), ..Self::of(size) }
    }

    /// As much room as is left here.
    pub(crate) fn rest<'b>(&self) -> Inputs<'b> {
        Inputs { room: self.room, only: self.only, ..Inputs::default() }
    }

    /// Adds one, if there is room.
    pub(crate) fn push(&mut self, input: Input<'a>) {
        if self.only.is_some_and(|only| only != input.class) {
            return;
        }
        let cost = cost(&input);
        if cost > self.room {
            self.left_out = true;
            return;
        }
        self.room -= cost;
        self.push_whole(input);
    }

    /// Adds one although there may be no room: a text as a whole, which stands for what was left out.
    pub(crate) fn push_whole(&mut self, input: Input<'a>) {
        if self.list.len() == self.list.capacity() {
            // By a quarter: while a list grows, it is there twice.
            self.list.reserve_exact((self.list.len() / 4).max(8));
        }
        self.list.push(input);
    }

    /// Says that there was more than was added.
    pub(crate) fn leave_out(&mut self) {
        self.left_out = true;
    }

    /// Adds what was found in the room that is left here.
    pub(crate) fn append<'b>(&mut self, found: Inputs<'b>, each: impl FnMut(Input<'b>) -> Input<'a>) {
        self.left_out |= found.left_out;
        self.room = found.room;
        self.list.extend(found.list.into_iter().map(each));
    }

    /// Whether there was more than is here.
    #[must_use]
    pub fn left_out(&self) -> bool {
        self.left_out
    }
}

/// Bytes that it takes to keep a value.
fn cost(input: &Input<'_>) -> usize {
    let owned = |is_owned, length| if is_owned { length + ALLOCATION } else { 0 };
    size_of::<Input<'_>>()
        + owned(matches!(input.key, Cow::Owned(_)), input.key.len())
        + owned(matches!(input.value, Cow::Owned(_)), input.value.len())
}

impl<'a> std::ops::Deref for Inputs<'a> {
    type Target = [Input<'a>];

    fn deref(&self) -> &Self::Target {
        &self.list
    }
}

impl std::ops::DerefMut for Inputs<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.list
    }
}

impl<'a> IntoIterator for Inputs<'a> {
    type Item = Input<'a>;
    type IntoIter = std::vec::IntoIter<Input<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
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
