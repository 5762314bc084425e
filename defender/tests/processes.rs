//! Process policy, enforced by the built wrapper on real programs of this host.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{Hub, processes, python, script, text, which};
use proofhouse_protocol::RuleEffect;
use proofhouse_protocol::audit::RuntimeAuditType;
use serde_json::json;

fn denying(name: &str) -> Hub {
    Hub::start(processes(json!({"effect": "prevent", "blacklist": [name]})))
}

fn denied(name: &str) -> Vec<(String, String)> {
    vec![("explicitlyDeniedProcess".to_owned(), name.to_owned())]
}

#[test]
fn a_denied_program_never_runs_its_parent_goes_on_and_there_is_one_audit() {
    let hub = denying("mkdir");
    let trace = hub.trace("x");
    let output = hub.run(&["sh", "-c", "mkdir x --token=SECRET; echo status $?"]);
    assert!(output.status.success());
    assert_eq!(text(&output.stdout), "status 126\n");
    assert!(!trace.exists());
    let audits = hub.audits();
    assert_eq!(audits.len(), 1, "{audits:?}");
    let audit = &audits[0];
    assert_eq!(audit.kind, RuntimeAuditType::Processes);
    assert_eq!(audit.attack_type, "explicitlyDeniedProcess");
    assert_eq!(audit.effect, RuleEffect::Prevent);
    assert_eq!(audit.rule_name, "r");
    assert_eq!(audit.process_path, Some(which("mkdir")));
    assert_eq!(audit.command.as_deref(), Some("mkdir x --token=****"));
    assert_eq!(audit.container_name.as_deref(), Some("web"));
    assert_eq!(audit.image_name.as_deref(), Some("shop:1"));
    assert_eq!(audit.attack_techniques, Some(vec!["nativeBinaryExecution".to_owned()]));
    assert!(audit.container && audit.pid.is_some() && audit.user.is_some());
    assert!(audit.msg.contains("launched and is explicitly denied by runtime rule. Full command: mkdir x"));
}

#[test]
fn an_alert_lets_the_program_run_and_tells_once() {
    let hub = Hub::start(processes(json!({"effect": "alert", "blacklist": ["mkdir"]})));
    let output = hub.run(&["sh", "-c", "mkdir x"]);
    assert!(output.status.success());
    assert!(hub.trace("x").is_dir());
    assert_eq!(hub.summary(), denied("mkdir"));
    assert_eq!(hub.audits()[0].effect, RuleEffect::Alert);
}

#[test]
fn what_is_not_on_a_filled_allow_list_is_denied() {
    let hub = Hub::start(processes(json!({"effect": "prevent", "whitelist": ["true"]})));
    let output = hub.run(&["sh", "-c", "true && echo allowed; mkdir x; exit 5"]);
    assert_eq!(output.status.code(), Some(5));
    assert_eq!(text(&output.stdout), "allowed\n");
    assert!(!hub.trace("x").exists());
    assert_eq!(hub.summary(), denied("mkdir"));
}

#[test]
fn a_link_does_not_launder_a_program() {
    let hub = Hub::start(processes(json!({"effect": "prevent", "whitelist": ["true"]})));
    std::os::unix::fs::symlink(which("mkdir"), hub.trace("true")).unwrap();
    hub.run(&["sh", "-c", "./true x"]);
    assert!(!hub.trace("x").exists());
    assert_eq!(hub.summary(), denied("mkdir"));
}

#[test]
fn a_link_by_a_denied_name_is_denied() {
    let hub = denying("forbidden");
    std::os::unix::fs::symlink(which("mkdir"), hub.trace("forbidden")).unwrap();
    hub.run(&["sh", "-c", "./forbidden x"]);
    assert!(!hub.trace("x").exists());
    assert_eq!(hub.summary(), denied("mkdir"));
}

