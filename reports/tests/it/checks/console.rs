//! What the Console's API answers, and the App ID.

use super::case::{Case, case, run};
use crate::sample::tape::Scene;
use proofhouse_protocol::observation::{Blame, Body, KEPT, Plane};
use proofhouse_protocol::{Observation, Source};
use proofhouse_reports::Check;
use proofhouse_reports::checks::{AnswerExpectation, ConsoleAnswer};
use serde_json::json;

const RULES: &str = r#"{"rules": [{"name": "a"}, {"name": "b"}]}"#;

fn check(expect: AnswerExpectation) -> Check {
    Check::ConsoleAnswer(ConsoleAnswer { token: "c-1".into(), expect })
}

fn got(status: u16, body: &'static str) -> impl FnOnce(&mut Scene<'_>) {
    move |s| {
        s.answer("c-1", "GET", "/x", None, status, body);
    }
}

pub fn of_status() -> Vec<Case> {
    let status = |status, error: Option<&str>| {
        check(AnswerExpectation::Status { status, error: error.map(str::to_owned) })
    };
    let success = check(AnswerExpectation::Success);
    vec![
        case("a success", &success, got(204, "")).holds(&["GET /x was answered 204"]),
        case("no success", &success, got(500, "")).broken(Blame::Console, &["expected a success"]),
        case("no answer", &success, |s| _ = s.answer("c-2", "GET", "/x", None, 200, ""))
            .unproved(&["gave no answer"]),
        case("the last answer counts", &success, |s| {
            s.answer("c-1", "GET", "/x", None, 500, "").answer("c-1", "GET", "/x", None, 200, "");
        })
        .holds(&["200"]),
        case("a status", &status(401, None), got(401, "")).holds(&[]),
        case("another status", &status(401, None), got(200, "")).broken(Blame::Console, &["expected 401"]),
        case("with its error", &status(400, Some("name")), got(400, r#"{"err": "the name is empty"}"#))
            .holds(&[]),
        case("with another", &status(400, Some("name")), got(400, r#"{"err": "no"}"#))
            .broken(Blame::Console, &["an error about `name`"]),
        case("without one", &status(400, Some("")), got(400, "{}"))
            .broken(Blame::Console, &["with an error"]),
    ]
}

pub fn of_documents() -> Vec<Case> {
    let only = |names: &[&str]| {
        check(AnswerExpectation::OnlyRules(names.iter().map(|name| (*name).to_owned()).collect()))
    };
    let last = |name: &str| check(AnswerExpectation::LastRule(name.into()));
    let has = |name: &str| check(AnswerExpectation::HasRule(name.into()));
    const OWNED: &str =
        r#"[{"owner": "system"}, {"owner": "u"}, {"owner": "system"}, {"count": 5, "of": {"key": "k"}}]"#;
    let with = |member: &str, value: &str, count| {
        check(AnswerExpectation::Rows { with: Some((member.into(), value.into())), count })
    };
    let rows = |count| with("owner", "system", count);
    let all = |count| check(AnswerExpectation::Rows { with: None, count });
    let buckets = check(AnswerExpectation::Buckets(3));
    let text = check(AnswerExpectation::Text("no data".into()));
    let part = check(AnswerExpectation::TextHas("Time,Apps".into()));
    let same = check(AnswerExpectation::SameAs("c-0".into()));
    let after = |before: &'static str, now: &'static str| {
        move |s: &mut Scene<'_>| {
            s.answer("c-0", "GET", "/x", None, 200, before).answer("c-1", "GET", "/x", None, 200, now);
        }
    };
    let long = format!("\"{}\"", "x".repeat(KEPT));
    vec![
        case("a text with a part", &part, after("", "Time,Apps,Rule\r\n")).holds(&["200"]),
        case("a text without it", &part, after("", "Time,Hosts\r\n"))
            .broken(Blame::Console, &["expected a text with `Time,Apps`"]),
        case("a text of which not all was kept", &part, |s| {
            let text = "x".repeat(KEPT + 1);
            s.answer("c-1", "GET", "/x", None, 200, &text);
        })
        .unproved(&["expected a text with"]),
        case("the rules", &only(&["a", "b"]), got(200, RULES)).holds(&[]),
        case("in another order", &only(&["b", "a"]), got(200, RULES))
            .broken(Blame::Console, &["[\"a\", \"b\"]"]),
        case("the last", &last("b"), got(200, RULES)).holds(&[]),
        case("not the last", &last("a"), got(200, RULES)).broken(Blame::Console, &["\"a\" as the last rule"]),
        case("one of them", &has("a"), got(200, RULES)).holds(&[]),
        case("none of them", &has("c"), got(200, RULES)).broken(Blame::Console, &["a rule \"c\""]),
        case("no JSON", &has("a"), got(200, "<html>")).broken(Blame::Console, &["expected JSON"]),
        case("more than is kept", &has("a"), |s| _ = s.answer("c-1", "GET", "/x", None, 200, &long))
            .unproved(&["of 65538 bytes only the start was kept"]),
        case("rows of a kind", &rows(2), got(200, OWNED)).holds(&["expected 2 rows"]),
        case("a number", &with("count", "5", 1), got(200, OWNED)).holds(&["1 rows with count `5`"]),
        case("a deep member", &with("/of/key", "k", 1), got(200, OWNED)).holds(&["1 rows with /of/key `k`"]),
        case("a member that none has", &with("/of/no", "null", 0), got(200, OWNED)).holds(&["0"]),
        case("all rows", &all(4), got(200, OWNED)).holds(&["4 rows"]),
        case("no rows", &all(0), got(200, "null")).holds(&["0 rows"]),
        case("rows that are none", &all(0), got(200, "{}")).broken(Blame::Console, &["0 rows"]),
        case("buckets", &buckets, got(200, r#"[{"count": 1}, {"count": 2}]"#)).holds(&["add up to 3"]),
        case("other buckets", &buckets, got(200, r#"[{"count": 1}, {"count": 1}]"#))
            .broken(Blame::Console, &["Some(2)"]),
        case("what are no buckets", &buckets, got(200, r#"[{"start": 3}]"#))
            .broken(Blame::Console, &["None"]),
        case("a text", &text, got(200, "no data")).holds(&["no data"]),
        case("another text", &text, got(200, "no data\n")).broken(Blame::Console, &["the text `no data`"]),
        case("rows too many", &rows(1), got(200, OWNED)).broken(Blame::Console, &["the Console lists 2"]),
        case("rows too few", &rows(3), got(200, OWNED)).broken(Blame::Console, &["the Console lists 2"]),
        case("what it was", &same, after(r#"{"a": 1, "b": 2}"#, r#"{"b": 2, "a": 1}"#))
            .holds(&["what it was"]),
        case("not what it was", &same, after("[1]", "[2]"))
            .broken(Blame::Console, &["it was [1], it is [2]"]),
        case("nothing before", &same, got(200, "[1]")).unproved(&["no answer to the call `c-0`"]),
    ]
}

pub fn of_members() -> Vec<Case> {
    let has = |expected| check(AnswerExpectation::Has(expected));
    let one = json!({"a": [{"b": 1, "c": false, "d": "", "e": []}]});
    let broken = |said: &'static str| (Blame::Console, [said]);
    let mut cases = vec![
        case("as expected, and more", &has(one.clone()), got(200, r#"{"a": [{"b": 1.0, "x": 2}], "y": 3}"#))
            .holds(&["has what it should"]),
        case("the same", &has(one.clone()), got(200, r#"{"a": [{"b": 1, "c": false, "d": "", "e": []}]}"#))
            .holds(&[]),
    ];
    for (name, body, (blame, said)) in [
        ("another value", r#"{"a": [{"b": 2}]}"#, broken("expected 1 at `/a/0/b`, it is 2")),
        ("no value", r#"{"a": [{}]}"#, broken("expected 1 at `/a/0/b`, it is null")),
        ("on, not off", r#"{"a": [{"b": 1, "c": true}]}"#, broken("expected false at `/a/0/c`, it is true")),
        ("more in a list", r#"{"a": [{"b": 1}, {"b": 1}]}"#, broken("at `/a`, it is [")),
        ("no list", r#"{"a": {}}"#, broken("at `/a`, it is {}")),
        ("nothing", "null", broken("at ``, it is null")),
    ] {
        cases.push(case(name, &has(one.clone()), got(200, body)).broken(blame, &said));
    }
    cases
}

/// The Console lists what it was told: what was not told is not its doing.
pub fn of_what_was_told() -> Vec<Case> {
    let one = check(AnswerExpectation::OneDefender);
    let audits = check(AnswerExpectation::Audits { plane: Plane::Runtime, count: 1 });
    let (containers, image) = (vec!["nginx".to_owned()], "nginx:1.22".to_owned());
    let profiles = check(AnswerExpectation::Profiles { containers, image });
    let listed = r#"[{"container": "nginx", "image": "nginx:1.22"}]"#;
    let up = |body: &'static str| {
        move |s: &mut Scene<'_>| {
            s.up().audit(Plane::Runtime, json!({})).answer("c-1", "GET", "/x", None, 200, body);
        }
    };
    let unheard = |body: &'static str| {
        move |s: &mut Scene<'_>| {
            s.protected().answer("c-1", "GET", "/x", None, 200, body);
        }
    };
    let twice = |path: &'static str, body: &'static str| {
        move |s: &mut Scene<'_>| {
            let audit = || json!({"effect": "alert", "containerName": "nginx", "ruleName": "prevent"});
            s.up().audit(Plane::Runtime, audit()).audit(Plane::Runtime, audit());
            s.answer("c-1", "GET", path, None, 200, body);
        }
    };
    let both = r#"[{"effect": "alert", "containerName": "nginx", "ruleName": "prevent"},
        {"effect": "alert", "containerName": "nginx", "ruleName": "prevent"}]"#;
    let of_path = check(AnswerExpectation::Rows { with: Some(("urlPath".into(), "/a".into())), count: 1 });
    let heard = |path: &'static str| {
        move |s: &mut Scene<'_>| {
            s.audit(Plane::Firewall, json!({"urlPath": path}));
            s.answer("c-1", "GET", "/audits/firewall/app/app-embedded", None, 200, "null");
        }
    };
    let counts =
        check(AnswerExpectation::Rows { with: Some(("totalRequests".into(), "1".into())), count: 1 });
    let counted = |resets: usize, reset: u64, total: u64| {
        move |s: &mut Scene<'_>| {
            for _ in 0..resets {
                s.answer("c-0", "POST", "/waas/monitoring-stats/shop:4e2c0d6a/reset", None, 204, "");
            }
            let stats = json!({"totalRequests": total});
            let told = Observation::MonitoringStats { app_id: "shop:4e2c0d6a".into(), reset, stats };
            s.add(Source::Console, told);
            s.answer("c-1", "GET", "/waas/monitoring-stats", None, 200, r#"[{"totalRequests": 0}]"#);
        }
    };
    vec![
        case("an audit of another path", &of_path, heard("/b")).broken(Blame::Defender, &["lists 0"]),
        case("an audit that is not listed", &of_path, heard("/a")).broken(Blame::Console, &["lists 0"]),
        case("counts that were told", &counts, counted(0, 0, 0)).broken(Blame::Defender, &["lists 0"]),
        case("counts that the Console lost", &counts, counted(1, 1, 1)).broken(Blame::Console, &["lists 0"]),
        case("counts of before a reset", &counts, counted(1, 0, 1)).broken(Blame::Defender, &["lists 0"]),
        case("one too many, and as many had come", &audits, twice("/x?effect=alert", both))
            .broken(Blame::Defender, &["lists 2; 2 had come"]),
        case("one too many, which was not asked for", &audits, twice("/x?effect=prevent", both))
            .broken(Blame::Console, &["lists 2; 2 had come"]),
        case(
            "one too many of a container or another",
            &audits,
            twice("/x?container=web,nginx&effect=alert", both),
        )
        .broken(Blame::Defender, &["lists 2; 2 had come"]),
        case("none of what was asked for had come", &audits, twice("/x?effect=prevent", "[]"))
            .broken(Blame::Defender, &["lists 0; 2 had come"]),
        case("more than the limit", &audits, twice("/x?limit=1", both))
            .broken(Blame::Console, &["lists 2; 2 had come"]),
        case("more than had come", &audits, twice("/x", "[{}, {}, {}]"))
            .broken(Blame::Console, &["lists 3; 2 had come"]),
        case("one Defender", &one, up(r#"[{"hostname": "shop:4e2c0d6a"}]"#))
            .holds(&["one Defender `shop:4e2c0d6a`"]),
        case("none listed", &one, up("[]")).broken(Blame::Console, &["the Console lists []"]),
        case("none connected", &one, unheard("[]")).unproved(&["no Defender has connected"]),
        case("the profiles", &profiles, up(listed)).holds(&[]),
        case("told and not listed", &profiles, up("[]")).broken(Blame::Console, &["lists []"]),
        case("never told", &profiles, unheard("[]")).broken(Blame::Defender, &["lists []"]),
        case("told on a former connection only", &profiles, |s| {
            s.up().hello("shop:4e2c0d6a").answer("c-1", "GET", "/x", None, 200, "[]");
        })
        .broken(Blame::Defender, &["lists []"]),
        case("the audits", &audits, up("[{}]")).holds(&["lists 1"]),
        case("an audit that came is not listed", &audits, up("null"))
            .broken(Blame::Console, &["lists 0; 1 had come"]),
        case("an audit that never came", &audits, unheard("[]")).broken(Blame::Defender, &["0 had come"]),
        case(
            "one listed that never came",
            &check(AnswerExpectation::Audits { plane: Plane::Firewall, count: 0 }),
            up("[{}]"),
        )
        .broken(Blame::Console, &["expected 0 audits"]),
    ]
}

impl Scene<'_> {
    pub fn metadata(&mut self, path: &str, body: &str) -> &mut Self {
        let (path, body) = (path.to_owned(), Body::of(body.as_bytes()));
        self.add(Source::Metadata, Observation::MetadataRequest { path, status: 200, body })
    }

    pub fn hello(&mut self, app_id: &str) -> &mut Self {
        let (peer, certificate) = ("10.0.42.7:38822".into(), "app-embedded".into());
        self.add(Source::Console, Observation::LinkConnected { app_id: app_id.into(), peer, certificate })
    }
}

pub fn of_app_ids() -> Vec<Case> {
    let check = Check::AppId { family: "shop".into() };
    let told = |s: &mut Scene<'_>, task: &str, app_id: &str| {
        let body =
            json!({"Family": "shop", "TaskARN": format!("arn:aws:ecs:eu:1:task/c/{task}")}).to_string();
        s.protected().metadata("/v4/1/task", &body).hello(app_id);
    };
    vec![
        case("family and task", &check, |s| told(s, "4e2c0d6a", "shop:4e2c0d6a"))
            .holds(&["it is `shop:4e2c0d6a`"]),
        case("another, though it was told rightly", &check, |s| told(s, "4e2c0d6a", "shop:0"))
            .broken(Blame::Defender, &["expected the App ID `shop:4e2c0d6a`, it is `shop:0`"]),
        case("another, as it was told", &check, |s| told(s, "0", "shop:0"))
            .broken(Blame::Fargate, &["the metadata service had told another"]),
        case("told wrongly, and right all the same", &check, |s| told(s, "0", "shop:4e2c0d6a")).holds(&[]),
        case("no Defender", &check, |s| _ = s.protected()).unproved(&["no Defender of a task has connected"]),
        case("a bare task", &check, |s| _ = s.bare().hello("shop:4e2c0d6a"))
            .unproved(&["no Defender of a task"]),
    ]
}

#[test]
fn the_console() {
    run(&of_status());
    run(&of_documents());
    run(&of_members());
    run(&of_what_was_told());
    run(&of_app_ids());
}
