//! Raw DNS queries, by every way a program may send them.

use crate::kernel;
use hickory_proto::op::{Message, Query as Question, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RData, RecordType};
use proofhouse_protocol::actor::{QuerySocket, Reply};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::str::FromStr;
use std::time::{Duration, Instant};

/// One query; the fields are those of [`proofhouse_protocol::actor::Request::Query`].
#[derive(Debug, Clone)]
pub struct Query {
    /// Server asked.
    pub server: SocketAddr,
    /// Name.
    pub name: String,
    /// Record type.
    pub record: String,
    /// How it is sent.
    pub socket: QuerySocket,
    /// Given up after that.
    pub timeout: Duration,
}

/// Why a query could not be built.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The name is not one.
    #[error("`{0}` is not a domain name")]
    Name(String),
    /// The record type is not one.
    #[error("`{0}` is not a record type; use `A`, `AAAA`, `TXT`, ...")]
    Record(String),
    /// It could not be encoded.
    #[error("query for `{0}` cannot be encoded: {1}")]
    Encode(String, String),
}

impl Query {
    /// Asks once, without any repetition.
    pub fn carry_out(&self) -> Result<Reply, QueryError> {
        let question = self.question()?;
        let bytes =
            question.to_vec().map_err(|error| QueryError::Encode(self.name.clone(), error.to_string()))?;
        let start = Instant::now();
        let asked = Asked { question, deadline: start + self.timeout.max(Duration::from_millis(1)) };
        let outcome = match self.socket {
            QuerySocket::Tcp => asked.over_tcp(self.server, &bytes),
            socket => asked.over_udp(self.server, &bytes, socket),
        };
        let elapsed_ms = start.elapsed().as_secs_f64() * 1e3;
        let mut reply =
            Reply::Answer { rcode: None, addresses: Vec::new(), from: None, errno: 0, elapsed_ms };
        if let Reply::Answer { rcode, addresses, from, errno, .. } = &mut reply {
            match outcome {
                Ok(Some((message, source))) => {
                    *rcode = Some(rcode_name(message.metadata.response_code));
                    *addresses = addresses_of(&message);
                    *from = Some(source.to_string());
                }
                Ok(None) => {}
                Err(error) => *errno = error.raw_os_error().unwrap_or(libc::EIO),
            }
        }
        Ok(reply)
    }

    fn question(&self) -> Result<Message, QueryError> {
        let mut name = Name::from_ascii(&self.name).map_err(|_| QueryError::Name(self.name.clone()))?;
        name.set_fqdn(true);
        let record =
            RecordType::from_str(&self.record).map_err(|_| QueryError::Record(self.record.clone()))?;
        let mut message = Message::query();
        message.metadata.recursion_desired = true;
        message.add_query(Question::query(name, record));
        Ok(message)
    }
}

/// A question on its way.
struct Asked {
    question: Message,
    deadline: Instant,
}

