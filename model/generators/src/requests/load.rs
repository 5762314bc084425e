//! Attacks, each with a harmless text that looks a little like it, and where it may stand.

use proofhouse_model::requests::{Attack, Spot};

/// A text of which is known what it is.
#[derive(Debug, PartialEq, Eq)]
pub struct Load {
    /// What it is.
    pub attack: Attack,
    /// The attack (sections 2.7 and 2.17 of `reference/waas.md`).
    pub text: &'static str,
    /// What is none, and has words of it.
    pub twin: &'static str,
    /// Where it is known to be found.
    pub seats: &'static [Seat],
}

/// Where a text stands in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seat {
    /// A parameter of the query.
    Query,
    /// The last segment of the path.
    Path,
    /// A cookie.
    Cookie,
    /// `User-Agent`.
    Agent,
    /// A header of the app's own.
    Header,
    /// A field of a form.
    Form,
    /// A field of a multipart body.
    Multipart,
    /// A value of JSON.
    Json,
    /// An element of XML.
    Xml,
    /// A body of text.
    Raw,
}

impl Seat {
    /// The word of a coverage report.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Path => "path",
            Self::Cookie => "cookie",
            Self::Agent => "user agent",
            Self::Header => "header",
            Self::Form => "form",
            Self::Multipart => "multipart body",
            Self::Json => "JSON body",
            Self::Xml => "XML body",
            Self::Raw => "text body",
        }
    }

    /// Whether it takes a body.
    #[must_use]
    pub fn is_body(self) -> bool {
        self.spot().is_body()
    }

    /// What an audit calls it.
    #[must_use]
    pub fn spot(self) -> Spot {
        match self {
            Self::Query => Spot::Query,
            Self::Path => Spot::Url,
            Self::Cookie => Spot::Cookie,
            Self::Agent | Self::Header => Spot::Header,
            Self::Form => Spot::FormBody,
            Self::Multipart => Spot::MultipartBody,
            Self::Json => Spot::JsonBody,
            Self::Xml => Spot::XmlBody,
            Self::Raw => Spot::RawBody,
        }
    }

    /// Names that it may have there.
    #[must_use]
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::Query | Self::Form | Self::Multipart => &["id", "q", "comment"],
            Self::Cookie => &["sid", "note"],
            Self::Header => &["X-Order", "X-Note"],
            Self::Json => &["/a/b", "/order/note"],
            Self::Xml => &["/a/b", "/a/c"],
            Self::Agent => &["User-Agent"],
            Self::Path | Self::Raw => &[""],
        }
    }
}

/// Everywhere that the vendor's own suite looks, and the bodies of W33 to W36.
const EVERYWHERE: &[Seat] = &[
    Seat::Query,
    Seat::Path,
    Seat::Cookie,
    Seat::Agent,
    Seat::Form,
    Seat::Multipart,
    Seat::Json,
    Seat::Xml,
    Seat::Raw,
];

/// Not in paths, of which it would make another that an endpoint may be about.
const BELOW: &[Seat] =
    &[Seat::Query, Seat::Cookie, Seat::Agent, Seat::Form, Seat::Multipart, Seat::Json, Seat::Xml, Seat::Raw];

/// Not in cookies and user agents.
const SHOWN: &[Seat] =
    &[Seat::Query, Seat::Path, Seat::Form, Seat::Multipart, Seat::Json, Seat::Xml, Seat::Raw];

/// Not in user agents.
const GIVEN: &[Seat] =
    &[Seat::Query, Seat::Path, Seat::Cookie, Seat::Form, Seat::Multipart, Seat::Json, Seat::Xml, Seat::Raw];

/// Also in headers of the app's own.
const EVERYWHERE_AND_HEADERS: &[Seat] = &[
    Seat::Query,
    Seat::Path,
    Seat::Cookie,
    Seat::Agent,
    Seat::Header,
    Seat::Form,
    Seat::Multipart,
    Seat::Json,
    Seat::Xml,
    Seat::Raw,
];

const fn load(attack: Attack, text: &'static str, twin: &'static str, seats: &'static [Seat]) -> Load {
    Load { attack, text, twin, seats }
}

/// All of them.
pub const LOADS: &[Load] = &[
    load(Attack::Sqli, "1' OR '1'='1", "order 11 of 111", EVERYWHERE_AND_HEADERS),
    load(Attack::Sqli, "1' or 1=1#", "room 1 or room 11", EVERYWHERE),
    load(Attack::Xss, "<script>alert(1)</script>", "a script by Alert Jones", SHOWN),
    load(Attack::Xss, "<script>", "a manuscript", SHOWN),
    load(Attack::Cmdi, "; /sbin/shutdown", "we shut down at six", GIVEN),
    load(Attack::Cmdi, "$(sleep 5)", "I could sleep 5 hours", EVERYWHERE),
    load(Attack::CodeInjection, "phpinfo()", "notes on php", GIVEN),
    load(Attack::CodeInjection, "_$$ND_FUNC$$_", "a function of two", GIVEN),
    load(Attack::Lfi, "../../", "and so on ...", BELOW),
    load(Attack::Lfi, "../../../srv", "from a. to z.", EVERYWHERE),
    load(Attack::AttackTools, "sqlmap/1.7", "shop-map/1.7", &[Seat::Agent]),
    load(Attack::AttackTools, "prowebwalker", "prowler", &[Seat::Agent]),
    load(Attack::Shellshock, "() { :; }; /bin/eject", "eject the tape", &[Seat::Agent, Seat::Header]),
];
