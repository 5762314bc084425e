//! One request, and what is in it.

use super::bot::AGENTS;
use super::call::Call;
use super::coding::Coding;
use super::load::{Load, Seat};
use super::packing::Packing;
use super::upload::Upload;

/// A text in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carried {
    /// Which.
    pub load: &'static Load,
    /// Whether it is the attack, or its harmless twin.
    pub is_attack: bool,
    /// Where.
    pub seat: Seat,
    /// Under which name.
    pub name: &'static str,
    /// How it is written.
    pub coding: Coding,
}

impl Carried {
    /// The text.
    #[must_use]
    pub fn text(&self) -> &'static str {
        if self.is_attack { self.load.text } else { self.load.twin }
    }

    /// As it stands in the request.
    #[must_use]
    pub fn written(&self) -> String {
        self.coding.written(self.text(), self.seat)
    }
}

/// What may be wrong with a request as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odd {
    /// GET with a body (W19).
    BodyOfGet,
    /// POST without a length (W20).
    NoLength,
}

/// What a request may have that is unusual, and nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frill {
    /// A question mark with nothing behind it.
    EmptyQuery,
    /// A parameter without a value.
    BareParameter,
    /// A query that ends with an ampersand.
    EndingAmpersand,
    /// Two lines of a header.
    TwoLines,
    /// A header without a value.
    EmptyHeader,
    /// A header of three thousand letters.
    LongHeader,
    /// A header in letters of any case.
    OddCase,
}

impl Frill {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::EmptyQuery,
        Self::BareParameter,
        Self::EndingAmpersand,
        Self::TwoLines,
        Self::EmptyHeader,
        Self::LongHeader,
        Self::OddCase,
    ];

    /// Its headers.
    #[must_use]
    pub fn headers(self) -> Vec<(String, String)> {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        match self {
            Self::TwoLines => vec![header("X-Tag", "first"), header("X-Tag", "second")],
            Self::EmptyHeader => vec![header("X-Empty", "")],
            Self::LongHeader => vec![header("X-Long", &"plain".repeat(600))],
            Self::OddCase => vec![header("x-oDD-cASE", "As It Is")],
            Self::EmptyQuery | Self::BareParameter | Self::EndingAmpersand => Vec::new(),
        }
    }
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Method.
    pub method: &'static str,
    /// Port of the firewall.
    pub port: u16,
    /// Host that is asked for.
    pub host: &'static str,
    /// Path, before a text that stands in it.
    pub path: &'static str,
    /// Texts, none of the same protection or place as another, and one body at most.
    pub carried: Vec<Carried>,
    /// Files in its body, which is multipart then.
    pub files: Vec<&'static Upload>,
    /// What is wrong with it as a whole.
    pub odd: Option<Odd>,
    /// Whether its body, if it has one, goes in chunks.
    pub chunked: bool,
    /// Value of `X-Env`, where it is there.
    pub env: Option<&'static str>,
    /// Its user agent, by its place among [`AGENTS`].
    pub agent: Option<usize>,
    /// Value of `X-Bot`, where it is there.
    pub own_bot: Option<&'static str>,
    /// What else it has.
    pub frill: Option<Frill>,
    /// Content coding of its body, if it has one.
    pub packing: Option<Packing>,
    /// What it asks of an API, in the place of path and texts.
    pub call: Option<Call>,
}

impl Ask {
    /// A request that is nothing special.
    #[must_use]
    pub fn plain() -> Self {
        Self {
            method: "GET",
            port: 80,
            host: "shop.example.com",
            path: "/",
            carried: Vec::new(),
            files: Vec::new(),
            odd: None,
            chunked: false,
            env: None,
            agent: None,
            own_bot: None,
            frill: None,
            packing: None,
            call: None,
        }
    }

    /// The text that takes the body, if one does.
    #[must_use]
    pub fn in_body(&self) -> Option<&Carried> {
        self.carried.iter().find(|one| one.seat.is_body())
    }

    /// Whether it has a body.
    #[must_use]
    pub fn has_body(&self) -> bool {
        let of_call = self.call.as_ref().is_some_and(|call| call.body.is_some());
        of_call || self.in_body().is_some() || !self.files.is_empty()
    }

    /// Whether files may stand in its body.
    pub(super) fn takes_files(&self) -> bool {
        self.odd.is_none()
            && self.call.is_none()
            && self.in_body().is_none_or(|one| one.seat == Seat::Multipart)
    }

    /// Its path, before a text that stands in it.
    #[must_use]
    pub fn own_path(&self) -> &str {
        self.call.as_ref().map_or(self.path, |call| call.path.as_str())
    }

