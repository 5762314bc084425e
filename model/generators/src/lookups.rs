//! Names that are looked up.

use proofhouse_model::{Deed, Ending, Launched, Outcome};
use proofhouse_protocol::actor::{QuerySocket, Request, Spawn, TOKEN_VARIABLE};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The addresses of every name.
pub const ADDRESSES: [&str; 2] = ["192.0.2.80", "2001:db8::80"];

/// Milliseconds that a query waits; far more than it needs.
const LIMIT_MS: u64 = 5_000;

/// Milliseconds that a query waits amid a change of the policy, which may overtake it.
const LIMIT_AMID_MS: u64 = 1_000;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolver {
    /// The actor itself, by that kind of socket.
    Raw(QuerySocket),
    /// A program with musl's resolver.
    Musl,
    /// A program with glibc's.
    Getent,
}

/// A lookup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// The name; `TOKEN` stands for the token.
    pub name: &'static str,
    /// How it is written.
    pub form: Form,
    /// Who asks.
    pub resolver: Resolver,
    /// Whether for addresses of IPv6.
    pub six: bool,
    /// Another server than the usual one.
    pub server: Option<Ipv4Addr>,
}

/// How a name is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    Plain,
    /// In capitals.
    Capitals,
    /// In mixed case.
    Mixed,
    /// With the dot of the root.
    Rooted,
}

/// Names beside each other: below, above, longer and shorter labels, one in another.
const NAMES: [&str; 14] = [
    "TOKEN.example.com",
    "www.TOKEN.example.com",
    "a.www.TOKEN.example.com",
    "TOKENexample.com",
    "TOKEN.evilexample.com",
    "www.TOKEN.example.com.evil.test",
    "TOKEN.test",
    "www.TOKEN.test",
    "x.s3.TOKEN.eu.amazon.com",
    "s3.TOKEN.amazon.com",
    "xn--bcher-kva.TOKEN.example",
    "TOKEN.xn--bcher-kva.example",
    "evil-TOKEN.example.com",
    "_tcp.TOKEN.example.com",
];

const SOCKETS: [QuerySocket; 5] = [
    QuerySocket::Connected,
    QuerySocket::SendTo,
    QuerySocket::SendMsg,
    QuerySocket::SendMmsg,
    QuerySocket::Tcp,
];

/// Any lookup.
pub fn lookup() -> impl Strategy<Value = Lookup> {
    let form = prop_oneof![
        4 => Just(Form::Plain),
        1 => Just(Form::Capitals),
        1 => Just(Form::Mixed),
        1 => Just(Form::Rooted),
    ];
    let resolver = prop_oneof![
        12 => prop::sample::select(&SOCKETS[..]).prop_map(Resolver::Raw),
        1 => Just(Resolver::Musl),
        1 => Just(Resolver::Getent),
    ];
    let server = prop_oneof![
        3 => Just(None),
        1 => Just(Some(Ipv4Addr::new(8, 8, 8, 8))),
        1 => Just(Some(Ipv4Addr::new(1, 1, 1, 1))),
    ];
    (prop::sample::select(&NAMES[..]), form, resolver, any::<bool>(), server)
        .prop_map(|(name, form, resolver, six, server)| Lookup { name, form, resolver, six, server }.fit())
}

impl Lookup {
    /// A program asks the usual server for both families, and the name with the dot of the root, so that no other is made from it.
    fn fit(self) -> Self {
        match self.resolver {
            Resolver::Raw(_) => self,
            Resolver::Musl => Self { six: false, server: None, form: Form::Plain, ..self },
            Resolver::Getent => Self { six: false, server: None, form: Form::Rooted, ..self },
        }
    }

    /// The name as it is written.
    #[must_use]
    pub fn written(&self, token: &str) -> String {
        let name = self.name.replace("TOKEN", token);
        match self.form {
            Form::Plain => name,
            Form::Capitals => name.to_uppercase(),
            Form::Mixed => {
                let letters = name.chars().enumerate();
                letters.map(|(at, c)| if at % 2 == 0 { c.to_ascii_uppercase() } else { c }).collect()
            }
            Form::Rooted => format!("{name}."),
        }
    }

