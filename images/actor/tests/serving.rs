//! The request socket, and what else an app does: describing itself, files, connections, its end.

mod common;

use common::{ACTOR, Actor, LONG};
use proofhouse_protocol::actor::{NAME_VARIABLE, Reply, Request};
use proofhouse_protocol::observation::FileKind;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

#[test]
fn it_greets_with_its_name_and_answers() {
    let actor = Actor::start(&[]);
    assert_eq!(actor.greeting["actor"]["pid"], actor.pid());
    assert!(actor.greeting["actor"]["name"].as_str().unwrap().starts_with("test-"));
    assert_eq!(actor.greeting["actor"]["http"], serde_json::Value::Null);
    assert_eq!(actor.ask(&Request::Ping), Reply::Done);
    let Reply::Description { pid, argv, .. } = actor.ask(&Request::Describe) else { panic!() };
    assert_eq!(pid.cast_unsigned(), actor.pid());
    assert_eq!(argv, [ACTOR, "serve"]);
}

#[test]
fn what_is_not_a_request_is_refused_and_the_next_one_served() {
    let actor = Actor::start(&[]);
    for line in ["", "{}", "{\"do\": \"dance\"}", "\u{0}\u{1}"] {
        let reply = actor.ask_raw(line);
        assert!(
            matches!(&reply, Reply::Failed { error, .. } if error.starts_with("request is not understood")),
            "{reply:?}"
        );
    }
    // A client that says nothing holds up nobody.
    let silent = actor.connect();
    assert_eq!(actor.ask(&Request::Ping), Reply::Done);
    drop(silent);
}

#[test]
fn files_are_written_read_and_looked_at() {
    let actor = Actor::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("note").to_str().unwrap().to_owned();
    let absent = Reply::File { found: None, text: None };
    assert_eq!(actor.ask(&Request::Stat { path: path.clone() }), absent);
    assert_eq!(
        actor.ask(&Request::Write { path: path.clone(), text: "hello".into(), mode: 0o600 }),
        Reply::Done
    );
    let Reply::File { found: Some(found), text } = actor.ask(&Request::Read { path }) else { panic!() };
    assert_eq!((found.file, found.mode, found.bytes), (FileKind::File, Some(0o600), Some(5)));
    assert_eq!(text.as_deref(), Some("hello"));
    let reply = actor.ask(&Request::Write { path: "/nowhere/x".into(), text: String::new(), mode: 0o600 });
    assert!(matches!(reply, Reply::Failed { errno: libc::ENOENT, .. }), "{reply:?}");
}

#[test]
fn connections_are_tried() {
    let actor = Actor::start(&[]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let open = listener.local_addr().unwrap();
    let connect = |address: SocketAddr| match actor.ask(&Request::Connect { address, timeout_ms: LONG }) {
        Reply::Connected { errno, .. } => errno,
        other => panic!("{other:?}"),
    };
    assert_eq!(connect(open), 0);
    // A port that is taken, so that no other test can get it, and at which nobody listens.
    let client = TcpStream::connect(open).unwrap();
    assert_eq!(connect(client.local_addr().unwrap()), libc::ECONNREFUSED);
}

#[test]
fn it_exits_as_asked_after_the_reply() {
    let mut actor = Actor::start(&[]);
    assert_eq!(actor.ask(&Request::Exit { code: 41 }), Reply::Done);
    assert_eq!(actor.wait().code(), Some(41));
}

#[test]
fn a_sigterm_does_what_was_chosen() {
    for (arguments, code, signal) in [
        (&[][..], Some(0), None),
        (&["--on-term", "exit", "143"], Some(143), None),
        (&["--on-term", "default"], None, Some(libc::SIGTERM)),
    ] {
        let mut actor = Actor::start(arguments);
        actor.signal("TERM");
        let status = actor.wait();
        assert_eq!((status.code(), status.signal()), (code, signal), "{arguments:?}");
    }
    let mut actor = Actor::start(&["--on-term", "ignore"]);
    actor.signal("TERM");
    assert_eq!(actor.ask(&Request::Ping), Reply::Done);
    assert_eq!(actor.ask(&Request::Exit { code: 0 }), Reply::Done);
    assert_eq!(actor.wait().code(), Some(0));
}

#[test]
fn without_a_name_and_a_port_it_stays_until_it_is_told_to_stop() {
    let mut child = Command::new(ACTOR)
        .env_remove(NAME_VARIABLE)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let greeting: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        (&greeting["actor"]["name"], &greeting["actor"]["http"]),
        (&serde_json::Value::Null, &serde_json::Value::Null)
    );
    assert!(child.try_wait().unwrap().is_none(), "it stays");
    common::send_signal(child.id(), "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_name_is_taken_once() {
    let actor = Actor::start(&[]);
    let name = actor.greeting["actor"]["name"].as_str().unwrap();
    let output = Command::new(ACTOR).env(NAME_VARIABLE, name).stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains(&format!("cannot listen on `proofhouse/actor/{name}`")), "{text}");
}