    /// Whether a text stands in its user agent.
    #[must_use]
    pub fn has_agent(&self) -> bool {
        self.carried.iter().any(|one| one.seat == Seat::Agent)
    }

    /// The same in simpler ways, the simplest first.
    #[must_use]
    pub fn simpler(&self) -> Vec<Self> {
        let mut all = Vec::new();
        let plain = Self::plain();
        if let Some(call) = &self.call {
            all.extend(call.simpler().into_iter().map(|call| Self { call: Some(call), ..self.clone() }));
        }
        for out in 0..self.carried.len() {
            let mut next = self.clone();
            next.carried.remove(out);
            all.push(next);
        }
        for out in 0..self.files.len() {
            let mut next = self.clone();
            next.files.remove(out);
            all.push(next);
        }
        all.extend(self.odd.map(|_| Self { odd: None, method: "GET", ..self.clone() }));
        if self.chunked {
            all.push(Self { chunked: false, ..self.clone() });
        }
        if self.packing.is_some() {
            all.push(Self { packing: None, ..self.clone() });
        }
        if self.frill.is_some() {
            all.push(Self { frill: None, ..self.clone() });
        }
        if self.agent.is_some() {
            all.push(Self { agent: None, ..self.clone() });
        }
        if self.own_bot.is_some() {
            all.push(Self { own_bot: None, ..self.clone() });
        }
        if self.env.is_some() {
            all.push(Self { env: None, ..self.clone() });
        }
        if self.host != plain.host {
            all.push(Self { host: plain.host, ..self.clone() });
        }
        if self.path != plain.path {
            all.push(Self { path: plain.path, ..self.clone() });
        }
        if self.port != plain.port {
            all.push(Self { port: plain.port, ..self.clone() });
        }
        let usual = if self.has_body() { "POST" } else { "GET" };
        if self.method != usual && self.odd.is_none() {
            all.push(Self { method: usual, ..self.clone() });
        }
        for (at, one) in self.carried.iter().enumerate() {
            let mut with = |other: Carried| {
                if other != *one {
                    let mut next = self.clone();
                    next.carried[at] = other;
                    all.push(next);
                }
            };
            with(Carried { coding: Coding::Plain, ..*one });
            with(Carried { name: one.seat.names()[0], ..*one });
            let taken = self.carried.iter().any(|other| other.seat == Seat::Query);
            if one.load.seats.contains(&Seat::Query) && !taken {
                with(Carried {
                    seat: Seat::Query,
                    name: Seat::Query.names()[0],
                    coding: Coding::Plain,
                    ..*one
                });
            }
        }
        all
    }

    /// Its values in the dimensions of what can be tried.
    #[must_use]
    pub fn dimensions(&self) -> Vec<(&'static str, String)> {
        let mut all = vec![
            ("method", self.method.to_owned()),
            ("port", self.port.to_string()),
            ("host", self.host.to_owned()),
            ("path", if self.call.is_some() { "of an API".to_owned() } else { self.path.to_owned() }),
        ];
        all.extend(self.call.as_ref().map(|call| ("call", call.what.to_owned())));
        let body = match (self.in_body(), self.chunked) {
            _ if self.odd == Some(Odd::BodyOfGet) => "of GET",
            (None, _) if self.call.as_ref().is_some_and(|call| call.body.is_some()) => "of a call",
            (None, _) if self.files.is_empty() => "none",
            (_, true) => "in chunks",
            (_, false) => "with a length",
        };
        all.push(("body", body.to_owned()));
        if let Some(odd) = self.odd {
            all.push(("attack", format!("{odd:?}")));
        }
        if self.carried.is_empty() && self.odd.is_none() {
            all.push(("attack", "none".to_owned()));
        }
        for one in &self.carried {
            let what = one.load.attack.word();
            all.push(("attack", if one.is_attack { what.to_owned() } else { format!("like {what}") }));
            all.push(("place", one.seat.word().to_owned()));
            all.push(("coding", one.coding.word().to_owned()));
        }
        all.extend(self.files.iter().map(|file| ("file", format!("{}, `{}`", file.name, file.content))));
        if !self.files.is_empty() {
            all.push(("files", self.files.len().to_string()));
        }
        all.extend(self.agent.map(|at| {
            (("user agent"), AGENTS[at].1.map_or("browser".to_owned(), |bot| bot.audit_type().to_owned()))
        }));
        all.extend(self.own_bot.map(|own| ("X-Bot", own.to_owned())));
        all.extend(self.env.map(|env| ("X-Env", env.to_owned())));
        all.extend(self.packing.map(|packing| ("content coding", packing.word().to_owned())));
        all.extend(self.frill.map(|frill| ("frill", format!("{frill:?}"))));
        all
    }
}