#[test]
fn the_entry_point_is_exempt_and_what_replaces_it_is_not() {
    let hub = denying("sh");
    assert_eq!(hub.run(&["sh", "-c", "exit 4"]).status.code(), Some(4));
    assert_eq!(hub.summary(), vec![]);
    let hub = denying("mkdir");
    let output = hub.run(&["sh", "-c", "exec mkdir x"]);
    assert_eq!(output.status.code(), Some(126));
    assert!(!hub.trace("x").exists());
    assert_eq!(hub.summary(), denied("mkdir"));
}

#[test]
fn block_all_binaries_leaves_the_main_process_only() {
    let hub =
        Hub::start(processes(json!({"effect": "prevent", "blockAllBinaries": true, "whitelist": ["mkdir"]})));
    let output = hub.run(&["sh", "-c", "mkdir x; echo builtin"]);
    assert_eq!(text(&output.stdout), "builtin\n");
    assert!(!hub.trace("x").exists());
    assert_eq!(hub.summary(), denied("mkdir"));
}

#[test]
fn scripts_are_denied_by_their_own_name_and_by_their_interpreter() {
    for (denied_name, allowed) in [("task.sh", "other.sh"), ("dash", "true")] {
        let hub = denying(denied_name);
        let dash = which("dash");
        for name in ["task.sh", "other.sh"] {
            script(hub.folder.path(), name, &format!("#!{dash}\necho {name} > {name}.ran\n"));
        }
        let program = python();
        let code = "import subprocess, sys\nfor n in ['./task.sh', sys.argv[1]]:\n  try: subprocess.run([n])\n  except OSError: pass";
        let allowed = if allowed == "true" { which("true") } else { format!("./{allowed}") };
        hub.run(&[&program, "-c", code, &allowed]);
        assert!(!hub.trace("task.sh.ran").exists());
        assert_eq!(hub.summary(), denied("dash"), "denying {denied_name}");
        assert_eq!(hub.trace("other.sh.ran").exists(), denied_name == "task.sh");
    }
}

/// Every way to start a program that a real one has. Each must fail, once reported.
#[test]
fn every_way_to_exec_is_seen() {
    let ways = [
        ("fork", "subprocess.run([M, 'x'], close_fds=False, preexec_fn=lambda: None)"),
        ("vfork", "subprocess.run([M, 'x'], close_fds=False)"),
        ("posix_spawn", "os.waitpid(os.posix_spawn(M, [M, 'x'], os.environ), 0)"),
        ("posix_spawnp", "os.waitpid(os.posix_spawnp('mkdir', ['mkdir', 'x'], os.environ), 0)"),
        ("path search", "subprocess.run(['mkdir', 'x'])"),
        ("fexecve", "child(lambda: os.execve(os.open(M, os.O_RDONLY), ['m', 'x'], os.environ))"),
        (
            "execveat",
            "child(lambda: libc.syscall(322, os.open(os.path.dirname(M), os.O_RDONLY), b'mkdir', argv, None, 0))",
        ),
        (
            "execveat of a descriptor",
            "child(lambda: libc.syscall(322, os.open(M, os.O_RDONLY), b'', argv, None, 0x1000))",
        ),
        (
            "from a thread",
            "t = threading.Thread(target=lambda: subprocess.run([M, 'x'])); t.start(); t.join()",
        ),
        (
            "replacing from a thread",
            "child(lambda: [t := threading.Thread(target=lambda: os.execv(M, [M, 'x'])), t.start(), t.join()])",
        ),
        ("daemon", "child(lambda: [os.setsid(), os.fork() or os.execv(M, [M, 'x'])])"),
        ("relative", "os.chdir('/'); child(lambda: os.execv('.' + M, [M, D + '/x']))"),
    ];
    let python = python();
    for (way, code) in ways {
        let hub = denying("mkdir");
        let program = format!(
            "import ctypes, os, subprocess, sys, threading\n\
             M, D = '{}', os.getcwd()\n\
             libc = ctypes.CDLL(None)\n\
             argv = (ctypes.c_char_p * 3)(b'mkdir', b'x', None)\n\
             def child(act):\n \
               pid = os.fork()\n \
               if pid == 0:\n  \
                 try: act()\n  \
                 finally: os._exit(9)\n \
               os.waitpid(pid, 0)\n\
             try:\n {code}\n\
             except OSError: pass\n\
             print('went on')\n",
            which("mkdir")
        );
        let output = hub.run(&[&python, "-c", &program]);
        assert_eq!(text(&output.stdout), "went on\n", "{way}: {}", text(&output.stderr));
        assert!(!hub.trace("x").exists(), "{way}");
        assert_eq!(hub.summary(), denied("mkdir"), "{way}");
    }
}

