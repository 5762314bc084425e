//! Names that containers look up, and what must reach the resolver.

use super::stimulus::{Doing, new_token};
use super::{ScenarioWorld, StepError, StepResult};
use crate::steps::Resolver;
use proofhouse_protocol::actor::{QuerySocket, Request};
use proofhouse_reports::checks::{Check, Lookup, LookupExpectation, Questions, TOOK};
use std::net::{IpAddr, SocketAddr};

/// How long a raw query waits; well above the second within which a denial must be known.
pub(super) const QUERY_LIMIT_MS: u64 = 5_000;

/// How a name is asked for, as far as a fence must ask in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Way {
    /// Server asked, where it is not the configured one.
    pub server: Option<IpAddr>,
    /// How a query is sent.
    pub socket: QuerySocket,
}

/// The interpreter's own start may take long on a loaded machine; the lookup is timed by itself.
const PYTHON: &str = "import socket, sys, time\n\
                      began = time.monotonic()\n\
                      try:\n    found = socket.getaddrinfo(sys.argv[1], 80, proto=socket.IPPROTO_TCP)\n\
                      except OSError as error:\n    found = error\n\
                      print(TOOK, (time.monotonic() - began) * 1000, file=sys.stderr)\n\
                      sys.exit(str(found)) if isinstance(found, OSError) else print(*sorted({e[4][0] for e in found}))";

/// An address and a port.
pub(super) fn peer(host: &str, port: u16) -> Result<SocketAddr, StepError> {
    Ok(SocketAddr::new(address(host)?, port))
}

fn address(text: &str) -> Result<IpAddr, StepError> {
    text.parse().map_err(|_| StepError::new(format!("\"{text}\" is no address")))
}

fn program(resolver: Resolver, name: &str) -> Option<Vec<String>> {
    let words: Vec<&str> = match resolver {
        Resolver::Python => {
            let script = PYTHON.replace("TOOK", &format!("{TOOK:?}"));
            return Some(["python3", "-c", &script, name].map(String::from).to_vec());
        }
        Resolver::Musl => vec!["musl-lookup", name],
        Resolver::Go => vec!["go-lookup", name],
        Resolver::CAres => vec!["cares-lookup", name],
        Resolver::Dig => vec!["dig", "+short", "+time=2", "+tries=1", name],
        Resolver::Curl => {
            let url = format!("http://{name}/");
            return Some(
                ["curl", "-sS", "-o", "/dev/null", "--max-time", "5", "-w", "%{remote_ip}", &url]
                    .map(String::from)
                    .to_vec(),
            );
        }
        _ => return None,
    };
    Some(words.into_iter().map(String::from).collect())
}

fn socket(resolver: Resolver) -> QuerySocket {
    match resolver {
        Resolver::RawSendTo => QuerySocket::SendTo,
        Resolver::RawSendMsg => QuerySocket::SendMsg,
        Resolver::RawSendMmsg => QuerySocket::SendMmsg,
        Resolver::RawSegments => QuerySocket::Segments,
        Resolver::RawSegmentsByOption => QuerySocket::SegmentsByOption,
        Resolver::RawParts => QuerySocket::Parts,
        Resolver::RawTcp => QuerySocket::Tcp,
        _ => QuerySocket::Connected,
    }
}

impl ScenarioWorld {
    /// Adds a name to the zone, with a host behind its address.
    pub(crate) fn add_name(&mut self, name: &str, target: &str) -> StepResult {
        let target = address(target)?;
        self.internet.names.push((name.to_owned(), target));
        self.internet.hosts.insert(SocketAddr::new(target, 80));
        Ok(())
    }

    /// Adds a name that stands for another.
    pub(crate) fn add_alias(&mut self, name: &str, other: &str) {
        self.internet.aliases.push((name.to_owned(), other.to_owned()));
    }

    /// Adds an HTTP host.
    pub(crate) fn add_host(&mut self, host: &str, port: u16) -> StepResult {
        self.internet.hosts.insert(peer(host, port)?);
        Ok(())
    }

    /// Looks a name up as a stimulus.
    pub(crate) async fn look_up(
        &mut self,
        container: &str,
        name: &str,
        resolver: Resolver,
        server: Option<&str>,
        record: &str,
    ) -> StepResult {
        let token = new_token();
        let server = server.map(address).transpose()?;
        let asked = match server {
            Some(server) => server,
            None => self.resolver_address()?,
        };
        let what = format!("\"{container}\" looks up {record} of {name} with {resolver:?} at {asked}");
        let way = Way { server, socket: socket(resolver) };
        let doing = Doing::Lookup { container: container.to_owned(), name: name.to_owned(), way };
        self.begin_stimulus(&token, doing, &what);
        let request = match program(resolver, name) {
            Some(argv) => super::processes::run(argv, &token, ""),
            None => Request::Query {
                server: SocketAddr::new(asked, 53),
                name: name.to_owned(),
                record: record.to_owned(),
                socket: way.socket,
                timeout_ms: QUERY_LIMIT_MS,
            },
        };
        self.act(container, &request, Some(&token)).await?;
        Ok(())
    }

    /// Opens a connection as a stimulus.
    pub(crate) async fn connect(&mut self, container: &str, host: &str, port: u16) -> StepResult {
        let token = new_token();
        let target = peer(host, port)?;
        let what = format!("\"{container}\" connects to {target}");
        self.begin_stimulus(&token, Doing::Connection { container: container.to_owned() }, &what);
        let request = Request::Connect { address: target, timeout_ms: QUERY_LIMIT_MS };
        self.act(container, &request, Some(&token)).await?;
        Ok(())
    }

    fn lookup(&self, expect: LookupExpectation) -> Result<(Check, String, Way), StepError> {
        let stimulus = self.stimulus()?;
        let Doing::Lookup { container, name, way } = &stimulus.doing else {
            return Err(StepError::new("the last thing done was not a lookup"));
        };
        let lookup = Lookup { token: stimulus.token.clone(), name: name.clone(), expect };
        Ok((Check::Lookup(lookup), container.clone(), *way))
    }

    /// The lookup gave that address. Where it gave nothing, a fence tells what became of the question.
    pub(crate) async fn expect_resolved(&mut self, expected: &str) -> StepResult {
        let (check, container, way) = self.lookup(LookupExpectation::Resolves(expected.to_owned()))?;
        if !self.would_hold(&check) {
            self.fence_questions(&container, &way).await;
        }
        self.settle(&check)
    }

    /// The lookup gave nothing, in time.
    pub(crate) fn expect_lookup_failed(&self, limit: u64) -> StepResult {
        let (check, ..) = self.lookup(LookupExpectation::FailsWithin(limit))?;
        self.settle(&check)
    }

    /// Whether a question reached a server outside; a fence of the same container, by the same way, comes first.
    pub(crate) async fn expect_asked(&mut self, server: Option<&str>, name: &str, asked: bool) -> StepResult {
        let stimulus = self.stimulus()?.clone();
        let container = stimulus
            .container()
            .ok_or_else(|| StepError::new("the last thing done was done by no container"))?
            .to_owned();
        let way = match stimulus.doing {
            Doing::Lookup { way, .. } => way,
            _ => Way::default(),
        };
        let server = server.map(address).transpose()?;
        let check = Check::Questions(Questions {
            token: stimulus.token,
            server,
            container: container.clone(),
            name: name.to_owned(),
            asked,
        });
        if !(asked && self.would_hold(&check)) {
            self.fence_questions(&container, &way).await;
        }
        self.settle(&check)
    }
}
