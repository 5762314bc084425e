//! Calls that the Defender carries out, of a program that gets signals all the time: as on a bare kernel.
//!
//! Runtimes signal their own threads (Go to preempt them), profilers do so each millisecond.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{Hub, finish, python, text};
use serde_json::Value;
use std::process::{Command, Stdio};

/// Datagrams with a number each, connects that do not wait and such that do, and programs, under a thread that signals the one
/// that does it all. `argv`: rounds, whether the handler wants calls to be begun anew.
const COUNTS: &str = "
import collections, ctypes, errno, os, signal, socket, struct, sys, threading, time
rounds, restarts = int(sys.argv[1]), sys.argv[2] == 'restart'
c = ctypes.CDLL(None, use_errno=True)
# The flag and the handler are the kernel's business: the interpreter would begin calls anew by itself.
HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_int)(lambda number: None)
signal.signal(signal.SIGUSR1, lambda *_: None)
signal.siginterrupt(signal.SIGUSR1, not restarts)
tid, go = threading.get_native_id(), True
def pest():
    while go:
        c.syscall(234, os.getpid(), tid, signal.SIGUSR1)
        time.sleep(20e-6)
def disturb():
    global go
    go = True
    threading.Thread(target=pest, daemon=True).start()
def call(function, *args):
    while True:
        if function(*args) >= 0: return 'fine'
        number = ctypes.get_errno()
        if number != errno.EINTR: return errno.errorcode[number]
        if restarts: return 'EINTR'
def raw(address): return struct.pack('=HH4s8x', socket.AF_INET, socket.htons(address[1]), socket.inet_aton(address[0]))
receiver = socket.socket(type=socket.SOCK_DGRAM)
receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
receiver.bind(('127.0.0.1', 0))
receiver.setblocking(False)
sender, to, seen = socket.socket(type=socket.SOCK_DGRAM), raw(receiver.getsockname()), collections.Counter()
outcomes = collections.Counter()
def take():
    while True:
        try: seen[struct.unpack('=i', receiver.recv(64))[0]] += 1
        except BlockingIOError: return
disturb()
for number in range(rounds):
    outcomes['send ' + call(c.sendto, sender.fileno(), struct.pack('=i', number), 4, 0, to, len(to))] += 1
    take()
