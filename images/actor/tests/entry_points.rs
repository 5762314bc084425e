//! The entry points of the userland image, with the actor and without.
#![expect(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod common;

use common::{ACTOR, send_signal};
use proofhouse_protocol::actor::NAME_VARIABLE;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A command that runs a script of the image, with `actor` in its path or not.
fn script(name: &str, folder: &Path, with_actor: bool) -> Command {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../userland/files").join(name);
    if with_actor {
        symlink(ACTOR, folder.join("actor")).unwrap();
    }
    let mut command = Command::new(path);
    command.env_remove(NAME_VARIABLE).env("PATH", format!("{}:/usr/bin:/bin", folder.display()));
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

fn name(of: &str) -> String {
    format!("entry-{of}-{}", std::process::id())
}

#[test]
fn entry_sh_says_a_word_and_becomes_the_actor() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = script("usr/local/bin/entry.sh", folder.path(), true)
        .env(NAME_VARIABLE, name("script"))
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.next().unwrap(), "entry.sh: started with 0 arguments");
    let greeting: serde_json::Value = serde_json::from_str(&lines.next().unwrap()).unwrap();
    assert_eq!(greeting["actor"]["pid"], child.id(), "it is the same process");
    send_signal(child.id(), "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn entry_sh_without_a_name_or_an_actor_is_its_command() {
    for with_actor in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = script("usr/local/bin/entry.sh", folder.path(), with_actor);
        if !with_actor {
            command.env(NAME_VARIABLE, name("none"));
        }
        let output = command.args(["sh", "-c", "echo \"$1\"; exit 4", "sh", "a b"]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "entry.sh: started with 5 arguments\na b\n");
        assert_eq!(output.status.code(), Some(4));
    }
}

#[test]
fn the_images_entry_point_becomes_its_command_with_the_actor_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = script("docker-entrypoint.sh", folder.path(), true)
        .env(NAME_VARIABLE, name("beside"))
        .args([ACTOR, "sleep-until-signal"])
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let (one, other) = (lines.next().unwrap(), lines.next().unwrap());
    let greeting = [&one, &other].into_iter().find(|line| line.as_str() != "ready").unwrap();
    assert!([&one, &other].into_iter().any(|line| line == "ready"), "{one} {other}");
    let greeting: serde_json::Value = serde_json::from_str(greeting).unwrap();
    let actor = u32::try_from(greeting["actor"]["pid"].as_u64().unwrap()).unwrap();
    assert_ne!(actor, child.id());
    send_signal(child.id(), "TERM");
    assert_eq!(lines.next().unwrap(), "SIGTERM");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    send_signal(actor, "TERM");
    assert_eq!(lines.next(), None, "the actor has ended as well");
}

#[test]
fn the_images_entry_point_alone_is_its_command() {
    let folder = tempfile::tempdir().unwrap();
    let output = script("docker-entrypoint.sh", folder.path(), true)
        .args([ACTOR, "describe", "--exit", "5"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(5));
    let described: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(described["argv"], serde_json::json!([ACTOR, "describe", "--exit", "5"]));
}
