//! Names that containers look up, and what reaches the resolver.

use super::processes::PROGRAM_LIMIT_MS;
use super::stimulus::{Lookup, Outcome, new_token};
use super::{ScenarioWorld, StepError, StepResult};
use crate::steps::Resolver;
use proofhouse_protocol::Observation;
use proofhouse_protocol::actor::{End, QuerySocket, Reply, Request, Spawn, TOKEN_VARIABLE};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

/// How long a raw query waits; well above the second within which a denial must be known.
const QUERY_LIMIT_MS: u64 = 5_000;

/// The interpreter's own start may take long on a loaded machine; the lookup is timed by itself.
const PYTHON: &str = "import socket, sys, time\n\
                      began = time.monotonic()\n\
                      try:\n    found = socket.getaddrinfo(sys.argv[1], 80, proto=socket.IPPROTO_TCP)\n\
                      except OSError as error:\n    found = error\n\
                      print(TOOK, (time.monotonic() - began) * 1000, file=sys.stderr)\n\
                      sys.exit(str(found)) if isinstance(found, OSError) else print(*sorted({e[4][0] for e in found}))";

/// What stands before the milliseconds in the words of a program that times its lookup.
const TOOK: &str = "lookup took, in milliseconds:";

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

    /// Adds an HTTP host.
    pub(crate) fn add_host(&mut self, host: &str, port: u16) -> StepResult {
        self.internet.hosts.insert(SocketAddr::new(address(host)?, port));
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
        let server = match server {
            Some(server) => address(server)?,
            None => self.resolver_address()?,
        };
        let what = format!("\"{container}\" looks up {record} of {name} with {resolver:?} at {server}");
        self.begin_stimulus(&token, &what);
        let request = match program(resolver, name) {
            Some(argv) => Request::Run {
                argv,
                env: BTreeMap::from([(TOKEN_VARIABLE.to_owned(), token.clone())]),
                cwd: None,
                stdin: String::new(),
                spawn: Spawn::Fork,
                timeout_ms: PROGRAM_LIMIT_MS,
            },
            None => Request::Query {
                server: SocketAddr::new(server, 53),
                name: name.to_owned(),
                record: record.to_owned(),
                socket: socket(resolver),
                timeout_ms: QUERY_LIMIT_MS,
            },
        };
        let reply = self.act(container, &request, Some(&token)).await?;
        let lookup = lookup(name, &reply)?;
        self.end_stimulus(token, Outcome::Lookup(lookup));
        Ok(())
    }

    /// Opens a connection as a stimulus.
    pub(crate) async fn connect(&mut self, container: &str, host: &str, port: u16) -> StepResult {
        let token = new_token();
        let target = SocketAddr::new(address(host)?, port);
        let what = format!("\"{container}\" connects to {target}");
        self.begin_stimulus(&token, &what);
        let request = Request::Connect { address: target, timeout_ms: QUERY_LIMIT_MS };
        let reply = self.act(container, &request, Some(&token)).await?;
        let Reply::Connected { errno, elapsed_ms } = reply else {
            return Err(StepError::new(format!("the actor could not connect: {reply:?}")));
        };
        self.end_stimulus(token, Outcome::Connection { errno, elapsed_ms });
        Ok(())
    }

    fn last_lookup(&self) -> Result<&Lookup, StepError> {
        match &self.stimulus()?.outcome {
            Outcome::Lookup(lookup) => Ok(lookup),
            _ => Err(StepError::new("the last thing done was not a lookup")),
        }
    }

    /// The lookup gave that address.
    pub(crate) fn expect_resolved(&self, expected: &str) -> StepResult {
        let Lookup { name, addresses, end, .. } = self.last_lookup()?;
        self.conclude(
            "name resolved",
            addresses.iter().any(|address| address == expected),
            format!("expected that {name} resolves to {expected}; {end}, with the addresses {addresses:?}"),
        )
    }

    /// The lookup gave nothing, in time.
    pub(crate) fn expect_lookup_failed(&self, limit: u64) -> StepResult {
        let Lookup { name, addresses, end, elapsed_ms } = self.last_lookup()?;
        #[expect(clippy::cast_precision_loss, reason = "a limit in milliseconds is far below 2^52")]
        let in_time = *elapsed_ms <= limit as f64;
        self.conclude(
            "lookup failed in time",
            addresses.is_empty() && in_time,
            format!(
                "expected that the lookup of {name} fails within {limit} ms; {end} after {elapsed_ms:.0} ms, with the addresses {addresses:?}"
            ),
        )
    }

    /// Whether a question reached a server outside; without one, a fence comes first.
    pub(crate) async fn expect_asked(&mut self, name: &str, asked: bool) -> StepResult {
        if !asked {
            self.fence().await?;
        }
        let servers: BTreeSet<String> = self
            .records()
            .iter()
            .filter_map(|record| match &record.recording.observation {
                Observation::DnsQuestion { name: found, server, .. } if found == name => Some(server.clone()),
                _ => None,
            })
            .collect();
        let seen =
            if servers.is_empty() { "none came".to_owned() } else { format!("asked were {servers:?}") };
        let expected = if asked { "a question" } else { "no question" };
        self.conclude(
            "question at the resolver",
            servers.is_empty() != asked,
            format!("expected {expected} for {name} outside; {seen}"),
        )
    }

    /// The connection was made.
    pub(crate) fn expect_connected(&self) -> StepResult {
        let errno = match &self.stimulus()?.outcome {
            Outcome::Connection { errno, .. } => *errno,
            _ => return Err(StepError::new("the last thing done was not a connection")),
        };
        self.conclude("connection made", errno == 0, format!("expected a connection, got errno {errno}"))
    }
}

fn lookup(name: &str, reply: &Reply) -> Result<Lookup, StepError> {
    match reply {
        Reply::Ran { end, stdout, stderr, elapsed_ms, .. } => {
            let addresses = match end {
                End::Exited { code: 0 } => stdout
                    .split_whitespace()
                    .filter(|word| word.parse::<IpAddr>().is_ok())
                    .map(str::to_owned)
                    .collect(),
                _ => Vec::new(),
            };
            let words = stderr.lines().rfind(|line| !line.starts_with(TOOK)).unwrap_or("silently");
            let end = match end {
                End::Exited { code } => format!("the program exited with {code} ({words})"),
                other => format!("the program ended with {other:?} ({words})"),
            };
            let timed = stderr.lines().find_map(|line| line.strip_prefix(TOOK)?.trim().parse().ok());
            Ok(Lookup { name: name.to_owned(), addresses, end, elapsed_ms: timed.unwrap_or(*elapsed_ms) })
        }
        Reply::Answer { rcode, addresses, errno, elapsed_ms, .. } => {
            let end = match rcode {
                Some(rcode) => format!("the answer was {rcode}"),
                None => format!("no answer came (errno {errno})"),
            };
            Ok(Lookup { name: name.to_owned(), addresses: addresses.clone(), end, elapsed_ms: *elapsed_ms })
        }
        other => Err(StepError::new(format!("the actor could not look {name} up: {other:?}"))),
    }
}