go = False
time.sleep(0.01)
listener = socket.socket()
listener.bind(('127.0.0.1', 0))
listener.listen(512)
to = raw(listener.getsockname())
disturb()
for waits in (False, True):
    for _ in range(rounds // 4):
        one = socket.socket()
        one.setblocking(waits)
        outcome = call(c.connect, one.fileno(), to, len(to))
        # A connect that was interrupted goes on, and says so.
        if outcome == 'EINPROGRESS' or not restarts and outcome in ('EALREADY', 'EISCONN'): outcome = 'fine'
        outcomes[('waiting ' if waits else '') + 'connect ' + outcome] += 1
        listener.accept()[0].close()
        one.close()
go = False
take()
print(sorted(outcomes.items()))
print('twice', sum(1 for times in seen.values() if times > 1), 'lost', rounds - len(seen))
";

const ROUNDS: usize = 2000;

fn expected() -> String {
    let (all, part) = (ROUNDS, ROUNDS / 4);
    format!(
        "[('connect fine', {part}), ('send fine', {all}), ('waiting connect fine', {part})]\ntwice 0 lost 0\n"
    )
}

fn counts(hub: &Hub, handler: &str, old_kernel: bool) -> String {
    let mut command = hub.command(&[&*python(), "-c", COUNTS, &ROUNDS.to_string(), handler]);
    if old_kernel {
        let wrapper = command;
        command = Command::new(python());
        command.args(["-c", OLD_KERNEL]).arg(wrapper.get_program()).args(wrapper.get_args());
        for (name, value) in wrapper.get_envs() {
            command.env(name, value.unwrap());
        }
    }
    let output = finish(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn nothing_is_done_twice_and_nothing_is_lost() {
    let hub = Hub::start(Value::Null);
    for handler in ["restart", "interrupt"] {
        assert_eq!(counts(&hub, handler, false), expected(), "{handler}");
    }
}

/// Fargate's own kernel is one of those that let a signal end the wait for an answer.
#[test]
fn nothing_is_done_twice_and_nothing_is_lost_on_a_kernel_before_5_19() {
    let hub = Hub::start(Value::Null);
    for handler in ["restart", "interrupt"] {
        assert_eq!(counts(&hub, handler, true), expected(), "{handler}");
    }
}

/// Makes `seccomp` refuse the flag that such a kernel does not know, and goes on as the program of its arguments.
const OLD_KERNEL: &str = "
import ctypes, os, struct, sys
c = ctypes.CDLL(None, use_errno=True)
SECCOMP, FLAGS, WAIT_KILLABLE = 317, 16 + 8, 1 << 5
LOAD, EQUAL, HAS, RETURN, ERROR, ALLOW = 0x20, 0x15, 0x45, 0x06, 0x50000, 0x7fff0000
steps = [(LOAD, 0, 0, 0), (EQUAL, 0, 3, SECCOMP), (LOAD, 0, 0, FLAGS), (HAS, 0, 1, WAIT_KILLABLE), (RETURN, 0, 0, ERROR | 22),
         (RETURN, 0, 0, ALLOW)]
code = ctypes.create_string_buffer(b''.join(struct.pack('=HBBI', *step) for step in steps))
program = ctypes.create_string_buffer(struct.pack('=H6xQ', len(steps), ctypes.addressof(code)))
assert c.prctl(38, 1, 0, 0, 0) == 0 and c.syscall(SECCOMP, 1, 0, program) == 0
os.execvp(sys.argv[1], sys.argv[1:])
";

/// Datagrams that wait for their neighbour to be found, and so for room in their socket, and a timer meanwhile.
const FULL: &str = "
import errno, os, signal, socket, sys, time
heard = []
signal.signal(signal.SIGALRM, lambda *_: heard.append(1))
signal.siginterrupt(signal.SIGALRM, sys.argv[1] != 'restart')
import ctypes, struct
c = ctypes.CDLL(None, use_errno=True)
sender = socket.socket(type=socket.SOCK_DGRAM)
sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
if sys.argv[1] == 'limit': sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack('ll', 20, 0))
to = struct.pack('=HH4s8x', socket.AF_INET, socket.htons(7), socket.inet_aton('10.8.0.9'))
def send(flags): return c.sendto(sender.fileno(), b'x' * 1000, 1000, flags, to, len(to))
while send(socket.MSG_DONTWAIT) >= 0: pass
print(errno.errorcode[ctypes.get_errno()])
signal.setitimer(signal.ITIMER_REAL, 0.3)
began = time.monotonic()
sent = send(0)
number, took = ctypes.get_errno(), time.monotonic() - began
print(sent if sent >= 0 else errno.errorcode[number], 'soon' if took < 0.9 else 'late', len(heard))
";

#[test]
fn a_signal_ends_a_send_that_waits_as_its_handler_wants() {
    if !common::in_namespaces("a_signal_ends_a_send_that_waits_as_its_handler_wants") {
        return;
    }
    let commands = "ip link set lo up && ip link add near type veth peer name far && ip link set near up && \
                    ip link set far up && ip addr add 10.8.0.1/24 dev near";
    assert!(Command::new("sh").args(["-ec", commands]).status().unwrap().success());
    let hub = Hub::start(Value::Null);
    for (handler, expected) in [
        ("interrupt", "EAGAIN\nEINTR soon 1\n"),
        ("restart", "EAGAIN\n1000 late 1\n"),
        ("limit", "EAGAIN\nEINTR soon 1\n"),
    ] {
        let argv = [&*python(), "-c", FULL, handler];
        let bare = Command::new(argv[0]).args(&argv[1..]).stdout(Stdio::piped()).spawn().unwrap();
        assert_eq!(text(&finish(bare).stdout), expected, "bare, {handler}");
        assert_eq!(text(&hub.run(&argv).stdout), expected, "{handler}");
    }
}
