//! Nobody else's silence, noise or slowness takes the sidecar away from who plays by the rules.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::DEADLINE;
use common::console::{Console, Link, Task, audits, deny, sidecar_command};
use proofhouse_defender::hub::{Attach, ToSidecar};
use proofhouse_defender::kernel::signals;
use proofhouse_protocol::link::{FromConsole, FromDefender};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What a flood may cost the sidecar: less than a part of what was sent.
const MOST_GROWTH: usize = 24 << 20;
const FLOOD: usize = 128 << 20;

/// How long a wrapper that does not answer may hold others up: its own patience, and a busy machine.
const HELD_UP: Duration = Duration::from_secs(15);

/// A sidecar with a rule set of one rule, so that its memory is not that of a rule set being compiled.
fn small_task(console: &Console) -> Task {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    std::fs::hard_link(env!("CARGO_BIN_EXE_defender"), folder.path().join("defender")).unwrap();
    let rule = r#"SecRule ARGS "@rx never" "id:942999,phase:2,deny,tag:'paranoia-level/1'""#;
    std::fs::write(folder.path().join("REQUEST-942-ONE.conf"), rule).unwrap();
    let port = console.listener.local_addr().unwrap().port();
    let mut command = sidecar_command(&folder, console.bundle.encode().reveal(), port, None);
    let sidecar = command.arg("--crs").arg(folder.path()).spawn().unwrap();
    Task { folder, sidecar }
}

/// The most memory that a process has had, in bytes.
fn peak(process: &Child) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10
}

