//! Calls that make or change files, where the task was embedded with file system monitoring.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{Hub, finish, python, text, which};
use proofhouse_protocol::RuleEffect;
use serde_json::{Value, json};
use std::fs;
use std::process::{Output, Stdio};

fn files(section: Value) -> Value {
    json!({"name": "r", "filesystem": section})
}

/// Runs a shell line with the sensor on or off.
fn run(hub: &Hub, monitoring: &str, argv: &[&str]) -> Output {
    let mut command = hub.command(argv);
    command.env("FILESYSTEM_MONITORING", monitoring);
    finish(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

/// `attackType`, path below the test's folder, and effect of each audit.
fn told(hub: &Hub) -> Vec<(String, String, RuleEffect)> {
    let folder = fs::canonicalize(hub.folder.path()).unwrap();
    let audits = hub.audits();
    let below = |path: &str| path.strip_prefix(folder.to_str().unwrap()).unwrap_or(path).to_owned();
    audits
        .iter()
        .map(|audit| {
            (audit.attack_type.clone(), below(audit.filepath.as_deref().unwrap_or_default()), audit.effect)
        })
        .collect()
}

/// A rule that denies a path below the test's folder.
fn denying(name: &str, effect: &str) -> Hub {
    let hub = Hub::start(Value::Null);
    let path = fs::canonicalize(hub.folder.path()).unwrap().join(name);
    let section = json!({"effect": effect, "blacklist": [path], "skipEncryptedBinaries": true});
    hub.replace_at_start(files(section));
    hub
}

#[test]
fn a_denied_path_is_not_made_by_any_call_and_a_file_that_is_there_is_only_told_of() {
    let hub = denying("no", "prevent");
    fs::write(hub.trace("old"), "x").unwrap();
    fs::create_dir(hub.trace("folder")).unwrap();
    std::os::unix::fs::symlink("no", hub.trace("link")).unwrap();
    let code = "
import ctypes, os, struct
c = ctypes.CDLL(None, use_errno=True)
w = os.O_WRONLY | os.O_CREAT
def attempt(name, act):
    try:
        done = act()
        error = ctypes.get_errno() if done == -1 else 0
    except OSError as e:
        error = e.errno
    if os.path.lexists('no'):
        error = 'made'
    print(name, error, flush=True)
attempt('open', lambda: os.open('no', w))
attempt('excl', lambda: os.open('no', w | os.O_EXCL))
attempt('rdonly', lambda: os.open('no', os.O_RDONLY | os.O_CREAT))
attempt('link', lambda: os.open('link', w))
attempt('dots', lambda: os.open('folder/.././no', w))
attempt('at', lambda: os.open('../no', w, dir_fd=os.open('folder', os.O_RDONLY)))
attempt('open2', lambda: c.syscall(437, -100, b'no', struct.pack('QQQ', w, 0o644, 0), 24))
attempt('creat', lambda: c.syscall(85, b'no', 0o644))
attempt('mkdir', lambda: os.mkdir('no'))
attempt('fifo', lambda: os.mkfifo('no'))
attempt('symlink', lambda: os.symlink('old', 'no'))
attempt('hard', lambda: os.link('old', 'no'))
def nameless():
    file = os.open('.', os.O_TMPFILE | os.O_RDWR)
    os.link(f'/proc/self/fd/{file}', 'no', follow_symlinks=True)
attempt('nameless', nameless)
attempt('rename', lambda: os.rename('old', 'no'))
attempt('below', lambda: os.rename('folder', 'no'))
";
    let output = run(&hub, "true", &[&*python(), "-c", code]);
    let names = [
        "open", "excl", "rdonly", "link", "dots", "at", "open2", "creat", "mkdir", "fifo", "symlink", "hard",
        "nameless", "rename", "below",
    ];
    let expected: String = names.iter().map(|name| format!("{name} 1\n")).collect();
    assert_eq!(text(&output.stdout), expected, "{}", text(&output.stderr));
    let one = ("explicitlyDeniedFile".to_owned(), "/no".to_owned(), RuleEffect::Prevent);
    assert_eq!(told(&hub), vec![one; names.len()]);

    let hub = denying("no", "prevent");
    fs::write(hub.trace("no"), "x").unwrap();
    let output = run(&hub, "true", &["sh", "-c", "echo y > no; echo z >> no; cat no; truncate -s 0 no"]);
    assert_eq!(text(&output.stdout), "y\nz\n", "{}", text(&output.stderr));
    let one = ("explicitlyDeniedFile".to_owned(), "/no".to_owned(), RuleEffect::Alert);
    assert_eq!(told(&hub), vec![one; 3]);
}

#[test]
fn without_the_word_nothing_is_looked_at() {
    for word in ["false", "", "TRUE"] {
        let hub = denying("no", "prevent");
        let output = run(&hub, word, &["sh", "-c", "touch no && echo made"]);
        assert_eq!(text(&output.stdout), "made\n");
        assert!(told(&hub).is_empty(), "{word}");
    }
}

#[test]
fn what_fails_anyway_or_changes_no_file_is_not_told_of() {
    let hub = denying("no", "alert");
    fs::create_dir(hub.trace("no")).unwrap();
    let line = "mkdir no; ln -s x no/; cat no; echo x > no; echo x > no/no/x; : > /dev/null; ls no; rm -r no";
    run(&hub, "true", &["sh", "-c", line]);
    // `ln -s x no/` makes `no/x`.
    assert_eq!(told(&hub), [("explicitlyDeniedFile".to_owned(), "/no/x".to_owned(), RuleEffect::Alert)]);
}

#[test]
fn what_is_written_is_looked_at_when_it_is_closed() {
    let hub =
        Hub::start(files(json!({"effect": "prevent", "checkNewFiles": true, "suspiciousELFHeaders": true})));
    let line = format!(
        "cp {0} made; echo text > text; echo more >> made; cp made text; printf '#!/bin/sh\\n' > script; \
         cp {0} temporary; mv temporary final; rm final; cat made > /dev/null; : >> text; head -c 100 {0} > cut",
        which("true")
    );
    let output = run(&hub, "true", &["sh", "-c", &line]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let alert = |kind: &str, path: &str| (kind.to_owned(), path.to_owned(), RuleEffect::Alert);
    let expected = [
        alert("elfFileAccess", "/made"),
        alert("elfFileAccess", "/made"),
        alert("elfFileAccess", "/text"),
        alert("elfFileAccess", "/temporary"),
        alert("elfFileAccess", "/final"),
        alert("suspiciousELFHeader", "/cut"),
    ];
    assert_eq!(told(&hub), expected);
    let writers: Vec<_> = hub.audits().iter().map(|audit| audit.process_path.clone().unwrap()).collect();
    assert_eq!(writers[0], which("cp"));
    assert_eq!(writers[4], which("mv"));
}

#[test]
fn what_was_written_before_a_fence_is_told_of_before_it() {
    let hub = Hub::start(files(json!({"effect": "alert", "checkNewFiles": true})));
    let mut command = hub.command(&["sh"]);
    command.env("FILESYSTEM_MONITORING", "true");
    let mut shell = common::Shell::new(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap());
    for round in 1..=20 {
        assert_eq!(shell.status(&format!("cp {} made{round}", which("true"))), 0);
        hub.fence();
        assert_eq!(hub.audits().len(), round);
    }
    assert!(shell.end().success());
}