impl Asked {
    /// The answer and where it came from; `None` at the deadline.
    fn over_udp(
        &self,
        server: SocketAddr,
        bytes: &[u8],
        way: QuerySocket,
    ) -> io::Result<Option<(Message, SocketAddr)>> {
        let any: SocketAddr = match server {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(any)?;
        match way {
            QuerySocket::Connected | QuerySocket::Tcp => {
                socket.connect(server)?;
                socket.send(bytes)?;
            }
            QuerySocket::SendTo => {
                socket.send_to(bytes, server)?;
            }
            QuerySocket::SendMsg => kernel::send_message(&socket, bytes, server)?,
            QuerySocket::SendMmsg => kernel::send_messages(&socket, bytes, server)?,
            QuerySocket::Segments => {
                let decoy = decoy(bytes.len())?;
                kernel::send_segments(&socket, &[&decoy[..], bytes].concat(), decoy.len(), server)?;
            }
            QuerySocket::SegmentsByOption => {
                let decoy = decoy(bytes.len())?;
                kernel::set_segment_size(&socket, decoy.len())?;
                socket.send_to(&[&decoy[..], bytes].concat(), server)?;
            }
            QuerySocket::Parts => {
                let (head, tail) = bytes.split_at(bytes.len() / 2);
                kernel::send_part(&socket, head, server)?;
                socket.send_to(tail, server)?;
            }
        }
        let connected = matches!(way, QuerySocket::Connected);
        let mut buffer = vec![0; 65_535];
        while let Some(left) = self.left() {
            socket.set_read_timeout(Some(left))?;
            match socket.recv_from(&mut buffer) {
                // As musl does: what another address sends is not an answer. On a connected socket the kernel has seen to it.
                Ok((_, source)) if !connected && !same_endpoint(source, server) => {}
                Ok((length, source)) => {
                    if let Some(message) = self.accept(&buffer[..length]) {
                        return Ok(Some((message, source)));
                    }
                }
                Err(error) if is_timeout(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    fn over_tcp(&self, server: SocketAddr, bytes: &[u8]) -> io::Result<Option<(Message, SocketAddr)>> {
        let Some(left) = self.left() else { return Ok(None) };
        let mut stream = match TcpStream::connect_timeout(&server, left) {
            Err(error) if is_timeout(&error) => return Ok(None),
            stream => stream?,
        };
        let source = stream.peer_addr()?;
        let mut framed = u16::try_from(bytes.len()).map_err(io::Error::other)?.to_be_bytes().to_vec();
        framed.extend_from_slice(bytes);
        stream.write_all(&framed)?;
        let mut length = [0; 2];
        if !self.fill(&mut stream, &mut length)? {
            return Ok(None);
        }
        let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
        if !self.fill(&mut stream, &mut answer)? {
            return Ok(None);
        }
        Ok(self.accept(&answer).map(|message| (message, source)))
    }

    /// Reads until `buffer` is full; false at the deadline. A stream that ends before is `ECONNRESET`.
    fn fill(&self, stream: &mut TcpStream, buffer: &mut [u8]) -> io::Result<bool> {
        let mut filled = 0;
        while filled < buffer.len() {
            let Some(left) = self.left() else { return Ok(false) };
            stream.set_read_timeout(Some(left))?;
            match stream.read(&mut buffer[filled..]) {
                Ok(0) => return Err(io::Error::from_raw_os_error(libc::ECONNRESET)),
                Ok(length) => filled += length,
                Err(error) if is_timeout(&error) || error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// The message, if it answers this question.
    fn accept(&self, bytes: &[u8]) -> Option<Message> {
        let message = Message::from_vec(bytes).ok()?;
        let ours = message.metadata.id == self.question.metadata.id
            && message.metadata.message_type == hickory_proto::op::MessageType::Response
            && message.queries.iter().all(|query| self.question.queries.contains(query));
        ours.then_some(message)
    }

    fn left(&self) -> Option<Duration> {
        self.deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }
}

/// A question for a name below `example.com` that is no shorter than so many bytes: the datagrams of one send are of one size, but for
/// the last, which may be shorter.
fn decoy(length: usize) -> io::Result<Vec<u8>> {
    /// Bytes of a question for a name with one letter before `.example.com`.
    const SHORTEST: usize = 12 + 2 + 12 + 1 + 4;
    let label = "x".repeat(1 + length.saturating_sub(SHORTEST).min(62));
    let mut message = Message::query();
    message.metadata.recursion_desired = true;
    let name = Name::from_ascii(format!("{label}.example.com.")).map_err(io::Error::other)?;
    message.add_query(Question::query(name, RecordType::A));
    message.to_vec().map_err(io::Error::other)
}

/// Addresses and ports are equal; a link-local answer may name its interface where the question did not.
fn same_endpoint(one: SocketAddr, other: SocketAddr) -> bool {
    one.ip() == other.ip() && one.port() == other.port()
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

fn addresses_of(message: &Message) -> Vec<String> {
    let of_class = message.answers.iter().filter(|record| record.dns_class == DNSClass::IN);
    of_class
        .filter_map(|record| match &record.data {
            RData::A(address) => Some(address.0.to_string()),
            RData::AAAA(address) => Some(address.0.to_string()),
            _ => None,
        })
        .collect()
}

/// The name of the IANA registry.
fn rcode_name(code: ResponseCode) -> String {
    match u16::from(code) {
        0 => "NOERROR".to_owned(),
        1 => "FORMERR".to_owned(),
        2 => "SERVFAIL".to_owned(),
        3 => "NXDOMAIN".to_owned(),
        4 => "NOTIMP".to_owned(),
        5 => "REFUSED".to_owned(),
        other => format!("RCODE{other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_proto::rr::Record;
    use hickory_proto::rr::rdata::{A, CNAME};

    fn query(name: &str, record: &str) -> Query {
        Query {
            server: ([127, 0, 0, 1], 53).into(),
            name: name.to_owned(),
            record: record.to_owned(),
            socket: QuerySocket::Connected,
            timeout: Duration::from_secs(1),
        }
    }

    fn asked(name: &str) -> Asked {
        Asked { question: query(name, "A").question().unwrap(), deadline: Instant::now() }
    }

    #[test]
    fn a_question_asks_for_recursion_and_for_the_full_name() {
        let question = query("api.example.com", "AAAA").question().unwrap();
        assert!(question.metadata.recursion_desired);
        assert_eq!(question.queries.len(), 1);
        assert_eq!(question.queries[0].name().to_string(), "api.example.com.");
        assert_eq!(question.queries[0].query_type(), RecordType::AAAA);
    }

    #[test]
    fn what_is_not_a_name_or_a_type_is_refused() {
        let label = "x".repeat(64);
        let error = query(&format!("{label}.test"), "A").question().unwrap_err();
        assert_eq!(error.to_string(), format!("`{label}.test` is not a domain name"));
        let error = query("a.test", "PHONE").question().unwrap_err();
        assert_eq!(error.to_string(), "`PHONE` is not a record type; use `A`, `AAAA`, `TXT`, ...");
    }

    #[test]
    fn only_an_answer_to_the_question_is_accepted() {
        let asked = asked("a.test");
        let mut answer = asked.question.clone();
        assert!(asked.accept(&answer.to_vec().unwrap()).is_none(), "a query is not an answer");
        answer.metadata.message_type = hickory_proto::op::MessageType::Response;
        assert!(asked.accept(&answer.to_vec().unwrap()).is_some());
        let mut other_id = answer.clone();
        other_id.metadata.id = other_id.metadata.id.wrapping_add(1);
        assert!(asked.accept(&other_id.to_vec().unwrap()).is_none());
        let mut other_name = answer.clone();
        other_name.queries = self::asked("b.test").question.queries.clone();
        assert!(asked.accept(&other_name.to_vec().unwrap()).is_none());
    }

    #[test]
    fn addresses_are_those_of_the_answer_section_without_the_aliases() {
        let name = Name::from_ascii("a.test.").unwrap();
        let mut message = asked("a.test").question;
        let alias = Name::from_ascii("b.test.").unwrap();
        message.add_answer(Record::from_rdata(name, 60, RData::CNAME(CNAME(alias.clone()))));
        message.add_answer(Record::from_rdata(alias, 60, RData::A(A::new(192, 0, 2, 1))));
        assert_eq!(addresses_of(&message), ["192.0.2.1"]);
    }

    #[test]
    fn codes_have_the_names_of_the_registry() {
        assert_eq!(rcode_name(ResponseCode::NoError), "NOERROR");
        assert_eq!(rcode_name(ResponseCode::Refused), "REFUSED");
        assert_eq!(rcode_name(ResponseCode::NXDomain), "NXDOMAIN");
        assert_eq!(rcode_name(ResponseCode::NotAuth), "RCODE9");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_reader_of_answers_fail(bytes: Vec<u8>) {
            asked("a.test").accept(&bytes);
        }
    }
}
