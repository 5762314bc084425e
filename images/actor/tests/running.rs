//! Programs are run, in every way, and what came of them is told as it was.

mod common;

use common::{ACTOR, Actor, run};
use proofhouse_protocol::actor::{End, Reply, Request, Spawn};
use std::io::Read;
use std::process::Command;
use std::time::{Duration, Instant};

const WAYS: [Spawn; 9] = [
    Spawn::Fork,
    Spawn::Vfork,
    Spawn::PosixSpawn,
    Spawn::ExecveAt,
    Spawn::Fexecve,
    Spawn::Daemon,
    Spawn::Thread,
    Spawn::Memory,
    Spawn::Interrupt,
];

/// SIGPIPE in the signal sets of procfs.
const SIGPIPE_BIT: u64 = 1 << (libc::SIGPIPE - 1);

struct Ran {
    pid: i32,
    end: End,
    stdout: String,
    stderr: String,
}

fn ran(reply: Reply) -> Ran {
    match reply {
        Reply::Ran { pid, end, stdout, stderr, .. } => Ran { pid, end, stdout, stderr },
        other => panic!("{other:?}"),
    }
}

fn by(mut request: Request, way: Spawn) -> Request {
    if let Request::Run { spawn, .. } = &mut request {
        *spawn = way;
    }
    request
}

#[test]
fn every_way_gives_the_program_its_arguments_environment_folder_and_input() {
    let actor = Actor::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().canonicalize().unwrap();
    for way in WAYS {
        let request = Request::Run {
            argv: [
                "sh",
                "-c",
                "echo $$; pwd; echo \"$1$PROOFHOUSE_TOKEN\"; cat; echo err >&2; exit 7",
                "sh",
                "a b",
            ]
            .map(str::to_owned)
            .to_vec(),
            env: [("PROOFHOUSE_TOKEN".to_owned(), "t-17".to_owned())].into(),
            cwd: Some(folder.to_str().unwrap().to_owned()),
            stdin: "from outside\n".to_owned(),
            spawn: way,
            timeout_ms: common::LONG,
        };
        let it = ran(actor.ask(&request));
        let expected = format!("{}\n{}\na bt-17\nfrom outside\n", it.pid, folder.display());
        assert_eq!(it.stdout, expected, "{way:?}: {}", it.stderr);
        assert_eq!(it.stderr, "err\n", "{way:?}");
        assert!(it.pid > 0);
        if way != Spawn::Daemon || it.end != End::Unknown {
            assert_eq!(it.end, End::Exited { code: 7 }, "{way:?}");
        }
    }
}

#[test]
fn every_way_leaves_the_program_default_signals_and_no_foreign_descriptor() {
    // As `nohup` and a shell in the background leave it to what they start.
    let mut deaf = Command::new("sh");
    deaf.args(["-c", "trap '' HUP INT QUIT; exec \"$0\" \"$@\"", ACTOR]);
    let actor = Actor::start_by(deaf, &["--on-term", "ignore"]);
    // Above 31 are the signals of the C library's own threads.
    let signals = |text: &str| u64::from_str_radix(text.trim(), 16).unwrap() & 0x7fff_ffff;
    // What the standard library gives a program, in this test's own surroundings.
    let look = ["sh", "-c", "ls /proc/$$/fd; grep SigIgn /proc/$$/status"];
    let plain = Command::new(look[0]).args(&look[1..]).output().unwrap();
    let plain = String::from_utf8(plain.stdout).unwrap();
    let descriptors = |text: &str| text.lines().filter(|line| line.parse::<i32>().is_ok()).count();
    assert!(descriptors(&plain) >= 3);
    for way in WAYS {
        let it = ran(actor.ask(&by(run(&[ACTOR, "describe"]), way)));
        let Reply::Description { argv, status, pid, ppid, .. } = serde_json::from_str(&it.stdout).unwrap()
        else {
            panic!("{}", it.stdout)
        };
        assert_eq!(argv, [ACTOR, "describe"]);
        assert_eq!(pid, it.pid);
        assert_eq!(status["SigBlk"], "0000000000000000", "{way:?}");
        // The Rust runtime of the program itself ignores one, and no one else does any.
        assert_eq!(signals(&status["SigIgn"]), SIGPIPE_BIT, "{way:?}");
        assert_eq!(ppid.cast_unsigned() == actor.pid(), way != Spawn::Daemon, "{way:?}");
        let it = ran(actor.ask(&by(run(&look), way)));
        // The execveat ways keep the descriptor they were given, as an interpreter needs it.
        let given = usize::from(matches!(way, Spawn::ExecveAt | Spawn::Fexecve | Spawn::Memory));
        assert_eq!(descriptors(&it.stdout), descriptors(&plain) + given, "{way:?}: {}", it.stdout);
        let of_program = signals(it.stdout.split_once("SigIgn:").unwrap().1);
        assert_eq!(of_program, 0, "{way:?}");
    }
}

#[test]
fn a_daemon_has_its_own_session_and_its_end_is_seen() {
    let actor = Actor::start(&[]);
    let it =
        ran(actor.ask(&by(run(&["sh", "-c", "cut -d' ' -f6 /proc/$$/stat; kill -9 $$"]), Spawn::Daemon)));
    let session: i32 = it.stdout.trim().parse().unwrap();
    assert_ne!(session, 0);
    let of_actor = std::fs::read_to_string(format!("/proc/{}/stat", actor.pid())).unwrap();
    assert_ne!(of_actor.split(' ').nth(5).unwrap(), session.to_string());
    assert!(matches!(it.end, End::Signalled { signal: 9 } | End::Unknown), "{:?}", it.end);
}

