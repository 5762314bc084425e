//! Programs are judged by the file that runs, and by what that is made to run.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{Hub, denied, denying, processes, python, text, which};
use serde_json::json;

/// What was written after the container's start is new, named or not; a file in memory goes by the name it was given.
#[test]
fn programs_without_a_file_are_judged_by_what_they_are() {
    let code = format!(
        "
import os
body = open('{}', 'rb').read()
def run(label, path, argv0):
    pid = os.fork()
    if pid == 0:
        try: os.execve(path, [argv0, label], {{}})
        except OSError: os._exit(126)
    print(label, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
def memory(name):
    fd = os.memfd_create(name, 0); os.write(fd, body); return fd
def unlinked():
    fd = os.open('gone', os.O_WRONLY | os.O_CREAT, 0o755); os.write(fd, body); os.close(fd)
    fd = os.open('gone', os.O_RDONLY); os.unlink('gone'); return fd
run('named', f'/proc/self/fd/{{memory(\"mkdir\")}}', 'x')
run('innocent', memory('innocent'), 'innocent')
run('nameless', f'/dev/fd/{{memory(\"\")}}', 'x')
run('unlinked', unlinked(), 'x')
",
        which("mkdir")
    );
    let cases = [
        (json!({"effect": "prevent", "blacklist": ["mkdir"]}), "explicitlyDeniedProcess", vec!["named"]),
        (
            json!({"effect": "prevent", "whitelist": ["python*", "mkdir"]}),
            "explicitlyDeniedProcess",
            vec!["innocent", "nameless", "unlinked"],
        ),
        (
            json!({"effect": "prevent", "checkNewBinaries": true}),
            "modifiedProcess",
            vec!["named", "innocent", "nameless", "unlinked"],
        ),
    ];
    for (section, kind, refused) in cases {
        let hub = Hub::start(processes(section.clone()));
        let output = hub.run(&[&*python(), "-c", &code]);
        let expected: String = ["named", "innocent", "nameless", "unlinked"]
            .iter()
            .map(|one| format!("{one} {}\n", if refused.contains(one) { "126" } else { "0" }))
            .collect();
        // A kill at the event is as good as a refusal before.
        let said = text(&output.stdout).replace("-9", "126");
        assert_eq!(said, expected, "{section}: {}", text(&output.stderr));
        let audits = hub.audits();
        assert!(audits.iter().all(|audit| audit.attack_type == kind), "{section}: {audits:?}");
        assert_eq!(audits.len(), refused.len(), "{section}: {audits:?}");
        let deleted = |audit: &proofhouse_protocol::RuntimeAudit| format!("{audit:?}").contains("(deleted)");
        assert!(!audits.iter().any(deleted), "{audits:?}");
    }
}

/// A path of a list is the file that it leads to, by whatever path that is started.
#[test]
fn a_listed_path_is_its_file() {
    let hub = Hub::start(serde_json::Value::Null);
    std::os::unix::fs::symlink("/usr/bin", hub.trace("bin")).unwrap();
    std::os::unix::fs::symlink(which("mkdir"), hub.trace("maker")).unwrap();
    let (folder, real) = (hub.folder.path().display().to_string(), which("mkdir"));
    for entry in
        [format!("{folder}/bin/mkdir"), format!("{folder}/bin/mk*"), format!("{folder}/maker"), real.clone()]
    {
        hub.replace_at_start(processes(json!({"effect": "prevent", "blacklist": [entry]})));
        let starts =
            [real.clone(), format!("{folder}/bin/mkdir"), format!("{folder}/maker"), "mkdir".to_owned()];
        for (index, start) in starts.iter().enumerate() {
            let output = hub.run(&["sh", "-c", &format!("{start} x; echo $?")]);
            assert_eq!(text(&output.stdout), "126\n", "{start} where {entry} is denied");
            assert_eq!(hub.audits().len(), index + 1, "{start} where {entry} is denied");
        }
        assert!(hub.audits()[1].msg.contains(&format!("{real} (started as {folder}/bin/mkdir) launched")));
        assert!(!hub.trace("x").exists());
        let list = json!({"effect": "prevent", "whitelist": [entry]});
        hub.replace_at_start(processes(list));
        for start in &starts {
            let output = hub.run(&["sh", "-c", &format!("{start} x && echo made")]);
            assert_eq!(text(&output.stdout), "made\n", "{start} where {entry} is allowed");
            std::fs::remove_dir(hub.trace("x")).unwrap();
        }
        assert!(hub.audits().is_empty());
    }
}

/// The loader runs what it is given without an exec.
#[test]
fn what_the_loader_is_given_is_judged() {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let loader =
        maps.lines().find_map(|line| line.split_whitespace().last().filter(|path| path.contains("/ld-")));
    let loader = loader.unwrap().to_owned();
    let hub = denying("mkdir");
    std::fs::copy(&loader, hub.trace("harmless")).unwrap();
    for (index, start) in [loader.as_str(), "./harmless"].into_iter().enumerate() {
        let line = format!(
            "{start} --inhibit-cache {} x; echo $?; {start} {} && echo ran",
            which("mkdir"),
            which("true")
        );
        assert_eq!(text(&hub.run(&["sh", "-c", &line]).stdout), "126\nran\n", "{start}");
        assert_eq!(hub.summary().len(), index + 1);
        assert_eq!(hub.audits()[index].process_path, Some(which("mkdir")));
    }
    let long = format!("{loader} --library-path $(printf %05000d 0) {} x; echo $?", which("mkdir"));
    let said = text(&hub.run(&["sh", "-c", &long]).stdout);
    assert!(said == "126\n" || said == "137\n", "however long its options are: {said}");
    assert_eq!(hub.summary().len(), 3);
    assert!(!hub.trace("x").exists());
    let hub = Hub::start(processes(json!({"effect": "prevent", "whitelist": ["ld-linux*"]})));
    hub.run(&["sh", "-c", &format!("{loader} {} x", which("mkdir"))]);
    assert_eq!(hub.summary(), denied("mkdir"), "to be allowed to load is not to be allowed to run");
}

const TRACER: &str = "
import ctypes, os, signal, sys
c = ctypes.CDLL(None, use_errno=True)
pid = os.fork()
if pid == 0:
    c.ptrace(0, 0, 0, 0); os.kill(os.getpid(), signal.SIGSTOP); os.execvp(sys.argv[1], sys.argv[1:])
os.waitpid(pid, 0)
c.ptrace(0x4200, pid, 0, 0x10 | 2 | 4 | 8 | 0x100000); c.ptrace(7, pid, 0, 0)
execs, code = 0, None
while True:
    try: who, status = os.waitpid(-1, 0x40000000)
    except ChildProcessError: break
    if os.WIFSTOPPED(status):
        if status >> 16 == 4: execs += 1
        number = os.WSTOPSIG(status) if status >> 16 == 0 and os.WSTOPSIG(status) not in (5, 19) else 0
        c.ptrace(7, who, 0, number)
    elif who == pid: code = os.waitstatus_to_exitcode(status)
print(execs, 'execs, ended with', code)
";

/// As another vendor's wrapper is that stands before the app.
#[test]
fn a_tracer_of_the_apps_own_works_and_a_denied_program_does_not_run_under_it() {
    for rule in [
        json!({"effect": "prevent", "blacklist": ["mkdir"]}),
        json!({"effect": "alert", "blacklist": ["mkdir"]}),
    ] {
        let hub = Hub::start(processes(rule.clone()));
        let prevents = rule["effect"] == "prevent";
        let output = hub.run(&[&*python(), "-c", TRACER, "sh", "-c", "mkdir x; true; /bin/true; exit 5"]);
        let execs = if prevents { 2 } else { 3 };
        assert_eq!(
            text(&output.stdout),
            format!("{execs} execs, ended with 5\n"),
            "{rule}: {}",
            text(&output.stderr)
        );
        assert_eq!(hub.trace("x").exists(), !prevents);
        assert_eq!(hub.summary(), denied("mkdir"), "{rule}");
        let said = text(&output.stderr);
        assert_eq!(said.matches("is traced by another tracer").count(), 1, "{said}");
    }
}

/// A program that may not be read hides what its processes do from a wrapper without capabilities.
#[test]
fn what_a_wrapper_cannot_look_into_is_refused_and_told_of() {
    use std::os::unix::fs::PermissionsExt;
    let hub = denying("mkdir");
    std::fs::copy(which("dash"), hub.trace("secret")).unwrap();
    std::fs::set_permissions(hub.trace("secret"), std::fs::Permissions::from_mode(0o111)).unwrap();
    let wrapper = hub.command(&["sh", "-c", "./secret -c '/bin/true; echo $?'"]);
    let mut command = std::process::Command::new("setpriv");
    command.args(["--inh-caps=-all", "--bounding-set=-all"]).arg(wrapper.get_program());
    command.args(wrapper.get_args()).current_dir(hub.folder.path());
    for (name, value) in wrapper.get_envs() {
        command.env(name, value.unwrap());
    }
    let output = command.output().unwrap();
    assert_eq!(text(&output.stdout), "126\n", "{}", text(&output.stderr));
    let audits = hub.audits();
    assert_eq!(audits.len(), 1, "{audits:?}");
    assert_eq!(audits[0].attack_type, "explicitlyDeniedProcess");
    assert_eq!(audits[0].process_path.as_deref(), Some("unknown"));
}

#[test]
fn an_applet_is_judged_by_its_name() {
    let hub = denying("mkdir");
    std::fs::copy(which("busybox"), hub.trace("box")).unwrap();
    let starts = ["busybox mkdir x", "(exec -a busybox ./box mkdir x)", "(exec -a mkdir ./box x)"];
    for (index, start) in starts.into_iter().enumerate() {
        let output = hub.run(&["bash", "-c", &format!("{start}; echo $?; busybox true && echo ran")]);
        assert_eq!(text(&output.stdout), "126\nran\n", "{start}");
        assert_eq!(hub.audits().len(), index + 1, "{start}");
    }
    assert!(!hub.trace("x").exists());
}
