//! An app under the wrapper is the app without it.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{Hub, Shell, finish, python, script, text};
use proofhouse_defender::kernel::signals;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

#[test]
fn exit_codes_are_the_apps() {
    let hub = Hub::start(Value::Null);
    assert_eq!(hub.run(&["sh", "-c", "exit 0"]).status.code(), Some(0));
    assert_eq!(hub.run(&["sh", "-c", "exit 42"]).status.code(), Some(42));
    assert_eq!(hub.run(&["sh", "-c", "kill -KILL $$"]).status.code(), Some(137));
    assert_eq!(hub.run(&["sh", "-c", "kill -SEGV $$"]).status.code(), Some(139));
}

#[test]
fn an_app_that_cannot_start_says_why() {
    let hub = Hub::start(Value::Null);
    let missing = hub.run(&["no-such-program"]);
    assert_eq!(missing.status.code(), Some(127));
    assert!(text(&missing.stderr).contains("entry point \"no-such-program\": not found"));
    assert_eq!(hub.run(&["/etc/passwd"]).status.code(), Some(126));
    let format = script(hub.folder.path(), "garbage", "\u{1}\u{2}\u{3}");
    let refused = hub.run(&[&format]);
    assert_eq!(refused.status.code(), Some(126));
    assert!(text(&refused.stderr).contains("Exec format error"), "{}", text(&refused.stderr));
    assert_eq!(hub.run::<&str>(&[]).status.code(), Some(125));
}

const SELF_PORTRAIT: &str = "
import os, resource, signal, sys
print(sys.argv, os.getcwd(), oct(os.umask(0)))
print(sorted((k, v) for k, v in os.environ.items()))
print([(r, resource.getrlimit(r)) for r in range(16)])
print(sorted(os.listdir('/proc/self/fd'))[:3])
print([(s, str(signal.getsignal(s))) for s in (1, 2, 3, 13, 15)], signal.pthread_sigmask(0, []))
print(os.getpgrp() == os.getpid(), os.getsid(0) == os.getpid(), sys.stdin.read())
print('stderr', file=sys.stderr)
";

#[test]
fn arguments_environment_limits_signals_and_descriptors_are_the_same() {
    let hub = Hub::start(Value::Null);
    let python = python();
    let argv = [python.as_str(), "-c", SELF_PORTRAIT, "", "two words", "--version"];
    let run = |mut command: Command| {
        command.env("EMPTY", "").env("TW_CONTAINER_NAME", "web").env("TW_IMAGE_NAME", "shop:1");
        command.current_dir(hub.folder.path());
        let input = std::fs::File::open("/etc/hostname").unwrap();
        finish(command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    };
    let mut bare = Command::new(&python);
    bare.args(&argv[1..]);
    // A container runtime starts the bare app in a session of its own.
    bare.arg0(&python);
    let mut alone = Command::new("env");
    alone.args(["--default-signal", "setsid", "--wait"]).arg(bare.get_program()).args(bare.get_args());
    let (bare, wrapped) = (run(alone), run(hub.command(&argv)));
    assert_eq!(text(&wrapped.stdout), text(&bare.stdout));
    assert_eq!(wrapped.stderr, bare.stderr);
    assert_eq!(text(&wrapped.stderr), "stderr\n");
}

#[test]
fn signals_reach_the_app() {
    let hub = Hub::start(Value::Null);
    let mut shell = hub.shell();
    shell.write("trap 'echo term' TERM; trap 'echo hup' HUP; trap 'echo bye; exit 7' USR1; echo ready");
    assert_eq!(shell.line(), "ready");
    for (signal, answer) in [(SIGTERM, "term"), (SIGHUP, "hup"), (SIGTERM, "term")] {
        signals::send(shell.wrapper(), signal).unwrap();
        assert_eq!(shell.line_after_commands(), answer);
    }
    signals::send(shell.wrapper(), SIGUSR1).unwrap();
    assert_eq!(shell.line_after_commands(), "bye");
    assert_eq!(shell.end().code(), Some(7));
}

/// A wrapper that waits for its first policy, with `env`'s word on signals.
fn waiting(hub: &Hub, signals: &str) -> Shell {
    let command = hub.command(&["sh"]);
    let mut odd = Command::new("env");
    odd.args(["--default-signal", signals]).arg(hub.folder.path().join("defender"));
    odd.args(["fargate", "entrypoint", "sh"]).current_dir(hub.folder.path());
    odd.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let shell = Shell::new(odd.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap());
    until(|| mask(shell.wrapper(), "SigBlk") & 1 << (SIGUSR1 - 1) != 0);
    shell
}

/// A set of signals in the status of a process.
fn mask(pid: i32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(":\t")).unwrap();
    u64::from_str_radix(line, 16).unwrap()
}