    fn argv(&self, token: &str) -> Option<Vec<String>> {
        let name = self.written(token);
        Some(match self.resolver {
            Resolver::Raw(_) => return None,
            Resolver::Musl => vec!["/usr/local/bin/musl-lookup".to_owned(), name],
            Resolver::Getent => vec!["/usr/bin/getent".to_owned(), "ahostsv4".to_owned(), name],
        })
    }

    pub(crate) fn request(&self, token: &str, resolver: IpAddr, amid: bool) -> Request {
        if let Some(argv) = self.argv(token) {
            return Request::Run {
                argv,
                env: BTreeMap::from([(TOKEN_VARIABLE.to_owned(), token.to_owned())]),
                cwd: None,
                stdin: String::new(),
                spawn: Spawn::Fork,
                timeout_ms: 8 * LIMIT_MS,
            };
        }
        let socket = match self.resolver {
            Resolver::Raw(socket) => socket,
            Resolver::Musl | Resolver::Getent => QuerySocket::Connected,
        };
        Request::Query {
            server: SocketAddr::new(self.server.map_or(resolver, IpAddr::V4), 53),
            name: self.written(token),
            record: if self.six { "AAAA" } else { "A" }.to_owned(),
            socket,
            timeout_ms: if amid { LIMIT_AMID_MS } else { LIMIT_MS },
        }
    }

    pub(crate) fn deeds(&self, token: &str) -> Vec<Deed> {
        let program = self.argv(token).map(|argv| {
            let executable = argv[0].clone();
            let names = vec![executable.clone()];
            Deed::Start(Launched { executable, names, multi_call: false, modified: false, altered: false })
        });
        program.into_iter().chain([Deed::Question(self.written(token))]).collect()
    }

    pub(crate) fn outcome(&self, token: &str) -> Outcome {
        match self.resolver {
            Resolver::Raw(_) => {
                Outcome::Answers { addresses: vec![ADDRESSES[usize::from(self.six)].to_owned()] }
            }
            Resolver::Musl => Outcome::Prints { text: ADDRESSES.join("\n"), ending: Ending::Exited(0) },
            Resolver::Getent => {
                let (address, name) = (ADDRESSES[0], self.written(token));
                let name = name.trim_end_matches('.');
                let lines = [format!("STREAM {name}"), "DGRAM  ".to_owned(), "RAW".to_owned()];
                let text = lines.map(|line| format!("{address:<15} {line}")).join("\n");
                Outcome::Prints { text, ending: Ending::Exited(0) }
            }
        }
    }

    pub(crate) fn dimensions(&self) -> Vec<(&'static str, String)> {
        let resolver = match self.resolver {
            Resolver::Raw(socket) => format!("{socket:?}"),
            Resolver::Musl => "musl".to_owned(),
            Resolver::Getent => "glibc".to_owned(),
        };
        let server = if self.server.is_some() { "another server" } else { "the usual server" };
        vec![
            ("name", self.name.replace("TOKEN", "t")),
            ("form", format!("{:?}", self.form).to_lowercase()),
            ("resolver", resolver),
            ("record", if self.six { "AAAA" } else { "A" }.to_owned()),
            ("server", server.to_owned()),
        ]
    }

    pub(crate) fn simpler(&self) -> Vec<Self> {
        let mut all = Vec::new();
        if self.resolver != Resolver::Raw(QuerySocket::Connected) {
            all.push(Self { resolver: Resolver::Raw(QuerySocket::Connected), ..self.clone() });
        }
        if self.form != Form::Plain {
            all.push(Self { form: Form::Plain, ..self.clone() });
        }
        if self.six {
            all.push(Self { six: false, ..self.clone() });
        }
        if self.server.is_some() {
            all.push(Self { server: None, ..self.clone() });
        }
        if self.name != NAMES[0] {
            all.push(Self { name: NAMES[0], ..self.clone() });
        }
        all.into_iter().map(Self::fit).filter(|one| one != self).collect()
    }

    pub(crate) fn shown(&self, token: &str) -> String {
        match self.argv(token) {
            Some(argv) => argv.join(" "),
            None => format!(
                "{} of {} by {:?}",
                if self.six { "AAAA" } else { "A" },
                self.written(token),
                self.resolver
            ),
        }
    }
}