/// One thread swaps the path while another is in the exec: the check before is fooled, the one at the event is not.
#[test]
fn a_path_that_changes_under_the_check_runs_nothing_denied() {
    let hub = denying("touch");
    let code = format!(
        "import ctypes, os, threading\n\
         libc = ctypes.CDLL(None)\n\
         good, bad = b'{}', b'{}'\n\
         width = max(len(good), len(bad)) + 1\n\
         path = ctypes.create_string_buffer(width)\n\
         argv = (ctypes.c_char_p * 3)(b'x', b'trace', None)\n\
         def swap():\n \
           while True:\n  \
             ctypes.memmove(path, good + b'\\0', len(good) + 1)\n  \
             ctypes.memmove(path, bad + b'\\0', len(bad) + 1)\n\
         for _ in range(150):\n \
           pid = os.fork()\n \
           if pid == 0:\n  \
             threading.Thread(target=swap, daemon=True).start()\n  \
             while True: libc.execve(path, argv, None)\n \
           os.waitpid(pid, 0)\n",
        which("true"),
        which("touch")
    );
    let output = hub.run(&[&python(), "-c", &code]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(!hub.trace("trace").exists());
}

#[test]
fn detections_have_their_own_audits() {
    let hub = Hub::start(processes(
        json!({"effect": "prevent", "checkCryptoMiners": true, "checkNewBinaries": true}),
    ));
    let copy = format!(
        "cp {} ./fresh; ./fresh x; ln -s {} xmrig; ./xmrig y; mkdir z",
        which("mkdir"),
        which("mkdir")
    );
    hub.run(&["sh", "-c", &copy]);
    let expected = [("modifiedProcess", "fresh"), ("cryptoMinerProcess", "mkdir")];
    assert_eq!(hub.summary(), expected.map(|(kind, name)| (kind.to_owned(), name.to_owned())));
    assert!(!hub.trace("x").exists() && !hub.trace("y").exists());
    assert!(hub.trace("z").exists());
}

#[test]
fn a_new_policy_decides_the_next_exec_and_a_fence_brings_every_audit() {
    let hub = denying("mkdir");
    let mut shell = hub.shell();
    assert_eq!(shell.status("mkdir a"), 126);
    hub.fence();
    assert_eq!(hub.audits().len(), 1);
    hub.replace(serde_json::Value::Null);
    assert_eq!(shell.status("mkdir a"), 0);
    hub.replace(processes(json!({"effect": "prevent", "blacklist": ["rmdir"]})));
    assert_eq!(shell.status("rmdir a"), 126);
    hub.fence();
    assert_eq!(hub.audits().len(), 2);
    assert!(shell.end().success());
}

#[test]
fn without_its_hub_a_wrapper_keeps_its_policy_and_its_audits() {
    let mut hub = denying("mkdir");
    let mut shell = hub.shell();
    assert_eq!(shell.status("mkdir a"), 126);
    hub.fence();
    hub.vanish();
    assert_eq!(shell.status("mkdir a"), 126);
    assert_eq!(shell.status("mkdir a"), 126);
    hub.return_again();
    hub.wait_for(|message| matches!(message, proofhouse_defender::hub::ToSidecar::Audits { .. }));
    shell.end();
    let repeated: Vec<_> = hub.audits().into_iter().map(|audit| audit.pid).collect();
    let distinct: std::collections::BTreeSet<_> = repeated.iter().collect();
    assert_eq!(distinct.len(), 3, "all three attempts were told: {repeated:?}");
}

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