#[test]
fn a_signal_before_the_app_has_started_ends_it_only_where_it_would_have_ended_the_app() {
    let mut hub = Hub::start(Value::Null);
    hub.vanish();
    let harmless = waiting(&hub, "--default-signal");
    let ignoring = waiting(&hub, "--ignore-signal=TERM,HUP");
    let ended = waiting(&hub, "--ignore-signal=HUP");
    for (shell, signal) in [
        (&harmless, SIGUSR1),
        (&harmless, SIGWINCH),
        (&ignoring, SIGTERM),
        (&ignoring, SIGHUP),
        (&ended, SIGTERM),
    ] {
        signals::send(shell.wrapper(), signal).unwrap();
    }
    assert_eq!(ended.end().code(), Some(128 + SIGTERM));
    for shell in [&harmless, &ignoring] {
        until(|| mask(shell.wrapper(), "ShdPnd") == 0);
    }
    hub.return_again();
    for mut shell in [harmless, ignoring] {
        assert_eq!(shell.status("true"), 0);
        assert!(shell.end().success());
    }
}

/// The kernel keeps from process 1 what it does not catch. The app would be process 1 without the Defender.
#[test]
fn a_signal_that_process_1_would_not_get_does_not_reach_the_app() {
    let hub = Hub::start(Value::Null);
    let code = "
import os, signal, sys
print('ready', flush=True)
for line in sys.stdin:
    if line.strip() == 'catch': signal.signal(signal.SIGTERM, lambda *_: (os.write(1, b'caught\\n'), os._exit(3)))
    print('on', flush=True)
";
    let wrapper = hub.command(&[&*python(), "-c", code]);
    let mut command = Command::new("unshare");
    command
        .args(["--pid", "--fork", "--mount-proc", "--kill-child"])
        .arg(wrapper.get_program())
        .args(wrapper.get_args());
    command.env("TW_CONTAINER_NAME", "web").env("TW_IMAGE_NAME", "shop:1").current_dir(hub.folder.path());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.next().unwrap(), "ready");
    let children = format!("/proc/{0}/task/{0}/children", child.id());
    let first: i32 = std::fs::read_to_string(children).unwrap().trim().parse().unwrap();
    signals::send(first, SIGTERM).unwrap();
    let mut say = |word: &str| writeln!(child.stdin.as_mut().unwrap(), "{word}").unwrap();
    say("stay");
    assert_eq!(lines.next().unwrap(), "on");
    say("catch");
    assert_eq!(lines.next().unwrap(), "on");
    signals::send(first, SIGTERM).unwrap();
    assert_eq!(lines.next().unwrap(), "caught");
    assert_eq!(finish(child).status.code(), Some(3));
}

#[test]
fn an_init_that_insists_on_being_process_1_gets_a_hint() {
    let hub = Hub::start(Value::Null);
    let run = |line: &str| {
        let wrapper = hub.command(&["sh", "-c", line]);
        let mut command = Command::new("unshare");
        command.args(["--pid", "--fork", "--mount-proc", "--kill-child"]);
        command.arg(wrapper.get_program()).args(wrapper.get_args()).env("TW_CONTAINER_NAME", "web");
        let output = command.current_dir(hub.folder.path()).output().unwrap();
        (output.status.code(), text(&output.stderr))
    };
    let (code, said) = run("[ $$ = 1 ] || exit 100");
    assert_eq!(code, Some(100));
    assert!(
        said.contains("ended with 100 soon after its start. Under the Defender it is not process 1"),
        "{said}"
    );
    assert_eq!(run("exit 1"), (Some(1), String::new()));
}

