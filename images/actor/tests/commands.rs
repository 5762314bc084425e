//! The commands that are programs of their own.

mod common;

use common::{ACTOR, Actor, send_signal};
use proofhouse_protocol::actor::Reply;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

#[test]
fn describe_tells_how_it_was_started_and_exits_as_told() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(ACTOR)
        .args(["describe", "--exit", "9", "two words", ""])
        .env_clear()
        .env("A", "b=c")
        .current_dir(&folder)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(9));
    let Reply::Description { argv, env, cwd, uid, exe, status, .. } =
        serde_json::from_slice(&output.stdout).unwrap()
    else {
        panic!()
    };
    assert_eq!(argv[1..], ["describe", "--exit", "9", "two words", ""]);
    assert_eq!(env, [("A".to_owned(), "b=c".to_owned())].into());
    assert_eq!(cwd, folder.path().canonicalize().unwrap().to_string_lossy());
    assert_eq!(exe, ACTOR);
    assert_eq!(status["Uid"].split('\t').next(), Some(uid.to_string().as_str()));
}

#[test]
fn cat_copies_every_byte() {
    let mut child =
        Command::new(ACTOR).arg("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let mut input = child.stdin.take().unwrap();
    let copy = bytes.clone();
    let writer = std::thread::spawn(move || input.write_all(&copy).unwrap());
    let mut output = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut output).unwrap();
    writer.join().unwrap();
    assert!(output == bytes);
    assert!(child.wait().unwrap().success());
}

#[test]
fn signals_are_printed_in_order_until_sigterm() {
    let mut child = Command::new(ACTOR).arg("sleep-until-signal").stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.next().unwrap(), "ready");
    for signal in ["USR1", "HUP", "WINCH", "INT", "USR2", "TERM"] {
        send_signal(child.id(), signal);
        assert_eq!(lines.next().unwrap(), format!("SIG{signal}"));
    }
    assert_eq!(lines.next(), None);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn the_price_of_a_start_is_measured_each_way() {
    let output = Command::new(ACTOR).args(["spawn-bench", "20"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let measured: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(measured["iterations"], 20);
    for way in ["fork_ns", "vfork_ns", "posix_spawn_ns"] {
        let nanoseconds = measured[way].as_f64().unwrap();
        assert!(nanoseconds > 10_000.0, "{way}: no program starts in {nanoseconds} ns");
    }
}

#[test]
fn a_load_waits_for_every_answer_and_counts_statuses() {
    let app = Actor::start(&["--http", "0"]);
    let target = format!("127.0.0.1:{}", app.greeting["actor"]["http"]);
    let output = Command::new(ACTOR)
        .args(["load", "--target", &target, "--connections", "3", "--requests", "50"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let counted: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(counted["benign"], serde_json::json!({"200": 45}));
    assert_eq!(counted["attacks"], serde_json::json!({"200": 5}), "the actor is no firewall");
    assert_eq!((counted["requests"].as_u64(), counted["connections"].as_u64()), (Some(50), Some(3)));
}

#[test]
fn a_load_on_nobody_fails() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let output = Command::new(ACTOR).args(["load", "--target", &free.to_string()]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
}

#[test]
fn what_is_not_a_command_is_an_error_of_use() {
    let output = Command::new(ACTOR).arg("dance").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.starts_with("actor: `dance` is not a command of the actor\nusage: actor"), "{text}");
    assert!(Command::new(ACTOR).arg("true").status().unwrap().success());
}
