//! DNS policy, enforced by the built wrapper on real resolvers, in a network namespace of their own.
//!
//! Each test runs itself again under `unshare`: nothing reaches the host's network, and its `resolv.conf` is only
//! covered in a mount namespace.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::names::{CLIENT, Resolver, SERVER, allowing, ask, dns, inside};
use common::{Hub, python, text};
use proofhouse_protocol::RuleEffect;
use proofhouse_protocol::audit::RuntimeAuditType;
use serde_json::{Value, json};
use std::net::UdpSocket;
use std::process::Command;

#[test]
fn getaddrinfo_fails_with_one_audit_and_the_server_never_hears_of_it() {
    if !inside("getaddrinfo_fails_with_one_audit_and_the_server_never_hears_of_it") {
        return;
    }
    let (resolver, hub) = (Resolver::start(), allowing());
    assert_eq!(ask(&hub, "gai('api.example.com')"), "['192.0.2.1']");
    assert!(hub.audits().is_empty());
    assert_eq!(ask(&hub, "gai('evil.test')"), "none");
    assert_eq!(resolver.asked(), ["api.example.com"]);
    let audits = hub.audits();
    assert_eq!(audits.len(), 1, "{audits:?}");
    let audit = &audits[0];
    assert_eq!((audit.kind, audit.effect), (RuntimeAuditType::Network, RuleEffect::Prevent));
    assert_eq!(audit.attack_type, "explicitlyDeniedDNS");
    assert_eq!(audit.domain.as_deref(), Some("evil.test"));
    assert_eq!(audit.process_path, Some(python()));
    assert_eq!(audit.rule_name, "names");
    assert_eq!(audit.attack_techniques, None);
    assert!(audit.msg.starts_with("DNS resolution of domain name evil.test triggered by /"));
    // Another process looks it up for itself; the same one twice is two lookups.
    assert_eq!(ask(&hub, "gai('evil.test'), gai('EVIL.test.')"), "none none");
    assert_eq!(hub.audits().len(), 3);
}

#[test]
fn every_way_to_ask_is_governed() {
    if !inside("every_way_to_ask_is_governed") {
        return;
    }
    let (resolver, hub) = (Resolver::start(), allowing());
    let ways = [
        "unconnected(NAME)",
        "unconnected(NAME, message=True)",
        "unconnected(NAME, socket.AF_INET6, '::ffff:10.9.9.2')",
        "connected(NAME)",
        "connected(NAME, socket.AF_INET6, '::ffff:10.9.9.2')",
        "connected(NAME, socket.AF_INET6, 'fd00::2')",
        "tcp(NAME)",
        "tcp(NAME, socket.AF_INET6, 'fd00::2')",
        "blocking_tcp(NAME)",
    ];
    for (index, way) in ways.iter().enumerate() {
        let with = |name: &str| way.replace("NAME", &format!("'{name}'"));
        assert_eq!(ask(&hub, &with(&format!("w{index}.example.com"))), "192.0.2.1", "{way}");
        assert_eq!(hub.audits().len(), index, "{way}");
        assert_eq!(ask(&hub, &with(&format!("w{index}.test"))), "rcode 3", "{way}");
        assert_eq!(hub.audits().len(), index + 1, "{way}: {:?}", hub.audits());
    }
    let expected: Vec<_> = (0..ways.len()).map(|index| format!("w{index}.example.com")).collect();
    assert_eq!(resolver.asked(), expected);
}

/// A wrapper that is not root may not speak for a server; the sidecar does it.
#[test]
fn without_privileges_the_hub_answers() {
    if !inside("without_privileges_the_hub_answers") {
        return;
    }
    let (resolver, hub) = (Resolver::start(), allowing());
    let mut bare = Command::new("setpriv");
    bare.arg("--bounding-set=-net_raw,-net_admin");
    let wrapper = hub.command(&[&python(), "-c", &format!("{CLIENT}\nprint(unconnected('evil.test'))")]);
    bare.arg(wrapper.get_program()).args(wrapper.get_args()).current_dir(hub.folder.path());
    let output = bare.output().unwrap();
    assert_eq!(text(&output.stdout), "rcode 3\n", "{}", text(&output.stderr));
    assert!(resolver.asked().is_empty());
    hub.wait_for(|message| matches!(message, proofhouse_defender::hub::ToSidecar::Answer { .. }));
}

#[test]
fn an_alert_answers_and_tells_once() {
    if !inside("an_alert_answers_and_tells_once") {
        return;
    }
    let resolver = Resolver::start();
    let hub = Hub::start(dns(json!({"effect": "alert", "blacklist": ["evil.test"]})));
    assert_eq!(ask(&hub, "gai('evil.test')"), "['192.0.2.1']");
    assert_eq!(ask(&hub, "unconnected('evil.test')"), "192.0.2.1");
    assert_eq!(resolver.asked(), ["evil.test"]);
    let effects: Vec<_> = hub.audits().iter().map(|audit| audit.effect).collect();
    assert_eq!(effects, [RuleEffect::Alert, RuleEffect::Alert]);
}