/// What is not there is said where one looks for the reason, once.
#[test]
fn what_the_defender_cannot_offer_is_told_once() {
    let hub = Hub::start(Value::Null);
    let code = "
import ctypes, socket, struct
c = ctypes.CDLL(None, use_errno=True)
def call(*args): return c.syscall(*args), ctypes.get_errno()
filter = ctypes.create_string_buffer(struct.pack('=HBBI', 6, 0, 0, 0x7fff0000))
program = ctypes.create_string_buffer(struct.pack('=H6xQ', 1, ctypes.addressof(filter)))
for _ in range(2): print(call(425, 1, 0), call(317, 1, 8, program), call(317, 1, 0, program), call(39 + 0x40000000))
s = socket.socket(type=socket.SOCK_DGRAM)
for flags in (0x4000000, 0x4000000):
    try: s.sendto(b'x', flags, ('127.0.0.1', 9)); print('sent')
    except OSError as e: print(e.errno)
";
    let output = hub.run(&[&*python(), "-c", code]);
    let line = "(-1, 38) (-1, 16) (0, 16) (-1, 38)\n";
    assert_eq!(text(&output.stdout), format!("{line}{line}105\n105\n"));
    let said = text(&output.stderr);
    for words in
        ["io_uring is not", "x32 interface are not", "listener of its own is not", "MSG_ZEROCOPY is not"]
    {
        assert_eq!(said.matches(words).count(), 1, "{said}");
    }
    assert_eq!(said.lines().count(), 4, "{said}");
    let setuid = script(hub.folder.path(), "other", "");
    std::fs::copy("/bin/true", &setuid).unwrap();
    std::fs::set_permissions(&setuid, std::os::unix::fs::PermissionsExt::from_mode(0o4755)).unwrap();
    let said = text(&hub.run(&["./other"]).stderr);
    assert!(said.contains("/other is setuid, setgid or has file capabilities"), "{said}");
}

/// As a container does that runs below `nohup`, or whose runtime has left something behind.
#[test]
fn dispositions_and_mask_are_those_that_the_wrapper_was_started_with() {
    let hub = Hub::start(Value::Null);
    // But for the two that C libraries keep for their threads, and nobody else may use.
    const OF_THREADS: u64 = 0b11 << 31;
    let signals = |output: &std::process::Output| -> Vec<(String, u64)> {
        let status = text(&output.stdout);
        let lines = status
            .lines()
            .filter_map(|line| line.split_once(":\t"))
            .filter(|(name, _)| ["SigBlk", "SigIgn", "SigCgt"].contains(name));
        lines
            .map(|(name, set)| (name.to_owned(), u64::from_str_radix(set, 16).unwrap() & !OF_THREADS))
            .collect()
    };
    for odd in ["--default-signal", "--ignore-signal=HUP,CHLD,PIPE,TERM,USR1", "--block-signal=USR2,WINCH"] {
        let start = |program: &std::path::Path, argv: &[&str]| {
            let mut command = Command::new("env");
            command.args(["--default-signal", odd]).arg(program).args(argv).stdout(Stdio::piped());
            command.env("TW_CONTAINER_NAME", "web").env("TW_IMAGE_NAME", "shop:1");
            finish(command.spawn().unwrap())
        };
        let wrapper = hub.folder.path().join("defender");
        let wrapped = start(&wrapper, &["fargate", "entrypoint", "cat", "/proc/self/status"]);
        let bare = start(std::path::Path::new("cat"), &["/proc/self/status"]);
        assert_eq!(signals(&bare).len(), 3, "{odd}");
        assert_eq!(signals(&wrapped), signals(&bare), "{odd}");
        let ended = start(&wrapper, &["fargate", "entrypoint", "sh", "-c", "exit 42"]);
        assert_eq!(ended.status.code(), Some(42), "{odd}");
    }
}

/// `nohup cargo test` is a way to run tests, too.
#[test]
fn tests_do_not_depend_on_the_signals_that_they_were_started_with() {
    let mut command = Command::new("env");
    command.args(["--ignore-signal=HUP,INT,QUIT,USR1,TERM"]).arg(std::env::current_exe().unwrap());
    command.args(["--skip", "tests_do_not_depend_on_the_signals"]).stdout(Stdio::piped());
    let output = finish(command.spawn().unwrap());
    let told = text(&output.stdout);
    assert!(output.status.success() && told.contains("15 passed"), "{told}");
}

