//! Addresses and ports of a rule, by every call with which a program can reach one or listen.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::names::inside;
use common::{Hub, python, text};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::Command;

/// Puts addresses of the internet, of the link and of a private network on this namespace, where nobody else has them.
fn prepare() {
    let commands = "for one in 198.51.100.66 198.51.100.80 203.0.113.7 10.7.7.7; do ip addr add $one/32 dev lo; done && \
                    ip addr add 2001:db8::66/128 dev lo nodad && ip addr add 2001:db8::80/128 dev lo nodad";
    assert!(Command::new("sh").args(["-ec", commands]).status().unwrap().success());
}

/// Functions for the programs below: each tells the name of the error, or `fine`, and whether anything came to the peer.
const PEERS: &str = "
import ctypes, errno, os, select, socket, struct, sys
c = ctypes.CDLL(None, use_errno=True)
def name(number): return 'fine' if number >= 0 else errno.errorcode[ctypes.get_errno()]
def raw(host, port):
    if ':' in host: return struct.pack('=HHI16sI', socket.AF_INET6, socket.htons(port), 0, socket.inet_pton(socket.AF_INET6, host), 0)
    return struct.pack('=HH4s8x', socket.AF_INET, socket.htons(port), socket.inet_aton(host))
def family(host): return socket.AF_INET6 if ':' in host else socket.AF_INET
def stream(host, port, way='connect'):
    peer = socket.socket(socket.AF_INET6); peer.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    peer.bind(('::', port)); os_listen(peer)
    one = socket.socket(family(host))
    if way == 'nonblocking': one.setblocking(False)
    if way == 'deferred': one.setsockopt(socket.IPPROTO_TCP, 30, 1)
    if way == 'multipath': one = socket.socket(family(host), socket.SOCK_STREAM, 262)
    to = raw(host, port)
    said = name(c.connect(one.fileno(), to, len(to)))
    if way == 'deferred' and said == 'fine': said = name(c.send(one.fileno(), b'x', 1, 0x4000))
    came = bool(select.select([peer], [], [], 0.2 if said == 'EPERM' else 5)[0])
    return ('fine' if said == 'EINPROGRESS' else said), came
def os_listen(peer):
    # Its own listener is not what a test is about.
    peer.listen(8)
def datagram(host, port, way):
    peer = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); peer.bind(('::', port))
    one = socket.socket(family(host), socket.SOCK_DGRAM)
    to, data = raw(host, port), ctypes.create_string_buffer(b'hello', 5)
    address = ctypes.create_string_buffer(to, len(to))
    part = ctypes.create_string_buffer(struct.pack('=QQ', ctypes.addressof(data), 5), 16)
    head = struct.pack('=QIxxxxQQQQixxxx', ctypes.addressof(address), len(to), ctypes.addressof(part), 1, 0, 0, 0)
    if way == 'connect':
        said = name(c.connect(one.fileno(), to, len(to)))
        if said == 'fine': said = name(c.send(one.fileno(), data, 5, 0))
    if way == 'sendto': said = name(c.sendto(one.fileno(), data, 5, 0, to, len(to)))
    if way == 'sendmsg': said = name(c.sendmsg(one.fileno(), ctypes.create_string_buffer(head, 56), 0))
    if way == 'sendmmsg': said = name(c.sendmmsg(one.fileno(), ctypes.create_string_buffer(head + bytes(8), 64), 1, 0))
    return said, bool(select.select([peer], [], [], 0.2 if said == 'EPERM' else 5)[0])
def listener(port, host='0.0.0.0', way='listen'):
    one = socket.socket(family(host), socket.SOCK_DGRAM if way == 'datagrams' else socket.SOCK_STREAM)
    address = raw(host, port)
    said = name(c.bind(one.fileno(), address, len(address)))
    return said if way == 'datagrams' or said != 'fine' else name(c.listen(one.fileno(), 8))
";

/// What a wrapped program prints, line by line.
fn ask(hub: &Hub, program: &str) -> Vec<String> {
    let output = hub.run(&[&python(), "-c", &format!("{PEERS}\n{program}")]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout).lines().map(str::to_owned).collect()
}

fn network(section: Value) -> Value {
    json!({"name": "net", "network": section})
}