#[test]
fn without_a_rule_nothing_changes_and_a_dead_server_is_no_audit() {
    if !inside("without_a_rule_nothing_changes_and_a_dead_server_is_no_audit") {
        return;
    }
    let hub = allowing();
    assert_eq!(ask(&hub, "gai('api.example.com')"), "none", "nobody listens");
    assert!(hub.audits().is_empty(), "the search list is the resolver's, not the app's: {:?}", hub.audits());
    Resolver::start();
    let hub = Hub::start(Value::Null);
    for way in ["unconnected('evil.test')", "connected('evil.test')", "tcp('evil.test')"] {
        assert_eq!(ask(&hub, way), "192.0.2.1");
    }
    assert!(hub.audits().is_empty());
}

#[test]
fn what_is_no_question_goes_nowhere_under_prevent() {
    if !inside("what_is_no_question_goes_nowhere_under_prevent") {
        return;
    }
    let hub = allowing();
    let socket = UdpSocket::bind((SERVER, 53)).unwrap();
    socket.set_nonblocking(true).unwrap();
    let code = "
s = socket.socket(type=socket.SOCK_DGRAM)
try: s.sendto(b'smuggled', (SERVER, 53)); print('sent')
except PermissionError: print('refused')
s.connect((SERVER, 53)); s.send(b'smuggled'); s.send(b'another')
";
    let output = hub.run(&[&python(), "-c", &format!("{CLIENT}{code}")]);
    assert_eq!(text(&output.stdout), "refused\n", "{}", text(&output.stderr));
    assert_eq!(socket.recv(&mut [0; 16]).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    let audits = hub.audits();
    assert_eq!(audits.len(), 2, "the same bytes are one attempt: {audits:?}");
    assert!(audits.iter().all(|audit| audit.domain.is_none() && audit.attack_type == "explicitlyDeniedDNS"));
}

/// Sockets that have nothing to do with DNS must not notice that someone stands between them and the kernel.
#[test]
fn other_sockets_work_as_ever() {
    if !inside("other_sockets_work_as_ever") {
        return;
    }
    let hub = allowing();
    let code = "
import errno, select, socket, threading
server = socket.create_server(('127.0.0.1', 8080), backlog=64)
def serve():
    while True:
        s, _ = server.accept(); s.sendall(b'hello'); s.close()
threading.Thread(target=serve, daemon=True).start()
s = socket.create_connection(('127.0.0.1', 8080)); assert s.recv(9) == b'hello'; assert s.getpeername() == ('127.0.0.1', 8080)
s = socket.socket(); s.setblocking(False); assert s.connect_ex(('127.0.0.1', 8080)) == errno.EINPROGRESS
select.select([], [s], [], 5); assert s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
s = socket.socket(); assert s.connect_ex(('127.0.0.1', 8081)) == errno.ECONNREFUSED
s = socket.socket(); assert s.connect_ex(('192.0.2.9', 80)) == errno.ENETUNREACH
a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); a.bind(('127.0.0.1', 0)); b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
assert b.sendto(b'x' * 60000, a.getsockname()) == 60000 and len(a.recv(65535)) == 60000
try: b.sendto(b'x' * 66000, a.getsockname()); assert False
except OSError as e: assert e.errno == errno.EMSGSIZE
assert b.sendmsg([b'one', b'two'], [(socket.SOL_IP, socket.IP_TTL, (5).to_bytes(4, 'little'))], 0, a.getsockname()) == 6 and a.recv(9) == b'onetwo'
b.connect(a.getsockname()); assert b.sendmsg([b'three']) == 5 and a.recv(9) == b'three'
c, d = socket.socketpair(); assert c.sendmsg([b'four']) == 4 and d.recv(9) == b'four'
u = socket.socket(socket.AF_UNIX); u.bind('u'); u.listen(); v = socket.socket(socket.AF_UNIX); v.connect('u')
try: s = socket.socket(); s.sendto(b'x', 0x20000000, ('127.0.0.1', 8080)); assert False
except OSError as e: assert e.errno == errno.EOPNOTSUPP
done = []
def load():
    for _ in range(50):
        s = socket.create_connection(('127.0.0.1', 8080)); assert s.recv(9) == b'hello'; done.append(1)
threads = [threading.Thread(target=load) for _ in range(4)]
[t.start() for t in threads]; [t.join() for t in threads]
print(len(done))
";
    let output = hub.run(&[&python(), "-c", code]);
    assert_eq!(text(&output.stdout), "200\n", "{}", text(&output.stderr));
    assert!(hub.audits().is_empty());
}

#[test]
fn an_interrupted_connect_is_interrupted() {
    if !inside("an_interrupted_connect_is_interrupted") {
        return;
    }
    let hub = Hub::start(Value::Null);
    // A full backlog makes a connect wait; the alarm must end it.
    let code = "
import signal, socket
class Alarm(Exception): pass
def ring(*_): raise Alarm
signal.signal(signal.SIGALRM, ring)
server = socket.socket(); server.bind(('127.0.0.1', 0)); server.listen(0)
held = []
signal.setitimer(signal.ITIMER_REAL, 0.3)
try:
    while True: s = socket.socket(); held.append(s); s.connect(server.getsockname())
except Alarm: print('rang')
";
    let output = hub.run(&[&python(), "-c", code]);
    assert_eq!(text(&output.stdout), "rang\n", "{}", text(&output.stderr));
}
