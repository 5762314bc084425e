//! What is judged is what the kernel sends: each datagram, however it was cut or put together.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::names::{Resolver, allowing, ask, dns, inside};
use common::{Hub, python, text};
use serde_json::json;

/// Sends of two questions of the same length, and what came back to each: by its id, the code of its answer.
const TWO: &str = "
def answers(s, count=2):
    s.settimeout(3); found = {}
    try:
        while len(found) < count: d = s.recv(512); found[d[1]] = d[3] & 15
    except OSError as e: found[0] = type(e).__name__
    return sorted(found.items())
def udp(): return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def message(one, other):
    a, b = question(one, 1), question(other, 2); assert len(a) == len(b)
    s = udp(); s.sendmsg([a + b], [(17, 103, struct.pack('H', len(a)))], 0, (SERVER, 53)); return answers(s)
def option(one, other):
    a, b = question(one, 1), question(other, 2)
    s = udp(); s.setsockopt(17, 103, len(a)); s.sendto(a + b, (SERVER, 53)); return answers(s)
def connected(one, other):
    a, b = question(one, 1), question(other, 2)
    s = udp(); s.connect((SERVER, 53)); s.setsockopt(17, 103, len(a)); s.send(a + b); return answers(s)
def in_one(one, other):
    a, b = question(one, 1), question(other, 2)
    both = a[:5] + bytes([2]) + a[6:] + b[12:]
    s = udp(); s.sendto(both, (SERVER, 53)); return answers(s, 1)
def trailing(one, other):
    s = udp(); s.sendto(question(one, 1) + question(other, 2), (SERVER, 53)); return answers(s, 1)
def refused(send):
    try: return send()
    except OSError as e: return type(e).__name__
def more(one, other):
    s, q = udp(), question(one, 1)
    return refused(lambda: (s.sendto(q[:20], socket.MSG_MORE, (SERVER, 53)), s.sendto(q[20:], (SERVER, 53)), answers(s, 1))[-1])
def corked(one, other):
    s, q = udp(), question(one, 1); s.setsockopt(17, 1, 1)
    return refused(lambda: (s.sendto(q, (SERVER, 53)), s.setsockopt(17, 1, 0), answers(s, 1))[-1])
def connected_and_corked(one, other):
    s, q = udp(), question(one, 1); s.connect((SERVER, 53)); s.setsockopt(17, 1, 1)
    s.send(q[:20]); s.send(q[20:]); s.setsockopt(17, 1, 0); return answers(s, 1)
";

fn two(hub: &Hub, way: &str, one: &str, other: &str) -> String {
    ask(hub, &format!("exec({TWO:?}, globals()) or {way}({one:?}, {other:?})"))
}

fn domains(hub: &Hub) -> Vec<String> {
    hub.audits().iter().map(|audit| audit.domain.clone().unwrap_or_else(|| "-".to_owned())).collect()
}

#[test]
fn each_datagram_of_a_segmented_send_is_a_question() {
    if !inside("each_datagram_of_a_segmented_send_is_a_question") {
        return;
    }
    let resolver = Resolver::start();
    for way in ["message", "option", "connected"] {
        let hub = allowing();
        assert_eq!(two(&hub, way, "aa.example.com", "bb.example.com"), "[(1, 0), (2, 0)]", "{way}");
        assert!(hub.audits().is_empty(), "{way}");
        assert_eq!(two(&hub, way, "cc.example.com", "evil.test.here"), "[(1, 0), (2, 3)]", "{way}");
        assert_eq!(two(&hub, way, "evil.test.here", "dd.example.com"), "[(1, 3), (2, 0)]", "{way}");
        assert_eq!(domains(&hub), ["evil.test.here"; 2], "{way}");
        assert_eq!(
            resolver.asked(),
            ["aa", "bb", "cc", "dd"].map(|one| format!("{one}.example.com")),
            "{way}"
        );
        resolver.forget();
    }
}

#[test]
fn every_question_of_a_message_is_judged_and_told_of() {
    if !inside("every_question_of_a_message_is_judged_and_told_of") {
        return;
    }
    let (resolver, hub) = (Resolver::start(), allowing());
    assert_eq!(two(&hub, "in_one", "aa.example.com", "evil.test"), "[(1, 3)]");
    assert_eq!(two(&hub, "in_one", "evil.test", "worse.test"), "[(1, 3)]");
    assert_eq!(domains(&hub), ["evil.test", "evil.test", "worse.test"]);
    assert!(resolver.asked().is_empty());
    assert_eq!(
        two(&hub, "trailing", "aa.example.com", "evil.test"),
        "[(1, 0)]",
        "a server reads one message"
    );
    assert_eq!(resolver.asked(), ["aa.example.com"]);
}

#[test]
fn a_datagram_of_several_sends_is_refused_or_judged_whole() {
    if !inside("a_datagram_of_several_sends_is_refused_or_judged_whole") {
        return;
    }
    let (resolver, hub) = (Resolver::start(), allowing());
    for (way, audits) in [("more", 1), ("corked", 2)] {
        assert_eq!(two(&hub, way, "aa.example.com", ""), "PermissionError", "{way}");
        assert_eq!(domains(&hub), vec!["-"; audits], "{way}");
    }
    assert!(hub.audits()[0].msg.contains("without a readable question"), "{:?}", hub.audits());
    assert!(resolver.asked().is_empty());
    assert_eq!(two(&hub, "connected_and_corked", "aa.example.com", ""), "[(1, 0)]");
    assert_eq!(two(&hub, "connected_and_corked", "evil.test", ""), "[(1, 3)]");
    assert_eq!(resolver.asked(), ["aa.example.com"]);
    assert_eq!(domains(&hub), ["-", "-", "evil.test"]);
    // An alert lets pass what it cannot read, and tells of it.
    let hub = Hub::start(dns(json!({"effect": "alert", "blacklist": ["evil.test"]})));
    assert_eq!(two(&hub, "more", "bb.example.com", ""), "[(1, 0)]");
    assert_eq!(resolver.asked(), ["aa.example.com", "bb.example.com"]);
    assert_eq!(domains(&hub), ["-"; 2], "neither part can be read");
}

/// As a program of QUIC gets it, whatever the policy says of names.
#[test]
fn segments_to_other_ports_are_as_the_kernel_makes_them() {
    if !inside("segments_to_other_ports_are_as_the_kernel_makes_them") {
        return;
    }
    let hub = allowing();
    let code = "
import socket, struct
r = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); r.bind(('127.0.0.1', 0)); r.settimeout(3)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendmsg([b'x' * 100 + b'y' * 60], [(17, 103, struct.pack('H', 100))], 0, r.getsockname()); print([len(r.recv(512)) for _ in range(2)])
s.setsockopt(17, 103, 50); s.sendto(b'x' * 120, r.getsockname()); print([len(r.recv(512)) for _ in range(3)])
s.setsockopt(17, 103, 0); s.sendto(b'x' * 3, socket.MSG_MORE, r.getsockname()); s.sendto(b'y' * 4, r.getsockname()); print(len(r.recv(512)))
";
    assert_eq!(text(&hub.run(&[&python(), "-c", code]).stdout), "[100, 60]\n[50, 50, 20]\n7\n");
}