const SIGHUP: i32 = 1;
const SIGUSR1: i32 = 10;
const SIGTERM: i32 = 15;
const SIGWINCH: i32 = 28;

const STOPPED_CHILD: &str = "
import os, signal
child = os.fork()
if child == 0:
    os.kill(os.getpid(), signal.SIGSTOP)
    os._exit(3)
pid, status = os.waitpid(child, os.WUNTRACED)
print(os.WIFSTOPPED(status), os.WSTOPSIG(status) == signal.SIGSTOP, os.waitpid(child, os.WNOHANG) == (0, 0))
os.kill(child, signal.SIGCONT)
pid, status = os.waitpid(child, os.WCONTINUED)
print(os.WIFCONTINUED(status) or os.WEXITSTATUS(status) == 3)
if os.WIFCONTINUED(status): print(os.WEXITSTATUS(os.waitpid(child, 0)[1]) == 3)
";

#[test]
fn a_stopped_process_stays_stopped_until_it_is_continued() {
    let hub = Hub::start(Value::Null);
    let output = hub.run(&[&python(), "-c", STOPPED_CHILD]);
    let lines = text(&output.stdout);
    assert!(lines.starts_with("True True True\nTrue\n") && !lines.contains("False"), "{lines}");
}

#[test]
fn orphans_are_reaped() {
    let hub = Hub::start(Value::Null);
    let mut shell = hub.shell();
    shell.write("sh -c '(echo $(sh -c \"echo \\$PPID\")) & exit 0'");
    let orphan: i32 = shell.line().parse().unwrap();
    until(|| state(orphan).is_none());
    shell.end();
}

#[test]
fn the_end_of_the_app_is_the_end_of_everything_below() {
    let hub = Hub::start(Value::Null);
    let output = hub.run(&["sh", "-c", "sleep 1000 > /dev/null 2>&1 & echo $!"]);
    let left: i32 = text(&output.stdout).trim().parse().unwrap();
    until(|| matches!(state(left), None | Some('Z')));
}

#[test]
fn many_processes_at_once() {
    let hub = Hub::start(common::processes(serde_json::json!({"effect": "prevent", "blacklist": ["mkdir"]})));
    let output = hub.run(&["sh", "-c", "for i in 1 2 3 4 5 6 7 8; do (for j in 1 2 3 4 5 6 7 8; do /bin/true; mkdir x$i$j; done) & done; wait; echo all"]);
    assert_eq!(text(&output.stdout), "all\n");
    assert_eq!(hub.audits().len(), 64);
}

fn state(pid: i32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

fn until(condition: impl Fn() -> bool) {
    let start = std::time::Instant::now();
    while !condition() {
        assert!(start.elapsed() < common::DEADLINE, "it never came true");
        std::thread::yield_now();
    }
}

/// A debugger in the container works, and is no way around a rule that prevents.
#[test]
fn a_debugger_can_attach_but_not_smuggle() {
    let traced = "
import ctypes, os, sys
pid = os.fork()
if pid == 0:
    ctypes.CDLL(None).ptrace(0, 0, 0, 0)
    try: os.execvp(sys.argv[1], sys.argv[1:])
    except OSError: os._exit(9)
_, status = os.waitpid(pid, 0)
while os.WIFSTOPPED(status):
    ctypes.CDLL(None).ptrace(7, pid, 0, 0)
    _, status = os.waitpid(pid, 0)
print(os.WEXITSTATUS(status))
";
    let hub = Hub::start(Value::Null);
    assert_eq!(text(&hub.run(&[&python(), "-c", traced, "true"]).stdout), "0\n");
    let rule = serde_json::json!({"effect": "prevent", "blacklist": ["mkdir"]});
    let hub = Hub::start(common::processes(rule));
    let output = hub.run(&[&python(), "-c", traced, "mkdir", "x"]);
    assert_eq!(text(&output.stdout), "9\n");
    assert!(!hub.trace("x").exists());
}

/// The ring would connect and send without asking anyone.
#[test]
fn there_is_no_io_uring() {
    let hub = Hub::start(Value::Null);
    let code = "import ctypes; l = ctypes.CDLL(None, use_errno=True); print(l.syscall(425, 1, 0), ctypes.get_errno())";
    assert_eq!(text(&hub.run(&[&python(), "-c", code]).stdout), "-1 38\n");
}
