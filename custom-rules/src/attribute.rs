//! What a script may ask of a request and of its response: the tables of section 2.14 of `waas.md`.

use crate::phase::Phase;

/// A string of the request or the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextAttribute {
    /// `req.host`: the host with its port, as the client sent it.
    Host,
    /// `req.http_method`: `GET`.
    Method,
    /// `req.http_version`: `1.0`, `1.1` or `2.0`.
    HttpVersion,
    /// `req.http_scheme`: `HTTP` or `HTTPS`.
    HttpScheme,
    /// `req.file_extension`: of the path's last segment, without the dot; empty when it has none.
    FileExtension,
    /// `req.path`: without the query, as the client sent it.
    Path,
    /// `req.country_code`: two capital letters; empty when the country is not known.
    CountryCode,
    /// `req.body`: decoded from its transfer coding and content coding.
    Body,
    /// `resp.content_type`: the value of the header.
    ResponseContentType,
    /// `resp.body`: decoded likewise.
    ResponseBody,
    /// Something of a process, or of what it looks up.
    Runtime(RuntimeText),
}

/// A string of a process, or of what it looks up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RuntimeText {
    /// `proc.name`: the file name of its program.
    Name,
    /// `proc.path`: the path of its program.
    Path,
    /// `proc.pname`: the file name of its parent's program.
    ParentName,
    /// `proc.user`: its effective user.
    User,
    /// `proc.cmdline`: its arguments, with blanks between them.
    CommandLine,
    /// `net.domain`: the name that it looks up, in small letters; empty where it reaches an address.
    Domain,
}

/// Names with values, each possibly more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MapAttribute {
    /// `req.headers`, `req.header_names`, `req.header_values`.
    Headers,
    /// `req.cookies`, `req.cookie_names`, `req.cookie_values`.
    Cookies,
    /// `req.query_params`, `req.query_param_names`, `req.query_param_values`: not decoded.
    QueryParams,
    /// `req.body_param_names`, `req.body_param_values`: of a form or JSON, as the caller reads them.
    BodyParams,
    /// `resp.headers`, `resp.header_names`, `resp.header_values`.
    ResponseHeaders,
}

impl MapAttribute {
    /// Whether names are those of HTTP headers, which know no case.
    #[must_use]
    pub fn is_headers(self) -> bool {
        matches!(self, Self::Headers | Self::ResponseHeaders)
    }
}

/// The names or the values of a map, as a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    Names,
    Values,
}

/// Anything that a script may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attribute {
    Text(TextAttribute),
    List(MapAttribute, Side),
    Map(MapAttribute),
    Address,
    Destination,
    StatusCode,
    Port,
}

/// Each attribute by its name.
const ATTRIBUTES: [(&str, Attribute); 34] = [
    ("req.host", Attribute::Text(TextAttribute::Host)),
    ("req.headers", Attribute::Map(MapAttribute::Headers)),
    ("req.header_names", Attribute::List(MapAttribute::Headers, Side::Names)),
    ("req.header_values", Attribute::List(MapAttribute::Headers, Side::Values)),
    ("req.cookies", Attribute::Map(MapAttribute::Cookies)),
    ("req.cookie_names", Attribute::List(MapAttribute::Cookies, Side::Names)),
    ("req.cookie_values", Attribute::List(MapAttribute::Cookies, Side::Values)),
    ("req.query_params", Attribute::Map(MapAttribute::QueryParams)),
    ("req.query_param_names", Attribute::List(MapAttribute::QueryParams, Side::Names)),
    ("req.query_param_values", Attribute::List(MapAttribute::QueryParams, Side::Values)),
    ("req.body_param_names", Attribute::List(MapAttribute::BodyParams, Side::Names)),
    ("req.body_param_values", Attribute::List(MapAttribute::BodyParams, Side::Values)),
    ("req.http_method", Attribute::Text(TextAttribute::Method)),
    ("req.http_version", Attribute::Text(TextAttribute::HttpVersion)),
    ("req.http_scheme", Attribute::Text(TextAttribute::HttpScheme)),
    ("req.file_extension", Attribute::Text(TextAttribute::FileExtension)),
    ("req.path", Attribute::Text(TextAttribute::Path)),
    ("req.ip", Attribute::Address),
    ("req.country_code", Attribute::Text(TextAttribute::CountryCode)),
    ("req.body", Attribute::Text(TextAttribute::Body)),
    ("resp.status_code", Attribute::StatusCode),
    ("resp.content_type", Attribute::Text(TextAttribute::ResponseContentType)),
    ("resp.body", Attribute::Text(TextAttribute::ResponseBody)),
    ("resp.headers", Attribute::Map(MapAttribute::ResponseHeaders)),
    ("resp.header_names", Attribute::List(MapAttribute::ResponseHeaders, Side::Names)),
    ("resp.header_values", Attribute::List(MapAttribute::ResponseHeaders, Side::Values)),
    ("proc.name", Attribute::Text(TextAttribute::Runtime(RuntimeText::Name))),
    ("proc.path", Attribute::Text(TextAttribute::Runtime(RuntimeText::Path))),
    ("proc.pname", Attribute::Text(TextAttribute::Runtime(RuntimeText::ParentName))),
    ("proc.user", Attribute::Text(TextAttribute::Runtime(RuntimeText::User))),
    ("proc.cmdline", Attribute::Text(TextAttribute::Runtime(RuntimeText::CommandLine))),
    ("net.outgoing_ip", Attribute::Destination),
    ("net.outgoing_port", Attribute::Port),
    ("net.domain", Attribute::Text(TextAttribute::Runtime(RuntimeText::Domain))),
];

impl Attribute {
    pub(crate) fn named(name: &str) -> Option<Self> {
        ATTRIBUTES.iter().find(|(known, _)| *known == name).map(|(_, attribute)| *attribute)
    }

    /// The names that a rule of the phase may use.
    pub(crate) fn names(phase: Phase) -> impl Iterator<Item = &'static str> {
        ATTRIBUTES.iter().filter(move |(_, attribute)| attribute.is_in(phase)).map(|(name, _)| *name)
    }

    /// Whether a rule of the phase may use it.
    pub(crate) fn is_in(self, phase: Phase) -> bool {
        match (self, phase) {
            (Self::Text(TextAttribute::Runtime(RuntimeText::Domain)) | Self::Destination | Self::Port, _) => {
                phase == Phase::Outgoing
            }
            (Self::Text(TextAttribute::Runtime(_)), _) => !phase.is_of_waas(),
            (other, Phase::Request) => !other.of_response(),
            (_, phase) => phase == Phase::Response,
        }
    }

    /// Whether it is there only when the response is.
    pub(crate) fn of_response(self) -> bool {
        match self {
            Self::Text(text) => {
                matches!(text, TextAttribute::ResponseContentType | TextAttribute::ResponseBody)
            }
            Self::List(map, _) | Self::Map(map) => map == MapAttribute::ResponseHeaders,
            Self::Address | Self::Destination | Self::Port => false,
            Self::StatusCode => true,
        }
    }

    /// Whether the body of the request has to be read for it.
    pub(crate) fn of_body(self) -> bool {
        matches!(self, Self::Text(TextAttribute::Body) | Self::List(MapAttribute::BodyParams, _))
    }
}
