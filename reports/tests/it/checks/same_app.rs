//! The same app, bare and protected.

use super::case::{Case, case, run};
use crate::sample::given::{embedded, original, running};
use crate::sample::tape::Scene;
use proofhouse_protocol::observation::{Blame, DefinitionRole, LogStream, TaskKind};
use proofhouse_reports::Check;
use serde_json::{Value, json};

const ADDED: [&str; 6] = [
    "TW_IMAGE_NAME",
    "TW_CONTAINER_NAME",
    "DEFENDER_TYPE",
    "FARGATE_TASK",
    "FILESYSTEM_MONITORING",
    "FIPS_ENABLED",
];

/// What an app says of itself, with a change.
fn said(protected: bool, change: impl FnOnce(&mut Value)) -> String {
    let mut app = json!({"argv": ["/actor"], "cwd": "/srv", "uid": 7, "gid": 7, "exe": "/actor",
        "env": {"MODE": "work", "ECS_AGENT_URI": if protected { "http://b" } else { "http://a" }}});
    if protected {
        ADDED.iter().for_each(|name| app["env"][*name] = json!("x"));
    }
    change(&mut app);
    app.to_string()
}

impl Scene<'_> {
    fn worker(&mut self, run: TaskKind, described: &str) -> &mut Self {
        self.began(run, &["worker"]).wrote("worker", "starting").wrote("worker", described)
    }

    fn exited_with(&mut self, code: Option<i64>) -> &mut Self {
        let mut record = running(&["worker"]);
        record.containers.values_mut().for_each(|one| one.exit_code = code);
        self.record(record)
    }
}

/// A bare run, and a protected one that differs in this.
fn both(change: fn(&mut Value)) -> impl FnOnce(&mut Scene<'_>) {
    move |s| {
        s.define(DefinitionRole::Original, original()).define(DefinitionRole::Embedded, embedded());
        s.worker(TaskKind::Bare, &said(false, |_| ())).worker(TaskKind::Protected, &said(true, change));
    }
}

pub fn of_descriptions() -> Vec<Case> {
    let check = Check::SameDescription { container: "worker".into() };
    vec![
        case("the same", &check, both(|_| ())).holds(&["runs as it does without the Defender"]),
        case("another folder", &check, both(|app| app["cwd"] = json!("/")))
            .broken(Blame::Defender, &["cwd was \"/srv\" and is \"/\""]),
        case("another user", &check, both(|app| app["uid"] = json!(0)))
            .broken(Blame::Defender, &["uid was 7 and is 0"]),
        case("silent under the Defender, and over", &check, |s| {
            s.worker(TaskKind::Bare, &said(false, |_| ())).began(TaskKind::Protected, &["worker"]);
            s.exited_with(Some(1));
        })
        .broken(Blame::Defender, &["did not describe itself under the Defender"]),
        case("silent so far", &check, |s| {
            s.worker(TaskKind::Bare, &said(false, |_| ())).began(TaskKind::Protected, &["worker"]);
        })
        .unproved(&["has not ended"]),
        case("silent without it", &check, |s| {
            s.began(TaskKind::Bare, &["worker"]).worker(TaskKind::Protected, &said(true, |_| ()));
        })
        .unproved(&["in its bare run"]),
        case("one run only", &check, |s| _ = s.worker(TaskKind::Bare, &said(false, |_| ())))
            .unproved(&["no bare and"]),
    ]
}