/// Attack type, address and port of each audit, sorted; equal ones once, since a slow machine takes longer than what counts as one attempt.
fn told(hub: &Hub) -> Vec<(String, Option<String>, Option<u16>)> {
    let audits = hub.audits();
    let all = audits.iter().map(|audit| (audit.attack_type.clone(), audit.ip.clone(), audit.port));
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

const WAYS: &str = "
for host in '198.51.100.66', '2001:db8::66', '::ffff:198.51.100.66':
    for way in 'connect', 'nonblocking', 'deferred', 'multipath': print(*stream(host, 8081, way))
    for way in 'connect', 'sendto', 'sendmsg', 'sendmmsg': print(*datagram(host, 8082, way))
";

#[test]
fn a_denied_address_is_reached_by_no_call_and_told_of() {
    if !inside("a_denied_address_is_reached_by_no_call_and_told_of") {
        return;
    }
    prepare();
    let lists = json!(["198.51.100.66", "2001:db8::66/127"]);
    let hub = Hub::start(network(json!({"effect": "prevent", "blacklistIPs": lists.clone()})));
    assert_eq!(ask(&hub, WAYS), ["EPERM False"; 24]);
    let denied = |ip: &str, port| ("explicitlyDeniedIP".to_owned(), Some(ip.to_owned()), Some(port));
    let all = [
        denied("198.51.100.66", 8081),
        denied("198.51.100.66", 8082),
        denied("2001:db8::66", 8081),
        denied("2001:db8::66", 8082),
    ];
    assert_eq!(told(&hub), all, "a mapped address is the address");
    let first = &hub.audits()[0];
    assert_eq!((first.effect.to_string(), first.rule_name.as_str()), ("prevent".to_owned(), "net"));
    assert!(
        first.msg.ends_with("to IP 198.51.100.66 is explicitly denied by a runtime rule"),
        "{}",
        first.msg
    );

    let alert = Hub::start(network(json!({"effect": "alert", "blacklistIPs": lists})));
    assert_eq!(ask(&alert, WAYS), ["fine True"; 24]);
    assert_eq!(told(&alert), all);
}

#[test]
fn what_is_allowed_is_reached_and_loopback_is_nobodys_business() {
    if !inside("what_is_allowed_is_reached_and_loopback_is_nobodys_business") {
        return;
    }
    prepare();
    let section = json!({"effect": "prevent", "whitelistIPs": ["198.51.100.80", "2001:db8::80"],
        "whitelistOutboundPorts": [{"start": 8080, "end": 8082}]});
    let hub = Hub::start(network(section));
    let program = "
for host in '198.51.100.80', '127.0.0.1', '127.9.9.9', '::1', '2001:db8::80': print(*stream(host, 8080), *datagram(host, 8082, 'sendto'))
print(*stream('127.0.0.1', 9), *stream('::ffff:127.0.0.1', 9), *datagram('127.0.0.1', 9, 'connect'))
one = socket.socket(type=socket.SOCK_DGRAM); one.connect(('203.0.113.7', 0))
print(socket.getaddrinfo('203.0.113.7', None)[0][4])
";
    let mut expected = vec!["fine True fine True"; 5];
    expected.extend(["fine True fine True fine True", "('203.0.113.7', 0)"]);
    assert_eq!(ask(&hub, program), expected);
    assert!(hub.audits().is_empty(), "{:?}", told(&hub));
    let program = "
print(*stream('203.0.113.7', 8080), *stream('10.7.7.7', 8080), *stream('198.51.100.80', 8083))
";
    assert_eq!(ask(&hub, program), ["EPERM False EPERM False EPERM False"]);
    let types: Vec<_> = told(&hub).into_iter().map(|(kind, ..)| kind).collect();
    assert_eq!(types, ["explicitlyDeniedIP", "explicitlyDeniedIP", "explicitlyDeniedOutboundPort"]);
}

#[test]
fn a_port_is_denied_on_the_internet_only() {
    if !inside("a_port_is_denied_on_the_internet_only") {
        return;
    }
    prepare();
    let deny = json!({"effect": "prevent", "blacklistOutboundPorts": [{"start": 8081, "end": 8083}]});
    let hub = Hub::start(network(deny));
    let program = "
for port in 8080, 8081, 8083, 8084: print(*stream('203.0.113.7', port), *datagram('203.0.113.7', port, 'sendmsg'))
print(*stream('10.7.7.7', 8081), *datagram('fd00::2', 8081, 'sendto'))
";
    let (through, kept) = ("fine True fine True", "EPERM False EPERM False");
    assert_eq!(ask(&hub, program), [through, kept, kept, through, through]);
    let port = |port| ("explicitlyDeniedOutboundPort".to_owned(), Some("203.0.113.7".to_owned()), Some(port));
    assert_eq!(told(&hub), [port(8081), port(8083)]);
}

#[test]
fn who_may_not_listen_does_not() {
    if !inside("who_may_not_listen_does_not") {
        return;
    }
    let deny = json!({"effect": "prevent", "blacklistListeningPorts": [{"start": 8081, "end": 8083}]});
    let hub = Hub::start(network(deny.clone()));
    let program = "
for port in 8080, 8081, 8083, 8084: print(listener(port), listener(port, '::'), listener(port, way='datagrams'), listener(port, '::', 'datagrams'))
print(listener(8081, '127.0.0.1'), listener(8081, '::1', 'datagrams'), listener(0), listener(0, way='datagrams'))
one = socket.socket(); one.bind(('0.0.0.0', 8082)); print('bound')
";
    let (open, shut) = ("fine fine fine fine", "EPERM EPERM EPERM EPERM");
    assert_eq!(ask(&hub, program), [open, shut, shut, open, open, "bound"]);
    let port = |port| ("explicitlyDeniedListeningPort".to_owned(), None, Some(port));
    assert_eq!(told(&hub), [port(8081), port(8083)]);
    let mut alert = deny;
    alert["effect"] = json!("alert");
    let hub = Hub::start(network(alert));
    assert_eq!(ask(&hub, "print(listener(8082), listener(8082, way='datagrams'))"), ["fine fine"]);
    assert_eq!(told(&hub), [port(8082)]);
    assert!(hub.audits()[0].msg.contains(" is listening on port 8082 explicitly denied"));

    // A listener without a port gets one that it may have, or none.
    let one = json!({"effect": "prevent", "whitelistListeningPorts": [{"start": 8080, "end": 8080}]});
    let hub = Hub::start(network(one));
    let program = "
unbound = socket.socket(); print(listener(8080), name(c.listen(unbound.fileno(), 8)))
one = socket.socket(); one.setsockopt(socket.SOL_IP, 24, 1); one.bind(('0.0.0.0', 0)); print(name(c.listen(one.fileno(), 8)))
";
    assert_eq!(ask(&hub, program), ["fine EPERM", "EPERM"]);
}

/// Another thread that changes the address between our look and the kernel's gains nothing.
#[test]
fn an_address_that_changes_meanwhile_gains_nothing() {
    if !inside("an_address_that_changes_meanwhile_gains_nothing") {
        return;
    }
    prepare();
    let section = json!({"effect": "prevent", "blacklistIPs": ["198.51.100.66"],
        "blacklistListeningPorts": [{"start": 8081, "end": 8081}]});
    let hub = Hub::start(network(section));
    let program = "
import threading, time
peer = socket.socket(type=socket.SOCK_DGRAM); peer.bind(('198.51.100.66', 8082)); peer.setblocking(False)
good, bad = raw('198.51.100.80', 8082), raw('198.51.100.66', 8082)
here, there = raw('0.0.0.0', 8085), raw('0.0.0.0', 8081)
to, at, go = ctypes.create_string_buffer(good, 16), ctypes.create_string_buffer(here, 16), True
def swap():
    while go:
        for source in (bad, there), (good, here):
            ctypes.memmove(to, source[0], 16); ctypes.memmove(at, source[1], 16)
threading.Thread(target=swap, daemon=True).start()
ports, reached, ends = set(), 0, time.monotonic() + 2
while time.monotonic() < ends:
    one = socket.socket(type=socket.SOCK_DGRAM)
    c.sendto(one.fileno(), b'x', 1, 0, to, 16); c.connect(one.fileno(), to, 16); c.send(one.fileno(), b'x', 1, 0)
    other = socket.socket(type=socket.SOCK_DGRAM); c.bind(other.fileno(), at, 16); ports.add(other.getsockname()[1])
    try: peer.recv(9); reached += 1
    except BlockingIOError: pass
go = False
print(reached, sorted(ports - {0}))
";
    assert_eq!(ask(&hub, program), ["0 [8085]"]);
}

/// A rule that says nothing of a network changes nothing of it: what is as it is without.
#[test]
fn a_section_without_lists_says_nothing() {
    if !inside("a_section_without_lists_says_nothing") {
        return;
    }
    prepare();
    let hub = Hub::start(network(json!({"effect": "prevent"})));
    assert_eq!(ask(&hub, WAYS), ["fine True"; 24]);
    assert_eq!(ask(&hub, "print(listener(8081), listener(8082, way='datagrams'))"), ["fine fine"]);
    assert!(hub.audits().is_empty());
}
