//! Raw queries, against servers on the loopback.
#![expect(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod common;

use common::{Actor, LONG};
use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA};
use hickory_proto::rr::{RData, Record, RecordType};
use proofhouse_protocol::actor::{QuerySocket, Reply, Request};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::thread;

const UDP: [QuerySocket; 7] = [
    QuerySocket::Connected,
    QuerySocket::SendTo,
    QuerySocket::SendMsg,
    QuerySocket::SendMmsg,
    QuerySocket::Segments,
    QuerySocket::SegmentsByOption,
    QuerySocket::Parts,
];

fn request(server: SocketAddr, name: &str, record: &str, socket: QuerySocket, timeout_ms: u64) -> Request {
    Request::Query { server, name: name.to_owned(), record: record.to_owned(), socket, timeout_ms }
}

/// `*.good.test` has addresses, all else does not exist.
fn answer(query: &[u8], address: Ipv4Addr) -> Vec<u8> {
    let mut message = Message::from_vec(query).unwrap();
    let question = message.queries[0].clone();
    message.metadata.message_type = MessageType::Response;
    if question.name().to_string().ends_with(".good.test.") {
        let data = match question.query_type() {
            RecordType::AAAA => RData::AAAA(AAAA(Ipv6Addr::LOCALHOST)),
            _ => RData::A(A(address)),
        };
        message.add_answer(Record::from_rdata(question.name().clone(), 1, data));
    } else {
        message.metadata.response_code = ResponseCode::NXDomain;
    }
    message.to_vec().unwrap()
}

/// Answers `count` datagrams; before each answer, others send what `forge` makes of the question.
fn serve_udp(count: usize, forge: Vec<UdpSocket>) -> (SocketAddr, thread::JoinHandle<Vec<SocketAddr>>) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let served = thread::spawn(move || {
        let mut buffer = [0; 1500];
        let mut clients = Vec::new();
        for _ in 0..count {
            let (length, client) = socket.recv_from(&mut buffer).unwrap();
            clients.push(client);
            for other in &forge {
                other.send_to(&answer(&buffer[..length], Ipv4Addr::new(192, 0, 2, 66)), client).unwrap();
            }
            socket.send_to(b"no message", client).unwrap();
            socket.send_to(&answer(&buffer[..length], Ipv4Addr::new(192, 0, 2, 1)), client).unwrap();
        }
        clients
    });
    (address, served)
}

fn parts(reply: Reply) -> (Option<String>, Vec<String>, Option<String>, i32) {
    match reply {
        Reply::Answer { rcode, addresses, from, errno, .. } => (rcode, addresses, from, errno),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_way_brings_the_answer_home() {
    let actor = Actor::start(&[]);
    // Two of the ways send another question before each.
    let (server, served) = serve_udp(3 * (UDP.len() + 2), Vec::new());
    for way in UDP {
        let ask = |name, record| parts(actor.ask(&request(server, name, record, way, LONG)));
        let from = Some(server.to_string());
        let (rcode, addresses, source, errno) = ask("a.good.test", "A");
        assert_eq!(rcode.as_deref(), Some("NOERROR"), "{way:?}");
        assert_eq!((addresses, &source, errno), (vec!["192.0.2.1".to_owned()], &from, 0), "{way:?}");
        assert_eq!(ask("b.good.test.", "AAAA").1, ["::1"], "{way:?}");
        let (rcode, addresses, ..) = ask("evil.test", "A");
        assert_eq!((rcode.as_deref(), addresses), (Some("NXDOMAIN"), vec![]), "{way:?}");
    }
    served.join().unwrap();
}

#[test]
fn an_answer_from_another_address_is_not_an_answer() {
    let actor = Actor::start(&[]);
    let elsewhere = || vec![UdpSocket::bind("127.0.0.2:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap()];
    let (server, served) = serve_udp(UDP.len() + 2, elsewhere());
    for way in UDP {
        let (rcode, addresses, from, _) = parts(actor.ask(&request(server, "a.good.test", "A", way, LONG)));
        assert_eq!(rcode.as_deref(), Some("NOERROR"), "{way:?}");
        assert_eq!(addresses, ["192.0.2.1"], "{way:?}");
        assert_eq!(from, Some(server.to_string()), "{way:?}");
    }
    served.join().unwrap();
}

#[test]
fn without_an_answer_nothing_is_made_up() {
    let actor = Actor::start(&[]);
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let server = silent.local_addr().unwrap();
    let (stopped, other) =
        (TcpListener::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    for way in UDP {
        let reply = thread::scope(|scope| {
            let asked = scope.spawn(|| actor.ask(&request(server, "a.good.test", "A", way, 200)));
            let mut buffer = [0; 1500];
            let (length, client) = silent.recv_from(&mut buffer).unwrap();
            other.send_to(&answer(&buffer[..length], Ipv4Addr::LOCALHOST), client).unwrap();
            asked.join().unwrap()
        });
        assert_eq!(parts(reply), (None, vec![], None, 0), "{way:?}");
    }
    // The kernel accepts the connection, and then nobody says anything.
    let reply = actor.ask(&request(stopped.local_addr().unwrap(), "a.good.test", "A", QuerySocket::Tcp, 200));
    assert_eq!(parts(reply), (None, vec![], None, 0));
}

#[test]
fn a_closed_port_is_the_error_that_the_kernel_reports() {
    let actor = Actor::start(&[]);
    let closed = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for way in [QuerySocket::Connected, QuerySocket::Tcp] {
        let (rcode, _, _, errno) = parts(actor.ask(&request(closed, "a.good.test", "A", way, LONG)));
        assert_eq!((rcode, errno), (None, libc::ECONNREFUSED), "{way:?}");
    }
}

#[test]
fn a_query_goes_over_tcp_and_its_answer_may_come_in_pieces() {
    let actor = Actor::start(&[]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = listener.local_addr().unwrap();
    let served = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_nodelay(true).unwrap();
        let mut length = [0; 2];
        stream.read_exact(&mut length).unwrap();
        let mut query = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut query).unwrap();
        let answer = answer(&query, Ipv4Addr::new(192, 0, 2, 1));
        stream.write_all(&(answer.len() as u16).to_be_bytes()[..1]).unwrap();
        stream.write_all(&(answer.len() as u16).to_be_bytes()[1..]).unwrap();
        for piece in answer.chunks(7) {
            stream.write_all(piece).unwrap();
        }
        // Closed without an answer.
        drop(listener.accept().unwrap());
    });
    let reply = actor.ask(&request(server, "a.good.test", "A", QuerySocket::Tcp, LONG));
    let expected = (Some("NOERROR".to_owned()), vec!["192.0.2.1".to_owned()], Some(server.to_string()), 0);
    assert_eq!(parts(reply), expected);
    let reply = actor.ask(&request(server, "a.good.test", "A", QuerySocket::Tcp, LONG));
    assert_eq!(parts(reply), (None, vec![], None, libc::ECONNRESET));
    served.join().unwrap();
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let actor = Actor::start(&[]);
    let server = SocketAddr::from(([127, 0, 0, 1], 53));
    for (name, record) in [("a..b", "A"), ("a.test", "PHONE")] {
        let reply = actor.ask(&request(server, name, record, QuerySocket::Connected, LONG));
        assert!(
            matches!(&reply, Reply::Failed { error, .. } if error.contains(if record == "A" { name } else { record })),
            "{reply:?}"
        );
    }
}
