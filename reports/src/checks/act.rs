//! What the actor did, as records tell it.

use crate::HistoryRecord;
use proofhouse_protocol::actor::{End, QuerySocket, Reply, Request};
use proofhouse_protocol::observation::{Observation, Source};
use std::net::IpAddr;

/// One request to the actor and its reply.
#[derive(Debug, Clone, Copy)]
pub(super) struct Act<'a> {
    pub index: usize,
    pub record: &'a HistoryRecord,
    pub container: &'a str,
    pub request: &'a Request,
    pub reply: &'a Reply,
}

pub(super) fn acts(records: &[HistoryRecord]) -> impl Iterator<Item = Act<'_>> {
    records.iter().enumerate().filter_map(|(index, record)| {
        let Observation::Act { request, result } = record.observation() else { return None };
        let Source::Actor(container) = &record.recording.source else { return None };
        Some(Act { index, record, container, request, reply: result })
    })
}

/// Whether a request does something, as opposed to looking.
pub(super) fn is_doing(request: &Request) -> bool {
    !matches!(request, Request::Ping | Request::Describe | Request::Stat { .. } | Request::Read { .. })
}

impl<'a> Act<'a> {
    pub fn pid(&self) -> Option<i32> {
        match self.reply {
            Reply::Ran { pid, .. } if *pid > 0 => Some(*pid),
            _ => None,
        }
    }

    pub fn argv(&self) -> &'a [String] {
        match self.request {
            Request::Run { argv, .. } => argv,
            _ => &[],
        }
    }

    /// Whether it asks a DNS server in a way that no datagram of its own is a question.
    pub fn is_unreadable_question(&self) -> bool {
        matches!(self.request, Request::Query { socket: QuerySocket::Parts, .. })
    }

    /// What it reaches, or where it listens: an address, where that is known, and a port.
    pub fn place(&self) -> Option<(Option<IpAddr>, u16)> {
        match self.request {
            Request::Connect { address, .. } | Request::Fetch { address, .. } => {
                Some((Some(address.ip().to_canonical()), address.port()))
            }
            Request::Query { server, .. } => Some((Some(server.ip().to_canonical()), server.port())),
            Request::Serve { port } => Some((None, *port)),
            _ => None,
        }
    }

    /// The name that a raw query asks for.
    pub fn query_name(&self) -> Option<String> {
        match self.request {
            Request::Query { name, .. } => Some(super::text::domain(name)),
            _ => None,
        }
    }
}

/// How a program ended, in words.
pub(super) fn ended(end: &End) -> String {
    match end {
        End::Exited { code } => format!("it exited with {code}"),
        End::Signalled { signal } => format!("it was killed by signal {signal}"),
        End::NotStarted { errno, error } => format!("it was not started: {error} (errno {errno})"),
        End::TimedOut => "it did not end in time".to_owned(),
        End::Unknown => "it ended, nobody knows how".to_owned(),
    }
}