/// A shell under a wrapper; both end with it.
struct Shell(Child);

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Shell {
    fn start(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap())
    }

    fn write(&mut self, line: &str) {
        writeln!(self.0.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    fn read(&mut self, length: usize) -> String {
        let mut answer = vec![0; length];
        self.0.stdout.as_mut().unwrap().read_exact(&mut answer).unwrap();
        common::text(&answer)
    }
}

/// Stops a process, and waits until each of its threads has stopped.
fn stop(pid: i32) {
    signals::send(pid, 19).unwrap();
    let began = Instant::now();
    let stopped = |task: std::io::Result<std::fs::DirEntry>| {
        let stat = std::fs::read_to_string(task.unwrap().path().join("stat")).unwrap();
        stat.rsplit_once(") ").is_some_and(|(_, state)| state.starts_with('T'))
    };
    while !std::fs::read_dir(format!("/proc/{pid}/task")).unwrap().all(stopped) {
        assert!(began.elapsed() < DEADLINE, "it stops");
        std::thread::yield_now();
    }
}

/// Starts shells, and waits until the Console knows of them.
async fn shells<const N: usize>(task: &Task, link: &mut Link, containers: [&str; N]) -> [Shell; N] {
    let shells = containers.map(|container| Shell::start(&mut task.app(container, &["sh"])));
    for _ in 0..N {
        link.hear_until(|message| matches!(message, FromDefender::Workload(_))).await;
    }
    shells
}

/// Containers and totals of a fence.
async fn fence(link: &mut Link, id: &str) -> (Vec<String>, BTreeMap<String, u64>) {
    match link.fence(id).await.pop() {
        Some(FromDefender::Fence { containers, totals, .. }) => (containers, totals),
        other => panic!("a fence, not {other:?}"),
    }
}

/// Writes and never reads, until all is written or the other side has had enough; answers how much it took.
fn flood(socket: &PathBuf, line: &[u8]) -> usize {
    let mut stream = UnixStream::connect(socket).unwrap();
    stream.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
    let block = line.repeat((64 << 10) / line.len());
    let mut taken = 0;
    while taken < FLOOD {
        match stream.write(&block) {
            Ok(written @ 1..) => taken += written,
            _ => break,
        }
    }
    taken
}

#[tokio::test]
async fn a_process_that_floods_the_hub_costs_the_sidecar_next_to_nothing() {
    let console = Console::start().await;
    let task = small_task(&console);
    let (mut link, _) = console.accept().await;
    link.policy(1, deny("web", "mkdir")).await;
    let _shells = shells(&task, &mut link, ["web"]).await;
    assert_eq!(fence(&mut link, "before").await.0, ["web"]);
    let (before, socket) = (peak(&task.sidecar), task.folder.path().join("hub.sock"));

    let attach = |container: &str| {
        let attach = ToSidecar::Attach(Attach {
            wrapper: "w".to_owned(),
            container: container.to_owned(),
            image: String::new(),
            start_time: String::new(),
        });
        [serde_json::to_vec(&attach).unwrap(), b"\n".to_vec()].concat()
    };
    let floods = [b"{\"type\":\"health\"}\n".to_vec(), b"no end ".to_vec(), attach("ghost"), attach("web")];
    let flooding = {
        let socket = socket.clone();
        tokio::task::spawn_blocking(move || floods.map(|line| flood(&socket, &line)))
    };
    // All the while, others are served.
    let mut fences = 0;
    while !flooding.is_finished() {
        let began = Instant::now();
        assert_eq!(fence(&mut link, &format!("while {fences}")).await.0, ["web"]);
        assert!(began.elapsed() < HELD_UP, "{:?}", began.elapsed());
        fences += 1;
    }
    let taken = flooding.await.unwrap();
    assert!(taken.iter().all(|taken| *taken < 4 << 20), "{taken:?}");

    // Nor do those who say nothing at all keep others out.
    let silent: Vec<_> = (0..200).map(|_| UnixStream::connect(&socket).unwrap()).collect();
    let ghost = UnixStream::connect(&socket).unwrap();
    (&ghost).write_all(&attach("ghost")).unwrap();
    assert_eq!((&ghost).read(&mut [0]).unwrap(), 0, "another program than the Defender\'s is no wrapper");
    assert_eq!(task.health(), (Some(0), "revision 1 in force\n".to_owned()));
    let (containers, totals) = fence(&mut link, "after").await;
    assert_eq!(containers, ["web"], "who is not the Defender's program is no wrapper");
    assert!(totals["refused_connections"] >= 100, "{totals:?}");
    assert_eq!((totals["dropped_audits"], totals["stalled_wrappers"]), (0, 0));
    let let_go = silent.iter().filter(|stream| {
        stream.set_nonblocking(true).unwrap();
        matches!((&mut &**stream).read(&mut [0]), Ok(0))
    });
    assert!(let_go.count() >= 100);
    let growth = peak(&task.sidecar) - before;
    assert!(growth < MOST_GROWTH, "{growth} bytes for {taken:?}");
}

#[tokio::test]
async fn a_wrapper_that_does_not_answer_is_named_missing_and_holds_nobody_up() {
    let console = Console::start().await;
    let task = small_task(&console);
    let (mut link, _) = console.accept().await;
    link.policy(1, json!([])).await;
    let mut shells = shells(&task, &mut link, ["web", "worker"]).await;
    assert_eq!(fence(&mut link, "both").await.0, ["web", "worker"]);

    let worker = shells[1].0.id() as i32;
    stop(worker);
    let began = Instant::now();
    let (containers, totals) = fence(&mut link, "one").await;
    assert!(began.elapsed() < HELD_UP, "{:?}", began.elapsed());
    assert_eq!(containers, ["web"]);
    assert_eq!((totals["stalled_wrappers"], totals["dropped_audits"]), (1, 0));
    let began = Instant::now();
    let heard = link.policy(2, deny("worker", "mkdir")).await;
    assert!(matches!(heard.last(), Some(FromDefender::PolicyApplied { revision: 2 })));
    assert_eq!(fence(&mut link, "still one").await.0, ["web"]);
    assert!(began.elapsed() < HELD_UP, "{:?}", began.elapsed());

    signals::send(worker, 18).unwrap();
    link.hear_until(|message| matches!(message, FromDefender::Workload(_))).await;
    assert_eq!(fence(&mut link, "both again").await.0, ["web", "worker"]);
    shells[1].write("mkdir x; echo $?");
    assert_eq!(shells[1].read(4), "126\n", "it came back to the newest policy");
}

/// A command in a mount namespace of its own, as a container has one.
fn contained(app: &Command) -> Command {
    let mut command = Command::new("unshare");
    if proofhouse_defender::kernel::process::effective_user() != 0 {
        command.args(["--user", "--map-root-user"]);
    }
    command.arg("--mount").arg(app.get_program()).args(app.get_args());
    command.envs(app.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(app.get_current_dir().unwrap());
    command
}

#[tokio::test]
async fn a_process_of_a_container_speaks_for_no_container() {
    let console = Console::start().await;
    let task = small_task(&console);
    let (mut link, _) = console.accept().await;
    link.policy(1, json!([])).await;
    let mut shells = ["web", "worker"].map(|name| Shell::start(&mut contained(&task.app(name, &["sh"]))));
    for _ in 0..2 {
        link.hear_until(|message| matches!(message, FromDefender::Workload(_))).await;
    }
    // The Defender\'s own program, below the wrapper of `web`: as the other container, as its own, as one that is none.
    for name in ["worker", "web", "ghost"] {
        let before = fence(&mut link, &format!("before {name}")).await.1["refused_connections"];
        shells[0].write(&format!(
            "TW_CONTAINER_NAME={name} ./defender fargate entrypoint true 2> /dev/null & echo $!"
        ));
        let mut pid = String::new();
        while !pid.ends_with('\n') {
            pid += &shells[0].read(1);
        }
        let began = Instant::now();
        let mut attempt = 0;
        loop {
            attempt += 1;
            let (containers, totals) = fence(&mut link, &format!("{name} {attempt}")).await;
            assert_eq!(containers, ["web", "worker"]);
            if totals["refused_connections"] > before {
                break;
            }
            assert!(began.elapsed() < DEADLINE, "{name} is refused");
        }
        signals::send(pid.trim().parse().unwrap(), 9).unwrap();
    }
    assert_eq!(fence(&mut link, "after").await.1["stalled_wrappers"], 0);
}

/// Tries to run one program again and again; each is an audit of some kilobytes.
const MANY_ATTEMPTS: &str = "
import os, sys
for _ in range(int(sys.argv[1])):
    try: os.execv(sys.argv[2], [sys.argv[2], 'x' * 4000])
    except PermissionError: pass
";

#[tokio::test]
async fn a_console_that_stops_reading_is_left_and_loses_nothing() {
    const ATTEMPTS: u64 = 3000;
    let console = Console::start().await;
    let task = small_task(&console);
    let (mut link, hello) = console.accept().await;
    link.policy(1, deny("web", "mkdir")).await;
    // From here on nobody reads what the Defender says.
    let stalled = Instant::now();
    let argv = [&*common::python(), "-c", MANY_ATTEMPTS, &ATTEMPTS.to_string(), &common::which("mkdir")];
    assert!(task.run("web", &argv).await.status.success());
    let (mut again, second) = console.accept().await;
    assert!(stalled.elapsed() < DEADLINE, "{:?}", stalled.elapsed());
    assert_eq!((second.incarnation, second.revision), (hello.incarnation, 1));
    let heard = again.fence("all").await;
    let sequences: Vec<_> = audits(&heard).iter().map(|audit| audit.sequence).collect();
    assert_eq!(sequences, (1..=ATTEMPTS).collect::<Vec<_>>());
    let Some(FromDefender::Fence { totals, .. }) = heard.last() else { panic!("a fence") };
    assert_eq!((totals["audits"], totals["dropped_audits"], totals["reconnects"]), (ATTEMPTS, 0, 1));
    assert_eq!(totals["vanished_wrappers"], 0, "the wrapper had delivered all before it ended");
    again.say(FromConsole::Ack { through: ATTEMPTS }).await;
    assert!(audits(&again.fence("none").await).is_empty());
    drop(link);
}
