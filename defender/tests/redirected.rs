//! A socket that leads to a DNS server is, for its owner, one that leads there, whoever is asked instead.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::names::{CLIENT, Resolver, allowing, ask, dns, inside};
use common::{Hub, finish, processes, python, text};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

/// A way out, on which nobody is.
fn way_out() {
    let commands = "ip link add near type veth peer name far && ip link set near up && ip link set far up && \
                    ip addr add 10.8.0.1/24 dev near && ip route add default via 10.8.0.2 && \
                    ip -6 addr add fd08::1/64 dev near nodad && ip -6 route add default via fd08::2";
    assert!(Command::new("sh").args(["-ec", commands]).status().unwrap().success());
}

/// What a program prints, bare and under a rule.
fn compare(rule: Value, program: &str) -> String {
    let program = format!("{CLIENT}\n{program}");
    let hub = Hub::start(rule);
    let wrapped = hub.run(&[&*python(), "-c", &program]);
    let bare = Command::new(python()).args(["-c", &program]).stdout(Stdio::piped()).spawn().unwrap();
    let (bare, wrapped) = (text(&finish(bare).stdout), text(&wrapped.stdout) + &text(&wrapped.stderr));
    assert_eq!(wrapped, bare);
    bare
}

fn rules() -> [Value; 2] {
    let names = dns(json!({"effect": "prevent", "whitelist": ["*.example.com"]}));
    [processes(json!({"effect": "prevent", "blacklist": ["mkdir"]})), names]
}

/// The usual way to find out which address of one's own is used: connect, send nothing, look.
#[test]
fn own_address_and_peer_are_those_of_the_way_to_the_server() {
    if !inside("own_address_and_peer_are_those_of_the_way_to_the_server") {
        return;
    }
    way_out();
    let program = "
def look(family, to, source=None):
    s = socket.socket(family, socket.SOCK_DGRAM)
    if source: s.bind(source)
    s.connect(to); return s.getsockname()[0], s.getpeername()
four, six = socket.AF_INET, socket.AF_INET6
for to in ('8.8.8.8', 53), ('8.8.8.8', 80), ('1.1.1.1', 53), ('10.9.9.2', 53): print(look(four, to))
for to in ('2001:db8::8', 53), ('::ffff:8.8.8.8', 53), ('fd00::2', 53): print(look(six, to))
print(look(four, ('8.8.8.8', 53), ('10.8.0.1', 0)))
s = socket.socket(four, socket.SOCK_DGRAM); s.bind(('0.0.0.0', 4096)); s.connect(('8.8.8.8', 53)); print(s.getsockname())
s.connect(('10.8.0.9', 99)); print(s.getsockname(), s.getpeername())
s.connect(('8.8.4.4', 53)); print(s.getsockname(), s.getpeername())
import ctypes
room = ctypes.create_string_buffer(b'.' * 16); size = ctypes.c_int(6)
print(ctypes.CDLL(None).getpeername(s.fileno(), room, ctypes.byref(size)), size.value, room.raw)
size = ctypes.c_int(-1); c = ctypes.CDLL(None, use_errno=True); print(c.getpeername(s.fileno(), room, ctypes.byref(size)), ctypes.get_errno())
";
    for rule in rules() {
        let said = compare(rule, program);
        assert!(said.starts_with("('10.8.0.1', ('8.8.8.8', 53))\n"), "{said}");
        assert!(!said.contains("127.0.0.1"), "{said}");
    }
}

#[test]
fn a_server_that_nothing_leads_to_is_not_reached() {
    if !inside("a_server_that_nothing_leads_to_is_not_reached") {
        return;
    }
    for rule in rules() {
        let said = compare(rule, "print(socket.socket(type=socket.SOCK_DGRAM).connect_ex(('8.8.8.8', 53)))");
        assert_eq!(said, "101\n");
    }
}

#[test]
fn a_socket_of_one_device_stays_of_that_device() {
    if !inside("a_socket_of_one_device_stays_of_that_device") {
        return;
    }
    way_out();
    let _resolver = Resolver::start();
    let program = "
def device(s): return s.getsockopt(socket.SOL_SOCKET, 25, 16), s.getsockopt(socket.SOL_SOCKET, 62) == socket.if_nametoindex('near')
s = socket.socket(type=socket.SOCK_DGRAM); s.setsockopt(socket.SOL_SOCKET, 25, b'near'); s.connect(('8.8.8.8', 53))
print(device(s), s.getsockname()[0])
s.connect(('10.8.0.9', 99)); print(device(s), s.getsockname()[0])
s = socket.socket(type=socket.SOCK_DGRAM); s.setsockopt(socket.SOL_SOCKET, 25, b'lo'); s.connect((SERVER, 53)); s.settimeout(5)
s.send(question('api.example.com', 9)); print(device(s), read(s.recv(512)))
";
    for rule in rules() {
        let said = compare(rule, program);
        assert!(
            said.starts_with("(b'near\\x00', True) 10.8.0.1\n") && said.ends_with("192.0.2.1\n"),
            "{said}"
        );
    }
}

