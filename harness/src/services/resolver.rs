//! The VPC resolver: DNS over UDP and TCP at any address outside, answering from a zone.

use super::serving::Serving;
use super::zone::{Verdict, Zone};
use crate::outside::{Datagram, DatagramSocket, Listener, Outside, Stream};
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use proofhouse_protocol::observation::{Observation, SharedRecorder, Source, Transport, record};
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const TTL: u32 = 60;
const OUR_PAYLOAD: u16 = 1232;

/// A resolver at one or more addresses; it ends when it is dropped.
pub struct Resolver {
    knowledge: Arc<Knowledge>,
    outside: Arc<dyn Outside>,
    serving: Serving,
}

struct Knowledge {
    zone: RwLock<Zone>,
    /// Milliseconds by which answers are late.
    late_ms: AtomicU64,
    recorder: SharedRecorder,
}

/// How a question came.
struct Asked {
    client: SocketAddr,
    server: SocketAddr,
    transport: Transport,
}

/// The reply to a query, and what is to be told of it.
struct Reply {
    message: Option<Message>,
    question: Option<(String, String, String)>,
}

// ---------------------------------------------------------------------------------------------------------------------

impl Resolver {
    /// Serves a zone at those addresses, over UDP and TCP. `0.0.0.0:53` serves every address that no other resolver does,
    /// so that a question to a server given by address is answered, and seen, too.
    ///
    /// # Errors
    /// When an address cannot be bound.
    pub async fn start(
        outside: Arc<dyn Outside>,
        addresses: &[SocketAddr],
        zone: Zone,
        recorder: SharedRecorder,
    ) -> io::Result<Self> {
        let knowledge = Arc::new(Knowledge { zone: RwLock::new(zone), late_ms: AtomicU64::new(0), recorder });
        let mut resolver = Resolver { knowledge, outside, serving: Serving::default() };
        for address in addresses {
            resolver.also_at(*address).await?;
        }
        Ok(resolver)
    }

    /// Serves one more address.
    ///
    /// # Errors
    /// When it cannot be bound.
    pub async fn also_at(&mut self, address: SocketAddr) -> io::Result<()> {
        let (socket, listener) =
            futures_util::try_join!(self.outside.bind_udp(address), self.outside.listen_tcp(address))?;
        self.serving.start(serve_udp(socket, Arc::clone(&self.knowledge)));
        self.serving.start(serve_tcp(listener, Arc::clone(&self.knowledge)));
        Ok(())
    }

