//! Process policy, enforced by the built wrapper on real programs of this host.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{Hub, denied, denying, processes, python, script, text, which};
use proofhouse_protocol::RuleEffect;
use proofhouse_protocol::audit::RuntimeAuditType;
use serde_json::json;

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
fn a_hub_that_has_no_policy_any_more_takes_none_away() {
    let mut hub = denying("mkdir");
    let mut shell = hub.shell();
    assert_eq!(shell.status("mkdir a"), 126);
    hub.fence();
    hub.vanish();
    hub.forget();
    hub.return_again();
    hub.wait_for(|message| *message == proofhouse_defender::hub::ToSidecar::Applied { revision: 0 });
    assert_eq!(shell.status("mkdir a"), 126);
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
