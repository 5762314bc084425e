//! Calls that wait: as many as an app likes, as they would wait without a Defender.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{Hub, finish, python, text};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

/// Connections that wait at once; a thread for each would be seen.
const MANY: usize = 300;
const MOST_THREADS: usize = 16;

/// A listener that has no room, and what is on its way to it.
const FULL: &str = "
import os, signal, socket, struct, sys, threading
full = socket.socket()
full.bind(('127.0.0.1', 0))
full.listen(0)
address = full.getsockname()
port = ':%04X' % address[1]
def on_their_way():
    with open('/proc/net/tcp') as table:
        lines = [line.split() for line in table]
    return sum(1 for line in lines if line[2].endswith(port) and line[3] == '02')
fillers = []
while on_their_way() == 0:
    filler = socket.socket()
    filler.setblocking(False)
    filler.connect_ex(address)
    fillers.append(filler)
before = on_their_way()
";

const CONNECT_MANY: &str = "
many, done = int(sys.argv[1]), []
def connect():
    one = socket.socket()
    one.connect(address)
    done.append(one)
threads = [threading.Thread(target=connect) for _ in range(many)]
for thread in threads: thread.start()
while on_their_way() < before + many: pass
print('they wait', flush=True)
sys.stdin.readline()
other = socket.socket()
other.bind(('127.0.0.1', 0))
other.listen(8)
needed = [socket.create_connection(other.getsockname()) for _ in range(8)]
print(len(needed), 'others do not', flush=True)
full.listen(4096)
for thread in threads: thread.join()
print(len(done), 'are through', flush=True)
";

#[test]
fn any_number_of_connections_may_wait_and_what_they_wait_for_goes_on() {
    let hub = Hub::start(common::processes(serde_json::json!({"effect": "prevent", "blacklist": ["mkdir"]})));
    let program = format!("{FULL}{CONNECT_MANY}");
    let mut command = hub.command(&[&*python(), "-c", &program, &MANY.to_string()]);
    let mut app = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(app.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.next().as_deref(), Some("they wait"));
    let status = std::fs::read_to_string(format!("/proc/{}/status", app.id())).unwrap();
    let threads = status.lines().find_map(|line| line.strip_prefix("Threads:")).unwrap();
    let threads: usize = threads.trim().parse().unwrap();
    assert!(threads < MOST_THREADS, "{threads} threads of the wrapper");
    let descriptors = std::fs::read_dir(format!("/proc/{}/fd", app.id())).unwrap().count();
    assert!(descriptors < MANY, "{descriptors} descriptors of the wrapper");
    writeln!(app.stdin.as_mut().unwrap()).unwrap();
    assert_eq!(lines.next().as_deref(), Some("8 others do not"));
    assert_eq!(lines.next(), Some(format!("{MANY} are through")));
    assert!(finish(app).status.success());
}

/// What a program sees of a wait, bare and under the wrapper.
fn both(program: &str) -> (String, String) {
    let hub = Hub::start(Value::Null);
    let program = format!("{FULL}{program}");
    let wrapped = hub.run(&[&*python(), "-c", &program]);
    let mut bare = Command::new(python());
    let bare = finish(bare.args(["-c", &program]).stdout(Stdio::piped()).spawn().unwrap());
    (text(&wrapped.stdout), text(&bare.stdout))
}

#[test]
fn a_wait_with_a_limit_ends_as_it_would() {
    let (wrapped, bare) = both(
        "
one = socket.socket()
one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack('ll', 0, 200000))
for _ in range(2): print(one.connect_ex(address), one.getblocking())
full.listen(64)
one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack('ll', 20, 0))
print(one.connect_ex(address), one.getpeername() == address)
other = socket.socket()
other.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack('ll', 20, 0))
other.connect(address)
print(other.getpeername() == address)
",
    );
    assert_eq!(wrapped, bare);
    assert_eq!(wrapped, "115 True\n114 True\n0 True\nTrue\n");
}

#[test]
fn a_wait_that_a_signal_interrupts_goes_on() {
    let (wrapped, bare) = both(
        "
signal.signal(signal.SIGUSR1, lambda *_: None)
signal.siginterrupt(signal.SIGUSR1, False)
def disturb():
    while on_their_way() <= before: pass
    for _ in range(3): signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)
    full.listen(64)
threading.Thread(target=disturb).start()
one = socket.socket()
print(one.connect_ex(address), one.getpeername() == address)
",
    );
    assert_eq!(wrapped, bare);
    assert_eq!(wrapped, "0 True\n");
}

#[test]
fn what_cannot_be_reached_is_refused_as_it_would_be() {
    let (wrapped, bare) = both(
        "
full.close()
one = socket.socket()
print(one.connect_ex(address), one.getblocking())
one = socket.socket()
one.setblocking(False)
print(one.connect_ex(address) in (111, 115), one.getblocking())
",
    );
    assert_eq!(wrapped, bare);
    assert_eq!(wrapped, "111 True\nTrue False\n");
}