    /// Answers come so much later from now on; one that is late holds up no other over UDP.
    pub fn be_late(&self, by: Duration) {
        self.knowledge.late_ms.store(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Changes the zone; the next question is answered from the new one.
    pub fn change(&self, change: impl FnOnce(&mut Zone)) {
        change(&mut self.knowledge.zone.write().expect("a change that panics ends its scenario"));
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Resolver").finish_non_exhaustive()
    }
}

impl Knowledge {
    fn lateness(&self) -> Duration {
        Duration::from_millis(self.late_ms.load(Ordering::Relaxed))
    }

    fn reply(&self, query: &[u8], asked: &Asked) -> Option<Message> {
        let reply = answer(&self.zone.read().expect("a change that panics ends its scenario"), query);
        if let Some((name, kind, answer)) = reply.question {
            let observation = Observation::DnsQuestion {
                client: asked.client.to_string(),
                server: asked.server.to_string(),
                transport: asked.transport,
                name,
                record: kind,
                answer,
            };
            record(&*self.recorder, Source::Resolver, observation);
        }
        reply.message
    }
}

async fn serve_udp(socket: Box<dyn DatagramSocket>, knowledge: Arc<Knowledge>) {
    let mut late = FuturesUnordered::new();
    loop {
        let answer = tokio::select! {
            Some(answer) = late.next() => answer,
            received = socket.receive() => {
                let Ok(Datagram { peer, local, data }) = received else { return };
                let asked = Asked { client: peer, server: local, transport: Transport::Udp };
                let Some(message) = knowledge.reply(&data, &asked) else { continue };
                let data = Bytes::from(fit(&message, udp_limit(&data)));
                let (answer, by) = (Datagram { peer, local, data }, knowledge.lateness());
                if !by.is_zero() {
                    late.push(async move {
                        tokio::time::sleep(by).await;
                        answer
                    });
                    continue;
                }
                answer
            }
        };
        if socket.send(answer).is_err() {
            return;
        }
    }
}

async fn serve_tcp(mut listener: Listener, knowledge: Arc<Knowledge>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            next = listener.accept() => {
                let Some(accepted) = next else { return };
                let asked = Asked { client: accepted.peer, server: accepted.local, transport: Transport::Tcp };
                let knowledge = Arc::clone(&knowledge);
                connections.spawn(async move {
                    // The client closes when it has asked enough; how is its own business.
                    let _ = serve_stream(accepted.stream, &asked, &knowledge).await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve_stream(mut stream: Stream, asked: &Asked, knowledge: &Knowledge) -> io::Result<()> {
    loop {
        let length = stream.read_u16().await?;
        let mut query = vec![0; usize::from(length)];
        stream.read_exact(&mut query).await?;
        let Some(message) = knowledge.reply(&query, asked) else { continue };
        tokio::time::sleep(knowledge.lateness()).await;
        let bytes = fit(&message, usize::from(u16::MAX));
        let length = u16::try_from(bytes.len()).expect("the reply was made to fit");
        stream.write_all(&[&length.to_be_bytes(), bytes.as_slice()].concat()).await?;
    }
}

fn udp_limit(query: &[u8]) -> usize {
    Message::from_vec(query).map_or(512, |query| usize::from(query.max_payload()))
}

/// The reply as bytes; truncated, and marked so, if it would be too long.
fn fit(message: &Message, limit: usize) -> Vec<u8> {
    match message.to_vec() {
        Ok(bytes) if bytes.len() <= limit => bytes,
        _ => message.truncate().to_vec().expect("a question that was read can be written"),
    }
}

fn answer(zone: &Zone, query: &[u8]) -> Reply {
    let Ok(query) = Message::from_vec(query) else {
        return Reply { message: malformed(query), question: None };
    };
    if query.metadata.message_type == MessageType::Response {
        return Reply { message: None, question: None };
    }
    let mut reply = Message::response(query.metadata.id, query.metadata.op_code);
    reply.metadata.recursion_desired = query.metadata.recursion_desired;
    reply.metadata.recursion_available = true;
    reply.add_queries(query.queries.iter().cloned());
    if query.edns.is_some() {
        let mut edns = Edns::new();
        edns.set_max_payload(OUR_PAYLOAD);
        reply.set_edns(edns);
    }
    let question = match query.queries.as_slice() {
        [question] if query.metadata.op_code == OpCode::Query => question,
        _ => {
            let refused = query.metadata.op_code != OpCode::Query;
            let code = if refused { ResponseCode::NotImp } else { ResponseCode::FormErr };
            reply.metadata.response_code = code;
            return Reply { message: Some(reply), question: None };
        }
    };
    let name = question.name().to_ascii();
    let name = name.strip_suffix('.').unwrap_or(&name).to_ascii_lowercase();
    let text = fill(&mut reply, zone, question, &name);
    let message = (text != SILENT).then_some(reply);
    Reply { message, question: Some((name, question.query_type().to_string(), text)) }
}

const SILENT: &str = "no answer";

/// Puts the answer into the reply, and says it in words.
fn fill(reply: &mut Message, zone: &Zone, question: &Query, name: &str) -> String {
    let found = zone.resolve(name);
    let code = match found.verdict {
        Verdict::Silent => return SILENT.to_owned(),
        Verdict::Unknown => ResponseCode::NXDomain,
        Verdict::Failed => ResponseCode::ServFail,
        Verdict::Found if question.query_class() != DNSClass::IN => ResponseCode::Refused,
        Verdict::Found => ResponseCode::NoError,
    };
    reply.metadata.response_code = code;
    if !matches!(code, ResponseCode::NoError | ResponseCode::NXDomain) {
        return name_of(code).to_owned();
    }
    // The name is given back as it was asked for; clients compare it, some of them letter by letter.
    let mut owner = question.name().clone();
    for (_, target) in &found.aliases {
        let target = Name::from_ascii(format!("{target}.")).expect("the zone has checked its names");
        reply.add_answer(Record::from_rdata(owner, TTL, RData::CNAME(CNAME(target.clone()))));
        owner = target;
    }
    let mut told = Vec::new();
    for address in found.addresses {
        let data = match (address, question.query_type()) {
            (IpAddr::V4(ip), RecordType::A | RecordType::ANY) => RData::A(A(ip)),
            (IpAddr::V6(ip), RecordType::AAAA | RecordType::ANY) => RData::AAAA(AAAA(ip)),
            _ => continue,
        };
        reply.add_answer(Record::from_rdata(owner.clone(), TTL, data));
        told.push(address.to_string());
    }
    if told.is_empty() { name_of(code).to_owned() } else { told.join(", ") }
}

/// `FORMERR` for a query of which at least the head can be read.
fn malformed(query: &[u8]) -> Option<Message> {
    let id = u16::from_be_bytes(query.get(..2)?.try_into().ok()?);
    let is_query = query.get(2)? & 0x80 == 0;
    is_query.then(|| Message::error_msg(id, OpCode::Query, ResponseCode::FormErr))
}

fn name_of(code: ResponseCode) -> &'static str {
    match code {
        ResponseCode::NoError => "NOERROR",
        ResponseCode::NXDomain => "NXDOMAIN",
        ResponseCode::ServFail => "SERVFAIL",
        ResponseCode::Refused => "REFUSED",
        _ => "FORMERR",
    }
}

#[cfg(test)]
#[path = "resolver_tests.rs"]
mod tests;