pub fn of_environments() -> Vec<Case> {
    let check = Check::SameEnvironment {};
    vec![
        case("what the embed adds", &check, both(|_| ())).holds(&["and by nothing else"]),
        case(
            "one that the Defender lost",
            &check,
            both(|app| {
                app["env"].as_object_mut().unwrap().remove("MODE");
            }),
        )
        .broken(Blame::Defender, &["MODE was `work` and is absent"]),
        case("one that the Console changed", &check, |s| {
            let mut document = embedded();
            document["containerDefinitions"][1]["environment"][0]["value"] = json!("rest");
            s.define(DefinitionRole::Original, original()).define(DefinitionRole::Embedded, document);
            s.worker(TaskKind::Bare, &said(false, |_| ()));
            s.worker(TaskKind::Protected, &said(true, |app| app["env"]["MODE"] = json!("rest")));
        })
        .broken(Blame::Console, &["MODE was `work` and is `rest`"]),
        case("one that the Defender made up", &check, both(|app| app["env"]["PATH"] = json!("/x")))
            .broken(Blame::Defender, &["PATH was absent and is `/x`"]),
        case("one that the Console had embedded", &check, |s| {
            let mut document = embedded();
            let extra = json!({"name": "EXTRA", "value": "1"});
            document["containerDefinitions"][1]["environment"].as_array_mut().unwrap().push(extra);
            s.define(DefinitionRole::Original, original()).define(DefinitionRole::Embedded, document);
            s.worker(TaskKind::Bare, &said(false, |_| ()));
            s.worker(TaskKind::Protected, &said(true, |app| app["env"]["EXTRA"] = json!("1")));
        })
        .broken(Blame::Console, &["EXTRA was absent and is `1`"]),
        case(
            "one that the Console did not add",
            &check,
            both(|app| {
                app["env"].as_object_mut().unwrap().remove("FIPS_ENABLED");
            }),
        )
        .broken(Blame::Console, &["FIPS_ENABLED is missing"]),
        case(
            "one that the Console added, and the Defender took",
            &check,
            both(|app| {
                app["env"].as_object_mut().unwrap().remove("DEFENDER_TYPE");
            }),
        )
        .broken(Blame::Defender, &["DEFENDER_TYPE is missing"]),
        case("no bare run", &check, |s| _ = s.worker(TaskKind::Protected, &said(true, |_| ())))
            .unproved(&["no bare run"]),
    ]
}

pub fn of_ends() -> Vec<Case> {
    let check = Check::BothExited { container: "worker".into(), code: 7 };
    let both = |bare, protected| {
        move |s: &mut Scene<'_>| {
            s.began(TaskKind::Bare, &["worker"]).exited_with(bare);
            s.began(TaskKind::Protected, &["worker"]).exited_with(protected);
        }
    };
    vec![
        case("both", &check, both(Some(7), Some(7))).holds(&["the bare one gave 7, the protected one 7"]),
        case("not under the Defender", &check, both(Some(7), Some(0)))
            .broken(Blame::Defender, &["the protected one 0"]),
        case("not without it either", &check, both(Some(0), Some(0)))
            .broken(Blame::Fargate, &["the bare one gave 0"]),
        case("not yet", &check, both(Some(7), None)).unproved(&["has not ended in both runs"]),
    ]
}

pub fn of_outputs() -> Vec<Case> {
    let check = Check::SameOutput { container: "worker".into() };
    // A word begins with its stream: `o` for standard output, `e` for standard error.
    let both = |bare: &'static str, protected: &'static str, code| {
        move |s: &mut Scene<'_>| {
            for (run, words, code) in
                [(TaskKind::Bare, bare, Some(0)), (TaskKind::Protected, protected, code)]
            {
                s.began(run, &["worker"]);
                for word in words.split_whitespace() {
                    let stream = if word.starts_with('o') { LogStream::Stdout } else { LogStream::Stderr };
                    s.wrote_to("worker", stream, word);
                }
                s.exited_with(code);
            }
        }
    };
    vec![
        case("the same", &check, both("o1 e1 o2", "o1 e1 o2", Some(0))).holds(&["the same 3 lines"]),
        case("streams among each other", &check, both("o1 e1 o2", "e1 o1 o2", Some(0)))
            .holds(&["the same 3 lines"]),
        case("another", &check, both("o1 e1 o2", "o1 e1 o3", Some(0)))
            .broken(Blame::Defender, &["line 2 of its standard output was `o2` and is `o3`"]),
        case("one less", &check, both("o1 o2", "o1", Some(0)))
            .broken(Blame::Defender, &["line 2 of its standard output was `o2` and is nothing"]),
        case("one more", &check, both("o1", "o1 e1", Some(0)))
            .broken(Blame::Defender, &["line 1 of its standard error was nothing and is `e1`"]),
        case("another order", &check, both("o1 o2", "o2 o1", Some(0)))
            .broken(Blame::Defender, &["line 1 of its standard output was `o1` and is `o2`"]),
        case("nothing to compare", &check, both("", "", Some(0))).unproved(&["wrote nothing"]),
        case("not yet at its end", &check, both("o1", "o1", None)).unproved(&["has not ended in both runs"]),
        case("no bare run", &check, |s| _ = s.began(TaskKind::Protected, &["worker"]).exited_with(Some(0)))
            .unproved(&["no bare"]),
    ]
}

#[test]
fn the_same_app() {
    run(&of_descriptions());
    run(&of_environments());
    run(&of_ends());
    run(&of_outputs());
}