#[test]
fn a_program_that_cannot_be_executed_says_why_in_every_way() {
    let actor = Actor::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain");
    std::fs::write(&plain, "not a program").unwrap();
    for way in WAYS {
        for (path, expected) in [(plain.to_str().unwrap(), libc::EACCES), ("/nowhere/tool", libc::ENOENT)] {
            let it = ran(actor.ask(&by(run(&[path]), way)));
            let End::NotStarted { errno, error } = it.end else { panic!("{way:?} {path}: {:?}", it.end) };
            assert_eq!(errno, expected, "{way:?} {path}: {error}");
            assert!(!error.is_empty());
        }
        let it = ran(actor.ask(&by(run(&["no-such-program"]), way)));
        assert!(matches!(it.end, End::NotStarted { errno: libc::ENOENT, .. }), "{way:?}");
        assert_eq!(it.pid, 0);
    }
}

#[test]
fn a_missing_folder_is_an_error_of_the_start() {
    let actor = Actor::start(&[]);
    for way in WAYS {
        let mut request = by(run(&["/bin/true"]), way);
        if let Request::Run { cwd, .. } = &mut request {
            *cwd = Some("/nowhere".to_owned());
        }
        let it = ran(actor.ask(&request));
        assert!(matches!(it.end, End::NotStarted { errno: libc::ENOENT, .. }), "{way:?}: {:?}", it.end);
    }
}

#[test]
fn a_script_runs_in_every_way() {
    let actor = Actor::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script").to_str().unwrap().to_owned();
    let write =
        Request::Write { path: script.clone(), text: "#!/bin/sh\necho script $1\n".into(), mode: 0o755 };
    assert_eq!(actor.ask(&write), Reply::Done);
    for way in WAYS {
        let it = ran(actor.ask(&by(run(&[&script, "one"]), way)));
        assert_eq!(it.stdout, "script one\n", "{way:?}: {:?} {}", it.end, it.stderr);
    }
}

#[test]
fn a_signal_is_told_with_its_number() {
    let actor = Actor::start(&[]);
    let it = ran(actor.ask(&run(&["sh", "-c", "kill -s USR1 $$"])));
    assert_eq!(it.end, End::Signalled { signal: libc::SIGUSR1 });
}

#[test]
fn a_program_beyond_its_time_is_killed_in_every_way() {
    let actor = Actor::start(&[]);
    for way in WAYS {
        let mut request = by(run(&["sh", "-c", "echo before; exec sleep 600"]), way);
        if let Request::Run { timeout_ms, .. } = &mut request {
            *timeout_ms = 300;
        }
        let start = Instant::now();
        let it = ran(actor.ask(&request));
        assert_eq!(it.end, End::TimedOut, "{way:?}");
        assert_eq!(it.stdout, "before\n", "{way:?}");
        assert!(start.elapsed() < Duration::from_secs(10), "{way:?}");
        assert!(!runs(it.pid), "{way:?} still runs");
    }
}

/// Whether the process exists and is not a zombie.
fn runs(pid: i32) -> bool {
    let mut stat = String::new();
    let file = std::fs::File::open(format!("/proc/{pid}/stat"));
    file.is_ok_and(|mut file| file.read_to_string(&mut stat).is_ok() && !stat.contains(") Z "))
}

#[test]
fn a_descendant_that_keeps_the_output_open_does_not_hold_up_the_reply() {
    let actor = Actor::start(&[]);
    let start = Instant::now();
    let it = ran(actor.ask(&run(&["sh", "-c", "sleep 30 & echo $!"])));
    assert!(start.elapsed() < Duration::from_secs(15));
    assert_eq!(it.end, End::Exited { code: 0 });
    common::send_signal(it.stdout.trim().parse().unwrap(), "KILL");
}

#[test]
fn much_input_and_output_pass() {
    let actor = Actor::start(&[]);
    let text = "0123456789abcdef".repeat(128 * 1024);
    let mut request = run(&["cat"]);
    if let Request::Run { stdin, .. } = &mut request {
        stdin.clone_from(&text);
    }
    let it = ran(actor.ask(&request));
    assert_eq!(it.end, End::Exited { code: 0 });
    assert!(it.stdout == text, "{} bytes of {}", it.stdout.len(), text.len());
}

#[test]
fn input_that_is_not_read_is_no_error() {
    let actor = Actor::start(&[]);
    let mut request = run(&["true"]);
    if let Request::Run { stdin, .. } = &mut request {
        *stdin = "x".repeat(1 << 20);
    }
    assert_eq!(ran(actor.ask(&request)).end, End::Exited { code: 0 });
}

#[test]
fn no_zombie_is_left_and_requests_run_side_by_side() {
    let actor = Actor::start(&[]);
    let actor = &actor;
    std::thread::scope(|scope| {
        let asked: Vec<_> = (0..8)
            .flat_map(|_| WAYS)
            .map(|way| (way, scope.spawn(move || ran(actor.ask(&by(run(&["sh", "-c", "echo $$"]), way))))))
            .collect();
        for (way, it) in asked {
            let it = it.join().unwrap();
            assert_eq!(it.stdout, format!("{}\n", it.pid), "{way:?}: {:?}", it.end);
        }
    });
    let children = format!("/proc/{0}/task/{0}/children", actor.pid());
    assert_eq!(std::fs::read_to_string(children).unwrap(), "");
}
