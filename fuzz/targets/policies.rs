//! What is said on the link and on the hub: it is written again as it was read, in one line; and a policy compiles, or says in one line why
//! it does not.

#![no_main]

use libfuzzer_sys::fuzz_target;
use proofhouse_defender::decision::{ContainerRule, Launch, Places, Policy, Workload, first_rule};
use proofhouse_defender::hub::{FromSidecar, ToSidecar};
use proofhouse_protocol::link::{FromConsole, FromDefender, PolicyRevision};
use proofhouse_waas::fuzzing::compiled;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

fuzz_target!(|bytes: &[u8]| {
    again::<FromDefender>(bytes);
    again::<ToSidecar>(bytes);
    again::<FromSidecar>(bytes);
    if let Some(FromConsole::Policy(revision)) = again(bytes) {
        runtime(&revision);
        match compiled(&revision.waas, "family:task") {
            Ok(ports) => assert!(ports <= bytes.len()),
            Err(error) => assert!(!error.chars().any(char::is_control) && error.len() <= 2048, "{error:?}"),
        }
    }
});

/// A message, if it is one.
fn again<M: Serialize + DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) -> Option<M> {
    let message: M = serde_json::from_slice(bytes).ok()?;
    let line = serde_json::to_string(&message).expect("what was read can be written");
    assert!(!line.contains('\n'));
    let second: M = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
    assert_eq!(second, message);
    Some(message)
}

fn runtime(revision: &PolicyRevision) {
    let workload = Workload { container: "web", image: "docker.io/library/nginx:1", app_id: "family:task" };
    let rule = first_rule(&revision.runtime, &workload).map(ContainerRule::from);
    let policy = Policy::compile(rule.as_ref(), &revision.semantics);
    let again = rule.map(|rule| serde_json::to_string(&rule).expect("a rule can be written"));
    let again: Option<ContainerRule> =
        again.map(|rule| serde_json::from_str(&rule).expect("a rule can be read"));
    let second = Policy::compile(again.as_ref(), &revision.semantics);
    for name in ["example.com", "EXAMPLE.com.", "a.b.example.com", "xn--nxasmq6b.test", "", ".", "\\046.com"]
    {
        let denies = |policy: &Policy| policy.dns.as_ref().map(|rules| rules.denies(name));
        assert_eq!(denies(&policy), denies(&second), "{name}");
        if !name.is_empty() && !name.ends_with('.') {
            let other = format!("{}.", name.to_ascii_uppercase());
            let same = policy.dns.as_ref().map(|rules| rules.denies(&other));
            assert_eq!(denies(&policy), same, "{name} in another spelling");
        }
    }
    for names in [&["/bin/sh"][..], &["busybox", "ls"], &["ü", ""], &["/usr/bin/../bin/env"]] {
        for (multi_call, modified, altered) in
            [(false, false, false), (true, true, false), (true, false, true)]
        {
            let launch = Launch { executable: "/usr/bin/busybox", names, multi_call, modified, altered };
            let judge = |policy: &Policy| policy.processes.as_ref().map(|rules| rules.judge(&launch, &Links));
            assert_eq!(judge(&policy), judge(&second));
        }
    }
}

/// A container in which `/bin` is a link.
struct Links;

impl Places for Links {
    fn in_folder(&self, path: &str) -> Option<String> {
        path.strip_prefix("/bin/").map(|name| format!("/usr/bin/{name}"))
    }

    fn of_file(&self, path: &str) -> Option<String> {
        path.ends_with("sh").then(|| "/usr/bin/busybox".to_owned())
    }
}