/// As c-ares does, which takes nothing from anyone but whom it asked.
#[test]
fn an_answer_comes_from_whom_was_asked() {
    if !inside("an_answer_comes_from_whom_was_asked") {
        return;
    }
    let (resolver, hub) = (Resolver::start(), allowing());
    let program = "
import select
def connected_from(name, wait, family=socket.AF_INET, server=SERVER):
    s = socket.socket(family, socket.SOCK_DGRAM); s.connect((server, 53)); s.send(question(name, 6))
    if wait == 'poll': s.setblocking(False); select.select([s], [], [], 5)
    if wait == 'limit': s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('ll', 5, 0))
    peeked, sender = s.recvfrom(20, socket.MSG_PEEK); assert len(peeked) == 20 and sender[:2] == (server, 53), sender
    answer, sender = s.recvfrom(512); assert sender[:2] == (server, 53), sender
    try: s.recvfrom(512, socket.MSG_DONTWAIT); assert False
    except BlockingIOError: pass
    return read(answer)
";
    for wait in ["poll", "limit", "block"] {
        for more in ["", ", socket.AF_INET6, 'fd00::2'", ", socket.AF_INET6, '::ffff:10.9.9.2'"] {
            let one = |name: &str| {
                ask(
                    &hub,
                    &format!("exec({program:?}, globals()) or connected_from('{name}', '{wait}'{more})"),
                )
            };
            assert_eq!(one("api.example.com"), "192.0.2.1", "{wait}{more}");
            assert_eq!(one("evil.test"), "rcode 3", "{wait}{more}");
        }
    }
    assert_eq!(resolver.asked(), ["api.example.com"]);
}

#[test]
fn who_waits_for_an_answer_can_be_interrupted_and_has_a_limit() {
    if !inside("who_waits_for_an_answer_can_be_interrupted_and_has_a_limit") {
        return;
    }
    let silent = std::net::UdpSocket::bind((common::names::SERVER, 53)).unwrap();
    let program = "
import errno, signal
class Alarm(Exception): pass
def ring(*_): raise Alarm
signal.signal(signal.SIGALRM, ring)
s = socket.socket(type=socket.SOCK_DGRAM); s.connect((SERVER, 53)); s.send(question('api.example.com', 1))
signal.setitimer(signal.ITIMER_REAL, 0.2)
began = time.monotonic()
try: s.recvfrom(512)
except Alarm: print('rang', time.monotonic() - began < 2)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('ll', 0, 100000))
try: s.recvfrom(512)
except OSError as e: print(errno.errorcode[e.errno])
";
    for rule in rules() {
        assert_eq!(compare(rule, program), "rang True\nEAGAIN\n");
    }
    drop(silent);
}

#[test]
fn a_socket_that_leads_to_a_server_still_reaches_others() {
    if !inside("a_socket_that_leads_to_a_server_still_reaches_others") {
        return;
    }
    way_out();
    let program = "
other = socket.socket(type=socket.SOCK_DGRAM); other.bind(('10.8.0.1', 0)); other.settimeout(3)
s = socket.socket(type=socket.SOCK_DGRAM); s.connect(('8.8.8.8', 53)); s.sendto(b'hello', other.getsockname())
data, sender = other.recvfrom(9); print(data, sender[0], sender[1] == s.getsockname()[1])
";
    for rule in rules() {
        assert_eq!(compare(rule, program), "b'hello' 10.8.0.1 True\n");
    }
}

/// Sockets live longer than policies.
#[test]
fn a_rule_that_comes_later_governs_the_sockets_that_are_there() {
    if !inside("a_rule_that_comes_later_governs_the_sockets_that_are_there") {
        return;
    }
    let resolver = Resolver::start();
    let hub = Hub::start(Value::Null);
    let program = format!(
        "{CLIENT}
u = socket.socket(type=socket.SOCK_DGRAM); u.settimeout(5); u.connect((SERVER, 53))
t = socket.create_connection((SERVER, 53))
def udp(name): u.send(question(name, 1)); return read(u.recv(512))
def over(name):
    try: return stream(t, name)
    except (OSError, struct.error): return 'ended'
print(udp('before.test'), over('before.test'), flush=True)
sys.stdin.readline()
print(udp('evil.test'), udp('api.example.com'), u.getpeername(), over('evil.test'), tcp('evil.test'), flush=True)
"
    );
    let mut command = hub.command(&[&*python(), "-c", &program]);
    let mut app = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(app.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.next().unwrap(), "192.0.2.1 192.0.2.1");
    hub.replace(dns(json!({"effect": "prevent", "whitelist": ["*.example.com"]})));
    writeln!(app.stdin.as_mut().unwrap()).unwrap();
    assert_eq!(lines.next().unwrap(), "rcode 3 192.0.2.1 ('10.9.9.2', 53) ended rcode 3");
    assert!(finish(app).status.success());
    assert_eq!(resolver.asked(), ["api.example.com", "before.test"]);
}
