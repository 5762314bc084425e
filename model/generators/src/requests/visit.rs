//! Requests of one client, one after the other.

use super::ask::Ask;
use super::wire::Wire;
use proofhouse_model::requests::Sent;
use std::net::{IpAddr, Ipv4Addr};

/// Clients come from the network for benchmarks (RFC 2544), whose first half is theirs.
const CLIENTS: u32 = 198 << 24 | 18 << 16;

/// Clients of a group of network lists: as many as there are.
const OF_GROUP: u32 = 1 << 13;

/// By how much the addresses lie behind these that requests say to be forwarded for.
const BEHIND: u32 = 1 << 15;

/// And those of what is tried again.
const AGAIN: u32 = 1 << 16;

/// Requests that a client sends at most, unless it is a flood.
const MANY: usize = 4;

/// For whom requests say to be forwarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forwarded {
    /// For nobody.
    No,
    /// A client.
    Client,
    /// A client, by a private address.
    ByPrivate,
    /// A private address, and then a client.
    BehindPrivate,
    /// A private address.
    Private,
}

/// Requests of a client that nobody else is, so that a ban is of nobody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Network lists that it is in: 0 to 3.
    pub group: u8,
    /// Which client of the group.
    pub number: u32,
    /// Whether it is tried again.
    pub again: bool,
    /// For whom its requests say to be forwarded.
    pub forwarded: Forwarded,
    /// Whether they go on one connection.
    pub kept: bool,
    /// The requests.
    pub asks: Vec<Ask>,
}

impl Visit {
    fn place(&self) -> u32 {
        let again = if self.again { AGAIN } else { 0 };
        CLIENTS + again + u32::from(self.group) * OF_GROUP + self.number % OF_GROUP
    }

    /// Address that it comes from.
    #[must_use]
    pub fn peer(&self) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from_bits(self.place()))
    }

    /// `X-Forwarded-For`.
    #[must_use]
    pub fn chain(&self) -> Option<String> {
        let client = Ipv4Addr::from_bits(self.place() + BEHIND);
        Some(match self.forwarded {
            Forwarded::No => return None,
            Forwarded::Client => client.to_string(),
            Forwarded::ByPrivate => format!("{client}, 10.20.30.40"),
            Forwarded::BehindPrivate => format!("192.168.7.9, {client}"),
            Forwarded::Private => "10.20.30.40".to_owned(),
        })
    }

    /// What is sent.
    pub fn wires(&self) -> impl Iterator<Item = Wire> + '_ {
        let chain = self.chain();
        self.asks.iter().map(move |ask| ask.wire(chain.as_deref()))
    }

    /// What a policy sees.
    pub fn sent(&self) -> impl Iterator<Item = Sent> + '_ {
        let (chain, peer) = (self.chain(), self.peer());
        self.asks.iter().map(move |ask| ask.sent(peer, chain.as_deref()))
    }

    /// The token of a request of a visit that has a token.
    #[must_use]
    pub fn token(token: &str, number: usize) -> String {
        format!("{token}-{}", number + 1)
    }

    /// Its values in the dimensions of what can be tried, request by request.
    #[must_use]
    pub fn dimensions(&self) -> Vec<Vec<(&'static str, String)>> {
        let connection = match (self.asks.len(), self.kept) {
            (1, _) => "of one request",
            (_, true) => "kept",
            (_, false) => "one each",
        };
        let each = |(number, ask): (usize, &Ask)| {
            let mut all = ask.dimensions();
            all.push(("connection", connection.to_owned()));
            let place = if number < MANY { (number + 1).to_string() } else { "later".to_owned() };
            all.push(("request of its client", place));
            all.push(("forwarded for", format!("{:?}", self.forwarded)));
            all.push(("network list", self.group.to_string()));
            all
        };
        self.asks.iter().enumerate().map(each).collect()
    }

    /// What it sends again and again, if it is a flood.
    #[must_use]
    pub fn repeated(&self) -> Option<&Ask> {
        let first = self.asks.first().filter(|_| self.asks.len() > MANY)?;
        self.asks.iter().all(|ask| ask == first).then_some(first)
    }

    /// The same in simpler ways, the simplest first.
    #[must_use]
    pub fn simpler(&self) -> Vec<Self> {
        let mut all = Vec::new();
        if let Some(ask) = self.repeated() {
            let number = self.asks.len();
            let fewer = [1, number / 2, number - number / 4, number - 1].into_iter();
            all.extend(fewer.map(|fewer| Self { asks: vec![ask.clone(); fewer], ..self.clone() }));
            let plainer = ask.simpler().into_iter();
            all.extend(plainer.map(|ask| Self { asks: vec![ask; number], ..self.clone() }));
            return all;
        }
        if self.asks.len() > 1 {
            for out in 0..self.asks.len() {
                let mut next = self.clone();
                next.asks.remove(out);
                all.push(next);
            }
            if self.kept {
                all.push(Self { kept: false, ..self.clone() });
            }
        }
        if self.forwarded != Forwarded::No {
            all.push(Self { forwarded: Forwarded::No, ..self.clone() });
        }
        for (at, ask) in self.asks.iter().enumerate() {
            for simpler in ask.simpler() {
                let mut next = self.clone();
                next.asks[at] = simpler;
                all.push(next);
            }
        }
        all
    }

    /// Without writings that more than their place undoes.
    pub(crate) fn undo_codings(&mut self) {
        for one in self.asks.iter_mut().flat_map(|ask| &mut ask.carried) {
            if !one.coding.is_of_place() {
                one.coding = super::Coding::Plain;
            }
        }
    }

    /// Without content codings: whether what is packed or what is unpacked counts for a limit, or for an exception that goes by the text, is not
    /// documented.
    pub(crate) fn unpack(&mut self) {
        self.asks.iter_mut().for_each(|ask| ask.packing = None);
    }

    /// What is asked for, as people write it.
    #[must_use]
    pub fn shown(&self) -> String {
        if let Some(ask) = self.repeated() {
            return format!("{} {}, {} times", ask.method, ask.own_path(), self.asks.len());
        }
        let each = |wire: Wire| format!("{} {}", wire.method, wire.target);
        self.wires().map(each).collect::<Vec<_>>().join(", then ")
    }
}
