//! A resolver in namespaces of a test, and programs that ask it in every way.

use super::{Hub, in_namespaces, python, text};
use hickory_proto::op::Message;
use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{RData, Record, RecordType};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

/// The resolver of the namespace.
pub const SERVER: &str = "10.9.9.2";

/// Runs the body of a test in fresh namespaces; says whether this is the run inside.
pub fn inside(test: &str) -> bool {
    let inside = in_namespaces(test);
    if inside {
        prepare();
    }
    inside
}

fn prepare() {
    let conf = std::env::temp_dir().join(format!("resolv.{}", std::process::id()));
    std::fs::write(&conf, format!("nameserver {SERVER}\nsearch corp.example\n")).unwrap();
    let commands = format!(
        "mount --make-rprivate / && mount --bind {} /etc/resolv.conf && ip link set lo up && \
         ip addr add {SERVER}/32 dev lo && ip addr add fd00::2/128 dev lo nodad",
        conf.display()
    );
    assert!(Command::new("sh").args(["-ec", &commands]).status().unwrap().success());
    std::fs::remove_file(conf).unwrap();
}

/// Answers every question for an A record with 192.0.2.1, and remembers the names.
#[derive(Clone, Default)]
pub struct Resolver(Arc<Mutex<Vec<String>>>);

impl Resolver {
    /// Listens.
    pub fn start() -> Self {
        let resolver = Self::default();
        let udp = UdpSocket::bind(("::", 53)).unwrap();
        let tcp = TcpListener::bind(("::", 53)).unwrap();
        let own = resolver.clone();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            loop {
                let (length, client) = udp.recv_from(&mut buffer).unwrap();
                udp.send_to(&own.answer(&buffer[..length]), client).unwrap();
            }
        });
        let own = resolver.clone();
        thread::spawn(move || {
            for stream in tcp.incoming() {
                let (own, mut stream) = (own.clone(), stream.unwrap());
                thread::spawn(move || {
                    let mut length = [0; 2];
                    while stream.read_exact(&mut length).is_ok() {
                        let mut question = vec![0; u16::from_be_bytes(length).into()];
                        stream.read_exact(&mut question).unwrap();
                        let answer = own.answer(&question);
                        stream.write_all(&(answer.len() as u16).to_be_bytes()).unwrap();
                        stream.write_all(&answer).unwrap();
                    }
                });
            }
        });
        resolver
    }

    fn answer(&self, question: &[u8]) -> Vec<u8> {
        let question = Message::from_vec(question).unwrap();
        let mut answer = Message::response(question.metadata.id, question.metadata.op_code);
        answer.metadata.recursion_available = true;
        for query in &question.queries {
            self.0.lock().unwrap().push(query.name().to_ascii().trim_end_matches('.').to_owned());
            answer.add_query(query.clone());
            if query.query_type() == RecordType::A {
                let address = RData::A(A(Ipv4Addr::new(192, 0, 2, 1)));
                answer.add_answer(Record::from_rdata(query.name().clone(), 60, address));
            }
        }
        answer.to_vec().unwrap()
    }

    /// Begins anew.
    pub fn forget(&self) {
        self.0.lock().unwrap().clear();
    }

    /// The names that were asked for, each once, sorted.
    pub fn asked(&self) -> Vec<String> {
        let mut names = self.0.lock().unwrap().clone();
        names.sort();
        names.dedup();
        names
    }
}

/// Functions for the programs below: each asks in another way, and prints what came.
pub const CLIENT: &str = "
import socket, struct, sys, time
SERVER = '10.9.9.2'
def gai(name):
    try: return sorted({a[4][0] for a in socket.getaddrinfo(name, 80)})
    except socket.gaierror as e: return 'none'
def question(name, id):
    labels = b''.join(bytes([len(l)]) + l.encode() for l in name.split('.'))
    return struct.pack('>HHHHHH', id, 0x100, 1, 0, 0, 0) + labels + b'\\0' + struct.pack('>HH', 1, 1)
def read(answer): return '192.0.2.1' if answer[3] & 15 == 0 and answer.endswith(bytes([192, 0, 2, 1])) else 'rcode %d' % (answer[3] & 15)
def unconnected(name, family=socket.AF_INET, server=SERVER, message=False):
    s = socket.socket(family, socket.SOCK_DGRAM); s.settimeout(5)
    if message: s.sendmsg([question(name, 5)[:7], question(name, 5)[7:]], [], 0, (server, 53))
    else: s.sendto(question(name, 5), (server, 53))
    answer, sender = s.recvfrom(512)
    assert sender[:2] == (server, 53), sender
    return read(answer)
def connected(name, family=socket.AF_INET, server=SERVER):
    s = socket.socket(family, socket.SOCK_DGRAM); s.settimeout(5); s.connect((server, 53)); s.send(question(name, 6))
    return read(s.recv(512))
def tcp(name, family=socket.AF_INET, server=SERVER):
    s = socket.socket(family, socket.SOCK_STREAM); s.settimeout(5); s.connect((server, 53))
    return stream(s, name)
def blocking_tcp(name):
    s = socket.socket(); s.connect((SERVER, 53)); return stream(s, name)
def stream(s, name):
    q = question(name, 7); s.sendall(struct.pack('>H', len(q)) + q)
    length, = struct.unpack('>H', s.recv(2)); return read(s.recv(length))
";

/// What a wrapped program prints.
pub fn ask(hub: &Hub, expression: &str) -> String {
    let output = hub.run(&[&python(), "-c", &format!("{CLIENT}\nprint({expression})")]);
    let answer = text(&output.stdout).trim().to_owned();
    assert!(output.status.success(), "{expression}: {}", text(&output.stderr));
    answer
}

/// A rule with a DNS section.
pub fn dns(section: Value) -> Value {
    json!({"name": "names", "dns": section})
}

/// A wrapper's hub whose rule allows `*.example.com`.
pub fn allowing() -> Hub {
    Hub::start(dns(json!({"effect": "prevent", "whitelist": ["*.example.com"]})))
}
