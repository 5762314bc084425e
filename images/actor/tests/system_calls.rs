//! The ways are what their names say: seen with strace, because nothing else can tell them apart.
#![expect(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod common;

use common::{ACTOR, Actor, run};
use proofhouse_protocol::actor::{QuerySocket, Reply, Request, Spawn};
use std::net::UdpSocket;
use std::process::Command;

/// The system calls of an actor and its children while `requests` are made, one call a line.
fn traced(calls: &str, requests: &[Request]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-s", "64", "-e", "signal=none", "-e", &format!("trace={calls}"), "-o"]);
    strace.arg(&trace).arg(ACTOR);
    let mut actor = Actor::start_by(strace, &[]);
    for request in requests {
        let reply = actor.ask(request);
        assert!(!matches!(reply, Reply::Failed { .. }), "{reply:?}");
    }
    assert_eq!(actor.ask(&Request::Exit { code: 0 }), Reply::Done);
    assert!(actor.wait().success());
    std::fs::read_to_string(trace).unwrap()
}

fn start(way: Spawn) -> String {
    let mut request = run(&["/bin/true"]);
    if let Request::Run { spawn, .. } = &mut request {
        *spawn = way;
    }
    traced("process", &[request])
}

#[test]
fn programs_start_by_the_calls_of_their_way() {
    let vfork = start(Spawn::Vfork);
    assert!(cfg!(not(target_arch = "x86_64")) || vfork.contains(" vfork("), "{vfork}");
    assert!(start(Spawn::PosixSpawn).contains("CLONE_VM|CLONE_VFORK"));
    let at = start(Spawn::ExecveAt);
    assert!(at.lines().any(|line| line.contains("execveat(") && line.contains(", \"true\", ")), "{at}");
    let descriptor = start(Spawn::Fexecve);
    let empty = |line: &str| {
        line.contains("execveat(") && line.contains(", \"\", ") && line.contains("AT_EMPTY_PATH")
    };
    assert!(descriptor.lines().any(empty), "{descriptor}");
    for (way, trace) in [(Spawn::Vfork, &vfork), (Spawn::Fork, &start(Spawn::Fork))] {
        assert!(trace.lines().any(|line| line.contains("execve(\"/bin/true\"")), "{way:?}: {trace}");
    }
}

#[test]
fn a_second_thread_executes_the_program() {
    let trace = start(Spawn::Thread);
    let pid = |line: &str| line.split_whitespace().next().unwrap().to_owned();
    let caller = pid(trace.lines().find(|line| line.contains("execve(\"/bin/true\"")).unwrap());
    // The threads that serve requests come from the threads library, which sets their local storage.
    let birth = |line: &&str| line.contains("CLONE_THREAD") && !line.contains("CLONE_SETTLS");
    let parent = pid(trace.lines().find(birth).unwrap());
    assert_ne!(caller, parent, "the second thread, not the process that the fork made: {trace}");
    assert!(trace.contains("superseded by execve"), "{trace}");
}

#[test]
fn queries_leave_by_the_calls_of_their_way() {
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    for (way, call, times) in [
        (QuerySocket::SendTo, "sendto(", 1),
        (QuerySocket::Segments, "cmsg_level=SOL_UDP, cmsg_type=0x67", 1),
        (QuerySocket::SegmentsByOption, "sendto(", 1),
        (QuerySocket::Parts, "sendto(", 2),
        (QuerySocket::SendMsg, "sendmsg(", 1),
        (QuerySocket::SendMmsg, "sendmmsg(", 1),
    ] {
        let query = Request::Query {
            server: address,
            name: "a.test".to_owned(),
            record: "A".to_owned(),
            socket: way,
            timeout_ms: 1,
        };
        let trace = traced("network", &[query]);
        let port = format!("htons({})", address.port());
        let sent: Vec<_> = trace.lines().filter(|line| line.contains(&port)).collect();
        assert!(sent.len() == times && sent[0].contains(call), "{way:?}: {trace}");
    }
}
